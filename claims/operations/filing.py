"""Filing a claim: from a draft to a claim, once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Membership
from claims.eligibility import Assessment, Cause, RefundFacts, Said, assess, evidence_of
from claims.lifecycle import SUB_REASONS, Evidence, Reason, Slot, Status, SubReason, Verb
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
from claims.operations import assessing, capping, clocks
from claims.operations.files import fit, publish
from claims.operations.moving import _move, seller_actor
from claims.policy import Most, Rule, Rulebook

STATEMENT_MIN, STATEMENT_MAX = 20, 4000


class Missing(StrEnum):
    """What a draft still lacks before it can be filed. One code has one sentence."""

    LINES = "LINES"
    QUANTITY = "QUANTITY"
    AMOUNT = "AMOUNT"
    NOTHING_LEFT = "NOTHING_LEFT"
    REASON = "REASON"
    SLOT = "SLOT"
    STATEMENT_SHORT = "STATEMENT_SHORT"
    STATEMENT_LONG = "STATEMENT_LONG"
    POLICY = "POLICY"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix. `field`: lines, reason, statement, policy, or quantity-, amount- or slot- and which."""

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
    """A refund line as the draft has it.

    `most` is what a claim for `quantity` of it may come to, and why not more; `amount_minor` what it does come to: the
    amount of the draft, kept as typed even where it is too much, or all there is.
    """

    line: RefundLine
    quantity: int
    amount_minor: int
    assessment: Assessment
    most: Most

    @property
    def left(self) -> int:
        return self.line.quantity - self.line.held_quantity


@dataclass(frozen=True, slots=True)
class Review:
    """A draft against the rules: what it would claim, what is to fix, what stands against it.

    `lines` are all lines of the refund in order of SKU, a quantity of 0 meaning: not chosen. `facts` are those of its
    first line: what `eligibility.options` asks of for the reasons and their windows.
    """

    lines: list[ChosenLine]
    reason: Reason | None
    sub_reason: SubReason | None
    rule: PolicyRule | None
    problems: list[Problem]
    causes: list[Said]
    have: dict[str, int]
    book: Rulebook
    facts: RefundFacts | None

    @property
    def evidence(self) -> Evidence:
        """The evidence slots of the draft's reason."""
        return evidence_of(self.rule.as_rule() if self.rule and self.reason else None, self.reason)

    def rule_for(self, reason: Reason, sub_reason: SubReason | None = None) -> Rule | None:
        """Return the rule that would govern the refund for another reason."""
        facts = self.facts
        if facts is None:
            return None
        return self.book.pick(facts.marketplace, facts.program, reason, facts.dates.refunded_at, sub_reason)

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

    Units already held have taken their share, also where a limit let their claim ask for less, so that the parts never
    pass the whole.
    """
    after = line.held_quantity + quantity
    if after < line.quantity:
        return min(line.amount_minor * quantity // line.quantity, line.amount_minor - line.held_minor)
    asked_in_full = line.held_minor >= line.held_quantity * (line.amount_minor // line.quantity)
    taken = line.held_minor if asked_in_full else line.amount_minor * line.held_quantity // line.quantity
    return line.amount_minor - taken


def review(draft: Draft, now: datetime, *, lock: bool = False) -> Review:
    """Return the draft against the rules at `now`. `lock` takes the refund's lines for the rest of the transaction.

    The draft's choices: `reason`, `sub_reason`, `quantities` by SKU, and `amounts` by SKU in minor units where the
    seller claims less than there is.
    """
    assert draft.refund_id is not None, "a draft to file from has its refund"
    query = RefundLine.objects.filter(refund_id=draft.refund_id).order_by("sku", "id")
    query = query.select_related("refund", "order", "seller")
    if lock:
        query = query.select_for_update(no_key=True, of=("self",))
    lines = list(query)
    reason, sub_reason = _reason_of(draft)
    book, facts = assessing.rules(), assessing.facts_of(lines)
    answers = [assess(one, book, reason, now, sub_reason=sub_reason) for one in facts]
    quantities = draft.choices.get("quantities") or {}
    amounts = draft.choices.get("amounts") or {}
    wanted = []
    for line, answer in zip(lines, answers, strict=True):
        quantity = _whole(quantities.get(line.sku))
        typed = _minor(amounts[line.sku]) if line.sku in amounts else None
        wanted.append(capping.Wanted(line, answer.rule, amount_for(line, quantity) if quantity else 0, typed))
    most = capping.most_for_lines(wanted, facts[0].order_money) if facts else []
    chosen = []
    for line, answer, limit in zip(lines, answers, most, strict=True):
        quantity = _whole(quantities.get(line.sku))
        amount = _minor(amounts[line.sku]) if line.sku in amounts else limit.minor
        chosen.append(ChosenLine(line, quantity, amount if quantity else 0, answer, limit))
    have = _have(draft)
    picked = [one for one in chosen if one.quantity]
    causes = [said for one in picked for said in one.assessment.causes]
    governing = [one.assessment.rule for one in (picked or chosen)]
    rule_ids = {found.id for found in governing if found and found.id}
    rule = PolicyRule.objects.filter(pk__in=rule_ids).order_by("-pk").first()
    problems = _problems(draft, chosen, reason, rule.as_rule() if rule else None, have)
    return Review(chosen, reason, sub_reason, rule, problems, causes, have, book, facts[0] if facts else None)


def _reason_of(draft: Draft) -> tuple[Reason | None, SubReason | None]:
    """Return the draft's reason and its case. A case of another reason is left out."""
    chosen = draft.choices.get("reason")
    if chosen not in set(Reason):
        return None, None
    reason = Reason(chosen)
    case = draft.choices.get("sub_reason")
    return reason, next((one for one in SUB_REASONS.get(reason, ()) if one == case), None)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else 0


def _minor(value: Any) -> int:
    """Return an amount of the draft; -1, which no claim can have, for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15 else -1


def _have(draft: Draft) -> dict[str, int]:
    have: dict[str, int] = {}
    for slot in (file.slot for file in fit(draft)):
        have[slot] = have.get(slot, 0) + 1
    return have


def _problems(
    draft: Draft, lines: list[ChosenLine], reason: Reason | None, rule: Rule | None, have: dict[str, int]
) -> list[Problem]:
    problems = []
    if not any(line.quantity for line in lines):
        problems.append(Problem(Missing.LINES, "lines"))
    for one in lines:
        if one.quantity > one.left > 0:
            problems.append(Problem(Missing.QUANTITY, f"quantity-{one.line.sku}", {"max": one.left}))
        elif one.quantity and one.assessment.eligible and not 0 < one.amount_minor <= one.most.minor:
            code = Missing.AMOUNT if one.most.minor else Missing.NOTHING_LEFT
            params = {"max": (one.most.minor, one.line.currency), "most": one.most}
            problems.append(Problem(code, f"amount-{one.line.sku}", params))
    if reason is None:
        problems.append(Problem(Missing.REASON, "reason"))
    else:
        problems += [
            Problem(Missing.SLOT, f"slot-{slot}", {"slot": slot}) for slot in missing_slots(reason, have, rule)
        ]
    words = len(draft.text.strip())
    if words < STATEMENT_MIN:
        problems.append(Problem(Missing.STATEMENT_SHORT, "statement", {"min": STATEMENT_MIN}))
    elif words > STATEMENT_MAX:
        problems.append(Problem(Missing.STATEMENT_LONG, "statement", {"n": words - STATEMENT_MAX}))
    return problems


def missing_slots(reason: Reason, have: dict[str, int], rule: Rule | None = None) -> list[Slot]:
    """Return the required evidence slots of `reason`, under `rule`, that no file fills yet."""
    return [slot for slot in evidence_of(rule, reason).required if not have.get(slot)]


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
        sub_reason=found.sub_reason or "",
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
            cap_minor=one.most.minor,
            cap_code=one.most.cap,
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
