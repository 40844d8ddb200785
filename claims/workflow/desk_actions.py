"""The desk's turn: take and release a claim, and ask the seller for what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from claims.models import (
    AppealRelease,
    Assignment,
    Claim,
    Decision,
    InformationItem,
    InformationRequest,
    StatusChange,
)
from claims.rules.lifecycle import Actor, Refusal, Slot, Stage, Status, Verb, refusals
from claims.workflow import deadlines
from claims.workflow.transitions import (
    TransitionRefused,
    _transition,
    check,
    desk_actor,
    facts_of,
    guard,
    lock,
    take_position,
    touch,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask for: an evidence slot, or words of one's own (exactly one of the two)."""

    slot: Slot | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class TransitionWithPosition:
    """A claim after a transition, its status change, and the position in the thread for the words that go with it."""

    claim: Claim
    change: StatusChange
    words_position: int


def request_information(
    claim_pk: int,
    *,
    by: Actor,
    now: datetime,
    asked: Sequence[Asked],
    version: int | None = None,
    reply_by: datetime | None = None,
) -> TransitionWithPosition:
    """Hand the claim to the seller with a list of things to send; return the transition.

    While the seller is asked already, this list takes the place of the one before; reply-by only ever gets later.
    `reply_by` may be later than policy gives, never earlier. Raises TransitionRefused: TOO_FAR when it is more than a
    year ahead, and what speaks against the actor.
    """
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.REQUEST_INFORMATION, claim, by, now)
        assert by.user_id is not None, "a person asks"
        if not asked:
            raise TransitionRefused(Refusal.NOT_ALLOWED_NOW)
        soonest = max(deadlines.reply_by(claim, now), claim.reply_by or now)
        if reply_by and reply_by > max(now + deadlines.MOST_LATER, soonest):
            raise TransitionRefused(Refusal.TOO_FAR)
        until = max(soonest, reply_by or now)
        InformationRequest.objects.filter(claim=claim, closed_at__isnull=True).update(closed_at=now)
        request = InformationRequest.objects.create(
            seller_id=claim.seller_id, claim=claim, at=now, by_id=by.user_id, stage=claim.stage, reply_by=until
        )
        InformationItem.objects.bulk_create(
            InformationItem(seller_id=claim.seller_id, request=request, slot=one.slot or "", words=one.words)
            for one in asked
        )
        position = take_position(claim)
        claim.answer_due_at = None
        if claim.assigned_to_id is None:
            _give(claim, by.user_id, by.user_id, now)
        change = _transition(claim, Verb.REQUEST_INFORMATION, Status.AWAITING_SELLER, by, now, reply_by=until)
        return TransitionWithPosition(claim, change, position)


def open_request(claim: Claim) -> InformationRequest | None:
    """Return what the seller is asked for at the moment, with its items, or None. Two queries."""
    return InformationRequest.objects.filter(claim=claim, closed_at__isnull=True).prefetch_related("items").first()


def take(claim_pk: int, *, user: User, now: datetime, version: int | None = None) -> Claim:
    """Give the claim to this handler, whoever had it; return it. Raises TransitionRefused."""
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.TAKE, claim, desk_actor(user), now)
        _give(claim, user.pk, user.pk, now)
        return claim


def release(claim_pk: int, *, user: User, now: datetime, version: int | None = None) -> Claim:
    """Take the claim off this handler's desk; return it. Raises TransitionRefused when it isn't theirs."""
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.RELEASE, claim, desk_actor(user), now)
        _give(claim, None, user.pk, now)
        return claim


def release_all(user: User, *, by: User, now: datetime) -> int:
    """Take every claim that isn't decided off the desk of a handler who can no longer act; return how many."""
    mine = Claim.objects.filter(assigned_to=user, status__in=[Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER])
    count = 0
    for pk in list(mine.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            claim = lock(pk)
            if claim.assigned_to_id == user.pk:
                _give(claim, None, by.pk, now)
                count += 1
    return count


def assign(claim_pk: int, *, to: User | None, user: User, now: datetime, version: int | None = None) -> Claim:
    """Give the claim to another handler, or to nobody; return it.

    Raises TransitionRefused, also when they can't decide it.
    """
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.ASSIGN, claim, desk_actor(user), now)
        if to is not None and check(Verb.TAKE, claim, desk_actor(to), now):
            raise TransitionRefused(Refusal.CANT_BE_THEIRS, assignee=str(to))
        _give(claim, to.pk if to else None, user.pk, now)
        return claim


def waiting_for(actor: Actor) -> QuerySet[Claim]:
    """Return the unassigned claims this handler may take and decide, whose answer is due first standing first."""
    waiting = Claim.objects.filter(status=Status.UNDER_INVESTIGATION, assigned_to__isnull=True)
    waiting = waiting.exclude(proposed_by=actor.user_id)  # what they proposed waits for another handler
    own = Decision.objects.filter(Q(by=actor.user_id) | Q(confirmed_by=actor.user_id), claim=OuterRef("pk"))
    released = Exists(AppealRelease.objects.filter(claim=OuterRef("pk"), to=actor.user_id))
    waiting = waiting.exclude(Q(stage=Stage.APPEAL) & Exists(own) & ~released)
    if not actor.is_senior:
        waiting = waiting.exclude(Q(stage=Stage.APPEAL) & ~Q(clock_rule__appeal_needs_senior=False) & ~released)
    return waiting.order_by(F("answer_due_at").asc(nulls_last=True), "id")


def take_next(*, user: User, now: datetime) -> Claim | None:
    """Give this handler the unassigned claim whose answer is due first and which they may decide; None when none is.

    Two handlers who ask at once get two claims: a row another one is taking is skipped.
    """
    actor = desk_actor(user)
    if not actor.may_act:
        return None
    with transaction.atomic():
        for claim in waiting_for(actor).select_for_update(no_key=True, skip_locked=True, of=("self",))[:1]:
            if not refusals(Verb.TAKE, facts_of(claim), actor, now):
                _give(claim, user.pk, user.pk, now)
                return claim
    return None


def _give(claim: Claim, to: int | None, by: int, now: datetime) -> None:
    """Write down whose the locked claim is from now on. Whose it is already, changes nothing."""
    if claim.assigned_to_id == to:
        return
    claim.assigned_to_id = to
    claim.version += 1
    claim.save(update_fields=["assigned_to", "version"])
    Assignment.objects.create(
        seller_id=claim.seller_id, claim=claim, at=now, by_id=by, assignee_id=to, version=claim.version
    )


def note_message(claim: Claim, *, by: Actor, now: datetime) -> int:
    """Reserve a place in the thread for a message that changes no status, and return it. The caller has locked the
    claim.

    A seller's message to an unassigned or investigated claim changes no deadline. Raises TransitionRefused.
    """
    guard(Verb.SEND_MESSAGE, claim, by, now)
    position = take_position(claim)
    touch(claim, by, now)
    claim.save()
    return position
