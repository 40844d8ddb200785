"""What Pillow doesn't tell of a PNG or JPEG, in the decoder process: whether all rows are there, and at which price."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO

from PIL import Image

from claims.files.limits import CantDecode

_MAX_SCANS = 100  # a progressive JPEG of a camera has about ten; each costs a pass over the whole picture
_START_OF_SCAN, _END_OF_PICTURE = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x00, 0x01, 0xD8, *range(0xD0, 0xD8)}
_CHUNK = 64 * 1024
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # PNG colour type → samples a pixel
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def check_scans(source: str) -> None:
    """Raise CantDecode for a JPEG of very many scans."""
    with open(source, "rb") as file:
        if _scans(file) > _MAX_SCANS:
            raise CantDecode("BROKEN")


def check_png(picture: Image.Image, source: str) -> None:
    """Raise CantDecode unless all chunks of the opened PNG are whole and its data gives every row it promises."""
    picture.verify()
    with open(source, "rb") as file:
        if not _rows_are_there(file):
            raise CantDecode("BROKEN")


def _scans(file: IO[bytes]) -> int:
    """Count the scans of the first picture of a JPEG: up to its end, and not those of the thumbnails in its segments.

    Phones put a film behind the picture ("motion photo"), whose bytes mean nothing here.
    """
    data = file.read()
    at, count = 2, 0
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        mark = data[at + 1]
        if mark == _END_OF_PICTURE:
            break
        if mark == 0xFF or mark in _WITHOUT_LENGTH:  # fill bytes; restarts, and what only stands for the byte itself
            at += 1 if mark == 0xFF else 2
            continue
        count += mark == _START_OF_SCAN
        if count > _MAX_SCANS:
            break
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return count


def _rows_are_there(file: IO[bytes]) -> bool:
    """Whether the compressed data of a PNG unpacks to the bytes its header asks for; they are counted, never kept."""
    if file.read(8) != b"\x89PNG\r\n\x1a\n":
        return False
    expected, unpacked, unpacker = 0, 0, zlib.decompressobj()
    for kind, piece in _chunks(file):
        if kind == b"IHDR":
            expected = _promised_bytes(piece)
        elif kind == b"IDAT":
            while piece and not unpacker.eof:
                unpacked += len(unpacker.decompress(piece, _CHUNK))
                piece = unpacker.unconsumed_tail
                if unpacked >= expected > 0:
                    return True
    return False


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while len(start := file.read(8)) == 8:
        left, kind = int.from_bytes(start[:4], "big"), start[4:]
        while left and (piece := file.read(min(left, _CHUNK))):
            left -= len(piece)
            if kind in (b"IHDR", b"IDAT"):
                yield kind, piece
        file.read(4)
        if left or kind == b"IEND":
            return


def _promised_bytes(header: bytes) -> int:
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * _CHANNELS.get(header[9], 4)
    if not header[12]:
        return height * (1 + (width * bits + 7) // 8)
    total = 0
    for x, y, step_x, step_y in _ADAM7:
        columns, rows = (width - x + step_x - 1) // step_x, (height - y + step_y - 1) // step_y
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total
