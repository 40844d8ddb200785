"""Finding what was said: words within a seller, marked safely, newest first, at the same cost however much there is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from claims.models import Claim, Decision
from messaging import operations, search
from messaging.models import Message, ThreadText
from tests.cast import World
from tests.messaging.pages import client_of

SAID = "The courier left it with a neighbour; his name is Zachary."


@pytest.fixture
def world(db: None) -> World:
    return World(now=datetime.now(UTC))


def find(world: World, text: str, claim: Claim | None = None, cursor: str = "") -> search.Found:
    return search.find(search.understood(text), seller_id=world.toys.pk, zone="UTC", claim=claim, cursor=cursor)


def snippets(found: search.Found) -> list[str]:
    return [hit.words for hit in found.hits]


def said(claim: Claim, world: World, texts: list[str], *, days: float = -4) -> None:
    """Messages of the desk a second apart, straight into the table."""
    start = claim.next_position
    Message.objects.bulk_create(
        Message(
            seller_id=claim.seller_id,
            claim=claim,
            position=start + n,
            at=world.at(days) + timedelta(seconds=n),
            party=Message.Party.DESK,
            text=text,
        )
        for n, text in enumerate(texts)
    )
    Claim.objects.filter(pk=claim.pk).update(next_position=start + len(texts))
    claim.refresh_from_db()


# -- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("zachary", ["Zachary"]),
        ("ZACH", ["Zachary"]),  # the beginning of a word
        ("ach", []),  # not its middle
        ("neighbour courier", ["courier", "neighbour"]),
        ("courier lamp", []),  # all words or nothing
        ('"with a neighbour"', ["with", "a", "neighbour"]),
        ('"neighbour with a"', []),
    ],
)
def test_words_and_phrases_are_found_and_marked(world: World, text: str, marked: list[str]) -> None:
    claim = world.claim()
    world.message(claim, text=SAID)
    assert [re.findall("<mark>(.*?)</mark>", words) for words in snippets(find(world, text))] == (
        [marked] if marked else []
    )


def test_messages_decisions_and_statements_are_found_newest_first_and_lead_to_their_place(world: World) -> None:
    claim = world.claim(text="A cobblestone lay in the box, nothing else.")
    world.message(claim, text="The cobblestone weighs two kilos.", days=-3)
    world.desk_message(claim, text="Which cobblestone?", days=-2)
    world.decide(claim, 0, words="A cobblestone proves nothing.", days=-1)
    operations.add_note(claim_pk=claim.pk, user=world.hana, text="Cobblestone again.", now=world.now)
    found = find(world, "cobblestone")
    assert [(hit.author, hit.href.partition("?")[2]) for hit in found.hits] == [
        ("SAFE-T team", "at=4#e4"),
        ("SAFE-T team", "at=3#e3"),
        ("Alice Moreno", "at=2#e2"),
        ("Alice Moreno", "at=1#e1"),
    ]
    assert {(hit.claim_id, hit.order_id, hit.item) for hit in found.hits} == {
        (claim.claim_id, claim.order.order_id, "Wooden train set 1")
    }
    other = world.claim()
    world.message(other, text="Another cobblestone.")
    assert [hit.claim_id for hit in find(world, "cobblestone", claim=other).hits] == [other.claim_id]


def test_what_is_erased_is_not_found(world: World) -> None:
    claim = world.claim(text="A cobblestone lay in the box, nothing else.")
    world.message(claim, text="The cobblestone weighs two kilos.", days=-3)
    world.decide(claim, 0, words="A cobblestone proves nothing.", days=-1)
    Message.objects.update(text="", erased_at=world.now)
    Decision.objects.update(words="", erased_at=world.now)
    Claim.objects.update(statement="", statement_erased_at=world.now)
    assert (find(world, "cobblestone").hits, ThreadText.objects.count()) == ((), 0)


def test_what_others_wrote_is_shown_as_they_wrote_it_and_never_as_a_page(world: World) -> None:
    claim = world.claim()
    nasty = "zebra <img src=x onerror=alert(1)> &amp; \x02not a mark\x03 </mark><b>"
    said(claim, world, [nasty])
    client = client_of(world.alice)
    for address in ("/messages/", f"/claims/{claim.claim_id}/messages/search/"):
        html = client.get(address, {"q": "zebra"}).content.decode()
        shown = html[html.index('<ol class="hits">') : html.index("</ol>")]
        assert re.findall(r"<(?!/?(?:ol|li|p|a|span|time|mark)\b)[^>]*>", shown) == []
        assert re.findall("<mark>(.*?)</mark>", shown) == ["zebra"]


# -- whose ------------------------------------------------------------------------------------------------------------


def test_rival_finds_nothing_and_counts_nothing(world: World) -> None:
    ours = world.claim()
    world.message(ours, text="Wolfram filament")
    theirs = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    world.message(theirs, by=world.mallory, text="Wolfram lamp")
    assert snippets(find(world, "wolfram")) == ["<mark>Wolfram</mark> filament"]
    client = client_of(world.mallory)
    html = unescape(client.get("/messages/", {"q": "wolfram"}).content.decode())
    assert (html.count("<mark>"), "filament" in html, ours.claim_id in html) == (1, False, False)
    missing = client.get(f"/claims/{ours.claim_id}/messages/search/", {"q": "wolfram"})
    nowhere = client.get("/claims/99999-99999-9999999/messages/search/", {"q": "wolfram"})
    assert missing.status_code == nowhere.status_code == 404
    for query in (f"seller#{world.toys.pk}", f"'seller#{world.toys.pk}'", f'"seller#{world.toys.pk}"', "') | ('a"):
        assert "filament" not in client.get("/messages/", {"q": query}).content.decode()


def test_member_of_two_sellers_searches_the_one_they_are_in(world: World) -> None:
    world.message(world.claim(), text="Wolfram filament")
    theirs = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    world.message(theirs, by=world.mallory, text="Wolfram lamp")
    client = client_of(world.gus)
    html = client.get("/messages/", {"q": "wolfram"}).content.decode()
    assert (html.count("<mark>"), "filament" in html) == (1, True)


def test_staff_and_strangers_have_no_search(world: World) -> None:
    assert client_of(world.hana).get("/messages/", {"q": "x"}).status_code == 404
    assert client_of(world.alice).post("/messages/", {"q": "x"}).status_code == 405


def test_words_of_another_seller_are_refused_by_the_database(world: World) -> None:
    claim = world.claim()
    ThreadText(seller=world.lamps, claim=claim, position=50, at=world.now, kind="MESSAGE", words="x").save()
    with pytest.raises(DatabaseError, match="messaging_threadtext_claim_same_seller"):
        connection.check_constraints()


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "!!!", "&|!():*", "\x00", "'", "\\", "a' | 'b", '"', '""', "<->", "-", "x" * 5000, "a " * 500,
        "café ٣ 中文 \u202e", "%s %(x)s {0}", "foo:*bar", "'; DROP TABLE messaging_message; --",
    ],
)  # fmt: skip
def test_anything_typed_is_answered(world: World, text: str) -> None:
    world.message(world.claim(), text=SAID)
    find(world, text)
    response = client_of(world.alice).get("/messages/", {"q": text.encode("utf-8", "replace").decode()})
    assert response.status_code == 200


@pytest.mark.parametrize("cursor", ["x", "_", "2026-01-01_1", "2026-01-01T00:00:00+00:00_x", "\x00_1", "9" * 99 + "_1"])
def test_made_up_cursor_is_the_first_page(world: World, cursor: str) -> None:
    world.message(world.claim(), text=SAID)
    assert len(find(world, "zachary", cursor=cursor).hits) == 1


def test_mail_longer_than_anybody_reads_is_kept(world: World) -> None:
    claim = world.claim()
    said(claim, world, ["needle " + "".join(f"{n:x} " for n in range(400_000))])
    assert len(find(world, "needle").hits) == 1


# -- how much ---------------------------------------------------------------------------------------------------------


def test_pages_show_every_hit_once(world: World) -> None:
    claim = world.claim()
    said(claim, world, [f"tulip {n}" for n in range(45)])
    first = find(world, "tulip")
    second = find(world, "tulip", cursor=first.older)
    third = find(world, "tulip", cursor=second.older)
    shown = [int(re.sub(r"\D", "", words)) for page in (first, second, third) for words in snippets(page)]
    assert (shown, third.older) == (list(range(44, -1, -1)), "")


@pytest.mark.parametrize("count", [1, 30])
def test_search_asks_as_much_for_one_hit_as_for_thirty(world: World, count: int) -> None:
    claim = world.claim()
    said(claim, world, [f"tulip {n}" for n in range(count)])
    client = client_of(world.alice)
    asked = {}
    for address in ("/messages/", f"/claims/{claim.claim_id}/messages/search/"):
        with CaptureQueriesContext(connection) as queries:
            assert "<mark>tulip</mark>" in client.get(address, {"q": "tulip"}).content.decode()
        asked[address.count("search")] = len([each for each in queries if "messaging_" in each["sql"]])
    assert asked == {0: 2 if count == 1 else 1, 1: 1}
