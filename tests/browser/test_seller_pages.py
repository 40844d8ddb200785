"""A seller's lists and the steps of filing in Chromium: wide and light, narrow and dark, real CSP, with axe."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from claims.models import Claim
from claims.statistics import count
from tests.browser.checks import findings
from tests.browser.test_claim_pages import sign_in
from tests.cast import World

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (390, "dark")]


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_lists_and_filing_are_in_order(
    world: World, live_server: LiveServer, browser: Browser, width: int, theme: str
) -> None:
    for _position, claim in world.in_every_position():
        assert Claim.objects.filter(pk=claim.pk).exists()
    count.count_new(world.now)
    free, late = world.refund(quantity=3, amount_minor=128450), world.refund(days=-400)
    draft, bare = world.draft(quantity=1), world.draft(evidence=False, text="")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, world.alice, "/claims/")
    steps = [
        f"/claims/new/{each.uuid}/{step}/" for each in (draft, bare) for step in ("what", "why", "proof", "review")
    ]
    for number, path in enumerate([
        "/claims/", "/claims/?tab=all", "/claims/?tab=all&q=hello", "/refunds/", "/refunds/?view=closed",
        "/claims/new/", f"/claims/new/?order={free.order.order_id}", f"/claims/new/?order={late.order.order_id}",
        "/claims/new/?order=12", *steps, "/drafts/", "/claims/unpaid/", "/claims/insight/",
    ]):  # fmt: skip
        assert findings(page, live_server.url + path) == {}, path
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{width}-{number:02}.png", full_page=True)
    page.goto(f"{live_server.url}/claims/new/{bare.uuid}/review/")
    page.get_by_role("button", name="Submit the claim").click()
    assert page.get_by_role("alert").get_by_role("link").count() == 4  # two files, the statement, the policy
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    context.close()
