"""Claims, their lines and their history.

Amounts are minor units of the claim's currency. What happened is append-only: a trigger refuses changes.
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.models.policy import ClockRule, PolicyRule
from claims.models.refunds import Order, Refund, RefundLine
from claims.rules import policy
from claims.rules.lifecycle import DECIDED, TRANSITIONS, Party, Reason, Stage, Status, SubReason, Verb

PROTECTED = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


def codes(enum: Any) -> list[tuple[str, str]]:
    """Return an enum as choices; the words of a code are in wording."""
    return [(code.value, code.value) for code in enum]


def new_claim_id() -> str:
    """Return a random public claim id, 5-5-7 digits. The caller tries again when it is taken."""
    digits = f"{secrets.randbelow(10**17):017d}"
    return f"{digits[:5]}-{digits[5:10]}-{digits[10:]}"


_INVESTIGATED = Q(status=Status.UNDER_INVESTIGATION)
_BY_DUE = ("answer_due_at", "id")
_QUEUE_INDEXES = (
    models.Index(
        *_BY_DUE, condition=Q(status__in=[Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER]), name="claim_open"
    ),
    models.Index(
        "seller",
        *_BY_DUE,
        condition=Q(status__in=[Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER]),
        name="claim_open_of_seller",
    ),
    models.Index(*_BY_DUE, condition=_INVESTIGATED, name="claim_investigated"),
    models.Index(*_BY_DUE, condition=_INVESTIGATED & Q(assigned_to__isnull=True), name="claim_unassigned"),
    models.Index(*_BY_DUE, condition=_INVESTIGATED & Q(stage=Stage.APPEAL), name="claim_on_appeal"),
    models.Index(*_BY_DUE, condition=Q(proposed_by__isnull=False), name="claim_proposed"),
    models.Index("clock_rule", "claimed_minor", condition=_INVESTIGATED, name="claim_by_value"),
    models.Index(
        "assigned_to",
        *_BY_DUE,
        condition=Q(assigned_to__isnull=False, status__in=[Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER]),
        name="claim_mine_open",
    ),
    models.Index(F("updated_at").desc(), F("id").desc(), name="claim_recent"),
)
"""What the desk's queue is read by, one index a view."""


_OWED = Q(paid_minor__lt=F("granted_minor"))


class Claim(models.Model):
    """A seller's request to be reimbursed for a refund. `claim_id` is its only id outside the database."""

    class Origin(models.TextChoices):
        FILED = "FILED", _("Filed here")
        IMPORTED = "IMPORTED", _("Imported")

    batch_pk: int | None = None
    """The batch it is being filed with, for who hears of that; not kept."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="claims")
    order = models.ForeignKey(Order, models.PROTECT, related_name="claims")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="claims")
    claim_id = models.CharField(_("claim id"), max_length=19, unique=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.FILED)
    source = models.CharField(max_length=200, blank=True, help_text=_("Where an imported claim came from"))
    status = models.CharField(_("status"), max_length=19, choices=codes(Status))
    stage = models.CharField(_("stage"), max_length=6, choices=codes(Stage), default=Stage.FIRST)
    reason = models.CharField(_("reason"), max_length=16, choices=codes(Reason), blank=True)
    sub_reason = models.CharField(
        _("case"), max_length=17, choices=codes(SubReason), blank=True, default="", db_default=""
    )
    statement = models.TextField(_("what the seller wrote"), blank=True)
    statement_erased_at = models.DateTimeField(null=True)
    filed_at = models.DateTimeField(_("filed"))
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    policy_rule = models.ForeignKey(PolicyRule, models.PROTECT, null=True, related_name="+")
    policy_accepted_at = models.DateTimeField(null=True)
    clock_rule = models.ForeignKey(ClockRule, models.PROTECT, null=True, related_name="+")
    reply_by = models.DateTimeField(_("reply by"), null=True)
    appeal_by = models.DateTimeField(_("appeal by"), null=True)
    answer_due_at = models.DateTimeField(_("answer due"), null=True)
    mail_reply_at = models.DateTimeField(
        _("answered by e-mail"), null=True, help_text=_("When the seller wrote an old e-mail that may be the reply")
    )
    decided_at = models.DateTimeField(null=True)
    lapsed = models.BooleanField(default=False, help_text=_("Denied because no reply arrived"))
    first_status = models.CharField(max_length=19, blank=True)
    first_granted_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    claimed_minor = models.BigIntegerField(_("claimed, minor units"))
    granted_minor = models.BigIntegerField(_("granted, minor units"), default=0)
    paid_minor = models.BigIntegerField(_("paid, minor units"), default=0, db_default=0, editable=False)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Whose decision waits for a second handler"),
    )
    version = models.PositiveIntegerField(default=1)
    next_position = models.PositiveIntegerField(default=1)
    draft_uuid = models.UUIDField(null=True)
    updated_at = models.DateTimeField(_("last update"))
    updated_by_party = models.CharField(max_length=7, choices=codes(Party))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("claim")
        constraints = [
            models.UniqueConstraint("seller", "id", name="claim_in_seller"),
            models.UniqueConstraint("seller", "draft_uuid", name="claim_once_per_draft"),
            models.CheckConstraint(condition=Q(claim_id__regex=r"^\d{5}-\d{5}-\d{7}$"), name="claim_id_5_5_7"),
            models.CheckConstraint(condition=Q(status__in=list(Status)), name="claim_status_known"),
            models.CheckConstraint(condition=Q(stage__in=list(Stage)), name="claim_stage_known"),
            models.CheckConstraint(
                condition=Q(status=Status.AWAITING_SELLER, reply_by__isnull=False)
                | (~Q(status=Status.AWAITING_SELLER) & Q(reply_by__isnull=True)),
                name="claim_reply_by_while_awaiting",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.GRANTED) | Q(granted_minor__gt=0), name="claim_granted_has_amount"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.DENIED, Status.WITHDRAWN]) | Q(granted_minor=0),
                name="claim_denied_has_no_amount",
            ),
            models.CheckConstraint(
                condition=Q(granted_minor__gte=0) & Q(granted_minor__lte=F("claimed_minor")),
                name="claim_granted_within_claimed",
            ),
            models.CheckConstraint(condition=Q(paid_minor__gte=0), name="claim_paid_not_negative"),
            models.CheckConstraint(
                condition=Q(appeal_by__isnull=True) | Q(status__in=[Status.GRANTED, Status.DENIED], stage=Stage.FIRST),
                name="claim_appeal_by_after_first_decision",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True)
                | Q(status=Status.UNDER_INVESTIGATION)
                | Q(status__in=[Status.GRANTED, Status.DENIED], stage=Stage.FIRST),
                name="claim_proposed_while_it_can_change",
            ),
        ]
        indexes = [
            models.Index("seller", "status", F("updated_at").desc(), F("id").desc(), name="claim_tab"),
            models.Index("seller", F("updated_at").desc(), F("id").desc(), name="claim_all"),
            models.Index("seller", "appeal_by", condition=Q(status__in=sorted(DECIDED)), name="claim_appealable"),
            models.Index("seller", "reply_by", "id", condition=Q(status=Status.AWAITING_SELLER), name="claim_awaiting"),
            models.Index("reply_by", "id", condition=Q(status=Status.AWAITING_SELLER), name="claim_awaited"),
            models.Index("appeal_by", condition=Q(appeal_by__isnull=False), name="claim_appeal_by"),
            models.Index("order", name="claim_of_order"),
            models.Index("filed_at", "id", condition=_OWED, name="claim_owed"),
            models.Index("seller", "filed_at", "id", condition=_OWED, name="claim_owed_to_seller"),
            *_QUEUE_INDEXES,
        ]

    def __str__(self) -> str:
        return self.claim_id

    @property
    def granted_in_full(self) -> bool:
        return self.status == Status.GRANTED and self.granted_minor == self.claimed_minor


class ClaimLine(models.Model):
    """A refund line, or part of one, in a claim. While `holds`, its quantity can't be claimed again (trigger).

    `held_quantity` and `held_minor` are what an imported claim holds of its refund line where that has less than the
    claim says; without them it is all of the claim. `sku_given` is false where the SKU came with the refund line.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="lines")
    refund_line = models.ForeignKey(RefundLine, models.PROTECT, null=True, related_name="claim_lines")
    quantity = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=16, choices=codes(Reason), blank=True)
    policy_rule = models.ForeignKey(PolicyRule, models.PROTECT, null=True, related_name="+")
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    cap_minor = models.BigIntegerField(null=True)
    cap_code = models.CharField(
        max_length=15, blank=True, default="", db_default="", choices=[(c, c) for c in policy.Cap]
    )
    claimed_minor = models.BigIntegerField()
    granted_minor = models.BigIntegerField(default=0)
    holds = models.BooleanField(default=True)
    held_quantity = models.PositiveIntegerField(null=True)
    held_minor = models.BigIntegerField(null=True)
    sku_given = models.BooleanField(default=True, db_default=True)
    asin = models.CharField("ASIN", max_length=10, blank=True)
    sku = models.CharField("SKU", max_length=64, blank=True)
    title = models.CharField(_("item"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="claimline_in_seller"),
            models.UniqueConstraint("claim", "refund_line", name="claimline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="claimline_quantity_positive"),
            models.CheckConstraint(condition=Q(claimed_minor__gt=0), name="claimline_claimed_positive"),
            models.CheckConstraint(
                condition=Q(granted_minor__gte=0) & Q(granted_minor__lte=F("claimed_minor")),
                name="claimline_granted_within_claimed",
            ),
            models.CheckConstraint(
                condition=Q(held_quantity__isnull=True, held_minor__isnull=True)
                | Q(held_quantity__lte=F("quantity"), held_minor__gte=0, held_minor__lte=F("claimed_minor")),
                name="claimline_holds_no_more_than_claimed",
            ),
        ]
        indexes = [models.Index("seller", "asin", condition=~Q(asin=""), name="claimline_by_asin")]

    def __str__(self) -> str:
        return f"{self.title or self.sku} × {self.quantity}"

    @property
    def most_minor(self) -> int:
        """The most that can be granted: what was claimed, and of it what the claim holds of its refund."""
        held = self.claimed_minor if self.held_minor is None else self.held_minor
        return max(held, self.granted_minor)


def _moves_of_the_table() -> Q:
    """Return the condition that a status change is a row of the transition table."""
    allowed = Q(pk__in=[])
    seen = set()
    for row in TRANSITIONS:
        source = row.source
        key = (source, row.target, row.verb, row.party)
        if key in seen:
            continue
        seen.add(key)
        allowed |= Q(
            verb=row.verb.value,
            party=row.party.value,
            from_status=source.status.value if source else "",
            from_stage=source.stage.value if source else "",
            to_status=row.target.status.value,
            to_stage=row.target.stage.value,
        )
    return allowed


class StatusChange(models.Model):
    """One row of a claim's history: who moved it from where to where, and when. Append-only."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="status_changes")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=19, choices=codes(Verb))
    party = models.CharField(max_length=7, choices=codes(Party))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    from_status = models.CharField(max_length=19, blank=True)
    from_stage = models.CharField(max_length=6, blank=True)
    to_status = models.CharField(max_length=19)
    to_stage = models.CharField(max_length=6)
    reply_by = models.DateTimeField(null=True)
    appeal_by = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "position", name="statuschange_position_once"),
            models.CheckConstraint(condition=_moves_of_the_table(), name="statuschange_in_the_table"),
        ]
        indexes = [models.Index("claim", "at", "position", name="statuschange_thread")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]

    def __str__(self) -> str:
        return f"{self.from_status or 'outside'} → {self.to_status}"
