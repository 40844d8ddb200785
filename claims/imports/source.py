"""A file on disk as the readers see it: bytes or lines, streamed, with progress and its encoding found out."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from claims.imports.records import UnusableFile

HEAD = 64 * 1024
LONGEST_LINE = 1024 * 1024

Progress = Callable[[int], object]


def _no_progress(read: int) -> None:
    """Nobody watches."""


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
    """One file to import. Nothing of it is kept in memory but its first 64 KB."""

    path: Path
    progress: Progress = _no_progress
    head: bytes = field(default=b"", init=False)
    size: int = field(default=0, init=False)
    encoding: str = field(default="utf-8", init=False)

    def __post_init__(self) -> None:
        try:
            if self.path.is_dir():
                raise UnusableFile("is a folder. Name the files in it")
            with self.path.open("rb") as file:
                self.head = file.read(HEAD)
            self.size = self.path.stat().st_size
        except FileNotFoundError:
            raise UnusableFile("doesn't exist") from None
        except OSError as error:
            raise UnusableFile(f"can't be read: {error.strerror}") from None
        self.encoding = _encoding_by_mark(self.head)

    @property
    def name(self) -> str:
        return self.path.name

    def head_text(self) -> str:
        """Return the beginning as text, with anything undecodable replaced, without a byte order mark."""
        return self.head.decode(self.encoding, errors="replace").lstrip("\ufeff")

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
        """Yield (number from 1, line without its end). UTF-8, UTF-16 with a mark, else Windows-1252."""
        if self.encoding == "utf-8" and not self._is_utf8():
            self.encoding = "cp1252"
        with io.TextIOWrapper(self.open(), encoding=self.encoding, errors="replace") as text:
            number = 0
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) >= LONGEST_LINE:
                    raise UnusableFile(f"line {number} is longer than {LONGEST_LINE:,} characters")
                yield (
                    number,
                    line.rstrip("\n").lstrip("\ufeff") if number == 1 else line.rstrip("\n"),
                )

    def _is_utf8(self) -> bool:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True


def _encoding_by_mark(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8"
