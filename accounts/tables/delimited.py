"""Rows of tables by the names of their header: any case, any order, byte order mark, short rows.

A row that can't be what it seems is told as one and never read: more cells than the header, a line end inside a cell
that divides it in two, a column that is there twice and says two things.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from accounts.tables.source import UnusableFile
from accounts.values import days, has_nul
from accounts.values.days import Evidence
from accounts.values.text import MAX_TEXT, Unreadable, cell_text, shown

LONGEST_PREAMBLE = 40
DELIMITERS = "\t,;|"
_NOT_A_WORD = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r'"?sep=(.)"?[,;|\t]*', re.IGNORECASE)
_LOST = "a line end stands inside one of its cells, and the rest of it is on line {}"
_FOUND = "is the rest of line {}, where a line end stands inside a cell"


def column(name: str) -> str:
    """Return a header name as it is compared: lower case, everything but letters and digits one space."""
    return _NOT_A_WORD.sub(" ", name.casefold()).strip()


def split_line(line: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        return [_unquoted(cell) if cell[:1] == '"' else cell for cell in line.split("\t")]
    return next(csv.reader([line], delimiter=delimiter), [])


def _unquoted(cell: str) -> str:
    """Undo what a spreadsheet did to a tab-separated cell; an inch mark in a title stays."""
    inner = cell[1:-1]
    if len(cell) > 1 and cell.endswith('"') and inner.count('"') == 2 * inner.count('""'):
        return inner.replace('""', '"')
    return cell


def delimiter_of(line: str, candidates: str = DELIMITERS) -> str:
    """Return the delimiter that gives a header the most columns."""
    return max(candidates, key=line.count)


class Lines(Protocol):
    """What a table is read from; a source is one, and so is a part of one."""

    is_spreadsheet: bool

    def lines(self) -> Iterator[tuple[int, str]]: ...


@dataclass(frozen=True, slots=True)
class Header:
    """The header line: its number, what separates its cells, and the cells as they are compared and as written."""

    line: int
    delimiter: str
    names: list[str]
    written: list[str]


def header_in(lines: Iterable[tuple[int, str]], begins: Callable[[list[str]], bool] | None = None) -> Header | None:
    """Return the first line that isn't empty as a header, after a line `sep=;` if there is one; None where none is.

    With `begins`, the first line that it says is one; those above it are a preamble.
    """
    delimiter = ""
    for number, line in lines:
        if not line.strip():
            continue
        if not delimiter and (found := _SEPARATOR.fullmatch(line.strip(" \r"))):
            delimiter = found[1]
            continue
        mark = delimiter if delimiter and delimiter in line else delimiter_of(line)
        written = [cell.strip() for cell in split_line(line, mark)]
        names = [column(cell) for cell in written]
        if begins is None or begins(names):
            return Header(number, mark, names, written)
    return None


@dataclass(slots=True)
class DelimitedRow:
    """One row: cells by compared column name. Reading a cell cleans it; a bad one raises Unreadable.

    `problem` is what makes the row none that can be read.
    """

    line: int
    cells: list[str]
    index: dict[str, int]
    names: dict[str, str]
    problem: str = ""

    @property
    def place(self) -> str:
        return f"line {self.line}"

    def get(self, name: str) -> str | None:
        """Return the cell of a column, None where it is empty, cut off, or the file has no such column."""
        at = self.index.get(name)
        if at is None or at >= len(self.cells):
            return None
        cell = self.cells[at].strip()
        if cell.isascii() and cell.isprintable() and len(cell) <= MAX_TEXT and cell[:1] != "=":  # what most are
            return cell or None
        return cell_text(cell, f'column "{self.names[name]}"')

    def check(self) -> None:
        """Raise Unreadable for a row whose shape is wrong or that has a NUL byte in a column that is read."""
        if self.problem:
            raise Unreadable(self.problem)
        if "\x00" not in "".join(self.cells):
            return
        for name, at in self.index.items():
            if at < len(self.cells) and has_nul(self.cells[at]):
                raise Unreadable(f'column "{self.names[name]}" has a NUL byte in it')


@dataclass(slots=True)
class Table:
    """The rows under a header. `evidence` says how the days in the columns `days_in` are meant, asked when needed."""

    lines_of: Callable[[], Iterator[tuple[int, str]]]
    header: Header
    index: dict[str, int]
    names: dict[str, str]
    twice: list[tuple[str, int]]
    counts_rows: bool
    days_in: Sequence[str] = ()
    starts: Callable[[DelimitedRow], bool] | None = None
    quoted: bool = True
    _evidence: Evidence | None = None

    def evidence(self) -> Evidence:
        """Return what the file's own days say about their order. Reads the file once more, the first time."""
        if self._evidence is None:
            at = [self.index[name] for name in map(column, self.days_in) if name in self.index]
            self._evidence = days.evidence_of(
                row[place] for _n, row in self._split() for place in at if place < len(row)
            )
        return self._evidence

    def __iter__(self) -> Iterator[DelimitedRow]:
        rows = self._rows()
        return rows if self.quoted or self.starts is None else self._whole(rows)

    def _split(self) -> Iterator[tuple[int, list[str]]]:
        lines = ((n, line) for n, line in self.lines_of() if n > self.header.line)
        if not self.quoted:
            return ((n, split_line(line, "\t")) for n, line in lines)
        return _csv_rows(lines, self.header.delimiter, self.header.line, counts_rows=self.counts_rows)

    def _rows(self) -> Iterator[DelimitedRow]:
        width = len(self.header.names)
        for number, cells in self._split():
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            row = DelimitedRow(number, cells, self.index, self.names)
            if len(cells) > width:
                row.problem = f"has {len(cells)} cells, and the header has {width}"
            elif not self.quoted and _is_open(cells[-1]):
                row.problem = _LOST.format(number + 1)
            for name, at in self.twice:
                row.problem = row.problem or self._contradiction(row, name, at)
            yield row

    def _contradiction(self, row: DelimitedRow, name: str, at: int) -> str:
        first, other = (row.cells[n].strip() if n < len(row.cells) else "" for n in (self.index[name], at))
        if other and not first:
            row.cells[self.index[name]] = other
        if first and other and first != other:
            return f'column "{self.names[name]}" is there twice, with {shown(first)} and {shown(other)}'
        return ""

    def _whole(self, rows: Iterator[DelimitedRow]) -> Iterator[DelimitedRow]:
        """Yield the rows; one that a line end cut in two is refused, both halves of it."""
        assert self.starts is not None
        held: DelimitedRow | None = None
        for row in rows:
            if held is not None:
                if row.line == held.line + 1 and not self.starts(row):
                    held.problem = held.problem or _LOST.format(row.line)
                    row.problem = _FOUND.format(held.line)
                yield held
                held = None
            if row.problem or len(row.cells) < len(self.header.names):
                held = row
            else:
                yield row
        if held is not None:
            yield held


def _is_open(cell: str) -> bool:
    """Whether a quoted cell of a tab-separated line goes on on the next line. An inch mark begins no cell."""
    return cell[:1] == '"' and cell.count('"') % 2 == 1 and len(cell) > 1 and not cell[1:2].isspace()


def table(
    source: Lines,
    *,
    required: Iterable[str],
    aliases: dict[str, str] | None = None,
    days_in: Sequence[str] = (),
    starts: Callable[[DelimitedRow], bool] | None = None,
    quoted_tabs: bool = False,
    begins: Callable[[list[str]], bool] | None = None,
) -> Table:
    """Return the table of a file, empty rows left out.

    `required` are column names as people write them; a missing one is an UnusableFile that names it and what was
    found. `aliases` maps compared names to the compared name that is used. `days_in` names the columns with days,
    `starts` says whether a tab-separated line begins a row, `begins` which line is the header under a preamble.
    `quoted_tabs`: tab-separated cells are quoted as spreadsheets do it, so that one may hold a line end.
    """
    header = header_in(islice(source.lines(), LONGEST_PREAMBLE * 5 if begins else None), begins)
    if header is None:
        raise UnusableFile("has no header line")
    index: dict[str, int] = {}
    names: dict[str, str] = {}
    twice: list[tuple[str, int]] = []
    for at, (name, cell) in enumerate(zip(header.names, header.written, strict=True)):
        name = (aliases or {}).get(name, name)
        if name and name in index:
            twice.append((name, at))
        elif name:
            index[name], names[name] = at, cell
    for name in required:
        if column(name) not in index:
            found = ", ".join(cell for cell in header.written if cell)
            raise UnusableFile(f'column "{name}" is missing. Found: {found[:400]}')
    quoted = quoted_tabs or header.delimiter != "\t"
    return Table(source.lines, header, index, names, twice, source.is_spreadsheet, days_in, starts, quoted)


def _csv_rows(
    lines: Iterator[tuple[int, str]], delimiter: str, after: int, *, counts_rows: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line a row begins on, cells); a quoted cell may hold line ends, but not swallow the file.

    The rows of a spreadsheet are counted instead.
    """
    at = [after]

    def feed() -> Iterator[str]:
        for number, line in lines:
            at[0] = number
            yield line + "\n"

    csv.field_size_limit(1 << 17)
    reader = csv.reader(feed(), delimiter=delimiter)
    row = after
    while True:
        start, row = at[0] + 1, row + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnusableFile(f"line {start} can't be read: {error}") from None
        yield row if counts_rows else start, cells
