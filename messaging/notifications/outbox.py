"""The rows of owed e-mails as delivery sees them: leased, begun, marked, put back. One statement each, no words.

A row changes hands by its lease: a number drawn by one run of delivery. Whatever a run writes about an e-mail it has
not sent is written only while the row still carries that number; that an e-mail was sent is written in any case.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from accounts.values import single_line
from messaging.models import STUCK, WAITING, DeliveryTally, OutgoingEmail

State = OutgoingEmail.State

LEASE = timedelta(minutes=5)
"""How long a row is its run's: from the lease, and anew whenever the run renews it."""
RESETS_KEPT = timedelta(days=1)
MOST_COUNTED = 100_000
SKEW = timedelta(minutes=1)
"""How far clocks of several machines may differ before a moment of another counts as one from the future."""


def waiting(now: datetime) -> QuerySet[OutgoingEmail]:
    """Return the e-mails that are due: queued ones, and those whose run let its lease run out."""
    return OutgoingEmail.objects.filter(WAITING, next_attempt_at__lte=now)


def stuck() -> QuerySet[OutgoingEmail]:
    """Return what an operator has to look at: e-mails that bounced or were given up."""
    return OutgoingEmail.objects.filter(STUCK)


def requeue_when_clock_went_back(now: datetime) -> int:
    """Bring back what a clock that was ahead has put off; return how many. Two queries, by index.

    A moment was written by a clock that is later than now: the clock has been set back since. Queued e-mails are due
    at once, leased ones when a lease from now on has run out, for their run may be alive.
    """
    later = OutgoingEmail.objects.alias(by_clock=Coalesce("scheduled_at", "created_at")).filter(
        WAITING, by_clock__gt=now + SKEW
    )
    queued = later.filter(state=State.QUEUED).update(next_attempt_at=now, scheduled_at=now)
    leased = later.filter(state=State.SENDING).update(
        next_attempt_at=now + LEASE, leased_until=now + LEASE, scheduled_at=now
    )
    return queued + leased


def lease(now: datetime, limit: int) -> tuple[uuid.UUID, list[OutgoingEmail]]:
    """Take up to `limit` e-mails that are due, the longest due first; return the lease and its rows.

    What a run left behind when it died is taken alone and first, and the lost attempt counts: an e-mail that kills its
    worker takes no other with it. Any number of runs may do this at once: rows another one is taking are passed over.
    Two or three queries, by index whatever waits.
    """
    number = uuid.uuid4()
    taken = _take(number, _LEFT_BEHIND, now, 1, lost=1) or _take(number, _QUEUED, now, limit, lost=0)
    if not taken:
        return number, []
    rows = OutgoingEmail.objects.filter(lease=number).select_related("claim__seller", "claim__order", "user", "seller")
    return number, list(rows.order_by("created_at", "pk"))


_LEFT_BEHIND = "lease IS NOT NULL AND leased_until <= %(now)s ORDER BY leased_until, id"
_QUEUED = "state = 'QUEUED' AND next_attempt_at <= %(now)s ORDER BY next_attempt_at, id"


def _take(number: uuid.UUID, which: str, now: datetime, limit: int, *, lost: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH due AS MATERIALIZED (  -- looked for once: a plan that asks again for each row would take more
              SELECT id FROM messaging_outgoingemail WHERE {which} LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
            UPDATE messaging_outgoingemail AS one
               SET state = 'SENDING', lease = %(number)s, attempts = attempts + %(lost)s, leased_until = %(until)s,
                   next_attempt_at = %(until)s, scheduled_at = %(now)s
              FROM due WHERE one.id = due.id
            """,  # noqa: S608 - constants
            {"number": number, "lost": lost, "until": now + LEASE, "now": now, "limit": limit},
        )
        return cursor.rowcount


def renew(number: uuid.UUID, now: datetime) -> set[int]:
    """Have what is left of a lease for its whole length from now; return the rows that are still under it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_outgoingemail SET leased_until = %(until)s, next_attempt_at = %(until)s, "
            "scheduled_at = %(now)s WHERE lease = %(number)s RETURNING id",
            {"until": now + LEASE, "now": now, "number": number},
        )
        return {pk for (pk,) in cursor.fetchall()}


def mark_sent(email: OutgoingEmail, address: str, now: datetime) -> None:
    """Write that the mail server took the e-mail: true whoever holds the row by now. May be repeated."""
    OutgoingEmail.objects.filter(pk=email.pk).exclude(state=State.SENT).update(
        state=State.SENT,
        cause="",
        address=address,
        attempts=email.attempts,
        lease=None,
        leased_until=None,
        sent_at=now,
        set_aside_at=None,
    )


def mark_unsent(email: OutgoingEmail, state: State, cause: str, address: str, now: datetime) -> None:
    """Write that the e-mail has ended unsent, and why; an operator may send it again."""
    _mine(email).update(
        state=state,
        cause=_kept(cause),
        address=address,
        attempts=email.attempts,
        lease=None,
        leased_until=None,
        scheduled_at=now,
    )


def put_off(email: OutgoingEmail, cause: str, address: str, until: datetime, now: datetime) -> None:
    """Queue the e-mail again for another attempt at `until`."""
    _mine(email).update(
        state=State.QUEUED,
        cause=_kept(cause),
        address=address,
        attempts=email.attempts,
        lease=None,
        leased_until=None,
        next_attempt_at=until,
        scheduled_at=now,
    )


def release(number: uuid.UUID, now: datetime) -> int:
    """Give back what a run took and did not come to: due at once, no attempt counted. Return how many."""
    return OutgoingEmail.objects.filter(lease=number).update(
        state=State.QUEUED, lease=None, leased_until=None, next_attempt_at=now, scheduled_at=now
    )


def send_again(ids: Sequence[int], now: datetime) -> int:
    """Queue e-mails that ended unsent once more, with all attempts ahead; return how many. Sent ones stay sent."""
    ended = OutgoingEmail.objects.filter(pk__in=ids, state__in=[State.BOUNCED, State.FAILED, State.SUPPRESSED])
    return ended.update(
        state=State.QUEUED, cause="", attempts=0, next_attempt_at=now, scheduled_at=now, set_aside_at=None
    )


def try_now(ids: Sequence[int], now: datetime) -> int:
    """Have queued e-mails tried without waiting for their next attempt; return how many."""
    return _later(now).filter(pk__in=ids).update(next_attempt_at=now, scheduled_at=now)


def try_all_now(now: datetime) -> int:
    """The same for all that are queued."""
    return _later(now).update(next_attempt_at=now, scheduled_at=now)


def _later(now: datetime) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(state=State.QUEUED, next_attempt_at__gt=now)


def purge_password_resets(now: datetime) -> int:
    """Delete wishes for a new password that are a day old and wait for nothing; return how many. By index.

    Most of them came from strangers, about addresses of nobody: they neither pile up nor stay as a list of who has an
    account. Sent ones go too, for the same reason, and what the sign-in library wrote: it may have links that work.
    """
    old = OutgoingEmail.objects.exclude(WAITING).filter(created_at__lt=now - RESETS_KEPT)
    kinds = (OutgoingEmail.Kind.PASSWORD_RESET, OutgoingEmail.Kind.SIGN_IN_LIBRARY)
    return sum(old.filter(kind=kind).delete()[0] for kind in kinds)


def set_aside(ids: Sequence[int], now: datetime) -> int:
    """Take e-mails that ended unsent from the operator's list; return how many. They may still be sent again."""
    return stuck().filter(pk__in=ids).update(set_aside_at=now)


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """The counts of the outbox. Numbers stop at MOST_COUNTED. `oldest`: when the oldest e-mail not yet sent was owed;
    `due_since`: since when the longest due one has been due."""

    waiting: int
    sending: int
    retrying: int
    stuck: int
    oldest: datetime | None
    due_since: datetime | None


def outbox_counts(now: datetime) -> OutboxCounts:
    """Return the counts of the outbox. One query; each number by an index that holds nothing else, up to the cap."""
    count = "(SELECT count(*) FROM (SELECT 1 FROM messaging_outgoingemail WHERE {} LIMIT %(most)s) one)"
    owed = "state IN ('QUEUED', 'SENDING')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {count.format("state = 'QUEUED'")}, {count.format("lease IS NOT NULL")},
                   {count.format("state = 'QUEUED' AND next_attempt_at > %(now)s")},
                   {count.format("state IN ('BOUNCED', 'FAILED') AND set_aside_at IS NULL")},
                   (SELECT created_at FROM messaging_outgoingemail WHERE {owed} ORDER BY created_at LIMIT 1),
                   least((SELECT next_attempt_at FROM messaging_outgoingemail WHERE state = 'QUEUED'
                            AND next_attempt_at <= %(now)s ORDER BY next_attempt_at, id LIMIT 1),
                         (SELECT leased_until FROM messaging_outgoingemail WHERE lease IS NOT NULL
                            AND leased_until <= %(now)s ORDER BY leased_until, id LIMIT 1))
            """,  # noqa: S608 - constants
            {"now": now, "most": MOST_COUNTED},
        )
        return OutboxCounts(*cursor.fetchone())


def tally(outcomes: Mapping[str, int]) -> None:
    """Add to the counts of all times. One query; rows in one order, so that two runs never wait for each other."""
    counted = sorted((name, count) for name, count in outcomes.items() if count)
    if not counted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_deliverytally (outcome, count) SELECT * FROM unnest(%s::text[], %s::bigint[]) "
            "ON CONFLICT (outcome) DO UPDATE SET count = messaging_deliverytally.count + EXCLUDED.count",
            [[name for name, _ in counted], [count for _, count in counted]],
        )


def tallied() -> dict[str, int]:
    return dict(DeliveryTally.objects.values_list("outcome", "count"))


def _mine(email: OutgoingEmail) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(pk=email.pk, lease=email.lease)


def _kept(cause: str) -> str:
    return single_line(cause)[:300]
