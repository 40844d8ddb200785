import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.tables.source import Source, UnusableFile
from accounts.values import days
from claims.imports import finances_v0
from claims.imports.records import OrderFacts, PaymentRow, PostingLine, Record, Reject, RowKind
from tests.claims.imports import samples
from tests.claims.imports.samples import charge, finances, item, payment, refund

ORDER = "203-5550001-7770001"
POSTED = "2026-03-18T02:00:00Z"
AT = datetime(2026, 3, 18, 2, tzinfo=UTC)
CLAIM = "10101-20202-3030303"


def read(folder: Path, content: Any) -> list[Record]:
    return list(finances_v0.read(Source(samples.write(folder, "finances.json", content)), days.ANYWHERE))


def one(folder: Path, *items: dict[str, Any]) -> list[Record]:
    return read(folder, finances([refund(ORDER, POSTED, *items)]))


def line(place: str = "refund 1", **changed: Any) -> PostingLine:
    fields: dict[str, Any] = {
        "order": OrderFacts(ORDER, marketplace="Amazon.com"),
        "refunded_at": AT,
        "sku": "KETTLE-1",
        "quantity": 1,
        "currency": "USD",
        "components": {RowKind.PRINCIPAL: 6400, RowKind.TAX: 512},
        "event": 1,
    }
    return PostingLine(place=place, **{**fields, **changed})


KETTLE = item("KETTLE-1", charge("Principal", -64.0), charge("Tax", -5.12))


def test_refund_and_payment(tmp_path: Path) -> None:
    fees = [{"FeeType": "Commission", "FeeAmount": {"CurrencyCode": "USD", "CurrencyAmount": 9.6}}]
    kettle = {**KETTLE, "ItemFeeAdjustmentList": fees}
    found = read(tmp_path, finances([refund(ORDER, POSTED, kettle)], [payment(CLAIM, "2026-04-01T05:00:00Z", 32)]))
    assert found == [
        line(),
        PaymentRow("reimbursement 1", CLAIM, datetime(2026, 4, 1, 5, tzinfo=UTC), 3200, "USD"),
    ]


def _lower_camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lower_camel(inner) for key, inner in value.items()}
    return [_lower_camel(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "shape",
    [
        lambda page: page,
        _lower_camel,
        lambda page: page["payload"],
        lambda page: page["payload"]["FinancialEvents"],
        lambda page: [page],
        lambda page: json.dumps(page) + "\n" + json.dumps(finances([], [])),
        lambda page: json.dumps(finances([], [])) + json.dumps(page["payload"]),
        lambda page: "\ufeff" + json.dumps(page),
    ],
)
def test_document_in_any_wrapping_and_key_case(tmp_path: Path, shape: Any) -> None:
    page = finances([refund(ORDER, POSTED, KETTLE)], [payment(CLAIM, POSTED, 1.5)])
    assert read(tmp_path, shape(page)) == [line(), PaymentRow("reimbursement 1", CLAIM, AT, 150, "USD")]


def test_every_kind_of_charge_is_a_component_and_fees_are_not(tmp_path: Path) -> None:
    kinds = {
        "Principal": RowKind.PRINCIPAL,
        "ShippingCharge": RowKind.SHIPPING,
        "ReturnShipping": RowKind.RETURN_SHIPPING,
        "GiftWrap": RowKind.GIFT_WRAP,
        "Goodwill": RowKind.GOODWILL,
        "MarketplaceFacilitatorTax-Principal": RowKind.TAX,
    }
    charges = [charge(name, -(n + 1)) for n, name in enumerate(kinds)]
    (found,) = one(tmp_path, item("KETTLE-1", *charges, charge("RestockingFee", 0.5), charge("GenericDeduction", 9)))
    assert isinstance(found, PostingLine)
    expected = {kind: 100 * (n + 1) for n, kind in enumerate(kinds.values())}
    assert found.components == {**expected, RowKind.RESTOCKING: -50}
    assert found.amount == 100 + 200 + 300 + 400 + 500 - 50


def test_several_charges_of_a_kind_are_summed(tmp_path: Path) -> None:
    (found,) = one(tmp_path, item("KETTLE-1", charge("Principal", -10), charge("Principal", -2.5)))
    assert isinstance(found, PostingLine)
    assert found.components == {RowKind.PRINCIPAL: 1250}


def test_promotion_the_buyer_had_was_not_given_back(tmp_path: Path) -> None:
    promotion = [{"PromotionType": "X", "PromotionAmount": {"CurrencyCode": "USD", "CurrencyAmount": 12}}]
    charges = (charge("Principal", -10), charge("ShippingCharge", -5))
    (found,) = one(tmp_path, item("KETTLE-1", *charges, PromotionAdjustmentList=promotion))
    assert isinstance(found, PostingLine)
    assert found.components == {RowKind.SHIPPING: 300}


def test_positive_principal_is_a_reversal(tmp_path: Path) -> None:
    (found,) = one(tmp_path, item("KETTLE-1", charge("Principal", 64), charge("Tax", 5.12)))
    assert isinstance(found, PostingLine)
    assert found.amount == -6400


@pytest.mark.parametrize(("quantity", "expected"), [(0, 1), (None, 1), (3, 3), ("2", 2)])
def test_quantity_zero_or_absent_is_one(tmp_path: Path, quantity: Any, expected: int) -> None:
    (found,) = one(tmp_path, item("KETTLE-1", charge("Principal", -1), quantity=quantity))
    assert isinstance(found, PostingLine)
    assert found.quantity == expected


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (
            refund("203-1", POSTED, KETTLE),
            '"203-1" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
        ),
        (refund(ORDER, "32-Jul-2025", KETTLE), 'posted date "32-Jul-2025" is not a date. Write it like 2026-03-01'),
        (refund(ORDER, POSTED), "the refund has no items"),
        (refund(ORDER, POSTED, item("KETTLE-1")), 'nothing was given back to the buyer for SKU "KETTLE-1"'),
        (refund(ORDER, POSTED, item("", charge("Principal", -1))), "the SKU is missing"),
        (refund(ORDER, POSTED, item("A\0B", charge("Principal", -1))), "SKU has a NUL byte in it"),
        (refund(ORDER, POSTED, item("A", charge("Mystery", -1))), 'charge type "Mystery" isn\'t known'),
        (
            refund(ORDER, POSTED, item("A", charge("Principal", -1.005))),
            'Principal amount "-1.005" has more decimals than USD has (2)',
        ),
        (
            refund(ORDER, POSTED, item("A", charge("Principal", "12,3x"))),
            'Principal amount "12,3x" is not an amount in USD. Write it like 1284.50',
        ),
        (refund(ORDER, POSTED, item("A", charge("Principal", True))), "Principal amount is not a number"),
        (
            refund(ORDER, POSTED, item("A", charge("Principal", -1), charge("Tax", -1, "EUR"))),
            "one refund has two currencies: EUR and USD",
        ),
        (refund(ORDER, POSTED, item("A", charge("Principal", -1), quantity={"a": 1})), "quantity is not a text"),
        ("what", '"what" is where an object should be'),
    ],
)
def test_bad_refund_is_left_out_with_its_cause(tmp_path: Path, event: Any, cause: str) -> None:
    good = refund(ORDER, POSTED, KETTLE)
    assert read(tmp_path, finances([good, event, good])) == [
        line(),
        Reject("refund 2", cause),
        line("refund 3", event=3),
    ]


def test_bad_item_takes_the_other_items_of_its_sku_with_it(tmp_path: Path) -> None:
    bad = item("KETTLE-1", charge("Principal", -1.005))
    found = one(tmp_path, KETTLE, bad, item("CUP-1", charge("Principal", -1)))
    assert found == [
        Reject("refund 1, item 2", 'Principal amount "-1.005" has more decimals than USD has (2)'),
        Reject("refund 1, item 1", 'another item of SKU "KETTLE-1" in this refund is left out'),
        line("refund 1, item 3", sku="CUP-1", components={RowKind.PRINCIPAL: 100}),
    ]


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (payment("1-2-3", POSTED, 1), '"1-2-3" isn\'t a claim id. It has 5, 5 and 7 digits, as in 11122-33344-5556667'),
        (payment(CLAIM, POSTED, 0), "the reimbursed amount is 0"),
        (payment(CLAIM, POSTED, None), "the reimbursed amount is missing"),
        (payment(CLAIM, "", 1), "posted date is missing"),
    ],
)
def test_bad_payment_is_left_out_with_its_cause(tmp_path: Path, event: Any, cause: str) -> None:
    assert read(tmp_path, finances(None, [event])) == [Reject("reimbursement 1", cause)]


@pytest.mark.parametrize("padding", [0, 1, 65_000])
def test_pages_that_overlap_count_an_equal_payment_once(tmp_path: Path, padding: int) -> None:
    """Within a page equal payments are two; the same page fetched again, or one that overlaps it, adds none."""
    twice = [payment("11122-33344-5556667", "2026-03-20T10:00:00Z", 5)] * 2
    pages = [finances(None, twice), finances(None, twice[:1]), finances([], []), finances(None, twice)]
    text = (" " * padding).join(json.dumps(page) for page in pages)
    path = tmp_path / "pages.json"
    path.write_text(text)
    rows = list(finances_v0.read(Source(path), days.ANYWHERE))
    ordinals = [row.ordinal for row in rows if isinstance(row, PaymentRow)]
    assert ordinals == [0, 1, 0, 0, 1]


def test_equal_payments_are_told_apart_and_one_taken_back_is_negative(tmp_path: Path) -> None:
    found = read(
        tmp_path, finances(None, [payment(CLAIM, POSTED, 5), payment(CLAIM, POSTED, 5), payment(CLAIM, POSTED, -5)])
    )
    assert [(row.amount, row.ordinal) for row in found if isinstance(row, PaymentRow)] == [
        (500, 0),
        (500, 1),
        (-500, 0),
    ]


@pytest.mark.parametrize("cut", [30, 200, 400, -2])
def test_document_cut_anywhere_ends_in_the_middle(tmp_path: Path, cut: int) -> None:
    text = json.dumps(finances([refund(ORDER, POSTED, KETTLE)] * 3))
    with pytest.raises(UnusableFile) as unusable:
        read(tmp_path, text[:cut])
    assert str(unusable.value) == "ends in the middle of line 1. Nothing was imported"


def test_document_cut_after_a_whole_object_names_its_last_line(tmp_path: Path) -> None:
    text = json.dumps(finances([refund(ORDER, POSTED, KETTLE)]), indent=1)
    cut = text[: text.index("}") + 1]
    with pytest.raises(
        UnusableFile, match=f"^ends in the middle of line {cut.count(chr(10)) + 1}. Nothing was imported$"
    ):
        read(tmp_path, cut)


def test_document_with_a_raw_nul_byte(tmp_path: Path) -> None:
    text = json.dumps(finances([refund(ORDER, POSTED, KETTLE)])).replace("KETTLE", "KET\0TLE")
    with pytest.raises(UnusableFile) as unusable:
        read(tmp_path, text)
    assert str(unusable.value) == "is not JSON that can be read: it has a NUL byte in it. Nothing was imported"


def test_document_that_is_no_json_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"^is not JSON that can be read: .*. Nothing was imported$"):
        read(tmp_path, '{"payload": {"FinancialEvents": {"RefundEventList": [,]}}}')


def test_lists_that_are_missing_or_empty_are_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, finances()) == [Reject("document", finances_v0.NOTHING_READ)]
    assert read(tmp_path, finances([], [])) == []
