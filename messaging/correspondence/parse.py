"""One old e-mail as what is said in it: who, when, about what, the words, the files. Plain functions; none raises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message

from messaging.correspondence import (
    automatic,
    cms,
    flowed,
    header_blocks,
    headers,
    html,
    mime,
    msg,
    rtf,
    tnef,
    unsent,
    uuencode,
)
from messaging.correspondence.automatic import Nature
from messaging.correspondence.causes import Cause, KeptBack
from messaging.correspondence.charsets import clean, decoded
from messaging.correspondence.pictures import is_small_picture
from messaging.correspondence.quotes import split_quoted
from messaging.correspondence.unsent import Unsent

MAX_PARTS = 1000
MAX_DEPTH = 50
MAX_TEXT = 200_000
_CUT = "\n\n[…]"
# Parts that say nothing themselves: signatures over the others, checked by mail programs; words again for watches.
_SILENT = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/applefile",
    "text/x-amp-html",
    "text/watch-html",
}
_SIGNED_OR_LOCKED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_REPORTS = {"message/delivery-status", "message/disposition-notification", "message/feedback-report"}
_TEXT_FILES = {
    "text/calendar",
    "text/csv",
    "text/directory",
    "text/rtf",
    "text/vcard",
    "text/x-vcard",
    "text/x-moz-deleted",
    "text/xml",
    "text/tab-separated-values",
}
_RICH_TEXT = {"text/rtf", "application/rtf", "text/richtext-format"}
_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.I
)
_CONTENT_ID = re.compile(r"cid:([^\"'\s>)]{1,200})", re.I)
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
_ADDRESS = re.compile(r"<?\b(?:https?://|www\.|mailto:)\S+")
_ENCODED_CHARSET = re.compile(r"=\?([A-Za-z0-9_.:-]{2,40})[?*]")
_VIA = re.compile(r"\bvia\b|\büber\b|\bper conto di\b|\btramite\b|\bprzez\b|\bmediante\b|経由", re.I)
_FEW_WORDS = 3
_COMPARED = 100_000


@dataclass(frozen=True)
class MailFile:
    """A file sent with an e-mail, under the name the e-mail gives it: not to be trusted, nor is any type."""

    name: str
    content: bytes = field(repr=False)
    kept_back: KeptBack | None = None
    """Why it is no evidence, whatever it is; None for a file like any other."""


@dataclass(frozen=True)
class Mail:
    """What one e-mail says. `sent_at` is in UTC, None when the e-mail has no date that can be read.

    `received_at` is when the last server had it. `senders` are of its From field, which a mailing list may have
    rewritten: then `rewritten` is set, and `original_senders` are who wrote to the list, where that is said; else
    `reply_to` may tell.
    `nameless` is one of Outlook that has its writer by no address, only by a name.
    `several` is whether there is a second e-mail in its text; `bounced` the addresses that a delivery report names.
    """

    mail_id: str
    sent_at: datetime | None
    senders: tuple[str, ...]
    on_behalf: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    text: str
    quoted: str
    files: tuple[MailFile, ...]
    received_at: datetime | None = None
    written_by: str = field(default="", compare=False)
    original_senders: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    rewritten: bool = False
    lists: tuple[str, ...] = ()
    nature: Nature = Nature.MAIL
    references: tuple[str, ...] = ()
    unsent: Unsent | None = None
    several: bool = False
    cut_off: bool = False
    bounced: tuple[str, ...] = ()
    bounced_from: tuple[str, ...] = ()
    nameless: bool = False


@dataclass(frozen=True)
class UnparsableMail:
    """An e-mail that can't be taken apart; the original is kept all the same."""

    cause: Cause


class _TooMuch(Exception):
    def __init__(self, cause: Cause) -> None:
        self.cause = cause


def parse(content: bytes) -> Mail | UnparsableMail:
    """Return what the e-mail says, or UnparsableMail with its cause. Of Outlook's .msg too, told by its first bytes."""
    try:
        return _of_outlook(content) if msg.is_msg(content) else _parsed(mime.readable(content))
    except _TooMuch as error:
        return UnparsableMail(error.cause)
    except msg.TooMuch:
        return UnparsableMail(Cause.TOO_MANY_PARTS)
    except RecursionError:
        return UnparsableMail(Cause.NESTED_TOO_DEEP)
    except Exception:  # one mail must not end an import, whatever it has that no program foresaw
        return UnparsableMail(Cause.NOT_AN_EMAIL)


def _parsed(raw: bytes) -> Mail:
    part = mime.read_part(raw, mime.start_of(raw), len(raw))
    walk = _Walk(_guess(part.fields))
    said = walk.words_of(part, 0)
    return _mail(part.fields, walk, said)


def _of_outlook(raw: bytes) -> Mail | UnparsableMail:
    found = msg.read(raw)
    if found is None:
        return UnparsableMail(Cause.BROKEN_MSG)
    walk = _Walk("")
    for said in (found.text, found.html):
        walk.look_for_another(said.encode())
    rich = clean(html.html_to_text(found.html)) if found.html else ""
    said = _chosen(found.text, rich)
    for name, content, in_words in found.files:
        walk.add_file(name, "", content, in_words=in_words)
    mail = _mail(found.fields, walk, said, draft=found.is_draft)
    return replace(mail, nameless=not mail.senders)


def _mail(fields: Message, walk: _Walk, said: str, *, draft: bool = False) -> Mail:
    nature = automatic.nature(fields)
    text = walk.said(said)
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + _CUT
    own, quoted = split_quoted(text.strip("\n"))
    if walk.returned:
        quoted = "\n\n".join(part for part in (quoted, walk.returned) if part)
    senders = headers.addresses(headers.field(fields, "from"))
    lists = automatic.lists(fields)
    original = _original_senders(fields)
    named = headers.words(headers.field(fields, "from"), walk.guess)
    return Mail(
        mail_id=headers.mail_id(headers.field(fields, "message-id")),
        sent_at=headers.moment(headers.field(fields, "date")) or _received_at(fields),
        senders=senders,
        on_behalf=headers.addresses(headers.field(fields, "sender")),
        recipients=headers.addresses(", ".join(headers.field(fields, name) for name in ("to", "cc"))),
        subject=headers.words(headers.field(fields, "subject"), walk.guess),
        text=own,
        quoted=quoted,
        files=tuple(walk.files),
        received_at=_received_at(fields),
        written_by=named[:200],
        original_senders=original,
        reply_to=headers.addresses(headers.field(fields, "reply-to")),
        rewritten=bool(_VIA.search(named.partition("<")[0]) or (original and set(senders) & set(lists))),
        lists=lists,
        nature=nature,
        references=headers.mail_ids(
            " ".join(headers.field(fields, name) for name in ("in-reply-to", "references", "thread-references"))
        ),
        unsent=Unsent.DRAFT if draft else unsent.by_header(fields),
        several=walk.several,
        cut_off=walk.cut_off,
        bounced=tuple(dict.fromkeys(walk.bounced)),
        bounced_from=walk.bounced_from,
    )


def _received_at(fields: Message) -> datetime | None:
    """When the last server received it, as far as one says; never the mbox's own line, which tells of the export."""
    for value in headers.all_fields(fields, "received")[:3]:
        if at := headers.moment(value.rpartition(";")[2]):
            return at
    return headers.moment(headers.field(fields, "delivery-date"))


def _original_senders(fields: Message) -> tuple[str, ...]:
    """Who wrote an e-mail whose From field a list has rewritten, as the list says it."""
    for name in ("x-original-from", "x-original-sender", "x-google-original-from"):
        found = headers.addresses(headers.field(fields, name))
        if len(found) == 1:
            return found
    return ()


def _guess(fields: Message) -> str:
    """The charset the e-mail is written in where a part doesn't say: that of its subject or sender."""
    for name in ("subject", "from", "to"):
        if "=?" in headers.field(fields, name) and (match := _ENCODED_CHARSET.search(headers.field(fields, name))):
            return match[1]
    return ""


class _Walk:
    """Goes through the parts once, collecting files; the words are what it returns."""

    def __init__(self, guess: str) -> None:
        self.guess = guess
        self.files: list[MailFile] = []
        self.packed = ""
        """What the winmail.dat says: the same as the e-mail, so it counts only where the e-mail says nothing."""
        self.returned = ""
        """Of an e-mail that came back: whom it was to and what about."""
        self.several = self.cut_off = False
        self.bounced: list[str] = []
        self.bounced_from: tuple[str, ...] = ()
        self._named: list[tuple[MailFile, str]] = []
        self._rich = ""
        self._content_ids: set[str] = set()
        self._pictures: dict[int, str] = {}
        self._parts = 0

    def said(self, words: str) -> str:
        """Return the words, after the last part: those under a name or packed where nothing else is said."""
        self._sort_pictures()
        if words.strip():
            return words
        if self._named:
            file, text = self._named[0]
            self.files.remove(file)
            return clean(text)
        return clean(self.packed or self._rich)

    def _sort_pictures(self) -> None:
        for number, content_id in self._pictures.items():
            file = self.files[number]
            if content_id in self._content_ids and is_small_picture(file.content):
                self.files[number] = MailFile(file.name, file.content, KeptBack.PART_OF_THE_WORDS)

    def words_of(self, part: mime.Part, depth: int, *, in_report: bool = False, locked: bool = False) -> str:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _TooMuch(Cause.TOO_MANY_PARTS)
        if depth > MAX_DEPTH:
            raise _TooMuch(Cause.NESTED_TOO_DEEP)
        kind = part.kind
        if kind == "message/rfc822":
            self._add_mail(part, in_report=in_report)
            return ""
        if kind.startswith("multipart/"):
            said, count = self._words_of_parts(part, kind, depth)
            if count:
                return said
            self.cut_off = self.cut_off or bool(part.fields.get_boundary())
        if kind in _REPORTS or kind == "text/rfc822-headers":
            self._add_report(part, kind)
            return ""
        if kind in _SIGNED_OR_LOCKED:
            return self._opened(part, kind, depth)
        if self._is_words(part, kind):
            return self._text_of(part, kind)
        if kind not in _SILENT:
            self._add_part(part, kind, locked=locked)
        return ""

    def _words_of_parts(self, part: mime.Part, kind: str, depth: int) -> tuple[str, int]:
        said: list[tuple[str, str]] = []
        last: mime.Part | None = None
        for child in part.split():
            last = child
            if kind == "multipart/encrypted" and child.kind == "application/pgp-encrypted":
                said.append((child.kind, ""))
                continue
            words = self.words_of(
                child, depth + 1, in_report=kind == "multipart/report", locked=kind == "multipart/encrypted"
            )
            said.append((child.kind, words))
        self.cut_off = self.cut_off or (part.cut_off and bool(said))
        for start, end in part.outside:
            self.look_for_another(part.raw, start, end)
        if part.cut_off and last is not None:
            self.look_for_another(part.raw, last.start, last.end)
        if kind == "multipart/alternative":
            return self._best_of(said), len(said)
        return "\n\n".join(words.strip("\n") for _, words in said if words.strip()), len(said)

    def look_for_another(self, raw: bytes, start: int = 0, end: int | None = None) -> None:
        """Note where there is the header of a second e-mail."""
        self.several = self.several or header_blocks.find(raw, start, end) >= 0

    def _text_of(self, part: mime.Part, kind: str) -> str:
        self.look_for_another(part.raw, part.start, part.end)
        data = part.payload()
        if part.encoding in ("base64", "quoted-printable"):
            self.look_for_another(data)
        charset = _charset(part.fields)
        if kind == "text/html":
            if charset in ("", "us-ascii") and (match := _META_CHARSET.search(data, 0, 4096)):
                charset = match[1].decode("ascii", "replace")
            page = decoded(data, charset, self.guess)
            self._content_ids.update(_CONTENT_ID.findall(page))
            return clean(html.html_to_text(page))
        words, files = uuencode.extract(decoded(data, charset, self.guess))
        for name, content in files:
            self.add_file(name, "", content)
        words = words[: 2 * MAX_TEXT]  # what comes after isn't kept, and each step would make a copy of it
        if str(part.fields.get_param("format") or "").lower() == "flowed":
            words = flowed.unfold(words, delete_blank=str(part.fields.get_param("delsp") or "").lower() == "yes")
        if kind in ("text/enriched", "text/richtext"):
            words = re.sub(r"</?[a-zA-Z]{1,40}>", "", words)
        return _without_pgp(words) if _PGP_SIGNED in words else words

    def _best_of(self, said: list[tuple[str, str]]) -> str:
        """Of one text in several forms, the plain one, unless it only stands for the other."""
        plain = next((words for kind, words in said if kind == "text/plain" and words.strip()), "")
        rich = next((words for kind, words in reversed(said) if kind != "text/plain" and words.strip()), "")
        return _chosen(plain, rich)

    def _is_words(self, part: mime.Part, kind: str) -> bool:
        if kind.startswith("multipart/"):
            return True  # it has no parts after all, so it is a text under a wrong name
        if not kind.startswith("text/") or kind in _TEXT_FILES or kind in _SILENT:
            return False
        return _disposition(part) != "attachment" and not _given_name(part.fields)

    def _add_part(self, part: mime.Part, kind: str, *, locked: bool) -> None:
        name, content = _file_name(part.fields), part.payload()
        if locked:
            self.files.append(MailFile(name, content, KeptBack.ENCRYPTED))
            return
        content_id = headers.field(part.fields, "content-id").strip("<>")
        self.add_file(name, kind, content)
        if content_id and self.files and self.files[-1].content is content:
            self._pictures[len(self.files) - 1] = content_id
        if _disposition(part) == "attachment" or not self.files:
            return
        if kind in ("text/plain", "text/html"):
            text = decoded(content, _charset(part.fields), self.guess)
            self._named.append((self.files[-1], html.html_to_text(text) if kind == "text/html" else text))
            self.look_for_another(content)
        elif kind in _RICH_TEXT:
            self._rich = self._rich or rtf.rtf_to_text(content)

    def add_file(self, name: str, kind: str, content: bytes, *, in_words: bool = False) -> None:
        """Take a file; of a winmail.dat what is packed in it."""
        is_packet = kind in tnef.KINDS or name.lower() in tnef.NAMES
        packed = tnef.unpack(content) if is_packet else None
        if packed is None or packed.is_empty:
            kept_back = KeptBack.PART_OF_THE_WORDS if in_words and is_small_picture(content) else None
            self.files.append(MailFile(name, content, kept_back))
            return
        self._parts += len(packed.files)
        if self._parts > MAX_PARTS:
            raise _TooMuch(Cause.TOO_MANY_PARTS)
        said = packed.text or html.html_to_text(packed.html) or rtf.rtf_to_text(rtf.unpack(packed.rtf))
        self.look_for_another(said.encode())
        self.packed = self.packed or said
        self.files += [MailFile(name, data) for name, data in packed.files]

    def _opened(self, part: mime.Part, kind: str, depth: int) -> str:
        """Return what an S/MIME part says that is signed; one that is encrypted stays as it is."""
        content = part.payload()
        inner = cms.signed_content(content)
        if inner is None:
            self.files.append(MailFile(_given_name(part.fields) or "smime.p7m", content, KeptBack.ENCRYPTED))
            return ""
        return self.words_of(mime.read_part(inner, mime.start_of(inner), len(inner)), depth + 1)

    def _add_mail(self, part: mime.Part, *, in_report: bool) -> None:
        content = part.payload()
        if part.encoding == "base64" and mime.read_part(part.raw, part.start, part.end).fields.keys():
            content = bytes(part.body)  # it says base64 and isn't
        inner = mime.read_part(content, mime.start_of(content), len(content)).fields
        if in_report:
            self._note_returned(inner)
        name = _given_name(part.fields) or (headers.words(headers.field(inner, "subject")) or "e-mail") + ".eml"
        self.files.append(MailFile(name, content))

    def _add_report(self, part: mime.Part, kind: str) -> None:
        content = part.payload()
        if kind == "text/rfc822-headers":
            self._note_returned(mime.read_part(content, mime.start_of(content), len(content)).fields)
            return
        if kind != "message/delivery-status":
            return
        text = decoded(content)
        for block in text.split("\n\n"):
            if re.search(r"(?im)^action[ \t]*:[ \t]*failed", block):
                named = re.search(r"(?im)^(?:original|final)-recipient[ \t]*:[^;\n]{0,40};(.{1,300})$", block)
                self.bounced += headers.addresses(named[1]) if named else ()

    def _note_returned(self, fields: Message) -> None:
        self.bounced_from = self.bounced_from or headers.addresses(headers.field(fields, "from"))
        lines = [
            f"{name.title()}: {headers.words(value)}"
            for name in ("from", "to", "date", "subject")
            if (value := headers.field(fields, name))
        ]
        self.returned = self.returned or "\n".join(lines)


def _chosen(plain: str, rich: str) -> str:
    """Return the plain words, or the rich ones where the plain only stand in for them ("please use a program that …").

    Where they say different things and the plain ones are longer, both: nothing that was said is left out.
    """
    if not plain.strip() or not rich.strip():
        return plain if plain.strip() else rich
    if plain == rich:
        return plain
    wanted = set(_WORD.findall(_ADDRESS.sub("", rich[:_COMPARED]).lower()))
    if len(wanted) < _FEW_WORDS:
        return plain
    there = set(_WORD.findall(_ADDRESS.sub("", plain[:_COMPARED]).lower()))
    if len(wanted & there) * 2 >= len(wanted):
        return plain
    is_stub = len(there) <= 2 * len(wanted) or "html" in there
    return rich if is_stub else f"{plain.rstrip()}\n\n{rich}"


_PGP_SIGNED, _PGP_SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE-----\n", "\n-----BEGIN PGP SIGNATURE-----"
_PGP_END = "-----END PGP SIGNATURE-----"


def _without_pgp(words: str) -> str:
    """Return words that were signed in the text itself without the signature around them; others as they are."""
    start = words.find(_PGP_SIGNED)
    begins = words.find("\n\n", start + len(_PGP_SIGNED) - 1)
    ends = words.find(_PGP_SIGNATURE, begins)
    after = words.find(_PGP_END, ends)
    if min(start, begins, ends, after) < 0:
        return words
    said = re.sub(r"(?m)^- ", "", words[begins + 2 : ends])
    return words[:start] + said + words[after + len(_PGP_END) :]


def _charset(fields: Message) -> str:
    try:
        charset = fields.get_content_charset()
    except (UnicodeError, LookupError, ValueError):
        return ""
    return charset if isinstance(charset, str) else ""


def _disposition(part: mime.Part) -> str:
    return str(part.fields.get("content-disposition", "")).partition(";")[0].strip().lower()


def _given_name(fields: Message) -> str:
    try:
        return headers.words(fields.get_filename() or "")
    except (UnicodeError, LookupError, ValueError):
        return ""


def _file_name(fields: Message) -> str:
    return _given_name(fields) or f"file.{fields.get_content_subtype()}"
