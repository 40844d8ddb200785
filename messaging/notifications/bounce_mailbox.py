"""The mailbox that bounces go to, read by IMAP: what came back is noted, and every e-mail that was read is deleted."""

from __future__ import annotations

import contextlib
import imaplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

import structlog
from django.conf import settings

from messaging.notifications import bounces

log = structlog.get_logger(__name__)

SECONDS = 20
MOST = 200
"""E-mails a run reads; the rest is the next one's."""
LARGEST = 1024 * 1024
"""Bytes of an e-mail that are read: a report's own parts come first."""


class MailboxAway(Exception):
    """The mailbox can't be reached or opened; the text says why."""


@dataclass
class Read:
    """How many e-mails were read, and how many told that one of ours came back."""

    read: int = 0
    returned: int = 0


def read(now: datetime) -> Read:
    """Read the mailbox that `BOUNCE_MAILBOX` names. Raises MailboxAway."""
    done = Read()
    try:
        with _opened(settings.BOUNCE_MAILBOX) as box:
            for number in _numbers(box)[:MOST]:
                take(_fetch(box, number), now, done)
                box.uid("STORE", number, "+FLAGS", r"(\Deleted)")
            box.expunge()
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxAway(f"The bounce mailbox can't be read: {error}") from error
    return done


def take(raw: bytes, now: datetime, done: Read) -> None:
    """Note what one e-mail says came back. Whatever it is, it is read."""
    done.read += 1
    try:
        for one in bounces.of_message(raw):
            done.returned += bounces.take(one, now)
    except (ValueError, LookupError, AttributeError, TypeError) as error:  # what parsers of strangers' mail raise
        log.warning("bounce_not_understood", error=repr(error))


@contextlib.contextmanager
def _opened(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    tls = parts.scheme == "imaps"
    where = (parts.hostname or "localhost", parts.port or (993 if tls else 143))
    box = imaplib.IMAP4_SSL(*where, timeout=SECONDS) if tls else imaplib.IMAP4(*where, timeout=SECONDS)
    try:
        if parts.scheme == "imap+tls":
            box.starttls()
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        code, said = box.select(parts.path.strip("/") or "INBOX")
        if code != "OK":
            raise MailboxAway(f"The bounce mailbox can't be opened: {said!r}")
        yield box
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _numbers(box: imaplib.IMAP4) -> list[str]:
    _code, found = box.uid("SEARCH", "ALL")
    return [number.decode() for number in (found[0] or b"").split()]


def _fetch(box: imaplib.IMAP4, number: str) -> bytes:
    _code, found = box.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)")
    return b"".join(part[1] for part in found if isinstance(part, tuple))
