"""Whether the portal is alive (``/healthz``) and ready for work (``/readyz``): names and "ok" or "failed".

Answers say nothing of hosts, versions or errors, and two ages in seconds; the log says more.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from claims.files import sandbox, virus_check
from messaging.notifications import outbox
from safet_portal.tasks import BEAT_KEY

OLDEST_EMAIL = timedelta(minutes=15)
OLDEST_BEAT_SECONDS = 180
SCANNER_SECONDS = 2
TOLD_ONLY = frozenset({"scanner", "decoder_sandbox"})
"""Checks that report a state and take nothing out of service: without them the portal does its work, later."""

log = structlog.get_logger(__name__)


class NotReady(Exception):
    """A check's own finding; the text is for the log."""


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} migrations are not applied")


def cache_works() -> None:
    cache.get("ready")


def storage() -> None:
    """Whether files can be kept: nothing is written, since anybody may ask this as often as they like."""
    place = storages["attachments"]
    if isinstance(place, FileSystemStorage):
        _can_be_written(Path(place.location))
    else:
        place.listdir("ready/")  # a bucket that is gone, or that we have no rights in, raises


def _can_be_written(folder: Path) -> None:
    """The folder is made with the first file; until then the one that is there on the way to it counts."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise NotReady(f"{there} can't be written to")
    if not shutil.disk_usage(there).free:
        raise NotReady(f"{there} is full")


def outbox_moves() -> None:
    now = timezone.now()
    due_since = outbox.outbox_counts(now).due_since
    if due_since and now - due_since > OLDEST_EMAIL:
        raise NotReady(f"an e-mail has been due since {due_since.isoformat()}")


def beat() -> None:
    age = beat_age()
    if age is None or age > OLDEST_BEAT_SECONDS:
        raise NotReady("the schedule has not run for three minutes")


def scanner() -> None:
    if not virus_check.answers(within=SCANNER_SECONDS):
        raise NotReady("clamd does not answer")


def decoder_sandbox() -> None:
    if without := sandbox.missing():
        raise NotReady(f"the decoder process can't be shut in: no {', no '.join(without)}")


def beat_age() -> int | None:
    """Seconds since a worker last ran what the schedule asks of it; None when that isn't known."""
    ran_at = cache.get(BEAT_KEY)
    return None if ran_at is None else max(int(time.time() - ran_at), 0)


def oldest_email_age() -> int:
    """Seconds since the oldest e-mail that has not gone out yet was owed; 0 when none waits."""
    now = timezone.now()
    oldest = outbox.outbox_counts(now).oldest
    return max(int((now - oldest).total_seconds()), 0) if oldest else 0


def ages() -> dict[str, int | None]:
    """Return how old the oldest e-mail and the last sign of the schedule are. What can't be asked is None."""
    seconds: dict[str, int | None] = {}
    wanted: dict[str, Callable[[], int | None]] = {"oldest_email_seconds": oldest_email_age}
    if "beat" in checks():
        wanted["beat_seconds"] = beat_age
    for name, ask in wanted.items():
        try:
            seconds[name] = ask()
        except Exception:  # the check of it has told the log
            seconds[name] = None
    return seconds


def checks() -> Mapping[str, Callable[[], None]]:
    """Name → check. A check returns nothing, or raises anything at all."""
    named = {"database": database, "migrations": migrations, "cache": cache_works}
    named |= {"storage": storage, "outbox": outbox_moves, "decoder_sandbox": decoder_sandbox}
    if virus_check.is_configured():
        named["scanner"] = scanner
    return {**named, "beat": beat} if settings.REDIS_URL or settings.DEMO else named


def run_checks(names: Collection[str] = ()) -> dict[str, str]:
    """Run the checks of these names, all when there are none; name → "ok" or "failed". The causes go to the log."""
    results = {}
    for name, check in checks().items():
        if names and name not in names:
            continue
        try:
            check()
            results[name] = "ok"
        except Exception as error:  # whatever it is, it is what the check is for
            log.warning("not_ready", check=name, error=repr(error))
            results[name] = "failed"
    return results


def is_ready(results: Mapping[str, str]) -> bool:
    """Return whether nothing failed that work can't go on without."""
    return all(result == "ok" for name, result in results.items() if name not in TOLD_ONLY)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches neither database nor cache."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when nothing failed that work can't go on without, else 503.

    JSON of name → "ok" or "failed", and two ages in seconds.
    """
    results = run_checks()
    return JsonResponse({**results, **ages()}, status=200 if is_ready(results) else 503)
