"""Many drafts at once: what a person chose or uploaded together, one row each, with what came of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.models.claims import Claim
from claims.models.policy import PolicyRule


class Batch(models.Model):
    """Refunds to make drafts of, or drafts to submit, by one person for one seller.

    `uuid` is the idempotency key of the form that sent it, which the browser names: one of each person's own, so that
    nobody learns of another's or is kept waiting by it. `accepted` holds the ids of the policy rules whose text was
    ticked. A batch is done when no row waits; its rows are worked on in the order of their numbers.
    """

    class Kind(models.TextChoices):
        DRAFTS = "DRAFTS", _("Make drafts")
        SUBMIT = "SUBMIT", _("Submit drafts")

    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    name = models.CharField(_("file"), max_length=150, blank=True)
    accepted = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="batch_in_seller"),
            models.UniqueConstraint("user", "uuid", name="batch_key_once_a_person"),
        ]
        indexes = [
            models.Index("user", "seller", models.F("created_at").desc(), name="batch_of_user"),
            models.Index("id", condition=Q(finished_at=None), name="batch_unfinished"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.uuid)


class BatchRow(models.Model):
    """One refund or draft of a batch. `number` is its line in the file, or its place in the choice.

    `given` is what the file says beyond the refund's name, as it was written. `result` is "" while the row waits, and
    `remarks` what its owner is told, as codes with values (`claims.filing.batch_remarks`); rows of an earlier version
    hold sentences in `words`, which nothing writes any more. `draft_uuid` outlives the draft, which becomes the claim.
    """

    class Result(models.TextChoices):
        WAITING = "", _("Waiting")
        MADE = "MADE", _("Draft made")
        CHANGED = "CHANGED", _("Draft changed")
        SAME = "SAME", _("Draft was there already")
        REFUSED = "REFUSED", _("Left out")
        FILED = "FILED", _("Filed")
        FILED_BEFORE = "FILED_BEFORE", _("Was filed before")
        LEFT = "LEFT", _("Not filed, draft kept")

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    order_id = models.CharField(max_length=64, blank=True)
    sku = models.CharField("SKU", max_length=64, blank=True)
    given = models.JSONField(default=dict)
    result = models.CharField(max_length=12, choices=Result.choices, blank=True, default=Result.WAITING)
    words = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    remarks = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    is_complete = models.BooleanField(default=False)
    draft_uuid = models.UUIDField(null=True)
    policy_rule = models.ForeignKey(PolicyRule, models.PROTECT, null=True, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("batch", "number", name="batchrow_once")]
        indexes = [
            models.Index("batch", "number", condition=Q(result=""), name="batchrow_waiting"),
            models.Index("batch", "result", "number", name="batchrow_by_result"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.order_id}"
