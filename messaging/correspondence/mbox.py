"""Where one e-mail of an mbox ends and the next begins. Two people's words must never come out as one e-mail.

A line that begins with "From " parts two e-mails when header fields follow it and an empty line comes before it, or a
moment is written in it. What comes between "From " and the fields differs by program and language and decides nothing.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_LONGEST_PIECE = 1024 * 1024
_MOST_LINES_AHEAD = 40
_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:")
_MOMENT = re.compile(rb"[^0-9][0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?![0-9])")
_YEAR = re.compile(rb"(?:^|[^0-9])(?:19|20)[0-9]{2}(?![0-9])")
_FROM = re.compile(rb"From(?: |[\r\n]*$)")
_ENVELOPE = re.compile(rb">*From ")
_ESCAPED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_OF_MAIL = {
    b"from", b"to", b"cc", b"date", b"subject", b"message-id", b"received", b"return-path", b"delivered-to", b"sender",
    b"reply-to", b"mime-version", b"content-type", b"x-gm-thrid", b"x-gmail-labels", b"x-mozilla-status",
    b"x-mozilla-status2", b"x-mozilla-keys", b"status", b"x-status", b"x-uid", b"x-uidl", b"x-account-key",
    b"envelope-to", b"x-envelope-from", b"x-envelope-to", b"x-original-to", b"dkim-signature", b"in-reply-to",
    b"references", b"x-received", b"arc-seal", b"content-length", b"x-mailer", b"user-agent", b"x-from-line", b"bcc",
    b"received-spf", b"authentication-results", b"domainkey-signature", b"resent-from", b"x-imapbase", b"x-imap",
    b"content-transfer-encoding", b"x-keywords", b"importance", b"x-priority", b"thread-topic", b"thread-index",
}  # fmt: skip


@dataclass(frozen=True)
class BoxedMail:
    """One e-mail of an mbox, as it was before. `size` is what it has, `raw` empty where that is more than was allowed.

    `cut_off`: the file ends in the middle of its last line.
    """

    raw: bytes
    size: int
    cut_off: bool = False


class _Lines:
    """Lines of a file in pieces of at most a megabyte, with a look ahead."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ahead: deque[bytes] = deque()

    def next(self) -> bytes:
        return self._ahead.popleft() if self._ahead else self._file.readline(_LONGEST_PIECE)

    def ahead(self, number: int) -> bytes:
        while len(self._ahead) <= number:
            line = self._file.readline(_LONGEST_PIECE)
            if not line:
                return b""
            self._ahead.append(line)
        return self._ahead[number]


def holds_several(raw: bytes) -> bool:
    """Whether a file that begins as an e-mail does is a mailbox that lost its first line."""
    if b"\nFrom" not in raw:
        return False
    found = read(io.BytesIO(raw), 0, started=True)
    return next(found, None) is not None and next(found, None) is not None


def begins_as_mbox(start: bytes) -> bool:
    """Whether a file begins as an mbox does."""
    return start.startswith(b"From ") or bool(re.match(rb"From\r?\n", start))


def read(file: IO[bytes], most_bytes: int, *, started: bool = False) -> Iterator[BoxedMail]:
    """Yield each e-mail: without the separator line, the empty line after it and the ">" before lines with "From ".

    `started`: the first begins without a separator line, as where the beginning of a mailbox was lost.
    """
    lines = _Lines(file)
    pieces: list[bytes] = []
    size = 0
    starts_line = after_empty = True
    line = lines.next()
    while line:
        if starts_line and line.startswith(b"From") and _separates(line, lines, after_empty, first=not started):
            if started and size:  # two separators, one below the other, are of a mailbox that two programs wrote
                yield BoxedMail(_joined(pieces), size)
            pieces, size, started = [], 0, True
        elif started:
            size += len(line)
            if size <= most_bytes:
                pieces.append(line)
            else:
                pieces.clear()
        starts_line, after_empty = line.endswith(b"\n"), not line.strip(b"\r\n")
        line = lines.next()
    if started:
        yield BoxedMail(_joined(pieces), size, cut_off=not starts_line)


def _separates(line: bytes, lines: _Lines, after_empty: bool, *, first: bool) -> bool:
    if not _FROM.match(line):
        return False
    if first:
        return True
    has_moment = bool(_MOMENT.search(line) and _YEAR.search(line))
    if not (after_empty or has_moment):
        return False
    at = 0
    while _ENVELOPE.match(lines.ahead(at)) and at < 3:
        at += 1
    if has_moment and after_empty:
        # An e-mail of a known mailbox program without any header, or none at all, is said to be none.
        return _is_written_by_program(line) or _header_follows(lines, at)
    return _header_follows(lines, at)


# "From MAILER-DAEMON Sun Nov 22 22:59:30 2026": with a weekday and nothing else after it, no sentence is like that.
_BY_PROGRAM = re.compile(
    rb"From .{0,1000}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +[0-9]{1,2}|[0-9]{1,2} +[A-Z][a-z]{2}) +"
    rb"(?:[0-9]{4} +)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: +[A-Za-z0-9+-]{1,8}){0,3}\s*$"
)


def _is_written_by_program(line: bytes) -> bool:
    return bool(_BY_PROGRAM.match(line))


def _header_follows(lines: _Lines, at: int) -> bool:
    """Whether the lines from there are the header of an e-mail: fields one after the other, two of the usual ones."""
    names: set[bytes] = set()
    for number in range(at, at + _MOST_LINES_AHEAD):
        line = lines.ahead(number)
        match = _FIELD.match(line)
        if match:
            names.add(match[1].lower())
            if len(names & _OF_MAIL) >= 2:
                return True
        elif not names or line[:1] not in (b" ", b"\t") or not line.strip():
            break
    return False


def _joined(pieces: list[bytes]) -> bytes:
    """The e-mail as it was before: without the empty line an mbox adds after it, and without escapes."""
    if pieces and pieces[-1] in (b"\n", b"\r\n") and len(pieces) > 1:
        pieces.pop()
    raw = b"".join(pieces)
    pieces.clear()
    return _ESCAPED_FROM.sub(rb"\1", raw) if b"\n>" in raw or raw.startswith(b">") else raw
