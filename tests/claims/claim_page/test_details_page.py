"""The Details page and withdrawing, with the real client."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from claims.models import Claim, ReadMark, Unseen
from claims.rules.lifecycle import DecisionReason, Reason, Slot, Status
from tests.cast import World
from tests.messaging.pages import client_of


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def details_of(world: World, claim: Claim, user: User | None = None) -> str:
    """The page's words, one space between any two."""
    response = client_of(user or world.alice).get(f"/claims/{claim.claim_id}/")
    assert response.status_code == 200
    main = response.content.decode().split('<div class="cols')[1]
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", main)))


def test_details_say_what_is_claimed_and_what_is_there(world: World) -> None:
    words = details_of(world, world.claim())
    assert (
        "Wooden train set 1 B0EXAM0001 · SKU-1 · Qty 1 A different item, or an empty box 89.99 USD 89.99 USD" in words
    )
    assert "Not decided" in words
    assert "Photo of the item you received Required · Have 1 file item_photo.txt" in words
    assert "Package weight Helpful · Missing" in words
    assert "The box came back with a bag of sand in it" in words
    assert "Paid Nothing" in words


def test_decision_money_and_reasons_stand_on_the_page(world: World) -> None:
    claim = world.claim()
    reasons = ((DecisionReason.LESS_RESALE, {"detail": "49.99 USD"}),)
    world.decide(claim, 4000, reasons=reasons, words="Sold as used.")
    world.pay(claim, 4000, payment="p1", at=world.now, reference="R-9")
    words = details_of(world, claim)
    assert "Granted in part" in words
    assert "Why less: The item can still be sold; the loss in value is 49.99 USD." in words
    assert "Sold as used." in words
    assert re.search(r"Claimed 89\.99 USD Granted 40\.00 USD Paid 40\.00 USD on \w+ \d+, \d+, reference R-9", words)
    assert "Appeal by " in words


def test_what_was_asked_for_is_missing_until_it_is_there(world: World) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.SERIAL_PHOTO,))
    assert re.search(r"Photo of the serial number Asked for on [^·]* · Missing", details_of(world, claim))
    world.reply(claim)
    assert re.search(r"Photo of the serial number Asked for on [^·]* · Have 1 file", details_of(world, claim))


def test_claim_that_needs_no_files_says_so(world: World) -> None:
    assert "No files. None are needed for this reason." in details_of(world, world.claim(reason=Reason.NOT_RETURNED))


def test_imported_claim_shows_what_is_known_of_it(world: World) -> None:
    words = details_of(world, world.import_claim())
    assert "Imported from old-claims.csv" in words
    assert "Not known 50.00 USD 0.00 USD" in words


def test_details_in_every_position_for_member_and_viewer(world: World) -> None:
    for _position, claim in world.in_every_position():
        for user in (world.alice, world.vera):
            details_of(world, claim, user)


def test_opening_the_details_sees_the_status_and_leaves_the_thread_unread(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    client.get(f"/claims/{claim.claim_id}/messages/")
    world.desk_message(claim)
    world.decide(claim, 0)
    html = client.get(f"/claims/{claim.claim_id}/").content.decode()
    assert html.count('<span class="new">') == 1
    assert not Unseen.objects.filter(user=world.alice).exists()
    assert ReadMark.objects.get(user=world.alice).position == 1


def test_details_cost_the_same_with_many_files(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    counts = []
    for files in (0, 8):
        draft = world.reply_draft(claim)
        for n in range(files):
            world.add_file(draft, name=f"{n}.png")
        world.message(claim)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/claims/{claim.claim_id}/")
        counts.append(len(queries))
    assert counts == [8, 8]


# -- withdrawing ------------------------------------------------------------------------------------------------------


def test_withdrawing_asks_first_and_says_what_follows(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    html = client.get(f"/claims/{claim.claim_id}/withdraw/").content.decode()
    assert "Withdraw this claim?" in html
    assert "The SAFE-T team stops working on it. You can file again until " in html
    assert "Keep the claim" in html
    response = client.post(f"/claims/{claim.claim_id}/withdraw/")
    assert (response.status_code, response["Location"]) == (302, f"/claims/{claim.claim_id}/")
    claim.refresh_from_db()
    assert claim.status == Status.WITHDRAWN
    html = client.get(response["Location"]).content.decode()
    assert "The claim is withdrawn." in html
    assert f"/claims/new/?order={claim.order.order_id}" in html


def test_withdrawing_after_the_window_says_that_it_is_over(world: World) -> None:
    claim = world.claim(world.refund(days=-50), days=-40)
    html = client_of(world.alice).get(f"/claims/{claim.claim_id}/withdraw/").content.decode()
    assert "The filing window has ended, so you can" in html


def test_what_cannot_be_withdrawn_says_why(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    for response in (
        client.get(f"/claims/{claim.claim_id}/withdraw/"),
        client.post(f"/claims/{claim.claim_id}/withdraw/"),
    ):
        assert response.status_code == 200
        assert re.search(r"This claim was decided on \w+ \d+, \d+\.", response.content.decode())
    claim.refresh_from_db()
    assert claim.status == Status.DENIED


def test_viewer_cannot_withdraw(world: World) -> None:
    claim = world.claim()
    response = client_of(world.vera).post(f"/claims/{claim.claim_id}/withdraw/")
    assert "Viewers can read but not act. Alice Moreno can." in response.content.decode()
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
