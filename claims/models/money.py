"""The ledger: what was claimed, approved, paid and taken back. Append-only, signed minor units."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Seller
from claims.models.claims import PROTECTED, Claim, ClaimLine, Decision


class LedgerEntry(models.Model):
    """One booking on a claim. Paid and reversed entries name the payment they come from, once each."""

    class Kind(models.TextChoices):
        CLAIMED = "CLAIMED"
        APPROVED = "APPROVED"
        APPEAL_DELTA = "APPEAL_DELTA"
        CORRECTION = "CORRECTION"
        PAID = "PAID"
        REVERSED = "REVERSED"

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="ledger")
    claim_line = models.ForeignKey(ClaimLine, models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    payment = models.CharField(max_length=200, null=True, unique=True)
    reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="REVERSED", amount_minor__lt=0) | ~Q(kind="REVERSED") & Q(amount_minor__gt=0),
                name="ledger_sign_is_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["PAID", "REVERSED"], payment__isnull=False)
                | ~Q(kind__in=["PAID", "REVERSED"]) & Q(payment__isnull=True),
                name="ledger_payment_named",
            ),
            models.UniqueConstraint("claim_line", condition=Q(kind="CLAIMED"), name="ledger_claimed_once"),
            models.UniqueConstraint("claim_line", condition=Q(kind="APPROVED"), name="ledger_approved_once"),
            models.UniqueConstraint("claim_line", condition=Q(kind="APPEAL_DELTA"), name="ledger_appeal_once"),
            models.UniqueConstraint(
                "claim_line", "decision", condition=Q(kind="CORRECTION"), name="ledger_correction_once"
            ),
        ]
        indexes = [models.Index("claim", "at", "id", name="ledger_of_claim")]
        triggers: ClassVar[list] = [PROTECTED]


class UnmatchedPayment(models.Model):
    """A SAFE-T payment whose claim is not here (yet). `payment` identifies it in the marketplace's data."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    payment = models.CharField(max_length=200, unique=True)
    claim_id = models.CharField(max_length=19, blank=True)
    order_id = models.CharField(max_length=19, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    reference = models.CharField(max_length=100, blank=True)
    matched_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index("seller", "claim_id", condition=Q(matched_at__isnull=True), name="payment_unmatched"),
        ]
