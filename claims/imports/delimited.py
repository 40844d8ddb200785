"""Rows of delimited files by the names of their header: any case, any order, byte order mark, short rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.values import has_nul
from claims.imports import values
from claims.imports.records import RowProblem, UnusableFile
from claims.imports.source import Source

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def column(name: str) -> str:
    """Return a header name as it is compared: lower case, everything but letters and digits one space."""
    return _NOT_A_WORD.sub(" ", name.casefold()).strip()


def header_of(text: str, delimiter: str) -> list[str]:
    """Return the column names of a header line, as compared."""
    return [column(cell) for cell in split_line(text, delimiter)]


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


def delimiter_of(line: str, candidates: str = "\t,;") -> str:
    """Return the delimiter that gives a header the most columns."""
    return max(candidates, key=line.count)


@dataclass(slots=True)
class DelimitedRow:
    """One row: cells by compared column name. Reading a cell cleans it; a bad one raises RowProblem."""

    line: int
    cells: list[str]
    index: dict[str, int]
    names: dict[str, str]

    @property
    def place(self) -> str:
        return f"line {self.line}"

    def get(self, name: str) -> str | None:
        """Return the cell of a column, None where it is empty, cut off, or the file has no such column."""
        at = self.index.get(name)
        if at is None or at >= len(self.cells):
            return None
        cell = self.cells[at]
        return values.clean(cell, f'column "{self.names[name]}"') if cell else None

    def refuse_nul(self) -> None:
        for name, at in self.index.items():
            if at < len(self.cells) and has_nul(self.cells[at]):
                raise RowProblem(f'column "{self.names[name]}" has a NUL byte in it')


def rows(source: Source, *, required: Iterable[str], aliases: dict[str, str] | None = None) -> Iterator[DelimitedRow]:
    """Yield the rows under the header, empty ones left out.

    `required` are column names as people write them; a missing one is an UnusableFile that names it and what was
    found. `aliases` maps compared names to the compared name that is used.
    """
    lines = source.lines()
    first = next(((n, line) for n, line in lines if line.strip()), None)
    if first is None:
        raise UnusableFile("has no header line")
    delimiter = delimiter_of(first[1])
    written = [cell.strip() for cell in split_line(first[1], delimiter)]
    index: dict[str, int] = {}
    names: dict[str, str] = {}
    for at, cell in enumerate(written):
        name = column(cell)
        name = (aliases or {}).get(name, name)
        if name and name not in index:
            index[name], names[name] = at, cell
    for name in required:
        if column(name) not in index:
            found = ", ".join(cell for cell in written if cell)
            raise UnusableFile(f'column "{name}" is missing. Found: {found[:400]}')
    if delimiter == "\t":
        split: Iterator[tuple[int, list[str]]] = ((n, split_line(line, "\t")) for n, line in lines)
    else:
        split = _csv_rows(lines, delimiter, first[0])
    for number, cells in split:
        if any(cell and not cell.isspace() for cell in cells):
            yield DelimitedRow(number, cells, index, names)


def _csv_rows(lines: Iterator[tuple[int, str]], delimiter: str, after: int) -> Iterator[tuple[int, list[str]]]:
    """Yield (line a row begins on, cells); a quoted cell may hold line ends, but not swallow the file."""
    at = [after]

    def feed() -> Iterator[str]:
        for number, line in lines:
            at[0] = number
            yield line + "\n"

    csv.field_size_limit(1 << 17)
    reader = csv.reader(feed(), delimiter=delimiter)
    while True:
        start = at[0] + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnusableFile(f"line {start} can't be read: {error}") from None
        yield start, cells
