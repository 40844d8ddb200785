"""SAFE-T payments in a settlement report V2, tab-separated: first a row of totals, then a row an amount component.

Its SAFE-T rows name the order and no claim. The currency is in the row of totals.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from accounts import marketplaces
from accounts.tables.delimited import DelimitedRow, table
from accounts.tables.source import Source
from accounts.values import amounts, days, ids, whole
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, shown
from claims.imports import safe_t
from claims.imports.records import PaymentRow, Records, Reject, Teller

REQUIRED = ("settlement-id", "transaction-type", "order-id", "amount-description", "amount", "posted-date")
DAYS = ("posted-date", "posted-date-time")
WORDS = ("transaction type", "amount type", "amount description")


def looks_like(header: list[str]) -> bool:
    """Whether compared column names are those of a settlement report V2."""
    return header[:1] == ["settlement id"]


def _starts(row: DelimitedRow) -> bool:
    """Whether a line begins a row: a settlement id is a number."""
    return whole(row.get("settlement id"), digits=18) is not None


def payments(source: Source, calendar: Calendar) -> Records:
    """Yield a PaymentRow or a Reject for each SAFE-T row. `calendar` is for moments that name no offset."""
    currency: str | None = None
    ordinals: Counter[PaymentRow] = Counter()
    rows = table(
        source,
        required=REQUIRED,
        days_in=DAYS,
        starts=lambda row: whole(row.get("settlement id"), digits=18) is not None,
    )
    calendar = replace(calendar, evidence=rows.evidence)
    for row in rows:
        try:
            if row.problem:
                raise Unreadable(row.problem)
            currency = row.get("currency") or currency
            if not any(safe_t.speaks_of_it(row.get(name) or "") for name in WORDS):
                continue
            found = _payment(row, currency, calendar)
        except Unreadable as problem:
            yield Reject(row.place, problem.cause)
            continue
        alike = replace(found, place="")
        yield replace(found, ordinal=ordinals[alike])
        ordinals[alike] += 1


def _payment(row: DelimitedRow, currency: str | None, calendar: Calendar) -> PaymentRow:
    row.check()
    code = amounts.currency(currency)
    cell = row.get("amount")
    if cell is None:
        raise Unreadable("the amount is missing")
    amount = amounts.minor_units(cell, code, "amount")
    if amount == 0:
        raise Unreadable("the amount is 0")
    place = row.get("marketplace name")
    calendar = calendar.at(marketplaces.find(place) if place else None)
    at = days.instant(row.get("posted date time") or row.get("posted date"), "posted date", calendar, happened=True)
    if at is None:
        raise Unreadable("the posted date is missing")
    order, shipment, doubt = order_named(row.get("order id"))
    parts = (row.get("settlement id"), row.get("adjustment id"), shipment)
    return PaymentRow(
        place=row.place,
        claim_id="",
        posted_at=at,
        amount=amount,
        currency=code,
        source=Teller.SETTLEMENT,
        order_id=order,
        sku=ids.code(row.get("sku"), "SKU") or "",
        reference=" ".join(part for part in parts if part)[:100],
        doubt=safe_t.doubt((row.get(name) or "" for name in WORDS), amount) or doubt,
    )


def order_named(cell: str | None) -> tuple[str, str, str]:
    """Return (order id, what else is named in its place, what is unsure about that); Unreadable for what is neither.

    Where a marketplace names a shipment (FBA19ZZ9HGQ8) instead of an order, the payment is still one.
    """
    if not cell:
        return "", "", ""
    try:
        return ids.order_id(cell), "", ""
    except Unreadable:
        if not (cell.isascii() and cell.isalnum() and any(c.isalpha() for c in cell)):
            raise
        return "", cell, f"names {shown(cell)} instead of an order"
