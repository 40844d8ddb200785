"""Filing a claim: from a draft to a claim, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Membership
from claims.files.publish import publish
from claims.filing.draft_check import MissingField, Problem, Review, review
from claims.models import Claim, ClaimLine, Draft, LedgerEntry, Order, new_claim_id
from claims.rules.eligibility import Cause, CauseWithValues
from claims.rules.lifecycle import Status, Verb
from claims.workflow import deadlines
from claims.workflow.transitions import _transition, seller_actor


class NotFiled(Exception):
    """The draft can't be filed; nothing was changed. `problems` are to be fixed, `causes` are against the refund."""

    def __init__(self, problems: list[Problem], causes: list[CauseWithValues]) -> None:
        super().__init__(", ".join([*(p.code for p in problems), *(c.code for c in causes)]))
        self.problems = problems
        self.causes = causes


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
        raise NotFiled([], [CauseWithValues(Cause.ALREADY_CLAIMED, {"claim_id": None, "day": None})]) from error


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
        problems.append(Problem(MissingField.POLICY, "policy"))
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
        clock_rule=deadlines.clock_rule(order.marketplace, order.program),
        currency=draft.refund.currency,
        claimed_minor=found.total_minor,
        draft_uuid=draft.uuid,
    )
    claim.answer_due_at = deadlines.answer_due(claim, now)
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
    _transition(claim, Verb.FILE, Status.UNDER_INVESTIGATION, actor, now)
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
    """Return a claim id nobody has; the unique constraint holds it."""
    while True:
        candidate = new_claim_id()
        if not Claim.objects.filter(claim_id=candidate).exists():
            return candidate
