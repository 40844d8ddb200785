"""How much one message, one claim and one seller can upload."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection

from claims.files import previews, publish, purge_infected, quotas, scan_queue
from claims.files.check import examine
from claims.files.refusals import FileNotAccepted, FileProblem
from claims.filing import drafts
from claims.models import Attachment, SellerStorage
from claims.records import redact
from messaging.compose import verbs
from messaging.models import Message
from tests.cast import World
from tests.claims.files.samples import file, png
from tests.messaging.correspondence.mails import mail, written
from tests.messaging.correspondence.test_import_correspondence import run
from tests.messaging.pages import client_of


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
    scan_queue.check_file(kept.pk, now=world.now)
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


def used(world) -> int:
    return SellerStorage.objects.get(seller=world.toys).used_bytes


def sent(world, claim, *contents: bytes):
    """The seller's files, uploaded by the form's own way and sent."""
    draft = world.reply_draft(claim)
    assert add(draft, *contents, now=world.now) == (len(contents), [])
    verbs.send_message(
        claim_pk=claim.pk, membership=world.member(world.alice), text="See these.", draft_uuid=draft.uuid,
        received_at=world.at(-3),
    )  # fmt: skip
    return list(Attachment.objects.filter(claim=claim, name__endswith=".txt").order_by("pk"))


def from_desk(world, claim, *contents: bytes):
    chosen = [file(content, f"{number}.txt") for number, content in enumerate(contents)]
    verbs.send_desk_message(
        claim_pk=claim.pk, user=world.hana, text="See these.", now=world.at(-2),
        files=[(one, examine(one)) for one in chosen],
    )  # fmt: skip


def test_what_is_redacted_and_what_is_purged_gives_its_storage_back_once(world):
    claim = world.claim()
    kept, redacted, infected, both = sent(world, claim, b"1", b"22", b"4444", b"88888888")
    from_desk(world, claim, b"desk's own")
    ours = Attachment.objects.get(claim=claim, party="DESK")
    assert used(world) == 15

    for taken in (redacted, both, ours):
        redact.redact_file(claim.pk, attachment_pk=taken.pk, by=world.sam, why="A face in it.", now=world.now)
    for bad in (infected, both):
        publish.scanned(bad.pk, threat="Test.Eicar", now=world.at(-31))
    assert used(world) == 15

    assert redact.delete_erased_files() == 3
    assert used(world) == 5
    assert purge_infected.purge_infected(now=world.now) == 1
    assert used(world) == 1 == kept.size
    assert (redact.delete_erased_files(), purge_infected.purge_infected(now=world.now), used(world)) == (0, 0, 1)


def test_the_desk_is_held_to_what_one_message_takes(world, monkeypatch):
    monkeypatch.setattr(quotas, "MESSAGE_BYTES", 8)
    claim = world.claim()
    for contents, code in (
        ([b"%d" % n for n in range(11)], FileProblem.TOO_MANY_FILES),
        ([b"12345", b"6789"], FileProblem.MESSAGE_FULL),
    ):
        before = set(Path(storages["attachments"].location).rglob("*"))
        with pytest.raises(FileNotAccepted) as refused:
            from_desk(world, claim, *contents)
        assert refused.value.code == code
        assert set(Path(storages["attachments"].location).rglob("*")) == before
    from_desk(world, claim, b"1234", b"5678")
    assert claim.attachments.filter(party="DESK").count() == 2


@pytest.mark.parametrize(
    ("most", "value", "words"),
    [
        ("CLAIM_FILES", 3, "This claim has all the files it can have: 3 files or 1 GB."),
        ("CLAIM_BYTES", 2, "This claim has all the files it can have: 300 files or 0 GB."),
    ],
)
def test_the_desk_is_held_to_what_a_claim_takes_and_reads_why(world, monkeypatch, most, value, words):
    claim = world.claim()  # two pictures were filed
    if most == "CLAIM_BYTES":
        value += sum(claim.attachments.values_list("size", flat=True))
    monkeypatch.setattr(quotas, most, value)
    client = client_of(world.hana)
    page = f"/admin/desk/{claim.claim_id}/message/"
    version = re.search(r'name="version" value="(\d+)"', client.get(page).content.decode())
    data = {"message": "See these.", "version": version[1], "files": [file(b"a1", "a.txt"), file(b"b", "b.txt")]}

    response = client.post(page, data)

    assert words in response.content.decode()
    assert (claim.attachments.count(), Message.objects.filter(claim=claim).count()) == (2, 0)
    from_desk(world, claim, b"a1")
    assert claim.attachments.count() == 3


def test_old_mail_takes_no_room_of_what_people_upload(world, monkeypatch, settings, tmp_path):
    monkeypatch.setattr(quotas, "CLAIM_FILES", 3)
    settings.SELLER_STORAGE_BYTES = 1
    settings.DESK_ADDRESSES = ["safe-t@desk.example"]
    claim = world.claim()
    raw = mail(
        subject=f"Claim {claim.claim_id}",
        files={f"{number}.txt": (b"%d, from an old e-mail" % number, "text/plain") for number in range(12)},
    )
    _code, summary, _notes = run(written(tmp_path / "old.eml", raw), "--seller", "seller-a")
    assert "1 imported" in summary
    assert claim.attachments.count() == 14
    assert SellerStorage.objects.filter(seller=world.toys).count() == 0
    assert add(world.reply_draft(claim), b"a", now=world.now) == (1, [])
