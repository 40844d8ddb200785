"""Deadlines moved later: one by a handler, many after an outage, and never one earlier."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from claims.claim_page import turn_card
from claims.models import Claim, DeadlineMove, InformationRequest, Outage, RefundLine
from claims.refunds import stored_windows
from claims.rules.lifecycle import Refusal, Status
from claims.signals import deadline_moved
from claims.workflow import deadlines, move_deadline, seller_actions
from claims.workflow.transitions import TransitionRefused, desk_actor, seller_actor
from tests.cast import World

WHY = "the portal was down"


@pytest.fixture
def heard() -> Any:
    """The moves that the signal told of."""
    moves: list[DeadlineMove] = []

    def hear(move: DeadlineMove, **_: Any) -> None:
        moves.append(move)

    deadline_moved.connect(hear)
    yield moves
    deadline_moved.disconnect(hear)


def move(world: World, claim: Claim, to: datetime, **more: Any) -> DeadlineMove:
    found = move_deadline.move_deadline(
        claim.pk, **{"to": to, "why": WHY, "by": desk_actor(world.hana), "now": world.now, **more}
    )
    claim.refresh_from_db()
    return found


def test_reply_by_is_moved_later_recorded_and_told(world: World, heard: list[DeadlineMove]) -> None:
    claim = world.claim()
    world.ask(claim)
    was, version, position = claim.reply_by, claim.version, claim.next_position
    assert was is not None
    row = move(world, claim, was + timedelta(days=3))
    assert (claim.reply_by, claim.version, claim.next_position) == (was + timedelta(days=3), version + 1, position + 1)
    assert (row.was, row.now_is, row.why, row.by, row.position) == (was, claim.reply_by, WHY, world.hana, position)
    assert heard == [row]
    assert InformationRequest.objects.get(claim=claim).reply_by == claim.reply_by
    card = turn_card.card(claim, membership=world.member(world.alice), zone="UTC", now=world.now)
    assert (
        "Reply-by was moved from Nov 27, 2026, 7:59 AM UTC to Nov 30, 2026, 7:59 AM UTC: the portal was down."
        in card.what
    )
    with pytest.raises(TransitionRefused):
        seller_actions.lapse(claim.pk, now=was + timedelta(days=1))


def test_appeal_by_is_moved_later_and_the_appeal_with_it(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    was = claim.appeal_by
    assert was is not None
    move(world, claim, was + timedelta(days=2), now=was + timedelta(hours=1))
    world.appeal(claim, days=(was - world.now) / timedelta(days=1) + 1)
    assert claim.stage == "APPEAL"


def test_a_deadline_that_passed_is_moved_to_later_than_now_only(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    was = claim.appeal_by
    assert was is not None
    now = was + timedelta(days=1)
    for to in (was + timedelta(hours=1), now):
        with pytest.raises(TransitionRefused) as refused:
            move(world, claim, to, now=now)
        assert refused.value.codes == (Refusal.NOT_LATER,)
    assert move(world, claim, now + timedelta(microseconds=1), now=now).was == was
    furthest = now + deadlines.MOST_LATER
    with pytest.raises(TransitionRefused) as refused:
        move(world, claim, furthest + timedelta(microseconds=1), now=now)
    assert refused.value.codes == (Refusal.TOO_FAR,)
    assert move(world, claim, furthest, now=now).now_is == furthest


def test_a_deadline_that_does_not_run_is_not_moved_while_another_does(world: World) -> None:
    asked, decided = world.claim(), world.claim()
    world.ask(asked)
    world.decide(decided, 0)
    for claim, deadline in ((asked, DeadlineMove.Deadline.APPEAL_BY), (decided, DeadlineMove.Deadline.REPLY_BY)):
        with pytest.raises(TransitionRefused) as refused:
            move(world, claim, world.at(90), deadline=deadline)
        assert refused.value.codes == (Refusal.NOT_ALLOWED_NOW,)


@pytest.mark.parametrize(
    ("days", "why", "code"),
    [
        (0, WHY, Refusal.NOT_LATER),
        (-1, WHY, Refusal.NOT_LATER),
        (3, " \x00 ", Refusal.WHY_MISSING),
        (366, WHY, Refusal.TOO_FAR),
        (20 * 365, WHY, Refusal.TOO_FAR),
    ],
)
def test_never_earlier_never_far_off_and_never_without_a_why(world: World, days: int, why: str, code: Refusal) -> None:
    claim = world.claim()
    world.ask(claim)
    assert claim.reply_by is not None
    with pytest.raises(TransitionRefused) as refused:
        move(world, claim, claim.reply_by + timedelta(days=days), why=why)
    assert refused.value.codes == (code,)
    assert not DeadlineMove.objects.exists()


def test_a_seller_moves_nothing_and_neither_does_who_only_reads(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    codes = []
    for actor in (seller_actor(world.member(world.alice)), desk_actor(world.ada)):
        with pytest.raises(TransitionRefused) as refused:
            move(world, claim, world.at(30), by=actor)
        codes.append(refused.value.codes)
    assert codes == [(Refusal.NOT_ALLOWED_NOW,), (Refusal.NOT_A_HANDLER,)]


def test_where_no_deadline_runs_there_is_none_to_move(world: World) -> None:
    for position, claim in world.in_every_position():
        runs = position.status is Status.AWAITING_SELLER or (claim.appeal_by is not None and not claim.granted_in_full)
        if runs:
            continue
        with pytest.raises(TransitionRefused):
            move(world, claim, world.at(60))


def test_the_record_of_a_move_stays_as_it_is(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    row = move(world, claim, world.at(20))
    for change in ({"why": "another"}, {"now_is": world.at(40)}):
        with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
            DeadlineMove.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        DeadlineMove.objects.filter(pk=row.pk).delete()
    assert DeadlineMove.objects.filter(pk=row.pk).update(why="", erased_at=world.now) == 1


@pytest.fixture
def today(db: None) -> World:
    """The cast as of this moment: the command reads the clock."""
    return World(now=timezone.now().replace(microsecond=0))


def extend(start: datetime, end: datetime, *options: str) -> Any:
    out = StringIO()
    call_command(
        "extend_deadlines", "--from", start.isoformat(), "--to", end.isoformat(), "--reason", WHY, *options,
        stdout=out, stderr=StringIO(),
    )  # fmt: skip
    return json.loads(out.getvalue()) if "--json" in options else out.getvalue()


def test_an_outage_moves_what_ended_in_it_and_nothing_else(today: World) -> None:
    inside, outside, decided = today.claim(today.refund(days=-20), days=-19), today.claim(), today.claim()
    today.ask(inside, days=-9)
    today.ask(outside, days=-1)
    today.decide(decided, 0, days=-4)
    line = today.refund(days=-31)
    was, closed, other = inside.reply_by, line.closes_at, outside.reply_by
    assert was is not None
    assert closed is not None
    start, end = min(was, closed) - timedelta(hours=2), max(was, closed) + timedelta(hours=2)
    tried = extend(start, end, "--dry-run", "--json")
    assert [one["claim_id"] for one in tried["claims"]] == [inside.claim_id]
    assert (tried["refund_lines"], Outage.objects.count(), DeadlineMove.objects.count()) == (1, 0, 0)
    assert extend(start, end, "--json") == {
        "moved": 1,
        "refund_lines_recomputed": RefundLine.objects.count(),
        "lapsed": [],
        "left": [],
    }
    for claim in (inside, outside):
        claim.refresh_from_db()
    assert inside.reply_by is not None
    assert inside.reply_by - max(end, today.now) >= was - start
    assert outside.reply_by == other
    line.refresh_from_db()
    assert line.closes_at is not None
    assert line.closes_at - end >= closed - start
    # Again it moves nothing, and neither does computing the windows anew.
    moved_to = line.closes_at
    assert extend(start, end, "--json")["moved"] == 0
    assert list(stored_windows.recompute_all(timezone.now())) == []
    line.refresh_from_db()
    assert (line.closes_at, DeadlineMove.objects.count(), Outage.objects.count()) == (moved_to, 1, 1)


def test_a_refund_whose_window_was_moved_can_be_claimed_until_then(today: World) -> None:
    line = today.refund(days=-31)
    assert line.closes_at is not None
    closed = line.closes_at
    assert closed < today.now
    extend(closed - timedelta(days=3), closed + timedelta(minutes=1))
    claim = today.claim(line, days=0)
    kept = claim.lines.get().closes_at
    assert kept is not None
    assert kept > today.now


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), WHY),
        (datetime(2126, 11, 1, tzinfo=UTC), datetime(2126, 11, 2, tzinfo=UTC), WHY),
        (datetime(2025, 11, 1, tzinfo=UTC), datetime(2125, 11, 1, tzinfo=UTC), WHY),
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC), "  "),
        (datetime(2026, 11, 1), datetime(2026, 11, 2, tzinfo=UTC), WHY),
    ],
    ids=["reversed", "in the future", "a wrong year", "no reason", "no zone"],
)
def test_an_outage_that_cant_be_is_refused(db: None, start: datetime, end: datetime, reason: str) -> None:
    with pytest.raises(CommandError):
        call_command(
            "extend_deadlines", "--from", start.isoformat(), "--to", end.isoformat(), "--reason", reason,
            stdout=StringIO(), stderr=StringIO(),
        )  # fmt: skip
    assert not Outage.objects.exists()
