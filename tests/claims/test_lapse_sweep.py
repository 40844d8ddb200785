"""The sweep that lapses claims, as beat and as an operator run it."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from claims.lifecycle import Status
from claims.models import Claim
from claims.tasks import lapse_overdue_claims
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
    assert json.loads(capsys.readouterr().out) == {"due": 1}
    assert [lapse_overdue_claims(), lapse_overdue_claims()] == [1, 0]
    for claim in (overdue, asked_just_now):
        claim.refresh_from_db()
    assert (overdue.status, asked_just_now.status) == (Status.DENIED, Status.AWAITING_SELLER)


def test_command_says_how_many(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    asked(world, days=-20)
    call_command("lapse_overdue_claims")
    call_command("lapse_overdue_claims")
    assert capsys.readouterr().out == "Lapsed 1 claims.\nLapsed 0 claims.\n"
