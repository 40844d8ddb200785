"""A handler's day in a browser: take next, read, ask, decide. The clicks are counted, the server's time is told.

make test ARGS="tests/journeys/test_handlers_day.py -rP"
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from claims.models import Claim, FileOpened
from claims.rules.lifecycle import Slot, Status
from tests.browser.test_claim_pages import sign_in
from tests.cast import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


@dataclass
class Day:
    """The handler's browser. Every click is made here, so that every click is counted."""

    page: Page
    clicks: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", lambda answer: self.answers.append(answer))

    def click(self, role: str, name: str) -> None:
        self.clicks.append(name)
        exact = role != "radio"  # a choice is followed by what it means
        self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()

    def read(self, claim: Claim) -> None:
        """Open the evidence and wait until all of it is there: a picture counts as opened when it was shown."""
        self.click("link", "Look at all, side by side")
        self.page.wait_for_url(f"**/{claim.claim_id}/evidence/")
        self.page.wait_for_function(
            "document.images.length && [...document.images].every(each => each.complete && each.naturalWidth)"
        )

    def spent(self) -> tuple[list[str], int, float]:
        """The clicks since this was last asked, the pages they asked for, and the seconds the server took for all."""
        seconds, pages = 0.0, 0
        for answer in self.answers:
            answer.finished()
            timing = answer.request.timing
            seconds += max(0.0, timing["responseStart"] - timing["requestStart"]) / 1000
            pages += answer.request.resource_type == "document"
        clicks = list(self.clicks)
        self.clicks.clear()
        self.answers.clear()
        return clicks, pages, seconds


def test_a_handlers_day(
    world: World, live_server: LiveServer, page: Page, record_property: Callable[[str, object], None]
) -> None:
    world.photos = True
    ordinary, unclear = world.claim(days=-6), world.claim(days=-5)
    sign_in(page, live_server, world.hana, "/admin/claims/claim/")
    day = Day(page)

    def tell(name: str, expected: list[str]) -> None:
        clicks, pages, seconds = day.spent()
        assert clicks == expected
        record_property(f"{name}: clicks", len(clicks))
        record_property(f"{name}: server seconds", round(seconds, 2))
        sys.stdout.write(f"{name:<24} {len(clicks)} clicks, {pages} pages, {seconds:.2f} s of server time\n")

    # The ordinary case: all is here, and it is granted.
    day.click("button", "Take next")
    page.wait_for_url(f"**/{ordinary.claim_id}/")
    day.read(ordinary)
    day.click("link", "Decide")
    day.click("radio", "Grant")
    day.click("button", "Send the decision and take next")
    page.wait_for_url(f"**/{unclear.claim_id}/")
    ordinary.refresh_from_db()
    assert (ordinary.status, ordinary.granted_minor) == (Status.GRANTED, 8999)
    assert FileOpened.objects.filter(claim=ordinary, user=world.hana).count() == 2
    tell(
        "granted",
        ["Take next", "Look at all, side by side", "Decide", "Grant", "Send the decision and take next"],
    )

    # The next one is open already. Something is missing: asked for in three clicks after the reading.
    day.read(unclear)
    day.click("link", "Request information")
    day.click("checkbox", "Photo of the serial number")
    day.click("button", "Send")
    page.wait_for_url(f"**/{unclear.claim_id}/")
    unclear.refresh_from_db()
    assert unclear.status == Status.AWAITING_SELLER
    (item,) = unclear.information_requests.get().items.all()
    assert item.slot == Slot.SERIAL_PHOTO
    tell("asked", ["Look at all, side by side", "Request information", "Photo of the serial number", "Send"])

    # The reply came back to who asked: it stands first in their own list. Denied, after a look at what it will say.
    world.reply(unclear, days=0)
    page.goto(f"{live_server.url}/admin/claims/claim/")
    day.click("link", unclear.claim_id)
    day.click("link", "Decide")
    day.click("radio", "Deny")
    day.click("checkbox", "Came back as sold")
    page.get_by_label("In your own words").fill("Both photos show the set as it was sold.")
    day.click("button", "Preview")
    expect(page.get_by_role("heading", name="What the seller will read")).to_be_visible()
    expect(page.get_by_text("What the files show came back as it was sold.")).to_be_visible()
    day.click("button", "Send the decision")
    page.wait_for_url(f"**/{unclear.claim_id}/")
    unclear.refresh_from_db()
    assert unclear.status == Status.DENIED
    tell(
        "denied, after a reply",
        [unclear.claim_id, "Decide", "Deny", "Came back as sold", "Preview", "Send the decision"],
    )
