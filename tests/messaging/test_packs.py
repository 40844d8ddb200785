"""The evidence pack: what is in it, for whom, made once, and gone some days later."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone
from pypdf import PdfReader

from claims.attachments import store
from claims.models import Claim, EvidencePack
from claims.operations import checking, files
from messaging import operations, packs, redacting
from messaging.packs.asking import Reader, State
from tests.cast import World
from tests.claims.attachments.files import jpeg, pdf
from tests.html import CheckingClient


def walked(world: World) -> Claim:
    """A claim that has been through all a pack tells: evidence, request, reply, a virus, decision, note, appeal."""
    claim = world.claim()
    world.ask(claim)
    draft = world.reply_draft(claim)
    world.add_file(draft, "SERIAL_PHOTO", name="seriennummer größer.jpg", data=jpeg(exif=exif()))
    world.add_file(draft, name="carrier.pdf", data=pdf())
    bad = world.add_file(draft, name="bad.txt", data=b"worse than it looks")
    files.scanned(bad.pk, threat="Test.Eicar", now=world.at(-3))
    operations.reply(
        claim_pk=claim.pk, membership=world.member(world.alice), text="Hier: <b>the number</b> & a 漢字 🙂.",
        draft_uuid=draft.uuid, received_at=world.at(-3),
    )  # fmt: skip
    operations.add_note(claim_pk=claim.pk, user=world.hana, text="He has done this before.", now=world.at(-2.5))
    world.decide(claim, 4000, words="The box was damaged, the item less so.")
    world.appeal(claim)
    for file in claim.attachments.all():
        checking.check_file(file.pk, now=world.now)
    claim.refresh_from_db()
    return claim


def exif() -> Any:
    from PIL import Image

    made = Image.Exif()
    made[0x010F] = "Secret Camera Company"
    return made


def made(claim: Claim, world: World, reader: EvidencePack.Reader = Reader.SELLER) -> tuple[EvidencePack, Any]:
    pack = packs.ask(claim, reader=reader, user_id=world.alice.pk, now=world.now)
    assert packs.make(pack.pk, now=world.now)
    pack.refresh_from_db()
    with store.read(pack.storage_key) as kept:
        return pack, zipfile.ZipFile(io.BytesIO(kept.read()))


def test_a_pack_holds_the_claim_and_a_hash_of_every_part(world: World) -> None:
    claim = walked(world)
    pack, archive = made(claim, world)

    names = archive.namelist()
    listed = [name for name in names if name.startswith("files/")]
    assert [name.partition(" ")[2] for name in listed] == [
        "item_photo.png", "label_photo.png", "seriennummer größer.jpg", "carrier.pdf", "photo.png",
    ]  # fmt: skip
    assert set(names) - set(listed) == {"summary.pdf", "claim.json", "thread.txt", "manifest.json", "SHA256SUMS"}
    assert archive.testzip() is None
    sums = dict(reversed(line.split("  ", 1)) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names if name != "SHA256SUMS"}
    manifest = json.loads(archive.read("manifest.json"))
    parts = {part["path"]: part for part in manifest["parts"]}
    assert (manifest["claim_id"], manifest["format"]) == (claim.claim_id, 1)
    [kept_out] = [part for part in parts.values() if "not_in_the_pack" in part]
    assert (kept_out["name"], kept_out["not_in_the_pack"]) == ("bad.txt", "It failed the virus check.")
    for file in claim.attachments.exclude(name="bad.txt"):
        [part] = [
            part for part in parts.values() if part.get("sha256_as_sent") == file.sha256 and part["name"] == file.name
        ]
        assert part["sha256"] == (file.served_sha256 or file.sha256)
    with store.read(pack.storage_key) as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == pack.sha256


def test_a_pack_tells_the_thread_in_words_and_for_programs(world: World) -> None:
    _pack, archive = made(claim := walked(world), world)

    thread = archive.read("thread.txt").decode()
    for words in (
        "Hier: <b>the number</b> & a 漢字 🙂.",
        "The box was damaged, the item less so.",
        "Alice Moreno appealed",
        "A file was not accepted: bad.txt, it failed the virus check.",
        "[seriennummer größer.jpg]",
    ):
        assert words in thread
    told = json.loads(archive.read("claim.json"))
    assert (told["claim_id"], told["stage"], told["approved_minor"]) == (claim.claim_id, "APPEAL", claim.approved_minor)
    assert [one["approved_minor"] for one in told["decisions"]] == [4000]
    pages = PdfReader(io.BytesIO(archive.read("summary.pdf"))).pages
    summary = "\n".join(page.extract_text() for page in pages)
    assert claim.claim_id in summary
    assert "seriennummer größer.jpg" in summary
    assert "The box was damaged" in summary


def test_pictures_in_a_pack_have_no_metadata(world: World) -> None:
    _pack, archive = made(walked(world), world)
    [name] = [name for name in archive.namelist() if name.endswith("größer.jpg")]
    assert b"Secret Camera" not in archive.read(name)


def test_the_sellers_pack_and_the_desks_differ_by_the_internal_notes_alone(world: World) -> None:
    claim = walked(world)
    _pack, sellers = made(claim, world)
    _pack, desks = made(claim, world, Reader.DESK)

    assert set(desks.namelist()) - set(sellers.namelist()) == {"internal-notes.txt"}
    assert "He has done this before." in desks.read("internal-notes.txt").decode()
    same = [name for name in sellers.namelist() if name not in ("summary.pdf", "manifest.json", "SHA256SUMS")]
    assert [sellers.read(name) for name in same] == [desks.read(name) for name in same]
    everything = b"".join(sellers.read(name) for name in sellers.namelist())
    everything += PdfReader(io.BytesIO(sellers.read("summary.pdf"))).pages[0].extract_text().encode()
    for secret in (b"He has done this", b"Hana Sato", b"Sam Whitfield"):
        assert secret not in everything


def test_one_pack_for_one_state_of_the_claim(world: World) -> None:
    claim = walked(world)
    first, _archive = made(claim, world)
    again = packs.ask(claim, reader=Reader.SELLER, user_id=world.gus.pk, now=world.now)
    assert (again, packs.make(first.pk, now=world.now)) == (first, False)
    operations.add_note(claim_pk=claim.pk, user=world.hana, text="Another.", now=world.now)
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) == first
    world.ask(claim, days=0, by=world.sam)
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) != first


def test_a_pack_with_a_note_that_was_taken_out_is_no_longer_the_claims(world: World) -> None:
    """Also one that was asked for while the note was being taken out, which that could not see yet."""
    claim = world.claim()
    note = operations.add_note(claim_pk=claim.pk, user=world.sam, text="Elm Street again.", now=world.now)
    pack, _archive = made(claim, world, Reader.DESK)
    sellers, _archive = made(claim, world)
    found = EvidencePack.objects.filter(pk=pack.pk).values()[0]
    redacting.redact_note(claim.pk, note_pk=note.pk, by=world.sam, why="A street.", now=world.now)
    EvidencePack.objects.create(**found)
    assert not packs.shown(claim, reader=Reader.DESK, zone="UTC").is_ready
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) == sellers


def test_a_pack_is_gone_after_a_week(world: World) -> None:
    claim = world.claim()
    pack, _archive = made(claim, world)
    assert packs.delete_old(now=world.now + timedelta(days=7)) == 0
    assert packs.delete_old(now=world.now + timedelta(days=7, seconds=1)) == 1
    assert (EvidencePack.objects.count(), storages["attachments"].exists(pack.storage_key)) == (0, False)


def test_what_fails_is_said_and_can_be_tried_again(world: World, settings: Any, tmp_path: Any) -> None:
    claim = world.claim()
    pack = packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    broken = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": "/proc/nowhere"}}
    whole = settings.STORAGES
    settings.STORAGES = {**whole, "attachments": broken}
    assert not packs.make(pack.pk, now=world.now)
    assert packs.shown(claim, reader=Reader.SELLER, zone="UTC").has_failed
    settings.STORAGES = whole
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) == pack
    assert packs.make(pack.pk, now=world.now)
    assert packs.shown(claim, reader=Reader.SELLER, zone="UTC").is_ready


def test_a_pack_whose_worker_died_is_taken_up_by_the_next(world: World) -> None:
    pack = packs.ask(world.claim(), reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    EvidencePack.objects.filter(pk=pack.pk).update(state=State.MAKING, leased_until=world.now)
    assert (packs.waiting(now=world.now), packs.make(pack.pk, now=world.now)) == ([], False)
    later = world.now + timedelta(seconds=1)
    assert packs.waiting(now=later) == [pack.pk]
    assert packs.make(pack.pk, now=later)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_pack(transactional_db: None) -> None:
    world = World()
    claim = world.claim()
    pack = EvidencePack.objects.create(
        seller=world.toys, claim=claim, reader=Reader.SELLER, claim_state="x", asked_at=world.now
    )
    start, results = threading.Barrier(2), []

    def worker() -> None:
        start.wait()
        results.append(packs.make(pack.pk, now=world.now))
        connection.close()

    workers = [threading.Thread(target=worker) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(results) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_the_page_leads_from_asking_to_the_download(transactional_db: None) -> None:
    world = World(now=timezone.now())
    claim = world.claim()
    for person, page in ((world.vera, f"/claims/{claim.claim_id}/pack/"),
                         (world.hana, f"/admin/desk/{claim.claim_id}/pack/")):  # fmt: skip
        client = CheckingClient()
        client.force_login(person)
        assert "Make the evidence pack" in client.get(page).content.decode()
        assert client.post(page)["Location"] == page
        pack = EvidencePack.objects.latest("pk")
        ready = client.get(page).content.decode()
        assert "The pack is ready." in ready
        assert f"{page}{pack.uuid}/" in ready
        download = client.get(f"{page}{pack.uuid}/")
        assert download["Content-Disposition"] == f'attachment; filename="SAFE-T-claim-{claim.claim_id}-evidence.zip"'
        assert b"".join(download.streaming_content).startswith(b"PK")  # type: ignore[arg-type]
        download.close()


def test_a_pack_crosses_neither_sellers_nor_sides(world: World, client: CheckingClient) -> None:
    claim = world.claim()
    sellers, _archive = made(claim, world)
    desks, _archive = made(claim, world, Reader.DESK)
    at = f"/claims/{claim.claim_id}/pack/"
    theirs = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    client.force_login(world.mallory)
    for address in (at, f"{at}{sellers.uuid}/", f"/claims/{theirs.claim_id}/pack/{sellers.uuid}/"):
        assert (address, client.get(address).status_code, client.post(address).status_code) in (
            (address, 404, 404), (address, 404, 405),
        )  # fmt: skip
    client.force_login(world.alice)
    assert client.get(f"{at}{desks.uuid}/").status_code == 404
    client.force_login(world.hana)
    assert client.get(f"{at}{sellers.uuid}/").status_code == 404
    assert client.get(f"/admin/desk/{claim.claim_id}/pack/{sellers.uuid}/").status_code == 404
    assert EvidencePack.objects.count() == 2


@pytest.mark.parametrize("count", [1, 30])
def test_page_asks_as_much_whatever_the_claim_holds(
    world: World, client: CheckingClient, django_assert_num_queries: Any, count: int
) -> None:
    claim = world.claim()
    for _ in range(count):
        world.message(claim)
    client.force_login(world.alice)
    client.get("/claims/")
    with django_assert_num_queries(7):
        client.get(f"/claims/{claim.claim_id}/pack/")
