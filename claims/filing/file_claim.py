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
    *, draft_uuid: Any, membership: Membership, now: datetime, accepted_rule: int | None, batch_pk: int | None = None
) -> tuple[Claim, bool]:
    """File the member's draft and return (claim, whether it is new).

    The same draft filed twice (double click, retry, two tabs) gives the first claim again. `accepted_rule` is the id
    of the policy rule whose text the seller ticked, `batch_pk` that of the batch the claim is filed with. Raises
    NotFiled with every problem and cause, and Draft.DoesNotExist when the person has no such draft and never filed it.
    """
    try:
        with transaction.atomic():
            return _file(draft_uuid, membership, now, accepted_rule, batch_pk)
    except IntegrityError as error:
        # What is held can't be claimed twice: the database had the last word between our check and our write.
        if "refundline_held" not in str(error):
            raise
        raise NotFiled([], [CauseWithValues(Cause.ALREADY_CLAIMED, {"claim_id": None, "day": None})]) from error


def _file(
    draft_uuid: Any, membership: Membership, now: datetime, accepted_rule: int | None, batch_pk: int | None
) -> tuple[Claim, bool]:
    mine = Draft.objects.filter(user_id=membership.user_id, seller_id=membership.seller_id, purpose=Draft.Purpose.FILE)
    draft = mine.select_for_update(of=("self",)).select_related("refund").filter(uuid=draft_uuid).first()
    if draft is None:
        return _filed_before(draft_uuid, membership), False
    assert draft.refund is not None
    order = Order.objects.select_for_update(no_key=True).get(pk=draft.refund.order_id)
    reviewed = review(draft, now, lock=True)
    problems = list(reviewed.problems)
    if reviewed.rule is None or accepted_rule != reviewed.rule.pk:
        problems.append(Problem(MissingField.POLICY, "policy"))
    actor = seller_actor(membership)
    if problems or reviewed.causes or not actor.may_act:
        raise NotFiled(problems, reviewed.causes)
    assert reviewed.reason is not None
    claim = Claim(
        seller_id=membership.seller_id,
        order=order,
        refund=draft.refund,
        claim_id=free_claim_id(),
        reason=reviewed.reason,
        sub_reason=reviewed.sub_reason or "",
        statement=draft.text.strip(),
        filed_at=now,
        filed_by_id=membership.user_id,
        policy_rule=reviewed.rule,
        policy_accepted_at=now,
        clock_rule=deadlines.clock_rule(order.marketplace, order.program),
        currency=draft.refund.currency,
        claimed_minor=reviewed.total_minor,
        draft_uuid=draft.uuid,
    )
    claim.batch_pk = batch_pk
    claim.answer_due_at = deadlines.answer_due(claim, now)
    position = claim.next_position
    _write(claim, reviewed, actor, now)
    publish(draft, claim, position=position, at=now)
    draft.delete()
    return claim, True


def _filed_before(draft_uuid: Any, membership: Membership) -> Claim:
    """Return the claim that the draft became already. Raises Draft.DoesNotExist."""
    claim = Claim.objects.filter(
        draft_uuid=draft_uuid, seller_id=membership.seller_id, filed_by_id=membership.user_id
    ).first()
    if claim is None:
        raise Draft.DoesNotExist
    return claim


def _write(claim: Claim, reviewed: Review, actor: Any, now: datetime) -> None:
    """Write the claim, its lines and what they claim. Who hears of the transition owes the e-mails."""
    lines = [
        ClaimLine(
            seller_id=claim.seller_id,
            claim=claim,
            refund_line=chosen.line,
            quantity=chosen.quantity,
            reason=claim.reason,
            policy_rule_id=chosen.assessment.window.rule.id if chosen.assessment.window else None,
            opens_at=chosen.assessment.window.opens_at if chosen.assessment.window else None,
            closes_at=chosen.assessment.window.closes_at if chosen.assessment.window else None,
            claimed_minor=chosen.amount_minor,
            cap_minor=chosen.most.minor,
            cap_code=chosen.most.cap,
            asin=chosen.line.asin,
            sku=chosen.line.sku,
            title=chosen.line.title,
        )
        for chosen in reviewed.chosen
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
