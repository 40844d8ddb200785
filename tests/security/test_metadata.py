"""A picture crosses to the other side as the copy without metadata, or not at all."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from claims.files import scan_queue, store
from claims.models import Attachment, Claim, EvidencePack
from messaging import packs
from messaging.packs.request import Reader
from tests.cast import World
from tests.claims.files.samples import jpeg
from tests.security.test_files import addresses, get, sent_by_desk, sent_by_seller, status

SECRET = b"Secret Camera Company"
Making = Attachment.Making


def photo() -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    made = jpeg(400, 300, exif=exif)
    assert SECRET in made
    return made


def not_made(file: Attachment, making: str, world: World) -> None:
    """Leave the picture waiting for its copy, or have the decoder fail on it (its end is cut off, its EXIF whole)."""
    if making == Making.FAILED:
        with store.read(file.storage_key) as kept:
            content = kept.read()
        with store.storage().open(file.storage_key, "wb") as cut:
            cut.write(content[:-400])
        Attachment.objects.filter(pk=file.pk).update(size=len(content) - 400)
        scan_queue.check_file(file.pk, now=world.now)
    file.refresh_from_db()
    assert (file.making, file.served_type) == (making, "")


def pack_of(claim: Claim, world: World, reader: EvidencePack.Reader) -> tuple[bytes, dict[str, Any]]:
    """All bytes of the claim's pack for this side, and the manifest's parts by name."""
    pack = packs.ask(claim, reader=reader, user_id=world.alice.pk, now=world.now)
    assert packs.make(pack.pk, now=world.now)
    pack.refresh_from_db()
    with store.read(pack.storage_key) as kept:
        archive = zipfile.ZipFile(io.BytesIO(kept.read()))
    parts = {part["path"]: part for part in json.loads(archive.read("manifest.json"))["parts"]}
    return b"".join(archive.read(name) for name in archive.namelist()), parts


WAITS, GONE = "Being prepared", "Can&#x27;t be shown"


@pytest.mark.parametrize(("making", "words"), [(Making.PENDING, WAITS), (Making.FAILED, GONE)])
def test_a_picture_of_the_desk_reaches_no_seller_before_its_copy_is_made(world: World, making: str, words: str) -> None:
    claim = world.claim()
    file = sent_by_desk(world, claim, photo())
    not_made(file, making, world)

    for person in (world.alice, world.vera, world.gus):
        assert [status(person, address) for address in addresses(file)] == [404] * 4
    page = get(world.alice, f"/claims/{claim.claim_id}/messages/")[1].decode()
    assert words in page
    assert f"/attachments/{file.uuid}/" not in page
    assert SECRET in get(world.hana, f"/admin/desk/files/{file.uuid}/")[1]
    assert words in get(world.hana, f"/admin/desk/{claim.claim_id}/")[1].decode()


@pytest.mark.parametrize("making", [Making.PENDING, Making.FAILED])
def test_a_picture_of_the_seller_reaches_the_desk_as_it_came(world: World, making: str) -> None:
    claim = world.claim()
    file = sent_by_seller(world, claim, data=photo())
    not_made(file, making, world)

    code, content, _headers = get(world.hana, f"/admin/desk/files/{file.uuid}/")
    assert (code, SECRET in content) == (200, True)
    assert status(world.alice, f"/attachments/{file.uuid}/") == 200
    assert WAITS not in get(world.alice, f"/claims/{claim.claim_id}/messages/")[1].decode()


@pytest.mark.parametrize("reader", list(Reader))
@pytest.mark.parametrize(
    ("making", "why"),
    [
        (Making.PENDING, "Its copy without metadata was still being made."),
        (Making.FAILED, "No copy of it without metadata could be made."),
    ],
)
def test_no_pack_of_either_side_has_a_picture_without_its_copy(
    world: World, making: str, why: str, reader: EvidencePack.Reader
) -> None:
    claim = world.claim()
    sent = [sent_by_desk(world, claim, photo()), sent_by_seller(world, claim, data=photo() + b"\n")]
    for file in sent:
        not_made(file, making, world)

    everything, parts = pack_of(claim, world, reader)

    assert SECRET not in everything
    left_out = [part["not_in_the_pack"] for path, part in parts.items() if path.endswith((" label.jpg", " box.jpg"))]
    assert left_out == [why, why]


def test_a_pack_asked_for_before_the_copies_were_made_is_not_the_one_after(world: World) -> None:
    claim = world.claim()
    file = sent_by_desk(world, claim, photo())
    first = packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now)
    for each in claim.attachments.all():
        scan_queue.check_file(each.pk, now=world.now)

    everything, parts = pack_of(claim, world, Reader.SELLER)

    assert packs.ask(claim, reader=Reader.SELLER, user_id=world.alice.pk, now=world.now) != first
    assert SECRET not in everything
    [mine] = [part for path, part in parts.items() if path.endswith(" label.jpg")]
    assert "not_in_the_pack" not in mine
    file.refresh_from_db()
    assert mine["sha256"] == file.served_sha256
    assert status(world.alice, f"/attachments/{file.uuid}/") == 200


@pytest.mark.parametrize("making", [Making.PENDING, Making.FAILED])
def test_ones_own_draft_shows_ones_own_picture_at_once(world: World, making: str) -> None:
    claim = world.claim()
    file = world.add_file(world.reply_draft(claim), name="box.jpg", data=photo())
    not_made(file, making, world)
    assert status(world.alice, f"/attachments/{file.uuid}/") == 200
    assert status(world.gus, f"/attachments/{file.uuid}/") == 404
