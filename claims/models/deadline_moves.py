"""Deadlines of a claim that were moved later, each with its why."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.models.claims import Claim
from claims.models.policy import Outage


class DeadlineMove(models.Model):
    """Reply-by or appeal-by of one claim was moved from `was` to the later instant `now_is`. Append-only.

    `position` is its place in the claim's thread. `by` is the handler, None when the portal did it for `outage`.
    `why` is what the seller reads, and the only column that may change, once: to the empty text, with `erased_at`.
    """

    class Deadline(models.TextChoices):
        REPLY_BY = "REPLY_BY", _("Reply-by")
        APPEAL_BY = "APPEAL_BY", _("Appeal-by")

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="deadline_moves")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    deadline = models.CharField(max_length=9, choices=Deadline.choices)
    was = models.DateTimeField()
    now_is = models.DateTimeField()
    why = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outage = models.ForeignKey(Outage, models.PROTECT, null=True, related_name="moves")
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "position", name="deadlinemove_position_once"),
            models.UniqueConstraint("outage", "claim", "deadline", name="deadlinemove_once_per_outage"),
            models.CheckConstraint(condition=Q(now_is__gt=F("was")), name="deadlinemove_later"),
        ]
        indexes = [models.Index("claim", "at", "position", name="deadlinemove_thread")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.why = '' AND "
                    "to_jsonb(OLD) - 'why' - 'erased_at' = to_jsonb(NEW) - 'why' - 'erased_at')"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deadline}: {self.was:%Y-%m-%d %H:%M} → {self.now_is:%Y-%m-%d %H:%M} UTC"
