"""A second e-mail within the text of one: header fields as only mail programs and servers write them.

Where the line that parts two e-mails is lost, the words of the second are read as if the writer of the first had said
them. What a person quotes or forwards has a header too, but an abridged one, with a date as people write it, below a
line that says so, or marked with ">".
"""

from __future__ import annotations

import re

_FROM = (b"From:", b"from:", b"FROM:", b"From :", b"Message-ID:", b"Message-Id:", b"message-id:", b"Received:")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:")
_MACHINE_MADE = {
    b"message-id",
    b"received",
    b"return-path",
    b"mime-version",
    b"delivered-to",
    b"x-received",
    b"dkim-signature",
    b"content-type",
    b"content-transfer-encoding",
    b"x-mozilla-status",
    b"x-mozilla-keys",
    b"x-gm-thrid",
    b"x-gmail-labels",
    b"x-mailer",
    b"x-uid",
    b"status",
}
_ADDRESSED = {b"from", b"to", b"subject", b"date", b"sender", b"reply-to"}
_DATE = re.compile(
    rb"date[ \t]*:[ \t]*(?:[A-Za-z]{3},?[ \t]+)?[0-9]{1,2}[ \t]+[A-Za-z]{3}[ \t]+[0-9]{4}[ \t]+"
    rb"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?[ \t]+(?:[+-][0-9]{4}|GMT|UTC?|[A-Z]{3,4})",
    re.IGNORECASE,
)
_FORWARDED = re.compile(rb"(?:begin|start of) forwarded message:", re.IGNORECASE)
_MOST_LINES = 80
_LONGEST = 1000


def find(raw: bytes, start: int = 0, end: int | None = None) -> int:
    """Return where a second header begins between two places, -1 where there is none. Takes linear time."""
    end = len(raw) if end is None else end
    hits = sorted({at for word in _FROM for at in _line_starts(raw, word, start, end)})
    done = -1
    for at in hits:
        if at < done:
            continue
        first, done, names, dated, closed = _run(raw, at, start, end)
        if not closed or not names & _ADDRESSED:
            continue
        if len(names) >= 2 and names & _MACHINE_MADE and (names & {b"from", b"message-id", b"received"}):
            return first
        if b"from" in names and dated and not _was_announced(raw, first, start):
            return first
    return -1


def _line_starts(raw: bytes, word: bytes, start: int, end: int) -> list[int]:
    found, at = [], raw.find(word, start, end)
    while at >= 0:
        if at == start or raw[at - 1] in b"\n\r":
            found.append(at)
        at = raw.find(word, at + 1, end)
    return found


def _run(raw: bytes, at: int, start: int, end: int) -> tuple[int, int, set[bytes], bool, bool]:
    """Return the fields around a place: first, end, names, if dated as by a program, if an empty line ends them."""
    first = at
    for _ in range(_MOST_LINES):
        if first <= start:
            break
        before = raw.rfind(b"\n", max(start, first - _LONGEST), first - 1) + 1
        before = before or start
        line = raw[before : first - 1]
        if before == first or not (_FIELD.match(line) or (line[:1] in (b" ", b"\t") and line.strip())):
            break
        first = before
    names: set[bytes] = set()
    dated = False
    place = first
    for _ in range(_MOST_LINES * 2):
        if place >= end:
            return first, place, names, dated, True
        line_end = raw.find(b"\n", place, end)
        line_end = end if line_end < 0 else line_end
        line = raw[place : min(line_end, place + _LONGEST)]
        if not line.strip():
            return first, place, names, dated, True
        match = _FIELD.match(line)
        if match:
            names.add(match[1].lower())
            dated = dated or _DATE.match(line) is not None
        elif line[:1] not in (b" ", b"\t"):
            return first, place, names, dated, False
        place = line_end + 1
    return first, place, names, dated, True


def _was_announced(raw: bytes, first: int, start: int) -> bool:
    """Whether the line before says that something is quoted or forwarded: "----- Original Message -----"."""
    before = bytes(raw[max(start, first - 300) : first]).rstrip(b"\r\n\t ")
    line = before.rpartition(b"\n")[2]
    return _says_so(line.strip(b" \t"))


def _says_so(line: bytes) -> bool:
    """Whether a line says that an e-mail begins below it: words between dashes, or Apple's sentence."""
    words = line.strip(b"-")
    between_dashes = line.startswith(b"---") and line.endswith(b"---") and 1 <= len(words) <= 200
    return between_dashes or _FORWARDED.fullmatch(line) is not None
