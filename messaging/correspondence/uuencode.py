"""Files written into the words of an e-mail, as was done before MIME: "begin 644 photo.jpg"."""

from __future__ import annotations

import binascii
import re

_BEGIN = re.compile(r"begin [0-7]{3,4} (\S.{0,200}?)\s*")
_END = re.compile(r"\s*end\s*")


def extract(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the words without the files written into them, and the files with their names. LF line ends.

    What only looks like one (no end, a line that can't be decoded) stays where it is.
    """
    if "begin " not in text:
        return text, []
    lines, kept, files = text.split("\n"), [], []
    at = none_before = 0
    while at < len(lines):
        begins = _BEGIN.fullmatch(lines[at]) if at >= none_before and lines[at].startswith("begin ") else None
        if begins:
            content, after = _file(lines, at + 1)
            if content is not None:
                files.append((begins[1], content))
                at = after
                continue
            none_before = after  # what begins before the line that broke this one is broken by it too
        kept.append(lines[at])
        at += 1
    return ("\n".join(kept), files) if files else (text, [])


def _file(lines: list[str], at: int) -> tuple[bytes | None, int]:
    """Return a file and the line after its end; None and the line at which it breaks for what is none."""
    pieces: list[bytes] = []
    for number in range(at, len(lines)):
        line = lines[number].rstrip("\r")
        if _END.fullmatch(line) and pieces:
            return b"".join(pieces), number + 1
        piece = _line(line)
        if piece is None:
            return None, number
        pieces.append(piece)
    return None, len(lines)


def _line(line: str) -> bytes | None:
    if not line.isascii():
        return None
    data = line.encode()
    try:
        return binascii.a2b_uu(data)
    except binascii.Error:
        # Blanks at the end are often lost on the way, and some programs write one character too many.
        length = (data[0] - 32) & 63 if data else 0
        needed = (length * 4 + 5) // 3
        if not data or not length or abs(len(data) - 1 - needed) > max(4, needed):
            return None
        try:
            return binascii.a2b_uu(data[: needed + 1].ljust(needed + 1))
        except binascii.Error:
            return None
