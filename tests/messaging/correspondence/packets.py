"""winmail.dat as Outlook packs it: TNEF written attribute by attribute, after MS-OXTNEF."""

from __future__ import annotations

import struct

CODEPAGE, BODY, MESSAGE = 0x00069007, 0x0002800C, 0x00069003
RENDERED, TITLE, DATA, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
GUID = bytes(range(16))


def packet(*attributes: tuple[int, bytes]) -> bytes:
    """A packet of (id, value) attributes, each with its level, length and checksum."""
    out = b"\x78\x9f\x3e\x22" + b"\x01\x00"
    for key, value in attributes:
        level = 2 if key in (RENDERED, TITLE, DATA, PROPERTIES) else 1
        out += bytes([level]) + struct.pack("<II", key, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return out


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """Properties of (type, id, value): strings and bytes counted and padded, named ones with their GUID and name."""
    out = struct.pack("<I", len(values))
    for kind, key, value in values:
        out += struct.pack("<HH", kind, key)
        if key >= 0x8000:
            out += GUID + struct.pack("<II", 0, 0x8517)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += struct.pack("<II", 1, len(value)) + value + b"\x00" * (-len(value) % 4)
        else:
            out += value
    return out


def file(name: str, content: bytes, long_name: str = "") -> tuple[tuple[int, bytes], ...]:
    """The attributes of one file: its short name in the code page, and its long one as a property."""
    known = [(0x03, 0x3705, struct.pack("<I", 1)), (0x02, 0x8001, b"\x01\x00\x00\x00")]
    if long_name:
        known.append((0x1F, 0x3707, long_name.encode("utf-16-le") + b"\x00\x00"))
    return (
        (RENDERED, b"\x01\x00" + b"\xff" * 4 + b"\x20\x00\x20\x00" + b"\x00" * 4),
        (TITLE, name.encode("cp1252") + b"\x00"),
        (DATA, content),
        (PROPERTIES, properties(*known)),
    )
