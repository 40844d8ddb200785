"""The ledger: what was claimed, granted, paid and taken back. Append-only, signed minor units."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.models.claims import PROTECTED, Claim, ClaimLine
from claims.models.decisions import Decision
from claims.models.refunds import RefundLine


class LedgerEntry(models.Model):
    """One booking on a claim. Paid and reversed entries name the payment they come from, once each.

    Triggers keep `Claim.paid_minor`, which never goes below zero, and hold that what is booked on a line as granted
    is what the line says is granted (of an imported claim: no more), at the end of each transaction.
    """

    class Kind(models.TextChoices):
        CLAIMED = "CLAIMED"
        GRANTED = "GRANTED"
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
            models.UniqueConstraint("seller", "id", name="ledger_in_seller"),
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
            models.UniqueConstraint("claim_line", condition=Q(kind="GRANTED"), name="ledger_granted_once"),
            models.UniqueConstraint("claim_line", condition=Q(kind="APPEAL_DELTA"), name="ledger_appeal_once"),
            models.UniqueConstraint(
                "claim_line", "decision", condition=Q(kind="CORRECTION"), name="ledger_correction_once"
            ),
        ]
        indexes = [models.Index("claim", "at", "id", name="ledger_of_claim")]
        triggers: ClassVar[list] = [PROTECTED]


_FOR_NONE = {"refund_line__isnull": True, "same_as__isnull": True}


class UnmatchedPayment(models.Model):
    """A SAFE-T payment as one source tells it, kept until it is known which claim it is for, and after.

    `payment` identifies it in the source. One that names a claim is booked by itself once the claim is here; one that
    names only an order waits for a person. `outcome` says what became of it, `entry` which booking it is part of,
    `refund_line` which refund without a claim it was for. `same_as` is the payment of such a refund, told by another
    source.
    """

    class Source(models.TextChoices):
        FINANCES_V0 = "FINANCES_V0", _("Finances v0")
        FINANCES_2024 = "FINANCES_2024", _("Finances 2024-06-19")
        SETTLEMENT = "SETTLEMENT", _("Settlement report V2")
        DATE_RANGE = "DATE_RANGE", _("Date-range report")

    class Outcome(models.TextChoices):
        WAITING = "", _("Waiting")
        BOOKED = "BOOKED", _("Booked")
        SAME = "SAME", _("Booked from another source")
        SET_ASIDE = "SET_ASIDE", _("Set aside")
        NO_CLAIM = "NO_CLAIM", _("For a refund without a claim")

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", verbose_name=_("seller"))
    source = models.CharField(_("source"), max_length=13, choices=Source.choices, default=Source.FINANCES_V0)
    payment = models.CharField(_("payment"), max_length=200, unique=True)
    claim_id = models.CharField(_("claim id"), max_length=19, blank=True)
    order_id = models.CharField(_("order id"), max_length=19, blank=True)
    sku = models.CharField("SKU", max_length=64, blank=True)
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    at = models.DateTimeField(_("posted"))
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    matched_at = models.DateTimeField(_("settled"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True)
    entry = models.ForeignKey(
        LedgerEntry, models.PROTECT, null=True, related_name="+", related_query_name="told_by", verbose_name=_("entry")
    )
    refund_line = models.ForeignKey(
        RefundLine, models.PROTECT, null=True, related_name="+", verbose_name=_("refund line")
    )
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="told_again")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    why = models.CharField(_("why"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("payment")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", matched_at__isnull=True, entry__isnull=True, **_FOR_NONE)
                | Q(outcome__in=["BOOKED", "SAME"], matched_at__isnull=False, entry__isnull=False, **_FOR_NONE)
                | Q(
                    outcome="SAME",
                    matched_at__isnull=False,
                    entry__isnull=True,
                    refund_line__isnull=True,
                    same_as__isnull=False,
                )
                | Q(outcome="SET_ASIDE", matched_at__isnull=False, entry__isnull=True, **_FOR_NONE) & ~Q(why="")
                | Q(
                    outcome="NO_CLAIM",
                    matched_at__isnull=False,
                    entry__isnull=True,
                    refund_line__isnull=False,
                    same_as__isnull=True,
                    settled_by__isnull=False,
                ),
                name="payment_settled_or_waiting",
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payment_not_zero"),
            models.UniqueConstraint("entry", "source", name="payment_told_once_a_source"),
            models.UniqueConstraint("same_as", "source", name="payment_told_again_once_a_source"),
        ]
        indexes = [
            models.Index("seller", "claim_id", condition=Q(matched_at__isnull=True), name="payment_unmatched"),
            models.Index("order_id", condition=Q(matched_at__isnull=True), name="payment_of_order"),
            models.Index("at", "id", condition=Q(matched_at__isnull=True), name="payment_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id or self.claim_id} {self.amount_minor} {self.currency}"
