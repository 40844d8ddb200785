"""An uploaded file is tried, then the same bytes are imported for good; commands are written down in the same table."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Seller, User
from claims.files import orphans, store
from claims.imports import runs
from claims.imports.causes import failure_words, reject_words
from claims.models import ImportReject, ImportRun, Order, RefundLine
from claims.tasks import forget_what_is_idle, look_after_imports, run_import
from tests.claims.imports import samples
from tests.claims.imports.test_commands import run as command

State = ImportRun.State
GOOD: dict[str, str] = {}
BAD = {"Refunded Amount": "12,3x", "Item Name": "Kettle \x1b[2J\u202egone"}
TEXT = samples.returns_text(GOOD, BAD)


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_user("olga@desk.example", "demo", is_staff=True, is_superuser=True)


def begin(by: User, seller: Seller | None, text: str | bytes = TEXT, **changed: Any) -> ImportRun:
    data = text.encode() if isinstance(text, str) else text
    given = {"uuid": uuid4(), "kind": ImportRun.Kind.REFUNDS, "name": "returns.tsv", "marketplace": "", **changed}
    return runs.begin(ContentFile(data), seller=seller, by=by, **{"now": timezone.now(), **given})


def work(run: ImportRun) -> ImportRun:
    assert runs.work(run.pk, clock=timezone.now)
    run.refresh_from_db()
    return run


def counts(run: ImportRun) -> tuple[int, ...]:
    return (run.read, run.new, run.changed, run.unchanged, run.left_out)


def test_a_file_is_tried_then_imported_and_its_bytes_go(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, shop))
    found = (dry.state, dry.format, counts(dry), Order.objects.count())
    assert found == (
        State.DONE,
        "returns report",
        (2, 1, 0, 0, 1),
        0,
    )
    good = runs.for_good(dry, by=olga, now=timezone.now())
    assert (good.sha256, good.is_dry_run, good.tried_in, good.storage_key) == (dry.sha256, False, dry, dry.storage_key)
    key = good.storage_key
    work(good)
    assert (good.state, counts(good), Order.objects.count()) == (State.DONE, (2, 1, 0, 0, 1), 1)
    dry.refresh_from_db()
    assert (dry.storage_key, good.storage_key, store.storage().exists(key)) == ("", "", False)


def test_what_was_left_out_is_kept_with_its_row_and_nothing_that_steers(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, shop))
    (reject,) = ImportReject.objects.filter(run=dry)
    said = reject_words(reject.code, reject.values)
    assert (reject.number, reject.place) == (1, "line 3")
    assert said == 'Refunded amount "12,3x" is not an amount in USD. Write it like 1284.50.'
    assert reject.raw.startswith("203-5550001-7770001\\t")
    assert "Kettle \\x1b[2J\\u202egone" in reject.raw
    assert reject.raw.isprintable()


def test_a_second_click_is_the_same_run(olga: User, shop: Seller) -> None:
    key = uuid4()
    dry = begin(olga, shop, uuid=key)
    assert begin(olga, shop, "another file", uuid=key) == dry
    work(dry)
    good = runs.for_good(dry, by=olga, now=timezone.now())
    assert runs.for_good(dry, by=olga, now=timezone.now()) == good
    assert runs.work(dry.pk, clock=timezone.now) is False
    work(good)
    assert runs.work(good.pk, clock=timezone.now) is False
    assert runs.for_good(dry, by=olga, now=timezone.now()) == good
    assert (ImportRun.objects.count(), ImportReject.objects.count()) == (2, 2)


def test_a_file_imported_twice_changes_nothing(olga: User, shop: Seller) -> None:
    for expected in ((2, 1, 0, 0, 1), (2, 0, 0, 1, 1)):
        dry = work(begin(olga, shop))
        good = work(runs.for_good(dry, by=olga, now=timezone.now()))
        assert (counts(dry), counts(good)) == (expected, expected)


def test_other_bytes_than_were_tried_are_not_imported(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, shop))
    good = runs.for_good(dry, by=olga, now=timezone.now())
    store.take_back(good.storage_key)
    store.storage().save(good.storage_key, ContentFile(TEXT.replace("64.00", "63.00").encode()))
    work(good)
    assert (good.state, good.failure, Order.objects.count()) == (State.FAILED, "CHANGED", 0)
    assert "its SHA-256 differs" in failure_words(good.failure, good.failure_values)


def test_a_file_that_is_gone_says_so(olga: User, shop: Seller) -> None:
    dry = begin(olga, shop)
    store.take_back(dry.storage_key)
    assert (work(dry).state, dry.failure) == (State.FAILED, "GONE")


def test_an_unusable_file_says_why_and_can_not_be_imported(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, shop, b"%PDF-1.7\n\x1b[2J"))
    assert (dry.state, dry.failure) == (State.FAILED, "UNUSABLE")
    assert "It starts with: %PDF" in failure_words(dry.failure, dry.failure_values)
    with pytest.raises(runs.NotBegun):
        runs.for_good(dry, by=olga, now=timezone.now())


def test_a_seller_that_nobody_names_is_said(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, None))
    assert (dry.failure, dry.failure_values) == ("UNUSABLE", {"said": "the file doesn't say whose it is. Add --seller"})


def test_a_dry_run_that_has_not_ended_is_not_imported(olga: User, shop: Seller) -> None:
    with pytest.raises(runs.NotBegun):
        runs.for_good(begin(olga, shop), by=olga, now=timezone.now())


def test_a_run_whose_worker_was_killed_is_taken_up_by_another(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, shop))
    good = runs.for_good(dry, by=olga, now=timezone.now())
    taken = runs._take(good.pk, timezone.now)  # a worker, until here
    assert taken is not None
    assert runs.work(good.pk, clock=timezone.now) is False  # as long as it may be at work
    ImportRun.objects.filter(pk=good.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert look_after_imports() == 1
    good.refresh_from_db()
    assert (good.state, good.tries, counts(good), Order.objects.count()) == (State.DONE, 2, (2, 1, 0, 0, 1), 1)
    assert taken.held().count() == 0  # whoever wakes up again writes nothing


def test_a_run_over_which_workers_die_has_failed(olga: User, shop: Seller) -> None:
    dry = begin(olga, shop)
    for _ in range(runs.MOST_TRIES):
        assert runs._take(dry.pk, timezone.now)
        ImportRun.objects.filter(pk=dry.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert look_after_imports() == 0
    dry.refresh_from_db()
    assert (dry.state, dry.failure, "3 times" in failure_words(dry.failure, dry.failure_values)) == (
        State.FAILED,
        "DIED",
        True,
    )


def test_a_run_whose_task_was_lost_is_worked_on_by_the_schedule(olga: User, shop: Seller, settings: Any) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = False
    dry = begin(olga, shop)
    assert look_after_imports() == 0  # its task may still come
    ImportRun.objects.filter(pk=dry.pk).update(begun_at=timezone.now() - runs.HURRIED - timedelta(seconds=1))
    assert look_after_imports() == 1


def test_an_upload_asks_a_worker(
    olga: User, shop: Seller, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        dry = begin(olga, shop)
    dry.refresh_from_db()
    assert dry.state == State.DONE
    assert run_import(dry.pk) is False


def test_a_command_is_written_down_with_what_it_left_out(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "re\x1bturns.tsv", TEXT)
    assert command("import_refunds", path, "--seller", "shop-a", "--dry-run").code == 1
    assert command("import_refunds", path, "--seller", "shop-a").code == 1
    found = [(run.is_dry_run, run.state, run.by, run.name, counts(run)) for run in ImportRun.objects.order_by("pk")]
    assert found == [(dry, State.DONE, None, "re\\x1bturns.tsv", (2, 1, 0, 0, 1)) for dry in (True, False)]
    assert list(ImportReject.objects.values_list("run__is_dry_run", "place")) == [(True, "line 3"), (False, "line 3")]
    assert RefundLine.objects.count() == 0


def test_a_command_over_an_unusable_file_is_written_down_as_failed(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "a.pdf", b"%PDF-1.7\n")
    assert command("import_claims", path, "--seller", "shop-a").code == 2
    assert command("import_claims", tmp_path / "nothing.csv", "--seller", "shop-a").code == 2
    (run,) = ImportRun.objects.all()
    assert (run.kind, run.state, run.failure, run.size) == ("CLAIMS", State.FAILED, "UNUSABLE", 9)


def test_a_command_that_was_killed_has_failed_in_the_end(shop: Seller) -> None:
    late = timezone.now() - timedelta(seconds=1)
    facts = {"kind": "REFUNDS", "state": State.RUNNING, "is_dry_run": False, "leased_until": late}
    run = ImportRun.objects.create(**facts, name="a.tsv", size=1, sha256="0" * 64)
    assert look_after_imports() == 0
    run.refresh_from_db()
    assert (run.state, run.failure) == (State.FAILED, "STOPPED")


def test_what_takes_longer_than_a_task_may_has_failed(olga: User, shop: Seller) -> None:
    """The time limit is raised in the task wherever it is; here where rejected rows are collected."""
    dry = begin(olga, shop)

    def interrupt(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INSERT INTO intake_reject SELECT" in sql:
            raise SoftTimeLimitExceeded
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        assert runs.work(dry.pk, clock=timezone.now)
    dry.refresh_from_db()
    assert (dry.state, dry.failure) == (State.FAILED, "TOO_LONG")


def test_a_fault_of_ours_is_told_and_written_down(olga: User, shop: Seller) -> None:
    dry = begin(olga, shop)

    def broken(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "claims_importreject" in sql:
            raise ZeroDivisionError("a fault")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(broken), pytest.raises(runs.ImportBroke):
        runs.work(dry.pk, clock=timezone.now)
    dry.refresh_from_db()
    assert (dry.state, dry.failure, dry.failure_values) == (State.FAILED, "BROKE", {"error": "ZeroDivisionError"})


def test_files_wait_30_days_and_runs_are_kept_90(olga: User, shop: Seller) -> None:
    dry = work(begin(olga, shop))
    key, now = dry.storage_key, timezone.now()
    assert runs.forget(now + timedelta(days=29)) == 0
    assert (runs.forget(now + timedelta(days=31)), store.storage().exists(key)) == (1, False)
    dry.refresh_from_db()
    assert (dry.storage_key, dry.rejects.count()) == ("", 1)
    with pytest.raises(runs.NotBegun):
        runs.for_good(dry, by=olga, now=now)
    assert runs.forget(now + timedelta(days=89)) == 0
    assert runs.forget(now + timedelta(days=91)) == 1
    assert (ImportRun.objects.count(), ImportReject.objects.count()) == (0, 0)
    assert forget_what_is_idle() == 0


def test_a_dry_run_is_kept_as_long_as_its_run_for_good(olga: User, shop: Seller) -> None:
    now = timezone.now()
    dry = work(begin(olga, shop, now=now - timedelta(days=95)))
    work(runs.for_good(dry, by=olga, now=now))
    assert (runs.forget(now), ImportRun.objects.count()) == (0, 2)
    assert (runs.forget(now + timedelta(days=91)), ImportRun.objects.count()) == (2, 0)


def test_stored_bytes_have_their_row(olga: User, shop: Seller) -> None:
    dry = begin(olga, shop)
    later = timezone.now() + timedelta(days=2)
    assert dry.storage_key not in orphans.look(now=later).orphaned
    ImportRun.objects.filter(pk=dry.pk).update(storage_key="")
    assert dry.storage_key in orphans.look(now=later).orphaned


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_import_once(transactional_db: None, tmp_path: Path) -> None:
    from tests.claims.imports.conftest import load_base_policy

    load_base_policy()
    seller = Seller.objects.create(slug="shop-a", name="Shop A", marketplace="US")
    olga = User.objects.create_user("olga@desk.example", "demo", is_staff=True, is_superuser=True)
    dry = work_or_done(begin(olga, seller))
    ran: list[bool] = []
    barrier = threading.Barrier(3)
    good: list[int] = []

    def click() -> None:
        try:
            barrier.wait(timeout=60)
            run = runs.for_good(dry, by=olga, now=timezone.now())
            good.append(run.pk)
            ran.append(runs.work(run.pk, clock=timezone.now))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    (run,) = ImportRun.objects.filter(is_dry_run=False)
    assert set(good) == {run.pk}
    assert (run.state, run.tries, counts(run), Order.objects.count()) == (State.DONE, 1, (2, 1, 0, 0, 1), 1)


def work_or_done(run: ImportRun) -> ImportRun:
    """Where transactions are real the upload has had its task already."""
    runs.work(run.pk, clock=timezone.now)
    run.refresh_from_db()
    return run
