from datetime import UTC, date, datetime

from claims.imports.return_links import (
    LinkedLine,
    LinkedReturn,
    ReturnDetails,
    Reversal,
    details_of_returns,
    link,
    reversed_amounts,
)


def line(id: int, day: int, gross: int = 1000, sku: str = "A", tax: int = 0) -> LinkedLine:
    return LinkedLine(id, sku, datetime(2026, 3, day, 12, tzinfo=UTC), date(2026, 3, day), "USD", gross, tax)


def back(id: int, day: int | None, refunded: int | None = None, sku: str = "A", **more: object) -> LinkedReturn:
    return LinkedReturn(id, f"R{id}", sku, date(2026, 3, day) if day else None, refunded, **more)  # type: ignore[arg-type]


def taken(day: int, amount: int, sku: str = "A") -> Reversal:
    return Reversal(datetime(2026, 3, day, 12, tzinfo=UTC), sku, "USD", amount)


def test_equal_amount_comes_before_the_earliest_day() -> None:
    assert link([line(1, 10, 500), line(2, 12, 1000)], [back(7, 9, 1000)]) == {7: 2}


def test_equal_amount_may_include_tax() -> None:
    assert link([line(1, 10, 500), line(2, 12, 1000, tax=80)], [back(7, 9, 1080)]) == {7: 2}


def test_equal_amount_after_the_request_comes_before_one_earlier() -> None:
    assert link([line(1, 5), line(2, 12)], [back(7, 9, 1000)]) == {7: 2}
    assert link([line(1, 5)], [back(7, 9, 1000)]) == {7: 1}


def test_without_equal_amount_the_earliest_on_or_after_the_request() -> None:
    assert link([line(1, 8), line(2, 9), line(3, 12)], [back(7, 9, 777)]) == {7: 2}


def test_refund_before_the_request_is_none_of_it() -> None:
    assert link([line(1, 8)], [back(7, 9)]) == {7: None}


def test_other_sku_is_never_linked() -> None:
    assert link([line(1, 10, sku="B")], [back(7, 9, 1000)]) == {7: None}


def test_two_returns_share_two_equal_refunds_in_order() -> None:
    assert link([line(1, 10), line(2, 12)], [back(8, 9, 1000), back(7, 8, 1000)]) == {7: 1, 8: 2}


def test_two_returns_of_one_refund_are_both_linked_to_it() -> None:
    assert link([line(1, 10, 2000)], [back(7, 8, 1000), back(8, 9, 1000)]) == {7: 1, 8: 1}


def test_reversal_takes_the_newest_line_of_its_amount() -> None:
    assert reversed_amounts([line(1, 10), line(2, 12), line(3, 14, 500)], [taken(20, 1000)]) == {1: 0, 2: 1000, 3: 0}


def test_reversal_of_another_amount_is_spread_from_the_oldest_on() -> None:
    assert reversed_amounts([line(1, 10), line(2, 12)], [taken(20, 1300)]) == {1: 1000, 2: 300}


def test_reversal_never_takes_more_than_there_is_nor_what_came_later() -> None:
    assert reversed_amounts([line(1, 10), line(2, 25)], [taken(20, 5000)]) == {1: 1000, 2: 0}


def test_two_reversals_of_one_refund_add_up() -> None:
    assert reversed_amounts([line(1, 10)], [taken(21, 300), taken(20, 200)]) == {1: 500}


def test_line_takes_over_dates_of_its_own_returns_and_the_title_of_any_of_its_sku() -> None:
    lines = [line(1, 10, 2000), line(2, 25, 500)]
    first = back(7, 8, 900, delivered_on=date(2026, 3, 11), is_refused=False)
    second = back(8, 9, 900, title="Kettle", asin="B0FFEE0001", delivered_on=date(2026, 3, 15), is_refused=True)
    returns = [second, first]
    links: dict[int, int | None] = {7: 1, 8: 1}
    assert details_of_returns(lines, returns, links) == {
        1: ReturnDetails("B0FFEE0001", "Kettle", date(2026, 3, 8), date(2026, 3, 15), None, True),
        2: ReturnDetails("B0FFEE0001", "Kettle"),
    }
