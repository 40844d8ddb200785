"""Pictures are opened here, never trusted: under a pixel limit and without holding all pixels in memory."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from typing import IO

from PIL import Image, ImageFile

from claims.attachments.apart import broken, check_apart, too_many_pixels
from claims.attachments.workshop import MAX_PIXELS

_MAX_SCANS = 100  # a progressive JPEG of a camera has about ten; each costs a pass over the whole picture
_CHUNK = 64 * 1024
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SEQUENTIAL = {0xC0, 0xC1}
_START_OF_SCAN = 0xDA
# Tables, comments and what programs write beside the picture.
_PLAIN_MARKS = {0xC4, 0xCC, _START_OF_SCAN, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # PNG colour type → samples a pixel
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def check_jpeg(file: IO[bytes], name: str) -> None:
    """Raise FileNotAccepted unless all of the JPEG decodes: at an eighth of its size, in 1/64 of the memory.

    Of one that can't be decoded row by row all coefficients are held at once, whatever the size asked for: that is done
    apart.
    """
    if _scans(file) > _MAX_SCANS:
        raise broken(name, "JPEG")
    if not _decodes_row_by_row(file):
        _check_jpeg_apart(file, name)
        return
    picture = _opened(file, name, "JPEG")
    try:
        picture.draft("RGB", (max(1, picture.width // 8), max(1, picture.height // 8)))
        picture.load()
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise broken(name, "JPEG") from error


_check_jpeg_apart = check_apart("image/jpeg", "JPEG")


def check_png(file: IO[bytes], name: str) -> None:
    """Raise FileNotAccepted unless all chunks of the PNG are whole and its data gives every row it promises."""
    picture = _opened(file, name, "PNG")
    try:
        picture.verify()
        file.seek(0)
        whole = _rows_are_there(file)
    except Exception as error:
        raise broken(name, "PNG") from error
    if not whole:
        raise broken(name, "PNG")


def _opened(file: IO[bytes], name: str, words: str) -> ImageFile.ImageFile:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower, and says so
            picture = Image.open(file, formats=[words])
    except Image.DecompressionBombError as error:
        raise too_many_pixels(name) from error
    except Exception as error:
        raise broken(name, words) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise too_many_pixels(name)
    return picture


def _decodes_row_by_row(file: IO[bytes]) -> bool:
    """Whether the decoder needs no more than some rows at once: not progressive, and one scan with all components.

    Followed strictly from mark to mark; a file that has anything else before its first scan is no such file.
    """
    file.seek(0)
    if file.read(2) != b"\xff\xd8":
        return False
    components = 0
    while len(start := file.read(4)) == 4 and start[0] == 0xFF and (start[1] in _PLAIN_MARKS or start[1] in _FRAMES):
        mark, length = start[1], int.from_bytes(start[2:], "big") - 2
        if mark == _START_OF_SCAN:
            return length >= 1 and file.read(1)[:1] == bytes([components])
        content = file.read(max(length, 0))
        if mark in _FRAMES:
            if mark not in _SEQUENTIAL or len(content) < 6:
                return False
            components = content[5]
    return False


def _scans(file: IO[bytes]) -> int:
    """Count the start-of-scan marks. Picture data always escapes their first byte, so none is miscounted."""
    file.seek(0)
    count, last = 0, b""
    while chunk := file.read(_CHUNK):
        count += (last + chunk).count(b"\xff\xda")
        last = chunk[-1:]
    return count


def _rows_are_there(file: IO[bytes]) -> bool:
    """Whether the compressed data of a PNG unpacks to the bytes its header asks for; they are counted, never kept."""
    if file.read(8) != b"\x89PNG\r\n\x1a\n":
        return False
    expected, found, unpacker = 0, 0, zlib.decompressobj()
    for kind, piece in _chunks(file):
        if kind == b"IHDR":
            expected = _promised_bytes(piece)
        elif kind == b"IDAT":
            while piece and not unpacker.eof:
                found += len(unpacker.decompress(piece, _CHUNK))
                piece = unpacker.unconsumed_tail
                if found >= expected > 0:
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
