"""An e-mail taken apart into its parts without copying it: headers as fields, bodies as places in its bytes.

The standard parser keeps an e-mail six times over (one of 20 MB took 412 MB) and changes line ends in binary parts.
Here a part is two numbers until its payload is asked for. What it forgives is forgiven too: a blank before a colon, no
closing boundary, no boundary at all, a header that ends without an empty line.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.policy import Compat32
from typing import Any

from messaging.correspondence import headers, uuencode
from messaging.correspondence.charsets import decoded
from messaging.correspondence.headers import Fields

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:")
_ENVELOPE = re.compile(rb">*From ")
_LONGEST_LINE = 4 * headers.LONGEST
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_ALL_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]++")
_UUENCODED = {"x-uuencode", "uuencode", "uue", "x-uue"}


class _ShortHeaders(Compat32):
    """A field in raw bytes is read like any text: the standard library has only "�" for them, in file names."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return value if value.isascii() else decoded(value.encode("utf-8", "surrogateescape"))


_POLICY = _ShortHeaders()


def readable(raw: bytes) -> bytes:
    """Return an e-mail as bytes whose lines end in LF or CRLF and whose fields are ASCII: mostly the very same object.

    One saved as UTF-16 becomes UTF-8; one whose lines end in CR alone, as on old Macs, gets LF.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode("utf-8", "replace")
    if raw.find(b"\n", 0, 65_536) < 0 <= raw.find(b"\r", 0, 65_536):
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def start_of(raw: bytes) -> int:
    """Return where an e-mail begins: after a byte order mark and lines of blanks."""
    at = 3 if raw.startswith(codecs.BOM_UTF8) else 0
    while at < len(raw) and raw[at] in b" \t\r\n":
        at += 1
    return at


@dataclass(slots=True)
class Part:
    """One part of an e-mail: its fields, and where its body is. `cut_off` is known once `split` has been gone through.

    `outside` are the places before the first and after the last part of a multipart, which no mail program shows.
    """

    fields: Message
    raw: bytes = field(repr=False)
    start: int
    end: int
    cut_off: bool = False
    outside: list[tuple[int, int]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.fields.get_content_type()

    @property
    def encoding(self) -> str:
        """How the body is written: "base64", "quoted-printable", "7bit" …; in lower case."""
        return headers.field(self.fields, "content-transfer-encoding").partition(";")[0].strip().lower()

    @property
    def body(self) -> memoryview:
        return memoryview(self.raw)[self.start : self.end]

    def payload(self) -> bytes:
        """Return the body decoded, byte for byte where it isn't encoded."""
        encoding = self.encoding
        if encoding == "base64":
            return base64_decoded(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding in _UUENCODED:
            unpacked = uuencode.extract(bytes(self.body).decode("latin-1"))[1]
            return unpacked[0][1] if unpacked else bytes(self.body)
        return bytes(self.body)

    def split(self) -> Iterator[Part]:
        """Yield the parts of a multipart, none where there is no boundary; then `cut_off` and `outside` are known."""
        boundary = _boundary(self.fields)
        if not boundary:
            return
        marker, raw = b"--" + boundary, self.raw
        default = "message/rfc822" if self.kind == "multipart/digest" else "text/plain"
        opened: int | None = None
        self.cut_off = True
        for at, after, closes in _boundary_lines(raw, marker, self.start, self.end):
            if opened is None:
                self.outside.append((self.start, at))
            else:
                yield read_part(raw, opened, _before_line_end(raw, opened, at), default)
            if closes:
                self.cut_off = False
                self.outside.append((after, self.end))
                return
            opened = after
        if opened is not None:
            yield read_part(raw, opened, self.end, default)


def _boundary(fields: Message) -> bytes:
    try:
        boundary = fields.get_boundary()
    except (UnicodeError, LookupError, ValueError):
        return b""
    return boundary.encode("utf-8", "surrogateescape") if boundary else b""


def _boundary_lines(raw: bytes, marker: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield of each boundary line where it begins, where the next line does, and whether it closes the multipart."""
    at = start if raw.startswith(marker, start, end) else -1
    looked = start
    while True:
        if at < 0:
            found = raw.find(b"\n" + marker, looked, end)
            if found < 0:
                return
            at = found + 1
        line_end = raw.find(b"\n", at + len(marker), end)
        after = end if line_end < 0 else line_end + 1
        rest = raw[at + len(marker) : min(after, at + len(marker) + 200)].strip(b" \t\r\n")
        if rest in (b"", b"--"):
            yield at, after, rest == b"--"
        looked, at = max(after - 1, at + 1), -1


def _before_line_end(raw: bytes, start: int, at: int) -> int:
    """Return where the part before a boundary line ends: the line end before the boundary belongs to the boundary."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
        if at > start and raw[at - 1 : at] == b"\r":
            at -= 1
    return at


def read_part(raw: bytes, start: int, end: int, default: str = "text/plain") -> Part:
    """Return the part between two places: its header is read, its body isn't touched."""
    fields = Fields(_POLICY)
    fields.set_default_type(default)
    found: list[list[str]] = []
    at = start
    while at < end:
        line_end = raw.find(b"\n", at, end)
        after = end if line_end < 0 else line_end + 1
        line = raw[at : min(after, at + _LONGEST_LINE)].rstrip(b"\r\n")
        if not line:
            at = after
            break
        if line[:1] in b" \t" and found:
            if len(found[-1][1]) < headers.LONGEST:
                found[-1][1] += "\n" + line.decode("ascii", "surrogateescape")
        elif match := _FIELD.match(line):
            found.append(
                [match[1].decode("ascii"), line[match.end() :].decode("ascii", "surrogateescape").lstrip(" \t")]
            )
        elif found or not _ENVELOPE.match(line):
            break
        at = after
    for name, value in found:
        fields.set_raw(name, value[: headers.LONGEST])
    return Part(fields, raw, at, end)


def base64_decoded(data: memoryview | bytes) -> bytes:
    """Return what base64 says, as far as it goes: a missing end, strange characters and several pieces are forgiven."""
    try:
        first = binascii.a2b_base64(data)
    except binascii.Error:
        clean = bytes(data).translate(None, _NOT_BASE64)
        clean = clean[: len(clean) - (len(clean) % 4 == 1)]
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
    # It stops at the first "=": some programs encode piece by piece, each with its own.
    if len(first) * 17 // 12 + 8 < len(data):  # four characters for three bytes, and line ends
        whole = bytes(data)
        padded = re.search(rb"=+", whole)
        if padded and whole[padded.end() :].strip() and _ALL_BASE64.fullmatch(whole, padded.end()):
            pieces = [piece.translate(None, _NOT_BASE64) for piece in re.split(rb"=+", whole)]
            if all(len(piece) % 4 != 1 for piece in pieces):
                return b"".join(binascii.a2b_base64(piece + b"=" * (-len(piece) % 4)) for piece in pieces)
    return first
