"""Archives of e-mails opened as streams, with an end to what they may unpack to."""

from __future__ import annotations

import bz2
import contextlib
import functools
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from shutil import copyfileobj
from typing import IO

from messaging.correspondence.file_kinds import FileKind, NotRead

MOST_TIMES = 200
"""How many times its own size an archive may unpack to, beside `ALWAYS_FINE`. Mail packs to a third or a tenth."""
ALWAYS_FINE = 256 * 1024 * 1024
BROKEN = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,
    RuntimeError,
)


class TooLarge(Exception):
    """An archive unpacks to more than any archive of e-mails does."""


class Allowance:
    """How many bytes an archive may still unpack to, all it holds together."""

    def __init__(self, packed_size: int) -> None:
        self.left = MOST_TIMES * packed_size + ALWAYS_FINE

    def take(self, number: int) -> None:
        self.left -= number
        if self.left < 0:
            raise TooLarge


class Unpacked(io.RawIOBase):
    """What comes out of an archive, counted."""

    def __init__(self, file: IO[bytes], allowance: Allowance) -> None:
        self._file = file
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        piece = self._file.read(len(view))
        self._allowance.take(len(piece))
        view[: len(piece)] = piece
        return len(piece)


def unpacked(file: IO[bytes], kind: FileKind, allowance: Allowance) -> IO[bytes]:
    """Return the one file that a .gz, .bz2 or .xz is, as a stream."""
    opened: IO[bytes]
    match kind:
        case FileKind.GZIP:
            opened = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]
        case FileKind.BZIP2:
            opened = bz2.BZ2File(file)
        case _:
            opened = lzma.LZMAFile(file)  # noqa: SIM115 - whoever asked for the stream ends it with the file
    return io.BufferedReader(Unpacked(opened, allowance), 256 * 1024)


def members(
    file: IO[bytes], kind: FileKind, allowance: Allowance
) -> Iterator[tuple[str, contextlib.AbstractContextManager[IO[bytes]] | NotRead]]:
    """Yield the name of each file in a .zip or .tar, and the stream to open or why it can't be."""
    if kind is FileKind.TAR:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for info in archive:
                if info.isfile() and (stream := archive.extractfile(info)) is not None:
                    yield info.name, _counted(functools.partial(_itself, stream), allowance)
                elif not info.isdir():
                    yield info.name, NotRead.NO_FILE
        return
    with tempfile.TemporaryFile(prefix="safet-mail-") as copy:
        seekable: IO[bytes] = file
        if not file.seekable():
            copyfileobj(file, copy)
            seekable = copy
        with zipfile.ZipFile(seekable) as zipped:
            for entry in zipped.infolist():
                if entry.is_dir():
                    continue
                if entry.flag_bits & 1:
                    yield _name(entry), NotRead.LOCKED_ARCHIVE
                else:
                    opened = functools.partial(zipped.open, entry)
                    yield _name(entry), _counted(opened, allowance)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name in an archive: without the mark for it, in the charset of DOS though it is mostly UTF-8."""
    if entry.flag_bits & 0x800:
        return entry.filename
    with contextlib.suppress(UnicodeError):
        return entry.filename.encode("cp437").decode("utf-8")
    return entry.filename


def _itself(stream: IO[bytes]) -> IO[bytes]:
    return stream


@contextlib.contextmanager
def _counted(opened: Callable[[], IO[bytes]], allowance: Allowance) -> Iterator[IO[bytes]]:
    with opened() as stream:
        yield io.BufferedReader(Unpacked(stream, allowance), 256 * 1024)
