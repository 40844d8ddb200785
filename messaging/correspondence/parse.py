"""One old e-mail as what is said in it: who, when, about what, the words, the files. Plain functions; none raises."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from typing import Any

from messaging.correspondence import headers, tnef
from messaging.correspondence.causes import Cause
from messaging.correspondence.charsets import clean, decoded
from messaging.correspondence.html import html_to_text
from messaging.correspondence.quotes import split_quoted

MAX_PARTS = 1000
MAX_DEPTH = 50
MAX_TEXT = 200_000
_CUT = "\n\n[…]"
# Parts that say nothing themselves: signatures over the others, checked by mail programs.
_SILENT = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}


@dataclass(frozen=True)
class MailFile:
    """A file sent with an e-mail, under the name the e-mail gives it: not to be trusted, nor is any type."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """What one e-mail says. `sent_at` is in UTC, None when the e-mail has no date that can be read."""

    mail_id: str
    sent_at: datetime | None
    senders: tuple[str, ...]
    on_behalf: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    text: str
    quoted: str
    files: tuple[MailFile, ...]


@dataclass(frozen=True)
class UnparsableMail:
    """An e-mail that can't be taken apart; the original is kept all the same."""

    cause: Cause


class _ShortHeaders(Compat32):
    """Cuts header fields, of parts too: the standard library takes 15 seconds for a Content-Type of one megabyte."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: headers.LONGEST]

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """A field in raw bytes is read like any text: the standard library has only "�" for them, in file names."""
        return value if value.isascii() else decoded(value.encode("utf-8", "surrogateescape"))


_POLICY = _ShortHeaders()


class _TooMuch(Exception):
    def __init__(self, cause: Cause) -> None:
        self.cause = cause


def parse(content: bytes) -> Mail | UnparsableMail:
    """Return what the e-mail says, or UnparsableMail with its cause. `content` has LF line ends."""
    # After a byte order mark or an empty line the standard parser sees no fields at all: no writer, no date.
    content = content.removeprefix(BOM_UTF8).lstrip(b"\n")
    try:
        return _parsed(message_from_bytes(content, policy=_POLICY))
    except _TooMuch as error:
        return UnparsableMail(error.cause)
    except RecursionError:
        return UnparsableMail(Cause.NESTED_TOO_DEEP)
    except Exception:  # the standard parser has raised nearly anything on broken mail; one mail must not end an import
        return UnparsableMail(Cause.NOT_AN_EMAIL)


def _parsed(message: Message) -> Mail:
    walk = _Walk()
    said = walk.words_of(message, 0)
    text = clean(said if said.strip() else walk.packed)
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + _CUT
    own, quoted = split_quoted(text.strip("\n"))
    return Mail(
        mail_id=headers.mail_id(headers.field(message, "message-id")),
        sent_at=_sent_at(message),
        senders=headers.addresses(headers.field(message, "from")),
        on_behalf=headers.addresses(headers.field(message, "sender")),
        recipients=headers.addresses(", ".join(headers.field(message, name) for name in ("to", "cc"))),
        subject=headers.words(headers.field(message, "subject")),
        text=own,
        quoted=quoted,
        files=tuple(walk.files),
    )


def _sent_at(message: Message) -> datetime | None:
    """The Date field, else when the last server received it; never the mbox's own line, which tells of the export."""
    received = headers.field(message, "received").rpartition(";")[2]
    return headers.moment(headers.field(message, "date")) or headers.moment(received)


class _Walk:
    """Goes through the parts once, collecting files; the words are what it returns."""

    def __init__(self) -> None:
        self.files: list[MailFile] = []
        self.packed = ""
        """What the winmail.dat says: the same as the e-mail, so it counts only where the e-mail says nothing."""
        self._parts = 0

    def words_of(self, part: Message, depth: int) -> str:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _TooMuch(Cause.TOO_MANY_PARTS)
        if depth > MAX_DEPTH:
            raise _TooMuch(Cause.NESTED_TOO_DEEP)
        kind = part.get_content_type()
        if kind == "message/rfc822" and depth:
            self._add_mail(part)
            return ""
        if part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            if kind == "multipart/alternative":
                return self._best_of(children, depth + 1)
            return _joined(self.words_of(child, depth + 1) for child in children)
        if self._is_words(part, kind):
            words = decoded(_payload(part), _charset(part))
            return html_to_text(words) if kind == "text/html" else words
        if kind not in _SILENT:
            self._add_file(_file_name(part), kind, _payload(part))
        return ""

    def _add_file(self, name: str, kind: str, content: bytes) -> None:
        is_packet = kind in tnef.KINDS or name.lower() in tnef.NAMES
        packed = tnef.unpack(content) if is_packet else None
        if packed is None or packed.is_empty:
            self.files.append(MailFile(name, content))
            return
        self._parts += len(packed.files)
        if self._parts > MAX_PARTS:
            raise _TooMuch(Cause.TOO_MANY_PARTS)
        self.packed = self.packed or packed.text or html_to_text(packed.html)
        self.files += [MailFile(name, data) for name, data in packed.files]

    def _best_of(self, children: list[Message], depth: int) -> str:
        """Of one text in several forms, the plain one, unless it is empty; files in any form are collected."""
        said = [(child.get_content_type(), self.words_of(child, depth)) for child in children]
        plain = next((words for kind, words in said if kind == "text/plain" and words.strip()), "")
        return plain or next((words for _, words in reversed(said) if words.strip()), "")

    @staticmethod
    def _is_words(part: Message, kind: str) -> bool:
        if kind.startswith("multipart/"):
            return True  # it has no parts after all, so it is a text under a wrong name
        disposition = str(part.get("content-disposition", "")).partition(";")[0].strip().lower()
        return kind in {"text/plain", "text/html"} and disposition != "attachment" and not _given_name(part)

    def _add_mail(self, part: Message) -> None:
        inner = part.get_payload()
        inner = inner[0] if isinstance(inner, list) and inner else None
        if not isinstance(inner, Message):
            return
        try:
            content = inner.as_bytes()
        except (UnicodeError, LookupError, ValueError, AttributeError, KeyError):
            content = b""
        encoding = headers.field(part, "content-transfer-encoding").lower()
        if encoding == "base64" and not inner.keys():  # against the standard, and yet some programs pack it so
            inner["content-transfer-encoding"] = encoding
            content = _payload(inner)
            inner = message_from_bytes(content, policy=_POLICY)
        name = _given_name(part) or (headers.words(headers.field(inner, "subject")) or "e-mail") + ".eml"
        self.files.append(MailFile(name, content))


def _joined(texts: Iterator[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Message) -> str | None:
    try:
        charset = part.get_content_charset()
    except (UnicodeError, LookupError, ValueError):
        return None
    return charset if isinstance(charset, str) else None


def _given_name(part: Message) -> str:
    try:
        return headers.words(part.get_filename() or "")
    except (UnicodeError, LookupError, ValueError):
        return ""


def _file_name(part: Message) -> str:
    return _given_name(part) or f"file.{part.get_content_subtype()}"
