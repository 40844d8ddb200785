"""Tasks of the portal itself."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import unsent
from safet_portal import task_records

SESSIONS_AT_ONCE = 1000
BEAT = "beat"


@shared_task(name="safet_portal.tasks.tell_that_beat_runs")
def tell_that_beat_runs() -> None:
    """Leave the moment in the database: ``/status`` reads from it whether schedule and worker are alive."""
    task_records.give_sign(BEAT, timezone.now())


@shared_task(name="safet_portal.tasks.tell_that_queue_runs")
def tell_that_queue_runs(queue: str) -> None:
    """Leave the moment in the database: a worker takes what is in this queue."""
    task_records.give_sign(queue, timezone.now())


@shared_task(name="safet_portal.tasks.find_lost_tasks")
def find_lost_tasks() -> int:
    """Put tasks that were begun and came to no end into the operators' list; return how many."""
    return task_records.find_lost(timezone.now())


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
