"""Files that go up as they are chosen, in Chromium: with a bar, without losing a word, and without scripts too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Attachment, Claim, Draft
from tests.browser.test_claim_pages import sign_in
from tests.cast import World
from tests.claims.files.samples import jpeg, pdf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


@pytest.fixture
def asked(world: World) -> Claim:
    claim = world.claim()
    world.ask(claim)
    return claim


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "label.jpg"
    path.write_bytes(jpeg(900, 600))
    return str(path)


def thread(page: Page, live_server: LiveServer, world: World, claim: Claim) -> None:
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")


def test_a_chosen_file_is_up_before_anything_is_sent(
    world: World, asked: Claim, live_server: LiveServer, browser: Browser, photo: str, tmp_path: Path
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
    thread(page, live_server, world, asked)
    page.locator("#text").fill("Here is the number, ")
    (tmp_path / "evil.pdf").write_bytes(b"MZ\x90\x00" + bytes(200))
    page.locator("#slot-SERIAL_PHOTO").set_input_files([photo, str(tmp_path / "evil.pdf")])

    chip = page.locator("#composer-asked .file")
    expect(chip.get_by_role("link", name="label.jpg", exact=True)).to_be_visible()
    expect(chip.get_by_role("img")).to_have_attribute("alt", "Preview of label.jpg")
    expect(page.locator("#composer-asked .names .refused")).to_have_text(
        "evil.pdf is a program, whatever its name says. "
        "PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV are accepted."
    )
    expect(page.locator("#text")).to_have_value("Here is the number, ")
    file = Attachment.objects.get(draft__claim=asked)
    assert (file.name, file.slot) == ("label.jpg", "SERIAL_PHOTO")
    expect(page.locator("#composer-saved")).to_contain_text("Only you can see it.")
    assert Draft.objects.get().text == "Here is the number, "

    page.locator("#text").press_sequentially("at last.")
    page.get_by_role("button", name="Send reply").click()
    page.wait_for_url("**#e*")

    file.refresh_from_db()
    assert (file.claim, Attachment.objects.filter(claim=asked, name="label.jpg").count()) == (asked, 1)
    assert page.locator(f"#f-{file.uuid}").is_visible()
    page.context.close()


def test_a_file_that_could_not_go_up_goes_with_the_form(
    world: World, asked: Claim, live_server: LiveServer, browser: Browser, photo: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    thread(page, live_server, world, asked)
    address = f"**/claims/{asked.claim_id}/messages/"
    page.route(address, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("#files").set_input_files(photo)
    expect(page.get_by_text("Not uploaded yet. It goes along when you send.")).to_be_visible()
    page.unroute(address)

    page.locator("#text").fill("Sent all the same.")
    page.get_by_role("button", name="Send reply").click()
    page.wait_for_url("**#e*")

    assert Attachment.objects.filter(claim=asked, name="label.jpg").count() == 1
    context.close()


def test_a_photo_on_its_way_goes_with_the_form_though_another_was_taken_after_it(
    world: World, asked: Claim, live_server: LiveServer, browser: Browser, photo: str, tmp_path: Path
) -> None:
    second = tmp_path / "second.jpg"
    second.write_bytes(jpeg(800, 600))
    context = browser.new_context(has_touch=True, is_mobile=True)
    page = context.new_page()
    thread(page, live_server, world, asked)
    page.locator("#text").fill("Two photos.")
    Held(page, f"**/claims/{asked.claim_id}/messages/", is_upload)
    camera = page.locator("#slot-SERIAL_PHOTO-camera")
    camera.set_input_files(photo)
    expect(page.locator("#composer progress")).to_be_visible()
    camera.set_input_files(str(second))
    expect(page.locator("#composer-asked .names li")).to_have_text(["label.jpg", "second.jpg"])
    page.get_by_role("button", name="Send reply").click()
    page.wait_for_url("**#e*")
    sent = Attachment.objects.filter(claim=asked, slot="SERIAL_PHOTO")
    assert sorted(sent.values_list("name", flat=True)) == ["label.jpg", "second.jpg"]
    context.close()


def test_a_file_that_could_not_go_up_goes_with_the_form_though_another_went_up_after_it(
    world: World, asked: Claim, live_server: LiveServer, browser: Browser, photo: str, tmp_path: Path
) -> None:
    second = tmp_path / "second.jpg"
    second.write_bytes(jpeg(800, 600))
    context = browser.new_context()
    page = context.new_page()
    thread(page, live_server, world, asked)
    address = f"**/claims/{asked.claim_id}/messages/"
    page.locator("#text").fill("Both of them.")
    expect(page.locator("#composer-saved")).to_contain_text("Draft saved")
    page.route(address, lambda route: route.abort() if is_upload(route.request) else route.continue_())
    page.locator("#files").set_input_files(photo)
    not_yet = page.get_by_text("Not uploaded yet. It goes along when you send.")
    expect(not_yet).to_be_visible()
    page.unroute(address)
    page.locator("#slot-SERIAL_PHOTO").set_input_files(str(second))
    expect(page.locator("#composer progress")).to_have_count(0)
    expect(not_yet).to_be_visible()
    page.get_by_role("button", name="Send reply").click()
    page.wait_for_url("**#e*")
    sent = Attachment.objects.filter(claim=asked, name__in=["label.jpg", "second.jpg"], position__gt=1)
    assert sorted(sent.values_list("name", flat=True)) == ["label.jpg", "second.jpg"]
    context.close()


def test_filing_shows_a_file_in_its_slot_as_soon_as_it_is_up(
    world: World, live_server: LiveServer, browser: Browser, photo: str, tmp_path: Path
) -> None:
    draft = world.draft(evidence=False)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, live_server, world.alice, f"/claims/new/{draft.uuid}/proof/")
    (tmp_path / "scan.pdf").write_bytes(pdf(pages=3))
    page.locator("#file-LABEL_PHOTO").set_input_files(photo)
    page.locator("#file-ITEM_PHOTO").set_input_files(str(tmp_path / "scan.pdf"))

    expect(page.locator("#slot-LABEL_PHOTO.have .file")).to_contain_text("label.jpg")
    expect(page.locator("#slot-ITEM_PHOTO.have .file")).to_contain_text("3 pages")
    assert Draft.objects.get(pk=draft.pk).attachments.count() == 2
    page.get_by_role("button", name="Remove label.jpg").click()
    expect(page.locator("#slot-LABEL_PHOTO.missing")).to_be_visible()
    context.close()


class Held:
    """Requests that are held on their way, as by a slow network, until they are let go."""

    def __init__(self, page: Page, address: str, is_one: Callable[[Request], bool], most: int = 1) -> None:
        self.routes: list[Route] = []

        def decide(route: Route) -> None:
            nonlocal most
            if is_one(route.request) and most:
                most -= 1
                self.routes.append(route)
            else:
                route.continue_()

        page.route(address, decide)

    def let_go(self, page: Page) -> None:
        """Let the first one go and wait for its answer."""
        route = self.routes.pop(0)
        with page.expect_event("requestfinished", lambda request: request == route.request):
            route.continue_()


def is_upload(request: Request) -> bool:
    return request.method == "POST" and b"filename=" in (request.post_data_buffer or b"")


def test_an_upload_that_ends_late_leaves_the_newer_words(
    world: World, asked: Claim, live_server: LiveServer, browser: Browser, photo: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    thread(page, live_server, world, asked)
    page.locator("#text").fill("Old words.")
    held = Held(page, f"**/claims/{asked.claim_id}/messages/", is_upload)
    page.locator("#files").set_input_files(photo)
    expect(page.locator("#composer progress")).to_be_visible()
    page.locator("#text").fill("Newer words.")
    expect(page.locator("#composer-saved")).to_contain_text("Draft saved")
    assert Draft.objects.get().text == "Newer words."
    held.let_go(page)
    expect(page.locator("#composer-files .file")).to_contain_text("label.jpg")
    page.reload()
    expect(page.locator("#text")).to_have_value("Newer words.")
    assert Draft.objects.get().attachments.count() == 1
    context.close()


def test_an_upload_that_ends_late_leaves_the_newer_statement(
    world: World, live_server: LiveServer, browser: Browser, photo: str
) -> None:
    draft = world.draft(evidence=False, text="Old words.")
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, live_server, world.alice, f"/claims/new/{draft.uuid}/proof/")
    held = Held(page, "**/proof/", is_upload)
    page.locator("#file-LABEL_PHOTO").set_input_files(photo)
    expect(page.locator("progress")).to_be_visible()
    with page.expect_response(lambda answer: b'"auto"' in (answer.request.post_data_buffer or b"")):
        page.locator("#statement").fill("Newer words.")
    assert Draft.objects.get().text == "Newer words."
    held.let_go(page)
    expect(page.locator("#slot-LABEL_PHOTO.have .file")).to_contain_text("label.jpg")
    page.reload()
    expect(page.locator("#statement")).to_have_value("Newer words.")
    context.close()


def test_without_scripts_a_file_goes_with_the_form(
    world: World, asked: Claim, live_server: LiveServer, browser: Browser, photo: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    thread(page, live_server, world, asked)
    page.locator("#files").set_input_files(photo)
    page.get_by_role("button", name="Save draft").click()
    assert page.locator("#composer-files .file").inner_text().startswith("label.jpg")
    context.close()
