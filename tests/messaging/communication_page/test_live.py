"""What an open page is told: nothing while nothing changed, at one query; then what is new, to its own seller only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from claims.files import scan_queue, store
from claims.files.check import Accepted
from claims.models import Attachment, Claim, ReadMark, Unseen
from claims.records import redact
from claims.rules.lifecycle import Party
from messaging import redact_message
from messaging.compose import verbs
from messaging.models import Message
from tests.cast import World, picture
from tests.html import CheckingClient
from tests.messaging.pages import address, client_of
from tests.messaging.thread.test_thread import messages
from tests.servers import EICAR


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def poller(html: str) -> tuple[str, dict[str, str]]:
    """What the page's poller asks, and with which header."""
    found = re.search(r'<div id="live" hx-get="([^"]+)"[^>]*If-None-Match": "([^}]*)"}\'', html)
    assert found
    return found[1].replace("&amp;", "&"), {"If-None-Match": found[2].replace("\\u0022", '"')}


def ask(client: CheckingClient, html: str, **query: str) -> HttpResponse:
    link, headers = poller(html)
    return client.get(link + "".join(f"&{name}={value}" for name, value in query.items()), headers=headers)


def opened(client: CheckingClient, claim: Claim) -> str:
    return client.get(address(claim)).content.decode()


def test_nothing_new_costs_one_query_besides_who_asks(world: World) -> None:
    claim = world.claim()
    messages(claim, world, 60)
    client = client_of(world.alice)
    html = opened(client, claim)
    with CaptureQueriesContext(connection) as queries:
        response = ask(client, html, seen="1")
    assert (response.status_code, response.content) == (304, b"")
    assert response["Cache-Control"] == "no-store"
    tables = [set(re.findall(r'(?:FROM|JOIN) "?(\w+)', each["sql"])) for each in queries]
    of_claim = {"claims_claim", "claims_attachment", "accounts_membership", "accounts_user"}
    assert tables == [{"django_session"}, {"accounts_user"}, of_claim]


def test_the_query_of_a_poll_reads_by_index(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    html = opened(client, claim)
    with CaptureQueriesContext(connection) as queries:
        ask(client, html)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan


def test_new_message_comes_alone_and_is_announced(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    html = opened(client, claim)
    world.desk_message(claim, text="We have all we need.")
    response = ask(client, html)
    news = response.content.decode()
    assert response.status_code == 200
    assert re.findall(r'<li class="(?:post|event|decision)[^"]*"\s+id="(e\d+)"', news) == ["e2"]
    assert '<div id="live-said" hx-swap-oob="innerHTML">1 new message.</div>' in news
    assert 'id="composer-box"' not in news
    assert ask(client, news).status_code == 304


def test_change_of_status_brings_card_and_box(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    html = opened(client, claim)
    world.ask(claim)
    news = ask(client, html).content.decode()
    assert "1 new message. This claim is now: Awaiting Seller Response." in news
    assert "Your turn" in news
    assert 'name="stands" value="AWAITING_SELLER-FIRST"' in news
    assert poller(news)[0].endswith("?since=3&stands=AWAITING_SELLER-FIRST")
    assert ask(client, news).status_code == 304


def sent_files(world: World, claim: Claim, *names: str, data: bytes = b"plain words") -> list[Attachment]:
    """Files the desk sent with one message, before any worker looked at them."""
    return [
        store.record(
            store.put(ContentFile(data)),
            Accepted(name, "image/png" if name.endswith("png") else "text/plain", len(data), name * 2),
            now=world.now,
            claim=claim,
            position=world.desk_message(claim).message.position,
            party=Party.DESK,
            hurry=False,
        )
        for name in names
    ]


def waiting(html: str) -> str:
    """What the page's script says of the files that wait."""
    return " ".join(".".join(each) for each in re.findall(r'\sid="([fp]-[0-9a-f-]+)"\s+data-waits="(\w+)"', html))


def test_files_that_were_checked_take_the_place_of_those_shown(clamd: str, world: World) -> None:
    claim = world.claim()
    scan_queue.sweep(now=world.now)
    (note, bad) = sent_files(world, claim, "note.txt", "bad.txt", data=EICAR.encode())
    store.take_back(note.storage_key)
    note.storage_key = store.put(ContentFile(b"plain words"))
    note.save()
    client = client_of(world.alice)
    html = opened(client, claim)
    shown = waiting(html)
    assert sorted(shown.split()) == sorted(f"{place}-{file.uuid}.scan" for file in (note, bad) for place in "fp")
    assert f'href="/attachments/{note.uuid}/"' not in html
    assert ask(client, html, files=shown).status_code == 304

    scan_queue.check_file(note.pk, now=world.now)
    news = ask(client, html, files=shown).content.decode()
    assert re.findall(r'\sid="([fp]-[0-9a-f-]+)"\s+hx-swap-oob="true"', news) == [f"f-{note.uuid}"]
    assert panel(news) == panel(opened(client, claim))
    assert news.count(f'href="/attachments/{note.uuid}/"') == 2
    assert '<div id="live-said" hx-swap-oob="innerHTML">1 file was checked.</div>' in news
    assert "unread-line" not in news
    assert ask(client, news, files=shown).status_code == 304

    scan_queue.check_file(bad.pk, now=world.now)
    news = ask(client, news, files=shown.replace(str(note.uuid), str(uuid4()))).content.decode()
    assert news.count("Not accepted: it failed the virus check") == 2
    assert "A file was not accepted: bad.txt, it failed the virus check." in news
    assert '<div id="live-said" hx-swap-oob="innerHTML">1 file was not accepted.</div>' in news


def panel(html: str) -> list[str]:
    """The files that stand beside the thread, as a page or an update of one has them."""
    found = re.search(r'<section[^>]* id="claim-files".*?</section>', html, re.DOTALL)
    return re.findall(r'<span\s+class="file.*?</span>\s*</span>', found[0], re.DOTALL) if found else []


def test_files_of_a_new_entry_stand_beside_the_thread_at_once(world: World) -> None:
    world.photos = True
    claim = world.claim()
    scan_queue.sweep(now=world.now)
    client = client_of(world.alice)
    html = opened(client, claim)
    world.desk_message(claim)
    news = ask(client, html).content.decode()
    assert 'id="claim-files"' not in news
    sent_files(world, claim, "note.txt")
    news = ask(client, news).content.decode()
    assert len(panel(news)) == len(panel(html)) + 1
    assert panel(news) == panel(opened(client, claim))


def anew(news: str) -> dict[str, str]:
    """The entries an update puts in the place of those there, by id; "" for one that goes."""
    found = re.findall(r'<li[^>]*\sid="(e\d+)"[^>]*\shx-swap-oob="(true|delete)">(.*?)</li>', news, re.DOTALL)
    return {place: text if how == "true" else "" for place, how, text in found}


def test_what_is_redacted_leaves_an_open_page_too(world: World) -> None:
    claim = world.claim()
    (file,) = sent_files(world, claim, "elm-street.txt")
    words = world.message(claim, text="The buyer lives in 12 Elm Street.").message
    bare = world.desk_message(claim, text="Only a file goes with this.").message
    assert words is not None and bare is not None
    client = client_of(world.alice)
    html = opened(client, claim)
    assert "12 Elm Street" in html and "elm-street.txt" in html
    for act in (
        partial(redact_message.redact_message, position=words.position),
        partial(redact_message.redact_file, attachment_pk=file.pk),
        redact.redact_statement,
    ):
        act(claim.pk, by=world.sam, why="It named a street.", now=world.now)
    news = ask(client, html, first="1").content.decode()
    assert sorted(anew(news)) == ["e1", f"e{file.position}", f"e{words.position}"]
    fresh = opened(client, claim)
    for text in anew(news).values():
        assert [gone for gone in ("Elm Street", "elm-street", "sand") if gone in text] == []
        assert text in fresh
    assert panel(news) == panel(fresh)
    assert not [name for name in panel(news) if "elm-street" in name]
    assert anew(ask(client, html, first=str(words.position)).content.decode()).keys() == {f"e{words.position}"}
    beyond = ask(client, html, first="999").content.decode()  # the files beside the thread are of older entries too
    assert (anew(beyond), panel(beyond)) == ({}, panel(fresh))
    assert anew(ask(client, news).content.decode()) == {}


def test_an_entry_that_was_a_file_alone_goes_with_it(world: World) -> None:
    claim = world.claim()
    draft = world.reply_draft(claim)
    world.add_file(draft, name="elm-street.png")
    sent = verbs.send_message(
        claim_pk=claim.pk,
        membership=world.member(world.alice),
        text="",
        draft_uuid=draft.uuid,
        received_at=world.now,
    ).message
    assert sent is not None
    client = client_of(world.vera)
    html = opened(client, claim)
    file = Attachment.objects.get(claim=claim, position=sent.position)
    redact_message.redact_file(claim.pk, attachment_pk=file.pk, by=world.sam, why="A street.", now=world.now)
    fresh = opened(client, claim)
    left = anew(ask(client, html).content.decode())
    assert left.keys() == {f"e{sent.position}"}
    assert bool(left[f"e{sent.position}"]) == (f'id="e{sent.position}"' in fresh)


def test_a_picture_that_was_drawn_comes_with_its_preview(world: World) -> None:
    claim = world.claim()
    scan_queue.sweep(now=world.now)
    (photo,) = sent_files(world, claim, "photo.png", data=picture())
    client = client_of(world.alice)
    html = opened(client, claim)
    assert waiting(html) == f"f-{photo.uuid}.preview p-{photo.uuid}.preview"
    scan_queue.check_file(photo.pk, now=world.now)
    news = ask(client, html, files=waiting(html)).content.decode()
    assert news.count(f'<img src="/attachments/{photo.uuid}/preview/0/"') == 2
    assert '<div id="live-said" hx-swap-oob="innerHTML"></div>' in news


def test_no_file_of_another_claim_is_told(world: World) -> None:
    world.photos = True
    claim, other = world.claim(), world.claim()
    theirs = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    draft = world.reply_draft(claim, by=world.gus)
    files = [world.add_file(draft), *other.attachments.all(), *theirs.attachments.all()]
    client = client_of(world.alice)
    html = opened(client, claim)
    world.desk_message(claim)
    named = " ".join(f"f-{file.uuid}.scan p-{file.uuid}.preview" for file in files)
    assert 'hx-swap-oob="true"' not in ask(client, html, files=named).content.decode()
    before = Attachment.objects.filter(making="PENDING", claim=other).count()
    assert before
    quiet = ask(client, opened(client, claim))
    scan_queue.sweep(now=world.now)
    assert quiet.status_code == 304


@pytest.mark.parametrize("number", [1, 30])
def test_news_of_files_cost_one_query_more(world: World, number: int) -> None:
    claim = world.claim()
    scan_queue.sweep(now=world.now)
    client = client_of(world.alice)
    html = opened(client, claim)
    files = sent_files(world, claim, *(f"{n}.txt" for n in range(number)))
    named = " ".join(f"f-{file.uuid}.scan" for file in files)
    with CaptureQueriesContext(connection) as without:
        ask(client, html)
    with CaptureQueriesContext(connection) as queries:
        assert ask(client, html, files=named).content.count(b'hx-swap-oob="true"') == number
    assert len(queries) == len(without) + 1


def test_own_message_of_another_tab_comes_without_announcement(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    html = opened(client, claim)
    world.message(claim, text="From the other tab.")
    news = ask(client, html).content.decode()
    assert "From the other tab." in news
    assert '<div id="live-said" hx-swap-oob="innerHTML"></div>' in news


def test_only_what_is_looked_at_counts_as_seen(world: World) -> None:
    claim = world.claim()
    client = client_of(world.gus)
    html = opened(client, claim)
    world.ask(claim)
    ask(client, html, seen="0")
    assert (Unseen.objects.filter(user=world.gus).count(), ReadMark.objects.get(user=world.gus).position) == (1, 1)
    ask(client, html, seen="1")
    assert (Unseen.objects.filter(user=world.gus).count(), ReadMark.objects.get(user=world.gus).position) == (0, 3)


def test_more_news_than_a_page_are_asked_for_again(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    html = opened(client, claim)
    messages(claim, world, 70)
    first = ask(client, html).content.decode()
    second = ask(client, first).content.decode()
    came = [int(n) for each in (first, second) for n in re.findall(r'<li class="post[^"]*"\s+id="e(\d+)"', each)]
    assert came == list(range(2, 72))
    assert ask(client, second).status_code == 304


def test_entry_with_an_earlier_moment_comes_too_and_old_mail_does_not(world: World) -> None:
    """A reply counts from when its request began: its files may have been on their way while others wrote."""
    claim = world.claim()
    client = client_of(world.alice)
    world.desk_message(claim, days=-0.1)
    html = opened(client, claim)
    world.message(claim, by=world.gus, text="Sent before that.", days=-0.2)
    Message.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=90,
        at=world.at(-90),
        party=Message.Party.SELLER,
        origin=Message.Origin.IMPORTED,
        text="As I wrote before.",
    )
    news = ask(client, html).content.decode()
    assert ("Sent before that." in news, "As I wrote before." in news) == (True, False)


def test_page_of_old_entries_does_not_ask(world: World) -> None:
    claim = world.claim()
    messages(claim, world, 130)
    assert 'id="live"' not in client_of(world.alice).get(address(claim, "?before=60")).content.decode()


def test_tag_tells_a_rival_nothing(world: World) -> None:
    claim = world.claim()
    html = opened(client_of(world.alice), claim)
    link, headers = poller(html)
    rival = client_of(world.mallory)
    answers: list[Any] = [
        rival.get(link, headers=headers),
        rival.get(link),
        rival.get(link.replace(claim.claim_id, "99999-99999-9999999"), headers=headers),
        client_of(world.hana).get(link, headers=headers),
    ]
    assert [(each.status_code, "ETag" in each) for each in answers] == [(404, False)] * 4


def test_who_is_signed_out_is_told_so_and_nothing_else(world: World) -> None:
    claim = world.claim()
    link, headers = poller(opened(client_of(world.alice), claim))
    response = CheckingClient().get(link, headers={**headers, "HX-Request": "true"})
    assert (response.status_code, response.content, "ETag" in response) == (401, b"", False)


def test_member_who_became_a_viewer_gets_another_page(world: World) -> None:
    claim = world.claim()
    client = client_of(world.gus)
    html = opened(client, claim)
    member = world.member(world.gus)
    member.role = "viewer"
    member.save()
    assert ask(client, html).status_code == 200
    member.is_active = False
    member.save()
    assert ask(client, html).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?since=x",
        "?files=f-%00.scan",
        f"?files={'f-' + 'a' * 2000}",
        "?since=99999999999",
        "?since=-1&stands=%00",
        "?stands=x&seen=%F0",
    ],
)
def test_made_up_questions_are_answered(world: World, query: str) -> None:
    claim = world.claim()
    assert client_of(world.alice).get(address(claim) + "live/" + query).status_code == 200
