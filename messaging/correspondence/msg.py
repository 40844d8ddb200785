"""An Outlook message (.msg): a file system of its own in a file, read through olefile.

After MS-OXMSG: each property is a stream called by its id and type, dates and numbers lie together in one stream, and
each recipient and each attachment is a folder. Reads what is there; a broken one is None.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime, formataddr

import olefile

from messaging.correspondence import mime, rtf
from messaging.correspondence.charsets import clean, decoded

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
MAX_PARTS = 1000
_DEEPEST = 5
_TEXT, _TEXT8, _BYTES = "001F", "001E", "0102"
_DRAFT = 0x8


@dataclass
class OutlookMessage:
    """What the message says. `fields` are the header it came with, completed by what Outlook keeps beside it."""

    fields: Message
    text: str = ""
    html: str = ""
    is_draft: bool = False
    files: list[tuple[str, bytes, bool]] = field(default_factory=list)
    """Name, content, and whether it is shown within the words."""


class TooMuch(Exception):
    """More attachments or messages within messages than are taken apart."""


def is_msg(raw: bytes) -> bool:
    """Whether a file is one of those that Outlook messages are among."""
    return raw.startswith(SIGNATURE)


def read(raw: bytes) -> OutlookMessage | None:
    """Return what an Outlook message says; None where it is none or broken. Raises TooMuch."""
    try:
        with olefile.OleFileIO(io.BytesIO(raw)) as ole:
            return _message(ole, (), 0) if ole.exists("__properties_version1.0") else None
    except TooMuch:
        raise
    except Exception:  # whatever a broken one makes of the reader
        return None


def _message(ole: olefile.OleFileIO, folder: tuple[str, ...], depth: int) -> OutlookMessage:
    fixed = _fixed(ole, folder, 32 if not folder else 24)
    codepage = _number(fixed, 0x3FDE) or _number(fixed, 0x3FFD) or 1252
    charset = "utf-8" if codepage == 65001 else f"cp{codepage}"

    def text(key: str) -> str:
        wide = _stream(ole, folder, f"__substg1.0_{key}{_TEXT}")
        if wide is not None:
            return clean(wide.decode("utf-16-le", "replace").rstrip("\x00"))
        narrow = _stream(ole, folder, f"__substg1.0_{key}{_TEXT8}")
        return decoded(narrow.rstrip(b"\x00"), charset) if narrow is not None else ""

    def data(key: str) -> bytes:
        return _stream(ole, folder, f"__substg1.0_{key}{_BYTES}") or b""

    html = data("1013")
    found = OutlookMessage(
        fields=_fields(text, fixed, _recipients(ole, folder)),
        text=text("1000"),
        html=decoded(html, charset) if html else text("1013"),
        is_draft=bool((_number(fixed, 0x0E07) or 0) & _DRAFT),
    )
    if not found.text.strip() and not found.html.strip() and (packed := data("1009")):
        found.text = rtf.rtf_to_text(rtf.unpack(packed))
    for name in _folders(ole, folder, "__attach_version1.0_"):  # in the order of their numbers
        _attach(ole, (*folder, name), found, depth)
    return found


def _attach(ole: olefile.OleFileIO, folder: tuple[str, ...], found: OutlookMessage, depth: int) -> None:
    if len(found.files) >= MAX_PARTS:
        raise TooMuch

    def text(key: str) -> str:
        wide = _stream(ole, folder, f"__substg1.0_{key}{_TEXT}")
        narrow = _stream(ole, folder, f"__substg1.0_{key}{_TEXT8}") if wide is None else None
        said = wide.decode("utf-16-le", "replace") if wide is not None else decoded(narrow or b"")
        return clean(said.rstrip("\x00"))

    name = text("3707") or text("3704") or text("3001") or "file"
    content = _stream(ole, folder, f"__substg1.0_3701{_BYTES}")
    if content is not None:
        hidden = _number(_fixed(ole, folder, 8), 0x7FFE)
        found.files.append((name, content, bool(text("3712")) or bool(hidden)))
        return
    inner_folder = (*folder, "__substg1.0_3701000D")
    if ole.exists([*inner_folder, "__properties_version1.0"]):
        if depth >= _DEEPEST:
            raise TooMuch
        inner = _message(ole, inner_folder, depth + 1)
        subject = str(inner.fields.get("subject", "")) or name
        words = "\n".join(f"{key}: {value}" for key, value in inner.fields.items())
        said = inner.text if inner.text.strip() else inner.html
        found.files.append((f"{subject}.txt", f"{words}\n\n{said}".encode(), False))
        found.files += inner.files
        if len(found.files) > MAX_PARTS:
            raise TooMuch
    else:
        found.files.append((name, b"", False))  # a link or an object of an office program: named, nothing to take


def _fields(text: object, fixed: dict[int, bytes], recipients: dict[int, list[str]]) -> Message:
    assert callable(text)
    header = text("007D").encode("utf-8")
    fields = mime.read_part(header, mime.start_of(header), len(header)).fields
    known = {name.lower() for name, _value in fields.raw_items()}

    def add(name: str, value: str) -> None:
        if value and name.lower() not in known:
            fields.set_raw(name, " ".join(value.split()))

    address = next((one for one in (text(key) for key in ("5D02", "5D01", "0065", "0C1F")) if "@" in one), "")
    name = text("0042") or text("0C1A")
    add(
        "From",
        formataddr((name, address)) if address and name.isascii() else f"{name} <{address}>" if address else name,
    )
    acting = next((one for one in (text(key) for key in ("5D01", "0C1F")) if "@" in one), "")
    if acting and address and acting.lower() != address.lower():
        add("Sender", acting)
    add("To", ", ".join(recipients.get(1, [])) or text("0E04"))
    add("Cc", ", ".join(recipients.get(2, [])) or text("0E03"))
    add("Subject", text("0037"))
    add("Message-ID", text("1035"))
    add("In-Reply-To", text("1042"))
    add("References", text("1039"))
    sent, arrived = _moment(fixed, 0x0039), _moment(fixed, 0x0E06)
    if at := sent or arrived:
        add("Date", format_datetime(at))
    if arrived:
        add("Received", f"by mailbox; {format_datetime(arrived)}")
    kind = text("001A").lower()
    if kind.startswith("report."):
        add("Auto-Submitted", "auto-generated")
        add("X-Failed-Recipients", text("0E04") if ".ndr" in kind else "")
    elif "oof" in kind:
        add("Auto-Submitted", "auto-replied")
    return fields


def _recipients(ole: olefile.OleFileIO, folder: tuple[str, ...]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for name in _folders(ole, folder, "__recip_version1.0_")[:MAX_PARTS]:
        place = (*folder, name)
        for key in ("39FE", "3003"):
            wide = _stream(ole, place, f"__substg1.0_{key}{_TEXT}")
            narrow = _stream(ole, place, f"__substg1.0_{key}{_TEXT8}")
            address = wide.decode("utf-16-le", "replace") if wide is not None else decoded(narrow or b"")
            if "@" in address:
                kind = _number(_fixed(ole, place, 8), 0x0C15) or 1
                found.setdefault(kind, []).append(address.strip("\x00 "))
                break
    return found


def _folders(ole: olefile.OleFileIO, folder: tuple[str, ...], start: str) -> list[str]:
    entry = ole.root
    for name in folder:
        entry = next(kid for kid in entry.kids if kid.name == name)
    return sorted(kid.name for kid in entry.kids if kid.name.startswith(start))


def _stream(ole: olefile.OleFileIO, folder: tuple[str, ...], name: str) -> bytes | None:
    place = [*folder, name]
    if not ole.exists(place) or ole.get_type(place) != olefile.STGTY_STREAM:
        return None
    content = ole.openstream(place).read()
    return content if isinstance(content, bytes) else None


def _fixed(ole: olefile.OleFileIO, folder: tuple[str, ...], header: int) -> dict[int, bytes]:
    """Return the values that have a fixed length, by the id of their property."""
    content = _stream(ole, folder, "__properties_version1.0") or b""
    found = {}
    for at in range(header, len(content) - 15, 16):
        (tag,) = struct.unpack_from("<I", content, at)
        found[tag >> 16] = content[at + 8 : at + 16]
    return found


def _number(fixed: dict[int, bytes], key: int) -> int | None:
    return int.from_bytes(fixed[key][:4], "little") if key in fixed else None


def _moment(fixed: dict[int, bytes], key: int) -> datetime | None:
    ticks = int.from_bytes(fixed.get(key, b""), "little")
    if not ticks:
        return None
    try:
        return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
