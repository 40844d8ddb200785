"""The cursors and pages that every list of rows shares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.core.signing import Signer

from claims import keyset
from claims.keyset import CursorPlace, Cursors, PageDirection, SortOrder

CURSORS = Cursors(keyset.NUMBER)
AT = datetime(2026, 11, 30, 17, 44, 1, 123457, tzinfo=UTC)
LAST = datetime(5138, 11, 16, 9, 46, 39, 999999, tzinfo=UTC)  # the last that a cursor can name


@pytest.mark.parametrize("at", [AT, AT + timedelta(microseconds=1), LAST, datetime(1970, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("way", PageDirection)
def test_a_cursor_names_its_place_to_the_microsecond(at: datetime, way: PageDirection) -> None:
    assert CURSORS.read(CURSORS.write(way, at, "7"), int) == CursorPlace(way, at, 7)


def test_the_zone_of_a_moment_makes_no_other_cursor() -> None:
    there = AT.astimezone(timezone(timedelta(hours=-8)))
    assert CURSORS.write(PageDirection.OLDER, there, "7") == CURSORS.write(PageDirection.OLDER, AT, "7")


@pytest.mark.parametrize(
    "text",
    [
        "", "older", "older-1-", "older-1-x", "older--1-7", "older-1-7\n", " older-1-7", "OLDER-1-7", "at-1-7", "1-7",
        "older-٣-7", "older-1-٣", f"older-{'1' * 18}-7", f"older-1-{'9' * 19}", "older-none-7",
    ],
)  # fmt: skip
def test_what_nobody_gave_out_is_no_place(text: str) -> None:
    assert CURSORS.read(text, int) is None


def test_a_row_without_a_moment_is_a_place_where_the_list_has_such_rows() -> None:
    cursor = CURSORS.write(PageDirection.NEWER, None, "7")
    assert CURSORS.read(cursor, int, undated=True) == CursorPlace(PageDirection.NEWER, None, 7)
    assert CURSORS.read(cursor, int) is None


def test_a_row_that_is_not_found_is_no_place() -> None:
    assert CURSORS.read("older-1-7", lambda _name: None) is None


def test_a_signed_cursor_is_read_by_its_own_list_only() -> None:
    mine, other = (Cursors(keyset.NUMBER, Signer(salt=salt)) for salt in ("1", "2"))
    cursor = mine.write(PageDirection.OLDER, AT, "7")
    assert mine.read(cursor, int) == CursorPlace(PageDirection.OLDER, AT, 7)
    assert [other.read(cursor, int), mine.read("older-1-7", int), CURSORS.read(cursor, int)] == [None] * 3


@pytest.mark.parametrize(
    ("way", "ascending", "columns"),
    [
        (PageDirection.OLDER, True, ("sent_at", "pk")),
        (PageDirection.NEWER, True, ("-sent_at", "-pk")),
        (PageDirection.OLDER, False, ("-sent_at", "-pk")),
        (PageDirection.NEWER, False, ("sent_at", "pk")),
    ],
)
def test_rows_are_read_nearest_first(way: PageDirection, ascending: bool, columns: tuple[str, ...]) -> None:
    assert SortOrder("sent_at", ascending).columns(CursorPlace(way, AT, 7)) == columns


def test_a_page_goes_on_where_rows_are_left() -> None:
    def write(way: PageDirection, row: int) -> str:
        return f"{way}-{row}"

    on, back = CursorPlace(PageDirection.OLDER, AT, 7), CursorPlace(PageDirection.NEWER, AT, 7)
    assert keyset.cut([1, 2, 3], 2, None, write) == keyset.KeysetPage([1, 2], older="older-2", newer="")
    assert keyset.cut([1, 2], 2, None, write) == keyset.KeysetPage([1, 2], older="", newer="")
    assert keyset.cut([3, 4, 5], 2, on, write) == keyset.KeysetPage([3, 4], older="older-4", newer="newer-3")
    assert keyset.cut([3], 2, on, write) == keyset.KeysetPage([3], older="", newer="newer-3")
    assert keyset.cut([5, 4, 3], 2, back, write) == keyset.KeysetPage([4, 5], older="older-5", newer="newer-4")
    assert keyset.cut([2, 1], 2, back, write) == keyset.KeysetPage([1, 2], older="older-2", newer="")
    assert keyset.cut([], 2, on, write) == keyset.KeysetPage([], older="", newer="")
