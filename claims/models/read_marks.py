"""What each person has not seen yet. The unseen is kept, not the seen."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from accounts.models import Seller
from claims.models.claims import PROTECTED, Claim


class Unseen(models.Model):
    """This person has not opened the claim since its status changed. One row a person and claim."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    status = models.CharField(max_length=19)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("user", "claim", name="unseen_once")]
        indexes = [models.Index("user", "seller", "status", name="unseen_of_tab")]


class ReadMark(models.Model):
    """Up to which position this person has read the claim's thread; serves the unread line only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("user", "claim", name="readmark_once")]


class Visit(models.Model):
    """This member opened the claim, or downloaded a file or a pack of it, on this day (UTC). Append-only.

    One row a person, claim, day and kind, however often: a second visit costs a look at the index and writes nothing.
    """

    class What(models.TextChoices):
        CLAIM = "claim"
        FILE = "file"
        PACK = "pack"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    what = models.CharField(max_length=5, choices=What.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "claim", "day", "what", name="visit_once_a_day"),
            models.CheckConstraint(condition=models.Q(what__in=["claim", "file", "pack"]), name="visit_what_known"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]
