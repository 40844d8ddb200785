"""How much can be claimed: the order's cap, percent of its value, the return shipping in it; filed and decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from claims.decisions.checks import Contradiction, NotDecided
from claims.filing import draft_check
from claims.filing.draft_check import MissingField
from claims.filing.file_claim import NotFiled
from claims.models import RefundComponent
from claims.policy_loading import load
from claims.refunds import limits
from claims.rules.eligibility import Cause
from claims.rules.lifecycle import DecisionReason, Reason, Slot
from claims.rules.policy import Cap, Component, OrderMoney, Rule, Trigger, left_of_order_cap, most_claimable
from tests.cast import World

RULE = Rule(
    "us", 1, "US", Trigger.REFUND, 0, 60, reason="DAMAGED", percent_cap=50, order_cap_minor=500000,
    order_cap_currency="USD",
)  # fmt: skip
ROW = {
    "version": 1, "marketplace": "US", "trigger": "REFUND", "closes_after": 60, "clause": "c", "source": "s",
    "order_cap_minor": 10000, "order_cap_currency": "USD",
}  # fmt: skip


@pytest.mark.parametrize(
    ("refunded", "value", "claimed", "most", "cap"),
    [
        (10000, 30000, {}, 10000, Cap.REFUNDED),
        (10000, 15000, {}, 7500, Cap.PERCENT_CAP),
        (10000, 15001, {}, 7500, Cap.PERCENT_CAP),
        (10000, 15000, {"DAMAGED": 7000}, 500, Cap.PERCENT_CAP),
        (10000, 15000, {"DAMAGED": 9000}, 0, Cap.PERCENT_CAP),
        (10000, 15000, {"PARTS": 7000}, 7500, Cap.PERCENT_CAP),
        (10000, None, {}, 10000, Cap.REFUNDED),
        (900000, None, {}, 500000, Cap.ORDER_CAP),
        (900000, 1200000, {"PARTS": 499999}, 1, Cap.ORDER_CAP),
        (0, 15000, {}, 0, Cap.REFUNDED),
        (-5, 15000, {}, 0, Cap.REFUNDED),
    ],
)
def test_the_tightest_limit_binds_and_is_named(
    refunded: int, value: int | None, claimed: dict[str, int], most: int, cap: Cap
) -> None:
    found = most_claimable(RULE, refunded, OrderMoney("USD", value, claimed))
    assert (found.minor, found.cap) == (most, cap)


def test_a_cap_in_another_currency_binds_nobody() -> None:
    assert most_claimable(RULE, 900000, OrderMoney("EUR")).minor == 900000


@pytest.mark.parametrize(("shipping", "most"), [(None, 10000), (599, 599), (0, 0)])
def test_return_shipping_is_claimed_against_its_part(shipping: int | None, most: int) -> None:
    rule = replace(RULE, reason="SHIPPING", percent_cap=None, component=Component.RETURN_SHIPPING)
    assert most_claimable(rule, 10000, OrderMoney("USD"), shipping).minor == most


def test_shipping_limits_no_claim_that_is_not_about_it() -> None:
    assert most_claimable(replace(RULE, percent_cap=None), 10000, OrderMoney("USD"), 599).minor == 10000


def test_without_a_rule_all_that_was_refunded_is_the_most() -> None:
    found = most_claimable(None, 900000, OrderMoney("USD", 1000, {"DAMAGED": 900}), 599)
    assert (found.minor, found.cap) == (900000, Cap.REFUNDED)
    assert left_of_order_cap(None, OrderMoney("USD")) is None


def test_a_rule_without_a_cap_leaves_no_room_to_measure() -> None:
    assert left_of_order_cap(replace(RULE, order_cap_minor=None), OrderMoney("USD")) is None
    assert left_of_order_cap(RULE, OrderMoney("USD", None, {"PARTS": 500001})) == 0


def test_a_share_under_a_rule_for_all_reasons_counts_what_any_claim_holds() -> None:
    held = {"DAMAGED": 3000, "PARTS": 4000}
    assert most_claimable(replace(RULE, reason=None), 10000, OrderMoney("USD", 20000, held)).minor == 3000
    assert most_claimable(RULE, 10000, OrderMoney("USD", 20000, held)).minor == 7000


def test_a_claim_is_filed_for_the_most_there_is_and_no_more(world: World) -> None:
    load.load({"rule": [{**ROW, "key": "us", "name": "US", "reason": "DAMAGED", "percent_cap": 50}]})
    line = world.refund(amount_minor=9000)
    line.order.amount_minor, line.order.currency = 9000, "USD"
    line.order.save()
    claim = world.claim(line, reason=Reason.DAMAGED)
    row = claim.lines.get()
    assert (claim.claimed_minor, row.cap_minor, row.cap_code) == (4500, 4500, Cap.PERCENT_CAP)
    other = world.draft(world.refund(amount_minor=9000), reason=Reason.DAMAGED)
    other.choices = {**other.choices, "amounts": {other.refund.lines.get().sku: 9001}}
    other.save()
    with pytest.raises(NotFiled) as refused:
        world.file(other)
    assert [(p.code, p.params["most"].cap) for p in refused.value.problems] == [(MissingField.AMOUNT, Cap.REFUNDED)]
    other.choices["amounts"] = dict.fromkeys(other.choices["amounts"], 1200)
    other.save()
    assert world.file(other)[0].claimed_minor == 1200


def test_lines_of_an_order_share_its_cap_until_nothing_is_left(world: World) -> None:
    load.load({"rule": [{**ROW, "key": "us", "name": "US"}]})
    first = world.refund(amount_minor=8000)
    second = world.refund(amount_minor=8000, order=first.order, days=-9)
    third = world.refund(amount_minor=8000, order=first.order, days=-8)
    assert world.claim(first).claimed_minor == 8000
    claim = world.claim(second)
    assert (claim.claimed_minor, claim.lines.get().cap_code) == (2000, Cap.ORDER_CAP)
    review = draft_check.review(world.draft(third), world.now)
    assert [said.code for said in review.causes] == [Cause.ORDER_CAP_REACHED]


def test_a_decision_gives_no_more_than_the_order_has_left(world: World) -> None:
    """Imported claims hold no cap when they are made: a decision on a later one still keeps it."""
    load.load({"rule": [{**ROW, "key": "us", "name": "US"}]})
    line = world.refund(amount_minor=8000)
    claim = world.claim(line)
    other = world.claim(world.refund(amount_minor=9000))
    other.order_id = line.order_id
    type(other).objects.filter(pk=other.pk).update(order_id=line.order_id, refund_id=None)
    world.decide(other)
    lines = list(claim.lines.all())
    assert limits.most_grantable(claim, lines).claim.minor == 1000
    with pytest.raises(NotDecided) as refused:
        world.decide(claim)
    assert [(p.code, p.params["max"]) for p in refused.value.problems] == [(Contradiction.ABOVE_ORDER_CAP, 1000)]
    world.decide(claim, 1000, reasons=((DecisionReason.LESS_ORDER_CAP, {"detail": "100.00 USD"}),))
    assert claim.granted_minor == 1000


def test_units_claimed_one_by_one_under_a_cap_come_to_no_more_than_their_share(world: World) -> None:
    load.load({"rule": [{**ROW, "key": "us", "name": "US", "order_cap_minor": 300000, "reason": "DAMAGED",
                             "percent_cap": 10}]})  # fmt: skip
    line = world.refund(quantity=2, amount_minor=10000)
    line.order.amount_minor, line.order.currency = 10000, "USD"
    line.order.save()
    assert world.claim(line, reason=Reason.DAMAGED).claimed_minor == 1000
    assert world.claim(line, reason=Reason.DIFFERENT).claimed_minor == 5000


def test_what_isnt_covered_says_so(world: World) -> None:
    load.load({"rule": [
        {**ROW, "key": "no-parts", "name": "No parts", "reason": "PARTS", "covered": False},
        {**ROW, "key": "no-lost", "name": "No lost", "reason": "NOT_RETURNED", "sub_reason": "LOST_IN_RETURN",
         "covered": False},
    ]})  # fmt: skip
    drafts = [world.draft(reason=Reason.PARTS), world.draft(reason=Reason.NOT_RETURNED)]
    drafts[1].choices = {**drafts[1].choices, "sub_reason": "LOST_IN_RETURN"}
    causes = [[said.code for said in draft_check.review(draft, world.now).causes] for draft in drafts]
    assert causes == [[Cause.REASON_NOT_COVERED], [Cause.LOST_IN_RETURN]]


def test_the_rule_says_which_evidence_is_needed(world: World) -> None:
    load.load({"rule": [{**ROW, "key": "us-no-return", "name": "US", "reason": "NO_RETURN_ASKED",
                             "required": ["BUYER_MESSAGES"], "recommended": ["LABEL_INVOICE"]}]})  # fmt: skip
    draft = world.draft(reason=Reason.NO_RETURN_ASKED)
    with pytest.raises(NotFiled) as refused:
        world.file(draft)
    assert [(p.code, p.params.get("slot")) for p in refused.value.problems] == [
        (MissingField.SLOT, Slot.BUYER_MESSAGES)
    ]
    world.add_file(draft, Slot.BUYER_MESSAGES)
    claim, _ = world.file(draft)
    assert draft_check.missing_slots(
        Reason.NO_RETURN_ASKED, {}, claim.policy_rule.as_rule() if claim.policy_rule else None
    ) == [Slot.BUYER_MESSAGES]


def test_parts_of_a_refund_that_are_known_limit_a_claim_for_return_shipping(world: World) -> None:
    load.load({"rule": [{**ROW, "key": "us-ship", "name": "US", "reason": "SHIPPING",
                             "component": "RETURN_SHIPPING"}]})  # fmt: skip
    line = world.refund()
    for kind, minor in (("PRINCIPAL", 8400), ("RETURN_SHIPPING", 599)):
        RefundComponent.objects.create(seller=world.toys, line=line, kind=kind, amount_minor=minor)
    assert world.claim(line, reason=Reason.SHIPPING).claimed_minor == 599
    bare = world.refund()
    RefundComponent.objects.create(seller=world.toys, line=bare, kind="PRINCIPAL", amount_minor=8999)
    with pytest.raises(NotFiled) as refused:
        world.file(world.draft(bare, reason=Reason.SHIPPING))
    assert [p.code for p in refused.value.problems] == [MissingField.NOTHING_LEFT]
