"""What workers do for messaging. Each task may run twice."""

from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.asking import ask_soon
from claims.records import redact
from messaging import packs, purge, redact_message
from messaging.notifications import bounce_mailbox, delivery, digest, outbox, reminders

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
    return sum(owed.emails for owed in reminders.owe_due(now)) + digest.owe_due(now)


@shared_task(name="messaging.tasks.read_bounces")
def read_bounces() -> int:
    """Note what came back to the bounce mailbox, if there is one; return how many e-mails of ours.

    Raises MailboxAway.
    """
    return bounce_mailbox.read(timezone.now()).returned if settings.BOUNCE_MAILBOX else 0


@shared_task(name="messaging.tasks.make_pack")
def make_pack(pack_pk: int) -> None:
    """Make an evidence pack that was asked for."""
    packs.make(pack_pk, now=timezone.now())


@shared_task(name="messaging.tasks.look_after_packs")
def look_after_packs() -> int:
    """Make the evidence packs whose task or worker was lost, and delete old ones; return how many packs that were.

    Raises PackFailed at the end where one could not be made.
    """
    now = timezone.now()
    made, failed = 0, []
    for pk in packs.waiting(now=now):
        try:
            made += packs.make(pk, now=timezone.now())
        except packs.PackFailed as error:  # the others are made all the same
            failed.append(str(error))
    gone = packs.delete_old(now=now)
    if failed:
        raise packs.PackFailed("; ".join(failed))
    return made + gone


def hurry() -> None:
    """Have what was just committed sent now rather than at the next run of the schedule. Returns at once.

    Without a queue one batch is sent here. That a question to a worker is lost costs a minute.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER:
        send_pending_emails.delay(most_batches=1)
    else:
        ask_soon(send_pending_emails)
