"""Whether this process is alive (``/healthz``), this node ready for work (``/readyz``), and all around it well
(``/status``): names and "ok" or "failed".

What one node can't mend takes no node out of service: `/readyz` asks the database and the schema alone. Answers say
nothing of hosts, versions or errors, `/status` two ages in seconds; the log says more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.connection import Connection

from claims.files import sandbox, virus_check
from messaging.notifications import outbox
from safet_portal import task_records
from safet_portal.caches import REDIS
from safet_portal.inside import may_look_inside
from safet_portal.models import FailedTask
from safet_portal.queues import QUEUES
from safet_portal.tasks import BEAT

OLDEST_EMAIL = timedelta(minutes=15)
OLDEST_BEAT_SECONDS = 180
OLDEST_SIGN_SECONDS = 900
"""A queue that is so long behind is no better than one without a worker."""
SCANNER_SECONDS = 2
BROKER_SECONDS = 2
OF_THIS_NODE = ("database", "migrations")
"""What a node must have to answer people; everything else fails for all nodes at once, or for none."""
TOLD_ONLY = frozenset({"scanner", "decoder_sandbox"})
"""Checks that report a state and wake nobody: without them the portal does its work, later."""

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
    """Whether Redis answers, where there is one: while it doesn't, the table does its work."""
    caches[REDIS if REDIS in settings.CACHES else "default"].get("ready")


def broker() -> None:
    """Whether tasks can be asked for."""
    url, options = settings.CELERY_BROKER_URL, dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    for name in ("socket_timeout", "read_timeout", "write_timeout"):
        if name in options:
            options[name] = BROKER_SECONDS
    asked = Connection(url, connect_timeout=BROKER_SECONDS, transport_options=options)  # type: ignore[no-untyped-call]
    with asked:
        asked.ensure_connection(  # type: ignore[no-untyped-call]
            max_retries=1, interval_start=0, timeout=BROKER_SECONDS
        )
        asked.default_channel  # noqa: B018 - SQS has no connection: here it is asked


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
    return task_records.ages_of_signs(timezone.now()).get(BEAT)


def workers() -> None:
    """Whether somebody takes from every queue."""
    ages = task_records.ages_of_signs(timezone.now())
    silent = [queue for queue in QUEUES if ages.get(queue, OLDEST_SIGN_SECONDS + 1) > OLDEST_SIGN_SECONDS]
    if silent:
        raise NotReady(f"nobody takes from {', '.join(silent)}, or it is long behind")


def tasks_end_well() -> None:
    """Whether no task is in the list of failed ones."""
    if failing := FailedTask.objects.count():
        raise NotReady(f"{failing} tasks fail, see Failed tasks in the admin")


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
    if settings.QUEUE_URL:
        named |= {"broker": broker, "workers": workers, "tasks": tasks_end_well}
    return {**named, "beat": beat} if settings.QUEUE_URL or settings.DEMO else named


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


def is_well(results: Mapping[str, str]) -> bool:
    """Return whether nothing failed that somebody has to look at."""
    return all(result == "ok" for name, result in results.items() if name not in TOLD_ONLY)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches neither database nor cache nor storage."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this node can answer people, else 503. JSON of name → "ok" or "failed"."""
    results = run_checks(OF_THIS_NODE)
    return JsonResponse(results, status=200 if is_well(results) else 503)


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """200 when nothing failed that somebody has to look at, else 503; 404 to who may not look inside.

    JSON of name → "ok" or "failed", and two ages in seconds.
    """
    if not may_look_inside(request):
        raise Http404
    results = run_checks()
    return JsonResponse({**results, **ages()}, status=200 if is_well(results) else 503)


PROBES = {"/healthz": healthz, "/readyz": readyz}


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer probes before anybody looks for a session: nothing else decides what they are told."""

    def middleware(request: HttpRequest) -> HttpResponse:
        view = PROBES.get(request.path_info)
        if view is None or request.method not in ("GET", "HEAD"):
            return get_response(request)
        request.resolver_match = resolve(request.path_info)
        return view(request)

    return middleware
