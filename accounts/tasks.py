"""What workers do for accounts. Each task may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.sign_in import changes, security_events


@shared_task(name="accounts.tasks.do_sign_in_changes")
def do_sign_in_changes() -> int:
    """Do what was asked for the sign-ins of handlers and superusers and has come due; return of how many."""
    return changes.do_due(timezone.now())


@shared_task(name="accounts.tasks.purge_security_events")
def purge_security_events() -> int:
    """Delete security events that are kept no longer; return how many rows."""
    return security_events.purge(timezone.now())
