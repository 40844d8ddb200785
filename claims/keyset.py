"""Where a page of a list begins: right past the row that the last one ended with (keyset), never after so many rows.

So the hundredth page costs what the first one does, and a row that comes in moves no other to a page twice. A list has
a `SortOrder`; its `Cursors` write a row's place into an address and read it from there; `page` reads what lies past
it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NUMBER = r"\d{1,18}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_MOMENT = "none"

Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)


class PageDirection(StrEnum):
    """Which page is meant, seen from a row: OLDER goes on in the list's order, NEWER goes back in it."""

    OLDER = "older"
    NEWER = "newer"


def micros(at: datetime) -> int:
    """Return the moment as whole microseconds since 1970, without a rounding error."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(text: str) -> datetime | None:
    """Return the moment that `micros` wrote, or None for a number that is none."""
    try:
        return _EPOCH + timedelta(microseconds=int(text))
    except (OverflowError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class CursorPlace:
    """Where a page begins: past the row `row` with the moment `at` (None: it has none), the way it says.

    `row` is the row's key, or the subquery that finds it.
    """

    way: PageDirection
    at: datetime | None
    row: Any


@dataclass(frozen=True, slots=True)
class SortOrder:
    """What a list is sorted by: the column `moment` ("" for none), then the row's key, both the same way.

    Where the moment is `nullable`, rows without one stand past all that have one, as the database sorts them.
    """

    moment: str
    ascending: bool
    nullable: bool = False

    def columns(self, start: CursorPlace | None = None) -> tuple[str, ...]:
        """Return what to sort the rows of a page by, the nearest to its start first."""
        ahead = "" if self._is_ascending(start) else "-"
        return tuple(f"{ahead}{name}" for name in (self.moment, "pk") if name)

    def past(self, start: CursorPlace) -> tuple[Q, ...]:
        """Return the conditions of lying past a place, nearest first, each as an index reads it.

        There are two where both rows with and rows without a moment lie past it.
        """
        ascending = self._is_ascending(start)
        key_past = Q(**{f"pk__{'gt' if ascending else 'lt'}": start.row})
        if not self.moment:
            return (key_past,)
        without = Q(**{f"{self.moment}__isnull": True})
        if start.at is None:
            return (without & key_past,) if ascending else (without & key_past, ~without)
        than = TupleGreaterThan if ascending else TupleLessThan
        # Compared as rows, so that an index is entered at the very place.
        past = Q(than((F(self.moment), F("pk")), (start.at, start.row)))
        return (past, without) if self.nullable and ascending else (past,)

    def _is_ascending(self, start: CursorPlace | None) -> bool:
        return self.ascending == (start is None or start.way is PageDirection.OLDER)


@dataclass(frozen=True, slots=True)
class Cursors:
    """How a list writes places into addresses. `name` is the pattern of what names a row there.

    With a signer only the cursors that it signed are read.
    """

    name: str
    signer: Signer | None = None

    def write(self, way: PageDirection, at: datetime | None, name: str) -> str:
        """Return the cursor to what lies past a row, exact to the microsecond."""
        text = f"{way}-{_NO_MOMENT if at is None else micros(at)}-{name}"
        return self.signer.sign(text) if self.signer else text

    def read(self, text: str, row: Callable[[str], Any], *, undated: bool = False) -> CursorPlace | None:
        """Return the place that a cursor names; None, the first page, for one that nobody gave out.

        `row` returns the key of the row with a name, or the subquery that finds it, or None where there is none.
        `undated`: whether the list has rows without a moment.
        """
        try:
            plain = self.signer.unsign(text) if self.signer else text
        except BadSignature:
            return None
        pattern = rf"(older|newer)-(\d{{1,17}}|{_NO_MOMENT})-({self.name})"
        parts = re.fullmatch(pattern, plain, re.ASCII | re.DOTALL)
        if not parts:
            return None
        at = None if parts[2] == _NO_MOMENT else moment(parts[2])
        if at is None and not (undated and parts[2] == _NO_MOMENT):
            return None
        key = row(parts[3])
        return None if key is None else CursorPlace(PageDirection(parts[1]), at, key)


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """The rows of a page in the list's order, with the cursors to its neighbours ("" at the ends)."""

    rows: list[Row]
    older: str
    newer: str


Write = Callable[[PageDirection, Row], str]
"""Returns the cursor to what lies a way past a row."""


def cut(rows_read: Iterable[Row], size: int, start: CursorPlace | None, write: Write[Row]) -> KeysetPage[Row]:
    """Return the page of up to `size` + 1 rows that were read from its start on, the nearest to it first."""
    rows = list(rows_read)
    more, rows = len(rows) > size, rows[:size]
    backwards = start is not None and start.way is PageDirection.NEWER
    if backwards:
        rows.reverse()
    if not rows:
        return KeysetPage([], older="", newer="")
    has_older, has_newer = (True, more) if backwards else (more, start is not None)
    return KeysetPage(
        rows,
        older=write(PageDirection.OLDER, rows[-1]) if has_older else "",
        newer=write(PageDirection.NEWER, rows[0]) if has_newer else "",
    )


def page(
    queryset: QuerySet[Stored], order: SortOrder, size: int, start: CursorPlace | None, write: Write[Stored]
) -> KeysetPage[Stored]:
    """Return a page of these rows from its start on, or the first. One query. No moment may be lacking."""
    if start:
        (past,) = order.past(start)
        queryset = queryset.filter(past)
    return cut(queryset.order_by(*order.columns(start))[: size + 1], size, start, write)
