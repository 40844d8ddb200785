"""A file that was redacted, that is infected or that was not sent yet is 404, although its bytes are still there."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from claims.files import publish, scan_queue, store
from claims.models import Attachment, Claim, EvidencePack
from claims.records import redact
from messaging import packs
from messaging.packs.request import Reader
from tests.cast import World
from tests.claims.files.samples import jpeg
from tests.security.test_files import addresses, sent_by_desk, sent_by_seller, status

Scan = Attachment.Scan


@pytest.fixture
def claim(world: World) -> Claim:
    return world.claim()


def redacted(world: World, file: Attachment) -> None:
    assert file.claim_id is not None
    redact.redact_file(file.claim_id, attachment_pk=file.pk, by=world.sam, why="A name.", now=world.now)


def infected(world: World, file: Attachment) -> None:
    assert publish.scanned(file.pk, threat="Test.Eicar", now=world.now)


def unpublished(world: World, file: Attachment) -> None:
    Attachment.objects.filter(pk=file.pk).update(shown_at=None)


def at_the_desk(file: Attachment) -> list[str]:
    return [f"/admin/desk/files/{file.uuid}/{rest}" for rest in ("", "preview/0/", "preview/1/")]


def with_previews(world: World, file: Attachment) -> Attachment:
    scan_queue.check_file(file.pk, now=world.now)
    file.refresh_from_db()
    return file


def has_bytes(file: Attachment) -> bool:
    """Whether all that could be served of it is in storage."""
    kept = Attachment.objects.get(pk=file.pk)
    made = [store.made(file.made_key, name) for name in ("copy", "0.png", "1.png")]
    return kept.storage_key == file.storage_key and all(
        store.storage().exists(key) for key in [kept.storage_key, *made]
    )


SIGNED = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": "evidence", "endpoint_url": "http://127.0.0.1:1", "region_name": "us-east-1",
        "access_key": "portal", "secret_key": "only-for-this-test", "signature_version": "s3v4",
    },
}  # fmt: skip


@pytest.mark.parametrize("sent", [sent_by_seller, sent_by_desk])
@pytest.mark.parametrize("happens", [redacted, infected])
def test_a_file_that_was_taken_back_is_404_for_everybody_while_its_bytes_are_there(
    world: World, claim: Claim, sent: Callable[..., Attachment], happens: Callable[..., None]
) -> None:
    file = with_previews(world, sent(world, claim))
    assert [status(world.alice, address) for address in addresses(file)] == [200] * 4
    assert [status(world.hana, address) for address in at_the_desk(file)] == [200] * 3
    happens(world, file)
    assert has_bytes(file)
    for person in (world.alice, world.vera, world.gus):
        assert [status(person, address) for address in addresses(file)] == [404] * 4
    for person in (world.hana, world.sam, world.ada):
        assert [status(person, address) for address in at_the_desk(file)] == [404] * 3


@pytest.mark.parametrize("sent", [sent_by_seller, sent_by_desk])
def test_a_file_of_the_claim_that_was_not_shown_is_404_for_sellers_while_its_bytes_are_there(
    world: World, claim: Claim, sent: Callable[..., Attachment]
) -> None:
    file = with_previews(world, sent(world, claim))
    unpublished(world, file)
    assert has_bytes(file)
    for person in (world.alice, world.vera, world.gus):
        assert [status(person, address) for address in addresses(file)] == [404] * 4


def test_a_file_of_a_draft_is_404_for_all_but_who_wrote_it_while_its_bytes_are_there(
    world: World, claim: Claim
) -> None:
    file = with_previews(world, world.add_file(world.reply_draft(claim), name="box.jpg", data=jpeg(60, 40)))
    assert [status(world.alice, address) for address in addresses(file)] == [200] * 4
    for person in (world.vera, world.gus, world.mallory):
        assert [status(person, address) for address in addresses(file)] == [404] * 4
    for person in (world.hana, world.sam, world.ada):
        assert [status(person, address) for address in at_the_desk(file)] == [404] * 3
    infected(world, file)
    assert has_bytes(file)
    assert [status(world.alice, address) for address in addresses(file)] == [404] * 4


@pytest.mark.parametrize("happens", [redacted, infected, unpublished])
def test_no_link_into_the_storage_is_signed_for_a_file_that_is_404(
    world: World, claim: Claim, settings: Any, happens: Callable[..., None]
) -> None:
    file = with_previews(world, sent_by_seller(world, claim))
    desk, sellers = f"/admin/desk/files/{file.uuid}/", f"/attachments/{file.uuid}/"
    settings.ATTACHMENTS_LINK_SECONDS = 60
    settings.STORAGES = {**settings.STORAGES, "attachments": SIGNED}
    assert (status(world.alice, sellers), status(world.hana, desk)) == (302, 302)
    happens(world, file)
    assert status(world.alice, sellers) == 404
    if happens is not unpublished:
        assert status(world.hana, desk) == 404


@pytest.mark.parametrize("happens", [redacted, infected])
@pytest.mark.parametrize(("reader", "who", "page"), [
    (Reader.SELLER, "alice", "/claims/{}/pack/{}/"), (Reader.DESK, "hana", "/admin/desk/{}/pack/{}/"),
])  # fmt: skip
def test_an_evidence_pack_with_it_is_404_and_the_next_has_none_of_it(
    world: World, claim: Claim, happens: Callable[..., None], reader: EvidencePack.Reader, who: str, page: str
) -> None:
    file = with_previews(world, sent_by_seller(world, claim))
    pack = made(world, claim, reader)
    address, person = page.format(claim.claim_id, pack.uuid), getattr(world, who)
    assert file.served_sha256 in digests(pack)
    assert status(person, address) == 200
    happens(world, file)
    assert (status(person, address), store.storage().exists(pack.storage_key), has_bytes(file)) == (404, True, True)
    again = made(world, claim, reader)
    assert digests(again).isdisjoint({file.sha256, file.served_sha256})


def test_a_pack_made_before_a_file_was_found_infected_is_none_of_the_claims_any_more(
    world: World, claim: Claim
) -> None:
    """Also where the verdict came while the pack was being made, which the verdict could not see yet."""
    file = with_previews(world, sent_by_seller(world, claim))
    pack = made(world, claim, Reader.SELLER)
    kept = EvidencePack.objects.filter(pk=pack.pk).values()[0]
    infected(world, file)
    EvidencePack.objects.create(**kept)
    assert not packs.shown(claim, reader=Reader.SELLER, zone="UTC", now=world.now).is_ready


def made(world: World, claim: Claim, reader: EvidencePack.Reader) -> EvidencePack:
    pack = packs.ask(claim, reader=reader, user_id=world.alice.pk, now=world.now)
    assert packs.make(pack.pk, now=world.now)
    pack.refresh_from_db()
    return pack


def digests(pack: EvidencePack) -> set[str]:
    """The hashes of all that is in the pack."""
    with store.read(pack.storage_key) as kept, zipfile.ZipFile(io.BytesIO(kept.read())) as archive:
        return {hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
