"""Words that are being written, in Chromium: on a slow network, too long, and left before they are kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Claim, Draft
from messaging.models import Message
from tests.browser.test_claim_pages import sign_in
from tests.browser.test_uploads import Held
from tests.cast import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def opened(page: Page, live_server: LiveServer, world: World) -> Claim:
    claim = world.claim()
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")
    page.wait_for_load_state("networkidle")
    return claim


def writes(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").blur()


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for the server: what a page sends on its way out is answered to nobody."""
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        page.evaluate("1")


def kept() -> str:
    return Draft.objects.values_list("text", flat=True).first() or ""


def is_post(request: Request) -> bool:
    return request.method == "POST"


def test_one_post_at_a_time_and_the_newest_words_last(world: World, live_server: LiveServer, page: Page) -> None:
    claim = opened(page, live_server, world)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if is_post(request) else None)
    held = Held(page, f"**/claims/{claim.claim_id}/messages/", is_post)
    writes(page, "Older")
    until(page, lambda: len(held.routes) == 1)
    writes(page, "Older, newer")
    writes(page, "Older, newer, newest")
    assert (len(posts), kept()) == (1, "")
    held.let_go(page)
    until(page, lambda: kept() == "Older, newer, newest")
    expect(page.locator("#composer-saved")).to_contain_text("Draft saved")
    assert len(posts) == 2


def test_filing_sends_one_post_at_a_time_too(world: World, live_server: LiveServer, page: Page) -> None:
    draft = world.draft(evidence=False, text="")
    page.clock.install()
    sign_in(page, live_server, world.alice, f"/claims/new/{draft.uuid}/proof/")
    held = Held(page, "**/proof/", is_post)
    field = page.locator("#statement")
    field.fill("Older words")
    until(page, lambda: len(held.routes) == 1)
    field.fill("Newer words")
    page.clock.fast_forward(10_000)  # past every pause
    held.let_go(page)
    until(page, lambda: kept() != "")
    page.wait_for_load_state("networkidle")
    until(page, lambda: kept() == "Newer words")


def test_who_leaves_in_the_middle_of_a_word_finds_it_again(world: World, live_server: LiveServer, page: Page) -> None:
    claim = opened(page, live_server, world)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept())[0])
    page.locator("#text").press_sequentially("In the middle of a wo")
    page.goto(f"{live_server.url}/claims/")
    until(page, lambda: kept() == "In the middle of a wo")
    page.goto(f"{live_server.url}/claims/{claim.claim_id}/messages/")
    expect(page.locator("#text")).to_have_value("In the middle of a wo")
    assert asked == []


def test_who_goes_back_after_sending_finds_an_empty_box(world: World, live_server: LiveServer, page: Page) -> None:
    opened(page, live_server, world)
    for words in ("The first thing.", "The second thing."):
        writes(page, words)
        until(page, lambda words=words: kept() == words)  # type: ignore[misc]
        page.get_by_role("button", name="Send message").click()
        page.wait_for_url("**/messages/?at=*")
        page.go_back()
        page.wait_for_load_state("networkidle")
        expect(page.locator("#text")).to_have_value("")
    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == [
        "The first thing.",
        "The second thing.",
    ]
    assert (kept(), page.locator("#composer-saved").inner_text()) == ("", "At most 10,000 characters.")


def test_who_goes_back_after_filing_finds_the_claim(world: World, live_server: LiveServer, page: Page) -> None:
    draft = world.draft()
    sign_in(page, live_server, world.alice, f"/claims/new/{draft.uuid}/proof/")
    page.locator("#statement").fill("A bag of sand was in the box, and no train set.")
    page.get_by_role("button", name="Continue to review").click()
    page.locator("#policy").check()
    page.get_by_role("button", name="Submit the claim").click()
    expect(page.get_by_role("heading", name="is filed.")).to_be_visible()
    claim = Claim.objects.get()
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state("networkidle")
        expect(page.locator("#statement")).to_have_count(0)
        expect(page.locator("body")).to_contain_text(claim.claim_id)
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("letter", ["a", "\U0001f600"])
def test_a_long_paste_is_kept_and_said_to_be_too_long(
    world: World, live_server: LiveServer, page: Page, letter: str
) -> None:
    opened(page, live_server, world)
    writes(page, letter * 70_000)
    expect(page.locator("#composer-saved")).to_contain_text(
        "Only you can see it. The message is 60000 characters too long; at most 10,000."
    )
    assert kept() == letter * 70_000
    page.reload()
    assert page.locator("#text").input_value() == letter * 70_000
    page.get_by_role("button", name="Send message").click()
    expect(page.locator("#to-fix")).to_contain_text("The message is 60000 characters too long")
    assert page.locator("#text").input_value() == letter * 70_000


def test_who_leaves_before_a_long_paste_is_kept_is_asked(world: World, live_server: LiveServer, page: Page) -> None:
    claim = opened(page, live_server, world)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    Held(page, f"**/claims/{claim.claim_id}/messages/", is_post, most=9)
    page.locator("#text").press("a")  # a page nobody touched may not ask
    page.locator("#text").fill("a" * 70_000)
    page.evaluate("document.querySelector('nav a').click()")
    until(page, lambda: asked == ["beforeunload"])
    assert page.locator("#text").input_value() == "a" * 70_000


def test_more_than_the_server_takes_is_said_and_not_sent(world: World, live_server: LiveServer, page: Page) -> None:
    opened(page, live_server, world)
    writes(page, "a" * 1_100_000)
    expect(page.locator("#composer-saved")).to_have_text(
        "Not saved: the text is far too long to be kept. It is still here; shorten it, or put it into a file."
    )
    page.get_by_role("button", name="Send message").click()
    assert len(page.locator("#text").input_value()) == 1_100_000
    writes(page, "Shorter")
    expect(page.locator("#composer-saved")).to_contain_text("Only you can see it.")
    assert kept() == "Shorter"


def test_a_page_says_until_when_nothing_is_kept_by_itself(
    world: World, live_server: LiveServer, page: Page, settings: Any
) -> None:
    """Past the hour's savings the line says so, the script is quiet, and the button still keeps the words."""
    settings.BUDGETS = {**settings.BUDGETS, "saves": 1}
    opened(page, live_server, world)
    writes(page, "First")
    until(page, lambda: kept() == "First")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if is_post(request) else None)
    writes(page, "Second")
    line = page.locator("#composer-saved")
    expect(line).to_have_text(re.compile(r"^Not saved automatically until \d+:00 .M E[SD]T\. Press Save draft"))
    writes(page, "Second and third")
    writes(page, "Second, third and fourth")
    page.get_by_role("button", name="Save draft").click()
    until(page, lambda: kept() == "Second, third and fourth")
    assert len(posts) == 2  # the one that was refused, and the button's
