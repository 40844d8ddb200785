"""A seller's own table of refunds to claim: bytes in, rows with their line out, or why the file can't be used.

Written by hand, by our template, or by a spreadsheet of any locale: CSV, tab-separated text or a spreadsheet itself.
Nothing of it is ever run: a cell is text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from accounts.tables import source as tables
from accounts.tables.delimited import Header, Table, column, header_in, table
from accounts.values import days
from accounts.values.days import DayOrder, Evidence
from accounts.values.text import as_written
from claims.text import csv as csv_out

MOST_ROWS = 50_000
MOST_WORDS = 10_000
_COLUMNS = ("order id", "refunded on", "sku", "quantity", "amount", "reason", "sub-reason", "statement")
_OTHER_NAMES = {"case": "sub-reason", "sub reason": "sub-reason", "description": "statement"}
COLUMNS = (*_COLUMNS, *_OTHER_NAMES)
"""The columns that are read, by today's names and by those they had."""
FOR_INFORMATION = ("asin", "item", "refunded", "currency", "left to claim", "file by")
_KNOWN = {column(name): name for name in _COLUMNS} | _OTHER_NAMES
"""Compared names of columns → ours."""
_MANY = "\x00" * 20


class UnusableFile(Exception):
    """Nothing of the file can be used. `code` with `params` says why; nothing was made of it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its line in the file, and its cells by column, trimmed.

    `unreadable`: it holds what is no text. `cut`: what makes it no row of this table, as code and values. `days` are
    the days its "refunded on" can mean, the likeliest first.
    """

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    unreadable: bool = False
    cut: tuple[str, dict[str, object]] | None = None
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """`notes` are sentences about how the file was read."""

    rows: list[FileRow]
    not_read: list[str]
    notes: list[str] = field(default_factory=list)


def parse(data: bytes, *, charset: str = "cp1252", custom: str = "") -> Parsed:
    """Return the rows of the file but the empty ones, and the columns nothing is read from. Raises UnusableFile.

    `charset` is what spreadsheets of the seller's place save text in, `custom` how days are written there.
    """
    if data.startswith(b"%PDF"):
        raise UnusableFile("NOT_CSV")
    try:
        source = tables.of_bytes(data, "file", (charset,))
        if _MANY.encode() in source.head or not source.head.strip(b"\xef\xbb\xbf \t\r\n\x00"):
            raise UnusableFile("NOT_CSV" if b"\x00" in source.head else "EMPTY")
        header = header_in(source.lines())
        if header is None:
            raise UnusableFile("EMPTY")
        _check(header)
        found = table(
            source,
            required=(),
            aliases={name: column(known) for name, known in _KNOWN.items()},
            days_in=("refunded on",),
            quoted_tabs=True,
        )
        rows = _rows(found, DayOrder(custom) if custom else None)
    except tables.UnusableFile as problem:
        raise UnusableFile("UNREADABLE", why=str(problem)) from problem
    if not rows:
        raise UnusableFile("NO_ROWS")
    known = {*map(column, _COLUMNS), *map(column, FOR_INFORMATION), *_KNOWN, ""}
    return Parsed(rows, [name[:40] for name in header.names if name not in known][:10], source.notes)


def _check(header: Header) -> None:
    names = [_KNOWN.get(name, name) for name in header.names]
    if "order id" not in names:
        raise UnusableFile("NO_ORDER_ID", found=", ".join(cell for cell in header.written if cell)[:200])
    for name in _COLUMNS:
        if names.count(name) > 1:
            raise UnusableFile("TWICE", column=name)


def _rows(found: Table, custom: DayOrder | None) -> list[FileRow]:
    rows: list[FileRow] = []
    width = len(found.header.names)
    for row in found:
        if len(rows) == MOST_ROWS:
            raise UnusableFile("TOO_MANY_ROWS", max=MOST_ROWS)
        at = {known: place for name, place in found.index.items() if (known := _OURS.get(name))}
        cells = {known: _cell(row.cells[place]) for known, place in at.items() if place < len(row.cells)}
        cut: tuple[str, dict[str, object]] | None = None
        if len(row.cells) > width:
            cut = "LONGER", {"cells": len(row.cells), "width": width}
        elif row.problem:
            cut = "LINE_END", {}
        unreadable = any("\x00" in cell for cell in row.cells)
        rows.append(FileRow(row.line, cells, unreadable, cut, _days(cells.get("refunded on", ""), found, custom)))
    return rows


_OURS = {column(name): name for name in _COLUMNS}


def _days(written: str, found: Table, custom: DayOrder | None) -> tuple[date, ...]:
    """Return the days a cell can mean, by the file's own evidence; where it says nothing, the custom's comes first."""
    both = days.candidates(written) if written else ()
    if len(both) != 2:
        return both
    evidence = found.evidence()
    if evidence is Evidence.DAY_FIRST:
        return both[:1]
    if evidence is Evidence.MONTH_FIRST:
        return both[1:]
    return both[::-1] if custom is DayOrder.MONTH_FIRST else both


def _cell(cell: str) -> str:
    """Return the text of a cell, without what spreadsheets put around text: an apostrophe, or =\"…\"."""
    written = cell.strip()
    bare = as_written(written)
    return bare if bare != written else csv_out.unguarded(written)
