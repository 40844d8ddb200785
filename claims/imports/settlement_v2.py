"""SAFE-T payments in a settlement report V2, tab-separated: first a row of totals, then a row an amount component.

Its SAFE-T rows name the order and no claim. The currency is in the row of totals.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, tzinfo

from accounts import marketplaces
from claims.imports import values
from claims.imports.delimited import DelimitedRow, rows
from claims.imports.records import PaymentRow, Records, Reject, RowProblem, Teller
from claims.imports.source import Source

REQUIRED = ("settlement-id", "transaction-type", "order-id", "amount-description", "amount", "posted-date")
SAFE_T = "safetreimbursement"


def looks_like(header: list[str]) -> bool:
    """Whether compared column names are those of a settlement report V2."""
    return header[:1] == ["settlement id"]


def payments(source: Source, zone: tzinfo | None) -> Records:
    """Yield a PaymentRow or a Reject for each SAFE-T row. `zone` is for moments that name no offset."""
    currency: str | None = None
    ordinals: Counter[PaymentRow] = Counter()
    for row in rows(source, required=REQUIRED):
        try:
            currency = row.get("currency") or currency
            if not _is_reimbursement(row):
                continue
            payment = _payment(row, currency, zone)
        except RowProblem as problem:
            yield Reject(row.place, problem.cause)
            continue
        alike = replace(payment, place="")
        yield replace(payment, ordinal=ordinals[alike])
        ordinals[alike] += 1


def _is_reimbursement(row: DelimitedRow) -> bool:
    return any(values.letters(row.get(name) or "") == SAFE_T for name in ("transaction type", "amount description"))


def _payment(row: DelimitedRow, currency: str | None, zone: tzinfo | None) -> PaymentRow:
    row.refuse_nul()
    code = values.currency(currency)
    cell = row.get("amount")
    if cell is None:
        raise RowProblem("the amount is missing")
    amount = values.minor_units(cell, code, "amount")
    if amount == 0:
        raise RowProblem("the amount is 0")
    place = row.get("marketplace name")
    marketplace = marketplaces.find(place) if place else None
    calendar = marketplace.tz if marketplace else zone or UTC
    at = values.instant(row.get("posted date time") or row.get("posted date"), "posted date", calendar)
    if at is None:
        raise RowProblem("the posted date is missing")
    order = row.get("order id")
    parts = (row.get("settlement id"), row.get("adjustment id"))
    return PaymentRow(
        place=row.place,
        claim_id="",
        posted_at=at,
        amount=amount,
        currency=code,
        source=Teller.SETTLEMENT,
        order_id=values.order_id(order) if order else "",
        sku=values.code(row.get("sku"), "SKU") or "",
        reference=" ".join(part for part in parts if part)[:100],
    )
