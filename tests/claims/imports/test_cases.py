"""Files that went wrong once, and some that went right: each comes out as `right` says, and the docs have the table."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.tables.source import Source, UnusableFile
from claims.imports import claims_csv, formats, reimbursements
from claims.imports.formats import Format
from tests.claims.imports.outcomes import BULK_CASES, CASES, bulk_outcome, in_short, outcome
from tests.claims.imports.right import BEFORE, RIGHT
from tests.tables import DocsTable

DETECT: dict[str, Callable[[Source], Format]] = {
    "refunds": formats.detect,
    "payments": reimbursements.detect,
    "claims": claims_csv.detect,
}
FILES = [(folder, path.name) for folder in DETECT for path in sorted((CASES / folder).iterdir())]
BULK_FILES = [path.name for path in sorted(BULK_CASES.iterdir())]
TABLE = DocsTable(
    Path("docs/importing.md"),
    ("file", "before", "now"),
    (*(f"{folder}/{name}" for folder, name in FILES), *(f"filing/{name}" for name in BULK_FILES)),
)


@pytest.mark.parametrize(("folder", "name"), FILES)
def test_a_file_comes_out_right(folder: str, name: str) -> None:
    lines = outcome(CASES / folder / name, DETECT[folder])
    assert lines == RIGHT[folder][name]
    TABLE.compare(f"{folder}/{name}", BEFORE[folder][name], in_short(lines))


@pytest.mark.parametrize("name", BULK_FILES)
def test_a_bulk_file_comes_out_right(name: str) -> None:
    lines = bulk_outcome(BULK_CASES / name)
    assert lines == RIGHT["filing"][name]
    TABLE.compare(f"filing/{name}", BEFORE["filing"][name], in_short(lines))


def test_the_table_has_every_file() -> None:
    assert {folder: sorted(files) for folder, files in RIGHT.items()} == {
        **{folder: sorted(name for of, name in FILES if of == folder) for folder in DETECT}, "filing": BULK_FILES
    }  # fmt: skip
    TABLE.compare_names()


@pytest.mark.parametrize("name", ["daterange_de.csv", "settlement_shipment_ids.tsv", "daterange_jp_cp932.csv"])
def test_refunds_and_payments_are_read_alike_by_both_commands(name: str) -> None:
    path = CASES / "refunds" / name
    assert outcome(path, formats.detect) == outcome(path, reimbursements.detect)


def test_claims_in_thousands_are_thousands() -> None:
    (claim,) = outcome(CASES / "refunds" / "claims_thousands.csv", claims_csv.detect)
    assert claim == "claim: 70001-00001-0000001 Pending 125000 USD 2026-03-02T09:00:00Z"


OWN = "order id,refunded at,sku,currency,amount\n111-2223334-5556667,2026-03-01T14:05:00Z,{sku},USD,{amount}\n"


def read(folder: Path, content: bytes, name: str = "file") -> list[str]:
    path = folder / name
    path.write_bytes(content)
    return outcome(path, formats.detect)


def test_archives_of_one_file_are_opened_and_others_named(tmp_path: Path) -> None:
    text = OWN.format(sku="S", amount="5").encode()
    plain = read(tmp_path, text)
    assert read(tmp_path, gzip.compress(text)) == plain
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("__MACOSX/._file", b"x")
        archive.writestr("refunds.csv", text)
    assert outcome(tmp_path / "a.zip", formats.detect) == plain
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.csv", text)
        archive.writestr("b.csv", text)
    (said,) = outcome(tmp_path / "b.zip", formats.detect)
    assert said == 'refused: it is an archive of 2 files. Unpack it and name them one by one: "a.csv", "b.csv"'


def test_an_archive_is_bounded(tmp_path: Path) -> None:
    (said,) = read(tmp_path, gzip.compress(gzip.compress(b"\0" * 3_000_000)))
    assert said.startswith("refused: it is an archive of more than")
    (said,) = read(tmp_path, gzip.compress(b"x" * 5000)[:-20])
    assert said == "refused: it is an archive that can't be unpacked"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_of_any_unicode_is_read(tmp_path: Path, charset: str) -> None:
    text = OWN.format(sku="Größe-尺寸", amount="5")
    assert read(tmp_path, text.encode(charset)) == read(tmp_path, text.encode())
    document = json.dumps({"FinancialEvents": {"ChargebackEventList": [{"AmazonOrderId": "111-2223334-5556667"}]}})
    assert read(tmp_path, document.encode(charset)) == ["order: 111-2223334-5556667 chargeback"]


@pytest.mark.parametrize(
    ("words", "charset"),
    [
        ("Größe – café", "cp1252"),
        ("デジタルカメラ 黒 (保証付)", "cp932"),
        ("数码相机 黑色 保修", "gb18030"),
        ("Фотокамера черная с гарантией", "cp1251"),
    ],
)
def test_text_of_another_charset_is_read_and_said(tmp_path: Path, words: str, charset: str) -> None:
    text = OWN.replace("amount\n", "amount,item\n").format(sku="S", amount=f"5,{words}")
    note, line = read(tmp_path, text.encode(charset))
    assert note.startswith("note: its text isn't UTF-8; it was read as ")
    assert line.endswith(words)


@pytest.mark.parametrize(
    ("words", "charset"),
    [
        ("Żółta książka", "cp1250"),
        ("był", "cp1250"),
        ("świat", "cp1250"),
        ("koń", "cp1250"),
        ("Фото", "koi8-r"),
        ("Κάμερα μαύρη με εγγύηση", "cp1253"),
        ("ÿþýð", "cp1252"),
        ("모델", "cp949"),
    ],
)
def test_text_that_nothing_is_sure_of_is_refused(tmp_path: Path, words: str, charset: str) -> None:
    text = OWN.replace("amount\n", "amount,item\n").format(sku="S", amount=f"5,{words}")
    (said,) = read(tmp_path, text.encode(charset))
    assert said.startswith("refused: it is neither UTF-8 nor surely text in another charset: ")


@pytest.mark.parametrize(
    ("place", "words", "charset"),
    [("PL", "Żółta książka był", "cp1250"), ("TR", "Işıklı çiçek", "cp1254"), ("AE", "كاميرا سوداء", "cp1256"),
     ("JP", "Größe", "cp1252"), ("ES", "¿Cuánto? 5 m³, España", "cp1252"), ("FR", "cœur, fête, nº 5, ½ l", "cp1252")],
)  # fmt: skip
def test_text_is_read_in_the_charset_of_its_place(tmp_path: Path, place: str, words: str, charset: str) -> None:
    path = tmp_path / "file"
    text = OWN.replace("amount\n", "amount;item\n").replace(",", ";").format(sku="S", amount=f"5;{words}")
    path.write_bytes(text.encode(charset))
    assert outcome(path, formats.detect, place)[1].endswith(words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "order id,refunded at,sku,currency,amount,amount\n111-2223334-5556667,2026-03-01T14:05:00Z,S,USD,5,6\n",
            'left out: line 2: column "amount" is there twice, with "5" and "6"',
        ),
        (
            "order id,refunded at,sku,currency,amount\n111-2223334-5556667,2026-03-01T14:05:00Z,S,USD,5,6\n",
            "left out: line 2: has 6 cells, and the header has 5",
        ),
        (OWN.format(sku="1.23E+11", amount="5"),
         'left out: line 2: SKU "1.23E+11" was rounded by a spreadsheet. Format the column as text and enter it again'),
        (OWN.replace("2026-03-01T14:05:00Z", "2027-03-01T14:05:00Z").format(sku="S", amount="5"),
         'left out: line 2: refunded at "2027-03-01T14:05:00Z" lies in the future'),
        ('{"FinancialEvents": {"RefundEventList": {"AmazonOrderId": "x"}}}',
         "left out: document: RefundEventList is an object where a list should be"),
        ('{"payload": {"transactions": {"transactionId": "x"}}}',
         "left out: document: transactions is an object where a list should be"),
        ('{"FinancialEvents": {"ShipmentEventList": []}}',
         "left out: document: has none of the lists that are read: RefundEventList, SAFETReimbursementEventList, "
         "GuaranteeClaimEventList, ChargebackEventList"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert read(tmp_path, text.encode()) == [said]


def test_a_line_end_inside_a_tab_separated_cell_refuses_both_halves(tmp_path: Path) -> None:
    text = (CASES / "refunds" / "44-returns-35-columns.tsv").read_text()
    header, row = text.splitlines()[:2]
    cut = row.replace('Necklace 16" chain', "Necklace\nwith chain")
    found = read(tmp_path, "\n".join([header, row, cut, row]).encode())
    assert [line.partition(":")[0] for line in found] == ["return", "left out", "left out", "return"]
    assert found[1:3] == [
        "left out: line 3: a line end stands inside one of its cells, and the rest of it is on line 4",
        "left out: line 4: is the rest of line 3, where a line end stands inside a cell",
    ]


def test_days_are_meant_as_the_file_says_by_itself(tmp_path: Path) -> None:
    row = "111-2223334-555666{n},{day} 14:05 UTC,S,USD,5\n"
    head = "order id,refunded at,sku,currency,amount\n"
    uk = head + row.format(n=1, day="08/11/2026") + row.format(n=2, day="13/11/2026")
    us = head + row.format(n=1, day="08/11/2026") + row.format(n=2, day="08/13/2026")
    both = us + row.format(n=3, day="13/08/2026")
    assert [line.split()[5][:10] for line in read(tmp_path, uk.encode())] == ["2026-11-08", "2026-11-13"]
    assert [line.split()[5][:10] for line in read(tmp_path, us.encode())] == ["2026-08-11", "2026-08-13"]
    assert read(tmp_path, both.encode())[0] == (
        'left out: line 2: refunded at "08/11/2026 14:05 UTC" can be two days. Write it like 2026-03-01'
    )


def test_a_returns_report_as_xml_has_an_item_a_row(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="utf-8"?><AmazonEnvelope><Message><return_details>'
        "<item_details><item_name>Shirt</item_name><merchant_sku>S-1</merchant_sku><return_quantity>1</return_quantity>"
        "<resolution>RefundAtFirstScan</resolution><refund_amount>59.9</refund_amount></item_details>"
        "<item_details><item_name>Hat</item_name><merchant_sku>S-2</merchant_sku><refund_amount>5</refund_amount>"
        "</item_details><order_id>408-0000003-0000003</order_id><return_request_date>2020-11-12T12:44:17Z"
        "</return_request_date><a_to_z_claim>false</a_to_z_claim><label_details><currency_code>EUR</currency_code>"
        "</label_details></return_details></Message></AmazonEnvelope>"
    )
    assert read(tmp_path, text.encode()) == [
        "return: 408-0000003-0000003 S-1 5990 EUR 2020-11-12 Shirt",
        "return: 408-0000003-0000003 S-2 500 EUR 2020-11-12 Hat",
    ]
    (said,) = read(tmp_path, b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><r><return_details/></r>')
    assert said.startswith("refused: it is not XML that can be read")


def test_external_fulfillment_returns_are_read(tmp_path: Path) -> None:
    one = {
        "id": "R-1",
        "marketplaceChannelDetails": {
            "customerOrderId": "111-2223334-5556667",
            "marketplaceChannel": {"marketplaceName": "US", "channelName": "FBA"},
        },
        "merchantSku": "S-1",
        "numberOfUnits": 2,
        "creationDateTime": "2026-03-01T14:05:00Z",
        "returnMetadata": {"returnReason": "DEFECTIVE", "rmaId": "DkT4wPq7RRMA"},
        "returnShippingInfo": {"reverseTrackingInfo": {"carrierName": "UPS", "trackingId": "1Z 555"}},
    }
    document = json.dumps({"returns": [one, {**one, "merchantSku": None}]}).encode()
    assert read(tmp_path, document) == [
        "return: 111-2223334-5556667 S-1 - 2026-03-01",
        "left out: return 2: the SKU is missing",
    ]


ORDER_NAMED = {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "111-2223334-5556667"}


def test_refunds_of_finances_2024_are_one_movement(tmp_path: Path) -> None:
    def transaction(name: str, status: str, **more: str) -> dict[str, object]:
        related = [{"relatedIdentifierName": key, "relatedIdentifierValue": value} for key, value in more.items()]
        money = {"currencyCode": "USD", "currencyAmount": -19.99}
        return {
            "transactionType": "Refund", "transactionId": name, "transactionStatus": status,
            "postedDate": "2026-03-01T14:05:00Z",
            "relatedIdentifiers": [*related, ORDER_NAMED],
            "items": [{
                "contexts": [{"contextType": "ProductContext", "sku": "S-1", "quantityShipped": 1}],
                "breakdowns": [
                    {"breakdownType": "ProductCharges", "breakdownAmount": money},
                    {"breakdownType": "Tax", "breakdownAmount": {**money, "currencyAmount": -2}},
                    {"breakdownType": "AmazonFees", "breakdownAmount": {**money, "currencyAmount": 3}},
                ],
            }],
        }  # fmt: skip

    pages = {"payload": {"transactions": [
        transaction("d", "DEFERRED_RELEASED", RELEASE_TRANSACTION_ID="r"), transaction("r", "RELEASED"),
    ]}}  # fmt: skip
    assert read(tmp_path, json.dumps(pages).encode()) == [
        "refund: 111-2223334-5556667 S-1 1999 USD 2026-03-01T14:05:00Z"
    ]


def test_words_about_safe_t_that_nobody_knows_are_kept_and_told(tmp_path: Path) -> None:
    text = (CASES / "refunds" / "daterange_de.csv").read_text()
    other = text.replace("SAFE-T-Erstattung", "SAFE-T-Gutschrift", 1).replace("SAFE-T-Erstattung", "Gutschrift")
    (line,) = read(tmp_path, other.encode())
    assert line.endswith('kept for a person: speaks of SAFE-T in words that aren\'t known: "SAFE-T-Gutschrift"')
    safety = text.replace("SAFE-T-Erstattung", "Safety compliance fee")
    assert read(tmp_path, safety.encode()) == []


def test_a_date_range_report_of_another_language_is_refused_by_its_name(tmp_path: Path) -> None:
    text = '"Tutti gli importi in EUR"\n"Data/Ora:","Numero pagamento","Tipo","Numero ordine","SKU","Totale"\n'
    (said,) = read(tmp_path, text.encode())
    assert said.startswith("refused: it is a date-range report in Italian, which isn't read. ")


def test_a_file_that_is_none_is_told_by_its_beginning_without_what_steers_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\x1b[31mred, and more\n")
    source = Source(path)
    with pytest.raises(UnusableFile) as unusable:
        formats.detect(source)
    assert str(unusable.value).endswith("It starts with: \\x1b[31mred, and more")
