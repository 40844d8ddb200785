"""Macros: who writes them, what variables mean, what they fill in; a canned text alone decides nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER
from claims.models import Claim
from claims.rules.lifecycle import Reason, Slot, Status, Verb
from desk.models import Macro
from tests.cast import World
from tests.desk.pages import address, decision, made_from
from tests.html import CheckingClient

ADMIN = "/admin/desk/macro/"
TEXT = "For order {order_id} the photos show {item} as it was sold."


@pytest.fixture
def world(world: World, client: CheckingClient) -> World:
    world.now = timezone.now()
    client.force_login(world.hana)
    return world


def macro(name: str = "Came back as sold", verb: Verb = Verb.DENY, text: str = TEXT, **fields: Any) -> Macro:
    given = {"reasons": ["RETURN_IN_ORDER"] if verb is Verb.DENY else [], **fields}
    return Macro.objects.create(name=name, verb=verb, text=text, **given)


def said(claim: Claim) -> str:
    item = claim.lines.get().title
    return f"For order {claim.order.order_id} the photos show {item} as it was sold."


def test_a_macro_fills_in_outcome_reasons_and_text_and_keeps_what_was_written(
    client: CheckingClient, world: World
) -> None:
    claim = world.claim()
    macro()
    typed = {**decision(client, claim, Verb.GRANT, "12.50", words="I looked twice."), "macro": "came back AS sold"}
    del typed["send"]
    page = client.post(address(claim, "decide"), {**typed, "use": "1"})
    assert (page.context["outcome"], page.context["words"]) == ("DENY", f"I looked twice.\n\n{said(claim)}")
    (row,) = page.context["rows"]
    assert ([each["code"] for each in row["reasons"] if each["chosen"]], row["typed"]) == (["RETURN_IN_ORDER"], "12.50")
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
    missing = client.post(address(claim, "decide"), {**typed, "use": "1", "macro": "<script>"})
    assert missing.context["wrong"] == ["No macro is called “<script>”. Choose one from the list."]


def test_a_decision_made_of_a_macro_alone_asks_for_a_sentence(client: CheckingClient, world: World) -> None:
    claim, made = world.claim(), macro()
    macro("Sorry", text="We are sorry that it isn't more.")
    page = client.get(f"{address(claim, 'decide')}?macro={made.pk}")
    words = page.context["words"]
    assert words == said(claim)
    sent = decision(client, claim, Verb.DENY, "", "RETURN_IN_ORDER")
    both = f"{words}\n\nWe are sorry that it isn't more."
    for canned in (
        words, f"  {words} ", words.replace(" ", "\n"), f"{words} Sorry!", f"{words}\n. . .", both, f"{words} {both}"
    ):  # fmt: skip
        refused = client.post(address(claim, "decide"), {**sent, "words": canned})
        assert refused.context["wrong"] == ["Say why in one sentence of your own."]
    client.post(address(claim, "decide"), {**sent, "words": f"{words} The seal is the same."})
    claim.refresh_from_db()
    assert claim.status == Status.DENIED


def test_macros_of_another_team_or_reason_or_out_of_use_are_not_offered(client: CheckingClient, world: World) -> None:
    claim = world.claim(reason=Reason.DIFFERENT)
    teams = {name: Group.objects.get(name=name) for name in (CASE_HANDLER, SENIOR_HANDLER)}
    macro("all")
    macro("mine", team=teams[CASE_HANDLER])
    macro("theirs", team=teams[SENIOR_HANDLER])
    macro("for this", reason=Reason.DIFFERENT)
    macro("for another", reason=Reason.DAMAGED)
    macro("old", is_active=False)
    macro("ask", Verb.REQUEST_INFORMATION, slots=[Slot.WEIGHT])
    names = [each.name for each in client.get(address(claim, "decide")).context["macros"]]
    assert names == ["for this", "all", "mine"]
    page = client.get(f"{address(claim, 'request')}?macro=ask")
    assert [slot["code"] for slot in page.context["slots"] if slot["chosen"]] == [Slot.WEIGHT]
    assert page.context["text"] == said(claim)
    assert client.get(f"{address(claim, 'request')}?macro=all").context["wrong"] != []


def test_a_message_and_a_note_take_macros_too(client: CheckingClient, world: World) -> None:
    claim = world.claim()
    macro("thanks", Verb.SEND_MESSAGE, "Thank you, {seller}. {unknown}")
    page = client.get(address(claim, "message"))
    used = client.post(
        address(claim, "message"), {**made_from(page), "message": "Hello.", "macro": "thanks", "use": "1"}
    )
    assert used.context["text"] == "Hello.\n\nThank you, Blue Door Toys. {unknown}"


@pytest.mark.parametrize(("name", "status"), [("sam", 302), ("ada", 302), ("hana", 403), ("alice", 302)])
def test_seniors_write_macros_and_others_read_them(
    client: CheckingClient, world: World, name: str, status: int
) -> None:
    client.force_login(getattr(world, name))
    sent = {"name": "New", "verb": "DENY", "text": TEXT, "reasons": ["RETURN_IN_ORDER"], "is_active": "on"}
    assert client.post(f"{ADMIN}add/", sent).status_code == status
    assert Macro.objects.filter(name="New").exists() is (name in ("sam", "ada"))
    made = macro("Other")
    assert client.get(f"{ADMIN}{made.pk}/change/").status_code == (302 if name == "alice" else 200)
    assert client.post(f"{ADMIN}{made.pk}/delete/", {"post": "yes"}).status_code in (302, 403)
    assert Macro.objects.filter(pk=made.pk).exists()


def test_a_variable_that_means_nothing_is_refused(client: CheckingClient, world: World) -> None:
    client.force_login(world.sam)
    page = client.post(f"{ADMIN}add/", {"name": "New", "verb": "DENY", "text": "Dear {buyer}, {claim_id}"})
    (error,) = page.context["adminform"].form.errors["text"]
    assert error.startswith("{buyer} means nothing. Known: {claim_id}, {order_id}")
    assert not Macro.objects.exists()


def test_a_claims_page_links_the_macros_of_the_verbs_one_has(client: CheckingClient, world: World) -> None:
    claim, made = world.claim(), macro()
    macro("thanks", Verb.SEND_MESSAGE, "Thank you.")
    assert client.get(address(claim)).context["macros"] == [
        ("Came back as sold", "Deny", f"{address(claim, 'decide')}?macro={made.pk}"),
        ("thanks", "Send message", f"{address(claim, 'message')}?macro={made.pk + 1}"),
    ]
    client.force_login(world.ada)
    assert client.get(address(claim)).context["macros"] == []


def test_asking_again_by_a_macro_keeps_what_was_asked_and_the_date_that_runs(
    client: CheckingClient, world: World
) -> None:
    claim = world.claim()
    world.ask(claim)
    (asked,) = claim.information_requests.all()
    later = world.now + timedelta(days=90)
    Claim.objects.filter(pk=claim.pk).update(reply_by=later)
    macro("ask", Verb.REQUEST_INFORMATION, "Please by {reply_by}.", slots=[Slot.WEIGHT])
    page = client.get(f"{address(claim, 'request')}?macro=ask")
    chosen = {slot["code"] for slot in page.context["slots"] if slot["chosen"]}
    assert chosen == {Slot.WEIGHT, *(item.slot for item in asked.items.all() if item.slot)}
    assert [own for own in page.context["own"] if own] == [item.words for item in asked.items.all() if item.words]
    assert page.context["text"] == f"Please by {page.context['reply_by']}."


@pytest.mark.parametrize("braces", ["{order-id}", "{claim id}", "{}", "{ buyer }"])
def test_braces_that_would_reach_the_seller_as_they_stand_are_refused(
    client: CheckingClient, world: World, braces: str
) -> None:
    client.force_login(world.sam)
    page = client.post(f"{ADMIN}add/", {"name": "New", "verb": "DENY", "text": f"For {braces} we looked."})
    (error,) = page.context["adminform"].form.errors["text"]
    assert error.startswith(f"{braces} means nothing.")


def test_spaces_around_a_variable_do_not_matter(client: CheckingClient, world: World) -> None:
    claim = world.claim()
    made = macro(text="For { order_id } we looked.")
    words = client.get(f"{address(claim, 'decide')}?macro={made.pk}").context["words"]
    assert words == f"For {claim.order.order_id} we looked."
