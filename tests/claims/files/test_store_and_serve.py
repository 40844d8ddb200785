from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.http import Http404

from claims.files import serve, store
from claims.files.check import examine
from claims.models import Attachment
from claims.rules.lifecycle import Party
from tests.adopted import imported_claim
from tests.claims.files.samples import file, png

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def kept(claim, content: bytes = b"Delivered.", name: str = "note.txt", **more) -> Attachment:
    chosen = file(content, name)
    return store.keep(chosen, examine(chosen), claim=claim, now=NOW, **more)


def test_keep_writes_bytes_and_row(db):
    claim = imported_claim()

    row = kept(claim, png(), "../box.png", position=4)

    assert (row.seller, row.claim, row.draft, row.position) == (claim.seller, claim, None, 4)
    assert (row.name, row.media_type, row.size, row.shown_at) == ("box.png", "image/png", len(png()), NOW)
    with store.read(row.storage_key) as stored:
        assert stored.read() == png()


def test_storage_key_is_chosen_here_and_never_twice(db):
    claim = imported_claim()

    keys = [kept(claim, name="..\\..\\evil.txt").storage_key for _ in range(2)]

    assert keys[0] != keys[1]
    assert not any("evil" in key for key in keys)


def test_stored_file_is_for_the_owner_of_the_process_alone(db):
    row = kept(imported_claim())

    path = Path(storages["attachments"].path(row.storage_key))

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_keep_takes_the_bytes_back_when_the_row_is_refused(db):
    place = Path(storages["attachments"].location)
    claim = imported_claim()
    before = set(place.rglob("*"))

    with pytest.raises(ValueError, match="belongs to a draft or to a claim"):
        kept(None)

    after = {path for path in place.rglob("*") if path.is_file()}
    assert after - before == set()
    assert Attachment.objects.filter(claim=claim).count() == 0


def test_response_is_a_download_no_browser_opens(db):
    row = kept(imported_claim(), png(), "Etikett größer.png")

    response = serve.response(row, to=Party.SELLER)

    assert b"".join(response.streaming_content) == png()
    response.close()
    assert {name: response[name] for name in response.headers} == {
        "Content-Type": "image/png",
        "Content-Disposition": "attachment; filename*=utf-8''Etikett%20gr%C3%B6%C3%9Fer.png",
        "Content-Length": str(len(png())),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }


def test_response_never_names_a_type_that_is_not_accepted(db):
    row = kept(imported_claim())
    row.media_type = "text/html"

    response = serve.response(row, to=Party.SELLER)
    response.close()

    assert response["Content-Type"] == "application/octet-stream"


def test_response_of_a_file_that_is_gone(db):
    row = kept(imported_claim())
    store.take_back(row.storage_key)

    with pytest.raises(Http404):
        serve.response(row, to=Party.SELLER)
