"""Refunds, filing, drafts and batches in Chromium: wide and light, narrow and dark, real CSP, with axe.

And a claim filed on a phone's width by keyboard alone, with and without scripts.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from claims.filing import batches, drafts
from claims.models import Batch, Claim, Draft, Order
from claims.refunds import stored_eligibility
from claims.rules.lifecycle import Reason
from tests.browser.checks import findings
from tests.browser.test_claim_pages import sign_in
from tests.cast import World, picture

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (390, "dark")]
WORDS = "The box came back with a bag of sand in it instead of the train set."


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def batch_of(world: World) -> Batch:
    rows = [{"number": n + 2, "order_id": world.refund().order.order_id, "given": given} for n, given in enumerate((
        {"reason": "not_returned", "description": WORDS}, {"reason": "damaged"}, {"quantity": "7"},
    ))]  # fmt: skip
    batch = batches.begin_drafts(
        membership=world.member(world.alice), uuid=uuid4(), rows=rows, name="claims.csv", now=world.now
    )
    batches.work(batch.pk, clock=timezone.now)
    return batch


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_pages_are_in_order(world: World, live_server: LiveServer, browser: Browser, width: int, theme: str) -> None:
    soon = world.refund(days=-26, quantity=3, amount_minor=128450)
    for days in (-29.5, -20, -3, 3, -200):
        world.refund(days=days)
    barred = world.refund()
    Order.objects.filter(pk=barred.order_id).update(a_to_z=True)
    stored_eligibility.recompute_windows([barred.pk], world.now)
    claim = world.claim()
    ready, bare, late = world.draft(soon, quantity=2), world.draft(evidence=False, text="Sand"), world.draft(days=-60)
    assert late.refund is not None
    drafts.save(bare, now=world.now, amounts={bare.refund.lines.get().sku: "12,3x"})  # type: ignore[union-attr]
    batch = batch_of(world)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, world.alice, "/refunds/")
    tabs = ("closing-soon", "open", "not-yet", "missed", "not-claimable", "claimed")
    steps = [f"/claims/new/{one.uuid}/{step}/" for one in (ready, bare) for step in ("what", "why", "proof", "review")]
    paths = [
        *(f"/refunds/?tab={tab}" for tab in tabs), "/refunds/?tab=missed&q=111-1111111-1111111", *steps, "/drafts/",
        "/refunds/bulk/", f"/refunds/batches/{batch.uuid}/", f"/claims/{claim.claim_id}/receipt/",
    ]  # fmt: skip
    for number, path in enumerate(paths):
        assert findings(page, live_server.url + path) == {}, path
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{width}-{number:02}.png", full_page=True)
    context.close()


def press_to(page: Page, name: str, most: int = 80) -> None:
    """Move on with Tab until what has this name, or begins with it, has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "(() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return (e.getAttribute('aria-label') || (l && l.innerText) || e.innerText || '').trim() })()"
        )
        if found.startswith(name):
            return
    raise AssertionError(f"Tab never came to {name!r}")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_claim_is_filed_on_a_phone_by_keyboard_alone(
    world: World, live_server: LiveServer, browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    line = world.refund(quantity=2, amount_minor=5000)
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture())
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, live_server, world.alice, "/refunds/")

    def at(step: str) -> None:
        page.wait_for_url(f"**/{step}/")
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    def activate(name: str, key: str = "Enter") -> None:
        if scripts:
            press_to(page, name)
        else:  # nothing can be asked of a page without scripts; the focus is put there, the key does the rest
            page.get_by_role("button", name=name).or_(page.get_by_role("radio", name=name)).or_(
                page.get_by_role("checkbox", name=name)
            ).first.focus()
        page.keyboard.press(key)

    activate(f"File a claim, order {line.order.order_id}")
    at("why")
    activate("Came back damaged", "Space")
    page.keyboard.press("ArrowDown")  # radio buttons are one stop of Tab; the arrows choose
    activate("Continue")
    at("proof")
    for slot in ("ITEM_PHOTO", "LABEL_PHOTO"):
        page.locator(f"#file-{slot}").set_input_files(photo)
    page.locator("#statement").focus()
    page.keyboard.type(WORDS)
    activate("Continue to review")
    at("review")
    activate("Back")
    at("proof")
    assert page.locator("#statement").input_value() == WORDS
    assert page.get_by_text("have 1 file").count() == 2
    activate("Continue to review")
    at("review")
    activate("I have read", "Space")
    activate("Submit the claim")
    at("receipt")
    claim = Claim.objects.get()
    assert (claim.claimed_minor, claim.statement, claim.reason) == (5000, WORDS, Reason.DIFFERENT)
    assert claim.attachments.count() == 2
    context.close()


def test_what_is_typed_is_kept_without_a_button(world: World, live_server: LiveServer, browser: Browser) -> None:
    draft = world.draft(evidence=False, text="")
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, live_server, world.alice, "/drafts/")
    page.goto(f"{live_server.url}/claims/new/{draft.uuid}/proof/")
    with page.expect_response("**/proof/") as kept:
        page.locator("#statement").fill(WORDS)
    assert kept.value.ok
    assert Draft.objects.get().text == WORDS
    assert page.locator("#statement-count").inner_text() == str(len(WORDS))
    page.goto(f"{live_server.url}/claims/new/{draft.uuid}/why/")
    with page.expect_response("**/why/"):
        page.get_by_role("radio", name="Parts missing").check()
    assert Draft.objects.get().choices["reason"] == Reason.PARTS
    context.close()
