from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accounts.tables.source import Source, UnusableFile
from accounts.values import days
from claims.imports import plain_csv
from claims.imports.records import OrderFacts, PostingLine, Record, Reject, ReturnRow, RowKind
from tests.claims.imports import samples

BERLIN = days.Calendar(ZoneInfo("Europe/Berlin"))
ORDER = "203-5550001-7770001"
BARE = {
    "order id": ORDER,
    "refunded at": "2026-03-18T02:00:00Z",
    "sku": "KETTLE-1",
    "currency": "EUR",
    "amount": "64.00",
}
BARE_LINE = PostingLine(
    place="line 2",
    order=OrderFacts(ORDER),
    refunded_at=datetime(2026, 3, 18, 2, tzinfo=UTC),
    sku="KETTLE-1",
    quantity=1,
    currency="EUR",
    components={RowKind.PRINCIPAL: 6400},
)


def read(folder: Path, content: str | bytes) -> list[Record]:
    return list(plain_csv.read(Source(samples.write(folder, "refunds.csv", content)), BERLIN))


def test_five_columns_are_enough(tmp_path: Path) -> None:
    assert read(tmp_path, samples.plain_text(BARE, columns=plain_csv.REQUIRED)) == [BARE_LINE]


def test_template_is_read_by_the_reader(tmp_path: Path) -> None:
    (found,) = read(tmp_path, plain_csv.TEMPLATE)
    order = OrderFacts(
        "111-2223334-5556667",
        ordered_on=date(2026, 2, 10),
        amount=3380,
        currency="EUR",
        fulfilment="SELLER",
        a_to_z=False,
        chargeback=False,
    )
    assert found == PostingLine(
        place="line 2",
        order=order,
        refunded_at=datetime(2026, 3, 1, 13, 5, tzinfo=UTC),
        sku="SKU-1",
        quantity=1,
        currency="EUR",
        components={RowKind.PRINCIPAL: 2450, RowKind.SHIPPING: 390, RowKind.TAX: 540},
        issuer="MARKETPLACE",
        title="Walnut chopping board",
        back=ReturnRow(
            place="line 2",
            order=order,
            sku="SKU-1",
            requested_on=date(2026, 2, 20),
            rma_id="D00000001RRMA",
            title="Walnut chopping board",
            currency="EUR",
            delivered_on=date(2026, 2, 27),
        ),
    )


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_comma_or_semicolon_quotes_and_byte_order_mark(tmp_path: Path, mark: str, delimiter: str) -> None:
    row = {**BARE, "item": 'Kettle, "blue"; 2 l\nnew', "amount": "64,00"}
    second = {**BARE, "order id": "203-5550002-7770002", "amount": "x"}
    found = read(tmp_path, mark + samples.plain_text(row, second, delimiter=delimiter))
    assert isinstance(found[0], PostingLine)
    assert (found[0].title, found[0].amount) == ('Kettle, "blue"; 2 l\nnew', 6400)
    assert found[1] == Reject("line 4", 'amount "x" is not an amount. Write it like 1284.50')


def test_moment_without_offset_is_local_to_the_marketplace_of_the_row(tmp_path: Path) -> None:
    rows = [{**BARE, "refunded at": "2026-03-18 02:00", "marketplace": name} for name in ("", "Amazon.com")]
    found = [
        record.refunded_at for record in read(tmp_path, samples.plain_text(*rows)) if isinstance(record, PostingLine)
    ]
    assert found == [datetime(2026, 3, 18, 1, tzinfo=UTC), datetime(2026, 3, 18, 9, tzinfo=UTC)]


@pytest.mark.parametrize("written", ["5.00", "-5.00"])
def test_restocking_is_what_was_kept(tmp_path: Path, written: str) -> None:
    (found,) = read(tmp_path, samples.plain_text({**BARE, "restocking": written}))
    assert isinstance(found, PostingLine)
    assert (found.components, found.amount) == ({RowKind.PRINCIPAL: 6400, RowKind.RESTOCKING: -500}, 5900)


@pytest.mark.parametrize(
    ("cells", "cause"),
    [
        ({"amount": ""}, "the amount is missing"),
        ({"amount": "0"}, "nothing was given back to the buyer"),
        ({"amount": "1001.001"}, 'amount "1001.001" has more decimals than EUR has (2)'),
        (
            {"refunded at": "2026-03-18"},
            'refunded at "2026-03-18" has no time of day. Write it like 2026-03-01 14:05:00',
        ),
        ({"refunded at": ""}, "refunded at is missing"),
        ({"issuer": "bank"}, 'issuer "bank" isn\'t known. Known: marketplace, seller, automatic'),
        ({"chargeback": "maybe"}, 'chargeback "maybe" is neither yes nor no'),
        (
            {"return delivered": "2026-03-01"},
            "the return was delivered, but neither its request date nor its RMA id is there",
        ),
        ({"item": "a\0b"}, 'column "item" has a NUL byte in it'),
    ],
)
def test_bad_row_is_left_out_with_its_line_and_cause(tmp_path: Path, cells: dict[str, str], cause: str) -> None:
    assert read(tmp_path, samples.plain_text(BARE, {**BARE, **cells})) == [BARE_LINE, Reject("line 3", cause)]


def test_missing_column_is_named(tmp_path: Path) -> None:
    text = samples.plain_text(BARE, columns=plain_csv.REQUIRED).replace("refunded at", "when")
    with pytest.raises(UnusableFile) as unusable:
        read(tmp_path, text)
    assert str(unusable.value) == 'column "refunded at" is missing. Found: order id, when, sku, currency, amount'


def test_quote_that_never_closes_does_not_swallow_the_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"^line 2 can't be read: field larger than field limit"):
        read(tmp_path, samples.plain_text(BARE).replace("KETTLE-1", '"KETTLE-1') + "x\n" * 100_000)
