"""Whether the portal is alive (``/healthz``) and ready for work (``/readyz``): names and "ok" or "failed", no more.

Answers say nothing of hosts, versions or errors; the log does.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.models import OutgoingEmail
from safet_portal.tasks import BEAT_KEY

OLDEST_EMAIL = timedelta(minutes=15)
OLDEST_BEAT_SECONDS = 180

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
    key = f"ready-{secrets.token_hex(8)}"
    cache.set(key, "1", timeout=30)
    if cache.get(key) != "1":
        raise NotReady("what was put in the cache is not in it")
    cache.delete(key)


def storage() -> None:
    place = storages["attachments"]
    name = place.save(f"ready/{secrets.token_hex(8)}", ContentFile(b"ready"))
    place.delete(name)


def outbox() -> None:
    owed = OutgoingEmail.objects.filter(state=OutgoingEmail.State.QUEUED, next_attempt_at__lte=timezone.now())
    oldest = owed.aggregate(oldest=Min("next_attempt_at"))["oldest"]
    if oldest and timezone.now() - oldest > OLDEST_EMAIL:
        raise NotReady(f"an e-mail has been due since {oldest.isoformat()}")


def beat() -> None:
    ran_at = cache.get(BEAT_KEY)
    if ran_at is None or time.time() - ran_at > OLDEST_BEAT_SECONDS:
        raise NotReady("the schedule has not run for three minutes")


def checks() -> Mapping[str, Callable[[], None]]:
    """Name → check. A check returns nothing, or raises anything at all."""
    named = {"database": database, "migrations": migrations, "cache": cache_works, "storage": storage, "outbox": outbox}
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


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches neither database nor cache."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every named check passes, else 503; JSON of name → "ok" or "failed"."""
    results = run_checks()
    return JsonResponse(results, status=200 if set(results.values()) == {"ok"} else 503)
