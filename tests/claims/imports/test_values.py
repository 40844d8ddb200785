import pytest

from accounts.values.text import Unreadable
from claims.imports import values


@pytest.mark.parametrize(("cell", "number"), [(None, 1), ("0", 1), ("3", 3), ("2.0", 2)])
def test_quantity_absent_or_zero_is_one(cell: str | None, number: int) -> None:
    assert values.quantity(cell) == number


@pytest.mark.parametrize("cell", ["1.5", "-1", "many", "1e99", "Infinity"])
def test_quantity_that_is_none(cell: str) -> None:
    with pytest.raises(Unreadable):
        values.quantity(cell)
