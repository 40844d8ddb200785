"""What the database refuses of decisions, proposals, what claims hold and payments told twice: raw SQL, a row each."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.groups import SENIOR_HANDLER
from accounts.models import User
from claims.models import Attachment, Claim, ClockRule, ProposedDecision, UnmatchedPayment
from claims.payments import match_payments
from claims.records import files_opened
from claims.rules.lifecycle import DecisionReason
from claims.workflow import desk_actions, move_deadline
from claims.workflow.transitions import desk_actor
from messaging.compose import verbs
from tests.cast import World
from tests.claims.models.test_constraints import refused, run

pytestmark = pytest.mark.django_db
LESS = ((DecisionReason.LESS_RESALE, {"detail": "half"}),)


@pytest.fixture
def decided(world: World) -> Claim:
    """Looked at, assigned, decided, given more time to appeal, corrected, appealed, granted more, paid."""
    world.now = timezone.now()
    claim = world.claim()
    desk_actions.take(claim.pk, user=world.hana, now=world.at(-5))
    files_opened.opened(Attachment.objects.filter(claim=claim).earliest("pk"), world.hana, world.at(-5))
    world.decide(claim, 3000, reasons=LESS)
    move_deadline.move_deadline(claim.pk, to=world.at(30), why="An outage.", by=desk_actor(world.sam), now=world.at(-2))
    claim.refresh_from_db()
    (line,) = claim.lines.all()
    more = {line.pk: verbs.LineDecision(4000, LESS)}
    sue = User.objects.create_user("sue@desk.example", is_staff=True)
    sue.groups.add(Group.objects.get(name=SENIOR_HANDLER))
    verbs.correct(claim_pk=claim.pk, user=sue, lines=more, words="Overlooked.", now=world.at(-2))
    claim.refresh_from_db()
    world.appeal(claim)
    world.decide(claim, 5000, by=world.sam, reasons=LESS, days=-1)
    world.pay(claim, 1000)
    told = match_payments.ReportedPayment(
        seller_id=claim.seller_id,
        source=match_payments.Source.SETTLEMENT,
        payment="of the order",
        amount_minor=1000,
        currency="USD",
        at=world.now,
        order_id=claim.order.order_id,
    )
    match_payments.record(told, world.now)
    assert UnmatchedPayment.objects.get(payment="of the order").entry_id is not None
    claim.refresh_from_db()
    return claim


@pytest.fixture
def proposed(world: World) -> ProposedDecision:
    clocks = ClockRule.objects.latest("version")
    clocks.pk, clocks.version = None, clocks.version + 1
    clocks.four_eyes_above_minor, clocks.four_eyes_currency = 5000, "USD"
    clocks.save(force_insert=True)
    claim = world.claim()
    world.decide(claim, 6000, reasons=LESS)
    return ProposedDecision.objects.get(claim=claim)


def copy(table: str, where: str = "true", **other: str) -> str:
    """A statement that puts in the first such row a second time, with another id and what `other` says in SQL."""
    values = {"id": f"(SELECT max(id) + 1 FROM {table})", **other}
    changed = ", ".join(f"'{column}', {value}" for column, value in values.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({changed}))).*"
        f" FROM {table} t WHERE {where} ORDER BY t.id LIMIT 1"
    )


@pytest.mark.parametrize(
    "table", ["claims_assignment", "claims_fileopened", "claims_decisionevidence", "claims_deadlinemove"]
)
def test_what_the_desk_did_is_kept_as_it_was(decided: Claim, table: str) -> None:
    assert "Cannot update" in refused(f"UPDATE {table} SET seller_id = seller_id")
    assert "rows from" in refused(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (copy("claims_decisionlinereason"), "decisionreason_once"),
        (copy("claims_decisionline"), "decisionline_once"),
        (copy("claims_decision", number="90", position="900", granted_minor="0"), "decision_status_is_its_amount"),
        (
            copy("claims_decision", number="90", position="900", confirmed_by_id="by_id"),
            "decision_confirmed_by_another",
        ),
        (copy("claims_decision", position="900"), "decision_number_once"),
        (copy("claims_decision", number="90"), "decision_position_once"),
        (copy("claims_decisionevidence"), "decisionevidence_once"),
        (copy("claims_deadlinemove", position="900", now_is="was"), "deadlinemove_later"),
        (copy("claims_ledgerentry", "kind = 'APPEAL_DELTA'"), "ledger_appeal_once"),
        (copy("claims_ledgerentry", "kind = 'CORRECTION'"), "ledger_correction_once"),
        (copy("claims_ledgerentry", "kind = 'PAID'"), "claims_ledgerentry_payment_key"),
        (copy("claims_unmatchedpayment", "source = 'SETTLEMENT'", payment="'again'"), "payment_told_once_a_source"),
        (copy("claims_claimline"), "claimline_once"),
        ("UPDATE claims_claimline SET held_minor = claimed_minor + 1", "claimline_holds_no_more_than_claimed"),
        ("UPDATE claims_claimline SET held_quantity = quantity + 1", "claimline_holds_no_more_than_claimed"),
        ("UPDATE claims_refundline SET held_minor = amount_minor + 1", "refundline_held_minor_within_refund"),
        ("UPDATE claims_refundline SET held_quantity = quantity + 1", "refundline_held_quantity_within_refund"),
        ("UPDATE claims_refundline SET amount_minor = amount_minor - 1", "refundline_amount_adds_up"),
    ],
)
def test_a_decision_that_contradicts_itself_is_refused(decided: Claim, statement: str, constraint: str) -> None:
    assert constraint in refused(statement)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("granted_minor = limit_minor", "proposal_needed"),
        ("sent_back_at = now()", "proposal_sent_back_says_why"),
        ("sent_back_at = now(), sent_back_by_id = by_id, sent_back_why = ''", "proposal_sent_back_says_why"),
    ],
)
def test_a_proposal_that_says_half_of_it_is_refused(proposed: ProposedDecision, change: str, constraint: str) -> None:
    assert constraint in refused(f"UPDATE claims_proposeddecision SET {change}")
    assert run(copy("messaging_internalnote")) == 1  # a copy by itself is no fault


def test_nothing_waits_for_a_second_handler_once_the_claim_is_over(world: World, proposed: ProposedDecision) -> None:
    over = "UPDATE claims_claim SET status = 'WITHDRAWN' WHERE id = %s"
    assert "claim_proposed_while_it_can_change" in refused(over, proposed.claim_id)


def test_what_one_claim_has_no_other_claim_gets(world: World, decided: Claim) -> None:
    """A second claim line on the same units, put in by hand, is refused by what the refund line holds."""
    other = world.claim()
    held = copy("claims_claimline", f"t.claim_id = {decided.pk}", claim_id=str(other.pk))
    assert "refundline_held" in refused(held)
