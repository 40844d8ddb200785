"""The seller's turn: reply, appeal, withdraw; and the lapse when no reply comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from claims.models import (
    Appeal,
    AppealGround,
    Claim,
    ClaimLine,
    Decision,
    DecisionLine,
    DecisionLineReason,
    InformationRequest,
    StatusChange,
)
from claims.rules.lifecycle import SYSTEM, Actor, DecisionReason, Ground, Stage, Status, Verb
from claims.workflow import deadlines
from claims.workflow.desk_actions import TransitionWithPosition
from claims.workflow.transitions import _transition, guard, lock, take_position

LAPSE_GRACE = timedelta(minutes=10)
"""How long the sweep waits after reply-by, and how long a request may take to count from its beginning."""


def counts_from(began: datetime, now: datetime) -> datetime:
    """Return the moment an act counts from that began then and can be done now: its beginning, within the grace."""
    return began if now - began <= LAPSE_GRACE else now


def reply(claim: Claim, *, by: Actor, received_at: datetime, slots: frozenset[str]) -> TransitionWithPosition:
    """Hand the claim back to the desk with the seller's reply; return the transition. The caller has locked the claim.

    `received_at` is when the request began: it is what counts against reply-by. `slots` are the evidence slots that
    the reply's files fill. Raises TransitionRefused.
    """
    guard(Verb.REPLY, claim, by, received_at)
    for request in InformationRequest.objects.filter(claim=claim, closed_at__isnull=True):
        request.items.filter(slot__in=slots - {""}).update(answered_at=received_at)
        request.items.filter(slot="").update(answered_at=received_at)
        request.closed_at = received_at
        request.save(update_fields=["closed_at"])
    position = take_position(claim)
    claim.answer_due_at = deadlines.answer_due(claim, received_at)
    change = _transition(claim, Verb.REPLY, Status.UNDER_INVESTIGATION, by, received_at)
    return TransitionWithPosition(claim, change, position)


@dataclass(frozen=True, slots=True)
class Objection:
    """What an appeal says is wrong with what was given to a claim line."""

    ground: Ground
    line: int


class NoGround(Exception):
    """The appeal names nothing that is wrong with the decision, or an item that has nothing to object to."""


def open_to_objection(claim: Claim) -> list[int]:
    """Return the claim's lines that were given less than claimed, which an appeal may name. One query."""
    return [line.pk for line in claim.lines.order_by("id") if line.granted_minor < line.claimed_minor]


def appeal(
    claim: Claim, *, by: Actor, received_at: datetime, objections: Iterable[Objection]
) -> TransitionWithPosition:
    """Ask the desk to look at its decision again; return the transition. The first decision stands until then.

    The caller has locked the claim: of two appeals at once the second finds the claim on appeal. Raises
    TransitionRefused, NoGround.
    """
    guard(Verb.APPEAL, claim, by, received_at)
    assert by.user_id is not None, "a person appeals"
    grounds = sorted({(objection.line, objection.ground) for objection in objections})
    may_name = open_to_objection(claim)
    if not grounds or any(line not in may_name for line, _ground in grounds):
        raise NoGround
    claim.first_status = claim.status
    claim.first_granted_minor = claim.granted_minor
    decision = Decision.objects.filter(claim=claim).order_by("-number").first()
    number = claim.appeals.count() + 1
    filed = Appeal.objects.create(
        seller_id=claim.seller_id, claim=claim, number=number, at=received_at, by_id=by.user_id, decision=decision
    )
    AppealGround.objects.bulk_create(
        AppealGround(seller_id=claim.seller_id, appeal=filed, claim_line_id=line, code=ground)
        for line, ground in grounds
    )
    position = take_position(claim)
    claim.answer_due_at = deadlines.answer_due(claim, received_at)
    claim.assigned_to = None
    change = _transition(claim, Verb.APPEAL, Status.UNDER_INVESTIGATION, by, received_at)
    return TransitionWithPosition(claim, change, position)


def withdraw(claim_pk: int, *, by: Actor, now: datetime) -> StatusChange:
    """Take the claim back; its items may be claimed again inside the window. Raises TransitionRefused."""
    with transaction.atomic():
        claim = lock(claim_pk)
        guard(Verb.WITHDRAW, claim, by, now)
        _close_requests(claim, now)
        ClaimLine.objects.filter(claim=claim).update(holds=False)
        claim.answer_due_at = None
        claim.assigned_to = None
        return _transition(claim, Verb.WITHDRAW, Status.WITHDRAWN, by, now)


def lapse(claim_pk: int, *, now: datetime) -> StatusChange:
    """End a wait that passed reply-by: the claim is denied, an appeal ends with the first decision.

    Writes a decision by the portal. Raises TransitionRefused when a reply arrived first or the time isn't up.
    """
    with transaction.atomic():
        claim = lock(claim_pk)
        guard(Verb.LAPSE, claim, SYSTEM, now)
        _close_requests(claim, now)
        claim.answer_due_at = None
        claim.assigned_to = None
        first = Decision.objects.filter(claim=claim, stage=Stage.FIRST).order_by("-number").first()
        if claim.stage == Stage.APPEAL:
            return _restore(claim, first, now)
        claim.lapsed = True
        claim.granted_minor = 0
        until = deadlines.appeal_by(claim, now)
        _write_lapse(claim, {line.pk: 0 for line in claim.lines.all()}, Status.DENIED, now)
        return _transition(claim, Verb.LAPSE, Status.DENIED, SYSTEM, now, appeal_by=until)


def _restore(claim: Claim, first: Decision | None, now: datetime) -> StatusChange:
    amounts = {line.pk: line.granted_minor for line in claim.lines.all()}
    status = Status(claim.first_status or (first.status if first else Status.DENIED))
    _write_lapse(claim, amounts, status, now)
    return _transition(claim, Verb.LAPSE, status, SYSTEM, now)


def _write_lapse(claim: Claim, amounts: dict[int, int], status: Status, now: datetime) -> None:
    decision = Decision.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        number=claim.decisions.count() + 1,
        position=take_position(claim),
        at=now,
        stage=claim.stage,
        status=status,
        policy_rule=claim.policy_rule,
        granted_minor=sum(amounts.values()),
    )
    for line in claim.lines.all():
        row = DecisionLine.objects.create(
            seller_id=claim.seller_id, decision=decision, claim_line=line, amount_minor=amounts[line.pk]
        )
        if amounts[line.pk] < line.claimed_minor:
            DecisionLineReason.objects.create(
                seller_id=claim.seller_id,
                line=row,
                code=DecisionReason.NO_RESPONSE,
                params={"reply_by": claim.reply_by.isoformat() if claim.reply_by else None},
            )


def _close_requests(claim: Claim, now: datetime) -> None:
    InformationRequest.objects.filter(claim=claim, closed_at__isnull=True).update(closed_at=now)
