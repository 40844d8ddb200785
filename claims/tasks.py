"""What workers do for claims. Each task may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from claims.operations import answering


@shared_task(name="claims.tasks.lapse_overdue_claims")
def lapse_overdue_claims() -> int:
    """Lapse the claims whose reply-by has passed without a reply; return how many."""
    now = timezone.now()
    return sum(answering.lapse_if_due(claim, now=now) is not None for claim in answering.overdue(now))
