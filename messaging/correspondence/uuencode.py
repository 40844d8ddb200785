"""Files written into the words of an e-mail, as was done before MIME: "begin 644 photo.jpg"."""

from __future__ import annotations

import binascii
import re

_BEGIN = re.compile(r"begin [0-7]{3,4} ([^\s\n][^\n]{0,200}?)[ \t]*(?:\n|\Z)")
_END = re.compile(r"[ \t]*end[ \t]*")


def extract(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the words without the files written into them, and the files with their names. LF line ends.

    What only looks like one (no end, a line that can't be decoded) stays where it is.
    """
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    at = looked = none_before = 0
    while (found := text.find("begin ", looked)) >= 0:
        looked = found + 1
        begins = _BEGIN.match(text, found) if found >= none_before and (not found or text[found - 1] == "\n") else None
        if not begins:
            continue
        content, after = _file(text, begins.end())
        if content is None:
            none_before = after  # what begins before the line that broke this one is broken by it too
            continue
        kept.append(text[at:found])
        files.append((begins[1], content))
        at = looked = after
    return ("".join([*kept, text[at:]]) if files else text), files


def _file(text: str, at: int) -> tuple[bytes | None, int]:
    """Return a file and the place after its end; None and the place at which it breaks for what is none."""
    content = bytearray()
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        line = text[at : min(line_end, at + 200)]
        if content and _END.fullmatch(line):
            return bytes(content), min(line_end + 1, len(text))
        piece = _line(line)
        if piece is None:
            return None, at
        content += piece
        at = line_end + 1
    return None, len(text)


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
