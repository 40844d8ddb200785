"""A seller's own CSV of refunds to claim: bytes in, rows with their line out, or why the file can't be used.

Written by hand, by our template, or by a spreadsheet: with or without a BOM, commas, semicolons or tabs, any order of
columns. Nothing of it is ever run: a cell is text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from claims.text import csv as csv_out

MOST_ROWS = 50_000
MOST_WORDS = 10_000
_COLUMNS = ("order id", "refunded on", "sku", "quantity", "amount", "reason", "sub-reason", "statement")
_OTHER_NAMES = {"case": "sub-reason", "sub reason": "sub-reason", "description": "statement"}
COLUMNS = (*_COLUMNS, *_OTHER_NAMES)
"""The columns that are read, by today's names and by those they had."""
FOR_INFORMATION = ("asin", "item", "refunded", "currency", "left to claim", "file by")
_NUL = "\x1a"  # takes the place of NUL, which the reader of CSV does not accept
_AS_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)


class UnusableFile(Exception):
    """Nothing of the file can be used. `code` with `params` says why; nothing was made of it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its line in the file, and its cells, trimmed, by today's names of the columns.

    `unreadable`: it holds what is no text.
    """

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    rows: list[FileRow]
    not_read: list[str]


def parse(data: bytes) -> Parsed:
    """Return the rows of the file but the empty ones, and the columns nothing is read from. Raises UnusableFile."""
    text = _text(data)
    if not text.strip():
        raise UnusableFile("EMPTY")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = [_name(cell) for cell in next(reader, [])]
    except csv.Error as error:
        raise UnusableFile("BROKEN", line=1) from error
    if "order id" not in header:
        raise UnusableFile("NO_ORDER_ID", found=", ".join(cell for cell in header if cell)[:200])
    for name in _COLUMNS:
        if header.count(name) > 1:
            raise UnusableFile("TWICE", column=name)
    rows = list(_rows(reader, header))
    if not rows:
        raise UnusableFile("NO_ROWS")
    known = {*_COLUMNS, *FOR_INFORMATION, ""}
    return Parsed(rows, [name[:40] for name in header if name not in known][:10])


def _rows(reader: Iterator[list[str]], header: list[str]) -> Iterator[FileRow]:
    last = 1
    number = 0
    while True:
        line = last + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnusableFile("BROKEN", line=line) from error
        if cells is None:
            return
        last = reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        if number > MOST_ROWS:
            raise UnusableFile("TOO_MANY_ROWS", max=MOST_ROWS)
        found = {name: _cell(cell) for name, cell in zip(header, cells, strict=False) if name in _COLUMNS}
        yield FileRow(line, found, unreadable=any(_NUL in cell for cell in cells))


def _text(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnusableFile("SPREADSHEET")
    if data.startswith(b"%PDF"):
        raise UnusableFile("NOT_CSV")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16").replace("\x00", _NUL)
        except UnicodeDecodeError as error:
            raise UnusableFile("NOT_CSV") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if text[:4000].count("\x00") > 20:
        raise UnusableFile("NOT_CSV")
    return text.replace("\x00", _NUL)


def _delimiter(text: str) -> str:
    """Return what separates the cells of the first line. A line "sep=;" as spreadsheets write it isn't known."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max((",", ";", "\t"), key=first.count)


def _name(cell: str) -> str:
    name = " ".join(cell.replace("_", " ").replace(_NUL, " ").split()).casefold()
    return _OTHER_NAMES.get(name, name)


def _cell(cell: str) -> str:
    """Return the text of a cell, without what spreadsheets put around text: an apostrophe, or =\"…\"."""
    written = cell.strip()
    if found := _AS_TEXT.match(written):
        return found[1].strip()
    return csv_out.unguarded(written)
