"""More of the desk in Chromium: money, repairs, insight, record; as a seller; two at once; by keyboard alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Claim, DeadlineMove, UnmatchedPayment
from claims.rules.lifecycle import Status, Verb
from claims.statistics import count
from claims.workflow import desk_actions
from desk.models import Macro, Record
from tests.browser.checks import findings, wrong_here
from tests.browser.test_desk_pages import LESS, sign_in, two_pairs_of_eyes
from tests.cast import World

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [1280, 390]
THEMES = ("light", "dark")


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def at_width(browser: Browser, width: int, *, scripts: bool = True) -> Page:
    return browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts).new_page()


def in_order(page: Page, *urls: str) -> None:
    """Each page is in order in the light and in the dark."""
    for url in urls:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            assert (url, theme, findings(page, url)) == (url, theme, {})


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_money_repairs_and_insight_are_in_order(
    world: World, live_server: LiveServer, browser: Browser, width: int
) -> None:
    two_pairs_of_eyes()
    granted, asked, appealed, proposed = (world.claim() for _ in range(4))
    world.decide(granted, 4000, reasons=LESS, words="It can be sold as a second.")
    world.pay(granted, 1000)
    world.message(asked, text="The buyer lives in 12 Elm Street.", days=-4)
    world.ask(asked)
    world.decide(appealed, 0)
    world.appeal(appealed)
    world.decide(proposed, 6000, reasons=LESS)
    count.count_new(timezone.now())
    macro = Macro.objects.create(name="Came back as sold", verb=Verb.DENY, text="As sold.", reasons=["RETURN_IN_ORDER"])
    UnmatchedPayment.objects.create(
        seller=world.toys,
        source="SETTLEMENT",
        payment="p1",
        order_id=granted.order.order_id,
        amount_minor=3000,
        currency="USD",
        at=world.now,
    )
    at = live_server.url
    page = at_width(browser, width)
    sign_in(page, live_server, world.ada)
    in_order(
        page,
        f"{at}/admin/desk/payments/",
        f"{at}/admin/desk/unpaid/",
        f"{at}/admin/claims/unmatchedpayment/",
        f"{at}/admin/desk/insight/?days=90",
        f"{at}/admin/desk/record/",
        f"{at}/admin/desk/{granted.claim_id}/correct/",
        f"{at}/admin/desk/{asked.claim_id}/extend/",
        f"{at}/admin/desk/{asked.claim_id}/redact/",
        f"{at}/admin/desk/{appealed.claim_id}/release-appeal/",
        f"{at}/admin/desk/{granted.claim_id}/view-as/",
        f"{at}/admin/desk/{proposed.claim_id}/confirm/",
        f"{at}/admin/desk/macro/{macro.pk}/change/",
    )
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_decision_is_looked_at_before_it_is_sent(
    world: World, live_server: LiveServer, browser: Browser, width: int
) -> None:
    claim = world.claim()
    page = at_width(browser, width)
    sign_in(page, live_server, world.hana, f"/admin/desk/{claim.claim_id}/decide/")
    page.get_by_role("radio", name="Grant", exact=False).check()
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_role("heading", name="What the seller will read")).to_be_visible()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert (theme, wrong_here(page)) == (theme, {})
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_two_at_once_keep_their_words_and_see_what_changed(
    world: World, live_server: LiveServer, browser: Browser, width: int
) -> None:
    claim = world.claim()
    page = at_width(browser, width)
    sign_in(page, live_server, world.hana, f"/admin/desk/{claim.claim_id}/decide/")
    page.get_by_role("radio", name="Deny", exact=False).check()
    page.get_by_role("checkbox", name="Came back as sold").check()
    page.get_by_label("In your own words").fill("Both photos show the set as it was sold.")
    desk_actions.take(claim.pk, user=world.sam, now=timezone.now())
    world.message(claim, text="Here is the receipt.", days=0)
    page.get_by_role("button", name="Send the decision", exact=True).click()
    changed = page.get_by_role("region", name="Changed since you opened this page")
    expect(changed).to_contain_text("Sam Whitfield took it")
    expect(changed).to_contain_text("Here is the receipt.")
    expect(page.get_by_label("In your own words")).to_have_value("Both photos show the set as it was sold.")
    expect(page.get_by_role("checkbox", name="Came back as sold")).to_be_checked()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert (theme, wrong_here(page)) == (theme, {})
    claim.refresh_from_db()
    assert (claim.status, claim.assigned_to) == (Status.UNDER_INVESTIGATION, world.sam)
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sellers_pages_are_seen_under_a_banner_and_each_is_on_record(
    world: World, live_server: LiveServer, browser: Browser, width: int
) -> None:
    claim = world.claim()
    world.ask(claim)
    page = at_width(browser, width)
    sign_in(page, live_server, world.sam, f"/admin/desk/{claim.claim_id}/view-as/")
    page.get_by_label("Why (only the record has this)").fill("The seller asks about the page.")
    page.get_by_role("button", name="View as seller", exact=True).click()
    page.wait_for_url(f"**/claims/{claim.claim_id}/")
    seen = ["/claims/", f"/claims/{claim.claim_id}/", f"/claims/{claim.claim_id}/messages/", "/refunds/"]
    before = Record.objects.filter(action=Record.Action.SAW_AS).count()
    for path in seen:
        in_order(page, live_server.url + path)
        expect(page.get_by_text("You see what Blue Door Toys sees.")).to_be_visible()
        # Nothing to send but what searches, and what ends the looking.
        acts = page.locator("form[method=post]").evaluate_all("all => all.map(each => each.getAttribute('action'))")
        assert (path, [act for act in acts if not act.endswith(("/view-as/stop/", "/logout/"))]) == (path, [])
    rows = Record.objects.filter(action=Record.Action.SAW_AS).order_by("pk")[before:]
    paths = [row.detail["path"] for row in rows]
    asked = [path for path in paths if path in seen]  # the rest is what those pages ask for: pictures, what is new
    assert asked == [path for path in seen for _theme in THEMES]
    assert {(row.user_id, row.seller_id, row.detail["why"]) for row in rows} == {
        (world.sam.pk, world.toys.pk, "The seller asks about the page.")
    }
    page.get_by_role("button", name="Back to the desk").click()
    page.wait_for_url("**/admin/claims/claim/")
    page.context.close()


def test_more_time_is_given_by_keyboard_alone_and_without_javascript(
    world: World, live_server: LiveServer, browser: Browser
) -> None:
    claim = world.claim()
    world.ask(claim)
    claim.refresh_from_db()
    assert claim.reply_by is not None
    page = at_width(browser, 1280, scripts=False)
    sign_in(page, live_server, world.hana, f"/admin/desk/{claim.claim_id}/")
    press(page, "Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    press(page, "Enter")
    reached = tab_to(page, "Extend reply-by")
    verbs = page.locator(".verbs").locator("a, button").all_inner_texts()
    assert reached == verbs[: len(reached)]  # the verbs come first, in the order they stand in
    press(page, "Enter")
    page.wait_for_url("**/extend/")
    page.get_by_label("Until the end of", exact=False).focus()
    page.keyboard.type((claim.reply_by + timedelta(days=5)).strftime("%m%d%Y"))
    page.get_by_label("Why (the seller reads this)").focus()
    page.keyboard.type("The carrier is on strike.")
    press(page, "Tab")
    expect(page.locator(":focus")).to_have_text("Give more time")
    press(page, "Enter")
    page.wait_for_url(f"**/{claim.claim_id}/")
    moved = DeadlineMove.objects.get(claim=claim)
    assert Claim.objects.get(pk=claim.pk).reply_by == moved.now_is > claim.reply_by
    page.context.close()


def press(page: Page, key: str) -> None:
    page.keyboard.press(key)


def tab_to(page: Page, words: str) -> list[str]:
    """Press Tab until this has the focus; what had it on the way, to the end."""
    had: list[str] = []
    for _ in range(20):
        press(page, "Tab")
        had.append(page.locator(":focus").inner_text())
        if had[-1] == words:
            return had
    raise AssertionError(had)
