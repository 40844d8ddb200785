"""Old e-mails, one after the other, out of an mbox, a Maildir, .eml files or a folder of all, in constant memory."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO

from messaging.correspondence.causes import Cause
from messaging.correspondence.charsets import decoded

MAX_MAIL_BYTES = 60 * 1024 * 1024  # mail servers stop at about 50 MB, base64 included
_LONGEST_PIECE = 1024 * 1024
_START = 1024

# A separator line names a sender and a moment: "From MAILER-DAEMON Sun Nov 22 22:59:30 2026", with or without seconds,
# zone before or after the year. A sentence that begins with "From " has no such moment.
_SEPARATOR = re.compile(
    rb"From .{0,1000}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +[0-9]{1,2}|[0-9]{1,2} +[A-Z][a-z]{2}) +"
    rb"(?:[0-9]{4} +)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: +[A-Za-z0-9+-]{1,8}){0,3}\s*$"
)
_HEADER = re.compile(rb"[\x21-\x39\x3b-\x7e]+[ \t]*:")
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_MAIL_SUFFIXES = {".eml", ".mbox"}
_MAIL_NAMES = {"mbox"}


class NotCorrespondence(Exception):
    """A path in which there can be no e-mail; `str()` is the sentence for the operator."""


@dataclass(frozen=True)
class RawMail:
    """One e-mail, byte for byte; `number` counts from 1 in its file.

    From an mbox it comes as it was before the mbox: without the separator line, the empty line after it and the ">"
    before lines that begin with "From ". A mail with a `problem` can't be taken apart; `raw` is what there is to keep.
    """

    source: str
    number: int
    raw: bytes
    from_mbox: bool = False
    problem: Cause | None = None

    @property
    def place(self) -> str:
        """Where to find the e-mail, in words: "old.mbox, e-mail 812"."""
        return f"{self.source}, e-mail {self.number}" if self.from_mbox else self.source

    @property
    def content(self) -> bytes:
        """The e-mail with LF line ends and one at its end: the same whatever program wrote the file."""
        return self.raw.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"

    @cached_property
    def digest(self) -> str:
        """What identifies the e-mail: SHA-256 of its content, in hex. Real archives repeat a Message-ID."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Source:
    """One file of e-mails: its path, and the name it has in what is told to the operator."""

    path: Path
    name: str


@dataclass(frozen=True)
class Sources:
    """The files to read, in order; to be gone through as often as wanted. Folders are walked anew, nothing is kept."""

    paths: tuple[Path, ...]

    def __iter__(self) -> Iterator[Source]:
        for path in self.paths:
            if path.is_dir():
                yield from _walk(path)
            else:
                yield Source(path, _words(Path(path.name)))

    @property
    def size(self) -> int:
        """The bytes there are to read."""
        total = 0
        for source in self:
            with contextlib.suppress(OSError):
                total += source.path.stat().st_size
        return total


def find_sources(paths: list[Path]) -> Sources:
    """Return the files to read, folders walked in the order of their names, or raise NotCorrespondence.

    What the operator names is looked into here, before the first e-mail is taken; a file inside a folder is not:
    if it can't be read, it is refused on its own.
    """
    for path in paths:
        if not path.is_dir():
            _look_into(path)
        elif next(_walk(path), None) is None:
            raise NotCorrespondence(f"{path}: no e-mail in this folder: no .eml, no .mbox, no Maildir.")
    return Sources(tuple(paths))


def _walk(folder: Path) -> Iterator[Source]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        is_maildir = _is_maildir(Path(parent))
        for name in sorted(files):
            if not name.startswith(".") and (is_maildir or _is_mail_name(name)):
                path = Path(parent, name)
                yield Source(path, _words(path.relative_to(folder.parent)))


def _words(path: Path) -> str:
    """Return a path as text that can be kept: the bytes of its name may be of any charset, or hold a line end."""
    return decoded(os.fsencode(path)).replace("\n", " ")


def _is_mail_name(name: str) -> bool:
    return Path(name).suffix.lower() in _MAIL_SUFFIXES or name in _MAIL_NAMES


def _is_maildir(folder: Path) -> bool:
    """Whether every file here is an e-mail: `cur` or `new` of a Maildir. In its `tmp` are those not yet delivered."""
    return folder.name in ("cur", "new") and (folder.parent / "cur").is_dir() and (folder.parent / "new").is_dir()


def _look_into(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except FileNotFoundError as error:
        raise NotCorrespondence(f"{path}: there is no such file.") from error
    except OSError as error:
        raise NotCorrespondence(f"{path}: can't be read ({error.strerror}).") from error
    if not start.strip():
        raise NotCorrespondence(f"{path}: the file is empty.")
    if not _is_mbox(start) and not _is_mail(start):
        shown = start[:8].decode("ascii", "replace").split("\n")[0]
        raise NotCorrespondence(f"{path}: not an mbox and not an e-mail. It starts with: {shown}")


def read_mails(source: Source) -> Iterator[RawMail]:
    """Yield each e-mail of one file. Never more than one of them is in memory, and none of more than 60 MB."""
    if not source.path.is_file():  # a pipe among the e-mails would be waited for, for ever
        yield RawMail(source.name, 1, b"", problem=Cause.UNREADABLE)
        return
    try:
        with source.path.open("rb") as file:
            start = file.read(_START)
            file.seek(0)
            if _is_mbox(start):
                yield from _read_mbox(file, source.name)
            else:
                yield _read_single(file, source.name)
    except OSError:
        yield RawMail(source.name, 1, b"", problem=Cause.UNREADABLE)


def _is_mbox(start: bytes) -> bool:
    return _without_mark(start).startswith(b"From ")


def _is_mail(start: bytes) -> bool:
    """Whether it begins with a field. One more separator line may come first, as some servers left it in each mail."""
    line, _, rest = _without_mark(start).partition(b"\n")
    return bool(_HEADER.match(line) or (_SEPARATOR.match(line) and _HEADER.match(rest)))


def _without_mark(start: bytes) -> bytes:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")


def _read_single(file: IO[bytes], name: str) -> RawMail:
    raw = file.read(MAX_MAIL_BYTES + 1)
    return _mail(name, 1, raw, len(raw), from_mbox=False)


def _mail(name: str, number: int, raw: bytes, size: int, from_mbox: bool) -> RawMail:
    problem = None
    if size > MAX_MAIL_BYTES:
        problem = Cause.TOO_LARGE
    elif not raw.strip():
        problem = Cause.EMPTY
    elif not _is_mail(raw[:_START]):
        problem = Cause.NOT_AN_EMAIL
    return RawMail(name, number, b"" if problem is Cause.TOO_LARGE else raw, from_mbox, problem)


def _read_mbox(file: IO[bytes], name: str) -> Iterator[RawMail]:
    """Split at separator lines. One needs a moment in it, and an empty line before it or a header after it."""
    pieces: list[bytes] = []
    number = size = 0
    starts_line = after_empty = True
    piece = file.readline(_LONGEST_PIECE)
    while piece:
        following = file.readline(_LONGEST_PIECE)
        if starts_line and (_separates(piece, after_empty, following) if number else _is_mbox(piece)):
            if number:
                yield _mail(name, number, _joined(pieces), size, from_mbox=True)
            number, size, pieces = number + 1, 0, []
        elif number:
            size += len(piece)
            if size <= MAX_MAIL_BYTES:
                pieces.append(piece)
            else:
                pieces.clear()
        starts_line, after_empty = piece.endswith(b"\n"), piece in (b"\n", b"\r\n")
        piece = following
    if number:
        yield _mail(name, number, _joined(pieces), size, from_mbox=True)


def _separates(line: bytes, after_empty: bool, following: bytes) -> bool:
    return bool(_SEPARATOR.match(line)) and (after_empty or bool(_HEADER.match(following)))


def _joined(pieces: list[bytes]) -> bytes:
    """The e-mail as it was before: without the empty line an mbox adds after it, and without escapes."""
    raw = b"".join(pieces)
    for empty_line in (b"\r\n", b"\n"):
        if raw.endswith(b"\n" + empty_line):
            raw = raw.removesuffix(empty_line)
            break
    return _ESCAPED_FROM.sub(rb"\1", raw)
