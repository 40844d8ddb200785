"""Filing a claim: from a draft to a claim, once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Membership
from claims.eligibility import Assessment, Cause, Said, assess
from claims.lifecycle import EVIDENCE, Reason, Slot, Status, Verb
from claims.models import (
    Claim,
    ClaimLine,
    Draft,
    LedgerEntry,
    Order,
    PolicyRule,
    RefundLine,
    new_claim_id,
)
from claims.operations import assessing, clocks
from claims.operations.files import fit, publish
from claims.operations.moving import _move, seller_actor

STATEMENT_MIN, STATEMENT_MAX = 20, 4000


class Missing(StrEnum):
    """What a draft still lacks before it can be filed. One code has one sentence."""

    LINES = "LINES"
    QUANTITY = "QUANTITY"
    REASON = "REASON"
    SLOT = "SLOT"
    STATEMENT_SHORT = "STATEMENT_SHORT"
    STATEMENT_LONG = "STATEMENT_LONG"
    POLICY = "POLICY"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix. `field` is where: lines, reason, slot-<SLOT>, statement, policy."""

    code: Missing
    field: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


class NotFiled(Exception):
    """The draft can't be filed; nothing was changed. `problems` are to be fixed, `causes` stand against the refund."""

    def __init__(self, problems: list[Problem], causes: list[Said]) -> None:
        super().__init__(", ".join([*(p.code for p in problems), *(c.code for c in causes)]))
        self.problems = problems
        self.causes = causes


@dataclass(frozen=True, slots=True)
class ChosenLine:
    """A refund line as the draft has it. `amount_minor` is what a claim for `quantity` of it comes to."""

    line: RefundLine
    quantity: int
    amount_minor: int
    assessment: Assessment

    @property
    def left(self) -> int:
        return self.line.quantity - self.line.held_quantity


@dataclass(frozen=True, slots=True)
class Review:
    """A draft against the rules: what it would claim, what is to fix, what stands against it.

    `lines` are all lines of the refund in order of SKU, a quantity of 0 meaning: not chosen.
    """

    lines: list[ChosenLine]
    reason: Reason | None
    rule: PolicyRule | None
    problems: list[Problem]
    causes: list[Said]
    have: dict[str, int]

    @property
    def chosen(self) -> list[ChosenLine]:
        return [line for line in self.lines if line.quantity > 0]

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.chosen)

    @property
    def closes_at(self) -> datetime | None:
        found = [c.assessment.window.closes_at for c in self.lines if c.assessment.window]
        return min((at for at in found if at), default=None)


def amount_for(line: RefundLine, quantity: int) -> int:
    """Return what `quantity` more of the line come to, in minor units; the last unit takes the remainder.

    Units already held have taken their share, so that the parts never pass the whole.
    """
    after = line.held_quantity + quantity
    if after >= line.quantity:
        return line.amount_minor - line.held_minor
    return line.amount_minor * quantity // line.quantity


def review(draft: Draft, now: datetime, *, lock: bool = False) -> Review:
    """Return the draft against the rules at `now`. `lock` takes the refund's lines for the rest of the transaction."""
    assert draft.refund_id is not None, "a draft to file from has its refund"
    query = RefundLine.objects.filter(refund_id=draft.refund_id).order_by("sku", "id")
    query = query.select_related("refund", "order", "seller")
    if lock:
        query = query.select_for_update(no_key=True, of=("self",))
    lines = list(query)
    reason = Reason(draft.choices["reason"]) if draft.choices.get("reason") in set(Reason) else None
    known, held = assessing.rules(), assessing.holders(lines)
    quantities = draft.choices.get("quantities") or {}
    chosen: list[ChosenLine] = []
    for line in lines:
        answer = assess(assessing.facts_of_line(line, held.get(line.pk)), known, reason, now)
        quantity = _whole(quantities.get(line.sku))
        amount = amount_for(line, quantity) if quantity else 0
        chosen.append(ChosenLine(line, quantity, amount, answer))
    have = _have(draft)
    picked = [one for one in chosen if one.quantity]
    causes = [said for one in picked for said in one.assessment.causes]
    windows = [one.assessment.window for one in (picked or chosen)]
    rule_ids = {window.rule.id for window in windows if window and window.rule.id}
    rule = PolicyRule.objects.filter(pk__in=rule_ids).order_by("-pk").first()
    problems = _problems(draft, chosen, reason, have)
    return Review(chosen, reason, rule, problems, causes, have)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else 0


def _have(draft: Draft) -> dict[str, int]:
    have: dict[str, int] = {}
    for slot in (file.slot for file in fit(draft)):
        have[slot] = have.get(slot, 0) + 1
    return have


def _problems(draft: Draft, lines: list[ChosenLine], reason: Reason | None, have: dict[str, int]) -> list[Problem]:
    problems = []
    if not any(line.quantity for line in lines):
        problems.append(Problem(Missing.LINES, "lines"))
    for one in lines:
        if one.quantity > one.left > 0:
            problems.append(Problem(Missing.QUANTITY, f"quantity-{one.line.sku}", {"max": one.left}))
    if reason is None:
        problems.append(Problem(Missing.REASON, "reason"))
    else:
        problems += [Problem(Missing.SLOT, f"slot-{slot}", {"slot": slot}) for slot in missing_slots(reason, have)]
    words = len(draft.text.strip())
    if words < STATEMENT_MIN:
        problems.append(Problem(Missing.STATEMENT_SHORT, "statement", {"min": STATEMENT_MIN}))
    elif words > STATEMENT_MAX:
        problems.append(Problem(Missing.STATEMENT_LONG, "statement", {"n": words - STATEMENT_MAX}))
    return problems


def missing_slots(reason: Reason, have: dict[str, int]) -> list[Slot]:
    """Return the required evidence slots of `reason` that no file fills yet."""
    return [slot for slot in EVIDENCE[reason].required if not have.get(slot)]


def file_claim(
    *, draft_uuid: Any, membership: Membership, now: datetime, accepted_rule: int | None
) -> tuple[Claim, bool]:
    """File the member's draft and return (claim, whether it is new).

    The same draft filed twice (double click, retry, two tabs) gives the first claim again. `accepted_rule` is the id
    of the policy rule whose text the seller ticked. Raises NotFiled with every problem and cause, and
    Draft.DoesNotExist when the person has no such draft and never filed it.
    """
    try:
        with transaction.atomic():
            return _file(draft_uuid, membership, now, accepted_rule)
    except IntegrityError as error:
        # What is held can't be claimed twice: the database had the last word between our check and our write.
        if "refundline_held" not in str(error):
            raise
        raise NotFiled([], [Said(Cause.ALREADY_CLAIMED, {"claim_id": None, "day": None})]) from error


def _file(draft_uuid: Any, membership: Membership, now: datetime, accepted_rule: int | None) -> tuple[Claim, bool]:
    mine = Draft.objects.filter(user_id=membership.user_id, seller_id=membership.seller_id, purpose=Draft.Purpose.FILE)
    draft = mine.select_for_update(of=("self",)).select_related("refund").filter(uuid=draft_uuid).first()
    if draft is None:
        again = Claim.objects.filter(
            draft_uuid=draft_uuid, seller_id=membership.seller_id, filed_by_id=membership.user_id
        ).first()
        if again is None:
            raise Draft.DoesNotExist
        return again, False
    assert draft.refund is not None
    order = Order.objects.select_for_update(no_key=True).get(pk=draft.refund.order_id)
    found = review(draft, now, lock=True)
    problems = list(found.problems)
    if found.rule is None or accepted_rule != found.rule.pk:
        problems.append(Problem(Missing.POLICY, "policy"))
    actor = seller_actor(membership)
    if problems or found.causes or not actor.may_act:
        raise NotFiled(problems, found.causes)
    assert found.reason is not None
    claim = Claim(
        seller_id=membership.seller_id,
        order=order,
        refund=draft.refund,
        claim_id=free_claim_id(),
        reason=found.reason,
        statement=draft.text.strip(),
        filed_at=now,
        filed_by_id=membership.user_id,
        policy_rule=found.rule,
        policy_accepted_at=now,
        clock_rule=clocks.clock_rule(order.marketplace, order.program),
        currency=draft.refund.currency,
        claimed_minor=found.total_minor,
        draft_uuid=draft.uuid,
    )
    claim.answer_due_at = clocks.answer_due(claim, now)
    position = claim.next_position
    _move_in(claim, found, actor, now)
    publish(draft, claim, position=position, at=now)
    draft.delete()
    return claim, True


def _move_in(claim: Claim, found: Review, actor: Any, now: datetime) -> None:
    """Write the claim, its lines and what they claim. The e-mails are owed by those who hear of the move."""
    lines = [
        ClaimLine(
            seller_id=claim.seller_id,
            claim=claim,
            refund_line=one.line,
            quantity=one.quantity,
            reason=claim.reason,
            policy_rule_id=one.assessment.window.rule.id if one.assessment.window else None,
            opens_at=one.assessment.window.opens_at if one.assessment.window else None,
            closes_at=one.assessment.window.closes_at if one.assessment.window else None,
            claimed_minor=one.amount_minor,
            asin=one.line.asin,
            sku=one.line.sku,
            title=one.line.title,
        )
        for one in found.chosen
    ]
    _move(claim, Verb.FILE, Status.UNDER_INVESTIGATION, actor, now)
    for line in lines:
        line.claim = claim
    ClaimLine.objects.bulk_create(lines)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            seller_id=claim.seller_id,
            claim=claim,
            claim_line=line,
            kind=LedgerEntry.Kind.CLAIMED,
            amount_minor=line.claimed_minor,
            currency=claim.currency,
            at=now,
        )
        for line in lines
    )


def free_claim_id() -> str:
    """Return a claim id nobody has; the unique constraint stands behind it."""
    while True:
        candidate = new_claim_id()
        if not Claim.objects.filter(claim_id=candidate).exists():
            return candidate
