"""After an outage: what ended inside it ends later, by its length. Claims one by one, refunds' windows by one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from claims.models import Claim, Outage, RefundLine
from claims.rules.lifecycle import DECIDED, SYSTEM, Stage, Status
from claims.workflow import deadlines, move_deadline
from claims.workflow.move_deadline import Deadline
from claims.workflow.transitions import TransitionRefused

BATCH = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A claim whose deadline fell into the outage, and where it is moved to."""

    pk: int
    claim_id: str
    deadline: Deadline
    was: datetime
    to: datetime


def record(starts_at: datetime, ends_at: datetime, reason: str, *, by_id: int | None, now: datetime) -> Outage:
    """Return the row of the outage, a new one or, for the same time, the one there is: run twice, it is one outage.

    From then on every window that would have closed inside it closes later, whatever dates arrive and however policy
    changes; the windows stored with refunds are out of date until they are computed anew.
    """
    outage, _ = Outage.objects.get_or_create(
        starts_at=starts_at, ends_at=ends_at, defaults={"reason": reason, "by_id": by_id, "at": now}
    )
    return outage


def _hit(outage: Outage) -> QuerySet[Claim]:
    inside = (outage.starts_at, outage.ends_at)
    replies = Q(status=Status.AWAITING_SELLER, reply_by__range=inside)
    appeals = Q(status__in=DECIDED, stage=Stage.FIRST, appeal_by__range=inside)
    found = Claim.objects.filter(replies | appeals).select_related("order", "clock_rule")
    return found.exclude(deadline_moves__outage=outage.pk) if outage.pk else found


def claims_hit(outage: Outage, batch: int = BATCH) -> Iterator[Due]:
    """Return each claim whose reply-by or appeal-by lies in the outage and wasn't moved for it yet, with its new date.

    An outage that isn't stored tells what would be moved.
    """
    last = 0
    while claims := list(_hit(outage).filter(pk__gt=last).order_by("pk")[:batch]):
        for claim in claims:
            which = move_deadline.running_deadline(claim)
            was = claim.reply_by if which is Deadline.REPLY_BY else claim.appeal_by
            if which is None or was is None:
                continue  # granted in full: there is nothing to appeal
            to = outage.as_outage().moved(was, deadlines.marketplace_of(claim))
            assert to is not None, "it lies in the outage"
            yield Due(claim.pk, claim.claim_id, which, was, to)
        last = claims[-1].pk


def move(due: Due, outage: Outage, now: datetime) -> bool:
    """Move one claim's deadline; return whether it was still there to move. Safe to repeat.

    A new date that has passed already, because this is run late, becomes the end of tomorrow there.
    """
    try:
        with transaction.atomic():
            move_deadline.move_deadline(
                due.pk,
                to=due.to if due.to > now else _tomorrow(due, now),
                why=outage.reason,
                by=SYSTEM,
                now=now,
                deadline=due.deadline,
                outage=outage,
            )
    except TransitionRefused:
        return False
    return True


def _tomorrow(due: Due, now: datetime) -> datetime:
    claim = Claim.objects.select_related("order", "clock_rule").get(pk=due.pk)
    return deadlines.end_of_tomorrow(claim, now)


def lapsed_meanwhile(outage: Outage) -> list[str]:
    """Return the ids of claims that were denied because their reply-by passed in the outage: they can be appealed."""
    claims = Claim.objects.filter(
        lapsed=True,
        status_changes__verb="LAPSE",
        information_requests__reply_by__range=(outage.starts_at, outage.ends_at),
    )
    return list(claims.order_by("claim_id").values_list("claim_id", flat=True).distinct())


def windows_hit(outage: Outage) -> int:
    """Return how many refund lines have a window, as stored now, that closes inside the outage."""
    inside = (outage.starts_at, outage.ends_at)
    return RefundLine.objects.filter(Q(first_closes_at__range=inside) | Q(closes_at__range=inside)).count()
