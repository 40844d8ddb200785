"""Old e-mails, one after the other, out of whatever holds them: an mbox, a Maildir, files, archives, a folder of all.

What a file is is told by its content. Each e-mail of a folder comes out, and each file that holds none by its name and
why: nothing is passed over in silence. Memory is that of one e-mail, however large the mailbox.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePath
from typing import IO

from messaging.correspondence import archives, file_kinds, mbox, mime, msg, unsent
from messaging.correspondence.archives import Allowance
from messaging.correspondence.causes import Cause
from messaging.correspondence.charsets import decoded
from messaging.correspondence.file_kinds import NOT_READ, FileKind, NotRead, file_kind
from messaging.correspondence.unsent import Unsent

MAX_MAIL_BYTES = 60 * 1024 * 1024  # mail servers stop at about 50 MB, base64 included
_CHUNK = 1024 * 1024
_DEEPEST_ARCHIVE = 3
_MAIL_SUFFIXES = {".eml", ".mbox", ".emlx", ".msg"}
_MAIL_NAMES = {"mbox"}
_MAYBE_BROKEN_MAIL = (NotRead.EMPTY, NotRead.NO_MAIL, NotRead.INDEX, NotRead.OFFICE)
_EMLX_FLAGS = re.compile(rb"<key>flags</key>\s{0,20}<integer>([0-9]{1,20})</integer>")


class NotCorrespondence(Exception):
    """A path in which there can be no e-mail; `str()` is the sentence for the operator."""


@dataclass(frozen=True)
class RawMail:
    """One e-mail, byte for byte; `number` counts from 1 in its file.

    From an mbox it comes as it was before the mbox: without the separator line, the empty line after it and the ">"
    before lines that begin with "From ". A mail with a `problem` can't be taken apart; `raw` is what there is to keep.
    `unsent` is what its place says (a folder of drafts, a flag in its name), `cut_off` whether the file ends within it.
    """

    source: str
    number: int
    raw: bytes
    from_mbox: bool = False
    problem: Cause | None = None
    unsent: Unsent | None = None
    cut_off: bool = False

    @property
    def place(self) -> str:
        """Where to find the e-mail, in words: "old.mbox, e-mail 812"."""
        return f"{self.source}, e-mail {self.number}" if self.from_mbox else self.source

    @property
    def content(self) -> bytes:
        """The e-mail with LF line ends and one at its end: the same whatever program wrote the file."""
        return b"".join(_content(self.raw))

    @cached_property
    def digest(self) -> str:
        """What identifies the e-mail: SHA-256 of its content, in hex. Real archives repeat a Message-ID."""
        digest = sha256()
        for piece in _content(self.raw):
            digest.update(piece)
        return digest.hexdigest()


def _content(raw: bytes) -> Iterator[bytes | memoryview]:
    """Yield what identifies an e-mail, in pieces, so that a large one isn't there twice."""
    if msg.is_msg(raw):
        yield raw
        return
    raw = mime.readable(raw)
    end = len(raw)
    while end and raw[end - 1] in b"\r\n":
        if raw[end - 1 : end] == b"\r" and raw[end : end + 1] != b"\n":
            break
        end -= 1
    if raw.find(b"\r\n", 0, end) < 0:
        yield memoryview(raw)[:end]
    else:
        at = 0
        while at < end:
            stop = min(at + _CHUNK, end)
            stop += raw[stop - 1 : stop + 1] == b"\r\n" and stop < end
            yield raw[at:stop].replace(b"\r\n", b"\n")
            at = stop
    yield b"\n"


@dataclass(frozen=True)
class Unread:
    """A file in which no e-mail was looked for, and why."""

    place: str
    why: NotRead

    @property
    def words(self) -> str:
        """The sentence about it: "archive.pst: an Outlook data file. …"."""
        return f"{self.place}: {NOT_READ[self.why]}"


@dataclass(frozen=True)
class Source:
    """One file: its path, and the name it has in what is told to the operator.

    `called_mail` is whether its name says that it is an e-mail or a mailbox; `skip` why it isn't opened at all.
    """

    path: Path
    name: str
    called_mail: bool = True
    skip: NotRead | None = None


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
    if it can't be read, it is named on its own.
    """
    for path in paths:
        if not path.is_dir():
            _look_into(path)
        elif next(_walk(path), None) is None:
            raise NotCorrespondence(f"{path}: no e-mail in this folder: no .eml, no .mbox, no Maildir.")
    return Sources(tuple(paths))


def _walk(folder: Path) -> Iterator[Source]:
    refused: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=refused.append):
        folders.sort()
        in_maildir = _is_maildir(Path(parent))
        in_tmp = Path(parent).name == "tmp" and _is_maildir(Path(parent).parent / "cur")
        for name in sorted([*files, *(name for name in folders if Path(parent, name).is_symlink())]):
            path = Path(parent, name)
            skip = NotRead.NOT_DELIVERED if in_tmp else NotRead.NO_FILE if name in folders else None
            yield Source(path, _name_in(path, folder), in_maildir or _is_mail_name(name), skip)
    for error in refused:
        path = Path(os.fsdecode(error.filename))
        yield Source(path, _name_in(path, folder), False, NotRead.NO_ACCESS)


def _name_in(path: Path, folder: Path) -> str:
    return _words(path.relative_to(folder.parent))


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
            start = file.read(file_kinds.HEAD)
    except FileNotFoundError as error:
        raise NotCorrespondence(f"{path}: there is no such file.") from error
    except OSError as error:
        raise NotCorrespondence(f"{path}: can't be read ({error.strerror}).") from error
    kind = file_kind(start, path.name)
    if kind is NotRead.EMPTY:
        raise NotCorrespondence(f"{path}: the file is empty.")
    if kind in (NotRead.NO_MAIL, NotRead.INDEX) and not file_kinds.may_be_mail(start):
        shown = start[:8].decode("ascii", "replace").split("\n")[0]
        raise NotCorrespondence(f"{path}: not an mbox and not an e-mail. It starts with: {shown}")
    if isinstance(kind, NotRead) and kind not in (NotRead.NO_MAIL, NotRead.INDEX):
        raise NotCorrespondence(Unread(str(path), kind).words)


def read_mails(source: Source) -> Iterator[RawMail | Unread]:
    """Yield each e-mail of one file. Never more than one of them is in memory, and none of more than 60 MB.

    A file that holds none is an Unread, one that is called an e-mail and isn't a RawMail with its problem; of an
    archive both for each file in it.
    """
    if source.skip:
        yield Unread(source.name, source.skip)
        return
    try:
        if not source.path.is_file():  # a pipe among the e-mails would be waited for, for ever
            yield _no_file(source)
            return
        with source.path.open("rb") as file:
            yield from _Reading(Allowance(source.path.stat().st_size)).read(file, source.name, source.called_mail)
    except OSError:
        yield _no_file(source)


def _no_file(source: Source) -> RawMail | Unread:
    if source.called_mail:
        return RawMail(source.name, 1, b"", problem=Cause.UNREADABLE)
    return Unread(source.name, NotRead.NO_ACCESS)


class _Reading:
    """One file gone through, and what is packed in it."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance

    def read(self, file: IO[bytes], name: str, called_mail: bool, depth: int = 0) -> Iterator[RawMail | Unread]:
        head = file.read(file_kinds.HEAD)
        if depth == 0 and file.seekable():
            file.seek(0)
        else:
            file = _again(head, file)
        kind = file_kind(head, PurePath(name).name)
        match kind:
            case FileKind.MBOX:
                yield from _read_mbox(file, head, name)
            case FileKind.EMLX:
                yield _read_emlx(file, name)
            case FileKind.MAIL:
                yield from _read_mail(file, name)
            case FileKind.MSG:
                yield _read_single(file, name)
            case NotRead():
                called_so = called_mail and kind in _MAYBE_BROKEN_MAIL
                yield _read_single(file, name) if called_so else Unread(name, kind)
            case FileKind():
                yield from self._read_archive(file, kind, name, depth)

    def _read_archive(self, file: IO[bytes], kind: FileKind, name: str, depth: int) -> Iterator[RawMail | Unread]:
        if depth >= _DEEPEST_ARCHIVE:
            yield Unread(name, NotRead.TOO_DEEP)
            return
        try:
            if kind in (FileKind.ZIP, FileKind.TAR):
                yield from self._read_members(file, kind, name, depth)
            else:
                called_mail = _is_mail_name(PurePath(name).stem)
                yield from self.read(archives.unpacked(file, kind, self._allowance), name, called_mail, depth + 1)
        except archives.TooLarge:
            yield Unread(name, NotRead.TOO_LARGE_UNPACKED)
        except archives.BROKEN:
            yield Unread(name, NotRead.BROKEN_ARCHIVE)

    def _read_members(self, file: IO[bytes], kind: FileKind, name: str, depth: int) -> Iterator[RawMail | Unread]:
        count = 0
        for member, opened in archives.members(file, kind, self._allowance):
            count += 1
            place = f"{name}/{_words(Path(member))}"
            if isinstance(opened, NotRead):
                yield Unread(place, opened)
                continue
            try:
                with opened as stream:
                    yield from self.read(stream, place, _is_mail_name(PurePath(member).name), depth + 1)
            except archives.BROKEN:
                yield Unread(place, NotRead.BROKEN_ARCHIVE)
                if kind is FileKind.TAR:
                    return
        if not count:
            yield Unread(name, NotRead.EMPTY)


class _Again(io.RawIOBase):
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = head
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if self._head:
            piece, self._head = self._head[: len(view)], self._head[len(view) :]
        else:
            piece = self._file.read(len(view))
        view[: len(piece)] = piece
        return len(piece)


def _again(head: bytes, file: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Again(head, file), 256 * 1024)


class _Translated(io.RawIOBase):
    """A stream whose bytes go through a function, piece by piece."""

    def __init__(self, file: IO[bytes], translate: Callable[[bytes, bool], bytes]) -> None:
        self._file = file
        self._translate = translate
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready and not self._ended:
            piece = self._file.read(len(view))
            self._ended = not piece
            self._ready = self._translate(piece, self._ended)
        piece, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(piece)] = piece
        return len(piece)


def _read_single(file: IO[bytes], name: str) -> RawMail:
    raw = _bytes_of(file)
    return _mail(name, 1, raw, len(raw), from_mbox=False)


def _bytes_of(file: IO[bytes]) -> bytes:
    """Return what an e-mail may have at most, and a little more where there is more."""
    pieces, size = [], 0
    while size <= MAX_MAIL_BYTES and (piece := file.read(_CHUNK)):  # asked for 60 MB, a file sets them aside first
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _read_mail(file: IO[bytes], name: str) -> Iterator[RawMail]:
    raw = _bytes_of(file)
    if not mbox.holds_several(raw):
        yield _mail(name, 1, raw, len(raw), from_mbox=False)
        return
    for number, one in enumerate(mbox.read(_again(raw, file), MAX_MAIL_BYTES, started=True), 1):
        yield _mail(name, number, one.raw, one.size, from_mbox=True, cut_off=one.cut_off)


def _read_emlx(file: IO[bytes], name: str) -> RawMail:
    """Apple Mail: the number of bytes, the e-mail, and a list of properties with its flags."""
    line = file.readline(100)
    while not line.strip():
        line = file.readline(100)
    size = int(line)
    raw = file.read(min(size, MAX_MAIL_BYTES))
    flags = _EMLX_FLAGS.search(file.read(file_kinds.HEAD))
    marked = unsent.by_flags(int(flags[1])) if flags else None
    return _mail(name, 1, raw, size, from_mbox=False, marked=marked, cut_off=len(raw) < min(size, MAX_MAIL_BYTES))


def _mail(
    name: str,
    number: int,
    raw: bytes,
    size: int,
    from_mbox: bool,
    *,
    marked: Unsent | None = None,
    cut_off: bool = False,
) -> RawMail:
    problem = None
    if size > MAX_MAIL_BYTES:
        problem = Cause.TOO_LARGE
    elif mime.start_of(raw) >= len(raw):
        problem = Cause.EMPTY
    elif not file_kinds.may_be_mail(raw):
        problem = Cause.NOT_AN_EMAIL
    kept = b"" if problem is Cause.TOO_LARGE else raw
    return RawMail(name, number, kept, from_mbox, problem, marked or unsent.by_place(name), cut_off)


def _read_mbox(file: IO[bytes], head: bytes, name: str) -> Iterator[RawMail]:
    had_cr = False
    if file_kinds.is_utf16(head):
        to_text = codecs.getincrementaldecoder("utf-16")("replace")
        file = _translated(file, lambda piece, final: to_text.decode(piece, final).encode("utf-8", "replace"))
    elif had_cr := b"\n" not in head and b"\r" in head:
        file = _translated(file, lambda piece, _final: piece.replace(b"\r", b"\n"))
    start = mime.start_of(mime.readable(head)) if not file_kinds.is_utf16(head) else 0
    file.read(start)
    for number, one in enumerate(mbox.read(file, MAX_MAIL_BYTES), 1):
        raw = one.raw.replace(b"\n", b"\r") if had_cr else one.raw
        yield _mail(name, number, raw, one.size, from_mbox=True, cut_off=one.cut_off)


def _translated(file: IO[bytes], translate: Callable[[bytes, bool], bytes]) -> IO[bytes]:
    return io.BufferedReader(_Translated(file, translate), 256 * 1024)
