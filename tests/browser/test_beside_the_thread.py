"""What stands beside a thread, in Chromium: preview, evidence pack, appeal, search; with axe; without scripts."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Appeal, Claim, EvidencePack
from claims.rules.lifecycle import Status
from messaging import packs
from tests.browser.checks import findings
from tests.browser.test_claim_pages import sign_in
from tests.cast import World
from tests.claims.files.samples import pdf

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


@pytest.fixture
def denied(world: World) -> Claim:
    """A claim that can be appealed, with a PDF of three pages sent in its thread."""
    claim = world.claim()
    draft = world.reply_draft(claim)
    world.add_file(draft, name="packing slip_2026.pdf", data=pdf(3))
    world.ask(claim)
    world.reply(claim, text="The slip is in the file.")
    world.decide(claim, 0, words="The slip is of another order.")
    return claim


def pack_in(claim: Claim, state: EvidencePack.State) -> None:
    """Put the pack of the claim as it stands into this state."""
    key = {} if state == EvidencePack.State.READY else {"storage_key": "", "ready_at": None}
    EvidencePack.objects.filter(claim=claim).update(state=state, done=3, total=9, **key)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_pages_beside_the_thread_are_in_order(
    world: World, denied: Claim, live_server: LiveServer, browser: Browser, width: int, theme: str
) -> None:
    slip = denied.attachments.get(media_type="application/pdf")
    photo = denied.attachments.filter(media_type="image/png")[0]
    at = f"{live_server.url}/claims/{denied.claim_id}/messages/"
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, world.alice, f"/claims/{denied.claim_id}/pack/")
    urls = [f"{live_server.url}/attachments/{file.uuid}/look/" for file in (slip, photo)]
    urls += [f"{at}?do=appeal", f"{live_server.url}/messages/"]
    urls += [
        f"{where}?q={words}" for where in (f"{live_server.url}/messages/", f"{at}search/") for words in ("slip", "yeti")
    ]
    for url in urls:
        assert findings(page, url) == {}, url
    pack = f"{live_server.url}/claims/{denied.claim_id}/pack/"
    assert findings(page, pack) == {}
    packs.ask(denied, reader=EvidencePack.Reader.SELLER, user_id=world.alice.pk, now=world.now)
    assert findings(page, pack) == {}  # ready: it was made on the commit
    expect(page.get_by_role("link", name="Download the evidence pack")).to_be_visible()
    for state in (EvidencePack.State.MAKING, EvidencePack.State.FAILED):
        pack_in(denied, state)
        assert findings(page, pack) == {}, state
    context.close()


def test_a_pack_that_is_being_made_becomes_ready_by_itself(
    world: World, denied: Claim, live_server: LiveServer, page: Page
) -> None:
    asked = packs.ask(denied, reader=EvidencePack.Reader.SELLER, user_id=world.alice.pk, now=world.now)
    pack_in(denied, EvidencePack.State.FAILED)
    sign_in(page, live_server, world.alice, f"/claims/{denied.claim_id}/pack/")
    expect(page.get_by_role("status").filter(has_text="The pack could not be made.")).to_be_visible()
    pack_in(denied, EvidencePack.State.MAKING)
    page.reload()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "3")
    pack_in(denied, EvidencePack.State.QUEUED)
    EvidencePack.objects.update(leased_until=None)
    assert packs.make(asked.pk, now=datetime.now(UTC))
    link = page.get_by_role("link", name="Download the evidence pack")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as made:
        assert any(name.endswith("packing slip_2026.pdf") for name in made.namelist())


def test_all_of_it_without_javascript(world: World, denied: Claim, live_server: LiveServer, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, world.alice, f"/claims/{denied.claim_id}/messages/")
    page.get_by_role("link", name="Evidence pack").click()
    page.get_by_role("button", name="Make the evidence pack").click()
    expect(page.get_by_role("link", name="Download the evidence pack")).to_be_visible()

    page.goto(f"{live_server.url}/claims/{denied.claim_id}/messages/")
    page.get_by_label("Words in this thread").fill("slip 2026")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="packing slip_2026.pdf").click()
    chip = page.locator(":target")
    expect(chip.get_by_role("link", name="packing slip_2026.pdf", exact=True)).to_be_visible()
    chip.get_by_role("link", name="Preview of packing slip_2026.pdf").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("packing slip_2026.pdf")
    expect(page.locator(".preview img")).to_have_count(3)
    page.get_by_role("link", name="In the thread").click()

    page.get_by_role("link", name="Appeal this decision").first.click()
    page.get_by_label("There is new evidence").check()
    page.get_by_label("This uses your one appeal").check()
    page.get_by_label("Your message").fill("The slip names our order at the bottom.")
    page.get_by_role("button", name="File the appeal").click()
    page.wait_for_url("**/messages/?at=*")
    denied.refresh_from_db()
    assert (denied.status, Appeal.objects.count()) == (Status.UNDER_INVESTIGATION, 1)
    context.close()
