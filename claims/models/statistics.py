"""What was decided on a day: small rows that pages sum up, kept by a task."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Seller


class DayStatistics(models.Model):
    """First decisions and appeals of one day (UTC), for a seller, a reason and a currency; no seller: of all of them.

    Each day that was counted has a row without reason and currency too, which counts nothing. The hours are counts
    a class of `claims.statistics.count.HOURS`, from filing to the desk's first act and to the first decision.
    """

    day = models.DateField()
    seller = models.ForeignKey(Seller, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=16, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    decided = models.PositiveIntegerField(default=0)
    granted = models.PositiveIntegerField(default=0)
    lapsed = models.PositiveIntegerField(default=0)
    appeals = models.PositiveIntegerField(default=0)
    overturned = models.PositiveIntegerField(default=0)
    claimed_minor = models.BigIntegerField(default=0)
    granted_minor = models.BigIntegerField(default=0)
    answer_hours = ArrayField(models.PositiveIntegerField(), default=list)
    decision_hours = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "day", "reason", "currency"], nulls_distinct=False, name="figures_once"
            ),
        ]
        indexes = [models.Index("day", name="figures_by_day")]
