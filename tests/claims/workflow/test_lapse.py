"""The sweep that lapses claims, as beat and as an operator run it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from claims.claim_page import desk_card
from claims.models import Claim
from claims.rules.lifecycle import Status
from claims.signals import status_changed
from claims.tasks import lapse_overdue_claims
from claims.workflow import lapse
from tests.cast import World


@pytest.fixture
def world(db: None) -> World:
    """The cast as of this moment: the sweep itself reads the clock."""
    return World(now=timezone.now())


def asked(world: World, *, days: float) -> Claim:
    """A claim that the desk asked something about then."""
    claim = world.claim(world.refund(days=days - 2), days=days - 1)
    world.ask(claim, days=days)
    return claim


def test_sweep_lapses_what_is_overdue_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    overdue, asked_just_now = asked(world, days=-20), asked(world, days=0)
    call_command("lapse_overdue_claims", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out) == {"due": 1, "held": 0}
    assert [lapse_overdue_claims(), lapse_overdue_claims()] == [1, 0]
    for claim in (overdue, asked_just_now):
        claim.refresh_from_db()
    assert (overdue.status, asked_just_now.status) == (Status.DENIED, Status.AWAITING_SELLER)


def test_the_desk_reads_when_the_sweep_last_ran(world: World) -> None:
    def said() -> str:
        return desk_card.desk_card(claim, user=world.hana, zone="UTC", now=world.now + timedelta(hours=3)).what

    claim = asked(world, days=-10)
    assert claim.reply_by is not None and claim.reply_by < world.now
    assert said().endswith(" ago. The claim lapses at the next run.")
    lapse.sweep(claim.reply_by - timedelta(days=2))
    lapse.sweep(claim.reply_by)  # its grace still runs
    assert said().endswith(f" The claim lapses at the next run. Lapse last ran {said().split()[2]} days ago.")


def test_command_says_how_many(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    asked(world, days=-20)
    call_command("lapse_overdue_claims")
    call_command("lapse_overdue_claims")
    assert capsys.readouterr().out == "Lapsed 1 claim.\nLapsed 0 claims.\n"


def test_sweep_drains_more_than_a_batch_each_once(world: World) -> None:
    claims = [asked(world, days=-20) for _ in range(5)]
    done = lapse.sweep(world.now, batch=2)
    assert (done.lapsed, done.skipped, done.failed) == (5, 0, [])
    assert Claim.objects.filter(pk__in=[claim.pk for claim in claims], status=Status.DENIED).count() == 5


@pytest.fixture
def poisoned(world: World) -> Any:
    """A claim whose every change fails in a receiver, as a defect there would make it."""
    claim = asked(world, days=-21)

    def fail(claim: Claim, **_: Any) -> None:
        if claim.pk == poisoned_pk:
            raise ZeroDivisionError

    poisoned_pk = claim.pk
    status_changed.connect(fail, dispatch_uid="poison")
    yield claim
    status_changed.disconnect(dispatch_uid="poison")


def test_a_claim_that_fails_keeps_no_other_and_is_named(
    world: World, poisoned: Claim, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [asked(world, days=-20), asked(world, days=-19)]
    with pytest.raises(SystemExit) as ended:
        call_command("lapse_overdue_claims")
    assert ended.value.code == 1
    assert capsys.readouterr().out == f"Lapsed 2 claims. 1 failed, see the log: {poisoned.claim_id}.\n"
    with pytest.raises(RuntimeError, match=poisoned.claim_id):
        lapse_overdue_claims()
    for claim in (poisoned, *others):
        claim.refresh_from_db()
    assert [claim.status for claim in (poisoned, *others)] == [Status.AWAITING_SELLER, Status.DENIED, Status.DENIED]


def test_a_batch_goes_on_after_a_claim_that_fails_with_those_of_later_days(world: World, poisoned: Claim) -> None:
    for days in (-20, -20, -19):
        asked(world, days=days)
    done = lapse.sweep(world.now, batch=1)
    assert (done.lapsed, done.skipped, done.failed) == (3, 0, [poisoned.claim_id])


def test_a_claim_answered_by_e_mail_is_held_and_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    claim = asked(world, days=-20)
    Claim.objects.filter(pk=claim.pk).update(mail_reply_at=world.at(-19))
    call_command("lapse_overdue_claims")
    assert capsys.readouterr().out == (
        "Lapsed 0 claims. 1 held: the imported mail has an e-mail of the seller that may be the reply: "
        f"{claim.claim_id}.\n"
    )


def test_sweep_is_exact_at_the_instant(world: World) -> None:
    claim = asked(world, days=-3)
    assert claim.reply_by is not None
    at = claim.reply_by + timedelta(minutes=10)
    assert [lapse.sweep(moment).lapsed for moment in (at, at + timedelta(microseconds=1))] == [0, 1]
