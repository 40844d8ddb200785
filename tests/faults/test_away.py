"""A part that is away, or says nothing, stays one part's trouble: the real web server, with each part behind a wire."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from claims.files import bucket as limits
from claims.models import Attachment, Claim, Draft
from tests import environment
from tests.cast import World
from tests.claims.files import samples
from tests.faults import conftest
from tests.faults.portal import BUCKET, KEY, SECRET, Watch, Web, bucket, database_wire, eventually, of_bucket, tell
from tests.faults.wire import Wire

AT_ONCE = 12
"""Requests that want the storage, in a web server of eight threads."""


@dataclass
class Parts:
    web: Web
    world: World
    claim: Claim
    storage: Wire
    database: Wire
    redis: Wire

    @property
    def thread(self) -> str:
        return f"/claims/{self.claim.claim_id}/messages/"

    @property
    def file(self) -> Attachment:
        return self.claim.attachments.exclude(made_key="").order_by("pk")[0]


@pytest.fixture(scope="module")
def parts(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parts]:
    """A claim with files in a bucket, and the web server; database, storage and Redis each behind a wire."""
    folder = tmp_path_factory.mktemp("away")
    with django_db_blocker.unblock(), conftest.test_database(), bucket(folder) as port:
        place = {"bucket_name": BUCKET, "access_key": KEY, "secret_key": SECRET, "region_name": "us-east-1"}
        place |= {"endpoint_url": f"http://127.0.0.1:{port}", "addressing_style": "path", "signature_version": "s3v4"}
        with override_settings(STORAGES={"attachments": {"BACKEND": "claims.files.bucket.Bucket", "OPTIONS": place}}):
            with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"]):
                world = World(now=timezone.now(), photos=True)
            claim = world.claim()
        storage, (database, url) = Wire(("127.0.0.1", port)), database_wire(folder)
        where = urlsplit(redis_url)
        redis = Wire((where.hostname or "127.0.0.1", where.port or 6379))
        variables = {"DATABASE_URL": url, "ATTACHMENTS_LINK_SECONDS": "0", **of_bucket(storage.port)}
        variables |= {"REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
        try:
            with Web(folder, variables).running() as web:
                web.sign_in(world.alice)
                yield Parts(web, world, claim, storage, database, redis)
        finally:
            storage.end()
            database.end()
            redis.end()


@pytest.fixture(autouse=True)
def _all_well(parts: Parts) -> Iterator[None]:
    yield
    parts.storage.passes()
    parts.database.passes()
    parts.redis.passes()
    eventually(parts.web, f"/attachments/{parts.file.uuid}/", 200)


def test_storage_that_hangs_holds_up_no_other_page(parts: Parts) -> None:
    web, thumb = parts.web, f"/attachments/{parts.file.uuid}/preview/0/"
    assert web.see(thumb).headers["Content-Type"] == "image/png"
    parts.storage.hangs()

    with Watch(web, "/healthz") as alive, Watch(web, "/claims/") as pages, ThreadPoolExecutor(AT_ONCE) as browsers:
        answers = list(browsers.map(web.see, [thumb] * AT_ONCE))
    assert {(answer.status, answer.headers["Content-Type"]) for answer in answers} == {(503, "image/svg+xml")}
    held = max(answer.seconds for answer in answers)
    most = limits.ATTEMPTS * (limits.CONNECT_SECONDS + limits.ANSWER_SECONDS)
    assert held < most + 10
    assert (alive.statuses, pages.statuses) == ({200}, {200})
    assert max(alive.seconds) < limits.ANSWER_SECONDS
    tell(f"storage hangs: {alive.words}; {pages.words}; {AT_ONCE} thumbnails at once held {held:.1f} s at most")

    again = web.see(thumb)
    assert (again.status, again.seconds < limits.ANSWER_SECONDS) == (503, True)  # nobody asks the storage for a while
    page = web.see(f"/attachments/{parts.file.uuid}/")
    assert (page.status, page.headers["Retry-After"]) == (503, "60")
    assert "Files can't be reached at the moment. Wait a minute, then reload this page." in page.words
    assert web.see("/readyz").json() == {"database": "ok", "migrations": "ok"}
    assert web.see("/status").json()["storage"] == "failed"
    parts.storage.passes()
    tell(f"storage hangs: {eventually(web, thumb, 200):.1f} s after it answers again, pictures are back")


def test_upload_while_storage_is_away_keeps_the_words(parts: Parts) -> None:
    parts.storage.cut()
    form = {"text": "It came back empty.", "act": "send", "files": ("box.png", samples.png(), "image/png")}
    page = parts.web.post(parts.thread, form)
    assert page.status == 200
    assert "box.png couldn&#x27;t be stored at the moment. What you wrote is kept; send the file again" in page.text
    assert "It came back empty.</textarea>" in page.text
    draft = Draft.objects.get(claim=parts.claim)
    assert (draft.text, draft.attachments.count()) == ("It came back empty.", 0)
    parts.storage.passes()
    eventually(parts.web, f"/attachments/{parts.file.uuid}/", 200)
    assert parts.web.post(parts.thread, form).status == 302
    assert parts.claim.messages.get().text == "It came back empty."


@pytest.mark.parametrize("away", ["cut", "hangs"])
def test_redis_away_keeps_nobody_from_signing_in(parts: Parts, away: str) -> None:
    """Cache and queue: the table counts tries, and what is asked of workers is kept in rows."""
    getattr(parts.redis, away)()
    stranger = Web(parts.web.folder, {}, parts.web.port)
    for password, status in (("wrong", 200), ("demo", 302)):
        answer = stranger.post("/accounts/login/", {"login": parts.world.gus.email, "password": password})
        assert answer.status == status, answer.text
    reset = stranger.post("/accounts/password/reset/", {"email": parts.world.gus.email})
    assert reset.status == 302
    assert (stranger.see("/claims/").status, parts.web.see("/readyz").status) == (200, 200)
    file = {"act": "upload", "files": (f"{away}.png", samples.png(40), "image/png")}
    upload = parts.web.post(parts.thread, file)
    assert upload.status == 302  # a worker is asked by a thread of its own
    told = parts.web.see("/status").json()
    assert (told["cache"], told["broker"], told["database"]) == ("failed", "failed", "ok")
    took = f"a sign-in {answer.seconds:.1f} s, a password reset {reset.seconds:.1f} s, an upload {upload.seconds:.1f} s"
    tell(f"Redis {away}: {took}")


def test_database_away_is_a_page_that_says_so(parts: Parts) -> None:
    parts.database.cut()
    for path in ("/claims/", "/accounts/login/", parts.thread):
        page = parts.web.see(path)
        assert (page.status, page.headers["Retry-After"]) == (503, "60"), path
        assert "The portal can't reach its data at the moment. Wait a minute, then reload this page." in page.words
    sent = parts.web.post(parts.thread, {"text": "Words"}, page="")
    assert sent.status == 503
    assert "reload this page: your browser asks whether to send again what you sent." in sent.words
    assert "Your draft is kept" not in sent.text
    ready = parts.web.see("/readyz")
    assert (ready.status, ready.json()) == (503, {"database": "failed", "migrations": "failed"})
    assert parts.web.see("/healthz").status == 200
    integrity = subprocess.run(
        [sys.executable, "manage.py", "check_integrity"],
        cwd=environment.BASE_DIR,
        env={**parts.web.environment, "LOG_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (integrity.returncode, integrity.stderr.startswith("CommandError: Nothing was checked")) == (3, True)
    parts.database.passes()
    tell(f"database away: {eventually(parts.web, '/claims/', 200):.1f} s after it is back, pages are")
