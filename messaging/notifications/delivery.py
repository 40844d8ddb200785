"""Delivery of owed e-mails: a batch is leased, each is checked again, rendered, sent and marked.

A worker that dies keeps nothing: its lease runs out and the row is sent by the next one, under the same Message-ID.
"""

from __future__ import annotations

import random
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import QuerySet

from accounts.models import Membership
from messaging.models import OutgoingEmail
from messaging.notifications.rendering import render

log = structlog.get_logger(__name__)
State = OutgoingEmail.State

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=2)
MOST_ATTEMPTS = 30
"""With these pauses about 48 hours of trying."""


@dataclass(slots=True)
class Delivered:
    """How a run of delivery ended: e-mails by what became of them."""

    sent: int = 0
    retried: int = 0
    bounced: int = 0
    failed: int = 0
    suppressed: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.retried + self.bounced + self.failed + self.suppressed


def waiting(now: datetime) -> QuerySet[OutgoingEmail]:
    """Return the e-mails that are due: queued ones, and those whose sender let its lease run out."""
    return OutgoingEmail.objects.filter(state__in=[State.QUEUED, State.SENDING], next_attempt_at__lte=now)


def deliver(now: datetime, *, limit: int = 50) -> Delivered:
    """Send up to `limit` e-mails that are due, over one connection; return what became of them.

    Any number of workers may do this at once: a row is leased by one. Never raises for what one e-mail does.
    """
    result = Delivered()
    emails = _lease(now, limit)
    if not emails:
        return result
    mailer = get_connection(fail_silently=False)
    try:
        for email in emails:
            _send_one(email, mailer, now, result)
    finally:
        try:
            mailer.close()
        except Exception:
            log.warning("mail connection did not close")
    return result


def send_again(ids: Sequence[int], now: datetime) -> int:
    """Queue e-mails that bounced, failed or were not sent once more; return how many. Sent ones stay sent."""
    stuck = OutgoingEmail.objects.filter(pk__in=ids, state__in=[State.BOUNCED, State.FAILED, State.SUPPRESSED])
    return stuck.update(state=State.QUEUED, cause="", attempts=0, next_attempt_at=now)


def _lease(now: datetime, limit: int) -> list[OutgoingEmail]:
    until = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE messaging_outgoingemail SET state = 'SENDING', leased_until = %s, next_attempt_at = %s,
                   attempts = attempts + 1
             WHERE id IN (SELECT id FROM messaging_outgoingemail
                           WHERE state IN ('QUEUED', 'SENDING') AND next_attempt_at <= %s
                           ORDER BY next_attempt_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            [until, until, now, limit],
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = OutgoingEmail.objects.filter(pk__in=ids).select_related("claim__seller", "claim__order", "user", "seller")
    return list(rows.order_by("created_at", "pk"))


def _send_one(email: OutgoingEmail, mailer: BaseEmailBackend, now: datetime, result: Delivered) -> None:
    active = Membership.objects.filter(is_active=True, user__is_active=True).select_related("user", "seller")
    member = active.filter(user=email.user, seller=email.seller).first() if email.user and email.seller else None
    if member is None:
        _finish(email, State.SUPPRESSED, "No longer a member.", now)
        result.suppressed += 1
        return
    try:
        said = render(email, member, now)
        message = EmailMultiAlternatives(
            said.subject,
            said.text,
            settings.DEFAULT_FROM_EMAIL,
            [member.user.email],
            headers={"Message-ID": message_id(email), "Auto-Submitted": "auto-generated"},
            connection=mailer,
        )
        message.attach_alternative(said.html, "text/html")
        email.address = member.user.email
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        _refused(email, error, now, result)
    except Exception as error:  # whatever one e-mail does, the rest of the batch goes out
        log.warning("e-mail not sent", email=email.pk, attempt=email.attempts, exc_info=True)
        mailer.close()
        _later(email, f"{type(error).__name__}: {error}", now, result)
    else:
        _finish(email, State.SENT, "", now)
        result.sent += 1


def _refused(email: OutgoingEmail, error: smtplib.SMTPRecipientsRefused, now: datetime, result: Delivered) -> None:
    code, text = next(iter(error.recipients.values()), (550, b""))
    cause = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if 500 <= code < 600:
        _finish(email, State.BOUNCED, cause, now)
        result.bounced += 1
    else:
        _later(email, cause, now, result)


def _later(email: OutgoingEmail, cause: str, now: datetime, result: Delivered) -> None:
    if email.attempts >= MOST_ATTEMPTS:
        _finish(email, State.FAILED, cause, now)
        result.failed += 1
        return
    pause = min(FIRST_RETRY * 2 ** min(email.attempts - 1, 10), LONGEST_RETRY)
    at = now + pause * random.uniform(0.8, 1.2)  # noqa: S311 (spreads retries, guards nothing)
    _finish(email, State.QUEUED, cause, now, next_attempt_at=at)
    result.retried += 1


def _finish(
    email: OutgoingEmail, state: State, cause: str, now: datetime, *, next_attempt_at: datetime | None = None
) -> None:
    """Write what became of a leased e-mail. Only the holder of the lease may: another worker may have it by now."""
    mine = OutgoingEmail.objects.filter(pk=email.pk, state=State.SENDING, attempts=email.attempts)
    mine.update(
        state=state,
        cause=cause[:300].replace("\x00", ""),
        address=email.address,
        leased_until=None,
        sent_at=now if state is State.SENT else None,
        **({"next_attempt_at": next_attempt_at} if next_attempt_at else {}),
    )


def message_id(email: OutgoingEmail) -> str:
    """Return the Message-ID of the row: the same at every attempt, so that a mailbox can tell a repeat."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{email.uuid}@{domain}>"
