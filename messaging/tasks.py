"""What workers do for messaging. Each task may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from messaging.notifications import delivery

BATCH = 50
MOST_BATCHES = 100


@shared_task(name="messaging.tasks.send_pending_emails")
def send_pending_emails() -> int:
    """Send what is due, batch by batch; return how many e-mails went out."""
    sent = 0
    for _ in range(MOST_BATCHES):
        result = delivery.deliver(timezone.now(), limit=BATCH)
        sent += result.sent
        if result.total < BATCH:
            break
    return sent
