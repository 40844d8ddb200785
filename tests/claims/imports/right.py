# ruff: noqa: E501 - sentences as they are said
"""What is right for each file of `cases`: looked at one by one, so that a change of a reader shows here."""

from __future__ import annotations

RIGHT: dict[str, dict[str, list[str]]] = {
    "refunds": {
        "01-fin-v0.json": [
            "refund: 111-0000001-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
            "payment: 69444-02512-8242777 1750 USD 2026-09-25T09:00:00Z",
        ],
        "02-fin-v0-bare.json": [
            "refund: 111-0000002-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
        ],
        "03-fin-v0-ndjson.json": [
            "refund: 111-0000003-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
            "refund: 111-0000003-0000002 SKU-B 1799 USD 2026-09-20T12:00:00Z",
        ],
        "04-fin-v0-list-of-pages.json": [
            "refund: 111-0000004-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
            "refund: 111-0000004-0000002 SKU-B 1799 USD 2026-09-20T12:00:00Z",
        ],
        "05-fin-v0-utf16-powershell.json": [
            "refund: 111-0000005-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
        ],
        "06-fin-v0-bom.json": [
            "refund: 111-0000006-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
        ],
        "07-fin-v0.json.gz": [
            "refund: 111-0000001-0000001 SKU-B 1799 USD 2026-09-20T12:00:00Z",
            "payment: 69444-02512-8242777 1750 USD 2026-09-25T09:00:00Z",
        ],
        "09-fin-v0-string-amounts.json": [
            "refund: 111-0000009-0000001 SKU-B 101799 USD 2026-09-20T12:00:00Z",
        ],
        "10-fin-v0-negative-quantity.json": [
            'left out: refund 1: quantity "-1" is not a number of items',
        ],
        "11-fin-v0-snake-case.json": [
            'refused: it is not a refund file. Known: returns report (tab-separated or XML), Finances v0 and 2024-06-19 JSON, settlement V2, date-range CSV, External Fulfillment returns JSON, our own CSV (--template prints one). It starts with: {"financial_events": {"refund_event_list',
        ],
        "12-fin-v0-empty-lists.json": [],
        "13-fin-v0-error-body.json": [
            'refused: it is an error that the marketplace answered with: "QuotaExceeded": "You exceeded your quota for the requested resource.". Nothing was imported',
        ],
        "15-fin-v0-huge.json": [
            'left out: refund 1: Principal amount "-1000000000000000.0" is too large',
            'left out: refund 2: Principal amount "-0.001" has more decimals than USD has (2)',
            "refund: 111-0000015-0000003 SKU-B 1799 USD 2026-09-20T12:00:00Z",
        ],
        "16-fin-v0-eu-no-marketplace.json": [
            "refund: 304-0000016-0000001 SKU-B 1799 EUR 2026-09-20T12:00:00Z",
        ],
        "17-fin-v0-order-level.json": [
            "left out: refund 1: the refund has no items",
        ],
        "19-fin-v0-new-charge-type.json": [
            'left out: refund 1: charge type "SustainabilityCharge" isn\'t known',
        ],
        "20-fin-v0-trailing-comma.json": [
            "refused: it is not JSON that can be read: invalid object key (must be a string). Nothing was imported",
        ],
        "30-returns-us-cut-short.tsv": [
            "return: 111-0000030-0000001 PANEC-925SS-IT - 2026-07-14 Necklace",
        ],
        "31-returns-utf16.tsv": [
            "return: 111-0000031-0000001 SKU-X 2138 USD 2026-07-14 Größe – 尺寸",
        ],
        "32-returns-cp1252.tsv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "return: 111-0000032-0000001 SKU-X 2138 USD 2026-07-14 Größe – café",
        ],
        "33-returns-sjis.tsv": [
            "note: its text isn't UTF-8; it was read as Shift_JIS",
            "return: 249-0000033-0000001 SKU-X 2138 JPY 2026-07-14 日本語の商品名",
        ],
        "35-returns-excel-2digit-year.tsv": [
            'return: 111-0000035-0000001 SKU-X 2138 USD 2026-07-14 Necklace 16" chain',
        ],
        "38-returns-comma-decimals-eur.tsv": [
            'return: 304-0000038-0000001 SKU-X 102138 EUR 2026-07-14 Necklace 16" chain',
        ],
        "40-returns-german-headers.tsv": [
            "refused: it has column names in German, which aren't read. Download it with English column names, or use our own CSV. Nothing was imported",
        ],
        "41-returns.csv": [
            'return: 111-0000041-0000001 SKU-X 2138 USD 2026-07-14 Necklace 16" chain',
        ],
        "43-returns.xml": [
            "left out: return 1: the order id is missing",
        ],
        "44-returns-35-columns.tsv": [
            'return: 111-0000044-0000001 SKU-X 2138 USD 2026-07-14 Necklace 16" chain',
        ],
        "50-fba-customer-returns.tsv": [
            'refused: it is the FBA customer returns report: what the marketplace ships can\'t be claimed. Download the report "Returns" of seller-fulfilled orders, by return date. Nothing was imported',
        ],
        "51-fba-reimbursements.tsv": [
            'refused: it is the FBA reimbursements report, which knows nothing of SAFE-T. Download the settlement as "Flat File V2". Nothing was imported',
        ],
        "53-mws-finances.xml": [
            "refused: it is finance data of MWS, which the marketplace has switched off. Take the same from SP-API Finances. Nothing was imported",
        ],
        "54-orders-report.txt": [
            'refused: it is a report of orders, which has no refunds in it. Download "Returns" by return date, or finance data. Nothing was imported',
        ],
        "60-own.csv": [
            "refund: 111-0000060-0000001 SKU-1 2450 USD 2026-03-01T13:05:00Z Board",
        ],
        "61-own-excel-de.csv": [
            "refund: 304-0000061-0000001 SKU-1 102450 EUR 2026-03-01T22:05:00Z Brett; groß",
        ],
        "62-own-excel-cp1252.csv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "refund: 304-0000062-0000001 0012 2450 EUR 2026-03-01T22:05:00Z Größe",
        ],
        "63-own-excel-us.csv": [
            "refund: 111-0000063-0000001 SKU-1 2450 USD 2026-03-01T22:05:00Z Board",
        ],
        "66-own-formula.csv": [
            'refund: 111-0000066-0000001 =1+1 2450 USD 2026-03-01T14:05:00Z =HYPERLINK("http://127.0.0.1:9/x","click")',
        ],
        "67-own-money.csv": [
            "refund: 111-0000067-0000001 SKU-1 2450 USD 2026-03-01T14:05:00Z a",
            "refund: 111-0000067-0000002 SKU-1 2450 EUR 2026-03-01T14:05:00Z a",
            "refund: 111-0000067-0000003 SKU-1 -2450 USD 2026-03-01T14:05:00Z a",
            "refund: 111-0000067-0000004 SKU-1 -2450 USD 2026-03-01T14:05:00Z a",
            "refund: 111-0000067-0000005 SKU-1 2450 USD 2026-03-01T22:05:00Z a",
        ],
        "68-own-sep-line.csv": [
            "refund: 111-0000068-0000001 SKU-1 2450 USD 2026-03-01T14:05:00Z Board",
        ],
        "69-own-excel-utf16-tab.txt": [
            "refund: 111-0000069-0000001 SKU-1 2450 USD 2026-03-01T14:05:00Z Board",
        ],
        "amounts_de.csv": [
            'refused: it column "refunded at" is missing. Found: order id, refunded on, SKU, quantity, amount, reason, case, description',
        ],
        "claims_thousands.csv": [
            'refused: it column "refunded at" is missing. Found: claim id, order id, filed at, state, claimed, currency, granted, reply by, decided at, reason, sku, quantity, marketplace, partner id',
        ],
        "daterange_de.csv": [
            "payment: 304-5142049-3699937 7140 EUR 2026-11-21T10:00:00Z",
        ],
        "daterange_jp_cp932.csv": [
            "note: its text isn't UTF-8; it was read as Shift_JIS",
            "payment: 249-5142049-3699937 1980 JPY 2026-11-21T01:00:00Z",
        ],
        "daterange_us_thousands.csv": [
            "payment: 112-0000001-0000001 125000 USD 2026-11-21T18:00:00Z",
        ],
        "returns_header_zh.tsv": [
            "refused: it has column names in Chinese, which aren't read. Download it with English column names, or use our own CSV. Nothing was imported",
        ],
        "returns_jp_cp932.tsv": [
            "note: its text isn't UTF-8; it was read as Shift_JIS",
            "return: 249-0000001-0000001 KAM-1 1980 JPY 2026-11-05 デジタルカメラ 黒 (保証付)",
        ],
        "returns_tab_in_reason.tsv": [
            "left out: line 2: has 33 cells, and the header has 32",
            "return: 111-0000002-0000002 KAM-1 1980 USD 2026-11-05 Camera",
        ],
        "returns_zh_gbk.tsv": [
            "note: its text isn't UTF-8; it was read as GB 18030",
            "return: 249-0000001-0000002 KAM-2 1980 JPY 2026-11-05 数码相机 黑色",
        ],
        "settlement_de.tsv": [
            "payment: 304-5142049-3699937 7140 EUR 2026-11-10T05:00:00Z",
            "payment: 304-5142049-3699937 7140 EUR 2026-11-10T05:00:00Z",
        ],
        "settlement_shipment_ids.tsv": [
            "payment: no order -1520 USD 2026-11-10T05:00:00Z",
            'payment: no order 2200 USD 2026-11-10T05:00:00Z, kept for a person: names "FBA19ZZ9HGQ8" instead of an order',
            "payment: 111-4321732-4932412 -7814 USD 2026-11-10T05:00:00Z",
            "payment: 111-4321732-4932412 -7814 USD 2026-11-10T05:00:00Z",
            "payment: 111-4321732-4932412 -7814 USD 2026-11-10T05:00:00Z",
        ],
        "thousands_eur.csv": [
            "refund: 304-0000001-0000001 SAEGE-1 125000 EUR 2026-11-20T09:00:00Z",
            "refund: 304-0000001-0000002 SAEGE-2 200000 EUR 2026-11-20T09:00:00Z",
            "refund: 304-0000001-0000003 SAEGE-3 125000 EUR 2026-11-20T09:00:00Z",
        ],
        "thousands_usd.csv": [
            "refund: 112-0000001-0000001 SAW-1 125000 USD 2026-11-20T18:00:00Z",
            "refund: 112-0000001-0000002 SAW-2 200000 USD 2026-11-20T18:00:00Z",
            "refund: 112-0000001-0000003 SAW-3 125500 USD 2026-11-20T18:00:00Z",
            "refund: 112-0000001-0000004 SAW-4 125000 USD 2026-11-20T18:00:00Z",
        ],
        "v0_exponent.json": [
            "refund: 111-0000002-0000014 A 1000 USD 2026-11-20T10:00:00Z",
        ],
        "v0_float_noise.json": [
            'left out: refund 1: Principal amount "-10.989999999999998" has more decimals than USD has (2)',
        ],
        "v0_guarantee_and_refund.json": [
            "order: 111-0000002-0000007 A-to-z claim",
            "refund: 111-0000002-0000007 A 1000 USD 2026-11-20T10:00:00Z",
        ],
        "v0_guarantee_only.json": [
            "order: 111-0000002-0000005 A-to-z claim",
            "order: 111-0000002-0000006 chargeback",
        ],
        "v0_null_ids.json": [
            "left out: refund 1: the order id is missing",
            "left out: refund 2: posted date is missing",
            "left out: refund 3: the refund has no items",
            "left out: refund 4: the SKU is missing",
            "left out: reimbursement 1: the claim id is missing",
        ],
        "v0_reversal_of_safet.json": [
            "payment: 39601-71474-0852377 -7814 USD 2026-11-20T10:00:00Z",
        ],
    },
    "payments": {
        "01-settlement-us.tsv": [
            "payment: 111-4329651-5037141 1750 USD 2026-10-05T05:23:19Z",
        ],
        "02-settlement-us-slashdate.tsv": [
            "payment: 111-4329651-5037141 1750 USD 2026-10-05T05:23:19Z",
        ],
        "04-settlement-eu-de.tsv": [
            "payment: 304-5142049-3699937 1750 EUR 2026-10-05T05:23:19Z",
        ],
        "05-settlement-jp-yen.tsv": [
            "payment: 249-1234567-1234567 1279 JPY 2026-10-05T11:14:44Z",
        ],
        "07-settlement-gbp-iso.tsv": [
            "payment: 206-9876543-2109876 1750 GBP 2026-10-05T09:15:00Z",
        ],
        "08-settlement-se-spaces.tsv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "payment: 304-1111111-2222222 113572 SEK 2026-10-05T05:23:19Z",
        ],
        "10-settlement-v1.tsv": [
            'refused: it is a settlement report V1. Download the same settlement as "Flat File V2". Nothing was imported',
        ],
        "11-settlement.tsv.gz": [
            "payment: 111-4329651-5037141 1750 USD 2026-10-05T05:23:19Z",
        ],
        "13-settlement-utf16.tsv": [
            "payment: 111-4329651-5037141 1750 USD 2026-10-05T05:23:19Z",
        ],
        "14-settlement-excel-quoted.csv": [
            "payment: 111-4329651-5037141 1750 USD 2026-10-05T05:23:19Z",
        ],
        "20-daterange-us.csv": [
            "payment: 111-4329651-5037141 101750 USD 2026-09-04T08:05:07Z",
        ],
        "21-daterange-uk.csv": [
            "payment: 206-9876543-2109876 1750 GBP 2026-09-04T01:05:07Z",
            "payment: 206-9876543-2109876 1850 GBP 2026-09-04T01:05:07Z",
        ],
        "23-daterange-in-lakh.csv": [
            "payment: 402-9988271-1029381 10076913 INR 2026-09-02T08:52:10Z",
        ],
        "24-daterange-ca.csv": [
            "payment: 702-0000001-0000001 1750 CAD 2026-09-04T08:05:07Z",
            "payment: 702-0000001-0000001 1850 CAD 2026-09-04T08:05:07Z",
        ],
        "26-daterange-fr.csv": [
            "payment: 171-9706558-5939530 1750 EUR 2026-07-01T08:31:35Z",
        ],
        "27-daterange-de.csv": [
            "payment: 304-5142049-3699937 101750 EUR 2026-07-01T08:31:35Z",
        ],
        "29-daterange-es.csv": [
            "payment: 171-9706558-5939530 1750 EUR 2026-07-01T08:31:35Z",
        ],
        "30-daterange-mx.csv": [
            "payment: 171-9706558-5939530 101750 MXN 2026-07-01T14:31:35Z",
        ],
        "32-daterange-us-excel-resaved.csv": [
            "payment: 111-4329651-5037141 1750 USD 2026-09-04T08:05:00Z",
        ],
        "33-daterange-semicolon.csv": [
            "payment: 111-4329651-5037141 1750 USD 2026-09-04T08:05:07Z",
        ],
        "40-fin2024.json": [
            "payment: 111-4329651-5037141 1750 USD 2026-09-05T08:00:00Z",
        ],
        "41-fin2024-two-pages.ndjson": [
            "payment: 111-4329651-5037141 1750 USD 2026-09-05T08:00:00Z",
            "payment: 111-4329651-5037141 325 USD 2026-09-05T08:00:00Z",
        ],
    },
    "claims": {
        "01-ok.csv": [
            "claim: 11122-33344-5556667 Granted 2450 USD 2026-09-02T09:00:00Z",
        ],
        "02-excel-de-semicolon-bom.csv": [
            "claim: 11122-33344-5556668 Granted 2450 USD 2026-09-02T17:00:00Z",
        ],
        "04-slashdates.csv": [
            "claim: 11122-33344-5556670 Granted 2450 USD 2026-02-09T18:00:00Z",
        ],
        "05-scientific.csv": [
            'left out: line 2: "1.11223E+16" was rounded by a spreadsheet. Format the column as text and enter it again',
        ],
        "07-sep.csv": [
            "claim: 11122-33344-5556667 Granted 2450 USD 2026-09-02T09:00:00Z",
        ],
        "08-utf16tab.txt": [
            "claim: 11122-33344-5556667 Granted 2450 USD 2026-09-02T09:00:00Z",
        ],
        "10-formula.csv": [
            'left out: line 2: reason "=1+1" isn\'t known. Known: damaged, different, parts, not_returned, abuse, no_return_asked, replaced, delivered, outside_window, shipping',
        ],
        "11-quoted-newline.csv": [
            'left out: line 2: SKU "SKU\\n1" has a line end in it',
        ],
        "13-xlsx.csv": [
            "refused: it is an archive that can't be unpacked",
        ],
        "14-german-header.csv": [
            "refused: it has column names in German, which aren't read. Download it with English column names, or use our own CSV. Nothing was imported",
        ],
        "16-money.csv": [
            "claim: 11122-33344-5556678 Granted 102450 USD 2026-09-02T07:00:00Z",
            "claim: 11122-33344-5556679 Granted 102450 USD 2026-09-02T07:00:00Z",
            "claim: 11122-33344-5556680 Granted 102400 USD 2026-09-02T07:00:00Z",
        ],
        "17-future.csv": [
            'left out: line 2: filed at "2027-09-02" lies in the future',
        ],
    },
    "filing": {
        "00-template.csv": [
            "row: 2 111-4432598-6398618 2026-11-08",
            "row: 3 111-4250461-3989851 2026-11-10",
            "row: 4 111-4424679-6293889 2026-11-12",
            "row: 5 111-4717682-3168862 2026-11-13",
            "row: 6 111-4210866-3466206 2026-11-15",
            "row: 7 111-4709763-3064133 2026-11-15",
            "row: 8 111-4163352-2837832 2026-11-21",
            "row: 9 111-4155433-2733103 2026-11-22",
            "row: 10 111-4147514-2628374 2026-11-23",
            "row: 11 111-4139595-2523645 2026-11-24",
            "row: 12 111-4393003-5874973 2026-11-24",
            "row: 13 111-4131676-2418916 2026-11-25",
            "row: 14 111-4123757-2314187 2026-11-26",
            "row: 15 111-4115838-2209458 2026-11-27",
            "row: 16 111-4107919-2104729 2026-11-28",
            "row: 17 111-4377165-5665515 2026-11-29",
        ],
        "01-ok.csv": [
            "row: 2 111-4432598-6398618 box crushed",
        ],
        "03-cp1252.csv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "row: 2 111-4250461-3989851 Größe",
        ],
        "04-sep.csv": [
            "row: 3 111-4250461-3989851 x",
        ],
        "06-astext.csv": [
            'row: 2 111-4424679-6293889 =HYPERLINK("http://127.0.0.1:9","x")',
        ],
        "07-dates.csv": [
            "row: 2 111-4717682-3168862 2026-10-13 x",
            "row: 3 111-4717682-3168862 2026-10-13 x",
            "row: 4 111-4717682-3168862 2026-10-13 x",
            "row: 5 111-4717682-3168862 2026-10-13 x",
        ],
        "09-xlsx.csv": [
            "refused: it is an archive that can't be unpacked. Nothing was made",
        ],
        "10-amounts.csv": [
            "row: 2 111-4709763-3064133 x",
            "row: 3 111-4709763-3064133 x",
            "row: 4 111-4709763-3064133 x",
            "row: 5 111-4709763-3064133 x",
            "row: 6 111-4709763-3064133 x",
        ],
        "12-german.csv": [
            'refused: it: the column "order id" is missing. Found: Bestellnummer, Menge',
        ],
        "13-newline.csv": [
            'row: 2 111-4709763-3064133 two⏎lines "quoted"',
        ],
        "excel_de.csv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "row: 2 111-4432598-6398618 2026-11-08 Nothing came back – see tracking",
            "row: 3 111-4250461-3989851 2026-11-10 Nothing came back – see tracking",
            "row: 4 111-4424679-6293889 2026-11-12 Nothing came back – see tracking",
        ],
        "excel_iso.csv": [
            "row: 2 111-4432598-6398618 2026-11-08 Nothing came back – see tracking",
            "row: 3 111-4250461-3989851 2026-11-10 Nothing came back – see tracking",
            "row: 4 111-4424679-6293889 2026-11-12 Nothing came back – see tracking",
        ],
        "excel_jp.csv": [
            "note: its text isn't UTF-8; it was read as Shift_JIS",
            "row: 2 111-4432598-6398618 2026-11-08 返品されていません",
            "row: 3 111-4250461-3989851 2026-11-10 返品されていません",
            "row: 4 111-4424679-6293889 2026-11-12 返品されていません",
        ],
        "excel_jp_words.csv": [
            "note: its text isn't UTF-8; it was read as Shift_JIS",
            "row: 2 112-0000003-0000003 2026-11-20 返品が届いていません。追跡番号も更新されません。",
        ],
        "excel_sep_line.csv": [
            "row: 3 111-4432598-6398618 2026-11-08 Nothing came back – see tracking",
            "row: 4 111-4250461-3989851 2026-11-10 Nothing came back – see tracking",
            "row: 5 111-4424679-6293889 2026-11-12 Nothing came back – see tracking",
        ],
        "excel_uk.csv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "row: 2 111-4432598-6398618 2026-08-11 or 2026-11-08 Nothing came back – see tracking",
            "row: 3 111-4250461-3989851 2026-10-11 or 2026-11-10 Nothing came back – see tracking",
            "row: 4 111-4424679-6293889 2026-12-11 or 2026-11-12 Nothing came back – see tracking",
        ],
        "excel_us.csv": [
            "note: its text isn't UTF-8; it was read as Windows-1252",
            "row: 2 111-4432598-6398618 2026-11-08 or 2026-08-11 Nothing came back – see tracking",
            "row: 3 111-4250461-3989851 2026-11-10 or 2026-10-11 Nothing came back – see tracking",
            "row: 4 111-4424679-6293889 2026-11-12 or 2026-12-11 Nothing came back – see tracking",
        ],
        "excel_utf16tab.txt": [
            "row: 2 111-4432598-6398618 2026-11-08 Nothing came back – see tracking",
            "row: 3 111-4250461-3989851 2026-11-10 Nothing came back – see tracking",
            "row: 4 111-4424679-6293889 2026-11-12 Nothing came back – see tracking",
        ],
        "template-resaved-iso.csv": [
            "row: 2 111-4432598-6398618 2026-11-08 The box came back crushed and empty inside",
            "row: 3 111-4250461-3989851 2026-11-10 The box came back crushed and empty inside",
            "row: 4 111-4424679-6293889 2026-11-12 The box came back crushed and empty inside",
            "row: 5 111-4717682-3168862 2026-11-13 The box came back crushed and empty inside",
            "row: 6 111-4210866-3466206 2026-11-15 The box came back crushed and empty inside",
            "row: 7 111-4709763-3064133 2026-11-15 The box came back crushed and empty inside",
        ],
        "template-resaved-ja.csv": [
            "row: 2 111-4432598-6398618 2026-11-08 The box came back crushed and empty inside",
            "row: 3 111-4250461-3989851 2026-11-10 The box came back crushed and empty inside",
            "row: 4 111-4424679-6293889 2026-11-12 The box came back crushed and empty inside",
            "row: 5 111-4717682-3168862 2026-11-13 The box came back crushed and empty inside",
            "row: 6 111-4210866-3466206 2026-11-15 The box came back crushed and empty inside",
            "row: 7 111-4709763-3064133 2026-11-15 The box came back crushed and empty inside",
        ],
        "template-resaved-uk.csv": [
            "row: 2 111-4432598-6398618 2026-11-08 The box came back crushed and empty inside",
            "row: 3 111-4250461-3989851 2026-11-10 The box came back crushed and empty inside",
            "row: 4 111-4424679-6293889 2026-11-12 The box came back crushed and empty inside",
            "row: 5 111-4717682-3168862 2026-11-13 The box came back crushed and empty inside",
            "row: 6 111-4210866-3466206 2026-11-15 The box came back crushed and empty inside",
            "row: 7 111-4709763-3064133 2026-11-15 The box came back crushed and empty inside",
        ],
        "template-resaved-us.csv": [
            "row: 2 111-4432598-6398618 2026-11-08 The box came back crushed and empty inside",
            "row: 3 111-4250461-3989851 2026-11-10 The box came back crushed and empty inside",
            "row: 4 111-4424679-6293889 2026-11-12 The box came back crushed and empty inside",
            "row: 5 111-4717682-3168862 2026-11-13 The box came back crushed and empty inside",
            "row: 6 111-4210866-3466206 2026-11-15 The box came back crushed and empty inside",
            "row: 7 111-4709763-3064133 2026-11-15 The box came back crushed and empty inside",
        ],
    },
}

BEFORE: dict[str, dict[str, str]] = {
    "refunds": {
        "01-fin-v0.json": "1 refund line; 1 payment",
        "02-fin-v0-bare.json": "1 refund line",
        "03-fin-v0-ndjson.json": "2 refund lines",
        "04-fin-v0-list-of-pages.json": "2 refund lines",
        "05-fin-v0-utf16-powershell.json": "refused: it ends in the middle of line 56. Nothing was imported",
        "06-fin-v0-bom.json": "1 refund line",
        "07-fin-v0.json.gz": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: gzip",
        "09-fin-v0-string-amounts.json": "1 refund line",
        "10-fin-v0-negative-quantity.json": 'left out: quantity "-1" is not a number of items',
        "11-fin-v0-snake-case.json": 'refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: {"financial_even…',
        "12-fin-v0-empty-lists.json": "nothing in it",
        "13-fin-v0-error-body.json": 'refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: {"errors": [{"co…',
        "15-fin-v0-huge.json": '1 refund line; left out: Principal amount "-1000000000000000.0" is too large; left out: Principal amount "-0.001" has more decimals than USD has (2)',
        "16-fin-v0-eu-no-marketplace.json": "1 refund line",
        "17-fin-v0-order-level.json": "left out: the refund has no items",
        "19-fin-v0-new-charge-type.json": 'left out: charge type "SustainabilityCharge" isn\'t known',
        "20-fin-v0-trailing-comma.json": "refused: it is not JSON that can be read: invalid object key (must be a string). Nothing was imported",
        "30-returns-us-cut-short.tsv": "1 return",
        "31-returns-utf16.tsv": "1 return",
        "32-returns-cp1252.tsv": "1 return",
        "33-returns-sjis.tsv": "1 return; title “ú–{Œê‚Ì�¤•i–¼",
        "35-returns-excel-2digit-year.tsv": 'left out: return request date "14-Jul-26" is not a date',
        "38-returns-comma-decimals-eur.tsv": "1 return",
        "40-returns-german-headers.tsv": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: Bestellnummer?Be…",
        "41-returns.csv": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: sep=,",
        "43-returns.xml": "refused: it is a returns report as XML, which isn't read yet. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). N…",
        "44-returns-35-columns.tsv": "1 return",
        "50-fba-customer-returns.tsv": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: return-date?orde…",
        "51-fba-reimbursements.tsv": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: approval-date?re…",
        "53-mws-finances.xml": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: <ListFinancialEv…",
        "54-orders-report.txt": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: amazon-order-id?…",
        "60-own.csv": "1 refund line",
        "61-own-excel-de.csv": "1 refund line",
        "62-own-excel-cp1252.csv": "1 refund line",
        "63-own-excel-us.csv": 'left out: refunded at "3/1/2026 14:05" is not a date',
        "66-own-formula.csv": 'left out: "="111-0000066-0000001"" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
        "67-own-money.csv": '1 refund line; left out: amount "$24.50" is not an amount; left out: amount "24,50 €" is not an amount; left out: amount "(24.50)" is not an amount; left out…',
        "68-own-sep-line.csv": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: sep=;",
        "69-own-excel-utf16-tab.txt": "1 refund line",
        "amounts_de.csv": 'refused: it column "refunded at" is missing. Found: order id, refunded on, SKU, quantity, amount, reason, case, description',
        "claims_thousands.csv": 'refused: it column "refunded at" is missing. Found: claim id, order id, filed at, state, claimed, currency, granted, reply by, decided at, reason, sku, quant…',
        "daterange_de.csv": 'refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: "Umfasst Amazon …',
        "daterange_jp_cp932.csv": 'refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: "�ȉ��́AAmazon �}…',
        "daterange_us_thousands.csv": "refused: it is a date-range CSV, which isn't read yet. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). Nothing …",
        "returns_header_zh.tsv": "refused: it is not a refund file. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). It starts with: 订单编号?订购日期?退货申请日期…",
        "returns_jp_cp932.tsv": "1 return; title ƒfƒWƒ^ƒ‹ƒJƒ�ƒ‰ �• (•",
        "returns_tab_in_reason.tsv": "2 returns",
        "returns_zh_gbk.tsv": "1 return; title ÊýÂëÏà»ú ºÚÉ«",
        "settlement_de.tsv": "refused: it is a settlement report V2, which isn't read yet. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). No…",
        "settlement_shipment_ids.tsv": "refused: it is a settlement report V2, which isn't read yet. Known: returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one). No…",
        "thousands_eur.csv": "3 refund lines; 1.25 EUR; 2.00 EUR; 1250.00 EUR",
        "thousands_usd.csv": '3 refund lines; left out: amount "1.255" has more decimals than USD has (2); 1.25 USD; 2.00 USD; 1250.00 USD',
        "v0_exponent.json": "1 refund line",
        "v0_float_noise.json": 'left out: Principal amount "-10.989999999999998" has more decimals than USD has (2)',
        "v0_guarantee_and_refund.json": "1 refund line",
        "v0_guarantee_only.json": "nothing in it",
        "v0_null_ids.json": "left out: the order id is missing; left out: posted date is missing; left out: the refund has no items; left out: the SKU is missing; left out: the claim id …",
        "v0_reversal_of_safet.json": "1 payment",
    },
    "payments": {
        "01-settlement-us.tsv": "1 payment",
        "02-settlement-us-slashdate.tsv": "1 payment",
        "04-settlement-eu-de.tsv": "1 payment",
        "05-settlement-jp-yen.tsv": "1 payment",
        "07-settlement-gbp-iso.tsv": "1 payment",
        "08-settlement-se-spaces.tsv": "1 payment",
        "10-settlement-v1.tsv": 'refused: it column "amount-description" is missing. Found: settlement-id, settlement-start-date, settlement-end-date, deposit-date, total-amount, currency, t…',
        "11-settlement.tsv.gz": "refused: it is not a refund file. Known: Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV. It starts with: gzip",
        "13-settlement-utf16.tsv": "1 payment",
        "14-settlement-excel-quoted.csv": "1 payment",
        "20-daterange-us.csv": "1 payment",
        "21-daterange-uk.csv": "2 payments",
        "23-daterange-in-lakh.csv": 'left out: total "1,00,769.13" is not an amount',
        "24-daterange-ca.csv": '1 payment; left out: date "2026-09-04 1:05:07 AM PDT" is not a date',
        "26-daterange-fr.csv": 'refused: it is not a refund file. Known: Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV. It starts with: "Comprend les transactions"',
        "27-daterange-de.csv": 'refused: it is not a refund file. Known: Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV. It starts with: "Umfasst Transaktionen"',
        "29-daterange-es.csv": 'refused: it is not a refund file. Known: Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV. It starts with: "Todos los importes en EUR"',
        "30-daterange-mx.csv": 'refused: it is not a refund file. Known: Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV. It starts with: "Todos los importes en MXN"',
        "32-daterange-us-excel-resaved.csv": 'left out: date "9/4/2026 1:05" is not a date',
        "33-daterange-semicolon.csv": "1 payment",
        "40-fin2024.json": "1 payment",
        "41-fin2024-two-pages.ndjson": "2 payments",
    },
    "claims": {
        "01-ok.csv": "1 claim",
        "02-excel-de-semicolon-bom.csv": "1 claim",
        "04-slashdates.csv": 'left out: filed at "02/09/2026 10:00" is not a date',
        "05-scientific.csv": 'left out: "1.11223E+16" isn\'t a claim id. It has 5, 5 and 7 digits, as in 11122-33344-5556667',
        "07-sep.csv": "refused: it is not a file of claims. Known: our own CSV (--template prints one). It starts with: sep=;",
        "08-utf16tab.txt": "1 claim",
        "10-formula.csv": 'left out: reason "=1+1" isn\'t known. Known: damaged, different, parts, not_returned, abuse, no_return_asked, replaced, delivered, outside_window, shipping',
        "11-quoted-newline.csv": "1 claim",
        "13-xlsx.csv": "refused: it is not a file of claims. Known: our own CSV (--template prints one). It starts with: PK??????????????????????????????????????",
        "14-german-header.csv": 'refused: it column "claim id" is missing. Found: Antrags-ID, Bestellnummer, Datum, Status, Betrag, Währung',
        "16-money.csv": '1 claim; left out: claimed "$1,024.50" is not an amount; left out: claimed "1.024" has more decimals than USD has (2)',
        "17-future.csv": "1 claim",
    },
    "filing": {
        "00-template.csv": "16 rows",
        "01-ok.csv": "1 row",
        "03-cp1252.csv": "1 row",
        "04-sep.csv": 'refused: it: the column "order id" is missing. Found: sep=',
        "06-astext.csv": "1 row",
        "07-dates.csv": "4 rows; 3 refused for the day",
        "09-xlsx.csv": 'refused: it is a spreadsheet file. Save it as "CSV UTF-8" and upload that',
        "10-amounts.csv": "5 rows",
        "12-german.csv": 'refused: it: the column "order id" is missing. Found: bestellnummer, menge',
        "13-newline.csv": "1 row",
        "excel_de.csv": "3 rows; 3 refused for the day",
        "excel_iso.csv": "3 rows",
        "excel_jp.csv": "3 rows; 3 refused for the day; unreadable words in the draft",
        "excel_jp_words.csv": "1 row; unreadable words in the draft",
        "excel_sep_line.csv": 'refused: it: the column "order id" is missing. Found: sep=',
        "excel_uk.csv": "3 rows; 3 refused for the day",
        "excel_us.csv": "3 rows; 3 refused for the day",
        "excel_utf16tab.txt": "3 rows",
        "template-resaved-iso.csv": "6 rows",
        "template-resaved-ja.csv": "6 rows; 6 refused for the day",
        "template-resaved-uk.csv": "6 rows; 6 refused for the day",
        "template-resaved-us.csv": "6 rows; 6 refused for the day",
    },
}
"""What became of them before there was one reader each, in short."""
