"""A file as the readers see it: bytes or lines, streamed, unpacked and in UTF-8, whatever program saved it.

What is packed (.gz, .zip), a spreadsheet, or in another charset is written anew as plain UTF-8 text once, bounded; all
else is read where it lies. Nothing of a file is kept in memory but its beginning.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from accounts.tables import charsets, spreadsheet
from accounts.values.text import shown

HEAD = 64 * 1024
LONGEST_LINE = 1024 * 1024
MOST_UNPACKED = 2 * 1024**3
"""Bytes an archive may come to."""
MOST_UPLOADED = 64 * 1024**2
"""Bytes an archive that somebody uploaded may come to."""
MOST_TIMES = 1000
"""How many times its own size an archive may come to: text packs to a tenth or a fiftieth, never to less than this."""

Progress = Callable[[int], object]


class UnusableFile(Exception):
    """The file as a whole can't be read. The message is a sentence without the file's name and its full stop."""


def _no_progress(read: int) -> None:
    """Nobody watches."""


class _OwnFile:
    """A file of ours with these bytes, which is gone when nobody holds this any more."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        handle, name = tempfile.mkstemp(prefix="safet-", suffix=".in")
        self.path = Path(name)
        weakref.finalize(self, self.path.unlink, missing_ok=True)
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)


class _Watched(io.RawIOBase):
    """A binary file that tells how many bytes each read brought."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        count = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self._progress(count or 0)
        return int(count or 0)

    def close(self) -> None:
        self._file.close()
        super().close()


@dataclass(slots=True)
class Source:
    """One file that came in. `likely` are the charsets of the place it is from, tried where its text is no UTF-8.

    `notes` are sentences about how it was read that whoever imports it should know.
    """

    path: Path
    progress: Progress = _no_progress
    likely: tuple[str, ...] = ()
    name: str = ""
    most_unpacked: int = MOST_UNPACKED
    head: bytes = field(default=b"", init=False)
    size: int = field(default=0, init=False)
    is_spreadsheet: bool = field(default=False, init=False)
    notes: list[str] = field(default_factory=list, init=False)
    _checked: bool = field(default=False, init=False)
    _made: list[_OwnFile] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.name = self.name or self.path.name
        try:
            if self.path.is_dir():
                raise UnusableFile("is a folder. Name the files in it")
            self._look()
            self._unpack()
        except FileNotFoundError:
            raise UnusableFile("doesn't exist") from None
        except OSError as error:
            raise UnusableFile(f"can't be read: {error.strerror}") from None
        charset = charsets.by_mark(self.head)
        if charset and charset != "utf-8-sig":
            self._in_utf8(charset)

    def _look(self) -> None:
        with self.path.open("rb") as file:
            self.head = file.read(HEAD)
        self.size = self.path.stat().st_size

    def _unpack(self) -> None:
        for _depth in range(2):  # an archive in an archive
            if self.head.startswith(b"\x1f\x8b"):
                with gzip.open(self.path) as file:
                    self._take(self._bounded(file))
            elif self.head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not spreadsheet.is_one(self.path):
                self._take(self._member())
            else:
                break
        if spreadsheet.is_one(self.path):
            try:
                self._take(spreadsheet.as_csv(self.path))
            except spreadsheet.NotReadable as problem:
                raise UnusableFile(str(problem)) from None
            self.is_spreadsheet = True

    def _member(self) -> Iterator[bytes]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = [
                    one
                    for one in archive.infolist()
                    if not one.is_dir()
                    and not one.filename.startswith("__MACOSX/")
                    and Path(one.filename).name[:1] != "."
                ]
                if len(members) != 1:
                    names = ", ".join(shown(one.filename) for one in members[:5])
                    raise UnusableFile(
                        f"is an archive of {len(members)} files. Unpack it and name them one by one"
                        + (f": {names}" if names else "")
                    )
                if members[0].flag_bits & 1:
                    raise UnusableFile("is an archive with a password. Unpack it first")
                with archive.open(members[0]) as file:
                    yield from self._bounded(file)
        except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError):
            raise UnusableFile("is an archive that can't be unpacked") from None

    def _bounded(self, file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
        most = min(self.most_unpacked, max(self.size * MOST_TIMES, 1 << 20))
        count = 0
        try:
            while chunk := file.read(1 << 20):
                count += len(chunk)
                if count > most:
                    raise UnusableFile(f"is an archive of more than {most:,} bytes")
                yield chunk
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise UnusableFile("is an archive that can't be unpacked") from None

    def _take(self, chunks: Iterable[bytes]) -> None:
        """Write what is given to a file of our own, and read that from now on."""
        made = _OwnFile(chunks)
        self._made.append(made)
        self.path = made.path
        self._look()

    def _in_utf8(self, charset: str) -> None:
        decoder = codecs.getincrementaldecoder(charset)()
        bare = charset in ("utf-16-le", "utf-16-be")

        def chunks() -> Iterator[bytes]:
            with self.path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
                yield decoder.decode(b"", final=True).encode()

        try:
            self._take(chunks())
        except UnicodeDecodeError:
            what = charsets.NAMES.get(charset, "UTF-16" if "16" in charset else charset)
            raise UnusableFile(f"is no {what} text all through: it was cut off, or changed on its way") from None
        self._checked = not bare

    def head_text(self) -> str:
        """Return the beginning as text, with anything undecodable replaced, without a byte order mark."""
        return self.head.decode("utf-8", errors="replace").lstrip("\ufeff")

    def tail(self, count: int = 4096) -> bytes:
        """Return the last bytes of the file."""
        with self.path.open("rb") as file:
            file.seek(max(0, self.size - count))
            return file.read()

    def count_line_ends(self) -> int:
        with self.path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))

    def open(self) -> io.BufferedReader[Any]:
        """Return the bytes, without a UTF-8 byte order mark."""
        watched: io.BufferedReader[Any] = io.BufferedReader(
            _Watched(self.path.open("rb", buffering=0), self.progress), 1 << 18
        )
        if self.head.startswith(codecs.BOM_UTF8):
            watched.read(3)
        return watched

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield (number from 1, line without its end). Raises UnusableFile where no charset is sure."""
        self.settle_charset()
        with io.TextIOWrapper(self.open(), encoding="utf-8", errors="replace") as text:
            number = 0
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) >= LONGEST_LINE:
                    raise UnusableFile(f"line {number} is longer than {LONGEST_LINE:,} characters")
                line = line.rstrip("\n")
                yield number, line.lstrip("\ufeff") if number == 1 else line

    def settle_charset(self) -> None:
        """Make sure that the file is read as UTF-8: written anew where its text is in another charset.

        Raises UnusableFile where nothing is sure.
        """
        if self._checked:
            return
        self._checked = True
        sample = self._beyond_utf8()
        if sample is None:
            return
        charset = charsets.guess(sample, (*self.likely, *charsets.mentioned(self.head)))
        if charset is None:
            line = shown(sample.split(b"\n")[0].decode("ascii", "backslashreplace"), 80)
            raise UnusableFile(f"is neither UTF-8 nor surely text in another charset: {line}. Save it as CSV UTF-8")
        self._in_utf8(charset)
        self.notes.append(f"its text isn't UTF-8; it was read as {charsets.NAMES[charset]}")

    def _beyond_utf8(self) -> bytes | None:
        """Return the lines with bytes beyond ASCII, so many as a check looks at; None where all the file is UTF-8."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        with self.path.open("rb") as file:
            try:
                while chunk := file.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                pass
            else:
                return None
            file.seek(0)
            found, count = [], 0
            for line in iter(lambda: file.readline(LONGEST_LINE), b""):
                if not line.isascii():
                    found.append(line)
                    count += len(line)
                    if count > charsets.SAMPLE:
                        break
        return b"".join(found)


def of_bytes(data: bytes, name: str, likely: tuple[str, ...] = ()) -> Source:
    """Return an uploaded file as a source. Raises UnusableFile."""
    made = _OwnFile([data])
    source = Source(made.path, likely=likely, name=name, most_unpacked=MOST_UPLOADED)
    source._made.append(made)
    return source
