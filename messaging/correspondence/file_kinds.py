"""What a file is that may or may not hold e-mails, by its first bytes; and why one that holds none isn't read."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from pathlib import PurePath

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.correspondence import mbox, mime, msg

HEAD = 64 * 1024
"""How many first bytes of a file are looked at."""


class FileKind(StrEnum):
    """The forms in which e-mails lie about."""

    MBOX = "MBOX"
    MAIL = "MAIL"
    EMLX = "EMLX"
    MSG = "MSG"
    GZIP = "GZIP"
    BZIP2 = "BZIP2"
    XZ = "XZ"
    ZIP = "ZIP"
    TAR = "TAR"


class NotRead(StrEnum):
    """Why a file is not looked into for e-mails. One code has one sentence."""

    PST = "PST"
    OLM = "OLM"
    DBX = "DBX"
    OTHER_ARCHIVE = "OTHER_ARCHIVE"
    LOCKED_ARCHIVE = "LOCKED_ARCHIVE"
    BROKEN_ARCHIVE = "BROKEN_ARCHIVE"
    TOO_DEEP = "TOO_DEEP"
    TOO_LARGE_UNPACKED = "TOO_LARGE_UNPACKED"
    INDEX = "INDEX"
    DATABASE = "DATABASE"
    WEB_PAGE = "WEB_PAGE"
    OFFICE = "OFFICE"
    NOT_DELIVERED = "NOT_DELIVERED"
    NO_FILE = "NO_FILE"
    NO_ACCESS = "NO_ACCESS"
    EMPTY = "EMPTY"
    NO_MAIL = "NO_MAIL"


NOT_READ: dict[NotRead, str | Promise] = {
    NotRead.PST: _(
        "an Outlook data file. Convert it with `readpst -e -o mails FILE` (package pst-utils) and import the folder it "
        "makes, or open it in Outlook, drag the e-mails to a folder of Windows and import the .msg files."
    ),
    NotRead.OLM: _("an archive of Outlook for Mac. Drag the folder out of Outlook and import the .mbox it makes."),
    NotRead.DBX: _("a folder of Outlook Express. Import it into Thunderbird and import the file Thunderbird keeps."),
    NotRead.OTHER_ARCHIVE: _("a packed archive of a kind that isn't opened here. Unpack it and import the folder."),
    NotRead.LOCKED_ARCHIVE: _("it is locked by a password. Unpack it and import the folder."),
    NotRead.BROKEN_ARCHIVE: _("the archive is broken or cut off. What came before was read."),
    NotRead.TOO_DEEP: _("an archive in an archive in an archive. Unpack it and import the folder."),
    NotRead.TOO_LARGE_UNPACKED: _("it unpacks to far more than an archive of e-mails does. What came before was read."),
    NotRead.INDEX: _("an index or the settings of a mail program: no e-mail is in it."),
    NotRead.DATABASE: _("a database of a program. Export the e-mails from the program as .eml or mbox."),
    NotRead.WEB_PAGE: _("a saved web page, not an e-mail. Save the e-mail itself as .eml."),
    NotRead.OFFICE: _("a document of an office program, not an e-mail."),
    NotRead.NOT_DELIVERED: _("it was not yet delivered when the mailbox was copied (`tmp` of a Maildir)."),
    NotRead.NO_FILE: _("not a file."),
    NotRead.NO_ACCESS: _("it can't be read: no permission, or the disk fails."),
    NotRead.EMPTY: _("it is empty."),
    NotRead.NO_MAIL: _("it isn't an e-mail, a mailbox or an archive of them."),
}

_INDEXES = {".msf", ".cmeta", ".ibex", ".index", ".toc", ".idx", ".dat", ".plist", ".lock", ".ini", ".db"}
_INDEX_NAMES = re.compile(
    r"dovecot|subscriptions$|maildirfolder$|maildirsize$|courierimap|\.ds_store$|thumbs\.db$|\.mh_sequences$"
)
_OFFICE_NAMES = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")
_SAVED_PAGE = re.compile(rb"^(?:From: *<?Saved by |Snapshot-Content-Location:)", re.I | re.M)
_EMLX = re.compile(rb"[0-9]{1,10}[ \t]*\r?\n")
_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]+[ \t]*:")
_STARTS_OF_MAIL = {
    "from", "to", "date", "subject", "received", "message-id", "return-path", "delivered-to", "mime-version",
    "sender", "content-type", "reply-to", "cc", "x-gm-thrid", "x-mozilla-status", "dkim-signature",
    "envelope-to", "x-original-to",
}  # fmt: skip


def file_kind(head: bytes, name: str) -> FileKind | NotRead:
    """Return in which form a file holds e-mails, or why it holds none, by its first bytes; its name helps to say it."""
    suffix = PurePath(name).suffix.lower()
    if packed := _packed(head, suffix):
        return packed
    if msg.is_msg(head):
        return FileKind.MSG if suffix in (".msg", ".oft") or b"_\x00_\x00p\x00r\x00o\x00p" in head else NotRead.OFFICE
    text = mime.readable(head)
    at = mime.start_of(text)
    if at >= len(text):
        return NotRead.EMPTY
    if mbox.begins_as_mbox(text[at : at + 10]):
        return FileKind.MBOX
    if suffix in (".mht", ".mhtml") or _SAVED_PAGE.search(text, 0, 2000):
        return NotRead.WEB_PAGE
    if (match := _EMLX.match(text, at)) and _is_mail(text, match.end()):
        return FileKind.EMLX
    if _is_mail(text, at):
        return FileKind.MAIL
    if suffix in _INDEXES or _INDEX_NAMES.search(name.lower()) or text.startswith(b"// <!-- <mdb:mork"):
        return NotRead.INDEX
    return NotRead.NO_MAIL


def _packed(head: bytes, suffix: str) -> FileKind | NotRead | None:
    if head.startswith(b"!BDN") or suffix in (".pst", ".ost"):
        return NotRead.PST
    if head.startswith(bytes.fromhex("cfad12fe")):
        return NotRead.DBX
    if head.startswith(b"\x1f\x8b"):
        return FileKind.GZIP
    if head.startswith(b"BZh"):
        return FileKind.BZIP2
    if head.startswith(b"\xfd7zXZ\x00"):
        return FileKind.XZ
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if suffix == ".olm":
            return NotRead.OLM
        return NotRead.OFFICE if any(name in head[:400] for name in _OFFICE_NAMES) else FileKind.ZIP
    if head[257:262] == b"ustar":
        return FileKind.TAR
    if head.startswith((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"MSCF", b"\x28\xb5\x2f\xfd")):
        return NotRead.OTHER_ARCHIVE
    return NotRead.DATABASE if head.startswith(b"SQLite format 3") else None


def _is_mail(text: bytes, at: int) -> bool:
    """Whether the header of an e-mail begins there: two of the usual fields, and nothing else before them."""
    fields = mime.read_part(text, at, len(text)).fields
    names = {name.lower() for name, _value in fields.raw_items()}
    return len(names & _STARTS_OF_MAIL) >= 2


def may_be_mail(raw: bytes) -> bool:
    """Whether it begins with a field at least, which is asked of what is called an e-mail by its name."""
    if msg.is_msg(raw):
        return True
    text = mime.readable(raw[:HEAD])
    at = mime.start_of(text)
    line, _newline, rest = text[at : at + 2048].partition(b"\n")
    return bool(_FIELD.match(line) or (line.startswith((b"From ", b">From ")) and _FIELD.match(rest)))


def is_utf16(head: bytes) -> bool:
    """Whether a file is UTF-16, by its mark."""
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
