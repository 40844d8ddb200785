"""The desk in Chromium: its pages wide and narrow, light and dark, with axe; by keyboard; presence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from claims.models import Claim, ClockRule
from claims.rules.lifecycle import DecisionReason, Status, Verb
from claims.workflow import desk_actions
from desk.models import Macro, SavedFilter
from tests.browser.checks import findings
from tests.cast import PASSWORD, World

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (390, "dark")]
LESS = ((DecisionReason.LESS_RESALE, {"detail": "half of the price"}),)


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def sign_in(page: Page, live_server: LiveServer, user: User, then: str = "/admin/claims/claim/") -> None:
    page.goto(f"{live_server.url}/accounts/login/?next={then}")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{then.split('?')[0]}*")


def two_pairs_of_eyes() -> None:
    clocks = ClockRule.objects.latest("version")
    clocks.pk, clocks.version, clocks.four_eyes_above_minor = None, clocks.version + 1, 5000
    clocks.save(force_insert=True)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_pages_of_the_desk_are_in_order(
    world: World, live_server: LiveServer, browser: Browser, width: int, theme: str
) -> None:
    two_pairs_of_eyes()
    appealed, asked, proposed = world.claim(), world.claim(), world.claim()
    world.decide(appealed, 4000, reasons=LESS, words="It can be sold as a second.")
    world.appeal(appealed)
    world.ask(asked)
    world.decide(proposed, 6000, reasons=LESS)
    Macro.objects.create(name="Came back as sold", verb=Verb.DENY, text="As sold.", reasons=["RETURN_IN_ORDER"])
    SavedFilter.objects.create(user=world.sam, name="Toys", query={"queue": "all"})
    desk_actions.take(appealed.pk, user=world.sam, now=timezone.now())
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, world.sam)
    at, desk = live_server.url, f"{live_server.url}/admin/desk"
    for url in (
        f"{at}/admin/claims/claim/?queue=all",
        f"{at}/admin/claims/claim/?queue=late&seller=seller-a",
        f"{desk}/{appealed.claim_id}/",
        f"{desk}/{appealed.claim_id}/evidence/",
        f"{desk}/{appealed.claim_id}/decide/",
        f"{desk}/{appealed.claim_id}/request/",
        f"{desk}/{appealed.claim_id}/message/",
        f"{desk}/{appealed.claim_id}/note/",
        f"{desk}/{appealed.claim_id}/assign/",
        f"{desk}/{asked.claim_id}/",
        f"{desk}/{proposed.claim_id}/confirm/",
        f"{at}/admin/desk/macro/",
        f"{at}/admin/desk/macro/add/",
    ):
        assert findings(page, url) == {}, url
    context.close()


def test_the_verbs_come_first_by_keyboard_and_have_keys(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    sign_in(page, live_server, world.hana, f"/admin/desk/{claim.claim_id}/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Take")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Your turn")).to_be_visible()
    decide = page.get_by_role("link", name="Decide", exact=True)
    expect(decide).to_have_attribute("accesskey", "d")
    keys = page.locator("[accesskey]").evaluate_all("all => all.map(each => each.accessKey)")
    assert len(keys) == len(set(keys))
    decide.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/decide/")
    page.get_by_role("radio", name="Grant", exact=False).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send the decision", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{claim.claim_id}/")
    claim.refresh_from_db()
    assert claim.status == Status.GRANTED


def test_presence_and_a_change_are_told_while_the_page_is_open(
    world: World, live_server: LiveServer, browser: Browser
) -> None:
    claim = world.claim()
    hana, sam = browser.new_page(), browser.new_page()
    here = f"/admin/desk/{claim.claim_id}/"
    sign_in(hana, live_server, world.hana, here)
    expect(hana.locator("#here")).to_have_text("")
    sign_in(sam, live_server, world.sam, here)
    hana.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # what the timer does every 30 seconds
    expect(hana.locator("#here")).to_have_text("Sam Whitfield is here")
    sam.get_by_role("button", name="Take", exact=True).click()
    sam.wait_for_load_state()
    hana.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(hana.locator("#changed")).to_contain_text("Sam Whitfield took it")
    hana.get_by_role("button", name="Take", exact=True).click()
    expect(hana.get_by_text("Sam Whitfield took it less than a minute ago.")).to_be_visible()
    assert Claim.objects.get(pk=claim.pk).assigned_to == world.sam
    for page in (hana, sam):
        page.close()


def test_deciding_without_javascript_keeps_what_was_typed(
    world: World, live_server: LiveServer, browser: Browser
) -> None:
    claim = world.claim()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.hana, f"/admin/desk/{claim.claim_id}/decide/")
    page.get_by_role("radio", name="Grant", exact=False).check()
    page.get_by_label("Granted (USD)").fill("40")
    page.get_by_label("In your own words").fill("It can be sold as a second.")
    page.get_by_role("button", name="Send the decision", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a reason for each item")
    expect(page.get_by_label("In your own words")).to_have_value("It can be sold as a second.")
    world.message(claim, text="One more photo.", days=0)
    page.get_by_role("checkbox", name="Less: can still be sold").check()
    page.get_by_label("Less: can still be sold: Loss in value").fill("half of the price")
    page.get_by_role("button", name="Send the decision", exact=True).click()
    expect(page.get_by_role("heading", name="Changed since you opened this page")).to_be_visible()
    expect(page.get_by_text("One more photo.")).to_be_visible()
    page.get_by_role("button", name="Send the decision", exact=True).click()
    page.wait_for_url(f"**/{claim.claim_id}/")
    claim.refresh_from_db()
    assert (claim.status, claim.granted_minor) == (Status.GRANTED, 4000)
    context.close()
