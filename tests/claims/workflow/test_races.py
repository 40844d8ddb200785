"""Two at once: threads on PostgreSQL. One wins, the other is told, and nothing is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from claims import integrity
from claims.decisions.checks import LineDecision, NotDecided
from claims.filing import draft_check, file_claim
from claims.filing.file_claim import NotFiled
from claims.models import Claim, Decision, Draft, RefundLine
from claims.policy_loading import load
from claims.rules.eligibility import Cause
from claims.rules.lifecycle import DecisionReason, Ground, Refusal, Status, Verb
from claims.workflow import desk_actions, seller_actions
from claims.workflow.seller_actions import Objection
from claims.workflow.transitions import TransitionRefused, lock, seller_actor
from messaging.compose import verbs
from tests.cast import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; return what each returned or raised, in order."""
    results: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(120)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def locked(claim: Claim, act: Callable[[Claim], Any]) -> Any:
    """Do to the claim, under its lock, what a member's message does with it."""
    with transaction.atomic():
        return act(lock(claim.pk))


def refused(results: list[Any]) -> list[tuple[Refusal, ...]]:
    return [result.codes for result in results if isinstance(result, TransitionRefused)]


def test_two_decisions_at_once_make_one(world: World) -> None:
    claim = world.claim()
    (line,) = claim.lines.all()

    def decide(amount: int) -> Callable[[], Any]:
        reasons = () if amount == line.claimed_minor else ((DecisionReason.RETURN_IN_ORDER, {}),)
        verb = Verb.GRANT if amount else Verb.DENY
        return lambda: verbs.decide(
            claim_pk=claim.pk,
            user=world.hana,
            verb=verb,
            lines={line.pk: LineDecision(amount, reasons)},
            words="",
            now=world.now,
            version=claim.version,
        )

    results = at_once(decide(0), decide(8999))
    assert refused(results) == [(Refusal.CHANGED_MEANWHILE,)]
    assert Decision.objects.filter(claim=claim).count() == 1


def test_two_appeals_at_once_make_one(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)

    def act(user: User) -> Callable[[], Any]:
        actor = seller_actor(world.member(user))
        grounds = [Objection(Ground.FACTS, line) for line in seller_actions.open_to_objection(claim)]
        appeal = partial(seller_actions.appeal, by=actor, received_at=world.now, objections=grounds)
        return lambda: locked(claim, appeal)

    assert refused(at_once(act(world.alice), act(world.gus))) == [(Refusal.ALREADY_APPEALED,)]
    assert claim.appeals.count() == 1


def test_a_reply_in_time_and_the_lapse_end_as_one(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    reply_by = claim.reply_by
    assert reply_by is not None
    actor = seller_actor(world.member(world.alice))
    reply = partial(seller_actions.reply, by=actor, received_at=reply_by, slots=frozenset({"SERIAL_PHOTO"}))
    results = at_once(
        lambda: locked(claim, reply),
        lambda: seller_actions.lapse(claim.pk, now=reply_by + timedelta(minutes=11)),
    )
    claim.refresh_from_db()
    assert len(refused(results)) == 1
    assert claim.status == (Status.DENIED if isinstance(results[0], TransitionRefused) else Status.UNDER_INVESTIGATION)
    assert claim.status_changes.count() == 3


def test_the_same_draft_filed_four_times_is_one_claim(world: World) -> None:
    draft = world.draft()
    results = at_once(*[lambda: world.file(draft) for _ in range(4)])
    assert len({claim.claim_id for claim, _new in results}) == 1
    assert sorted(new for _claim, new in results) == [False, False, False, True]


def test_the_last_unit_is_claimed_once(world: World) -> None:
    line = world.refund()
    drafts = [world.draft(line, by=user) for user in (world.alice, world.gus)]
    rule = draft_check.review(drafts[0], world.now).rule
    assert rule is not None

    def act(draft: Draft) -> Callable[[], Any]:
        member = world.member(draft.user)
        return lambda: file_claim.file_claim(
            draft_uuid=draft.uuid, membership=member, now=world.now, accepted_rule=rule.pk
        )

    results = at_once(*[act(draft) for draft in drafts])
    (loser,) = [one for one in results if isinstance(one, NotFiled)]
    assert [said.code for said in loser.causes] == [Cause.ALREADY_CLAIMED]
    assert Claim.objects.count() == 1


def test_two_handlers_who_take_next_get_two_claims(world: World) -> None:
    world.claim()
    world.claim()
    results = at_once(
        *[(lambda user=user: desk_actions.take_next(user=user, now=world.now)) for user in (world.hana, world.sam)]
    )
    assert len({claim.pk for claim in results}) == 2


def test_fifty_threads_on_seven_units_hold_seven(world: World) -> None:
    line = world.refund(quantity=7, amount_minor=7000)
    claims = [world.claim() for _ in range(10)]

    def hold(number: int) -> Callable[[], Any]:
        def act() -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO claims_claimline (seller_id, claim_id, refund_line_id, quantity, reason,"
                    " claimed_minor, granted_minor, holds, asin, sku, sku_given, title)"
                    " VALUES (%s, %s, %s, 1, '', 1000, 0, true, '', '', true, '')",
                    [world.toys.pk, claims[number % 10].pk, line.pk],
                )

        return act

    # One line a claim and refund line is another constraint, so ten claims at a time try.
    passed = 0
    for start in range(0, 50, 10):
        passed += sum(one is None for one in at_once(*[hold(start + n) for n in range(10)]))
    assert passed == 7
    assert RefundLine.objects.get(pk=line.pk).held_quantity == 7


def test_what_is_held_is_refused_by_the_database_whoever_writes(world: World) -> None:
    line = world.refund()
    claim = world.claim(line)
    with pytest.raises(IntegrityError, match="refundline_held"):
        claim.lines.update(quantity=2)


def test_fifty_decisions_and_appeals_on_one_refund_line_never_pass_the_refund(world: World) -> None:
    """Seven of eight units are claimed one by one, decided and appealed by fifty threads at once, then raised again."""
    line = world.refund(quantity=8, amount_minor=8003)
    claims = [world.claim(line, quantity=1) for _ in range(7)]
    for claim in claims[:4]:
        world.decide(claim, 200, by=world.hana, days=-4)

    def decide(claim: Claim, amount: int) -> Callable[[], Any]:
        (row,) = claim.lines.all()
        reasons = ((DecisionReason.LESS_RESALE, {"detail": "1.00"}),) if amount < row.claimed_minor else ()
        lines = {row.pk: LineDecision(amount, reasons)}
        verb = Verb.GRANT if amount else Verb.DENY
        return lambda: verbs.decide(
            claim_pk=claim.pk, user=world.sam, verb=verb, lines=lines, words="", now=world.at(-3)
        )

    def appeal(claim: Claim) -> Callable[[], Any]:
        actor = seller_actor(world.member(world.alice))
        grounds = [Objection(Ground.FACTS, line.pk) for line in claim.lines.all()]
        file_appeal = partial(seller_actions.appeal, by=actor, received_at=world.at(-3), objections=grounds)
        return lambda: locked(claim, file_appeal)

    acts = [decide(claim, claim.claimed_minor) for claim in claims[4:] for _ in range(5)]
    acts += [decide(claim, 700) for claim in claims[4:] for _ in range(3)]
    acts += [appeal(claim) for claim in claims[:4] for _ in range(4)]
    acts += [decide(claim, claim.claimed_minor) for claim in claims[:4] for _ in range(3)][: 50 - len(acts)]
    assert len(acts) == 50
    results = at_once(*acts)
    unexpected = [one for one in results if isinstance(one, Exception) and not isinstance(one, TransitionRefused)]
    assert unexpected == []
    for claim in claims[:4]:
        claim.refresh_from_db()
        if claim.status == Status.UNDER_INVESTIGATION:
            decide(claim, claim.claimed_minor)()
    line.refresh_from_db()
    granted = sum(Claim.objects.filter(order=line.order).values_list("granted_minor", flat=True))
    assert granted <= line.held_minor <= line.amount_minor
    assert {name: found for name, found in integrity.broken().items() if found} == {}


def test_what_an_order_has_left_is_granted_once(world: World) -> None:
    """Two claims of one order, each good for what its cap leaves, decided at the same moment."""
    row = {
        "key": "us", "name": "US", "version": 1, "marketplace": "US", "trigger": "REFUND", "closes_after": 60,
        "clause": "c", "source": "s", "order_cap_minor": 10000, "order_cap_currency": "USD",
    }  # fmt: skip
    load.load({"rule": [row]})
    for _ in range(4):
        line = world.refund(amount_minor=8000)
        claims = [world.claim(line), world.claim(world.refund(amount_minor=8000))]
        # As if imported: the second holds nothing of the order's cap, which filing would have seen to.
        Claim.objects.filter(pk=claims[1].pk).update(order_id=line.order_id, refund_id=None)

        def decide(claim: Claim) -> Callable[[], Any]:
            lines = {row.pk: LineDecision(row.claimed_minor) for row in claim.lines.all()}
            return lambda: verbs.decide(
                claim_pk=claim.pk, user=world.sam, verb=Verb.GRANT, lines=lines, words="", now=world.at(-3)
            )

        results = at_once(*(decide(claim) for claim in claims))
        assert sum(isinstance(one, NotDecided) for one in results) == 1, results
        assert sum(Claim.objects.filter(order=line.order).values_list("granted_minor", flat=True)) == 8000
