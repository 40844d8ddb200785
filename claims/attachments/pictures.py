"""Pictures are opened here, never trusted: under a pixel limit and without holding all pixels in memory."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import IO

from PIL import Image, ImageFile

from claims.attachments import workshop
from claims.attachments.words import FileNotAccepted, FileProblem, found_type

MAX_PIXELS = workshop.MAX_PIXELS
_MAX_SCANS = 100  # a progressive JPEG of a camera has about ten; each costs a pass over the whole picture
_CHUNK = 64 * 1024
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # PNG colour type → samples a pixel
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def check_jpeg(file: IO[bytes], name: str) -> None:
    """Raise FileNotAccepted unless all of the JPEG decodes: at an eighth of its size, in 1/64 of the memory."""
    if _scans(file) > _MAX_SCANS:
        raise _broken(name, "JPEG")
    picture = _opened(file, name, "JPEG")
    try:
        picture.draft("RGB", (max(1, picture.width // 8), max(1, picture.height // 8)))
        picture.load()
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise _broken(name, "JPEG") from error


def check_png(file: IO[bytes], name: str) -> None:
    """Raise FileNotAccepted unless all chunks of the PNG are whole and its data gives every row it promises."""
    picture = _opened(file, name, "PNG")
    try:
        picture.verify()
        file.seek(0)
        whole = _rows_are_there(file)
    except Exception as error:
        raise _broken(name, "PNG") from error
    if not whole:
        raise _broken(name, "PNG")


def decode_whole(media_type: str) -> Callable[[IO[bytes], str], None]:
    """Return a check that decodes all of a picture in a process of its own: its decoder can't work piece by piece."""
    words = {"image/webp": "WebP", "image/heic": "HEIC"}[media_type]

    def check(file: IO[bytes], name: str) -> None:
        with on_disk(file) as path:
            try:
                workshop.run("check", path, media_type)
            except workshop.Spoiled as spoiled:
                if spoiled.code == "TOO_MANY_PIXELS":
                    raise _too_many_pixels(name) from spoiled
                if spoiled.code == "ANIMATED":
                    found = found_type("image/apng")
                    raise FileNotAccepted(FileProblem.WRONG_TYPE, name=name, found_type=found) from spoiled
                raise _broken(name, words) from spoiled

    return check


@contextmanager
def on_disk(file: IO[bytes]) -> Iterator[Path]:
    """Give the file's content as a path, for a process of its own to read; a copy where it has none yet."""
    file.seek(0)
    if callable(path := getattr(file, "temporary_file_path", None)):
        yield Path(path())
        return
    with NamedTemporaryFile(prefix="safet-file-") as copy:
        copyfileobj(file, copy, _CHUNK)
        copy.flush()
        yield Path(copy.name)


def _opened(file: IO[bytes], name: str, words: str) -> ImageFile.ImageFile:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower, and says so
            picture = Image.open(file, formats=[words])
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except Exception as error:
        raise _broken(name, words) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels(name)
    return picture


def _too_many_pixels(name: str) -> FileNotAccepted:
    return FileNotAccepted(FileProblem.TOO_MANY_PIXELS, name=name, max=MAX_PIXELS // 1_000_000)


def _broken(name: str, words: str) -> FileNotAccepted:
    return FileNotAccepted(FileProblem.BROKEN, name=name, type=words)


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
