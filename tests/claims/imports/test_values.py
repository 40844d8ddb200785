from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from claims.imports import values
from claims.imports.records import RowProblem

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    [
        ("12.30", "USD", 1230),
        ("12,30", "EUR", 1230),
        ("1.234,56", "EUR", 123456),
        ("1,234.56", "USD", 123456),
        ("1,234,567", "USD", 123456700),
        ("1 234,5", "EUR", 123450),
        ("-4", "USD", -400),
        ("4.00-", "EUR", -400),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        (".5", "USD", 50),
    ],
)
def test_amount_in_any_spelling(cell: str, currency: str, minor: int) -> None:
    assert values.minor_units(cell, currency, "amount") == minor


@pytest.mark.parametrize(
    ("cell", "currency", "cause"),
    [
        ("12,3x", "USD", 'amount "12,3x" is not an amount'),
        ("1.2.3", "USD", 'amount "1.2.3" is not an amount'),
        ("NaN", "USD", 'amount "NaN" is not an amount'),
        ("1,234", "USD", 'amount "1.234" has more decimals than USD has (2)'),
        ("12.345", "USD", 'amount "12.345" has more decimals than USD has (2)'),
        ("10.5", "JPY", 'amount "10.5" has more decimals than JPY has (0)'),
        ("999999999999999999", "USD", 'amount "999999999999999999" is too large'),
        ("", "USD", 'amount "" is not an amount'),
        ("1,284,50", "USD", 'amount "1,284,50" is not an amount'),  # a mark of groups is no decimal mark too
        ("1.284.50", "USD", 'amount "1.284.50" is not an amount'),
    ],
)
def test_amount_that_is_none(cell: str, currency: str, cause: str) -> None:
    with pytest.raises(RowProblem) as problem:
        values.minor_units(cell, currency, "amount")
    assert problem.value.cause == cause


def test_amount_with_a_huge_exponent_is_refused_without_being_computed() -> None:
    with pytest.raises(RowProblem) as problem:
        values.minor_units(Decimal("1E+999999"), "USD", "amount")
    assert problem.value.cause == 'amount "1E+999999" is too large'


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("10-Jul-2025", date(2025, 7, 10)),
        ("10-JUL-2025", date(2025, 7, 10)),
        ("21-Aug-2026 10:11:12", date(2026, 8, 21)),
        ("2025-06-09", date(2025, 6, 9)),
        ("2025-06-09 05:23:19 UTC", date(2025, 6, 8)),
        ("2025-06-09T23:00:00+02:00", date(2025, 6, 9)),
        ("09.06.2025 05:23:19", date(2025, 6, 9)),
        ("2025/06/09", date(2025, 6, 9)),
        (None, None),
    ],
)
def test_day_is_a_day_of_the_marketplace(cell: str | None, day: date | None) -> None:
    assert values.day(cell, "date", LOS_ANGELES) == day


@pytest.mark.parametrize(
    "cell", ["32-Jul-2025", "10-Jux-2025", "06/09/2025", "2025-02-29", "2026-13-01T00:00:00Z", "tomorrow", "0001-01-01"]
)
def test_date_that_is_none(cell: str) -> None:
    with pytest.raises(RowProblem, match=f'^date "{cell}" is not a date'):
        values.day(cell, "date", LOS_ANGELES)


def test_instant_without_offset_is_local_time() -> None:
    assert values.instant("21-Aug-2026 10:11:12", "moment", LOS_ANGELES) == datetime(
        2026, 8, 21, 17, 11, 12, tzinfo=UTC
    )


def test_instant_with_offset_keeps_it() -> None:
    found = values.instant("2026-08-21T10:11:12.5+05:30", "moment", LOS_ANGELES)
    assert found == datetime(2026, 8, 21, 4, 41, 12, 500000, tzinfo=UTC)


def test_instant_without_time_of_day_is_refused_where_it_matters() -> None:
    with pytest.raises(RowProblem) as problem:
        values.instant_with_time("2026-08-21", "refunded at", LOS_ANGELES)
    assert problem.value.cause == ('refunded at "2026-08-21" has no time of day. Write it like 2026-03-01 14:05:00')


@pytest.mark.parametrize(("cell", "number"), [(None, 1), ("0", 1), ("3", 3), ("2.0", 2)])
def test_quantity_absent_or_zero_is_one(cell: str | None, number: int) -> None:
    assert values.quantity(cell) == number


@pytest.mark.parametrize("cell", ["1.5", "-1", "many", "1e99", "Infinity"])
def test_quantity_that_is_none(cell: str) -> None:
    with pytest.raises(RowProblem):
        values.quantity(cell)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("111-222-333", '"111-222-333" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667'),
        (
            "١١١-2223334-5556667",
            '"١١١-2223334-5556667" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
        ),
        (None, "the order id is missing"),
    ],
)
def test_order_id_of_another_shape(text: str | None, cause: str) -> None:
    with pytest.raises(RowProblem) as problem:
        values.order_id(text)
    assert problem.value.cause == cause


def test_shown_is_short_and_has_no_control_characters() -> None:
    assert values.shown("a\x00b\x1b[31m" + "x" * 100) == '"a?b?[31m' + "x" * 52 + '…"'
