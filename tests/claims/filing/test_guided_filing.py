"""What guided filing shows and keeps: amounts with their limits, cases of a reason, what each reason needs and when."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.values import amounts
from claims.models import Claim, Draft, Order, PolicyRule, RefundLine
from tests.cast import World
from tests.claims.filing.test_step_pages import accepted, at, text_of, to_fix
from tests.html import CheckingClient


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def alice(client: CheckingClient, world_now: World) -> CheckingClient:
    client.force_login(world_now.alice)
    return client


@pytest.fixture
def half_for_damaged(world_now: World) -> PolicyRule:
    """For damaged items at most half of what the order came to."""
    return PolicyRule.objects.create(
        key="damaged-half", version=1, name="Damaged: half", reason="DAMAGED", trigger="REFUND", closes_after=30,
        percent_cap=50, clause="At most half.", source="a test",
    )  # fmt: skip


def what(client: CheckingClient, draft: Draft, line: RefundLine, quantity: int, amount: str, was: str = "") -> Any:
    fields = {f"quantity-{line.sku}": str(quantity), f"amount-{line.sku}": amount, f"was-{line.sku}": was}
    return client.post(at(draft, "what"), fields)


@pytest.mark.parametrize(("written", "minor"), [
    ("24.50", 2450), ("24,50", 2450), ("24", 2400), ("1,284.50", 128450), ("1,284", 128400), ("0.01", 1),
    (" 7.5 ", 750), ("", None), ("12,3x", None), ("-5", None), ("1.234", 123400), ("1e9", None), ("١٢", None),
    ("9" * 13, None),
])  # fmt: skip
def test_amounts_are_read_as_people_write_them(written: str, minor: int | None) -> None:
    assert amounts.typed(written, "USD") == minor


def test_an_amount_has_no_more_decimals_than_its_currency() -> None:
    assert (amounts.typed("24", "JPY"), amounts.typed("24.5", "JPY")) == (24, None)
    assert amounts.typed("1.234", "KWD") == 1234


def test_less_than_there_is_can_be_claimed(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=2, amount_minor=5000)
    draft = world_now.draft(line)
    assert what(alice, draft, line, 2, "12.30")["Location"] == at(draft, "why")
    page = alice.get(at(draft, "what"))
    assert [(one["amount"], one["most"]) for one in page.context["lines"]] == [("12.30", "50.00 USD")]
    assert "At most 50.00 USD: that is what was refunded without tax." in text_of(page)
    alice.post(at(draft, "review"), accepted(alice, draft))
    assert Claim.objects.get().claimed_minor == 1230


def test_an_amount_left_as_it_was_shown_follows_the_quantity(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=2, amount_minor=5000)
    draft = world_now.draft(line, quantity=2)
    what(alice, draft, line, 1, "50.00", was="50.00")
    assert alice.get(at(draft, "what")).context["lines"][0]["amount"] == "25.00"
    what(alice, draft, line, 1, "20.00", was="25.00")
    what(alice, draft, line, 1, "20.00", was="20.00")
    assert alice.get(at(draft, "what")).context["lines"][0]["amount"] == "20.00"
    what(alice, draft, line, 1, "", was="20.00")
    assert alice.get(at(draft, "what")).context["lines"][0]["amount"] == "25.00"


@pytest.mark.parametrize(("written", "said"), [
    ("50.01", "Enter an amount from 0.01 to 50.00 USD: that is what was refunded without tax."),
    ("0", "Enter an amount from 0.01 to 50.00 USD: that is what was refunded without tax."),
    ("12,3x", "Write the amount like 24.50."), ("9" * 30, "Write the amount like 24.50."),
])  # fmt: skip
def test_an_amount_that_cant_be_claimed_is_said_and_kept_as_typed(
    alice: CheckingClient, world_now: World, written: str, said: str
) -> None:
    line = world_now.refund(amount_minor=5000)
    draft = world_now.draft(line)
    page = what(alice, draft, line, 1, written)
    assert to_fix(page) == [said]
    assert page.context["lines"][0]["amount"] == (written if written != "0" else "0.00")
    assert 'href="#amount-1"' in page.content.decode()
    assert alice.post(at(draft, "review"), accepted(alice, draft)).status_code == 200
    assert not Claim.objects.exists()


def test_a_limit_of_the_reason_is_said_where_the_reason_is_chosen(
    alice: CheckingClient, world_now: World, half_for_damaged: PolicyRule
) -> None:
    line = world_now.refund(amount_minor=5000)
    Order.objects.filter(pk=line.order_id).update(amount_minor=6000, currency="USD")
    draft = world_now.draft(line, evidence=False)
    what(alice, draft, line, 1, "45.00")
    said = 'Enter an amount from 0.01 to 30.00 USD: for "Came back damaged, used or unsellable" at most 50% of what'
    page = alice.post(at(draft, "why"), {"reason": "DAMAGED"})
    assert [words[: len(said)] for words in to_fix(page)] == [said]
    assert page.context["problems"][0]["href"] == f"{at(draft, 'what')}#amount-1"
    what(alice, draft, line, 1, "", was="45.00")
    assert alice.get(at(draft, "what")).context["lines"][0]["amount"] == "30.00"  # all there is, under the limit
    assert alice.post(at(draft, "why"), {"reason": "DIFFERENT"})["Location"] == at(draft, "proof")
    assert alice.get(at(draft, "what")).context["lines"][0]["amount"] == "50.00"


def test_each_reason_says_what_it_needs_and_until_when(alice: CheckingClient, world_now: World) -> None:
    PolicyRule.objects.create(
        key="not-returned", version=1, name="Not returned: day 45", reason="NOT_RETURNED", trigger="REFUND",
        opens_after=45, closes_after=75, clause="From day 45.", source="a test",
    )  # fmt: skip
    draft = world_now.draft(world_now.refund(days=-10))
    reasons = {one["code"]: one for one in alice.get(at(draft, "why")).context["reasons"]}
    assert reasons["DAMAGED"]["is_open"]
    assert reasons["DAMAGED"]["when"].startswith("You can file until ")
    assert reasons["DAMAGED"]["needs"] == (
        "photo of the item you received and photo of the package with the return label visible"
    )
    assert not reasons["NOT_RETURNED"]["is_open"]
    assert reasons["NOT_RETURNED"]["when"].startswith('For "Not returned" the window opens ')
    alice.post(at(draft, "why"), {"reason": "NOT_RETURNED"})
    page = alice.get(at(draft, "review"))
    assert "the window opens" in text_of(page)
    assert to_fix(alice.post(at(draft, "review"), accepted(alice, draft)))[-1].startswith(
        'For "Not returned" the window'
    )


def test_a_case_is_kept_with_its_reason_only(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    alice.post(at(draft, "why"), {"reason": "DIFFERENT", "case-DIFFERENT": "EMPTY_BOX", "case-DAMAGED": "BROKEN"})
    draft.refresh_from_db()
    assert (draft.choices["reason"], draft.choices["sub_reason"]) == ("DIFFERENT", "EMPTY_BOX")
    alice.post(at(draft, "why"), {"reason": "DAMAGED", "case-DAMAGED": "\x00"})
    draft.refresh_from_db()
    assert (draft.choices["reason"], draft.choices["sub_reason"]) == ("DAMAGED", "")


@pytest.mark.parametrize(("step", "fields", "kept"), [
    ("why", {"reason": "PARTS"}, ("reason", "PARTS")),
    ("proof", {"statement": "One word"}, ("text", "One word")),
    ("what", {}, ("reason", "DIFFERENT")),
])  # fmt: skip
def test_what_a_page_keeps_by_itself_is_kept_and_answered_in_words(
    alice: CheckingClient, world_now: World, step: str, fields: dict[str, str], kept: tuple[str, str]
) -> None:
    draft = world_now.draft(evidence=False)
    answer = alice.post(at(draft, step), {**fields, "auto": "1"})
    assert answer.json()["words"].startswith("Draft saved ")
    draft.refresh_from_db()
    assert {**draft.choices, "text": draft.text}[kept[0]] == kept[1]


@pytest.mark.parametrize(("step", "newer", "older"), [
    ("proof", {"statement": "Newer words"}, {"statement": "Newer"}),
    ("why", {"reason": "PARTS"}, {"reason": "DAMAGED"}),
    ("what", {"quantity-A": "2"}, {"quantity-A": "1"}),
])  # fmt: skip
def test_what_was_written_earlier_and_comes_late_is_left_out(
    alice: CheckingClient, world_now: World, step: str, newer: dict[str, str], older: dict[str, str]
) -> None:
    draft = world_now.draft(evidence=False)
    page = {"auto": "1", "tab": "one"}
    alice.post(at(draft, step), {**page, **newer, "n": "2"})
    draft.refresh_from_db()
    kept = (draft.text, draft.choices)
    assert alice.post(at(draft, step), {**page, **older, "n": "1"}).json() == {"n": 2}
    draft.refresh_from_db()
    assert (draft.text, draft.choices) == kept
    assert "words" in alice.post(at(draft, step), {**page, **older, "n": "1", "tab": "two"}).json()


def test_what_a_form_does_not_carry_stays(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    draft = world_now.draft(line, text="What is written")
    alice.post(at(draft, "why"), {"reason": "DIFFERENT", "case-DIFFERENT": "EMPTY_BOX"})
    what(alice, draft, line, 1, "12.00")
    draft.refresh_from_db()
    kept = {name: draft.choices[name] for name in ("reason", "sub_reason", "quantities", "amounts")}
    for step, fields in (("what", {}), ("why", {"reason": "DIFFERENT"}), ("proof", {}), ("proof", {"upload": "1"})):
        alice.post(at(draft, step), {**fields, "stay": "1"})
    alice.post(at(draft, "proof"), {"upload": "1", "statement": "Older words"})
    draft.refresh_from_db()
    assert {name: draft.choices[name] for name in kept} == kept
    assert draft.text == "What is written"


def test_too_long_a_description_is_kept_and_told_at_once(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    answer = alice.post(at(draft, "proof"), {"auto": "1", "statement": "\U0001f600" * 4_002})
    assert answer.json()["words"].endswith("The statement is 2 characters too long; at most 4,000.")
    draft.refresh_from_db()
    assert len(draft.text) == 4_002


def test_a_page_whose_draft_was_filed_is_told(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    world_now.file(draft)
    answer = alice.post(at(draft, "proof"), {"auto": "1", "statement": "Too late"})
    assert (answer.status_code, answer.json()["words"]) == (
        409,
        "Not saved: this draft was filed or deleted in another tab.",
    )


def test_a_sku_with_odd_letters_can_be_chosen_and_named(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=3, sku="TRAIN SET/42 #1")
    draft = world_now.draft(line, evidence=False)
    page = what(alice, draft, line, 4, "")
    assert to_fix(page) == ["Choose a quantity from 1 to 3."]
    assert 'href="#quantity-1"' in page.content.decode()
    assert what(alice, draft, line, 3, "")["Location"] == at(draft, "why")


# Drafts


def test_drafts_say_what_they_lack_until_when_and_where_to_go_on(alice: CheckingClient, world_now: World) -> None:
    world_now.draft()
    bare, late = world_now.draft(evidence=False, text=""), world_now.draft(world_now.refund(days=-60), days=-50)
    rows = {row.uuid: row for row in alice.get("/drafts/").context["rows"]}
    card = rows[str(bare.uuid)].card
    assert (card.headline, card.asked) == ("Not filed yet", (
        "Add photo of the item you received.", "Add photo of the package with the return label visible.",
        "Describe what happened, in at least 20 characters.",
    ))  # fmt: skip
    assert card.until.startswith("File by ")
    assert [(button.label, button.href) for button in card.buttons] == [
        ("Continue", at(bare, "proof")), ("Delete draft", f"/claims/new/{bare.uuid}/delete/"),
    ]  # fmt: skip
    ended = rows[str(late.uuid)].card
    assert (ended.headline, [button.label for button in ended.buttons]) == (
        "This draft can't be filed",
        ["Delete draft"],
    )
    assert "the window ended " in ended.why[0]
    assert sum(row.is_complete for row in rows.values()) == 1


@pytest.mark.parametrize("count", [1, 30])
def test_drafts_cost_the_same_queries_at_any_length(
    alice: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        world_now.draft(evidence=False)
    alice.get("/drafts/")
    with django_assert_num_queries(9):
        page = alice.get("/drafts/")
    assert len(page.context["rows"]) == min(count, 20)


def test_drafts_are_paged_there_and_back_each_once(alice: CheckingClient, world_now: World) -> None:
    made = [str(world_now.draft(evidence=False, days=-5 + n // 3 / 10).uuid) for n in range(45)]
    pages, address = [], "?"
    while address:
        page = alice.get(f"/drafts/{address}")
        pages.append([row.uuid for row in page.context["rows"]])
        last, address = page, page.context["older"]
    assert [len(each) for each in pages] == [20, 20, 5]
    assert sorted(uuid for each in pages for uuid in each) == sorted(made)
    assert [row.uuid for row in alice.get(f"/drafts/{last.context['newer']}").context["rows"]] == pages[1]
    assert alice.get("/drafts/", {"cursor": "older-x"}).status_code == 200
