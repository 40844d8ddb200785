"""Delivery of owed e-mails: a batch is leased, each is checked again, rendered, sent over one connection and marked.

What holds, whichever process ends when:

- Only one run has a row at a time, for a lease of five minutes. A lease is renewed before anything is sent when it is
  older than a minute, or when the machine slept or its clock was moved; rows that another run has by then are left to
  it. An attempt that takes two minutes is ended, so that every attempt ends inside its lease.
- A run that ends early holds nothing back: the lease runs out, and the next run sends under the same Message-ID.
- An e-mail goes out twice only where a run ends, or its connection breaks, between the server's "250" and the row
  being marked as sent. Marking is tried again for minutes while the database is away; the copy has the same
  Message-ID.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError, connection

from messaging.models import OutgoingEmail
from messaging.notifications import outbox, recipients, smtp_results
from messaging.notifications.mailer import Mailer
from messaging.notifications.outbox import LEASE, send_again, waiting
from messaging.notifications.recipients import Recipient, Suppressed
from messaging.notifications.render_email import OccasionCache, render
from messaging.notifications.smtp_results import AfterFailure, DeliveryResult
from messaging.notifications.unsent_causes import UnsentCause, not_written

__all__ = ["BATCH", "LEASE", "Delivered", "deliver", "message_id", "send_again", "waiting"]

log = structlog.get_logger(__name__)
State = OutgoingEmail.State
T = TypeVar("T")

BATCH = 50
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=2)
MOST_ATTEMPTS = 30
"""With these pauses about 48 hours of trying."""
FRESH = 60.0
"""Seconds for which a lease is trusted without a look."""
MOST_BREAKS = 3
"""So many broken connections end a batch: it is the server then, not one e-mail."""
DATABASE_UNREACHABLE = 150.0
"""Seconds a run waits for the database to come back before it gives up."""


@dataclass(slots=True)
class Delivered:
    """How a run of delivery ended: e-mails by what became of them.

    `passed` are those that were given back untried or that another run had by then. `unreachable`: the mail server
    could not be reached or kept breaking off, so that another batch would fail now, too.
    """

    sent: int = 0
    retried: int = 0
    bounced: int = 0
    failed: int = 0
    suppressed: int = 0
    passed: int = 0
    unreachable: bool = False

    @property
    def total(self) -> int:
        """How many e-mails an attempt was made for."""
        return self.sent + self.retried + self.bounced + self.failed + self.suppressed

    def add(self, other: Delivered) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        self.unreachable = bool(self.unreachable)


def deliver(now: datetime, *, limit: int = BATCH) -> Delivered:
    """Send up to `limit` e-mails that are due, over one connection; return what became of them.

    Any number of workers may do this at once: a row is leased by one. Never raises for what one e-mail does.
    """
    _lasting(lambda: outbox.requeue_when_clock_went_back(now))
    lease, emails = _lasting(lambda: outbox.lease(now, limit))
    if not emails:
        return Delivered()
    run = _Run(lease, emails, now)
    try:
        for email in emails:
            if run.result.unreachable and not run.server_error:
                break
            run.attempt(email)
        run.result.passed = len(emails) - run.result.total
    finally:
        run.mailer.close()
        try:
            outbox.release(lease, run.now())
            outbox.tally({name: count for name, count in asdict(run.result).items() if name in _TALLIED})
        except (OperationalError, InterfaceError):
            log.warning("delivery_not_released", lease=str(lease))  # the lease runs out by itself
    return run.result


def message_id(email: OutgoingEmail) -> str:
    """Return the Message-ID of the row: the same at every attempt, so that a mailbox can tell a repeat."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{email.uuid}@{domain}>"


_TALLIED = ("sent", "retried", "bounced", "failed", "suppressed")


class _Run:
    """One batch: its lease, its time, its connection, and what became of it so far."""

    def __init__(self, lease: UUID, emails: Sequence[OutgoingEmail], now: datetime) -> None:
        self.result = Delivered()
        self.mailer = Mailer()
        self.breaks = 0
        self.server_error: Exception | None = None
        """Why no connection can be had: it is the answer to every e-mail that is left."""
        self._lease, self._emails, self._mine = lease, emails, {email.pk for email in emails}
        self._cache = OccasionCache()
        self._recipients: Mapping[int, Recipient | Suppressed] | None = None
        self._begun, self._now = time.monotonic(), now
        self._renewed, self._clock = self._begun, time.time()

    def now(self) -> datetime:
        """The moment given to the run plus what has passed since, whatever happens to the machine's clock."""
        return self._now + timedelta(seconds=time.monotonic() - self._begun)

    def attempt(self, email: OutgoingEmail) -> None:
        if not self._is_mine(email):
            return
        email.attempts += 1
        if email.attempts > MOST_ATTEMPTS:  # each attempt so far ended with its worker
            self._end(email, State.FAILED, email.cause or UnsentCause.CUT_SHORT, "")
            return
        try:
            recipient = _lasting(lambda: self._recipient(email))
            if isinstance(recipient, Suppressed):
                self._end(email, State.SUPPRESSED, recipient.cause, "")
                return
            message = _lasting(lambda: self._message(email, recipient))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # whatever one e-mail does, the rest of the batch goes out
            log.exception("email_not_written", email=email.pk, kind=email.kind)
            self._later(email, not_written(error), "")
            return
        if verdict := self._open():
            self._fail(email, recipient.address, verdict)
        elif self._is_mine(email):
            self._send(email, recipient.address, message)

    def _is_mine(self, email: OutgoingEmail) -> bool:
        """Whether no other run can have the e-mail for the next minutes. Renews the lease where that isn't sure."""
        passed, clock = time.monotonic() - self._renewed, time.time() - self._clock
        if passed > FRESH or abs(clock - passed) > FRESH:
            self._renewed, self._clock = time.monotonic(), time.time()
            if abs(clock - passed) > FRESH:  # the machine slept or its clock was moved: others count by it
                self._now += timedelta(seconds=clock - passed)
            self._mine = _lasting(lambda: outbox.renew(self._lease, self.now()))
            self._recipients = None
        return email.pk in self._mine

    def _recipient(self, email: OutgoingEmail) -> Recipient | Suppressed:
        """Return who the e-mail goes to: now, or when the lease was last looked at, a minute ago at most."""
        if self._recipients is None:
            self._cache = OccasionCache()
            self._recipients = recipients.of_batch(self._emails, self._cache)
        return self._recipients.get(email.pk) or recipients.recipient_of(email, self.now())

    def _message(self, email: OutgoingEmail, recipient: Recipient) -> EmailMultiAlternatives:
        rendered = render(email, recipient.membership, self.now(), self._cache)
        message = EmailMultiAlternatives(
            rendered.subject,
            rendered.text,
            settings.BOUNCE_ADDRESS or settings.DEFAULT_FROM_EMAIL,
            [recipient.address],
            headers={"Message-ID": message_id(email), "From": settings.DEFAULT_FROM_EMAIL, **rendered.headers},
        )
        message.attach_alternative(rendered.html, "text/html")
        return message

    def _open(self) -> DeliveryResult | None:
        """Open a connection where there is none; where that fails, return what it means for an e-mail."""
        if self.server_error is None:
            try:
                self.mailer.open()
            except Exception as error:
                log.warning("mail_server_unreachable", error=repr(error))
                self.mailer.drop()
                self.server_error, self.result.unreachable = error, True
        return smtp_results.of(self.server_error) if self.server_error else None

    def _send(self, email: OutgoingEmail, address: str, message: EmailMultiAlternatives) -> None:
        began, carried = time.monotonic(), self.mailer.carried
        try:
            self.mailer.send(message)
        except Exception as error:
            verdict = smtp_results.of(error)
            if verdict.gone:
                self.mailer.drop()
            if verdict.gone and verdict.untouched and carried:
                # The server ends a connection after so many e-mails: it took nothing of this one.
                if failure := self._open():
                    self._fail(email, address, failure)
                else:
                    self._send(email, address, message)
                return
            log.warning("email_not_sent", email=email.pk, attempt=email.attempts, error=repr(error))
            if verdict.gone:
                self.breaks += 1
                slow = time.monotonic() - began > settings.EMAIL_TIMEOUT
                self.result.unreachable |= slow or self.breaks >= MOST_BREAKS
            self._fail(email, address, verdict)
            return
        _lasting(lambda: outbox.mark_sent(email, address, self.now()), self.mailer.drop)
        self.result.sent += 1

    def _fail(self, email: OutgoingEmail, address: str, verdict: DeliveryResult) -> None:
        match verdict.then:
            case AfterFailure.BOUNCED:
                self._end(email, State.BOUNCED, verdict.cause, address)
            case AfterFailure.FAILED:
                self._end(email, State.FAILED, verdict.cause, address)
            case AfterFailure.RETRY:
                self._later(email, verdict.cause, address)

    def _later(self, email: OutgoingEmail, cause: str, address: str) -> None:
        if email.attempts >= MOST_ATTEMPTS:
            self._end(email, State.FAILED, cause, address)
            return
        pause = min(FIRST_RETRY * 2 ** min(email.attempts - 1, 10), LONGEST_RETRY)
        pause *= random.uniform(0.8, 1.2)  # noqa: S311 (spreads retries, guards nothing)
        now = self.now()
        _lasting(lambda: outbox.put_off(email, cause, address, now + pause, now))
        self.result.retried += 1

    def _end(self, email: OutgoingEmail, state: State, cause: str, address: str) -> None:
        _lasting(lambda: outbox.mark_unsent(email, state, cause, address, self.now()))
        name = state.value.lower()
        setattr(self.result, name, getattr(self.result, name) + 1)


def _lasting(ask: Callable[[], T], meanwhile: Callable[[], None] | None = None) -> T:
    """Return what `ask` returns, asked again for minutes while the database is away. `ask` may be done twice."""
    until, pause = time.monotonic() + DATABASE_UNREACHABLE, 0.1
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            log.warning("delivery_waits_for_the_database")
            connection.close()
            if meanwhile:
                meanwhile()
            time.sleep(pause)
            pause = min(pause * 2, 2.0)
