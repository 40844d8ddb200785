"""What is thrown away by itself, and what stays."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from claims.files import orphans, previews, publish, purge_infected, quotas, scan_queue, store
from claims.filing import drafts
from claims.models import Attachment, Draft, EvidencePack, FileRefusal, ImportRun, SellerStorage
from claims.records import redact
from messaging import packs
from messaging import purge as purging_all
from messaging.models import OriginalMail
from messaging.tasks import purge_loose_files
from tests.cast import World

DAYS = timedelta(days=1)


@pytest.fixture
def world(db: None, settings: LazySettings, tmp_path: Path) -> World:
    """The cast today, with a storage of its own: the command asks the real clock, and what lies there is counted."""
    place = settings.STORAGES["attachments"]
    place = {**place, "OPTIONS": {**place["OPTIONS"], "location": tmp_path / "kept"}}
    settings.STORAGES = {**settings.STORAGES, "attachments": place}
    return World(now=datetime.now(UTC), photos=True)


def run(*args: str, command: str = "purge_files") -> dict[str, Any]:
    out = StringIO()
    call_command(command, *args, "--json", stdout=out)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def put(folder: str = "files", *, days: float = 0, name: str = "") -> str:
    """Bytes that no row names, put so many days ago."""
    key = store.storage().save(f"{store.new_key(folder)}{name}", ContentFile(b"four"))
    age(key, days)
    return key


def age(key: str, days: float) -> None:
    at = (datetime.now(UTC) - days * DAYS).timestamp()
    os.utime(store.storage().path(key), (at, at))


def age_all(days: float) -> int:
    """Make everything that lies in the storage older; return how many files there are."""
    files_there = [path for path in Path(store.storage().path("")).rglob("*") if path.is_file()]
    for path in files_there:
        age(str(path), days)
    return len(files_there)


def test_bytes_of_an_infected_file_go_after_thirty_days_and_the_line_stays(world: World) -> None:
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    scan_queue.check_file(file.pk, now=world.at(-30))
    publish.scanned(file.pk, threat="Test.Eicar", now=world.at(-30))
    file.refresh_from_db()
    keys = previews.keys_of(file)
    assert purge_infected.purge_infected(now=world.now) == 0
    assert [storages["attachments"].exists(key) for key in keys] == [True] * 4

    later = world.now + timedelta(microseconds=1)
    assert (purge_infected.purge_infected(now=later), purge_infected.purge_infected(now=later)) == (1, 0)

    assert [storages["attachments"].exists(key) for key in keys] == [False] * 4
    file.refresh_from_db()
    assert (file.scan, file.previews, FileRefusal.objects.count()) == (Attachment.Scan.INFECTED, 0, 1)


def test_infected_file_of_a_draft_goes_too(world: World) -> None:
    draft = world.reply_draft(world.claim())
    file = world.add_file(draft, name="bad.txt", data=b"bad")
    quotas.count(world.toys.pk, file.size + 5)
    publish.scanned(file.pk, threat="Test.Eicar", now=world.at(-31))
    assert purge_infected.purge_infected(now=world.now) == 1
    assert not store.storage().exists(file.storage_key)
    drafts.delete(Draft.objects.get(pk=draft.pk))
    assert SellerStorage.objects.get(seller=world.toys).used_bytes == 5  # given back once


def test_bytes_without_a_row_go_after_a_day_and_nothing_else(world: World) -> None:
    claim = world.claim()
    scan_queue.sweep(now=world.now)
    pack = packs.ask(claim, reader=EvidencePack.Reader.SELLER, user_id=world.alice.pk, now=world.now)
    assert packs.make(pack.pk, now=world.now)
    original = put("mail")
    OriginalMail.objects.create(sha256="a" * 64, storage_key=original, size=4, source="x", imported_at=world.now)
    named = age_all(90)
    assert named == 2 + 2 * 3 + 1 + 1
    gone = [put(days=1.01), put("made", days=2, name="/0.png"), put("packs", days=8), put("mail", days=400)]
    young = [put(days=0.99), put("made", name="/0.png")]
    stranger = put("ready", days=400)

    told = run("--dry-run")
    assert told == {
        "dry_run": True, "infected": 0, "taken_out": 0, "packs": 0, "drafts": 0, "imports": 0,
        "loose": 4, "loose_bytes": 16, "young": 2, "named": 6,
    }  # fmt: skip
    assert all(store.storage().exists(key) for key in gone)
    assert run() == told | {"dry_run": False}
    assert [store.storage().exists(key) for key in (*gone, *young, stranger)] == [False] * 4 + [True] * 3
    assert run() == told | {"dry_run": False, "loose": 0, "loose_bytes": 0}
    kept = run("--bytes", command="check_files")
    assert kept == {"rows": 4, "missing": [], "named": 6, "young": 2, "loose": 0, "loose_bytes": 0}
    assert purge_loose_files() == 0


@pytest.mark.django_db(transaction=True)
def test_command_deletes_all_that_is_past_its_time(transactional_db: None, world: World) -> None:
    claim = world.claim()
    bad, out = claim.attachments.order_by("pk")
    publish.scanned(bad.pk, threat="Test.Eicar", now=world.at(-31))
    redact.redact_file(claim.pk, attachment_pk=out.pk, by=world.sam, why="Another buyer's address.", now=world.now)
    OriginalMail.objects.create(  # its worker was killed right after the commit
        sha256="b" * 64, storage_key=put("mail"), size=4, source="x", imported_at=world.now, erased_at=world.now
    )
    draft = world.reply_draft(claim)
    world.add_file(draft)
    Draft.objects.filter(pk=draft.pk).update(updated_at=world.at(-91))
    pack = packs.ask(claim, reader=EvidencePack.Reader.DESK, user_id=world.hana.pk, now=world.at(-8))
    assert EvidencePack.objects.filter(pk=pack.pk).update(ready_at=world.at(-8)) == 1  # made on the commit
    assert EvidencePack.objects.get().storage_key

    ImportRun.objects.create(
        kind="REFUNDS",
        state="DONE",
        name="a.csv",
        size=4,
        sha256="c" * 64,
        storage_key=put("imports"),
        begun_at=timezone.now() - timedelta(days=31),
        ended_at=timezone.now(),
    )

    due = {"infected": 1, "taken_out": 1, "packs": 1, "drafts": 1, "imports": 1}
    assert {name: run("--dry-run")[name] for name in due} == due
    assert (Draft.objects.count(), EvidencePack.objects.count()) == (1, 1)
    done = run()
    assert {name: done[name] for name in due} == due
    done = run()
    assert {name: done[name] for name in due} == dict.fromkeys(due, 0)
    age_all(2)
    run()
    assert age_all(0) == 0  # of two files, an e-mail, a draft's file and a pack not a byte is left


def test_missing_bytes_are_named(world: World) -> None:
    file = world.claim().attachments.order_by("pk")[0]
    store.take_back(file.storage_key)
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("check_files", "--bytes", stdout=out)
    assert stopped.value.code == 1
    assert out.getvalue().splitlines()[0] == f"file {file.uuid}: bytes are missing"


def test_another_portals_storage_is_left_alone(world: World) -> None:
    strangers = [put(days=3) for _ in range(orphans.FEW + 1)]
    with pytest.raises(CommandError, match="Is this the right database for this storage"):
        call_command("purge_files")
    with pytest.raises(purging_all.TooManyOrphans):
        purge_loose_files()
    assert all(store.storage().exists(key) for key in strangers)
    assert run("--whatever")["loose"] == len(strangers)


def test_a_row_that_came_meanwhile_keeps_its_bytes(world: World) -> None:
    key = put(days=2)
    found = orphans.look(now=world.now)
    file = world.claim().attachments.order_by("pk")[0]
    Attachment.objects.filter(pk=file.pk).update(storage_key=key)
    assert (list(found.orphaned), orphans.delete(found), store.storage().exists(key)) == ([key], 0, True)


def test_a_run_out_of_time_deletes_what_it_saw(world: World) -> None:
    for _ in range(8):
        put(days=2)
    looks = iter([False, False, True])
    found = orphans.look(now=world.now, is_time_up=lambda: next(looks))
    assert (found.is_whole, 0 < len(found.orphaned) < 8) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_while_files_come_in(transactional_db: None, settings: LazySettings, tmp_path: Path) -> None:
    place = settings.STORAGES["attachments"]
    place = {**place, "OPTIONS": {**place["OPTIONS"], "location": tmp_path / "kept"}}
    settings.STORAGES = {**settings.STORAGES, "attachments": place}
    world = World(now=datetime.now(UTC))
    claim = world.claim()
    left = [put(days=2) for _ in range(40)]
    draft = world.reply_draft(claim)
    failed: list[BaseException] = []

    def purge() -> None:
        try:
            purging_all.purge(datetime.now(UTC))
            purging_all.purge_orphans(datetime.now(UTC))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    runs = [threading.Thread(target=purge) for _ in range(2)]
    for each in runs:
        each.start()
    coming = [world.add_file(draft, name=f"{n}.txt", data=f"words {n}".encode()) for n in range(10)]
    for each in runs:
        each.join()
    assert failed == []
    assert [key for key in left if store.storage().exists(key)] == []
    assert all(store.storage().exists(file.storage_key) for file in coming)
