"""What workers do for messaging. Each task may run twice."""

from __future__ import annotations

import atexit
import os
import threading
import time

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from claims.records import redact
from messaging import packs, purge, redact_message
from messaging.notifications import delivery, digest, outbox, reminders

log = structlog.get_logger(__name__)

BUDGET = 240.0
"""Seconds after which a run leaves what is due to the next one: far inside the time limit of a task."""


@shared_task(name="messaging.tasks.send_pending_emails")
def send_pending_emails(most_batches: int | None = None) -> int:
    """Send what is due, batch by batch; return how many e-mails went out."""
    until, batches, sent = time.monotonic() + BUDGET, 0, 0
    while time.monotonic() < until:
        result = delivery.deliver(timezone.now())
        sent, batches = sent + result.sent, batches + 1
        if not result.total or result.unreachable or batches == most_batches:
            break
    return sent


@shared_task(name="messaging.tasks.delete_erased")
def delete_erased() -> int:
    """Delete the bytes of redacted files and old e-mails; return how many files and e-mails that were."""
    return redact.delete_erased_files() + redact_message.delete_erased_originals()


@shared_task(name="messaging.tasks.purge_loose_files")
def purge_loose_files() -> int:
    """Delete orphaned files that are a day old; return how many. Stops when its time is up.

    Raises TooManyOrphans where most of what is stored has no row.
    """
    end = time.monotonic() + BUDGET
    return purge.purge_orphans(timezone.now(), is_time_up=lambda: time.monotonic() > end)[1]


@shared_task(name="messaging.tasks.purge_password_resets")
def purge_password_resets() -> int:
    """Purge requests for a new password that are a day old and were answered or led to nothing; return how many."""
    return outbox.purge_password_resets(timezone.now())


@shared_task(name="messaging.tasks.send_reminders")
def send_reminders() -> int:
    """Owe the reminders and digests that came due, and have them sent; return how many e-mails are new."""
    now = timezone.now()
    new = sum(owed.emails for owed in reminders.owe_due(now)) + digest.owe_due(now)
    if new:
        hurry()
    return new


@shared_task(name="messaging.tasks.make_pack")
def make_pack(pack_pk: int) -> None:
    """Make an evidence pack that was asked for."""
    packs.make(pack_pk, now=timezone.now())


@shared_task(name="messaging.tasks.look_after_packs")
def look_after_packs() -> int:
    """Make the evidence packs whose task or worker was lost, and delete old ones; return how many packs that were."""
    now = timezone.now()
    made = sum(packs.make(pk, now=timezone.now()) for pk in packs.waiting(now=now))
    return made + packs.delete_old(now=now)


def hurry() -> None:
    """Have what was just committed sent now rather than at the next run of the schedule. Returns at once.

    Without a queue one batch is sent here. With one, a thread of its own asks a worker, so that the request never
    waits for Redis; what is asked while Redis is slow is asked once. If that is lost, the schedule sends the e-mails a
    minute later.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER:
        send_pending_emails.delay(most_batches=1)
    else:
        _asking.wake()


class _Asking:
    """The thread that asks a worker to deliver. It is started when first needed, and again in a forked process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._wanted = threading.Condition()
        self._wishes = 0
        self._done = 0

    def wake(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid, self._wanted, self._wishes, self._done = os.getpid(), threading.Condition(), 0, 0
                threading.Thread(target=self._ask, name="hurry", daemon=True).start()
        with self._wanted:
            self._wishes += 1
            self._wanted.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait, at most so many seconds, until a worker was asked for everything; return whether it was."""
        with self._wanted:
            return self._pid != os.getpid() or self._wanted.wait_for(lambda: self._done >= self._wishes, seconds)

    def _ask(self) -> None:
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._done < self._wishes)
                wishes = self._wishes
            try:
                send_pending_emails.delay()
            except Exception as error:  # the rows say what is owed: the schedule delivers them
                log.warning("worker_not_asked", error=repr(error))
            with self._wanted:
                self._done = wishes
                self._wanted.notify_all()


_asking = _Asking()
atexit.register(_asking.settle, 1.0)
