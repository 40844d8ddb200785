"""Files in the formats of the field, written by the tests: the same shapes, our own content."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from claims.imports import plain_csv, returns_report

COLUMNS_32 = returns_report.COLUMNS[:32]
COLUMNS_35 = returns_report.COLUMNS

A_RETURN = {
    "Order ID": "203-5550001-7770001",
    "Order date": "02-Mar-2026",
    "Return request date": "09-Mar-2026",
    "Return request status": "Approved",
    "Amazon RMA ID": "DkT4wPq7RRMA",
    "Label type": "AmazonPrePaidLabel",
    "Label cost": "5.20",
    "Currency code": "USD",
    "Return carrier": "UPS",
    "Tracking ID": "1Z5550000000000001",
    "Label to be paid by": "Seller",
    "A-to-Z Claim": "N",
    "Is prime": "N",
    "ASIN": "B0FFEE0001",
    "Merchant SKU": "KETTLE-1",
    "Item Name": "Enamel kettle",
    "Return quantity": "1",
    "Return Reason": "CR-DEFECTIVE",
    "In policy": "Y",
    "Return type": "C-Returns",
    "Resolution": "StandardRefund",
    "Return delivery date": "16-Mar-2026",
    "Order Amount": "64.00",
    "Order quantity": "1",
    "Refunded Amount": "64.00",
}


def returns_text(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS_32, base: dict[str, str] = A_RETURN) -> str:
    """Return a returns report; each row changes some cells of `base`. Cells after a row's last value are cut off."""
    lines = ["\t".join(columns)]
    for row in rows:
        cells = {**base, **row}
        lines.append("\t".join(cells.get(name, "") for name in columns).rstrip("\t"))
    return "\n".join(lines) + "\n"


def charge(kind: str, amount: Any, currency: str = "USD") -> dict[str, Any]:
    return {"ChargeType": kind, "ChargeAmount": {"CurrencyCode": currency, "CurrencyAmount": amount}}


def item(
    sku: str, *charges: dict[str, Any], quantity: Any = 1, item_id: str | None = None, **more: Any
) -> dict[str, Any]:
    found = {"SellerSKU": sku, "QuantityShipped": quantity, "ItemChargeAdjustmentList": list(charges), **more}
    return {**found, "OrderAdjustmentItemId": item_id} if item_id else found


def refund(
    order_id: str, posted: str, *items: dict[str, Any], marketplace: str | None = "Amazon.com", **more: Any
) -> dict[str, Any]:
    event = {"AmazonOrderId": order_id, "PostedDate": posted, "ShipmentItemAdjustmentList": list(items), **more}
    return {**event, "MarketplaceName": marketplace} if marketplace else event


def payment(claim_id: str, posted: str, amount: Any, currency: str = "USD") -> dict[str, Any]:
    money = {"CurrencyCode": currency, "CurrencyAmount": amount}
    return {
        "PostedDate": posted,
        "SAFETClaimId": claim_id,
        "ReimbursedAmount": money,
        "ReasonCode": "SAFE_T_REIMBURSEMENT",
    }


def finances(refunds: list[Any] | None = None, payments: list[Any] | None = None) -> dict[str, Any]:
    events: dict[str, Any] = {"ShipmentEventList": [{"AmazonOrderId": "203-0000000-0000000"}]}
    if refunds is not None:
        events["RefundEventList"] = refunds
    if payments is not None:
        events["SAFETReimbursementEventList"] = payments
    return {"payload": {"FinancialEvents": events}}


def plain_text(*rows: dict[str, str], delimiter: str = ",", columns: tuple[str, ...] = plain_csv.COLUMNS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(folder: Path, name: str, content: str | bytes | dict[str, Any] | list[Any]) -> Path:
    """Write a file and return its path; objects become JSON."""
    path = folder / name
    if isinstance(content, dict | list):
        content = json.dumps(content, indent=1)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
