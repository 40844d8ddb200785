"""What is packed inside a winmail.dat: Outlook's own form of an e-mail (TNEF), its words and its files.

After MS-OXTNEF: a signature, then attributes of (level, id, length, data, checksum). Everything of use is in six of
them. Reads what it can and stops where the packet does; never raises.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from messaging.correspondence import rtf
from messaging.correspondence.charsets import decoded

SIGNATURE = b"\x78\x9f\x3e\x22"
NAMES = frozenset({"winmail.dat", "win.dat"})
KINDS = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MAX_DEPTH = 5
MAX_PROPERTIES = 2000

_BODY = 0x0002800C
_NEW_FILE = 0x00069002
_FILE_TITLE = 0x00018010
_FILE_DATA = 0x0006800F
_FILE_PROPERTIES = 0x00069005
_PROPERTIES = 0x00069003
_CODEPAGE = 0x00069007

_TEXT, _HTML, _RTF, _SUBJECT = 0x1000, 0x1013, 0x1009, 0x0037
_DATA, _SHORT_NAME, _LONG_NAME = 0x3701, 0x3704, 0x3707
_STRING8, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}


@dataclass
class TnefContent:
    """The words, as plain text or as HTML, and the files with the names they were given."""

    subject: str = ""
    text: str = ""
    html: str = ""
    rtf: bytes = field(default=b"", repr=False)
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.html.strip() or self.rtf or self.files)


def unpack(content: bytes, depth: int = 0) -> TnefContent | None:
    """Return what the packet holds as far as it can be read, or None when it is none."""
    if not content.startswith(SIGNATURE) or depth > MAX_DEPTH:
        return None
    packed, charset = TnefContent(), "cp1252"
    name, data, has_file = "", b"", False

    def close() -> None:
        nonlocal name, data, has_file
        if has_file:
            _add(packed, name, data, depth)
        name, data, has_file = "", b"", False

    for attribute, value in _attributes(content):
        if attribute == _CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _BODY:
            packed.text = packed.text or _string(value, charset)
        elif attribute == _NEW_FILE:
            close()
            has_file = True
        elif attribute == _FILE_TITLE:
            name, has_file = name or _string(value, charset), True
        elif attribute == _FILE_DATA:
            data, has_file = value, True
        elif attribute == _FILE_PROPERTIES:
            properties = dict(_properties(value, charset))
            given = properties.get(_LONG_NAME) or properties.get(_SHORT_NAME)
            name = given if isinstance(given, str) and given else name
            inner = properties.get(_DATA)
            data = inner if isinstance(inner, bytes) and inner and not data else data
            has_file = True
        elif attribute == _PROPERTIES:
            _take_words(packed, dict(_properties(value, charset)), charset)
    close()
    return packed


def _take_words(packed: TnefContent, properties: dict[int, str | bytes], charset: str) -> None:
    text, html, subject = properties.get(_TEXT), properties.get(_HTML), properties.get(_SUBJECT)
    packed.text = packed.text or (text if isinstance(text, str) else "")
    packed.html = packed.html or (_string(html, charset) if isinstance(html, bytes) else html or "")
    rich = properties.get(_RTF)
    packed.rtf = packed.rtf or (rich if isinstance(rich, bytes) else b"")
    packed.subject = packed.subject or (subject if isinstance(subject, str) else "")


def _add(packed: TnefContent, name: str, data: bytes, depth: int) -> None:
    """Add a file; an e-mail packed inside this one gives its words as a file, and its files."""
    inner = unpack(data[16:], depth + 1) if data[16:20] == SIGNATURE else None
    if inner is None:
        packed.files.append((name or "file", data))
        return
    if words := inner.text or inner.html or rtf.rtf_to_text(rtf.unpack(inner.rtf)):
        packed.files.append(((inner.subject or name or "e-mail") + ".txt", words.encode()))
    packed.files += inner.files


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(content):
        attribute, length = struct.unpack_from("<II", content, at + 1)
        if at + 9 + length > len(content):
            return
        yield attribute, content[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _properties(value: bytes, charset: str) -> Iterator[tuple[int, str | bytes]]:
    """Yield (id, value) of the texts and bytes among the properties."""
    try:
        (count,) = struct.unpack_from("<I", value)
        at = 4
        for _ in range(min(count, MAX_PROPERTIES)):
            kind, key = struct.unpack_from("<HH", value, at)
            at += 4
            if key >= 0x8000:
                at = _after_name(value, at)
            many, kind = bool(kind & 0x1000), kind & 0xEFFF
            times = 1
            if many or kind in (_STRING8, _UNICODE, _BINARY, _OBJECT):
                (times,) = struct.unpack_from("<I", value, at)
                at += 4
            if kind in _FIXED:
                at += _FIXED[kind] * times
                continue
            if kind not in (_STRING8, _UNICODE, _BINARY, _OBJECT) or times > MAX_PROPERTIES:
                return
            for _ in range(times):
                (length,) = struct.unpack_from("<I", value, at)
                data = value[at + 4 : at + 4 + length]
                at += 4 + length + -length % 4
                if kind == _STRING8:
                    yield key, _string(data, charset)
                elif kind == _UNICODE:
                    yield key, data.decode("utf-16-le", "replace").rstrip("\x00")
                else:
                    yield key, data
    except struct.error:
        return


def _after_name(value: bytes, at: int) -> int:
    """Return where the value of a named property begins: after its GUID and its number or name."""
    (kind,) = struct.unpack_from("<I", value, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", value, at + 20)
    return int(at + 24 + length + -length % 4)


def _string(data: bytes, charset: str) -> str:
    return decoded(data.rstrip(b"\x00"), charset)
