"""A correction that passes the amount one handler decides alone: it waits for a second one, and counts once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from claims import integrity
from claims.decisions.checks import LineDecision, NotDecided
from claims.decisions.confirm import confirm
from claims.models import Claim, ClockRule, Decision, LedgerEntry, ProposedDecision
from claims.rules.lifecycle import DecisionReason, Ground, Refusal, Status, Verb
from claims.workflow import seller_actions
from claims.workflow.seller_actions import Objection
from claims.workflow.transitions import TransitionRefused, desk_actor, seller_actor
from messaging.compose import verbs
from messaging.compose.verbs import SentMessage
from messaging.models import InternalNote, OutgoingEmail
from messaging.thread.notes import note_words
from tests.cast import World
from tests.claims.workflow.test_races import at_once, locked, refused
from tests.desk.pages import QUEUE, address, made_from
from tests.html import CheckingClient as Client

LESS = ((DecisionReason.LESS_RESALE, {"detail": "half"}),)
WHY = "We had overlooked the repair bill."


def two_pairs_of_eyes(above: int = 5000) -> None:
    newest = ClockRule.objects.latest("version")
    newest.pk, newest.version, newest.four_eyes_above_minor = None, newest.version + 1, above
    newest.save(force_insert=True)


@pytest.fixture
def world(world: World) -> World:
    world.now = timezone.now()
    two_pairs_of_eyes()
    return world


def decided(world: World, amount: int = 4000) -> Claim:
    claim = world.claim()
    world.decide(claim, amount, reasons=LESS if amount else ((DecisionReason.RETURN_IN_ORDER, {}),))
    return claim


def raised(world: World, claim: Claim, to: int, by: User | None = None, version: int | None = None) -> SentMessage:
    (line,) = claim.lines.all()
    reasons = LESS if to < line.claimed_minor else ()
    return verbs.correct(
        claim_pk=claim.pk, user=by or world.sam, lines={line.pk: LineDecision(to, reasons)}, words=WHY, now=world.now,
        version=version,
    )  # fmt: skip


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def booked(claim: Claim) -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.filter(claim=claim).order_by("pk").values_list("kind", "amount_minor"))


@pytest.mark.parametrize("first", [4000, 0])
def test_above_the_amount_a_correction_waits_whoever_decided_before(world: World, first: int) -> None:
    claim = decided(world, first)
    mails, appeal_by = OutgoingEmail.objects.filter(claim=claim).count(), claim.appeal_by
    assert raised(world, claim, 8999).waits
    claim.refresh_from_db()
    assert (claim.status, claim.granted_minor, claim.proposed_by, claim.appeal_by, claim.assigned_to) == (
        Status.GRANTED if first else Status.DENIED, first, world.sam, appeal_by, None,
    )  # fmt: skip
    assert (claim.decisions.count(), OutgoingEmail.objects.filter(claim=claim).count()) == (1, mails)
    assert note_words(InternalNote.objects.get(claim=claim), claim.currency) == (
        "Proposed as a correction: 89.99 USD. A second handler confirms."
    )
    confirm(claim.pk, by=desk_actor(world.hana), now=world.now)
    claim.refresh_from_db()
    made = claim.decisions.order_by("number").last()
    assert made is not None
    assert (made.number, made.by, made.confirmed_by, made.words) == (2, world.sam, world.hana, WHY)
    assert (claim.status, claim.granted_minor, claim.proposed_by, claim.appeal_by) == ("GRANTED", 8999, None, None)
    assert booked(claim)[-1] == ("CORRECTION", 8999 - first)
    assert not ProposedDecision.objects.exists()
    assert OutgoingEmail.objects.filter(claim=claim, kind="decision-corrected", user=world.alice).count() == 1
    assert {name: rows for name, rows in integrity.broken().items() if rows} == {}


def test_what_stays_at_or_below_the_amount_is_corrected_at_once(world: World) -> None:
    claim = decided(world)
    assert not raised(world, claim, 5000).waits
    claim.refresh_from_db()
    assert (claim.granted_minor, claim.proposed_by) == (5000, None)
    assert raised(world, claim, 5001).waits


def test_nobody_confirms_their_own_correction(world: World) -> None:
    claim = decided(world)
    raised(world, claim, 8999)
    for act in (
        lambda: confirm(claim.pk, by=desk_actor(world.sam), now=world.now),
        lambda: verbs.send_back_decision(claim_pk=claim.pk, user=world.sam, why="No.", now=world.now),
    ):
        with pytest.raises(TransitionRefused) as error:
            act()
        assert error.value.codes == (Refusal.NEEDS_SECOND,)
    page = client_of(world.sam).get(address(claim, "confirm"))
    assert page.context["wrong"] == [
        "Above 50.00 USD two people decide. This decision was yours, so another handler confirms it."
    ]


def test_the_second_handler_finds_reads_and_confirms_it(world: World) -> None:
    claim, other = decided(world), decided(world)
    sam, hana = client_of(world.sam), client_of(world.hana)
    (line,) = claim.lines.all()
    form = sam.get(address(claim, "correct"))
    assert form.context["waits"] == "50.00 USD"
    sent = {**made_from(form), f"amount-{line.pk}": "60", f"reason-{line.pk}-LESS_RESALE": "1",
            f"detail-{line.pk}-LESS_RESALE": "a third", "words": WHY}  # fmt: skip
    done = sam.post(address(claim, "correct"), sent, follow=True)
    assert [str(one) for one in done.context["messages"]] == ["Proposed. A second handler confirms it."]
    queue = hana.get(QUEUE + "?queue=confirm")
    assert [(row.claim_id, row.turn) for row in queue.context["rows"]] == [
        (claim.claim_id, "Waiting for a second handler")
    ]
    assert Verb.CONFIRM not in hana.get(address(other)).context["card"].verbs
    card = hana.get(address(claim)).context["card"]
    assert (card.headline, {Verb.CONFIRM, Verb.SEND_BACK} <= set(card.verbs)) == ("Waiting for a second handler", True)
    assert card.what.startswith("Sam Whitfield proposes to raise it to 60.00 USD; above 50.00 USD two people decide.")
    page = hana.get(address(claim, "confirm"))
    assert (page.context["preview"].title, page.context["preview"].rows[0].granted) == (
        "Decision corrected: Granted in part", "60.00 USD",
    )  # fmt: skip
    assert page.context["in_force"].rows[0].granted == "40.00 USD"
    hana.post(address(claim, "confirm"), {**made_from(page), "confirm": "1"})
    claim.refresh_from_db()
    assert claim.granted_minor == 6000
    assert hana.get(QUEUE + "?queue=confirm").context["rows"] == []


def test_a_correction_is_sent_back_with_a_reason_and_taken_up_again(world: World) -> None:
    claim = decided(world)
    raised(world, claim, 6000)
    verbs.send_back_decision(claim_pk=claim.pk, user=world.hana, why="The bill is for 70.", now=world.now)
    claim.refresh_from_db()
    assert (claim.proposed_by, claim.status, claim.granted_minor) == (None, Status.GRANTED, 4000)
    form = client_of(world.sam).get(address(claim, "correct"))
    assert (form.context["words"], form.context["rows"][0]["typed"], form.context["proposal"].why) == (
        WHY, "60.00", "The bill is for 70.",
    )  # fmt: skip
    raised(world, claim, 7000)
    confirm(claim.pk, by=desk_actor(world.hana), now=world.now)
    claim.refresh_from_db()
    assert claim.granted_minor == 7000


def test_an_appeal_ends_what_was_proposed_and_a_message_makes_the_form_stale(world: World) -> None:
    claim = decided(world)
    raised(world, claim, 8999)
    hana = client_of(world.hana)
    page = hana.get(address(claim, "confirm"))
    world.message(claim, text="Here is the bill.")
    stale = hana.post(address(claim, "confirm"), {**made_from(page), "confirm": "1"})
    assert [str(change.said) for change in stale.context["changes"]] == ["Here is the bill."]
    world.appeal(claim)
    claim.refresh_from_db()
    assert (claim.proposed_by, ProposedDecision.objects.count(), claim.granted_minor) == (None, 0, 4000)
    with pytest.raises(TransitionRefused) as error:
        confirm(claim.pk, by=desk_actor(world.hana), now=world.now)
    assert error.value.codes == (Refusal.NOT_ALLOWED_NOW,)


def test_what_no_longer_fits_is_not_confirmed(world: World) -> None:
    """What was proposed is held against the claim as it is when it is confirmed."""
    claim = decided(world)
    raised(world, claim, 8999)
    proposal = ProposedDecision.objects.get()
    proposal.lines[0]["amount"] = 9999
    proposal.save()
    with pytest.raises(NotDecided):
        confirm(claim.pk, by=desk_actor(world.hana), now=world.now)
    claim.refresh_from_db()
    assert (claim.granted_minor, claim.proposed_by) == (4000, world.sam)


def test_nothing_waits_on_a_claim_that_can_no_longer_change(world: World) -> None:
    """Raw SQL: no proposal on a claim that waits for its seller, was withdrawn, or is final."""
    asked, final = world.claim(), decided(world)
    world.ask(asked)
    world.appeal(final)
    world.decide(final, 4000, by=world.sam, reasons=LESS)
    for claim in (asked, final):
        refuses = pytest.raises(IntegrityError, match="claim_proposed_while_it_can_change")
        with refuses, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE claims_claim SET proposed_by_id = %s WHERE id = %s", [world.sam.pk, claim.pk])


@pytest.fixture
def threads(transactional_db: None) -> World:
    world = World(now=timezone.now())
    two_pairs_of_eyes()
    return world


def sound(claim: Claim) -> None:
    """The ledger adds up to what the claim says, and nothing waits any more."""
    claim.refresh_from_db()
    assert sum(minor for kind, minor in booked(claim) if kind not in ("CLAIMED", "PAID")) == claim.granted_minor
    assert {name: rows for name, rows in integrity.broken().items() if rows} == {}


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_leave_one_proposal(threads: World) -> None:
    world, claim = threads, decided(threads)
    sue = User.objects.create_user("sue@desk.example", "demo", name="Sue", is_staff=True)
    sue.groups.set(world.sam.groups.all())
    results = at_once(
        lambda: raised(world, claim, 6000, by=world.sam, version=claim.version),
        lambda: raised(world, claim, 7000, by=sue, version=claim.version),
    )
    assert refused(results) == [(Refusal.CHANGED_MEANWHILE,)]
    claim.refresh_from_db()
    assert ProposedDecision.objects.get().by_id == claim.proposed_by_id
    sound(claim)


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_and_one_who_sends_back_at_once_are_one_answer(threads: World) -> None:
    world, claim = threads, decided(threads)
    raised(world, claim, 8999)
    joe = User.objects.create_user("joe@desk.example", "demo", name="Joe", is_staff=True)
    joe.groups.set(world.hana.groups.all())
    results = at_once(
        lambda: confirm(claim.pk, by=desk_actor(world.hana), now=world.now),
        lambda: confirm(claim.pk, by=desk_actor(joe), now=world.now),
        lambda: verbs.send_back_decision(claim_pk=claim.pk, user=joe, why="Not yet.", now=world.now),
    )
    assert refused(results) == [(Refusal.NOT_ALLOWED_NOW,)] * 2
    sound(claim)
    sent_back = results[2] is None
    assert (claim.granted_minor, claim.decisions.count()) == ((4000, 1) if sent_back else (8999, 2))


@pytest.mark.django_db(transaction=True)
def test_a_correction_confirmed_while_the_seller_appeals_is_either_in_time_or_overtaken(threads: World) -> None:
    world = threads
    for _turn in range(4):
        claim = decided(world)
        raised(world, claim, 6000)
        results = at_once(partial(_confirm, world, claim), partial(_appeal, world, claim))
        assert not isinstance(results[1], Exception)
        sound(claim)
        overtaken = isinstance(results[0], TransitionRefused)
        granted, decisions = (4000, 1) if overtaken else (6000, 2)
        assert (claim.stage, claim.granted_minor, claim.proposed_by_id) == ("APPEAL", granted, None)
        assert Decision.objects.filter(claim=claim).count() == decisions


def _confirm(world: World, claim: Claim) -> object:
    return confirm(claim.pk, by=desk_actor(world.hana), now=world.now)


def _appeal(world: World, claim: Claim) -> object:
    grounds = [Objection(Ground.FACTS, line) for line in seller_actions.open_to_objection(claim)]
    actor = seller_actor(world.member(world.alice))
    return locked(claim, partial(seller_actions.appeal, by=actor, received_at=world.now, objections=grounds))


@pytest.mark.django_db(transaction=True)
def test_an_appeal_that_adds_money_waits_and_is_confirmed_once_by_neither_decider(threads: World) -> None:
    world, claim = threads, decided(threads)
    people = {}
    for name in ("joe", "liu"):
        people[name] = User.objects.create_user(f"{name}@desk.example", "demo", name=name, is_staff=True)
        people[name].groups.set(world.hana.groups.all())
    world.appeal(claim)
    assert world.decide(claim, 8999, by=world.sam).waits

    def confirmed_by(user: User) -> Callable[[], object]:
        return lambda: confirm(claim.pk, by=desk_actor(user), now=world.now)

    results = at_once(*(confirmed_by(user) for user in (world.hana, world.sam, people["joe"], people["liu"])))
    codes = refused(results)
    assert len(codes) == 3 and isinstance(results[0], TransitionRefused) and isinstance(results[1], TransitionRefused)
    sound(claim)
    assert (claim.status, claim.granted_minor, claim.decisions.count()) == ("GRANTED", 8999, 2)
