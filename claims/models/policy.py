"""Policy as rows: windows and clocks, one row a version. A changed rule is a new version; claims keep theirs."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims import policy


class PolicyRule(models.Model):
    """One version of a filing rule. Empty marketplace, region, program or reason means: any."""

    key = models.SlugField(max_length=64)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    marketplace = models.CharField(max_length=32, blank=True)
    region = models.CharField(max_length=32, blank=True)
    program = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=32, blank=True)
    effective_from = models.DateField(null=True)
    effective_to = models.DateField(null=True)
    trigger = models.CharField(max_length=16, choices=[(t, t) for t in policy.Trigger])
    opens_after = models.PositiveSmallIntegerField(_("opens after days"), default=0)
    closes_after = models.PositiveSmallIntegerField(_("closes after days"))
    clause = models.TextField(_("what the seller accepts"))
    source = models.CharField(max_length=500)
    note = models.TextField(blank=True)
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("policy rule")
        constraints = [
            models.UniqueConstraint("key", "version", name="policyrule_version_once"),
            models.CheckConstraint(condition=Q(closes_after__gte=F("opens_after")), name="policyrule_window_not_empty"),
            models.CheckConstraint(
                condition=Q(effective_from=None) | Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="policyrule_dates_in_order",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    def as_rule(self) -> policy.Rule:
        """Return the row as the plain rule that policy computes with."""
        return policy.Rule(
            key=self.key,
            version=self.version,
            name=self.name,
            trigger=policy.Trigger(self.trigger),
            opens_after=self.opens_after,
            closes_after=self.closes_after,
            marketplace=self.marketplace or None,
            region=self.region or None,
            program=self.program or None,
            reason=self.reason or None,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            id=self.pk,
        )


class ClockRule(models.Model):
    """One version of the clocks of a claim: days to reply, to appeal, and for the desk to answer."""

    key = models.SlugField(max_length=64)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    marketplace = models.CharField(max_length=32, blank=True)
    program = models.CharField(max_length=32, blank=True)
    reply_days = models.PositiveSmallIntegerField()
    appeal_days = models.PositiveSmallIntegerField()
    answer_days = models.PositiveSmallIntegerField()
    appeal_needs_senior = models.BooleanField(default=True)
    source = models.CharField(max_length=500)
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("clock rule")
        constraints = [
            models.UniqueConstraint("key", "version", name="clockrule_version_once"),
            models.CheckConstraint(
                condition=Q(reply_days__gte=1) & Q(appeal_days__gte=1) & Q(answer_days__gte=1),
                name="clockrule_days_positive",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
