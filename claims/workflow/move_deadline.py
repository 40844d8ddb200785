"""Moving a claim's reply-by or appeal-by: later, never earlier, and always with a why that the seller reads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.values import LONGEST_REASON, single_line
from claims import signals
from claims.models import Claim, DeadlineMove, InformationRequest, Outage
from claims.rules.lifecycle import Actor, Refusal, Verb
from claims.workflow import deadlines
from claims.workflow.transitions import TransitionRefused, guard, lock, take_position, touch

Deadline = DeadlineMove.Deadline
WHY_MAX = LONGEST_REASON


def running_deadline(claim: Claim) -> Deadline | None:
    """Return which of the seller's deadlines the claim has, or None: reply-by while awaiting, else appeal-by."""
    if claim.reply_by is not None:
        return Deadline.REPLY_BY
    return Deadline.APPEAL_BY if claim.appeal_by is not None and not claim.granted_in_full else None


def move_deadline(
    claim_pk: int,
    *,
    to: datetime,
    why: str,
    by: Actor,
    now: datetime,
    deadline: Deadline | None = None,
    version: int | None = None,
    outage: Outage | None = None,
) -> DeadlineMove:
    """Move the claim's reply-by or appeal-by to the later instant `to`; return the row that records it.

    `deadline` is the one the caller means, the running one unless said. `why` is read by the seller, at most 500
    characters. Sends `deadline_moved`.

    Raises TransitionRefused: NOT_LATER when `to` isn't later than both the present date and `now`, TOO_FAR when it is
    more than a year ahead (an outage may go further), WHY_MISSING without a why, NOT_ALLOWED_NOW when the claim no
    longer has such a deadline, and what speaks against the actor.
    """
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.EXTEND, claim, by, now)
        which = deadline or running_deadline(claim)
        if which is None or which is not running_deadline(claim):
            raise TransitionRefused(Refusal.NOT_ALLOWED_NOW)
        old = claim.reply_by if which is Deadline.REPLY_BY else claim.appeal_by
        assert old is not None
        words = single_line(why)[:WHY_MAX]
        _check(words, old, to, now, for_outage=outage is not None)
        if which is Deadline.REPLY_BY:
            claim.reply_by = to
            InformationRequest.objects.filter(claim=claim, closed_at__isnull=True).update(reply_by=to)
        else:
            claim.appeal_by = to
        position = take_position(claim)
        touch(claim, by, now)
        claim.save()
        move = DeadlineMove.objects.create(
            seller_id=claim.seller_id,
            claim=claim,
            position=position,
            at=now,
            deadline=which,
            was=old,
            now_is=to,
            why=words,
            by_id=by.user_id,
            outage=outage,
        )
        signals.deadline_moved.send(sender=Claim, move=move, claim=claim)
        return move


def _check(words: str, old: datetime, to: datetime, now: datetime, *, for_outage: bool) -> None:
    """Raise TransitionRefused where there is no reason, or `to` is no date that the deadline may be moved to."""
    if not words:
        raise TransitionRefused(Refusal.WHY_MISSING)
    if to <= old or to <= now:
        raise TransitionRefused(Refusal.NOT_LATER, old=old)
    if not for_outage and to > now + deadlines.MOST_LATER:
        raise TransitionRefused(Refusal.TOO_FAR)
