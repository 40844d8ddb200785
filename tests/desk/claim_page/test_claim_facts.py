"""The facts beside a claim at the desk: why it may be claimed, what is known of the refund, and the seller's record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claims.filing import drafts
from claims.models import Claim, RefundLine
from tests.cast import World
from tests.desk.pages import address
from tests.html import CheckingClient


@pytest.fixture
def desk(world: World, client: CheckingClient) -> CheckingClient:
    client.force_login(world.hana)
    return client


def facts(client: CheckingClient, claim: Claim, title: str) -> dict[str, tuple[str, str]]:
    """The box of this title as label: (value, mark)."""
    (box,) = [box for box in client.get(address(claim)).context["facts"] if box.title == title]
    return {fact.label: (fact.value, fact.mark) for fact in box.facts}


POLICY = "Policy: why it may be claimed"


@pytest.mark.parametrize(
    ("known", "marks"),
    [
        (("MARKETPLACE", "SELLER", False, False), ["ok", "ok", "ok", "ok"]),
        (("SELLER", "MARKETPLACE", True, True), ["bad", "bad", "bad", "bad"]),
        (("AUTOMATIC", "SELLER", False, None), ["bad", "ok", "ok", "unknown"]),
        (("", "", None, None), ["unknown", "unknown", "unknown", "unknown"]),
    ],
)
def test_what_a_rule_asks_is_marked_by_what_is_known(
    world: World, desk: CheckingClient, known: tuple[str, str, bool | None, bool | None], marks: list[str]
) -> None:
    claim = world.claim()
    assert claim.refund is not None
    claim.refund.issuer, claim.order.fulfilment, claim.order.a_to_z, claim.order.chargeback = known
    claim.refund.save()
    claim.order.save()
    said = facts(desk, claim, POLICY)
    assert [said[label][1] for label in ("Refunded by", "Fulfilled by", "A-to-z claim", "Chargeback")] == marks


def test_the_window_it_was_filed_in_is_shown_with_the_day(world: World, desk: CheckingClient) -> None:
    claim = world.claim()
    (line,) = claim.lines.all()
    said = facts(desk, claim, POLICY)
    assert (said["Rule"][0], said["Window"][1]) == (str(claim.policy_rule), "ok")
    assert line.opens_at is not None
    assert said["Filed"][0].endswith(f", day {(claim.filed_at - line.opens_at).days + 1}")
    Claim.objects.filter(pk=claim.pk).update(filed_at=line.closes_at + timedelta(microseconds=1))
    assert facts(desk, claim, POLICY)["Window"][1] == "bad"


def test_the_sellers_record_counts_what_was_decided(world: World, desk: CheckingClient) -> None:
    claims = [world.claim() for _ in range(4)]
    world.decide(claims[0], 4000)
    world.decide(claims[1], 0)
    world.decide(claims[2], 0)
    world.appeal(claims[2])
    world.decide(claims[2], 5000, by=world.sam, days=0)
    rival = world.claim(world.refund(seller=world.lamps), by=world.gus)
    world.decide(rival, 500)
    said = {label: value for label, (value, _mark) in facts(desk, claims[3], "Seller").items()}
    assert said == {"Account": "Blue Door Toys", "Claims": "4", "Granted": "2 of 3, 66%", "Raised on appeal": "1"}


def test_a_payment_is_shared_out_by_what_each_item_was_granted(world: World, desk: CheckingClient) -> None:
    one = world.claim()
    world.decide(one, 4000)
    world.pay(one, 1000)
    desk.force_login(world.alice)
    page = desk.get(f"/claims/{one.claim_id}/").context["details"]
    assert ([line.paid for line in page.lines], page.paid_note) == (["10.00 USD"], "")
    line = world.refund(amount_minor=3000)
    other = RefundLine.objects.get(pk=line.pk)
    other.pk, other.sku = None, "SECOND"
    other.save(force_insert=True)
    draft = drafts.save(world.draft(line), now=world.at(-5), quantities={line.sku: 1, "SECOND": 1})
    two, _new = world.file(draft)
    world.decide(two, 2000)
    world.pay(two, 1001)
    page = desk.get(f"/claims/{two.claim_id}/").context["details"]
    assert [line.paid for line in page.lines] == ["5.00 USD", "5.01 USD"]
    assert page.paid_note == "A payment is for the whole claim; each item shows its share by what it was granted."
