"""Finding what was said: words within a seller, marked safely, newest first, at the same cost however much there is."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from claims.files import store
from claims.files.check import Accepted
from claims.models import Attachment, Claim, Decision
from claims.rules.lifecycle import Party
from messaging.compose import verbs
from messaging.models import Message, ThreadText
from messaging.search import find as search
from tests.cast import World
from tests.messaging.pages import client_of

SAID = "The courier left it with a neighbour; his name is Zachary."


@pytest.fixture
def world(db: None) -> World:
    return World(now=datetime.now(UTC))


def find(world: World, text: str, claim: Claim | None = None, cursor: str = "") -> search.SearchPage:
    return search.find(search.understood(text), seller_id=world.toys.pk, zone="UTC", claim=claim, cursor=cursor)


def snippets(found: search.SearchPage) -> list[str]:
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
    verbs.add_note(claim_pk=claim.pk, user=world.hana, text="Cobblestone again.", now=world.now)
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
    assert find(world, "cobblestone").hits == ()
    assert ThreadText.objects.extra(where=["words::text LIKE '%%cobblestone%%'"]).count() == 0
    assert len(find(world, "photo").hits) == 1  # what is left are the names of its files


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


def with_files(
    world: World,
    claim: Claim,
    *names: str,
    by: User | None = None,
    party: Party = Party.SELLER,
    scan: str = "CLEAN",
) -> Message:
    """A message of this side with files of these names, each checked."""
    if party == Party.DESK:
        world.desk_message(claim, text="Look at this.")
    else:
        world.message(claim, by=by, text="Look at this.")
    message = Message.objects.get(claim=claim, position=claim.next_position - 1)
    for name in names:
        accepted = Accepted(name, "text/plain", 4, name.rjust(64)[:64])
        key = store.put(ContentFile(b"four"))
        file = store.record(key, accepted, now=world.now, claim=claim, position=message.position, party=party)
        Attachment.objects.filter(pk=file.pk).update(scan=scan)
    return message


def file_marks(found: search.SearchPage) -> list[list[str]]:
    return [[name for _href, name in hit.files] for hit in found.hits]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("parcel", ["<mark>Parcel</mark>_sticker-2.jpg"]),
        ("sticker", ["Parcel_<mark>sticker</mark>-2.jpg"]),
        ("STICK", ["Parcel_<mark>stick</mark>er-2.jpg"]),
        ("ticker", None),
        ("Parcel_sticker-2.jpg", ["<mark>Parcel_sticker-2.jpg</mark>"]),
        ('"parcel sticker"', ["<mark>Parcel_sticker</mark>-2.jpg"]),
        ("look sticker", ["Parcel_<mark>sticker</mark>-2.jpg"]),  # one word said, one in the name
        ("sticker scale", ["Parcel_<mark>sticker</mark>-2.jpg", "on the <mark>scale</mark>.pdf"]),
        ("2", ["Parcel_sticker-<mark>2</mark>.jpg"]),
        ("look", []),
        ("sticker lamp", None),
    ],
)
def test_names_of_files_are_found_and_marked(world: World, text: str, marked: list[str] | None) -> None:
    claim = world.claim()
    message = with_files(world, claim, "Parcel_sticker-2.jpg", "on the scale.pdf")
    for where in (None, claim):
        found = find(world, text, claim=where)
        assert file_marks(found) == ([] if marked is None else [marked])
    for hit in found.hits:
        for href, _name in hit.files:
            assert re.fullmatch(rf"/claims/{claim.claim_id}/messages/\?at={message.position}#f-[0-9a-f-]+", href)
        assert hit.href.endswith(f"#e{message.position}")


@pytest.mark.parametrize(
    ("party", "scan", "is_found"),
    [
        (Party.SELLER, "PENDING", True),
        (Party.SELLER, "INFECTED", False),
        (Party.DESK, "PENDING", False),
        (Party.DESK, "INFECTED", False),
        (Party.DESK, "CLEAN", True),
        (Party.DESK, "NOT_SCANNED", True),
    ],
)
def test_only_names_of_files_one_may_have_are_found(world: World, party: Party, scan: str, is_found: bool) -> None:
    claim = world.claim()
    with_files(world, claim, "tungsten.txt", party=party, scan=scan)
    assert len(find(world, "tungsten").hits) == is_found
    assert file_marks(find(world, "look")) == [[]]
    html = client_of(world.alice).get("/messages/", {"q": "tungsten"}).content.decode()
    assert html.count("<mark>tungsten</mark>.txt") == is_found
    Attachment.objects.filter(name="tungsten.txt").update(scan="CLEAN")
    assert len(find(world, "tungsten").hits) == 1  # as soon as it passed
    Attachment.objects.filter(name="tungsten.txt").update(shown_at=None)
    assert find(world, "tungsten").hits == ()


def test_names_in_drafts_of_rivals_and_of_the_desk_are_found_by_nobody_else(world: World) -> None:
    claim = world.claim()
    world.add_file(world.reply_draft(claim), name="osmium.txt", data=b"unsent")
    theirs = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    with_files(world, theirs, "osmium.txt", by=world.mallory)
    assert find(world, "osmium").hits == ()
    for client, hits in ((client_of(world.alice), 0), (client_of(world.mallory), 1)):
        assert client.get("/messages/", {"q": "osmium"}).content.decode().count("<mark>osmium</mark>") == hits


def test_name_that_is_a_page_is_shown_as_it_is_written(world: World) -> None:
    with_files(world, world.claim(), "zebra <img src=x onerror=alert(1)> \x02.txt")
    ((_href, name),) = find(world, "zebra").hits[0].files
    assert name == "<mark>zebra</mark> &lt;img src=x onerror=alert(1)&gt; .txt"


@pytest.mark.django_db(transaction=True)
def test_a_file_checked_while_words_are_erased_brings_none_back(transactional_db: None, world: World) -> None:
    claim = world.claim()
    message = with_files(world, claim, "tungsten.txt", party=Party.DESK, scan="PENDING")
    begun = threading.Event()

    def pass_it() -> None:
        try:
            begun.set()
            Attachment.objects.filter(name="tungsten.txt").update(scan="CLEAN")
        finally:
            connection.close()

    other = threading.Thread(target=pass_it)
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(text="", erased_at=world.now)
        other.start()
        begun.wait(120)
        other.join(0.5)  # it has to wait for this transaction
    other.join(120)
    assert [hit.words for hit in find(world, "tungsten").hits] == [""]
    assert ThreadText.objects.extra(where=["words::text LIKE '%%look%%'"]).count() == 0


def test_words_that_go_on_end_with_a_sign(world: World) -> None:
    claim = world.claim()
    world.message(claim, text=f"First. {'Much said. ' * 20}Then a pelican came by. {'More said. ' * 20}Last.")
    world.message(claim, text="A pelican.\nThat is all.")
    short, long = snippets(find(world, "pelican"))
    assert short == "A <mark>pelican</mark>.\nThat is all."
    assert (long[:2], long[-2:], "<mark>pelican</mark>" in long) == ("… ", " …", True)


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


@pytest.mark.parametrize(
    "cursor", ["x", "_", "2026-01-01_1", "2026-01-01T00:00:00+00:00_1", "\x00_1", "older-1-x", "newer-1-1"]
)
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
def test_names_cost_no_query_more(world: World, count: int) -> None:
    claim = world.claim()
    for n in range(count):
        with_files(world, claim, f"tulip {n}.txt")
    client = client_of(world.alice)
    for address, cost in (("/messages/", 2 if count == 1 else 1), (f"/claims/{claim.claim_id}/messages/search/", 1)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, {"q": "tulip"}).content.decode().count("<mark>tulip</mark>") == min(count, 20)
        assert len([each for each in queries if "messaging_" in each["sql"]]) == cost


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
