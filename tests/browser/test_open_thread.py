"""A thread that stays open, in Chromium: what comes while one writes, two tabs, no connection, nobody signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from claims.files import scan_queue, store
from claims.models import Attachment, Claim, Draft
from messaging.models import Message
from tests.browser.test_claim_pages import sign_in
from tests.cast import PASSWORD, World, picture
from tests.messaging.communication_page.test_live import sent_files
from tests.messaging.thread.test_thread import messages
from tests.servers import EICAR

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = "() => document.getElementById('text').getBoundingClientRect().top"


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def opened(page: Page, live_server: LiveServer, world: World, claim: Claim) -> None:
    page.emulate_media(reduced_motion="reduce")  # what scrolls is there at once
    sign_in(page, live_server, world.alice, f"/claims/{claim.claim_id}/messages/")
    page.wait_for_load_state("networkidle")


def console(page: Page) -> list[str]:
    """What the console complains of from here on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    return said


def caret(page: Page) -> Any:
    return page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]")


def test_news_come_by_themselves_and_leave_the_writer_in_peace(
    world: World, live_server: LiveServer, page: Page
) -> None:
    claim = world.claim()
    messages(claim, world, 60)
    opened(page, live_server, world, claim)
    field = page.get_by_label("Your message")
    field.fill("I was just about to say")
    field.press("Home")
    before = page.evaluate(PLACE)
    world.ask(claim, days=0)
    expect(page.locator("#thread")).to_contain_text("We can't make out the number.")
    expect(page.get_by_role("heading", name="Your turn")).to_have_count(1)
    assert page.locator("#live-said").text_content() == "1 new message. This claim is now: Awaiting Seller Response."
    assert (field.input_value(), caret(page)) == ("I was just about to say", ["text", 0])
    assert abs(page.evaluate(PLACE) - before) < 2
    expect(page.get_by_text("This claim changed while you were writing. Your text is kept.")).to_be_visible()
    page.get_by_role("link", name="Show what you can do now").click()
    expect(page.get_by_role("button", name="Send reply")).to_be_visible()
    assert page.get_by_label("Your message").input_value() == "I was just about to say"


def test_box_nobody_writes_in_becomes_the_new_one(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    opened(page, live_server, world, claim)
    world.ask(claim)
    expect(page.get_by_role("button", name="Send reply")).to_be_visible()
    page.get_by_label("Your message").fill("Here it is.")
    page.get_by_role("button", name="Send reply").click()
    page.wait_for_url("**/messages/?at=4#e4")
    assert Message.objects.get(purpose=Message.Purpose.REPLY).text == "Here it is."


def test_a_file_that_is_checked_opens_by_itself_and_moves_nothing(
    world: World, live_server: LiveServer, page: Page, clamd: str
) -> None:
    claim = world.claim()
    messages(claim, world, 30)
    scan_queue.sweep(now=world.now)
    photo, bad = sent_files(world, claim, "photo.png", "bad.txt", data=EICAR.encode())
    photo.storage_key = store.put(ContentFile(picture()))
    photo.making = Attachment.Making.PENDING
    photo.save()
    said = console(page)
    opened(page, live_server, world, claim)
    chip = page.locator(f"#f-{photo.uuid}")
    expect(chip).to_contain_text("Being checked")
    assert chip.get_by_role("link").count() == 0
    field = page.get_by_label("Your message")
    field.fill("Let me see")
    field.press("Home")
    before = page.evaluate(PLACE)

    scan_queue.check_file(photo.pk, now=world.now)
    expect(chip.get_by_role("img")).to_have_attribute("alt", "Preview of photo.png")
    expect(page.locator(f"#p-{photo.uuid}").get_by_role("link", name="photo.png", exact=True)).to_be_visible()
    expect(page.locator("#live-said")).to_have_text("1 file was checked.")
    assert (field.input_value(), caret(page)) == ("Let me see", ["text", 0])
    assert abs(page.evaluate(PLACE) - before) < 2
    expect(page.locator(".live-line")).to_have_count(0)

    pack = page.get_by_role("link", name="Evidence pack")
    pack.focus()
    sent_files(world, claim, "more.txt")
    expect(page.locator("#claim-files")).to_contain_text("more.txt")
    expect(pack).to_be_focused()

    beside = page.locator(f"#p-{bad.uuid}").get_by_role("link")  # where it stands in the thread
    beside.focus()
    scan_queue.check_file(bad.pk, now=world.now)
    expect(page.locator(f"#f-{bad.uuid}")).to_contain_text("Not accepted: it failed the virus check")
    expect(page.locator("#live-said")).to_have_text("1 file was not accepted.")
    expect(beside).to_be_focused()
    assert (said, field.input_value()) == ([], "Let me see")


def test_older_entries_come_above_and_the_reader_stays(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    messages(claim, world, 120)
    opened(page, live_server, world, claim)
    older = page.get_by_role("link", name="Older")
    older.focus()
    first = page.locator("#thread > li").first
    position, place = first.get_attribute("id"), first.evaluate("each => each.getBoundingClientRect().top")
    page.keyboard.press("Enter")
    expect(page.locator("#thread > li")).to_have_count(100)
    moved = page.locator(f"#{position}").evaluate("each => each.getBoundingClientRect().top") - place
    assert abs(moved) < 2
    assert page.evaluate("document.activeElement.innerText") == "Older"
    older.press("Enter")
    expect(page.locator("#e1")).to_have_count(1)
    expect(older).to_have_count(0)


def test_two_tabs_keep_both_texts(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    opened(page, live_server, world, claim)
    later = page.context.new_page()
    later.goto(page.url)
    page.get_by_label("Your message").fill("Written first")
    page.get_by_label("Your message").blur()
    expect(page.get_by_text("Only you can see it.")).to_be_visible()
    later.get_by_label("Your message").fill("Written second")
    later.get_by_label("Your message").blur()
    expect(later.get_by_role("alert").filter(has_text="A newer draft from ")).to_be_visible()
    assert Draft.objects.get().text == "Written first"
    later.get_by_role("button", name="Keep this one").press("Enter")
    expect(later.get_by_text("Only you can see it.")).to_be_visible()
    assert (Draft.objects.get().text, caret(later)[0]) == ("Written second", "text")
    page.bring_to_front()
    page.get_by_label("Your message").fill("Written third")
    page.get_by_label("Your message").blur()
    page.get_by_role("button", name="Use it").press("Enter")
    expect(page.get_by_label("Your message")).to_have_value("Written second")
    expect(page.get_by_text("The text that was here until")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Bring them back").press("Enter")
    expect(page.get_by_label("Your message")).to_have_value("Written third")
    assert Draft.objects.get().text == "Written third"
    page.get_by_role("button", name="Bring them back").press("Enter")
    expect(page.get_by_label("Your message")).to_have_value("Written second")


def test_without_a_connection_the_text_stays_and_is_saved_later(
    world: World, live_server: LiveServer, page: Page
) -> None:
    claim = world.claim()
    opened(page, live_server, world, claim)
    page.context.set_offline(True)
    page.get_by_label("Your message").fill("From a train")
    page.get_by_label("Your message").blur()
    expect(page.get_by_text("Not saved: no connection.")).to_be_visible()
    page.get_by_role("button", name="Send message").click()
    assert page.get_by_label("Your message").input_value() == "From a train"
    page.context.set_offline(False)
    expect(page.get_by_text("Only you can see it.")).to_be_visible()
    assert Draft.objects.get().text == "From a train"


def test_session_that_ends_while_writing_loses_nothing(world: World, live_server: LiveServer, page: Page) -> None:
    claim = world.claim()
    opened(page, live_server, world, claim)
    Session.objects.all().delete()
    page.get_by_label("Your message").fill("After a long lunch")
    page.get_by_label("Your message").blur()
    expect(page.get_by_text("Not saved: you were signed out.")).to_be_visible()
    again = page.context.new_page()
    again.goto(f"{live_server.url}/accounts/login/")
    again.get_by_label("E-mail").fill(world.alice.email)
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in").click()
    again.wait_for_url("**/claims/**")
    page.bring_to_front()
    page.get_by_label("Your message").press("End")
    page.get_by_label("Your message").press_sequentially(" and coffee")
    page.get_by_label("Your message").blur()
    expect(page.get_by_text("Only you can see it.")).to_be_visible()
    assert Draft.objects.get().text == "After a long lunch and coffee"
    page.get_by_role("button", name="Send message").click()
    page.wait_for_url("**/messages/?at=2#e2")
    assert Message.objects.get().text == "After a long lunch and coffee"


ARABIC = "وصل الطلب 111-4210866-3466206 فارغا يوم 2026-11-20 والمبلغ $1,250.00 https://carrier.example/t?id=7-8"
PLACES = """(root) => {
  const places = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (const found of node.data.matchAll(/111-4210866-3466206|2026-11-20|1,250.00|carrier/g)) {
      const lefts = Array.from(found[0], (_, n) => {
        const range = document.createRange();
        range.setStart(node, found.index + n);
        range.setEnd(node, found.index + n + 1);
        return range.getBoundingClientRect().left;
      });
      places.push([found[0], lefts.every((left, n) => n === 0 || left > lefts[n - 1])]);
    }
  }
  return places;
}"""


def test_ids_in_text_from_the_right_stand_in_their_own_direction(
    world: World, live_server: LiveServer, page: Page
) -> None:
    claim = world.claim(text=ARABIC)
    world.message(claim, text=ARABIC)
    world.desk_message(claim, text=ARABIC)
    right = [["111-4210866-3466206", True], ["2026-11-20", True], ["1,250.00", True], ["carrier", True]]
    opened(page, live_server, world, claim)
    assert page.locator("#thread").evaluate(PLACES) == right * 3
    assert page.locator("#e2 .words").evaluate("(words) => getComputedStyle(words).direction") == "rtl"
    page.goto(f"{live_server.url}/claims/{claim.claim_id}/")
    assert page.locator("main").evaluate(PLACES) == right
    page.goto(f"{live_server.url}/messages/?q=4210866")
    assert [each for each in page.locator(".hits").evaluate(PLACES) if each[0].startswith("111")] == []
    assert page.locator(".hits mark").count() == 3
