"""The one gate for files: what a file is, judged by its content alone.

Neither the name nor the type a browser or a mail program claims decides anything. A file is read once from end to end
(hash, size, text), and pictures and PDFs are then opened by the library that would show them, in a process of its own.

Here nothing is decoded: `filetype` looks at fixed places of the first 8 kB, text is judged by its first 1,024
characters, and of a video's boxes at most 10,000 beginnings are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

import filetype
from django.core.files.base import File

from accounts.sign_in import security_events
from claims.files import isobmff
from claims.files.decoder_checks import check_apart
from claims.files.isobmff import check_video
from claims.files.names import clean_name, with_extension
from claims.files.refusals import FileNotAccepted, FileProblem, found_type, megabytes
from claims.files.text import TextProbe, markup_type, starts_as_mail, text_type

MAX_BYTES = 10 * 1024 * 1024
_CHUNK = 64 * 1024
_PDF_BEGINS_BY = 1024 + len("%PDF-1.4")
_HEAD = 8 * 1024  # what `filetype` looks at


@dataclass(frozen=True)
class FileKind:
    """A type of file that is accepted: its words, the extensions its name may have, its size, who opens it.

    `previewed` is whether pictures of it are made for pages to show.
    """

    media_type: str
    words: str
    extensions: tuple[str, ...]
    check: Callable[[IO[bytes], str], None] | None
    max_bytes: int = MAX_BYTES
    previewed: bool = False


MAX_VIDEO_BYTES = 50 * 1024 * 1024

KINDS = {
    kind.media_type: kind
    for kind in (
        FileKind("image/png", "PNG", ("png",), check_apart("image/png", "PNG"), previewed=True),
        FileKind("image/jpeg", "JPEG", ("jpg", "jpeg"), check_apart("image/jpeg", "JPEG"), previewed=True),
        FileKind("image/webp", "WebP", ("webp",), check_apart("image/webp", "WebP"), previewed=True),
        FileKind("image/heic", "HEIC", ("heic", "heif"), check_apart("image/heic", "HEIC"), previewed=True),
        FileKind("application/pdf", "PDF", ("pdf",), check_apart("application/pdf", "PDF"), previewed=True),
        FileKind("text/plain", "plain text", ("txt", "text", "log"), None),
        FileKind("text/csv", "CSV", ("csv",), None),
        FileKind("message/rfc822", "EML", ("eml",), None),
        FileKind("video/mp4", "MP4", ("mp4", "m4v"), check_video, max_bytes=MAX_VIDEO_BYTES),
        FileKind("video/quicktime", "MOV", ("mov", "qt"), check_video, max_bytes=MAX_VIDEO_BYTES),
    )
}
_KNOWN_EXTENSIONS = frozenset(extension for kind in KINDS.values() for extension in kind.extensions)

# Two or three letters that also begin ordinary sentences ("BMW …", "ID3 …"): text wins if all of the file is text.
_WEAK_SIGNATURES = {"image/bmp", "audio/mpeg"}


@dataclass(frozen=True)
class Accepted:
    """What is true of a file that passed: a clean name, the type found, its size in bytes, its SHA-256 in hex."""

    name: str
    media_type: str
    size: int
    sha256: str


def examine(file: File[bytes], name: str | None = None) -> Accepted:
    """Return what the file is, or raise FileNotAccepted with the sentence for the person who chose it.

    Reads in pieces and leaves the file at its start. `name` replaces the file's own. A file that somebody uploads and
    that is refused is a security event; what a command reads is none.
    """
    try:
        return _examine(file, name)
    except FileNotAccepted:
        if security_events.is_answering():
            security_events.note(security_events.Kind.FILE_REFUSED)
        raise


def _examine(file: File[bytes], name: str | None) -> Accepted:
    name = clean_name(name if name is not None else file.name)
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise FileNotAccepted(FileProblem.EMPTY, name=name)
    guess = isobmff.media_type(head) or filetype.guess_mime(head) or ""
    if not guess and begins_late(head):
        try:
            return _judged(file, name, head, "application/pdf")
        except FileNotAccepted as problem:
            if problem.code is not FileProblem.BROKEN:
                raise
            try:
                return _judged(file, name, head, "")  # a text that only speaks of a PDF
            except FileNotAccepted:
                raise problem from None
    return _judged(file, name, head, guess)


def _judged(file: File[bytes], name: str, head: bytes, guess: str) -> Accepted:
    """Return what a file is whose first bytes look like this type, or like a text."""
    media_type = guess or "text/plain"
    maybe_text = media_type == "text/plain" or media_type in _WEAK_SIGNATURES
    if media_type not in KINDS and not maybe_text:
        raise _wrong_type(name, media_type)

    kind = KINDS["text/plain" if maybe_text else media_type]
    probe = TextProbe() if maybe_text else None
    digest, size, chunk = sha256(), 0, head
    file.seek(len(head))
    while chunk:
        digest.update(chunk)
        size += len(chunk)
        if probe and not probe.feed(chunk):
            raise _wrong_type(name, guess)
        if size > kind.max_bytes:
            raise _too_large(name, max(size, _size_of(file)), kind)
        chunk = file.read(_CHUNK)
    if probe:
        if not probe.finish():
            raise _wrong_type(name, guess)
        if markup := markup_type(probe.head):
            raise _wrong_type(name, markup)
        kind = KINDS[text_type(probe.head, name.rpartition(".")[2].lower())]

    if kind.check:
        file.seek(0)
        kind.check(file, name)
    file.seek(0)
    return Accepted(with_extension(name, kind.extensions, _KNOWN_EXTENSIONS), kind.media_type, size, digest.hexdigest())


_PDF = re.compile(rb"(?:[\r\n \t\x00]|\xef\xbb\xbf)%PDF-[0-9]\.[0-9]")


def begins_late(head: bytes) -> bool:
    """Whether a PDF begins within the first 1,024 bytes, as readers allow, behind what a printer or a form left there.

    Not behind a page or the header of an e-mail: those are what a browser or a mail program would take the file for.
    """
    found = _PDF.search(head, 0, _PDF_BEGINS_BY)
    if found is None:
        return False
    before = head[: found.end()].decode("latin-1")
    return not markup_type(before) and not starts_as_mail(before)


def _size_of(file: File[bytes]) -> int:
    try:
        return int(file.size)
    except (AttributeError, OSError):
        return 0


def _wrong_type(name: str, media_type: str) -> FileNotAccepted:
    return FileNotAccepted(FileProblem.WRONG_TYPE, name=name, found_type=found_type(media_type))


def _too_large(name: str, size: int, kind: FileKind) -> FileNotAccepted:
    codes = {"image": FileProblem.PICTURE_TOO_LARGE, "video": FileProblem.VIDEO_TOO_LARGE}
    code = codes.get(kind.media_type.partition("/")[0], FileProblem.TOO_LARGE)
    return FileNotAccepted(code, name=name, size=megabytes(size), max=megabytes(kind.max_bytes))
