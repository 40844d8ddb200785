"""The evidence pack: what is in it, for whom, made once, and gone some days later."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from pypdf import PdfReader
from pypdfium2 import PdfDocument, PdfPage

from claims.files import publish, scan_queue, store
from claims.models import Claim, EvidencePack, SellerStorage
from claims.text import formats
from messaging import packs, redact_message
from messaging.compose import verbs
from messaging.packs.request import Reader, State
from tests.cast import World
from tests.claims.files.samples import jpeg, pdf
from tests.html import CheckingClient


def walked(world: World) -> Claim:
    """A claim that has been through all a pack tells: evidence, request, reply, a virus, decision, note, appeal."""
    claim = world.claim()
    world.ask(claim)
    draft = world.reply_draft(claim)
    world.add_file(draft, "SERIAL_PHOTO", name="seriennummer größer.jpg", data=jpeg(exif=exif()))
    world.add_file(draft, name="carrier.pdf", data=pdf())
    bad = world.add_file(draft, name="bad.txt", data=b"worse than it looks")
    publish.scanned(bad.pk, threat="Test.Eicar", now=world.at(-3))
    verbs.reply(
        claim_pk=claim.pk, membership=world.member(world.alice), text="Hier: <b>the number</b> & a 漢字 🙂.",
        draft_uuid=draft.uuid, received_at=world.at(-3),
    )  # fmt: skip
    verbs.add_note(claim_pk=claim.pk, user=world.hana, text="He has done this before.", now=world.at(-2.5))
    world.decide(claim, 4000, words="The box was damaged, the item less so.")
    world.appeal(claim)
    for file in claim.attachments.all():
        scan_queue.check_file(file.pk, now=world.now)
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
    world.photos = True
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
    assert (told["claim_id"], told["stage"], told["granted_minor"]) == (claim.claim_id, "APPEAL", claim.granted_minor)
    assert [one["granted_minor"] for one in told["decisions"]] == [4000]
    pages = PdfReader(io.BytesIO(archive.read("summary.pdf"))).pages
    summary = "\n".join(page.extract_text() for page in pages)
    assert claim.claim_id in summary
    assert "seriennummer größer.jpg" in summary
    assert "The box was damaged" in summary
    assert "aren't in the fonts of this server; □ stands for each" in " ".join(summary.split())


def places(page: PdfPage, words: str) -> list[float]:
    """Where the characters of these words stand on the page, from the left."""
    text = page.get_textpage()
    start = text.get_text_range().index(words)
    return [text.get_charbox(start + n)[0] for n in range(len(words))]


def test_text_from_the_right_stands_in_its_order_on_paper_and_ids_in_theirs(world: World) -> None:
    claim = world.claim(text="وصل الطلب 111-4210866-3466206 فارغا يوم 2026-11-20\nהזמנה 111-4210866-3466206 ריקה")
    _pack, archive = made(claim, world)
    with PdfDocument(archive.read("summary.pdf")) as paper:
        page = paper[0]
        for words in ("111-4210866-3466206", "2026-11-20"):
            assert (found := places(page, words)) == sorted(found)
        for words in ("فارغا", "הזמנה", "ריקה"):
            assert (found := places(page, words)) == sorted(found, reverse=True)
        first, last = places(page, "הזמנה")[0], places(page, "ריקה")[0]
        assert 560 > first > last > 50
    assert "aren't in the fonts" not in "".join(
        PdfReader(io.BytesIO(archive.read("summary.pdf"))).pages[0].extract_text()
    )


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
    verbs.add_note(claim_pk=claim.pk, user=world.hana, text="Another.", now=world.now)
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) == first
    world.ask(claim, days=0, by=world.sam)
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) != first


def test_a_pack_with_a_note_that_was_redacted_is_no_longer_the_claims(world: World) -> None:
    """Also one that was asked for while the note was being redacted, which that could not see yet."""
    claim = world.claim()
    note = verbs.add_note(claim_pk=claim.pk, user=world.sam, text="Elm Street again.", now=world.now)
    pack, _archive = made(claim, world, Reader.DESK)
    sellers, _archive = made(claim, world)
    found = EvidencePack.objects.filter(pk=pack.pk).values()[0]
    redact_message.redact_note(claim.pk, note_pk=note.pk, by=world.sam, why="A street.", now=world.now)
    EvidencePack.objects.create(**found)
    assert not packs.shown(claim, reader=Reader.DESK, zone="UTC", now=world.now).is_ready
    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) == sellers


def test_a_pack_is_gone_after_a_week(world: World, django_capture_on_commit_callbacks: Any) -> None:
    claim = world.claim()
    pack, _archive = made(claim, world)
    assert packs.delete_old(now=world.now + timedelta(days=7)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert packs.delete_old(now=world.now + timedelta(days=7, seconds=1)) == 1
    assert (EvidencePack.objects.count(), storages["attachments"].exists(pack.storage_key)) == (0, False)


def test_what_fails_is_said_and_can_be_tried_again(world: World, settings: Any, tmp_path: Any) -> None:
    claim = world.claim()
    pack = packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    broken = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": "/proc/nowhere"}}
    whole = settings.STORAGES
    settings.STORAGES = {**whole, "attachments": broken}
    with pytest.raises(packs.PackFailed, match="could not be made"):
        packs.make(pack.pk, now=world.now)
    assert packs.shown(claim, reader=Reader.SELLER, zone="UTC", now=world.now).has_failed
    settings.STORAGES = whole
    again = packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    assert packs.make(again.pk, now=world.now)
    assert packs.shown(claim, reader=Reader.SELLER, zone="UTC", now=world.now).is_ready


def test_a_pack_whose_worker_died_is_taken_up_by_the_next(world: World) -> None:
    pack = packs.ask(world.claim(), reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    EvidencePack.objects.filter(pk=pack.pk).update(state=State.MAKING, leased_until=world.now)
    assert (packs.waiting(now=world.now), packs.make(pack.pk, now=world.now)) == ([], False)
    later = world.now + timedelta(seconds=1)
    assert packs.waiting(now=later) == [pack.pk]
    assert packs.make(pack.pk, now=later)


def test_a_pack_that_workers_die_over_is_given_up(world: World) -> None:
    """Three of them; then its reader reads that it was not made, and an operator has it in the list."""
    claim = world.claim()
    pack = packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    EvidencePack.objects.filter(pk=pack.pk).update(state=State.MAKING, leased_until=world.now, tries=3)
    later = world.now + timedelta(seconds=1)
    with pytest.raises(packs.PackFailed, match="its worker died each time"):
        packs.make(pack.pk, now=later)
    assert packs.shown(claim, reader=Reader.SELLER, zone="UTC", now=later).has_failed
    assert packs.waiting(now=later + timedelta(days=1)) == []


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
    with django_assert_num_queries(6):
        client.get(f"/claims/{claim.claim_id}/pack/")


def asked(claim: Claim, world: World, at: timedelta = timedelta(0), reader: Reader = Reader.SELLER) -> EvidencePack:
    return packs.ask(claim, reader=reader, user_id=world.alice.pk, now=world.now + at)


def used(world: World) -> int:
    return SellerStorage.objects.filter(seller=world.toys).values_list("used_bytes", flat=True).first() or 0


@pytest.mark.django_db(transaction=True)
def test_a_new_pack_takes_the_place_of_the_last_one_bytes_and_all(transactional_db: None) -> None:
    world = World()
    claim = world.claim()
    before = used(world)
    first = EvidencePack.objects.get(pk=asked(claim, world).pk)  # made on the commit
    assert used(world) == before + (first.size or 0) > before
    world.message(claim)
    second = EvidencePack.objects.get(pk=asked(claim, world).pk)
    assert list(EvidencePack.objects.values_list("uuid", flat=True)) == [second.uuid] != [first.uuid]
    assert [store.storage().exists(pack.storage_key) for pack in (first, second)] == [False, True]
    assert used(world) == before + (second.size or 0)
    desks = EvidencePack.objects.get(pk=asked(claim, world, reader=Reader.DESK).pk)
    assert (desks.state, used(world)) == (State.READY, before + (second.size or 0))  # the desk's is nobody's burden
    assert packs.delete_old(now=timezone.now() + timedelta(days=8)) == 2
    assert (used(world), store.storage().exists(desks.storage_key)) == (before, False)


class StorageThatWaits(FileSystemStorage):
    """The first thing it is given is written only after something else has happened."""

    meanwhile: ClassVar[Callable[[], object] | None] = None

    def _save(self, name: str, content: Any) -> str:
        happens, StorageThatWaits.meanwhile = StorageThatWaits.meanwhile, None
        if happens:
            happens()
        return str(super()._save(name, content))  # type: ignore[misc]


@pytest.mark.django_db(transaction=True)
def test_a_pack_whose_place_was_taken_while_it_was_made_keeps_no_bytes(transactional_db: None) -> None:
    """A worker reads the old state while the new one is asked for, and hands over into nothing."""
    world = World()
    claim = world.claim()
    first = asked(claim, world)
    before = used(world)
    EvidencePack.objects.filter(pk=first.pk).update(state=State.QUEUED, storage_key="", size=None, ready_at=None)
    kept = sorted(names("packs"))
    world.message(claim)
    where = settings.STORAGES["attachments"]
    slow = {**where, "BACKEND": f"{__name__}.{StorageThatWaits.__name__}"}
    StorageThatWaits.meanwhile = lambda: asked(claim, world)
    with override_settings(STORAGES={**settings.STORAGES, "attachments": slow}):
        assert not packs.make(first.pk, now=world.now)
    last = EvidencePack.objects.get()
    assert (last.pk != first.pk, last.state) == (True, State.READY)
    assert sorted(names("packs")) == sorted({*kept, last.storage_key})
    assert used(world) == before + (last.size or 0)


def names(folder: str) -> list[str]:
    root = Path(settings.STORAGES["attachments"]["OPTIONS"]["location"])
    return [str(path.relative_to(root)) for path in (root / folder).rglob("*") if path.is_file()]


def test_five_packs_a_day_and_then_a_sentence(world: World, client: CheckingClient) -> None:
    world.now = timezone.now()
    claim = world.claim()
    hours = [timedelta(hours=-20 + n) for n in range(5)]
    for at in hours:
        asked(claim, world, at)
        world.message(claim)
    with pytest.raises(packs.NotMade):
        asked(claim, world)
    assert asked(claim, world, reader=Reader.DESK).reader == Reader.DESK  # each reader's own
    other = world.claim()
    assert asked(other, world).claim == other  # each claim's own

    client.force_login(world.alice)
    page = f"/claims/{claim.claim_id}/pack/"
    words = "5 packs of this claim were begun in the last 24 hours, the most there is. Make the next one from"
    assert words in client.post(page, follow=True).content.decode()
    shown = client.get(page).content.decode()
    assert words in shown
    assert "<button" not in shown[shown.index('id="pack"') : shown.index("</section>", shown.index('id="pack"'))]
    again = formats.moment_short(world.now + hours[0] + timedelta(days=1), "America/New_York")
    assert f"from {again}." in shown
    later = timedelta(hours=4, seconds=1)  # the first of them is a day old
    assert asked(claim, world, later).claim == claim
    world.message(claim)
    with pytest.raises(packs.NotMade):
        asked(claim, world, later)


def test_how_many_packs_is_a_setting(world: World, settings: Any) -> None:
    settings.PACKS_A_DAY = 1
    claim = world.claim()
    first = asked(claim, world)
    assert asked(claim, world) == first
    world.message(claim)
    with pytest.raises(packs.NotMade) as refused:
        asked(claim, world)
    said = packs.refused_words(refused.value, "UTC")
    assert said.startswith("1 pack of this claim was begun in the last 24 hours")


def test_no_pack_past_the_sellers_storage(world: World, settings: Any) -> None:
    claim = world.claim()
    settings.SELLER_STORAGE_BYTES = sum(claim.attachments.values_list("size", flat=True)) - 1
    with pytest.raises(packs.NotMade) as refused:
        asked(claim, world)
    assert packs.refused_words(refused.value, "UTC").startswith(
        "No storage is left for the pack: Blue Door Toys has used its"
    )
    assert asked(claim, world, reader=Reader.DESK).reader == Reader.DESK
    settings.SELLER_STORAGE_BYTES += 1
    assert asked(claim, world).claim == claim


@pytest.mark.django_db(transaction=True)
def test_two_clicks_make_one_pack(transactional_db: None, settings: Any) -> None:
    world = World()
    claim = world.claim()
    asked(claim, world)
    world.message(claim)
    start, got = threading.Barrier(4), []

    def click() -> None:
        start.wait()
        got.append(asked(claim, world).pk)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    last = EvidencePack.objects.get()
    assert (set(got), len(got), len(last.begun)) == ({last.pk}, 4, 2)
    assert names("packs").count(last.storage_key) == 1
