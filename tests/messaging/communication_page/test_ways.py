"""Ways to what was said: entrances of the search, a link to each entry; and what stands beside a file of the thread."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from claims.models import Attachment
from claims.rules.lifecycle import Party
from tests.cast import World
from tests.messaging.pages import address, client_of


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def links(html: str, words: str) -> list[str]:
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [unescape(href) for href, inside in found if re.sub("<[^>]+>", "", inside).strip() == words]


def test_search_is_one_click_away_from_the_list_and_from_every_page(world: World) -> None:
    world.claim()
    client = client_of(world.vera)
    assert links(client.get("/claims/").content.decode(), "Search messages") == ["/messages/"] * 2
    assert links(client.get("/refunds/").content.decode(), "Search messages") == ["/messages/"]
    typed = client.get("/claims/", {"q": "bag of sand & stones"}).content.decode()
    assert "/messages/?q=bag%20of%20sand%20%26%20stones" in links(typed, "Search messages")


def test_each_entry_s_time_is_the_link_to_it(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    world.reply(claim)
    world.decide(claim, 0)
    client = client_of(world.alice)
    html = client.get(address(claim)).content.decode()
    thread = html[html.index('id="thread"') : html.index("</ol>")]
    entries = re.findall(r'<li class="(?:post|event|decision)[^"]*"\s+id="e(\d+)"', thread)
    found = re.findall(r'<a class="permalink" href="([^"]*)">\s*<time', thread)
    assert found == [f"?at={position}#e{position}" for position in entries]
    assert len(found) > 4
    for position in entries:
        page = client.get(address(claim, f"?at={position}")).content.decode()
        assert re.findall(r'is-target"\s+id="e(\d+)"', page) == [position]
    desk = client_of(world.hana).get(f"/admin/desk/{claim.claim_id}/").content.decode()
    assert "permalink" not in desk


@pytest.mark.parametrize(("party", "told"), [(Party.DESK, True), (Party.SELLER, False)])
def test_seller_is_told_that_a_pdf_of_the_desk_is_active(world: World, party: Party, told: bool) -> None:
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    Attachment.objects.filter(pk=file.pk).update(
        party=party, media_type="application/pdf", served_type="", scan="CLEAN", active_content="javascript"
    )
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert ("This PDF is active: it runs JavaScript." in html) is told
    assert "This PDF is active: it runs JavaScript." in (
        client_of(world.hana).get(f"/admin/desk/{claim.claim_id}/").content.decode()
    )


def test_file_that_can_t_be_checked_right_now_says_so_to_each_side(world: World) -> None:
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    seller, desk = client_of(world.alice), client_of(world.hana)
    start = f"{file.name} can't be checked right now. It is kept and shown to"
    said = {  # to the seller, to the desk
        Party.SELLER: (f"{start} the SAFE-T team as soon as it is.", f"{start} you as soon as it is."),
        Party.DESK: (f"{start} you as soon as it is.", f"{start} the seller as soon as it is."),
    }
    for party, sentences in said.items():
        for tried in (None, world.now):
            Attachment.objects.filter(pk=file.pk).update(party=party, scan="PENDING", scan_tried_at=tried)
            pages = (seller.get(address(claim)), desk.get(f"/admin/desk/{claim.claim_id}/"))
            for page, sentence in zip(pages, sentences, strict=True):
                assert (sentence in unescape(page.content.decode())) is bool(tried)
                assert "Being checked" in page.content.decode()
