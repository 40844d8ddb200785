"""Claimable refunds through the real client: tabs and sums, search and days, pages, the file, one click to a claim."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role, Seller
from claims.models import Draft, Order, RefundLine, Return
from claims.refunds import keys as refund_keys
from claims.refunds import stored_eligibility
from claims.rules.eligibility import Cause, Fulfilment, Issuer, causes_against
from claims.text import standing_causes
from tests.cast import World
from tests.html import CheckingClient

TABS = ["Closing soon", "Open", "Not yet", "Missed", "Not claimable", "Claimed"]


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def alice(client: CheckingClient, world_now: World) -> CheckingClient:
    client.force_login(world_now.alice)
    return client


def text_of(response: Any) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", response.content.decode())).split())


def orders_of(response: Any) -> list[str]:
    return [row.order_id for row in response.context["page"].rows]


def refund(world: World, *, against: dict[str, Any] | None = None, on_refund: Any = None, **kwargs: Any) -> RefundLine:
    """A refund line with more known of it, its windows and what stands against it worked out anew."""
    line = world.refund(**kwargs)
    Order.objects.filter(pk=line.order_id).update(**(against or {}))
    if on_refund:
        type(line.refund).objects.filter(pk=line.refund_id).update(**on_refund)
    stored_eligibility.recompute_windows([line.pk], timezone.now())
    return RefundLine.objects.select_related("order", "refund", "seller").get(pk=line.pk)


@pytest.fixture
def one_of_each(world_now: World) -> dict[str, RefundLine]:
    """One line for each tab but two open ones; 10, 20, 40, 80, 160 and 320 dollars."""
    world = world_now
    soon = world.refund(days=-27, amount_minor=1000)
    open_one = world.refund(days=-3, amount_minor=2000)
    not_yet = world.refund(days=2, amount_minor=4000)
    missed = world.refund(days=-90, amount_minor=8000)
    barred = refund(world, amount_minor=16000, against={"a_to_z": True})
    claimed = world.refund(amount_minor=32000)
    world.claim(claimed)
    names = ("closing-soon", "open", "not-yet", "missed", "not-claimable", "claimed")
    return dict(zip(names, (soon, open_one, not_yet, missed, barred, claimed), strict=True))


def test_every_refund_is_in_one_tab_with_what_is_at_stake(
    alice: CheckingClient, one_of_each: dict[str, RefundLine]
) -> None:
    for tab, line in one_of_each.items():
        page = alice.get("/refunds/", {"tab": tab})
        assert orders_of(page) == [line.order.order_id]
        assert [(each["label"], each["count"], each["amounts"]) for each in page.context["tabs"]] == list(
            zip(TABS, ["1"] * 6, ["10.00 USD", "20.00 USD", "40.00 USD", "80.00 USD", "160.00 USD", "320.00 USD"],
                strict=True)
        )  # fmt: skip
        assert page.context["summary"] == "You can still claim 30.00 USD. 1 refund closes within 7 days."


def test_the_tab_of_a_line_is_the_state_of_its_answer(world_now: World, one_of_each: dict[str, RefundLine]) -> None:
    lines = list(RefundLine.objects.select_related("order", "refund", "seller").order_by("pk"))
    answers = stored_eligibility.assess_lines(lines, None, timezone.now())
    assert [answer.state.value.replace("_", "-").lower() for answer in answers] == [
        "closing-soon", "open", "too-early", "too-late", "not-claimable", "claimed",
    ]  # fmt: skip
    assert [line.pk for line in lines] == [line.pk for line in one_of_each.values()]


def test_nothing_is_said_of_closing_where_nothing_closes(alice: CheckingClient, world_now: World) -> None:
    world_now.refund(days=-1, amount_minor=1000)
    page = alice.get("/refunds/")
    assert page.context["summary"] == "You can still claim 10.00 USD."
    assert page.context["wanted"].tab.value == "open"  # an empty first tab isn't where one lands
    assert "Nothing closes within 7 days 1 refund is open." in text_of(alice.get("/refunds/", {"tab": "closing-soon"}))


def test_sums_are_by_currency(alice: CheckingClient, world_now: World) -> None:
    world_now.refund(days=-1, amount_minor=1000)
    euro = world_now.refund(days=-1, amount_minor=9000)
    RefundLine.objects.filter(pk=euro.pk).update(currency="EUR")
    assert alice.get("/refunds/").context["summary"] == "You can still claim 90.00 EUR and 10.00 USD."


@pytest.mark.parametrize(
    ("on_order", "on_refund", "code"),
    [
        ({}, {"issuer": Issuer.SELLER}, Cause.SELLER_REFUNDED),
        ({}, {"issuer": Issuer.AUTOMATIC}, Cause.NO_ACTION_IN_TIME),
        ({"fulfilment": Fulfilment.MARKETPLACE}, {}, Cause.MARKETPLACE_FULFILLED),
        ({"program": "FBA"}, {}, Cause.PROGRAM_NOT_COVERED),
        ({"a_to_z": True}, {}, Cause.A_TO_Z),
        ({"chargeback": True}, {}, Cause.CHARGEBACK),
    ],
)
def test_what_stands_against_a_refund_is_kept_on_it_and_can_be_asked_for(
    alice: CheckingClient, world_now: World, on_order: dict[str, Any], on_refund: dict[str, Any], code: Cause
) -> None:
    line = refund(world_now, against=on_order, on_refund=on_refund)
    world_now.refund()
    assert line.against == code == causes_against(stored_eligibility.facts_of([line])[0])[0].code
    page = alice.get("/refunds/", {"tab": "not-claimable", "against": code})
    assert orders_of(page) == [line.order.order_id]
    assert code in dict(standing_causes())
    other = next(each for each, _name in standing_causes() if each != code)
    nothing = alice.get("/refunds/", {"tab": "not-claimable", "against": other})
    assert "No refund is excluded for this reason" in text_of(nothing)


def test_a_cause_that_goes_away_opens_the_refund(alice: CheckingClient, world_now: World) -> None:
    line = refund(world_now, against={"a_to_z": True})
    Order.objects.update(a_to_z=False)
    stored_eligibility.recompute_windows([line.pk], timezone.now())
    assert orders_of(alice.get("/refunds/", {"tab": "open"})) == [line.order.order_id]


def test_partly_claimed_lines_stay_open_with_the_rest(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=3, amount_minor=9000, days=-6)
    world_now.claim(line, quantity=1)
    page = alice.get("/refunds/", {"tab": "open"})
    (row,) = page.context["page"].rows
    assert (row.quantity, row.can_file, page.context["tabs"][1]["amounts"]) == ("2 of 3 left", True, "60.00 USD")


@pytest.mark.parametrize("shape", ["order", "bare", "asin", "sku", "tracking", "rma", "claim"])
def test_search_finds_a_refund_by_each_id_in_whatever_tab(alice: CheckingClient, world_now: World, shape: str) -> None:
    line, _other = world_now.refund(), world_now.refund()
    Return.objects.create(
        seller=line.seller, order=line.order, identity="D123RRMA", rma_id="D123RRMA", tracking_id="1Z999AA10123456784"
    )
    order_id = line.order.order_id
    tab = "open"
    if shape == "claim":
        order_id, tab = world_now.claim(line).claim_id, "claimed"
    typed = {"order": f"  {order_id} ", "claim": order_id, "bare": order_id.replace("-", ""), "asin": line.asin.lower(),
             "sku": line.sku, "tracking": "1z999aa10123456784", "rma": "d123rrma"}[shape]  # fmt: skip
    assert orders_of(alice.get("/refunds/", {"tab": tab, "q": typed})) == [line.order.order_id]
    elsewhere = alice.get("/refunds/", {"tab": "missed", "q": typed})
    assert elsewhere.context["nothing"].button.label == ("Look in Claimed" if shape == "claim" else "Look in Open")


def test_a_rivals_ids_find_what_unknown_ids_find(alice: CheckingClient, world_now: World) -> None:
    world_now.refund()
    rival = world_now.refund(seller=world_now.lamps)
    found = text_of(alice.get("/refunds/", {"q": rival.order.order_id}))
    unknown = text_of(alice.get("/refunds/", {"q": "999-9999999-9999999"}))
    assert found.replace(rival.order.order_id, "ID") == unknown.replace("999-9999999-9999999", "ID")
    assert "No refund with order id" in found


@pytest.mark.parametrize("query", [
    {"q": "\x00"}, {"q": "'; DROP TABLE claims_order"}, {"tab": "everything"}, {"cursor": "older-none-x"},
    {"cursor": "older-99999999999999999-111-0000000-0000000/1/SKU"}, {"from": "yesterday"}, {"to": "2026-99-99"},
    {"from": "2026-12-01", "to": "2026-11-01"}, {"against": "\x00"}, {"q": "x" * 5000}, {"cursor": "\x00" * 30},
])  # fmt: skip
def test_a_made_up_address_is_answered(alice: CheckingClient, world_now: World, query: dict[str, str]) -> None:
    world_now.refund()
    assert alice.get("/refunds/", query).status_code == 200
    assert alice.get("/refunds/report.csv", query).status_code == 200


def test_days_cut_the_list_by_the_end_of_the_window(alice: CheckingClient, world_now: World) -> None:
    early, late = world_now.refund(days=-20), world_now.refund(days=-2)
    assert early.first_closes_at and late.first_closes_at
    day = (late.first_closes_at - timedelta(days=2)).date().isoformat()
    assert orders_of(alice.get("/refunds/", {"tab": "open", "to": day})) == [early.order.order_id]
    assert orders_of(alice.get("/refunds/", {"tab": "open", "from": day})) == [late.order.order_id]
    assert alice.get("/refunds/", {"tab": "open", "to": "2020-01-01"}).context["nothing"].headline == (
        "No refunds from the beginning to Jan 1, 2020"
    )


@pytest.mark.parametrize("tab", ["closing-soon", "open", "not-yet", "missed", "not-claimable", "claimed"])
def test_each_tab_is_paged_there_and_back_each_line_once(alice: CheckingClient, world_now: World, tab: str) -> None:
    days = {"closing-soon": -26, "open": -3, "not-yet": 3, "missed": -80, "not-claimable": -5, "claimed": -5}[tab]
    lines = [world_now.refund(days=days + (n // 3) / 20) for n in range(60)]
    pks = [line.pk for line in lines]
    if tab == "not-claimable":
        Order.objects.update(chargeback=True)
        stored_eligibility.recompute_windows(pks, timezone.now())
    if tab == "claimed":
        RefundLine.objects.update(held_quantity=1)
    if tab == "not-yet":  # some have no date at all: they come last
        RefundLine.objects.filter(pk__in=pks[40:]).update(opens_at=None, first_closes_at=None, closes_at=None)
    seen, address = [], f"?tab={tab}"
    pages = []
    while address:
        response = alice.get(f"/refunds/{address}")
        pages.append(orders_of(response))
        seen += pages[-1]
        last, address = response, response.context["older"]
    assert (len(pages), sorted(seen)) == (3, sorted(line.order.order_id for line in lines))
    back = alice.get(f"/refunds/{last.context['newer']}")
    assert orders_of(back) == pages[1]
    assert orders_of(alice.get(f"/refunds/{back.context['newer']}")) == pages[0]


@pytest.mark.parametrize("count", [1, 30])
def test_refunds_cost_the_same_queries_at_any_length(
    alice: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        world_now.refund()
    alice.get("/refunds/")
    with django_assert_num_queries(7):
        page = alice.get("/refunds/", {"tab": "open"})
    assert len(page.context["page"].rows) == min(count, 25)
    if page.context["older"]:
        with django_assert_num_queries(7):
            alice.get(f"/refunds/{page.context['older']}")


def test_counts_end_at_999_and_sums_say_more_than(
    alice: CheckingClient, world_now: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claims.refunds import totals
    from claims.refunds import views as refunds_views
    from claims.refunds.list import RefundTab

    monkeypatch.setattr(totals, "MOST_ADDED", {RefundTab.CLOSING_SOON: 4, RefundTab.OPEN: 4})
    monkeypatch.setattr(refunds_views, "MOST_COUNTED", 4)
    for _ in range(5):
        world_now.refund(amount_minor=1000, days=-1)
    page = alice.get("/refunds/")
    assert page.context["summary"] == "You can still claim more than 40.00 USD."
    assert [(tab["count"], tab["amounts"]) for tab in page.context["tabs"]][1] == ("999+", "more than 40.00 USD")


def test_the_file_has_each_line_of_the_tab_with_its_cause_and_runs_nothing(
    alice: CheckingClient, world_now: World
) -> None:
    line = refund(world_now, against={"chargeback": True}, sku="=1+1", amount_minor=128450)
    RefundLine.objects.update(title="@SUM(A1)")
    world_now.refund()
    response = alice.get("/refunds/report.csv", {"tab": "not-claimable"})
    content = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert content.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    assert (row["order id"], row["SKU"], row["item"], row["refunded"], row["state"]) == (
        line.order.order_id, "'=1+1", "'@SUM(A1)", "1284.50", "Not claimable",
    )  # fmt: skip
    assert row["why not"] == "The buyer's bank reversed the payment (a chargeback). SAFE-T doesn't cover that."
    assert "attachment" in response["Content-Disposition"]


# One click


def post_file(client: CheckingClient, line: RefundLine, **fields: str) -> Any:
    return client.post("/claims/new/", {"seller": line.seller.slug, "file": refund_keys.key_of(line), **fields})


def test_one_click_begins_a_claim_with_all_that_is_left(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=3, days=-6)
    world_now.claim(line, quantity=1)
    response = post_file(alice, line)
    draft = Draft.objects.get()
    assert response["Location"] == f"/claims/new/{draft.uuid}/why/"
    assert draft.choices == {"quantities": {line.sku: 2}}
    post_file(alice, line)
    assert Draft.objects.count() == 1
    (row,) = alice.get("/refunds/", {"tab": "open"}).context["page"].rows
    assert row.has_draft


def test_one_click_again_keeps_what_was_chosen(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=3)
    draft = world_now.draft(line, quantity=1)
    post_file(alice, line)
    draft.refresh_from_db()
    assert draft.choices["quantities"] == {line.sku: 1}


@pytest.mark.parametrize(
    "key", ["", "x", "999-9999999-9999999/1/SKU", "\x00", "111-1000001-2000001/99999999999999999/S"]
)
def test_a_made_up_key_begins_nothing(alice: CheckingClient, world_now: World, key: str) -> None:
    line = world_now.refund()
    assert post_file(alice, line, file=key).status_code == 404
    assert not Draft.objects.exists()


def test_a_rivals_key_begins_nothing(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(seller=world_now.lamps)
    assert post_file(alice, line, seller=world_now.toys.slug).status_code == 404
    assert post_file(alice, line).status_code == 404
    assert not Draft.objects.exists()


def test_a_viewer_reads_the_list_but_has_no_button(client: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    client.force_login(world_now.vera)
    page = client.get("/refunds/")
    assert "Viewers can read but not act. Alice Moreno can." in text_of(page)
    assert 'name="file"' not in page.content.decode()
    assert post_file(client, line)["Location"] == "/refunds/"
    assert not Draft.objects.exists()
    assert world_now.vera.memberships.get().role == Role.VIEWER


def test_a_seller_that_is_switched_off_is_told_so(alice: CheckingClient, world_now: World) -> None:
    world_now.refund()
    Seller.objects.filter(pk=world_now.toys.pk).update(is_active=False, inactive_why="the account is under review")
    page = alice.get("/refunds/")
    assert "Blue Door Toys can read its claims but can't file new ones: the account is under review." in text_of(page)
    assert 'name="file"' not in page.content.decode()
    assert page.context["summary"] == ""


def test_a_seller_without_refunds_reads_where_they_come_from(client: CheckingClient, world_now: World) -> None:
    client.force_login(world_now.mallory)
    assert "No claims, and no refunds to claim" in text_of(client.get("/refunds/"))
