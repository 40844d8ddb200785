"""The queue: its views, filters, pages and counts, several claims at once, filters that are kept, who is here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.models import Assignment, Claim
from claims.rules.lifecycle import Reason, Status
from claims.workflow import desk_actions
from desk import presence
from desk.models import Presence, SavedFilter
from desk.queue import list as queue
from desk.queue import queue_rows
from tests.cast import World
from tests.desk.pages import QUEUE, address
from tests.html import CheckingClient


@pytest.fixture
def world(world: World, client: CheckingClient) -> World:
    world.now = timezone.now()
    client.force_login(world.hana)
    return world


def listed(client: CheckingClient, query: str) -> list[str]:
    return [row.claim_id for row in client.get(QUEUE + query).context["rows"]]


def counted(client: CheckingClient) -> dict[str, str]:
    return {tab.href.split("queue=")[1]: tab.count for tab in client.get(QUEUE + "?queue=all").context["tabs"]}


def test_each_view_lists_what_it_says_and_its_count_is_the_lists(client: CheckingClient, world: World) -> None:
    mine, late, today, appealed, asked, resolved = (world.claim(days=-6) for _ in range(6))
    desk_actions.take(mine.pk, user=world.hana, now=world.now)
    Claim.objects.filter(pk=late.pk).update(answer_due_at=world.now - timedelta(hours=1))
    Claim.objects.filter(pk=today.pk).update(answer_due_at=world.now + timedelta(minutes=1))
    world.decide(appealed, 0)
    world.appeal(appealed)
    world.ask(asked)
    world.decide(resolved, 0)
    # What was asked and decided stays with who did it.
    Claim.objects.filter(pk=appealed.pk).update(assigned_to=None)
    expected = {
        "mine": {mine, asked},
        "unassigned": {late, today, appealed},
        "appeals": {appealed},
        "late": {late},
        "confirm": set(),
        "awaiting": {asked},
        "all": {mine, late, today, appealed, asked},
        "resolved": {resolved},
    }
    found = {view: set(listed(client, f"?queue={view}")) for view in expected}
    assert found == {view: {claim.claim_id for claim in claims} for view, claims in expected.items()}
    counts = counted(client)
    assert {view: counts[view] for view in expected} == {view: str(len(claims)) for view, claims in expected.items()}
    assert listed(client, "?queue=unassigned")[:2] == [late.claim_id, today.claim_id]


def test_due_today_ends_with_the_handlers_own_day(client: CheckingClient, world: World) -> None:
    world.hana.zone = "Asia/Tokyo"
    world.hana.save()
    claim = world.claim()
    end = queue.policy.end_of_day(
        world.now.astimezone(queue.ZoneInfo("Asia/Tokyo")).date(), queue.ZoneInfo("Asia/Tokyo")
    )
    for due, there in ((end, [claim.claim_id]), (end + timedelta(microseconds=1), [])):
        Claim.objects.filter(pk=claim.pk).update(answer_due_at=due)
        assert listed(client, "?queue=due") == there


@pytest.mark.parametrize("count", [1, 30])
def test_the_queue_costs_the_same_at_any_length(
    client: CheckingClient, world: World, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        world.claim()
    client.get(QUEUE)
    with django_assert_num_queries(10):
        response = client.get(QUEUE + "?queue=unassigned")
    assert len(response.context["rows"]) == count


def test_a_further_page_with_all_filters_costs_no_more_than_twelve_queries(
    client: CheckingClient, world: World, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    for _ in range(4):
        desk_actions.take(world.claim().pk, user=world.hana, now=world.now)
    query = f"?queue=all&seller=seller-a&reason=DIFFERENT&marketplace=US&assigned={world.hana.pk}"
    older = client.get(QUEUE + query).context["older"]
    with django_assert_num_queries(12):
        response = client.get(QUEUE + older)
    assert len(response.context["rows"]) == 2


def test_filters_narrow_a_view_and_made_up_ones_are_left_out(client: CheckingClient, world: World) -> None:
    toys, lamps = world.claim(reason=Reason.NOT_RETURNED), world.claim(world.refund(seller=world.lamps), by=world.gus)
    both = {toys.claim_id, lamps.claim_id}
    for query, expected in (
        ("seller=LICHTKONTOR", {lamps.claim_id}),
        ("seller=nobody", set()),
        ("reason=NOT_RETURNED", {toys.claim_id}),
        ("marketplace=DE", {lamps.claim_id}),
        ("marketplace=XX&reason=NOPE&assigned=abc&cursor=older-1-x", both),
        (f"assigned={world.hana.pk}", set()),
        ("seller=%00&q=%00&assigned=99999999999999999999", both),
        (f"q={toys.order.order_id}", {toys.claim_id}),
        (f"q={lamps.claim_id}", {lamps.claim_id}),
        ("q=hello", set()),
    ):
        assert (query, set(listed(client, f"?queue=all&{query}"))) == (query, expected)
    assert client.get(QUEUE + "?q=hello").context["nothing"].headline == "“hello” isn't an id we know"
    assert client.get(QUEUE + "?seller=nobody").context["nothing"].headline == "No seller account is called “nobody”"


def test_pages_lead_through_all_there_and_back(
    client: CheckingClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    claims = [world.claim(days=-6) for _ in range(7)]
    for n, claim in enumerate(claims):  # two with one moment, the last three with none: imported, no answer due
        due = None if n > 3 else world.now + timedelta(hours=max(n, 1))
        Claim.objects.filter(pk=claim.pk).update(answer_due_at=due)
    expected = [claim.claim_id for claim in claims]
    pages, query = [], "?queue=unassigned"
    while query:
        page = client.get(QUEUE + query)
        pages.append([row.claim_id for row in page.context["rows"]])
        query = page.context["older"]
    assert pages == [expected[:2], expected[2:4], expected[4:6], expected[6:]]
    back, query = [], page.context["newer"]
    while query:
        page = client.get(QUEUE + query)
        back.append([row.claim_id for row in page.context["rows"]])
        query = page.context["newer"]
    assert back == [expected[4:6], expected[2:4], expected[:2]]


@pytest.mark.parametrize("view", ["unassigned", "all"])
def test_a_further_page_enters_its_index_where_the_last_one_ended(
    world: World, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    monkeypatch.setattr(queue, "PAGE", 2)
    for _ in range(5):
        world.claim()
    Claim.objects.update(answer_due_at=world.now - timedelta(hours=1))
    asked = queue.wanted({"queue": view}, world.hana, view="mine")
    first = queue.page_of(asked, world.hana, "", world.now, "UTC")
    with CaptureQueriesContext(connection) as queries:
        second = queue.page_of(asked, world.hana, first.older, world.now, "UTC")
    assert len(second.claims) == 2
    with connection.cursor() as cursor:
        # On five rows the planner would sort and filter; it is asked what it does where that costs too much.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (COSTS OFF) {queries[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (ROW(answer_due_at, id) > ROW(" in plan


def test_with_a_filter_each_count_is_still_its_lists(client: CheckingClient, world: World) -> None:
    mine, other, asked, decided = (world.claim(days=-6) for _ in range(4))
    world.claim(world.refund(seller=world.lamps), by=world.gus)
    desk_actions.take(mine.pk, user=world.hana, now=world.now)
    world.ask(asked)
    world.decide(decided, 0)
    Claim.objects.filter(pk=other.pk).update(answer_due_at=world.now - timedelta(hours=1))
    for query in (
        "seller=seller-a",
        "marketplace=US",
        f"assigned={world.hana.pk}",
        "reason=DIFFERENT",
        "seller=nobody",
    ):
        tabs = client.get(f"{QUEUE}?queue=all&{query}").context["tabs"]
        for tab in tabs:
            assert (query, tab.href, tab.count) == (query, tab.href, str(len(listed(client, tab.href))))


def test_who_has_nothing_is_offered_the_next(client: CheckingClient, world: World) -> None:
    world.claim()
    nothing = client.get(QUEUE).context["nothing"]
    assert (nothing.headline, nothing.take) == ("You have no claims", True)
    assert nothing.sentence.startswith("1 is unassigned; the first answer is due")


def test_what_comes_next_is_what_take_next_would_give(client: CheckingClient, world: World) -> None:
    appealed, open_one, other = world.claim(days=-9), world.claim(), world.claim()
    world.decide(appealed, 0)
    world.appeal(appealed)
    Claim.objects.filter(pk=appealed.pk).update(answer_due_at=world.now, assigned_to=None)
    for name, expected in (("hana", open_one), ("sam", appealed), ("ada", None)):
        client.force_login(getattr(world, name))
        standing = client.get(f"/admin/desk/{other.claim_id}/").context["standing"]
        assert (name, standing.next_id) == (name, expected.claim_id if expected else "")


def test_several_claims_at_once_each_for_itself(client: CheckingClient, world: World) -> None:
    free, other, changed = world.claim(), world.claim(), world.claim()
    picks = [row.pick for row in client.get(QUEUE + "?queue=unassigned").context["rows"]]
    desk_actions.take(other.pk, user=world.sam, now=world.now)
    world.message(changed)
    done = client.post("/admin/desk/bulk/", {"claim": picks, "act": "take", "back": "?queue=late&evil=1"}, follow=True)
    assert done.redirect_chain[-1][0] == QUEUE + "?queue=late"
    said = [str(message) for message in done.context["messages"]]
    assert said[-1] == "1 claim is yours."
    assert {line.split(":")[0] for line in said[:-1]} == {other.claim_id, changed.claim_id}
    assert list(Claim.objects.order_by("pk").values_list("assigned_to__name", flat=True)) == [
        "Hana Sato",
        "Sam Whitfield",
        None,
    ]
    assert [row.assignee for row in Assignment.objects.filter(claim=free)] == [world.hana]


@pytest.mark.parametrize("pick", ["", "\x00.1", "abc", "10000-20000-3000000", "10000-20000-3000000.x", "9" * 5000])
def test_picks_that_mean_nothing_change_nothing(client: CheckingClient, world: World, pick: str) -> None:
    world.claim()
    done = client.post("/admin/desk/bulk/", {"claim": [pick], "act": "take", "back": "\x00?q=%00"}, follow=True)
    assert [str(m) for m in done.context["messages"]] == ["Tick the claims first, then choose what to do."]
    assert not Assignment.objects.exists()


def test_only_a_senior_assigns_and_only_to_who_may_decide(client: CheckingClient, world: World) -> None:
    plain, appealed = world.claim(), world.claim()
    world.decide(appealed, 0)
    world.appeal(appealed)
    picks = [f"{c.claim_id}.{Claim.objects.get(pk=c.pk).version}" for c in (plain, appealed)]
    sent = {"claim": picks, "act": "assign", "to": str(world.hana.pk), "back": "?queue=all"}
    before = list(Claim.objects.order_by("pk").values_list("assigned_to", "version"))
    client.post("/admin/desk/bulk/", sent)
    client.post(address(plain, "assign"), {"to": str(world.sam.pk), "version": plain.version})
    assert list(Claim.objects.order_by("pk").values_list("assigned_to", "version")) == before
    client.force_login(world.sam)
    done = client.post("/admin/desk/bulk/", sent, follow=True)
    assert [str(message) for message in done.context["messages"]] == [
        f"{appealed.claim_id}: Hana Sato can't decide this claim, so it can't be given to them.",
        "1 claim is Hana Sato's now.",
    ]
    for to in ("", "abc", str(world.alice.pk), str(world.ada.pk)):
        refused = client.post("/admin/desk/bulk/", {**sent, "to": to}, follow=True)
        assert [str(message) for message in refused.context["messages"]] == ["Choose whom to give them to."]
    plain.refresh_from_db()
    client.post(address(plain, "assign"), {"to": "nobody", "version": plain.version})
    plain.refresh_from_db()
    assert plain.assigned_to is None


def test_filters_are_kept_under_a_name_of_ones_own(client: CheckingClient, world: World) -> None:
    sent = {"name": " Toys  late ", "back": "?queue=late&seller=seller-a&password=x&next=//evil"}
    client.post("/admin/desk/filters/", sent)
    client.post("/admin/desk/filters/", {**sent, "back": "?queue=all&seller=seller-a"})
    kept = SavedFilter.objects.get()
    assert (kept.user, kept.name, kept.query) == (world.hana, "Toys late", {"queue": "all", "seller": "seller-a"})
    ((shown, href),) = client.get(QUEUE).context["saved"]
    assert (shown, href) == (kept, "?queue=all&seller=seller-a")
    client.post("/admin/desk/filters/", {"name": "\x00 ", "back": ""})
    client.force_login(world.sam)
    assert list(client.get(QUEUE).context["saved"]) == []
    assert client.post(f"/admin/desk/filters/{kept.pk}/remove/").status_code == 404
    client.force_login(world.hana)
    client.post(f"/admin/desk/filters/{kept.pk}/remove/")
    assert not SavedFilter.objects.exists()


def test_so_many_filters_and_no_more(client: CheckingClient, world: World) -> None:
    SavedFilter.objects.bulk_create(SavedFilter(user=world.hana, name=f"{n}") for n in range(20))
    done = client.post("/admin/desk/filters/", {"name": "21", "back": ""}, follow=True)
    assert [str(m) for m in done.context["messages"]] == ["At most 20 views can be saved. Remove one first."]
    assert SavedFilter.objects.count() == 20


def test_presence_is_told_on_list_and_page_until_it_is_over(client: CheckingClient, world: World) -> None:
    claim, left = world.claim(), world.claim()
    sam = CheckingClient()
    sam.force_login(world.sam)
    sam.get(address(left))
    sam.get(address(claim))
    assert client.get(address(claim)).context["here"] == "Sam Whitfield is here"
    sam.post(address(claim, "here"), {"version": claim.version, "writing": "1"})
    rows = {row.claim_id: row.here for row in client.get(QUEUE + "?queue=all").context["rows"]}
    assert rows[claim.claim_id] == "Sam Whitfield is here and writing"
    Presence.objects.filter(claim=left).update(seen_at=world.now - presence.HERE - timedelta(seconds=1))
    sam.get(address(claim))
    assert list(Presence.objects.filter(user=world.sam).values_list("claim", flat=True)) == [claim.pk]
    told = client.post(address(claim, "here"), {"version": claim.version}).json()
    assert told == {"here": "Sam Whitfield is here", "changed": ""}
    desk_actions.take(claim.pk, user=world.sam, now=timezone.now())
    changed = client.post(address(claim, "here"), {"version": claim.version}).json()["changed"]
    assert changed == "Sam Whitfield took it less than a minute ago."
    assert sam.post(address(claim, "here"), {"left": "1"}).status_code == 204
    assert client.get(address(claim)).context["here"] == ""


def test_the_last_decision_is_the_latest_one_not_that_of_the_claim_last_written_on(world: World) -> None:
    assert queue.last_decided() is None
    old, new = world.claim(days=-9), world.claim(days=-9)
    world.decide(old, 0, days=-6)
    world.decide(new, 0, days=-2)
    world.desk_message(old, days=-1)
    assert queue.last_decided() == world.at(-2)


def test_taking_what_a_colleague_just_took_is_a_choice(client: CheckingClient, world: World) -> None:
    claim = world.claim()
    desk_actions.take(claim.pk, user=world.sam, now=timezone.now())
    done = client.post(address(claim, "take"), {"version": claim.version}, follow=True)
    assert [str(message) for message in done.context["messages"]] == ["Sam Whitfield took it less than a minute ago."]
    claim.refresh_from_db()
    assert (claim.assigned_to, claim.status) == (world.sam, Status.UNDER_INVESTIGATION)
    client.post(address(claim, "take"), {"version": done.context["version"]})
    claim.refresh_from_db()
    assert claim.assigned_to == world.hana


def test_past_what_is_counted_the_number_is_told_as_the_tab_tells_it(world: World) -> None:
    asked = queue.wanted({}, world.hana, view="mine")
    said = queue_rows.nothing(asked, {"unassigned": queue.MOST_COUNTED}, world.now, "UTC")
    assert said.sentence == "999+ are unassigned."


def test_what_one_proposed_and_released_is_not_given_back(world: World) -> None:
    claim = world.claim()
    Claim.objects.filter(pk=claim.pk).update(proposed_by=world.hana)
    assert desk_actions.take_next(user=world.hana, now=world.now) is None
    assert desk_actions.take_next(user=world.sam, now=world.now) == claim


def test_a_filter_that_resolved_claims_do_not_know_is_said_to_be_left_out(client: CheckingClient, world: World) -> None:
    decided = world.claim()
    world.decide(decided, 0)
    said = "Resolved claims are told apart by seller only"
    for query, there in (("reason=SHIPPING", True), ("marketplace=US", True), ("seller=seller-a", False)):
        page = client.get(f"{QUEUE}?queue=resolved&{query}")
        assert [row.claim_id for row in page.context["rows"]] == [decided.claim_id]
        assert (said in page.content.decode()) is there
    assert said not in client.get(f"{QUEUE}?queue=all&reason=SHIPPING").content.decode()


def test_a_kept_filter_still_says_whose_claims_it_lists_once_they_left(client: CheckingClient, world: World) -> None:
    world.sam.is_active = False
    world.sam.save()
    page = client.get(f"{QUEUE}?queue=all&assigned={world.sam.pk}")
    assert f'<option value="{world.sam.pk}" selected>Sam Whitfield</option>' in page.content.decode()
    assert str(world.sam.pk) not in [value for value, _words in page.context["choices"]["handlers"]]
    members = client.get(f"{QUEUE}?queue=all&assigned={world.alice.pk}").context["choices"]["assigned"]
    assert not any(chosen for _value, _words, chosen in members)


@pytest.mark.parametrize("left", ["switched off", "out of the groups"])
def test_claims_of_a_handler_who_left_are_everybodys_again(client: CheckingClient, world: World, left: str) -> None:
    investigated, asked, other = world.claim(), world.claim(), world.claim()
    for claim in (investigated, asked):
        desk_actions.take(claim.pk, user=world.hana, now=world.now)
    world.ask(asked)
    desk_actions.take(other.pk, user=world.sam, now=world.now)
    client.force_login(world.ada)
    typed: dict[str, Any] = {"email": world.hana.email, "name": "Hana Sato", "is_staff": "on", "zone": "", "theme": ""}
    kept = {**typed, "is_active": "on", "groups": [group.pk for group in world.hana.groups.all()]}
    address = f"/admin/accounts/user/{world.hana.pk}/change/"
    assert client.post(address, kept).status_code == 302
    assert Claim.objects.filter(assigned_to=world.hana).count() == 2
    gone = {**kept, "groups": []} if left == "out of the groups" else {**typed, "groups": kept["groups"]}
    assert client.post(address, gone).status_code == 302
    assert list(Claim.objects.filter(assigned_to__isnull=False)) == [other]
    given_back = Assignment.objects.filter(assignee=None).values_list("claim", "by")
    assert sorted(given_back) == sorted((claim.pk, world.ada.pk) for claim in (investigated, asked))
    found = desk_actions.take_next(user=world.sam, now=world.now)
    assert found == investigated
