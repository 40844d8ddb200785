"""Our own CSV, for marketplaces that have neither a returns report nor finance data: one row a refund line.

Comma or semicolon, quoted as in RFC 4180, UTF-8 with or without a byte order mark. Columns are read by name, in any
order and any letter case; only the first five are needed. An empty cell says nothing. `docs/importing.md` has the
columns one by one; `import_refunds --template` prints `TEMPLATE`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from accounts import marketplaces
from accounts.tables.delimited import DelimitedRow, column, table
from accounts.tables.source import Source
from accounts.values import amounts, days, ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, shown
from claims.imports import values
from claims.imports.records import OrderFacts, PostingLine, Records, Reject, ReturnRow, RowKind
from claims.rules.eligibility import Fulfilment, Issuer

REQUIRED = ("order id", "refunded at", "sku", "currency", "amount")
COLUMNS = (
    *REQUIRED,
    "quantity",
    "shipping",
    "return shipping",
    "gift wrap",
    "restocking",
    "goodwill",
    "tax",
    "marketplace",
    "partner id",
    "issuer",
    "fulfilment",
    "program",
    "chargeback",
    "a-to-z claim",
    "order date",
    "order amount",
    "asin",
    "item",
    "return requested",
    "return delivered",
    "last scan",
    "return refused",
    "rma id",
    "tracking id",
    "carrier",
)
_EXAMPLE = {
    "order id": "111-2223334-5556667",
    "refunded at": "2026-03-01T14:05:00+01:00",
    "sku": "SKU-1",
    "currency": "EUR",
    "amount": "24.50",
    "quantity": "1",
    "shipping": "3.90",
    "tax": "5.40",
    "issuer": "marketplace",
    "fulfilment": "seller",
    "chargeback": "no",
    "a-to-z claim": "no",
    "order date": "2026-02-10",
    "order amount": "33.80",
    "item": "Walnut chopping board",
    "return requested": "2026-02-20",
    "return delivered": "2026-02-27",
    "rma id": "D00000001RRMA",
}
TEMPLATE = ",".join(COLUMNS) + "\n" + ",".join(_EXAMPLE.get(name, "") for name in COLUMNS) + "\n"
"""A header and one row, to be filled in."""

_PARTS = {
    "amount": RowKind.PRINCIPAL,
    "shipping": RowKind.SHIPPING,
    "return shipping": RowKind.RETURN_SHIPPING,
    "gift wrap": RowKind.GIFT_WRAP,
    "restocking": RowKind.RESTOCKING,
    "goodwill": RowKind.GOODWILL,
    "tax": RowKind.TAX,
}
DAYS = ("refunded at", "order date", "return requested", "return delivered", "last scan")
_ALIASES = {
    column(alias): column(name)
    for alias, name in {
        "principal": "amount",
        "title": "item",
        "item name": "item",
        "a to z": "a-to-z claim",
        "fulfillment": "fulfilment",
        "refund date": "refunded at",
    }.items()
}


def looks_like(header: list[str]) -> bool:
    """Whether compared column names are ours, even when some needed ones are missing."""
    names = {_ALIASES.get(name, name) for name in header}
    return len({column(name) for name in REQUIRED} & names) >= 3


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a PostingLine or a Reject for each row; where the row speaks of a return too, the line carries it.

    `calendar` is for rows that name no marketplace.
    """
    rows = table(source, required=REQUIRED, aliases=_ALIASES, days_in=DAYS)
    calendar = replace(calendar, evidence=rows.evidence)
    for row in rows:
        try:
            yield _line(row, calendar)
        except Unreadable as problem:
            yield Reject(row.place, problem.cause)


def _line(row: DelimitedRow, calendar: Calendar) -> PostingLine:
    row.check()
    get = row.get
    order_id = ids.order_id(get("order id"))
    sku = ids.code(get("sku"), "SKU")
    if sku is None:
        raise Unreadable("the SKU is missing")
    currency = amounts.currency(get("currency"))
    marketplace = get("marketplace")
    known = marketplaces.find(marketplace) if marketplace else None
    calendar = calendar.at(known)
    order_amount = get("order amount")
    order = OrderFacts(
        order_id=order_id,
        marketplace=marketplace,
        partner_id=get("partner id"),
        ordered_on=days.day(get("order date"), "order date", calendar, happened=True),
        amount=amounts.minor_units(order_amount, currency, "order amount") if order_amount else None,
        currency=currency if order_amount else None,
        program=ids.code((get("program") or "").upper() or None, "program", 32),
        fulfilment=_word(get("fulfilment"), Fulfilment, "fulfilment"),
        a_to_z=_flag(row, "a-to-z claim"),
        chargeback=_flag(row, "chargeback"),
    )
    return PostingLine(
        place=row.place,
        order=order,
        refunded_at=days.instant_with_time(get("refunded at"), "refunded at", calendar, happened=True),
        sku=sku,
        quantity=values.quantity(get("quantity")),
        currency=currency,
        components=_components(row, currency),
        issuer=_word(get("issuer"), Issuer, "issuer"),
        asin=ids.asin(get("asin")),
        title=get("item"),
        back=_return(row, order, sku, currency, calendar),
    )


def _components(row: DelimitedRow, currency: str) -> dict[RowKind, int]:
    """Return what was given back by kind. Restocking is what was kept, written with or without a minus."""
    if row.get("amount") is None:
        raise Unreadable("the amount is missing")
    parts: dict[RowKind, int] = {}
    for name, kind in _PARTS.items():
        cell = row.get(name)
        minor = amounts.minor_units(cell, currency, name) if cell else 0
        if minor:
            parts[kind] = -abs(minor) if kind is RowKind.RESTOCKING else minor
    if not parts:
        raise Unreadable("nothing was given back to the buyer")
    return parts


def _return(row: DelimitedRow, order: OrderFacts, sku: str, currency: str, calendar: Calendar) -> ReturnRow | None:
    """Return what the row says of a return: there is one when it has a day of request or an RMA id."""
    get = row.get
    requested = days.day(get("return requested"), "return requested", calendar, happened=True)
    rma_id = ids.parcel(get("rma id"), "RMA id")
    delivered = days.day(get("return delivered"), "return delivered", calendar, happened=True)
    if requested is None and rma_id is None:
        if delivered is not None:
            raise Unreadable("the return was delivered, but neither its request date nor its RMA id is there")
        return None
    return ReturnRow(
        place=row.place,
        order=order,
        sku=sku,
        requested_on=requested,
        rma_id=rma_id,
        asin=ids.asin(get("asin")),
        title=get("item"),
        carrier=ids.code(get("carrier"), "carrier"),
        tracking_id=ids.parcel(get("tracking id"), "tracking id"),
        currency=currency,
        delivered_on=delivered,
        last_scan_on=days.day(get("last scan"), "last scan", calendar, happened=True),
        is_refused=_flag(row, "return refused"),
    )


def _flag(row: DelimitedRow, name: str) -> bool | None:
    cell = row.get(column(name))
    said = values.yes_or_no(cell)
    if cell is not None and said is None:
        raise Unreadable(f"{name} {shown(cell)} is neither yes nor no")
    return said


def _word(cell: str | None, known: type[StrEnum], what: str) -> str | None:
    if cell is None:
        return None
    word = cell.upper()
    if word not in list(known):
        raise Unreadable(f"{what} {shown(cell)} isn't known. Known: {', '.join(w.lower() for w in known)}")
    return word
