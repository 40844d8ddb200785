"""What a typed search text can be: ids told apart by their shape, however they were pasted."""

from datetime import date

import pytest

from accounts.values.ids import Shape, as_order_id
from claims.access.search_terms import as_day, understood


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        (" 112-3456789-0123456 ", [(Shape.ORDER, "112-3456789-0123456")]),
        ("12345-67890-1234567", [(Shape.CLAIM, "12345-67890-1234567")]),
        ("11234567890123456", [(Shape.ORDER, "112-3456789-0123456"), (Shape.CLAIM, "11234-56789-0123456")]),
        ("b0c1d2e3f4", [(Shape.ASIN, "B0C1D2E3F4")]),
        ("dx12rrma", [(Shape.RMA, "DX12RRMA"), (Shape.RMA, "dx12rrma")]),
        ("1Z 999 AA1 0123456784", [(Shape.TRACKING, "1Z999AA10123456784")]),
        ("0123456789", [(Shape.ASIN, "0123456789"), (Shape.TRACKING, "0123456789")]),
        ("a kettle", []),
        ("Order id.: #112-3456789-0123456", [(Shape.ORDER, "112-3456789-0123456")]),
        (
            "112–3456789‑0123456 12345-67890-1234567",
            [(Shape.ORDER, "112-3456789-0123456"), (Shape.CLAIM, "12345-67890-1234567")],
        ),
        ("\x00", []),
    ],
)
def test_a_text_is_every_id_its_shape_allows(typed: str, ids: list[tuple[Shape, str]]) -> None:
    assert list(understood(typed).ids) == ids


def test_a_text_that_is_no_id_is_known_as_such_and_an_empty_one_asks_for_nothing() -> None:
    assert [understood(text).unknown for text in ("kettle", "", " \x00 ", "112-3456789-0123456")] == [True] + [
        False
    ] * 3


@pytest.mark.parametrize(
    ("pasted", "order_id"),
    [
        ("11234567890123456", "112-3456789-0123456"),
        ("\t112-3456789-0123456\n", "112-3456789-0123456"),
        ("112-3456789-012345", None),
        ("١١٢-٣٤٥٦٧٨٩-٠١٢٣٤٥٦", None),
        ("", None),
    ],
)
def test_an_order_id_gets_its_dashes(pasted: str, order_id: str | None) -> None:
    assert as_order_id(pasted) == order_id


def test_a_day_is_one_that_a_date_field_can_send() -> None:
    days = [as_day(text) for text in (" 2026-11-30", "2026-02-30", "30.11.2026", "1989-12-31", "9999-01-01", "")]
    assert days == [date(2026, 11, 30), None, date(2026, 11, 30), None, None, None]
