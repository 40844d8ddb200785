"""What an attacker would try with files: get another seller's, have a browser run one, reach the other side early."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from django.core.files.base import File

from accounts.models import User
from claims.files import publish, scan_queue
from claims.files.check import examine
from claims.models import Attachment, Claim
from messaging.compose import verbs
from tests.cast import World
from tests.claims.files.samples import jpeg, pdf
from tests.html import CheckingClient, content_of
from tests.servers import free_port

Scan = Attachment.Scan
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def claim(world: World) -> Claim:
    return world.claim()


def get(user: User, address: str) -> tuple[int, bytes, dict[str, str]]:
    client = CheckingClient()
    client.force_login(user)
    response = client.get(address)
    return response.status_code, content_of(response), dict(response.headers)


def status(user: User, address: str) -> int:
    return get(user, address)[0]


def sent_by_seller(world: World, claim: Claim, name: str = "box.jpg", data: bytes = b"") -> Attachment:
    draft = world.reply_draft(claim)
    file = world.add_file(draft, name=name, data=data or jpeg(60, 40))
    verbs.send_message(
        claim_pk=claim.pk, membership=world.member(world.alice), text="See the file.", draft_uuid=draft.uuid,
        received_at=world.at(-3),
    )  # fmt: skip
    return Attachment.objects.get(pk=file.pk)


def sent_by_desk(world: World, claim: Claim, data: bytes = b"") -> Attachment:
    chosen = File(io.BytesIO(data or jpeg(50, 50)), name="label.jpg")
    sent = verbs.send_desk_message(
        claim_pk=claim.pk, user=world.hana, text="This one?", now=world.at(-2), files=[(chosen, examine(chosen))]
    )
    assert sent.message is not None
    return Attachment.objects.get(claim=claim, position=sent.message.position)


def addresses(file: Attachment) -> list[str]:
    return [
        f"/attachments/{file.uuid}/",
        f"/attachments/{file.uuid}/look/",
        *(f"/attachments/{file.uuid}/preview/{page}/" for page in range(2)),
    ]


def test_a_rival_gets_neither_file_nor_preview_nor_thumbnail(world: World, claim: Claim) -> None:
    shown, unsent = sent_by_seller(world, claim), world.add_file(world.reply_draft(claim), name="unsent.jpg")
    nobodys = f"/attachments/{uuid.uuid4()}/"
    for file in (shown, unsent):
        scan_queue.check_file(file.pk, now=world.now)
        assert [status(world.alice, address) for address in addresses(file)] == [200] * 4
        for address in addresses(file):
            code, content, headers = get(world.mallory, address)
            assert code == 404
            assert "ETag" not in headers
            assert content.count(b"Etag") == get(world.mallory, nobodys)[1].count(b"Etag")
    assert [status(world.gus, address) for address in addresses(unsent)] == [404] * 4
    assert [status(world.hana, address) for address in addresses(shown)] == [404] * 4
    assert status(world.hana, f"/admin/desk/files/{unsent.uuid}/preview/1/") == 404


def test_everything_leaves_as_a_download_and_previews_as_our_own_png(world: World, claim: Claim) -> None:
    file = sent_by_seller(world, claim)
    scan_queue.check_file(file.pk, now=world.now)
    for user, base in ((world.alice, f"/attachments/{file.uuid}/"), (world.hana, f"/admin/desk/files/{file.uuid}/")):
        code, _content, headers = get(user, base)
        assert (code, headers["Content-Disposition"]) == (200, 'attachment; filename="box.jpg"')
        assert {name: headers[name] for name in HARMLESS} == HARMLESS
        assert headers["Cache-Control"].startswith("private, no-store")
        code, content, headers = get(user, f"{base}preview/1/")
        assert (code, headers["Content-Type"], content[:4]) == (200, "image/png", b"\x89PNG")
        assert {name: headers[name] for name in HARMLESS} == HARMLESS
        assert headers["Cache-Control"].startswith("private, no-store")


@pytest.mark.parametrize("page", ["2", "99", "2147483648", "99999999999999999999"])
def test_pages_that_are_none(world: World, claim: Claim, page: str) -> None:
    file = sent_by_seller(world, claim)
    scan_queue.check_file(file.pk, now=world.now)
    assert status(world.alice, f"/attachments/{file.uuid}/preview/{page}/") == 404
    assert status(world.hana, f"/admin/desk/files/{file.uuid}/preview/{page}/") == 404


def test_sellers_get_a_photo_without_metadata_and_the_desk_as_it_came(world: World, claim: Claim) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F] = "Secret Camera Company"
    data = jpeg(60, 40, exif=exif)
    file = sent_by_seller(world, claim, data=data)
    scan_queue.check_file(file.pk, now=world.now)
    assert b"Secret Camera" not in get(world.alice, f"/attachments/{file.uuid}/")[1]
    assert get(world.hana, f"/admin/desk/files/{file.uuid}/")[1] == data


def test_what_waits_for_the_scanner_reaches_the_other_side_in_no_way(
    world: World, claim: Claim, settings: Any, clamd_url: str
) -> None:
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    theirs, ours = sent_by_seller(world, claim), sent_by_desk(world, claim)
    for file in (theirs, ours):
        scan_queue.check_file(file.pk, now=world.now)
    desk = f"/admin/desk/files/{theirs.uuid}/"
    assert [status(world.hana, desk), status(world.hana, f"{desk}preview/0/")] == [404, 404]
    assert [status(world.alice, address) for address in addresses(ours)] == [404] * 4
    assert status(world.alice, f"/attachments/{theirs.uuid}/") == 200
    page = get(world.hana, f"/admin/desk/{claim.claim_id}/")[1].decode()
    assert "Being checked" in page
    assert desk not in page

    settings.CLAMD_URL = clamd_url
    scan_queue.sweep(now=world.now)

    assert [status(world.hana, desk), status(world.hana, f"{desk}preview/0/")] == [200, 200]
    assert [status(world.alice, address) for address in addresses(ours)] == [200] * 4


def test_an_infected_file_is_served_to_nobody(world: World, claim: Claim) -> None:
    file = sent_by_seller(world, claim)
    scan_queue.check_file(file.pk, now=world.now)
    publish.scanned(file.pk, threat="Test.Eicar", now=world.now)
    assert [status(world.alice, address) for address in addresses(file)] == [404] * 4
    desk = [f"/admin/desk/files/{file.uuid}/{rest}" for rest in ("", "preview/0/", "preview/1/")]
    assert [status(world.hana, address) for address in desk] == [404] * 3


def test_active_content_is_told_to_the_desk_and_shown_as_pictures(world: World, claim: Claim) -> None:
    from tests.claims.files.classes import pdf_with_javascript

    file = sent_by_seller(world, claim, "invoice.pdf", pdf_with_javascript())
    scan_queue.check_file(file.pk, now=world.now)
    page = get(world.hana, f"/admin/desk/{claim.claim_id}/")[1].decode()
    assert "This PDF is active: it runs JavaScript." in page
    assert get(world.hana, f"/admin/desk/files/{file.uuid}/preview/1/")[1].startswith(b"\x89PNG")


def test_a_viewer_uploads_nothing(world: World, claim: Claim) -> None:
    client = CheckingClient()
    client.force_login(world.vera)
    chosen = File(io.BytesIO(pdf()), name="invoice.pdf")
    client.post(f"/claims/{claim.claim_id}/messages/", {"act": "save", "text": "x", "files": [chosen]})
    assert Attachment.objects.filter(draft__isnull=False).count() == 0


def test_a_handler_of_no_group_sends_no_file(world: World, claim: Claim) -> None:
    world.hana.groups.clear()
    client = CheckingClient()
    client.force_login(world.hana)
    response = client.post(f"/admin/desk/{claim.claim_id}/message/", {"message": "x", "files": [io.BytesIO(pdf())]})
    assert response.status_code in (403, 404)
    assert Attachment.objects.filter(party="DESK").count() == 0
