"""Tasks of the portal itself."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

BEAT_KEY = "beat-ran-at"


@shared_task(name="safet_portal.tasks.tell_that_beat_runs")
def tell_that_beat_runs() -> None:
    """Leave the moment in the cache: ``/readyz`` reads from it whether schedule and worker are alive."""
    cache.set(BEAT_KEY, timezone.now().timestamp(), timeout=None)
