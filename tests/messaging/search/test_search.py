"""Finding what was said: words within a seller, marked safely, newest first, at the same cost however much there is."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from claims.files import store
from claims.files.check import Accepted
from claims.models import Attachment, Claim, ClaimLine, Decision
from claims.rules.lifecycle import Party
from messaging.compose import verbs
from messaging.models import Message, ThreadText
from messaging.search import find as search
from messaging.search.marks import Marks
from tests.cast import World
from tests.messaging.pages import client_of

SAID = "The courier left it with a neighbour; his name is Zachary."


@pytest.fixture
def world(db: None) -> World:
    return World(now=datetime.now(UTC))


def find(world: World, text: str, claim: Claim | None = None, cursor: str = "") -> search.SearchPage:
    return search.find(search.understood(text), seller_id=world.toys.pk, zone="UTC", claim=claim, cursor=cursor)


def call(command: list[str]) -> str:
    said = StringIO()
    call_command(*command, stdout=said)
    return said.getvalue()


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
        ("ZACH", ["Zach"]),  # the beginning of a word
        ("ach", []),  # not its middle
        ("neighbour courier", ["courier", "neighbour"]),
        ("courier lamp", []),  # all words or nothing
        ('"with a neighbour"', ["with a neighbour"]),
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
    assert ThreadText.objects.extra(where=["words::text || parts::text LIKE '%%cobblestone%%'"]).count() == 0
    (left,) = find(world, "photo").hits  # what is left are the names of its files, and what the claim is about
    assert [hit.href for hit in find(world, "wooden train").hits] == [left.href]


def test_items_ids_and_skus_are_found_with_the_first_entry(world: World) -> None:
    claim = world.claim()
    line = claim.lines.get()
    world.message(claim, text="Nothing about it.")
    order = claim.order.order_id.split("-")
    for text in (f'"{line.title}"', line.sku, order[1], f"{order[0]}-{order[1]}", claim.claim_id, claim.claim_id[-7:]):
        (hit,) = find(world, text).hits
        assert hit.href == f"/claims/{claim.claim_id}/messages/?at=1#e1"
    (hit,) = find(world, "TRAIN").hits
    assert hit.items == (f"Wooden <mark>train</mark> set 1 · {line.sku}",)
    html = client_of(world.alice).get("/messages/", {"q": "train"}).content.decode()
    assert hit.items[0] in html
    ClaimLine.objects.filter(pk=line.pk).update(title="Tin ship")
    assert [[hit.items for hit in find(world, text).hits] for text in ("wooden", "tin")] == [
        [],
        [(f"<mark>Tin</mark> ship · {line.sku}",)],
    ]


CUT: list[tuple[str, str, list[str]]] = [
    # What was written, what is searched for, what is marked; nothing marked: not found.
    ("Shipped/returned.", "returned", ["returned"]),
    ("see invoice_2026.v2", "invoice", ["invoice"]),
    ("see invoice_2026.v2", "2026", ["2026"]),
    ("www.parcels.example/track?id=77", "track", ["track"]),
    ("it was torn,not cut", "not", ["not"]),
    ("Order 111-4210866-3466206!", "4210866", ["4210866"]),
    ("Order 111-4210866-3466206!", "3466206", ["3466206"]),
    ("Order 111-4210866-3466206!", "111-4210866-3466206", ["111-4210866-3466206"]),
    ("Order 111-4210866-3466206!", "111-42", ["111-42"]),
    ("Order 111‑4210866‑3466206!", "111-4210866-3466206", ["111‑4210866‑3466206"]),
    ("Order 111-4210866-3466206!", "4210866-111", []),
    ("Parcel 1Z999AA10123456784", "1z999aa10123456784", ["1Z999AA10123456784"]),
    ("Parcel 1Z999AA10123456784", "10123456784", ["10123456784"]),
    ("SKU AB-1234/XL", "1234", ["1234"]),
    ("SKU AB-1234/XL", "ab1234", ["AB-1234"]),
    ("size10 box", "size 10", ["size", "10"]),
    ("Café Müller", "café", ["Café"]),
    ("Café Müller", "café müller", ["Café", "Müller"]),
    ("Café Müller", "muller", ["Müller"]),
    ("ＡＢＣ box", "abc", ["ＡＢＣ"]),
    ("ΟΔΟΣ", "οδός", ["ΟΔΟΣ"]),
    ("ПОСЫЛКА пришла", "посылка", ["ПОСЫЛКА"]),
    ("包裹是空的，没有照片。", "照片", ["照片"]),
    ("包裹是空的，没有照片。", "空", ["空"]),
    ("包裹是空的，没有照片。", "包裹是空的", ["包裹是空的"]),
    ("包裹是空的，没有照片。", "的没", []),
    ("包裹是空的，没有照片。", "空包", []),
    ("返品された商品は別のものでした", "商品", ["商品"]),
    ("返品された商品は別のものでした", "返品 商品", ["返品", "商品"]),
    ("ﾊﾟｰｻﾙは空", "パーサル", ["ﾊﾟｰｻﾙ"]),
    ("注文番号111-4210866-3466206です", "4210866", ["4210866"]),
    ("注文A1の写真2枚", "写真2枚", ["写真2枚"]),
    ("พัสดุว่างเปล่า", "ว่าง", ["ว่าง"]),
    ("الطلب 111-4210866-3466206 وصل", "الطَّلَب", ["الطلب"]),
    ("הזמנה ריקה", "ריקה", ["ריקה"]),
    ("رقم ١٢٣٤٥", "12345", ["١٢٣٤٥"]),
    ("택배가 비어 있었다", "택배가", ["택배가"]),
    ("zero​width so­ft", "zerowidth soft", ["zero​width", "so­ft"]),
    ("an 📦 anvil", "anvil", ["anvil"]),
]


@pytest.mark.parametrize(("written", "text", "marked"), CUT)
def test_words_are_found_whatever_stands_beside_them(world: World, written: str, text: str, marked: list[str]) -> None:
    claim = world.claim()
    world.message(claim, text=written)
    for where in (None, claim):
        hits = find(world, text, claim=where).hits
        assert [re.findall("<mark>(.*?)</mark>", hit.words) for hit in hits] == ([marked] if marked else [])
    with_files(world, claim, f"{written.replace('/', ' ')}.jpg")
    assert len(find(world, text).hits) == (2 if marked else 0)


@given(st.text(max_size=60), st.text(max_size=60), st.text("aZ9é中ひ的١- ._/", max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_found_by_its_own_words(world: World, before: str, after: str, words: str) -> None:
    said = f"{before} {words} {after}".replace("\x00", " ")
    asked = search.understood(words)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT messaging_parts(1, %s) @@ messaging_asked(%s::text[], %s::boolean[])",
            [said, [term for term, _ in asked.terms], [phrase for _, phrase in asked.terms]],
        )
        assert cursor.fetchone() == ((True,) if asked.terms else (None,))
    assert bool(Marks(asked.terms).spans(said)) == bool(asked.terms)


def test_what_was_written_before_there_were_parts_is_found_and_written_anew(world: World) -> None:
    claim = world.claim()
    world.message(claim, text="invoice/2026.x pelican")
    ThreadText.objects.filter(claim=claim, position=1).delete()
    ThreadText.objects.update(parts=None)
    assert (len(find(world, "pelican").hits), len(find(world, "2026").hits)) == (1, 0)
    done = call(["index_words", "--batch", "1"])
    assert (
        len(find(world, "2026").hits),
        len(find(world, "wooden").hits),
        ThreadText.objects.filter(parts=None).count(),
    ) == (1, 1, 0)
    before = list(ThreadText.objects.order_by("pk").values_list("pk", "parts"))
    assert "claims" in done
    call(["index_words"])
    assert list(ThreadText.objects.order_by("pk").values_list("pk", "parts")) == before


def test_what_others_wrote_is_shown_as_they_wrote_it_and_never_as_a_page(world: World) -> None:
    claim = world.claim()
    nasty = "zebra <img src=x onerror=alert(1)> &amp; \x02not a mark\x03 </mark><b>"
    said(claim, world, [nasty])
    client = client_of(world.alice)
    for address in ("/messages/", f"/claims/{claim.claim_id}/messages/search/"):
        html = client.get(address, {"q": "zebra"}).content.decode()
        shown = html[html.index('<ol class="hits">') : html.index("</ol>")]
        assert re.findall(r"<(?!/?(?:ol|li|p|a|span|bdi|time|mark)\b)[^>]*>", shown) == []
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
    assert name == "<mark>zebra</mark> &lt;img src=x onerror=alert(1)&gt;  .txt"


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
    assert ThreadText.objects.extra(where=["words::text || parts::text LIKE '%%look%%'"]).count() == 0


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
