"""How fast refunds come in, and how much memory that takes: 10,000 and 200,000 rows of finance data and of returns.

    python bench/import_refunds.py [ROWS…]

Makes its own files, and a database of its own on the server of DATABASE_URL, which it drops again. Each file is
imported by `manage.py import_refunds` in a process of its own, twice: first all new, then all unchanged.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fresh import fresh_database, manage

from claims.imports.returns_report import COLUMNS

START = datetime(2026, 1, 1, tzinfo=UTC)
MAKE_SELLER = "from accounts.models import Seller; Seller.objects.create(slug='bench', name='Bench', marketplace='US')"
FORGET = "from django.db import connection; connection.cursor().execute('TRUNCATE claims_order CASCADE')"


def order_id(number: int) -> str:
    return f"{100 + number % 900}-{number:07}-{number * 7919 % 10**7:07}"


def posted(number: int) -> datetime:
    return START + timedelta(minutes=number % 100_000, seconds=number // 100_000)


def write_finances(path: Path, rows: int) -> None:
    """Write a Finances v0 document with one refund event a row: principal, tax, two fees."""
    with path.open("w") as file:
        file.write('{"payload": {"FinancialEvents": {"RefundEventList": [\n')
        for number in range(rows):
            item = {
                "SellerSKU": f"SKU-{number % 500}",
                "OrderAdjustmentItemId": str(number),
                "QuantityShipped": 1,
                "ItemChargeAdjustmentList": [
                    _money("Charge", "Principal", -(10 + number % 90)),
                    _money("Charge", "Tax", -1.25),
                ],
                "ItemFeeAdjustmentList": [_money("Fee", "Commission", 1.5), _money("Fee", "RefundCommission", -0.3)],
            }
            event = {
                "AmazonOrderId": order_id(number),
                "MarketplaceName": "Amazon.com",
                "PostedDate": f"{posted(number):%Y-%m-%dT%H:%M:%SZ}",
                "ShipmentItemAdjustmentList": [item],
            }
            file.write(json.dumps(event) + ("\n" if number == rows - 1 else ",\n"))
        file.write("]}}}\n")


def _money(what: str, kind: str, amount: float) -> dict[str, object]:
    return {f"{what}Type": kind, f"{what}Amount": {"CurrencyCode": "USD", "CurrencyAmount": amount}}


def write_returns(path: Path, rows: int) -> None:
    """Write a returns report of 32 columns: one return for each refund of `write_finances`."""
    names = COLUMNS[:32]
    with path.open("w") as file:
        file.write("\t".join(names) + "\n")
        for number in range(rows):
            day = posted(number)
            cells = {
                "Order ID": order_id(number),
                "Order date": f"{day - timedelta(days=20):%d-%b-%Y}",
                "Return request date": f"{day - timedelta(days=9):%d-%b-%Y}",
                "Return request status": "Approved",
                "Amazon RMA ID": f"D{number:08}RRMA",
                "Label type": "AmazonPrePaidLabel",
                "Label cost": "4.14",
                "Currency code": "USD",
                "Return carrier": "UPS",
                "Tracking ID": f"1Z{number:016}",
                "Label to be paid by": "Seller",
                "A-to-Z Claim": "N",
                "Is prime": "N",
                "ASIN": f"B{number:09}",
                "Merchant SKU": f"SKU-{number % 500}",
                "Item Name": f"Thing number {number}",
                "Return quantity": "1",
                "Return Reason": "CR-DEFECTIVE",
                "In policy": "Y",
                "Return type": "C-Returns",
                "Resolution": "StandardRefund",
                "Return delivery date": f"{day - timedelta(days=1):%d-%b-%Y}",
                "Order Amount": "120.00",
                "Order quantity": "1",
                "Refunded Amount": f"{10 + number % 90}.00",
            }
            file.write("\t".join(cells.get(name, "") for name in names) + "\n")


def bench(database: str, rows: int, kind: str, write: Callable[[Path, int], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind
        write(path, rows)
        for run in ("new", "unchanged"):
            seconds, peak = manage(database, "import_refunds", str(path), "--seller", "bench")
            print(f"{kind:<9} {rows:>9,} {run:<10} {seconds:>8.1f} {rows / seconds:>8,.0f} {peak:>8}", flush=True)


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or [10_000, 200_000]
    with fresh_database() as database:
        manage(database, "shell", "-v0", "-c", MAKE_SELLER)
        print(f"{'file':<9} {'rows':>9} {'run':<10} {'seconds':>8} {'rows/s':>8} {'peak MB':>8}")
        for rows in sizes:
            bench(database, rows, "finances", write_finances)
            bench(database, rows, "returns", write_returns)
            manage(database, "shell", "-v0", "-c", FORGET)


if __name__ == "__main__":
    main()
