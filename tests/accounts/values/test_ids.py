"""Ids: pasted in any of the known ways they read back as themselves, by every reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.values import ids
from accounts.values.ids import Shape
from accounts.values.text import Unreadable
from tests.accounts.values.refusals import refusal

DIGITS = st.integers(0, 10**17 - 1).map("{:017}".format)
WRAPS = (
    "{}",
    "#{}",
    "Order id.: {}",
    "  {}\n",
    '="{}"',
    "'{}",
    "\u202e{}\u202c",
    "\u200b{}",
    "({})",
    "注文番号{}",
    "Bestell-Nr. {}.",
)
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\ufe63\u30fc"


@given(
    digits=DIGITS, wrap=st.sampled_from(WRAPS), dash=st.sampled_from(DASHES), wide=st.booleans(), space=st.booleans()
)
def test_an_id_reads_back_however_it_was_pasted(digits: str, wrap: str, dash: str, wide: bool, space: bool) -> None:
    order = f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"
    claim = f"{digits[:5]}-{digits[5:10]}-{digits[10:]}"
    for wanted, read, shape in ((order, ids.order_id, Shape.ORDER), (claim, ids.claim_id, Shape.CLAIM)):
        written = wanted.replace("-", f" {dash} " if space else dash)
        if wide:
            written = written.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789"})
        pasted = wrap.format(written)
        assert read(pasted) == wanted
        assert ids.meant(pasted) == ((shape, wanted),)
        assert (
            (ids.orders_in(pasted), ids.claims_in(pasted)) == ((wanted,), ())
            if shape is Shape.ORDER
            else ((), (wanted,))
        )


@given(DIGITS)
def test_seventeen_digits_are_the_id_that_is_asked_for(digits: str) -> None:
    assert ids.order_id(digits) == f"{digits[:3]}-{digits[3:10]}-{digits[10:]}"
    assert ids.claim_id(f"{digits[:5]} {digits[5:10]} {digits[10:]}") == f"{digits[:5]}-{digits[5:10]}-{digits[10:]}"


NOT_ONE = "isn't an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("111-222-333", f'"111-222-333" {NOT_ONE}'),
        ("١١١-2223334-5556667", f'"١١١-2223334-5556667" {NOT_ONE}'),
        ("111-2223334-5556667-1", f'"111-2223334-5556667-1" {NOT_ONE}'),
        ("111-2223334-5556667 x2", f'"111-2223334-5556667 x2" {NOT_ONE}'),
        (
            "111-2223334-5556667, 111-2223334-5556668",
            '"111-2223334-5556667, 111-2223334-5556668" names several order ids. Name one',
        ),
        ("1.11223E+16", '"1.11223E+16" was rounded by a spreadsheet. Format the column as text and enter it again'),
        ("", "the order id is missing"),
        (None, "the order id is missing"),
    ],
)
def test_what_is_no_order_id_or_two_is_refused(text: str | None, why: str) -> None:
    with pytest.raises(Unreadable) as problem:
        ids.order_id(text)
    assert problem.value.cause == why


@pytest.mark.parametrize("text", ["1.23E+11", "1,23E+11", "9.20209033959836e+21", "1E+05"])
def test_a_number_a_spreadsheet_rounded_is_no_sku_and_no_tracking_id(text: str) -> None:
    for read in (ids.code, ids.parcel):
        with pytest.raises(Unreadable, match="was rounded by a spreadsheet"):
            read(text, "SKU")


def test_codes_keep_their_spelling_but_for_what_nobody_sees() -> None:
    assert ids.code("\u200bAb–1\u200e", "SKU") == "Ab–1"
    assert ids.code("1E5", "SKU") == "1E5"
    assert ids.code('="0012"', "SKU") == "0012"
    assert (ids.code(" ", "SKU"), ids.code(None, "SKU")) == (None, None)
    assert ids.parcel("#1Z 999 AA1 0123–456784", "tracking id") == "1Z999AA10123-456784"
    assert ids.asin("ｂ0ffee0001") == "B0FFEE0001"


@given(st.text(max_size=60))
def test_any_text_is_an_id_or_refused(text: str) -> None:
    ids.meant(text)
    for read in (ids.order_id, ids.claim_id, ids.asin):
        assert refusal(read, text).isprintable()


@pytest.mark.parametrize("text", [
    "Order 111-4210866-3466206 - 2 items", "111-4210866-\n> 3466206 is the order", "111 - 4210866 – 3466206, please",
])  # fmt: skip
def test_an_id_is_found_with_a_dash_after_it_and_over_a_line_of_quoted_text(text: str) -> None:
    assert ids.orders_in(text) == ("111-4210866-3466206",)
