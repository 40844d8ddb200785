"""What was decided, asked and appealed on a claim. Amounts are minor units of the claim's currency."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Seller
from claims.models.claims import PROTECTED, Claim, ClaimLine, codes
from claims.models.policy import PolicyRule
from claims.rules.lifecycle import DecisionReason, Slot, Stage, Status


class Decision(models.Model):
    """What the desk (or, for a lapse, the portal) decided, written when it takes effect. Append-only.

    `words` are the handler's own and the only column that may change, once: to the empty text, with `erased_at`.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    stage = models.CharField(max_length=6, choices=codes(Stage))
    status = models.CharField(max_length=19, choices=codes(Status))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    policy_rule = models.ForeignKey(PolicyRule, models.PROTECT, null=True, related_name="+")
    granted_minor = models.BigIntegerField()
    words = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="decision_in_seller"),
            models.UniqueConstraint("claim", "number", name="decision_number_once"),
            models.UniqueConstraint("claim", "position", name="decision_position_once"),
            models.CheckConstraint(
                condition=Q(status=Status.GRANTED, granted_minor__gt=0) | Q(status=Status.DENIED, granted_minor=0),
                name="decision_status_is_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by")), name="decision_confirmed_by_another"
            ),
        ]
        indexes = [
            models.Index("claim", "at", "position", name="decision_thread"),
            models.Index("at", name="decision_by_time"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.words = '' AND "
                    "to_jsonb(OLD) - 'words' - 'erased_at' = to_jsonb(NEW) - 'words' - 'erased_at')"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status}, decision {self.number}"


class DecisionLine(models.Model):
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="lines")
    claim_line = models.ForeignKey(ClaimLine, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="decisionline_in_seller"),
            models.UniqueConstraint("decision", "claim_line", name="decisionline_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="decisionline_not_negative"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class DecisionLineReason(models.Model):
    """A coded reason why the line got less than was claimed, with what its sentence names."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    line = models.ForeignKey(DecisionLine, models.PROTECT, related_name="reasons")
    code = models.CharField(max_length=20, choices=codes(DecisionReason))
    params = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint("line", "code", name="decisionreason_once"),
            models.CheckConstraint(condition=Q(code__in=list(DecisionReason)), name="decisionreason_known"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class Appeal(models.Model):
    """The seller asked to look again; its words are the message at the same position."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="appeals")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="appeal_in_seller"),
            models.UniqueConstraint("claim", "number", name="appeal_number_once"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class InformationRequest(models.Model):
    """What the desk asked the seller for. Closed when the seller replied or the time ran out."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="information_requests")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=6, choices=codes(Stage))
    reply_by = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="request_in_seller"),
            models.UniqueConstraint("claim", condition=Q(closed_at__isnull=True), name="request_one_open"),
        ]
        indexes = [models.Index("claim", "at", name="request_of_claim")]


class InformationItem(models.Model):
    """One thing asked for: an evidence slot, or the handler's own words."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    request = models.ForeignKey(InformationRequest, models.PROTECT, related_name="items")
    slot = models.CharField(max_length=18, choices=codes(Slot), blank=True)
    words = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(slot="", words=""), name="requestitem_says_something"),
        ]
