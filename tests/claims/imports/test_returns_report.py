from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from accounts.tables.source import Source, UnusableFile
from accounts.values import days
from claims.imports import returns_report
from claims.imports.records import NamedClaim, OrderFacts, Record, Reject, ReturnRow
from tests.claims.imports import samples

LOS_ANGELES = days.Calendar(ZoneInfo("America/Los_Angeles"))
THE_RETURN = ReturnRow(
    place="line 2",
    order=OrderFacts(
        order_id="203-5550001-7770001",
        ordered_on=date(2026, 3, 2),
        amount=6400,
        currency="USD",
        program="STANDARD",
        a_to_z=False,
    ),
    sku="KETTLE-1",
    requested_on=date(2026, 3, 9),
    rma_id="DkT4wPq7RRMA",
    asin="B0FFEE0001",
    title="Enamel kettle",
    quantity=1,
    reason="CR-DEFECTIVE",
    status="Approved",
    resolution="StandardRefund",
    return_type="C-Returns",
    in_policy=True,
    carrier="UPS",
    tracking_id="1Z5550000000000001",
    label_type="AmazonPrePaidLabel",
    label_payer="Seller",
    label_cost=520,
    currency="USD",
    refunded=6400,
    delivered_on=date(2026, 3, 16),
)


def read(folder: Path, content: str | bytes) -> list[Record]:
    return list(returns_report.read(Source(samples.write(folder, "returns.tsv", content)), LOS_ANGELES))


@pytest.mark.parametrize("columns", [samples.COLUMNS_32, samples.COLUMNS_35])
def test_row_of_32_and_35_columns(tmp_path: Path, columns: tuple[str, ...]) -> None:
    assert read(tmp_path, samples.returns_text({}, columns=columns)) == [THE_RETURN]


def _upper_header(text: str) -> str:
    header, _, rest = text.partition("\n")
    return header.upper() + "\n" + rest


@pytest.mark.parametrize(
    "spoil",
    [
        _upper_header,
        lambda text: text.lower().split("\n")[0] + text[text.index("\n") :],
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\t\t", "\t \t"),
        lambda text: text.replace("64.00", "64,00").replace("5.20", "5,20"),
        lambda text: text.replace("09-Mar-2026", "2026-03-09 12:23:19 UTC"),
        lambda text: text.replace("09-Mar-2026", "09.03.2026 05:23:19"),
        lambda text: text.replace("16-Mar-2026", "2026-03-16T10:00:00-07:00"),
        lambda text: text.replace("Enamel kettle", '"Enamel kettle"'),
        lambda text: text + "\n\t\t\n",
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-8-sig"),
    ],
)
def test_quirk_of_the_field_reads_the_same(tmp_path: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    assert read(tmp_path, spoil(samples.returns_text({}))) == [THE_RETURN]


def test_row_cut_short_after_its_last_value(tmp_path: Path) -> None:
    text = samples.returns_text(
        {"Refunded Amount": "", "Order Amount": "", "Order quantity": "", "Return delivery date": ""}
    )
    assert len(text.splitlines()[1].split("\t")) == 22
    (row,) = read(tmp_path, text)
    assert isinstance(row, ReturnRow)
    assert (row.resolution, row.delivered_on, row.refunded) == ("StandardRefund", None, None)


def test_inch_mark_in_a_title_stays(tmp_path: Path) -> None:
    (row,) = read(tmp_path, samples.returns_text({"Item Name": '"Frame" 5" x 7"'}))
    assert isinstance(row, ReturnRow)
    assert row.title == '"Frame" 5" x 7"'


def test_title_in_an_old_code_page(tmp_path: Path) -> None:
    (row,) = read(tmp_path, samples.returns_text({"Item Name": "Wasserkocher für Öfen"}).encode("cp1252"))
    assert isinstance(row, ReturnRow)
    assert row.title == "Wasserkocher für Öfen"


def test_claim_named_by_the_row(tmp_path: Path) -> None:
    text = samples.returns_text(
        {
            "SafeT claim id": "10101-20202-3030303",
            "SafeT claim state": "Approved",
            "SafeT claim creation time": "20-Mar-2026 10:11:12",
            "SafeT claim reimbursement amount": "32.00",
            "SafeT Action reason": "Damaged",
        }
    )
    (row,) = read(tmp_path, text)
    assert isinstance(row, ReturnRow)
    assert row.claim == NamedClaim(
        claim_id="10101-20202-3030303",
        state="Approved",
        reason="Damaged",
        filed_at=datetime(2026, 3, 20, 17, 11, 12, tzinfo=UTC),
        claimed=6400,
        approved=3200,
        currency="USD",
        quantity=1,
    )


@pytest.mark.parametrize(
    ("cells", "cause"),
    [
        ({"Refunded Amount": "12,3x"}, 'refunded amount "12,3x" is not an amount in USD. Write it like 1284.50'),
        ({"Refunded Amount": "1012.345"}, 'refunded amount "1012.345" has more decimals than USD has (2)'),
        ({"Refunded Amount": "-1.00"}, 'refunded amount "-1.00" is below zero'),
        (
            {"Return request date": "32-Jul-2025"},
            'return request date "32-Jul-2025" is not a date. Write it like 2026-03-01',
        ),
        ({"Return request date": " "}, "the return request date is missing"),
        ({"Order date": "yesterday"}, 'order date "yesterday" is not a date. Write it like 2026-03-01'),
        ({"Merchant SKU": ""}, "the SKU is missing"),
        ({"Merchant SKU": "S" * 65}, f'SKU "{"S" * 60}…" has 65 characters; at most 64'),
        (
            {"Order ID": "203-555-777"},
            '"203-555-777" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
        ),
        ({"Currency code": "DOLLARS"}, 'currency "DOLLARS" is not a currency. Write its code, like USD'),
        ({"Currency code": ""}, "the currency is missing"),
        ({"ASIN": "B0"}, '"B0" isn\'t an ASIN. It has 10 letters and digits'),
        ({"Return quantity": "some"}, 'return quantity "some" is not a number'),
        ({"Item Name": "Ket\0tle"}, 'column "Item Name" has a NUL byte in it'),
        ({"Invoice number": "\0"}, 'column "Invoice number" has a NUL byte in it'),
        ({"SafeT claim id": "1-2-3"}, '"1-2-3" isn\'t a claim id. It has 5, 5 and 7 digits, as in 11122-33344-5556667'),
    ],
)
def test_bad_row_is_left_out_with_its_line_and_cause(tmp_path: Path, cells: dict[str, str], cause: str) -> None:
    good = {"Order ID": "203-5550002-7770002"}
    found = read(tmp_path, samples.returns_text(good, cells, good))
    assert [type(record) for record in found] == [ReturnRow, Reject, ReturnRow]
    assert found[1] == Reject("line 3", cause)


def test_missing_column_is_named(tmp_path: Path) -> None:
    text = samples.returns_text({}).replace("Order ID", "Bestellung")
    with pytest.raises(UnusableFile) as unusable:
        read(tmp_path, text)
    assert str(unusable.value).startswith(
        'column "Order ID" is missing. Found: Bestellung, Order date, Return request date'
    )


def test_endless_line_is_not_read_into_memory(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"^line 3 is longer than 1,048,576 characters$"):
        read(tmp_path, samples.returns_text({}) + "x" * 3_000_000)
