"""The main job as people do it: two browsers, real clicks, real e-mails whose links are followed after a sign-in."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from claims.models import Claim
from messaging.notifications import delivery
from tests.browser.checks import squeezed
from tests.browser.test_claim_pages import sign_in
from tests.cast import World, picture
from tests.journeys.test_main_job import finances, posting, returns
from tests.servers import MailSink

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = [(1280, "light"), (390, "dark")]


@pytest.fixture
def world(transactional_db: None, settings: LazySettings, live_server: LiveServer, mail_sink: MailSink) -> World:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_sink.port
    settings.SITE_URL = live_server.url
    return World(now=datetime.now(UTC))


class Desk:
    """Browsers of the people in the story, each signed in once; every page they stop at can be looked at."""

    def __init__(self, browser: Browser, live_server: LiveServer, width: int, theme: str) -> None:
        self.browser, self.server, self.width, self.theme = browser, live_server, width, theme
        self.said: list[str] = []
        self.shots = (f"{width}-{n:02}" for n in range(100))

    def person(self, user: User, then: str, *, width: int | None = None) -> Page:
        viewport = {"width": width or self.width, "height": 900}
        context = self.browser.new_context(viewport=viewport, color_scheme=self.theme)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("console", lambda said: self.said.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        sign_in(page, self.server, user, then)
        return page

    def look(self, page: Page) -> None:
        """Nothing sticks out sideways, no words are squeezed; with SCREENSHOTS set, a picture is kept."""
        assert squeezed(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"journey-{next(self.shots)}.png", full_page=True)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    made = []
    for n, colour in enumerate(("#123456", "#654321", "#336699", "#993366")):
        made.append(tmp_path / f"photo-{n}.png")
        made[-1].write_bytes(picture(colour))
    return made


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_a_seller_wins_the_money_back_in_a_browser(
    world: World,
    live_server: LiveServer,
    browser: Browser,
    mail_sink: MailSink,
    tmp_path: Path,
    photos: list[Path],
    width: int,
    theme: str,
) -> None:
    refunds = finances(tmp_path / "finances.json", world.now, RefundEventList=posting(world.now - timedelta(days=5)))
    call_command("import_refunds", refunds, returns(tmp_path / "returns.tsv", world.now), seller="seller-a")
    desk = Desk(browser, live_server, width, theme)

    # Alice files from the id on the label.
    alice = desk.person(world.alice, "/claims/")
    desk.look(alice)
    alice.get_by_role("link", name="File a new SAFE-T claim").first.click()
    alice.get_by_label("Order id", exact=True).fill("1Z0000000000004711")
    alice.get_by_label("tracking id").check()
    press(alice, "Check eligibility")
    desk.look(alice)
    press(alice, "Continue")
    alice.get_by_role("group", name="Kite, 1.8 m").get_by_label("Quantity").select_option("1")
    press(alice, "Continue")
    alice.get_by_role("radio", name=re.compile("A different item, or an empty box")).check()
    desk.look(alice)
    press(alice, "Continue")
    alice.wait_for_url("**/proof/")
    press(alice, "Continue to review")
    assert alice.get_by_role("alert").get_by_role("link").count() == 3  # two photos and the words
    desk.look(alice)
    alice.get_by_label(re.compile("What happened")).fill("The box came back with a bag of sand in it.")
    alice.locator("#file-ITEM_PHOTO").set_input_files(photos[0])
    alice.locator("#file-LABEL_PHOTO").set_input_files(photos[1])
    press(alice, "Continue to review")
    desk.look(alice)
    alice.get_by_label(re.compile("I have read the SAFE-T policy")).check()
    press(alice, "Submit the claim")
    alice.wait_for_url("**/receipt/")
    desk.look(alice)
    claim = Claim.objects.get()
    assert alice.get_by_role("heading", name=f"Claim {claim.claim_id} is filed.").is_visible()

    # Hana takes the next claim and asks; Alice, told by e-mail, follows its link and answers with a photo.
    hana = desk.person(world.hana, "/admin/claims/claim/", width=1280)
    hana.get_by_role("button", name="Take next").first.click()
    hana.wait_for_url(f"**/{claim.claim_id}/")
    hana.get_by_role("link", name="Request information").first.click()
    hana.get_by_label("Photo of the serial number").check()
    hana.get_by_label(re.compile("they read this and get an e-mail")).fill("Can you show the number?")
    press(hana, "Send")
    alice.goto(link_of(mail_sink, "Reply by", world.alice))
    desk.look(alice)
    alice.get_by_label("Your message").fill("Here it is.")
    alice.locator("#composer input[type=file]").first.set_input_files(photos[2])
    press(alice, "Send reply")
    alice.wait_for_url(re.compile(r"at=\d+#e\d+"))
    claim.refresh_from_db()
    assert claim.status == "UNDER_INVESTIGATION"

    # Hana denies; Alice appeals from the e-mail, in a browser that has to sign in first; Sam grants.
    hana.goto(f"{live_server.url}/admin/desk/{claim.claim_id}/")
    hana.get_by_role("link", name="Decide").first.click()
    hana.get_by_role("radio", name=re.compile("Deny")).check()
    hana.get_by_role("checkbox", name="Came back as sold").first.check()
    hana.get_by_label("In your own words").fill("The number in the photo is the one you sold.")
    press(hana, "Send the decision")
    link = link_of(mail_sink, "Denied", world.alice)
    alice.context.clear_cookies()
    alice.goto(link)
    assert "/accounts/login/" in alice.url
    sign_in_here(alice, world.alice)
    assert alice.locator(".is-target").count() == 1
    desk.look(alice)
    alice.get_by_role("radio", name="Appeal this decision").check()
    alice.get_by_role("checkbox", name="Something it says is not so").first.check()
    alice.get_by_label(re.compile("This uses your one appeal")).check()
    alice.get_by_label("Your message").fill("The number is another one.")
    press(alice, "File the appeal")
    alice.wait_for_url(re.compile(r"at=\d+#e\d+"))
    desk.look(alice)
    sam = desk.person(world.sam, f"/admin/desk/{claim.claim_id}/", width=1280)
    press(sam, "Take")
    sam.get_by_role("link", name=re.compile("Decide")).first.click()
    sam.get_by_role("radio", name=re.compile("^Raise it")).check()
    sam.get_by_label(re.compile("^Granted")).fill("89.99")
    press(sam, "Send the decision")
    alice.goto(link_of(mail_sink, "Appeal granted, 89.99 USD of 89.99 USD", world.alice))
    assert alice.get_by_role("heading", name=re.compile("Granted on appeal")).first.is_visible()
    desk.look(alice)
    assert desk.said == []


def link_of(mail_sink: MailSink, subject: str, user: User) -> str:
    """The link of the newest e-mail to the person whose subject begins with these words."""
    while delivery.deliver(timezone.now() + timedelta(seconds=1)).total:
        pass
    mail = [m for m in mail_sink.messages if m["To"] == user.email and str(m["Subject"]).startswith(subject)][-1]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return str(re.findall(r"http://\S+/claims/\S+/messages/\?at=\d+#e\d+", text)[0])


def sign_in_here(page: Page, user: User) -> None:
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("demo")
    press(page, "Sign in")
