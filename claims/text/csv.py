"""CSV as it leaves the portal: the one writer, and its guard against cells that a spreadsheet would run as a formula.

The guard decides on what a spreadsheet may make of a cell: its compatibility form, past blanks, control and invisible
characters. What is written is the cell as it is, with an apostrophe before it where it needs one. Amounts of our own
making are numbers (`Number`) and stay numbers, minus sign and all.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import IO
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from claims.text import formats

_STARTERS = frozenset("=+-@\u2212")
_BREAKS = ("\t", "\r", "\n")
_DIVIDES = re.compile(r"([;\t\r\n])")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing: fillers of Hangul, and the empty cell of Braille."""
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


class Number(str):
    """A number of ours, ready written: digits, a point, a minus sign. Raises ValueError for any other text."""

    __slots__ = ()

    def __new__(cls, text: str) -> Number:
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{text!r} is not a number")
        return super().__new__(cls, text)


def iso(at: datetime | None, zone: ZoneInfo) -> str:
    """Return the moment with its offset, to the second; "" for none."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def plain(minor: int, currency: str) -> Number:
    """Return the amount with a point and no separators."""
    return Number(formats.amount(minor, currency).replace(",", ""))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take the cell for a formula."""
    return text.startswith(_BREAKS) or _begins_as_one(text)


def _begins_as_one(text: str) -> bool:
    if _first_seen(text) in _STARTERS:
        return True
    return not text.isascii() and _first_seen(normalize("NFKC", text)) in _STARTERS


def _first_seen(text: str) -> str:
    return next((char for char in text if category(char) not in _UNSEEN and char not in _FILLERS), "")


def guarded(text: str) -> str:
    """Return text for a cell: what a spreadsheet might run as a formula starts with an apostrophe.

    So does what follows a semicolon, a tab or a line break in it: where the comma is the decimal mark, a spreadsheet
    divides the lines of this file at semicolons, and finds no quotes at the beginning of what it takes for a cell.
    """
    first, *rest = _DIVIDES.split(text)
    parts = [f"'{part}" if _begins_as_one(part) else part for part in rest]
    return ("'" if is_formula(text) else "") + first + "".join(parts)


def unguarded(text: str) -> str:
    """Return what `guarded` was given, for a file that comes back."""
    if text.startswith("'") and is_formula(inner := _without_guards(text[1:])):
        return inner
    return _without_guards(text)


def _without_guards(text: str) -> str:
    first, *rest = _DIVIDES.split(text)
    return first + "".join(part[1:] if part.startswith("'") and _begins_as_one(part[1:]) else part for part in rest)


class Writer:
    """Writes rows to a text file or stream that was opened with newline=""."""

    def __init__(self, out: IO[str]) -> None:
        self._out = csv.writer(out)

    def row(self, cells: Iterable[object]) -> None:
        """Write one row: numbers as they are, all else as text under the guard; None is an empty cell."""
        self._out.writerow([_cell(cell) for cell in cells])


def line(cells: Iterable[object]) -> str:
    """Return one line of CSV, its end included."""
    out = io.StringIO()
    Writer(out).row(cells)
    return out.getvalue()


def _cell(cell: object) -> object:
    if cell is None or isinstance(cell, Number) or (isinstance(cell, int) and not isinstance(cell, bool)):
        return cell
    return guarded(str(cell))
