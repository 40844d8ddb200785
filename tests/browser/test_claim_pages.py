"""A claim's pages in Chromium: wide and narrow, light and dark, real CSP, with axe; by keyboard; without scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from claims.models import Claim, Draft
from claims.rules.lifecycle import Slot, Status
from messaging.models import Message
from tests.browser.checks import findings
from tests.cast import PASSWORD, World, picture

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (390, "dark")]


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def sign_in(page: Page, live_server: LiveServer, user: User, then: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/?next={then}")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{then.split('?')[0]}*")


def told_claim(world: World) -> Claim:
    """A claim with all that a thread can show."""
    claim = world.claim()
    world.ask(claim)
    Message.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=99,
        at=world.at(-3.9),
        party=Message.Party.SELLER,
        origin=Message.Origin.IMPORTED,
        text="As I said before: https://carrier.example/track",
        quoted="> On Monday you wrote",
    )
    world.reply(claim)
    world.decide(claim, 4000, words="The box was damaged, the item less so.")
    world.message(claim, text="Thank you for the quick answer.")
    return claim


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_pages_of_a_claim_are_in_order(
    world: World, live_server: LiveServer, browser: Browser, width: int, theme: str
) -> None:
    told, asked = told_claim(world), world.claim()
    world.ask(asked, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT))
    draft = world.reply_draft(asked)
    world.add_file(draft, Slot.WEIGHT)
    world.add_file(draft, name="a-very-long-name-of-a-photo-that-a-telephone-made-up-20261123_120000_HDR.png")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, world.alice, f"/claims/{told.claim_id}/")
    for claim in (told, asked):
        at = f"{live_server.url}/claims/{claim.claim_id}/"
        for url in (at, f"{at}messages/", f"{at}messages/?at=2", f"{at}withdraw/"):
            assert findings(page, url) == {}, url
    context.close()


def test_deep_link_outlines_its_entry_and_puts_the_reader_there(
    world: World, live_server: LiveServer, page: Page
) -> None:
    claim = told_claim(world)
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/?at=7")
    target = page.locator(".is-target")
    assert target.get_attribute("id") == "e6"  # the decision of the change at 7
    assert target.evaluate("e => e === document.activeElement") is True
    assert page.locator("#e7").count() == 1


def test_reply_with_a_photo_by_keyboard(world: World, live_server: LiveServer, page: Page, tmp_path: Path) -> None:
    claim = world.claim()
    world.ask(claim)
    photo = tmp_path / "serial.png"
    photo.write_bytes(picture("#336699"))
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")
    page.get_by_label("Your message").focus()
    page.keyboard.type("Here is the number.")
    page.get_by_label("Add photo: Photo of the serial number").set_input_files(photo)
    page.get_by_role("button", name="Send reply").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/messages/?at=4#e4")
    assert page.get_by_role("status").filter(has_text="It is the SAFE-T team's turn.").is_visible()
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION


def test_enter_in_a_choice_keeps_the_draft_and_sends_nothing(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")
    page.get_by_label("Your message").fill("Not yet")
    page.get_by_role("radio", name="Appeal this decision").check()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Only you can see it.")
    assert (Draft.objects.get().text, Message.objects.count()) == ("Not yet", 0)
    assert page.get_by_role("radio", name="Appeal this decision").is_checked()


def test_words_are_kept_while_they_are_written(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")
    page.get_by_label("Your message").press_sequentially("Not sent, not saved by hand")
    page.wait_for_selector("text=Only you can see it.")
    page.reload()
    assert page.get_by_label("Your message").input_value() == "Not sent, not saved by hand"
    page.get_by_label("Your message").press("Control+End")
    page.get_by_label("Your message").press_sequentially(", and sent at once")
    page.get_by_role("button", name="Send message").click()
    page.wait_for_url("**/messages/?at=2#e2")
    page.wait_for_load_state("networkidle")
    assert Message.objects.get().text == "Not sent, not saved by hand, and sent at once"
    assert not Draft.objects.exists()


def test_appeal_without_javascript(world: World, live_server: LiveServer, browser: Browser) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")
    page.get_by_label("Your message").fill("You looked at the wrong photo.")
    page.get_by_role("button", name="Send", exact=True).click()
    assert page.get_by_role("alert").get_by_role("link").all_text_contents() == [
        "Choose: appeal this decision, or send only a message."
    ]
    page.get_by_role("radio", name="Appeal this decision").check()
    page.get_by_label("Something it says is not so").check()
    page.get_by_label("This uses your one appeal").check()
    page.get_by_role("button", name="File the appeal", exact=True).click()
    page.wait_for_url("**/messages/?at=4#e4")
    assert page.get_by_role("heading", name="The SAFE-T team's turn: appeal").is_visible()
    context.close()
