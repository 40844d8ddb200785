"""Mail that came back after a mail server had taken it: found in a mailbox, or told by the provider who sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser, Parser
from uuid import UUID

import structlog
from django.db import transaction

from accounts import returned_mail
from accounts.models import User
from accounts.values import single_line
from messaging.models import ExtraAddress, OutgoingEmail
from messaging.notifications.unsent_causes import UnsentCause

log = structlog.get_logger(__name__)

_ID = re.compile(r"<?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@[^>\s]*>?", re.IGNORECASE)
_OTHERS_FAULT = ("5.2.2", "5.3.4", "5.7.")
"""Codes that say nothing against the address: a full mailbox, a text too large, a text or a sender not liked."""


@dataclass(frozen=True, slots=True)
class Returned:
    """One e-mail that came back: ours by its Message-ID, or the address a provider names. `is_final`: the address
    itself is no good, and nothing more is sent there."""

    uuid: UUID | None
    address: str
    cause: str
    is_final: bool


def message_uuid(message_id: str) -> UUID | None:
    """Return which e-mail of ours a Message-ID is of, if any."""
    found = _ID.search(message_id)
    return UUID(found[1]) if found else None


def take(returned: Returned, now: datetime, *, trusted: bool = False) -> bool:
    """Note what came back; return whether it was ours.

    Our Message-ID has a number nobody guesses, and the address is the one we sent to: a bounce that a stranger makes up
    changes nothing. Of who is `trusted` the address counts too, where a person or a copy of ours has it.
    """
    cause = single_line(returned.cause)[:300] or UnsentCause.NO_REASON.value
    with transaction.atomic():
        sent = OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENT).select_for_update(of=("self",))
        row = sent.filter(uuid=returned.uuid).first() if returned.uuid else None
        address = row.address if row else returned.address.strip().lower() if trusted else ""
        if not address or (row is None and not _is_ours(address)):
            return False
        if row is not None:
            if row.returned_at is not None:
                return True
            OutgoingEmail.objects.filter(pk=row.pk).update(returned_at=now, cause=cause)
        if returned.is_final:
            returned_mail.note(address, cause, now)
    log.warning("mail_came_back", email=row.pk if row else None, final=returned.is_final)
    return True


def _is_ours(address: str) -> bool:
    return (
        User.objects.filter(email=address).exists()
        or ExtraAddress.objects.filter(email=address, removed_at__isnull=True).exists()
    )


# -- delivery status notifications (RFC 3464) -------------------------------------------------------------------------


def of_message(raw: bytes) -> list[Returned]:
    """Return what an e-mail of a bounce mailbox says came back: nothing where it is no failure report."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    if message.get_content_type() != "multipart/report":
        return []
    original = _original_id(message)
    return [one for part in message.walk() for one in _failures(part, original)] if original else []


def _failures(part: EmailMessage, original: UUID) -> Iterator[Returned]:
    if part.get_content_type() != "message/delivery-status":
        return
    for block in part.iter_parts() if part.is_multipart() else ():
        if str(block.get("Action", "")).strip().lower() != "failed":
            continue
        status = str(block.get("Status", "")).strip()
        said = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip() or status
        address = str(block.get("Final-Recipient", "")).partition(";")[2].strip()
        yield Returned(original, address, said, is_final_code(status))


def is_final_code(status: str) -> bool:
    """Return whether an enhanced status code (RFC 3463) says that the address itself is no good."""
    return status.startswith("5.") and not status.startswith(_OTHERS_FAULT)


def _original_id(message: EmailMessage) -> UUID | None:
    """Return which e-mail of ours a report is about: by the headers of it that a report carries along."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            found = message_uuid(str(next(iter(part.iter_parts())).get("Message-ID", "")))
        elif kind == "text/rfc822-headers":
            named = Parser(policy=policy.default).parsestr(str(part.get_content()), headersonly=True)
            found = message_uuid(str(named.get("Message-ID", "")))
        else:
            continue
        if found:
            return found
    return None
