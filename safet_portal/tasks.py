"""Tasks of the portal itself."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from accounts import unsent

SESSIONS_AT_ONCE = 1000
BEAT_KEY = "beat-ran-at"


@shared_task(name="safet_portal.tasks.tell_that_beat_runs")
def tell_that_beat_runs() -> None:
    """Leave the moment in the cache: ``/readyz`` reads from it whether schedule and worker are alive."""
    cache.set(BEAT_KEY, timezone.now().timestamp(), timeout=None)


@shared_task(name="safet_portal.tasks.clear_sessions")
def clear_sessions() -> int:
    """Delete the sessions that have ended, some at a time so that nobody waits for it; return how many."""
    cleared, now = 0, timezone.now()
    while True:
        ended = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
        some = list(ended.values_list("pk", flat=True)[:SESSIONS_AT_ONCE])
        gone = Session.objects.filter(pk__in=some).delete()[0]
        cleared += gone
        if gone < SESSIONS_AT_ONCE:
            return cleared


@shared_task(name="safet_portal.tasks.purge_unsent_words")
def purge_unsent_words() -> int:
    """Delete the unsent words that nobody came back for; return of how many people."""
    return unsent.purge(timezone.now())
