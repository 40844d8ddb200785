"""The pages of people in Chromium: wide and narrow, light and dark, under the real CSP, with axe."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts import memberships
from accounts.models import User
from messaging.notifications import addresses, links
from tests.accounts.conftest import Cast, make_cast
from tests.browser.checks import findings

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (390, "dark")]


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    page.goto(f"{live_server.url}/accounts/login/?next=/settings/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/settings/")


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_pages_are_in_order(people: Cast, live_server: LiveServer, browser: Browser, width: int, theme: str) -> None:
    _, token = memberships.invite(people.blue, people.alice, "nina@example.com", "member", datetime.now(UTC))
    asked = addresses.ask(people.membership(people.alice, people.blue), "books@example.com", datetime.now(UTC))
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    at = live_server.url
    confirm, stop = (urlsplit(link(asked)).path for link in (links.confirm, links.stop_copies))
    for url, status in [
        ("/accounts/login/", 200),
        ("/accounts/password/reset/", 200),
        ("/help/", 200),
        (f"/people/join/{token}/", 200),
        ("/people/join/gone/", 404),
        (confirm, 200),
        (stop, 200),
        ("/email/stop/gone/", 404),
        ("/nowhere/", 404),
    ]:
        assert findings(page, at + url, status) == {}, url
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    sign_in(page, live_server, people.gus)
    for url, status in [
        ("/people/", 200),
        ("/settings/", 200),
        ("/settings/email/", 200),
        ("/accounts/password/change/", 200),
        ("/nowhere/", 404),
    ]:
        assert findings(page, at + url, status) == {}, url
    context.close()
    owner = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = owner.new_page()
    sign_in(page, live_server, people.alice)
    for url in ("/people/", "/settings/email/"):
        assert findings(page, at + url) == {}, url
    owner.close()


def test_wrong_password_puts_the_focus_on_what_is_to_be_fixed(
    people: Cast, live_server: LiveServer, page: Page
) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("E-mail").fill("alice@seller-a.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("#to-fix")
    assert page.evaluate("document.activeElement.id") == "to-fix"
    assert page.get_by_label("E-mail").input_value() == "alice@seller-a.example"


def test_everything_of_the_top_bar_works_by_keyboard(people: Cast, live_server: LiveServer, page: Page) -> None:
    sign_in(page, live_server, people.gus)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    menu = page.get_by_text("Gus", exact=True).locator("xpath=ancestor::details")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.evaluate("menu => menu.open") is True
    page.keyboard.press("Escape")
    assert menu.evaluate("menu => [menu.open, menu.contains(document.activeElement)]") == [False, True]


def test_switching_seller_and_theme_without_javascript(people: Cast, live_server: LiveServer, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, people.gus)
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save settings").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.locator("summary", has_text="Blue Door Toys").click()
    page.get_by_role("button", name="Rival").click()
    page.goto(f"{live_server.url}/people/")
    assert page.get_by_role("heading", level=1).text_content() == "People of Rival"
    context.close()
