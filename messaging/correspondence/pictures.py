"""Small pictures within the words of an e-mail: logos of signatures, icons, pixels that count readers. No evidence."""

from __future__ import annotations

import struct

_MOST_BYTES = 40_000
_MOST_PIXELS = 90_000
_LOWEST = 160


def is_small_picture(content: bytes) -> bool:
    """Whether the bytes are a picture of the size of a signature's; no photo of a parcel is that small."""
    size = _size(content) if len(content) <= _MOST_BYTES else None
    return size is not None and (size[0] * size[1] <= _MOST_PIXELS or min(size) <= _LOWEST)


def _size(content: bytes) -> tuple[int, int] | None:
    """Return width and height as the picture's own header says them, None for what is none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return struct.unpack_from(">II", content, 16)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return struct.unpack_from("<HH", content, 6)
    if content[:2] == b"BM" and len(content) >= 26:
        width, height = struct.unpack_from("<ii", content, 18)
        return abs(width), abs(height)
    return _jpeg_size(content) if content[:2] == b"\xff\xd8" else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        mark, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + length
    return None
