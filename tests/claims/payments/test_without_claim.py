"""A payment for a refund that nobody claimed: an operator says so, and the refund can't be claimed again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.groups import OPERATOR
from accounts.models import User
from claims import integrity
from claims.filing.file_claim import NotFiled
from claims.models import Claim, LedgerEntry, RefundLine, UnmatchedPayment
from claims.payments import match_payments, without_claim
from claims.payments.match_payments import NotSettled, ReportedPayment, Source
from claims.refunds import stored_eligibility
from claims.rules.eligibility import Cause
from tests.cast import World
from tests.claims.workflow.test_races import at_once
from tests.html import CheckingClient as Client


def operator() -> User:
    user = User.objects.create_user("olga@desk.example", "demo", is_staff=True, name="Olga")
    user.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    return user


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def olga(world_now: World) -> User:
    return operator()


def told(world: World, line: RefundLine, amount: int = 8999, source: Source = Source.SETTLEMENT, **other: Any) -> Any:
    values = {
        "seller_id": line.seller_id, "source": source, "payment": f"p{next(world.numbers)}", "amount_minor": amount,
        "currency": line.currency, "at": world.now, "order_id": line.order.order_id, "sku": line.sku,
    } | other  # fmt: skip
    match_payments.record(ReportedPayment(**values), world.now)
    return UnmatchedPayment.objects.get(payment=values["payment"])


def causes(line: RefundLine, world: World) -> list[Cause]:
    fresh = RefundLine.objects.select_related("order", "refund", "seller").get(pk=line.pk)
    return [said.code for said in stored_eligibility.assess_lines([fresh], None, world.now)[0].causes]


def test_what_was_paid_without_a_claim_is_said_everywhere_and_cannot_be_claimed(
    client: Client, world_now: World, olga: User
) -> None:
    line = world_now.refund()
    draft = world_now.draft(line)
    row = told(world_now, line)
    client.force_login(olga)
    page = client.get("/admin/desk/payments/")
    (shown,) = page.context["rows"]
    assert [(one["sku"], one["refunded"], one["exact"]) for one in shown["refunds"]] == [(line.sku, "89.99 USD", True)]
    client.post(f"/admin/desk/payments/{row.pk}/", {"unclaimed": "1", "refund": str(line.pk)})
    row.refresh_from_db()
    line.refresh_from_db()
    assert (row.outcome, row.refund_line, row.settled_by, row.entry) == ("NO_CLAIM", line, olga, None)
    assert (line.reimbursed_minor, line.reimbursed_at, line.against) == (8999, world_now.now, "ALREADY_REIMBURSED")
    assert causes(line, world_now) == [Cause.ALREADY_REIMBURSED]
    with pytest.raises(NotFiled):
        world_now.file(draft, days=0)
    assert not Claim.objects.exists() and not LedgerEntry.objects.exists()
    client.force_login(world_now.alice)
    refunds = client.get("/refunds/?tab=not-claimable").content.decode()
    assert "You were already reimbursed 89.99 USD for this refund on" in refunds and ", without a claim." in refunds
    assert {name: ids for name, ids in integrity.broken().items() if ids} == {}


def test_a_part_that_was_paid_leaves_the_rest_to_be_claimed(world_now: World, olga: User) -> None:
    line = world_now.refund()
    without_claim.confirm(told(world_now, line, 3000).pk, line_pk=line.pk, by=olga, now=world_now.now)
    assert causes(line, world_now) == []
    without_claim.confirm(told(world_now, line, 5999).pk, line_pk=line.pk, by=olga, now=world_now.now)
    assert causes(line, world_now) == [Cause.ALREADY_REIMBURSED]


def test_a_payment_that_is_taken_back_opens_the_refund_again(world_now: World, olga: User) -> None:
    line = world_now.refund()
    back = told(world_now, line, -8999)
    with pytest.raises(NotSettled, match="MORE_THAN_PAID"):
        without_claim.confirm(back.pk, line_pk=line.pk, by=olga, now=world_now.now)
    without_claim.confirm(told(world_now, line).pk, line_pk=line.pk, by=olga, now=world_now.now)
    without_claim.confirm(back.pk, line_pk=line.pk, by=olga, now=world_now.now)
    line.refresh_from_db()
    assert (line.reimbursed_minor, line.against, causes(line, world_now)) == (0, "", [])


@pytest.mark.parametrize("later", [False, True])
def test_the_same_payment_told_by_another_source_counts_once(world_now: World, olga: User, later: bool) -> None:
    line = world_now.refund()
    first = told(world_now, line)
    other = None if later else told(world_now, line, source=Source.DATE_RANGE, at=world_now.now + timedelta(days=1))
    without_claim.confirm(first.pk, line_pk=line.pk, by=olga, now=world_now.now)
    other = other or told(world_now, line, source=Source.DATE_RANGE, at=world_now.now + timedelta(days=1))
    other.refresh_from_db()
    line.refresh_from_db()
    assert (other.outcome, other.same_as, line.reimbursed_minor) == ("SAME", first, 8999)
    again = told(world_now, line, at=world_now.now + timedelta(hours=1))  # a second payment of the same source
    assert again.outcome == ""
    assert {name: ids for name, ids in integrity.broken().items() if ids} == {}


def test_what_does_not_fit_is_a_sentence_and_changes_nothing(client: Client, world_now: World, olga: User) -> None:
    claimed, free, rival = world_now.refund(), world_now.refund(), world_now.refund(seller=world_now.lamps)
    world_now.claim(claimed)
    client.force_login(olga)
    for line, sent, said in (
        (claimed, claimed.pk, "That refund has a claim. Book the payment on it."),
        (free, claimed.pk, "Choose the refund of this order that it was paid for."),
        (free, rival.pk, "Choose the refund of this order that it was paid for."),
        (free, "x\x00", "Choose the refund of this order that it was paid for."),
        (free, "9" * 40, "Choose the refund of this order that it was paid for."),
    ):
        row = told(world_now, line)
        client.post(f"/admin/desk/payments/{row.pk}/", {"unclaimed": "1", "refund": str(sent)})
        assert said in client.get("/admin/desk/payments/").content.decode()
        row.refresh_from_db()
        assert row.outcome == ""
    euros = told(world_now, free, currency="EUR")
    with pytest.raises(NotSettled, match="OTHER_CURRENCY"):
        without_claim.confirm(euros.pk, line_pk=free.pk, by=olga, now=world_now.now)
    with pytest.raises(NotSettled, match="NOT_ALLOWED"):
        without_claim.confirm(euros.pk, line_pk=free.pk, by=world_now.hana, now=world_now.now)


def test_the_database_holds_what_a_payment_was_for(world_now: World, olga: User) -> None:
    line, other = world_now.refund(), world_now.refund(seller=world_now.lamps)
    row = told(world_now, line)
    for statement, constraint in (
        (f"UPDATE claims_unmatchedpayment SET refund_line_id = {line.pk}", "payment_settled_or_waiting"),
        ("UPDATE claims_refundline SET reimbursed_minor = -1", "refundline_reimbursed_not_negative"),
        (
            f"UPDATE claims_unmatchedpayment SET outcome = 'NO_CLAIM', matched_at = now(), settled_by_id = {olga.pk},"
            f" refund_line_id = {other.pk}",
            "claims_unmatchedpayment_refund_line_same_seller",
        ),
    ):
        with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
            run(statement)
    without_claim.confirm(row.pk, line_pk=line.pk, by=olga, now=world_now.now)
    for change in ("amount_minor = 1", "refund_line_id = NULL, outcome = '', matched_at = NULL"):
        with pytest.raises(DatabaseError, match="what a payment was for does not change"), transaction.atomic():
            run(f"UPDATE claims_unmatchedpayment SET {change}")


def run(statement: str) -> None:
    """Run it with all constraints at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_claim_filed_while_it_is_confirmed_is_either_first_or_refused(transactional_db: None) -> None:
    world = World(now=timezone.now())
    olga = operator()

    def filed(draft: Any) -> Callable[[], Any]:
        return lambda: world.file(draft, days=0)

    def confirmed(row: Any, line: RefundLine) -> Callable[[], Any]:
        return lambda: without_claim.confirm(row.pk, line_pk=line.pk, by=olga, now=world.now)

    for _turn in range(4):
        line = world.refund()
        draft, row = world.draft(line), told(world, line)
        results = at_once(filed(draft), confirmed(row, line))
        lost = [one for one in results if isinstance(one, Exception)]
        assert len(lost) == 1 and isinstance(lost[0], NotFiled | NotSettled)
        line.refresh_from_db()
        assert (line.reimbursed_minor == 0) == (line.held_quantity == 1)
    assert {name: ids for name, ids in integrity.broken().items() if ids} == {}
