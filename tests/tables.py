"""Tables in docs that tests write: each row is what really happened, and the test that made it happen compares it.

`UPDATE_DOCS=1` has rows written instead. A row is known by its first cell.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DocsTable:
    """A table between the marks of a page; `names` are its rows by their first cell, in order.

    Where a page has several, `of` is what the marks call this one: "the table of cases begins".
    """

    page: Path
    columns: tuple[str, ...]
    names: tuple[str, ...]
    of: str = ""

    @property
    def _marks(self) -> tuple[str, str]:
        called = f"the table of {self.of}" if self.of else "the table"
        return f"<!-- {called} begins -->\n", f"<!-- {called} ends -->\n"

    def compare(self, name: str, *cells: str) -> None:
        """Assert that the table has this row, or write it."""
        row = self._row(name, *cells)
        if os.environ.get("UPDATE_DOCS"):
            self._write({**self.rows(), name: row})
        assert self.rows().get(name) == row

    def compare_names(self) -> None:
        """Assert that the table has a row for each name, in order, and no other."""
        if os.environ.get("UPDATE_DOCS"):
            self._write(self.rows())
        assert tuple(self.rows()) == self.names

    def rows(self) -> dict[str, str]:
        """The rows as they stand in the page, by their first cell."""
        lines = self._parts()[1].splitlines(keepends=True)[2:]
        return {line.split("|")[1].strip(): line for line in lines}

    def _row(self, *cells: str) -> str:
        assert not any("|" in cell or "\n" in cell for cell in cells)
        return f"| {' | '.join(cells)} |\n"

    def _parts(self) -> tuple[str, str, str]:
        begins, ends = self._marks
        head, mark, rest = self.page.read_text().partition(begins)
        table, end, tail = rest.partition(ends)
        assert (mark, end) == (begins, ends), f"{self.page} has no marks"
        return head, table, tail

    def _write(self, rows: dict[str, str]) -> None:
        head, _table, tail = self._parts()
        top = self._row(*self.columns) + "|" + "---|" * len(self.columns) + "\n"
        kept = "".join(rows[name] for name in self.names if name in rows)
        begins, ends = self._marks
        self.page.write_text(f"{head}{begins}{top}{kept}{ends}{tail}")
