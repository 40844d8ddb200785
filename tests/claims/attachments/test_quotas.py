"""How much one message, one claim and one seller can upload."""

from __future__ import annotations

import threading

import pytest
from django.core.files.storage import storages
from django.db import connection

from claims.attachments import previews
from claims.attachments.words import FileProblem
from claims.models import Attachment, SellerStorage
from claims.operations import checking, drafts, quotas
from tests.cast import World
from tests.claims.attachments.files import file, png


def add(draft, *contents: bytes, now):
    chosen = [("", file(content, f"{number}.txt")) for number, content in enumerate(contents)]
    kept, refused = drafts.add_files(draft, chosen, now=now)
    return kept, [(error.code, str(error)) for error in refused]


def test_a_message_takes_so_many_files(world):
    draft = world.reply_draft(world.claim())
    kept, refused = add(draft, *(b"%d" % n for n in range(12)), now=world.now)
    assert (kept, [code for code, _words in refused]) == (10, [FileProblem.TOO_MANY_FILES])


def test_a_message_takes_so_much(world, monkeypatch):
    monkeypatch.setattr(quotas, "MESSAGE_BYTES", 2 * 1024 * 1024)
    draft = world.reply_draft(world.claim())
    kept, refused = add(draft, b"a" * 1024 * 1024, b"b" * 1024 * 1024, b"c", now=world.now)
    assert (kept, refused) == (
        2,
        [
            (
                FileProblem.MESSAGE_FULL,
                "The files have 2.1 MB together; at most 2 MB in one message. Send the rest in a second message.",
            )
        ],
    )


def test_a_claim_takes_so_many_files(world, monkeypatch):
    monkeypatch.setattr(quotas, "CLAIM_FILES", 3)
    draft = world.reply_draft(world.claim())  # two were filed
    kept, refused = add(draft, b"a", b"b", now=world.now)
    assert (kept, [code for code, _words in refused]) == (1, [FileProblem.CLAIM_FULL])


def test_a_seller_stores_so_much_and_gets_back_what_is_removed(world, settings):
    settings.SELLER_STORAGE_BYTES = 10
    draft = world.reply_draft(world.claim())
    assert add(draft, b"12345678", now=world.now) == (1, [])
    kept, refused = add(draft, b"abc", now=world.now)
    assert (kept, refused) == (
        0, [(FileProblem.SELLER_FULL, "Blue Door Toys has used all of its 0 GB of storage. Write to /help/.")]
    )  # fmt: skip
    drafts.remove_file(draft, Attachment.objects.get(draft=draft).uuid)
    assert SellerStorage.objects.get(seller=world.toys).used_bytes == 0
    assert add(draft, b"abc", now=world.now) == (1, [])
    theirs = world.reply_draft(world.claim(world.refund(seller=world.lamps), by=world.mallory), by=world.mallory)
    assert add(theirs, b"12345678", now=world.now) == (1, [])


def test_the_same_file_for_the_same_slot_is_kept_once(world):
    draft = world.reply_draft(world.claim())
    assert add(draft, b"a", b"a", now=world.now) == (1, [])
    assert add(draft, b"a", now=world.now) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_removed_file_takes_its_bytes_and_previews_along(transactional_db):
    world = World()
    draft = world.reply_draft(world.claim())
    drafts.add_files(draft, [("", file(png(), "a.png"))], now=world.now)
    kept = Attachment.objects.get(draft=draft)
    checking.check_file(kept.pk, now=world.now)
    kept.refresh_from_db()
    keys = previews.keys_of(kept)
    assert [storages["attachments"].exists(key) for key in keys] == [True] * 4
    drafts.remove_file(draft, kept.uuid)
    assert [storages["attachments"].exists(key) for key in keys] == [False] * 4


@pytest.mark.django_db(transaction=True)
def test_two_tabs_cannot_fill_a_message_past_its_measure(transactional_db):
    world = World()
    draft = world.reply_draft(world.claim())
    start, results = threading.Barrier(2), []

    def tab(letter: bytes) -> None:
        start.wait()
        results.append(add(draft, *(letter * (n + 1) for n in range(8)), now=world.now)[0])
        connection.close()

    tabs = [threading.Thread(target=tab, args=(letter,)) for letter in (b"a", b"b")]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert (sum(results), Attachment.objects.filter(draft=draft).count()) == (10, 10)
    used = sum(Attachment.objects.filter(draft=draft).values_list("size", flat=True))
    assert SellerStorage.objects.get(seller=world.toys).used_bytes == used
