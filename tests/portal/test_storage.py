"""Where files lie: a private folder, or a bucket behind a server that checks signatures."""

from __future__ import annotations

import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.environment import BASE_DIR
from tests.portal.test_settings import run
from tests.servers import free_port, wait_for_port

KEY, SECRET = "portal", "only-for-this-test"
ROUND_TRIP = """
import django; django.setup()
from django.core.files.base import ContentFile
from django.core.files.storage import storages
place = storages["attachments"]
first = place.save("a/b.txt", ContentFile(b"first"))
second = place.save("a/b.txt", ContentFile(b"second"))
print(first != second, place.open(first).read(), place.open(second).read())
place.delete(first)
print(place.exists(first), place.exists(second))
print(place.url(second))
"""


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An S3 server with one bucket; the variables that lead there."""
    (tmp_path / "data" / "evidence").mkdir(parents=True)
    binary = Path(sys.executable).with_name("rclone")
    port = free_port()
    where = ["--addr", f"127.0.0.1:{port}", "--config", str(tmp_path / "none"), "--log-file", str(tmp_path / "log")]
    server = subprocess.Popen([binary, "serve", "s3", "--auth-key", f"{KEY},{SECRET}", *where, str(tmp_path / "data")])
    try:
        wait_for_port(port, server)
        yield {
            "ATTACHMENTS_BUCKET": "evidence",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }
    finally:
        server.terminate()
        server.wait(120)


def test_bucket_keeps_files_apart_and_signs_links(tmp_path: Path, bucket: dict[str, str]) -> None:
    done = run(["-c", ROUND_TRIP], tmp_path, **bucket)
    assert done.returncode == 0, done.stderr
    apart, kept, link = done.stdout.splitlines()
    assert (apart, kept) == ("True b'first' b'second'", "False True")
    with urllib.request.urlopen(link, timeout=120) as answer:
        assert answer.read() == b"second"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link.partition("?")[0], timeout=120)
    assert refused.value.code in {400, 401, 403}
    refused.value.close()


def test_bucket_with_a_wrong_key_is_not_ready(tmp_path: Path, bucket: dict[str, str]) -> None:
    done = run(["manage.py", "ready", "storage"], tmp_path, **bucket | {"AWS_SECRET_ACCESS_KEY": "wrong"})
    assert (done.returncode, done.stdout) == (1, "storage failed\n")


def test_bucket_is_ready_and_nothing_is_written_to_it(tmp_path: Path, bucket: dict[str, str]) -> None:
    done = run(["manage.py", "ready", "storage"], tmp_path, **bucket)
    assert (done.returncode, done.stdout) == (0, "storage ok\n"), done.stderr
    assert list((tmp_path / "data" / "evidence").iterdir()) == []
    gone = run(["manage.py", "ready", "storage"], tmp_path, **bucket | {"ATTACHMENTS_BUCKET": "elsewhere"})
    assert (gone.returncode, gone.stdout) == (1, "storage failed\n")


def test_folder_is_the_portals_alone(tmp_path: Path) -> None:
    done = run(["-c", ROUND_TRIP.replace("print(place.url(second))", "")], tmp_path)
    assert done.stdout.splitlines() == ["True b'first' b'second'", "False True"]
    folder = tmp_path / "attachments" / "a"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


def test_static_files_collect_under_names_of_their_content(tmp_path: Path) -> None:
    done = run(["manage.py", "collectstatic", "--noinput"], tmp_path, STATIC_ROOT=str(tmp_path / "static"))
    assert done.returncode == 0, done.stderr
    collected = [file.name for file in (tmp_path / "static" / "css").iterdir() if file.suffix == ".css"]
    shutil.rmtree(tmp_path / "static")
    sources = len(list((BASE_DIR / "static" / "css").glob("*.css")))
    assert len(collected) == 2 * sources


LINK = """
import django; django.setup()
from uuid import uuid4
from django.core.files.base import ContentFile
from claims.files import serve, store
from claims.rules.lifecycle import Party
from claims.models import Attachment
key = store.put(ContentFile(b"Delivered on Tuesday."))
note = Attachment(uuid=uuid4(), name="note größer.txt", media_type="text/plain", size=21, storage_key=key)
answer = serve.response(note, to=Party.SELLER)
print(answer.status_code, answer.headers.get("Cache-Control"))
print(answer.headers.get("Location", ""))
"""


def test_download_leads_to_a_signed_link_of_a_minute_unless_told_otherwise(
    tmp_path: Path, bucket: dict[str, str]
) -> None:
    done = run(["-c", LINK], tmp_path, **bucket)
    assert parse_qs(urlsplit(done.stdout.splitlines()[1]).query)["X-Amz-Expires"] == ["60"]


def test_download_leads_to_a_signed_link_when_told_so(tmp_path: Path, bucket: dict[str, str]) -> None:
    done = run(["-c", LINK], tmp_path, **bucket, ATTACHMENTS_LINK_SECONDS="30")
    assert done.returncode == 0, done.stderr
    status, link = done.stdout.splitlines()
    assert status == "302 private, no-store"
    told = parse_qs(urlsplit(link).query)
    assert told["X-Amz-Expires"] == ["30"]
    assert told["response-content-disposition"] == ["attachment; filename*=utf-8''note%20gr%C3%B6%C3%9Fer.txt"]
    assert told["response-content-type"] == ["text/plain"]
    with urllib.request.urlopen(link, timeout=120) as answer:
        assert answer.read() == b"Delivered on Tuesday."
    forged = link.replace("response-content-type=text%2Fplain", "response-content-type=text%2Fhtml")
    assert forged != link
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(forged, timeout=120)
    assert refused.value.code in {400, 401, 403}
    refused.value.close()


def test_download_comes_through_the_portal_when_told_so(tmp_path: Path, bucket: dict[str, str]) -> None:
    done = run(["-c", LINK], tmp_path, **bucket, ATTACHMENTS_LINK_SECONDS="0")
    assert done.stdout.split("\n") == ["200 private, no-store", "", ""], done.stderr
