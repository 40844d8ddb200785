"""Manage SAFE-T Claims: tabs, search, dates, paging, what is new, and the report."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from claims.claims_list import list as claims_list
from claims.rules.lifecycle import Status
from tests.cast import World
from tests.html import CheckingClient


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


def rows_of(response: object) -> list[str]:
    return [row["claim_id"] for row in response.context["page"].rows]  # type: ignore[attr-defined]


def tabs_of(response: object) -> dict[str, tuple[str, int]]:
    return {tab["label"]: (tab["count"], tab["unseen"]) for tab in response.context["tabs"]}  # type: ignore[attr-defined]


def test_tabs_hold_each_claim_by_whose_turn_it_is(client: CheckingClient, world_now: World) -> None:
    claims = {(p.status, p.stage): claim for p, claim in world_now.in_every_position()}
    client.force_login(world_now.alice)
    by_tab = {
        tab: set(rows_of(client.get("/claims/", {"tab": tab})))
        for tab in ("awaiting-seller-response", "under-investigation", "resolved", "all")
    }
    ids = {status: {claim.claim_id for (s, _stage), claim in claims.items() if s is status} for status in Status}
    assert by_tab == {
        "awaiting-seller-response": ids[Status.AWAITING_SELLER],
        "under-investigation": ids[Status.UNDER_INVESTIGATION],
        "resolved": ids[Status.GRANTED] | ids[Status.DENIED] | ids[Status.WITHDRAWN],
        "all": set().union(*ids.values()),
    }
    assert tabs_of(client.get("/claims/")) == {
        "Awaiting Seller Response": ("2", 2),
        "Under Investigation": ("2", 1),  # appealed without a look at the decision's page
        "Resolved": ("5", 4),
        "All": ("9", 7),
    }


def test_a_claim_is_new_until_it_was_opened_by_this_person(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.ask(claim)
    for user, unseen in ((world_now.alice, True), (world_now.gus, True), (world_now.vera, True)):
        client.force_login(user)
        client.post("/switch/", {"seller": "seller-a"})
        page = client.get("/claims/").context["page"]
        assert [row["is_unseen"] for row in page.rows] == [unseen]
    client.force_login(world_now.alice)
    response = client.post("/claims/seen/", {"seller": "seller-a"}, follow=True)
    assert [row["is_unseen"] for row in response.context["page"].rows] == [False]
    client.force_login(world_now.vera)
    assert [row["is_unseen"] for row in client.get("/claims/").context["page"].rows] == [True]


@pytest.mark.parametrize("shape", ["order", "order bare", "claim", "asin", "asin lower", "spaces"])
def test_search_finds_a_claim_by_any_of_its_ids(client: CheckingClient, world_now: World, shape: str) -> None:
    claim = world_now.claim()
    world_now.claim()
    line = claim.lines.get()
    text = {
        "order": claim.order.order_id,
        "order bare": claim.order.order_id.replace("-", ""),
        "claim": claim.claim_id,
        "asin": line.asin,
        "asin lower": line.asin.lower(),
        "spaces": f"  {claim.order.order_id} ",
    }[shape]
    client.force_login(world_now.alice)
    response = client.get("/claims/", {"tab": "all", "q": text})
    assert rows_of(response) == [claim.claim_id]
    assert tabs_of(response)["Under Investigation"] == ("1", 0)


def test_tabs_say_more_than_where_a_search_finds_too_many_to_count(
    client: CheckingClient, world_now: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asin = world_now.claim().lines.get().asin
    world_now.claim().lines.update(asin=asin)
    client.force_login(world_now.alice)
    exact = tabs_of(client.get("/claims/", {"tab": "all", "q": asin}))
    monkeypatch.setattr(claims_list, "MOST_FOUND", 1)
    response = client.get("/claims/", {"tab": "all", "q": asin})

    assert exact["All"][0] == "2"
    assert tabs_of(response)["All"][0] == "1+"
    assert "more than 1" in response.content.decode()
    assert len(rows_of(response)) == 2


def test_search_never_finds_a_rival(client: CheckingClient, world_now: World) -> None:
    theirs = world_now.claim(world_now.refund(seller=world_now.lamps), by=world_now.mallory)
    client.force_login(world_now.alice)
    for text in (theirs.claim_id, theirs.order.order_id, theirs.lines.get().asin):
        response = client.get("/claims/", {"tab": "all", "q": text})
        assert rows_of(response) == []
        assert response.context["nothing"].headline.startswith("No claim with")


@pytest.mark.parametrize("query", [
    {"q": "hello there"}, {"q": "\x00"}, {"q": "x" * 10_000}, {"from": "32 July"}, {"from": "2026-13-01"},
    {"from": "2026-11-20", "to": "2026-11-01"}, {"cursor": "older-99999999999999999-00000-00000-0000000"},
    {"cursor": "'; drop table"}, {"tab": "nothing"}, {"from": "0001-01-01"}, {"to": "9999-12-31"},
])  # fmt: skip
def test_a_hostile_address_gets_a_page(client: CheckingClient, world_now: World, query: dict[str, str]) -> None:
    world_now.claim()
    client.force_login(world_now.alice)
    assert client.get("/claims/", {"tab": "all", **query}).status_code == 200


def test_an_unreadable_day_is_named(client: CheckingClient, world_now: World) -> None:
    client.force_login(world_now.alice)
    said = client.get("/claims/", {"from": "32 July"}).context["wrong"]
    assert said == ['"32 July" isn\'t a day. Write it like 2026-11-25.']


def test_dates_are_days_of_the_viewer(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim(days=-5)
    client.force_login(world_now.alice)
    day = claim.updated_at.astimezone(ZoneInfo("America/New_York")).date()
    on = {"from": day.isoformat(), "to": day.isoformat(), "tab": "all"}
    before = {"to": (day - timedelta(days=1)).isoformat(), "tab": "all"}
    assert rows_of(client.get("/claims/", on)) == [claim.claim_id]
    assert rows_of(client.get("/claims/", before)) == []


def test_paging_visits_each_claim_once_and_comes_back(client: CheckingClient, world_now: World) -> None:
    made = []
    for number in range(60):
        made.append(world_now.claim(days=-5 + number // 3 * 0.05).claim_id)  # three share each moment
    client.force_login(world_now.alice)
    address, seen, pages = "/claims/?tab=under-investigation", [], []
    while address:
        response = client.get(address)
        pages.append(rows_of(response))
        seen += pages[-1]
        older = response.context["older"]
        address = f"/claims/{older}" if older else ""
    assert sorted(seen) == sorted(made)
    assert [len(page) for page in pages] == [25, 25, 10]
    assert len(set(seen)) == 60
    back = client.get(f"/claims/{response.context['newer']}")
    assert rows_of(back) == pages[1]
    assert rows_of(client.get(f"/claims/{back.context['newer']}")) == pages[0]


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_queries_at_any_length(
    client: CheckingClient, world_now: World, django_assert_num_queries: object, count: int
) -> None:
    for _ in range(count):
        world_now.claim()
    client.force_login(world_now.alice)
    client.get("/claims/?tab=all")
    with django_assert_num_queries(5):  # type: ignore[operator]
        client.get("/claims/?tab=all")


def test_the_report_has_one_row_a_line_and_runs_no_formula(client: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    line.title = '=HYPERLINK("http://x")'
    line.save()
    claim = world_now.claim(line)
    world_now.decide(claim, 4000)
    client.force_login(world_now.alice)
    response = client.get("/claims/report.csv?tab=all")
    text = b"".join(response.streaming_content).decode("utf-8")  # type: ignore[arg-type]
    assert text.startswith("\ufeffclaim id,order id,")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["claim id"] == claim.claim_id
    assert row["item"] == '\'=HYPERLINK("http://x")'
    assert (row["claimed"], row["granted"], row["paid"], row["currency"]) == ("89.99", "40.00", "0.00", "USD")
    assert row["decision reasons"] == "Came back as sold"
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_viewer_reads_and_is_offered_no_filing(client: CheckingClient, world_now: World) -> None:
    world_now.claim()
    client.force_login(world_now.vera)
    page = client.get("/claims/?tab=all").content.decode()
    assert "File a new SAFE-T claim" not in page
