"""The lifecycle matrix: (status, stage) × (status, stage) × party, in the table, in the database and in the verbs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from claims.decisions.confirm import confirm
from claims.management.commands.draw_lifecycle import drawing
from claims.models import ClockRule, StatusChange
from claims.rules.lifecycle import SYSTEM, TRANSITIONS, Actor, Party, Position, Stage, Status, Verb, refusals
from claims.workflow.transitions import desk_actor, facts_of
from messaging.notifications.enqueue import KINDS
from tests.cast import POSITIONS, World

EVERYWHERE: tuple[Position | None, ...] = (None, *(Position(s, t) for t in Stage for s in Status))
MOVING = tuple(dict.fromkeys(row.verb for row in TRANSITIONS))
EXPECTED = {
    # The lifecycle as it was decided, written out by hand: verb, party, from, to.
    "FILE SELLER - UNDER_INVESTIGATION/FIRST",
    *(f"IMPORT OUTSIDE - {status}/FIRST" for status in Status),
    *(f"REQUEST_INFORMATION DESK UNDER_INVESTIGATION/{s} AWAITING_SELLER/{s}" for s in Stage),
    *(f"REQUEST_INFORMATION DESK AWAITING_SELLER/{s} AWAITING_SELLER/{s}" for s in Stage),
    "CORRECT DESK GRANTED/FIRST GRANTED/FIRST",
    "CORRECT DESK DENIED/FIRST GRANTED/FIRST",
    *(f"REPLY SELLER AWAITING_SELLER/{s} UNDER_INVESTIGATION/{s}" for s in Stage),
    *(f"ACCEPT_MAIL DESK AWAITING_SELLER/{s} UNDER_INVESTIGATION/{s}" for s in Stage),
    *(f"GRANT DESK UNDER_INVESTIGATION/{s} GRANTED/{s}" for s in Stage),
    *(f"DENY DESK UNDER_INVESTIGATION/{s} DENIED/{s}" for s in Stage),
    *(f"LAPSE SYSTEM AWAITING_SELLER/{s} DENIED/{s}" for s in Stage),
    "LAPSE SYSTEM AWAITING_SELLER/APPEAL GRANTED/APPEAL",
    "APPEAL SELLER GRANTED/FIRST UNDER_INVESTIGATION/APPEAL",
    "APPEAL SELLER DENIED/FIRST UNDER_INVESTIGATION/APPEAL",
    "WITHDRAW SELLER UNDER_INVESTIGATION/FIRST WITHDRAWN/FIRST",
    "WITHDRAW SELLER AWAITING_SELLER/FIRST WITHDRAWN/FIRST",
}


def name(position: Position | None) -> str:
    return f"{position.status}/{position.stage}" if position else "-"


def test_the_table_is_the_lifecycle_that_was_decided() -> None:
    assert {f"{r.verb} {r.party} {name(r.source)} {name(r.target)}" for r in TRANSITIONS} == EXPECTED


def test_the_diagram_is_drawn_from_the_table() -> None:
    assert Path("docs/lifecycle.md").read_text(encoding="utf-8") == drawing()


def test_each_move_owes_an_email() -> None:
    assert set(KINDS) == {row.verb for row in TRANSITIONS} - {Verb.IMPORT}


@pytest.mark.parametrize("party", Party)
@pytest.mark.parametrize("source", EVERYWHERE, ids=name)
def test_the_database_takes_the_rows_of_the_table_and_no_other(
    world: World, source: Position | None, party: Party
) -> None:
    claim = world.claim()
    taken = set()
    for target in (Position(s, t) for t in Stage for s in Status):
        for verb in MOVING:
            try:
                with transaction.atomic():
                    StatusChange.objects.create(
                        seller=world.toys,
                        claim=claim,
                        position=900,
                        at=world.now,
                        verb=verb,
                        party=party,
                        from_status=source.status if source else "",
                        from_stage=source.stage if source else "",
                        to_status=target.status,
                        to_stage=target.stage,
                    )
                    taken.add(f"{verb} {party} {name(source)} {name(target)}")
                    transaction.set_rollback(True)
            except IntegrityError:
                continue
    assert taken == {one for one in EXPECTED if one.split(" ")[1:3] == [party, name(source)]}


@pytest.mark.parametrize("position", POSITIONS, ids=name)
def test_the_verbs_ask_the_same_table(world: World, position: Position) -> None:
    """Wherever a claim stands, the check lets exactly the party and the verbs of the table through."""
    claim = world.claim_at(position)
    actors: dict[Party, Actor] = {
        Party.SELLER: Actor(Party.SELLER, world.alice.pk),
        Party.DESK: Actor(Party.DESK, world.sam.pk, is_senior=True),
        Party.SYSTEM: SYSTEM,
        Party.OUTSIDE: Actor(Party.OUTSIDE),
    }
    if claim.assigned_to_id:
        claim.assigned_to = world.sam
    verbs = (Verb.REQUEST_INFORMATION, Verb.REPLY, Verb.GRANT, Verb.DENY, Verb.LAPSE, Verb.APPEAL, Verb.WITHDRAW)
    late = claim.reply_by and claim.reply_by + (world.at(1) - world.now)
    facts = facts_of(claim)
    for verb in verbs:
        for party, actor in actors.items():
            now = late if verb is Verb.LAPSE and late else world.now
            allowed = not refusals(verb, facts, actor, now)
            expected = any(one.startswith(f"{verb} {party} {name(position)} ") for one in EXPECTED)
            assert (verb, party, allowed) == (verb, party, expected)


@pytest.mark.parametrize("position", POSITIONS, ids=name)
def test_a_claim_is_where_its_last_change_says(world: World, position: Position) -> None:
    claim = world.claim_at(position)
    last: Any = claim.status_changes.order_by("position").last()
    assert (last.to_status, last.to_stage) == (claim.status, claim.stage)


def test_both_who_made_the_first_decision_are_first_deciders(world: World) -> None:
    newest = ClockRule.objects.latest("version")
    newest.pk, newest.version, newest.four_eyes_above_minor = None, newest.version + 1, 4000
    newest.save(force_insert=True)
    claim = world.claim()
    world.decide(claim, 5000)
    confirm(claim.pk, by=desk_actor(world.sam), now=world.at(-1.5))
    claim.refresh_from_db()
    world.appeal(claim)
    assert facts_of(claim).decided_by == {world.hana.pk, world.sam.pk}


def test_who_was_shut_out_is_nobody_who_could_decide_an_appeal(world: World) -> None:
    claim = world.claim_at(Position(Status.UNDER_INVESTIGATION, Stage.APPEAL))
    assert facts_of(claim).others_can_decide
    User.objects.filter(pk=world.sam.pk).update(is_active=False)
    assert not facts_of(claim).others_can_decide
