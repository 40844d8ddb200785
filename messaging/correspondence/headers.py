"""Header fields of old e-mails: read as raw text and decoded here.

The header classes of `email.policy.default` raise on some broken fields and take seconds for one of 80 kB; this
module does neither (docs/decisions/0008-old-mail-headers.md).
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.message import Message
from email.policy import Policy
from email.utils import getaddresses, parsedate_to_datetime

from accounts.values import emails
from messaging.correspondence.charsets import decoded

LONGEST = 10_000
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,64})(?:\*[^?\s]*)?\?([bBqQ])\?([^?\n]*)\?=")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,64}@[^\s<>,;:\"()\[\]@]{1,255}")
_ONE_ADDRESS = re.compile(rf"[^<>\",;:()\\@\[\]]{{0,100}}<({_ADDRESS.pattern})>|({_ADDRESS.pattern})")
# "+02:00" and "GMT+0200": against the standard, and taken for UTC by the standard library.
_ZONE = re.compile(r" (?:GMT|UTC)?([+-][0-9]{2}):?([0-9]{2})\b")
# Zones by name that the standard library takes for UTC. Only names that mean one zone everywhere.
_NAMED = {
    "WEST": "+0100",
    "CET": "+0100",
    "MEZ": "+0100",
    "CEST": "+0200",
    "MESZ": "+0200",
    "EET": "+0200",
    "EEST": "+0300",
}
_NAMED_ZONE = re.compile(rf"(:[0-9]{{2}}) ({'|'.join(_NAMED)})\b")
_MAIL_ID = re.compile(r"<([^<>\s]+)>")


class Fields(Message):
    """The fields of an e-mail or a part, the first of each name found at once: some fifty are asked for of each."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy=policy)
        self.first: dict[str, str] = {}

    def set_raw(self, name: str, value: str) -> None:
        """Add a field as it was read."""
        super().set_raw(name, value)
        self.first.setdefault(name.lower(), value)


def field(message: Message, name: str) -> str:
    """Return the first field of that name as one line, still encoded; empty when there is none."""
    if isinstance(message, Fields):
        value = message.first.get(name)
        return _one_line(value) if value else ""
    for key, value in message.raw_items():
        if key.lower() == name:
            return _one_line(str(value))
    return ""


def all_fields(message: Message, name: str) -> list[str]:
    """Return all fields of that name in their order, each as one line, still encoded."""
    return [_one_line(str(value)) for key, value in message.raw_items() if key.lower() == name]


def _one_line(value: str) -> str:
    if value.isascii() and value.isprintable():  # not so with a control, a tab or a fold in it
        return " ".join(value[:LONGEST].split())
    value = decoded(value[:LONGEST].encode("utf-8", "surrogateescape"))
    return re.sub(r"\s+", " ", value).strip()


def words(value: str, guess: str = "") -> str:
    """Return a field with its encoded words (`=?utf-8?q?…?=`) decoded; what can't be decoded stays as it is."""
    if "=?" not in value:
        return " ".join(value.split())
    pieces: list[str] = []
    pending, pending_charset, last_end = b"", "", 0
    for match in _ENCODED_WORD.finditer(value):
        charset, data = match[1].lower(), _bytes_of(match[2], match[3])
        if data is None:
            continue
        between = value[last_end : match.start()]
        if between.strip() or not last_end:
            pieces += [decoded(pending, pending_charset), between]
            pending = b""
        elif charset != pending_charset:
            pieces.append(decoded(pending, pending_charset))
            pending = b""
        pending, pending_charset, last_end = pending + data, charset, match.end()
    pieces += [decoded(pending, pending_charset), value[last_end:]]
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def _bytes_of(encoding: str, text: str) -> bytes | None:
    try:
        if encoding in "bB":
            return binascii.a2b_base64(text + "=" * (-len(text) % 4))
        return binascii.a2b_qp(text, header=True)
    except (binascii.Error, ValueError):
        return None


def addresses(value: str) -> tuple[str, ...]:
    """Return the addresses of a From, To or Cc field in lower case, names left out, each once."""
    if "@" not in value:
        return ()
    if match := _ONE_ADDRESS.fullmatch(value):  # most are
        return (emails.normal(match[1] or match[2]),)
    try:
        named = [address for _, address in getaddresses([value]) if _ADDRESS.fullmatch(address)]
    except RecursionError:  # comments within comments, a thousand deep
        named = []
    return tuple(dict.fromkeys(emails.normal(address) for address in named or _ADDRESS.findall(value)))


def mail_id(value: str) -> str:
    """Return a Message-ID without its angle brackets, empty when there is none."""
    match = _MAIL_ID.search(value)
    return (match[1] if match else value.replace(" ", ""))[:998]


def mail_ids(value: str) -> tuple[str, ...]:
    """Return the Message-IDs that a References field names, each once, the last first: that is what it answers."""
    return tuple(dict.fromkeys(reversed(_MAIL_ID.findall(value))))[:50]


def _iso_moment(value: str) -> datetime | None:
    """Return a moment written as "2026-10-05T10:12:00Z", as exports of databases have it."""
    try:
        at = datetime.fromisoformat(value.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment(value: str) -> datetime | None:
    """Return a Date field as an instant in UTC, None when it is missing, broken or outside the years of e-mail."""
    at: datetime | None
    try:
        value = _NAMED_ZONE.sub(lambda found: f"{found[1]} {_NAMED[found[2]]}", value)
        at = parsedate_to_datetime(_ZONE.sub(r" \1\2", value))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        at = _iso_moment(value)
    return at if at and 1980 <= at.year < 2200 else None
