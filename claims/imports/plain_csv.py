"""Our own CSV, for marketplaces that have neither a returns report nor finance data: one row a refund line.

Comma or semicolon, quoted as in RFC 4180, UTF-8 with or without a byte order mark. Columns are read by name, in any
order and any letter case; only the first five are needed. An empty cell says nothing. `docs/importing.md` has the
columns one by one; `import_refunds --template` prints `TEMPLATE`.
"""

from __future__ import annotations

from datetime import tzinfo
from enum import StrEnum

from accounts import marketplaces
from claims.imports import values
from claims.imports.delimited import DelimitedRow, column, rows
from claims.imports.records import OrderFacts, PostingLine, Records, Reject, ReturnRow, RowKind, RowProblem
from claims.imports.source import Source
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


def read(source: Source, zone: tzinfo | None) -> Records:
    """Yield a PostingLine or a Reject for each row; where the row speaks of a return too, the line carries it.

    `zone` is the calendar for rows that name no marketplace.
    """
    for row in rows(source, required=REQUIRED, aliases=_ALIASES):
        try:
            yield _line(row, zone)
        except RowProblem as problem:
            yield Reject(row.place, problem.cause)


def _line(row: DelimitedRow, zone: tzinfo | None) -> PostingLine:
    row.refuse_nul()
    get = row.get
    order_id = values.order_id(get("order id"))
    sku = values.code(get("sku"), "SKU")
    if sku is None:
        raise RowProblem("the SKU is missing")
    currency = values.currency(get("currency"))
    marketplace = get("marketplace")
    known = marketplaces.find(marketplace) if marketplace else None
    zone = known.tz if known else zone
    order_amount = get("order amount")
    order = OrderFacts(
        order_id=order_id,
        marketplace=marketplace,
        partner_id=get("partner id"),
        ordered_on=values.day(get("order date"), "order date", zone),
        amount=values.minor_units(order_amount, currency, "order amount") if order_amount else None,
        currency=currency if order_amount else None,
        program=values.code((get("program") or "").upper() or None, "program", 32),
        fulfilment=_word(get("fulfilment"), Fulfilment, "fulfilment"),
        a_to_z=_flag(row, "a-to-z claim"),
        chargeback=_flag(row, "chargeback"),
    )
    return PostingLine(
        place=row.place,
        order=order,
        refunded_at=values.instant_with_time(get("refunded at"), "refunded at", zone),
        sku=sku,
        quantity=values.quantity(get("quantity")),
        currency=currency,
        components=_components(row, currency),
        issuer=_word(get("issuer"), Issuer, "issuer"),
        asin=values.asin(get("asin")),
        title=get("item"),
        back=_return(row, order, sku, currency, zone),
    )


def _components(row: DelimitedRow, currency: str) -> dict[RowKind, int]:
    """Return what was given back by kind. Restocking is what was kept, written with or without a minus."""
    if row.get("amount") is None:
        raise RowProblem("the amount is missing")
    parts: dict[RowKind, int] = {}
    for name, kind in _PARTS.items():
        cell = row.get(name)
        minor = values.minor_units(cell, currency, name) if cell else 0
        if minor:
            parts[kind] = -abs(minor) if kind is RowKind.RESTOCKING else minor
    if not parts:
        raise RowProblem("nothing was given back to the buyer")
    return parts


def _return(row: DelimitedRow, order: OrderFacts, sku: str, currency: str, zone: tzinfo | None) -> ReturnRow | None:
    """Return what the row says of a return: there is one when it has a day of request or an RMA id."""
    get = row.get
    requested = values.day(get("return requested"), "return requested", zone)
    rma_id = values.code(get("rma id"), "RMA id")
    delivered = values.day(get("return delivered"), "return delivered", zone)
    if requested is None and rma_id is None:
        if delivered is not None:
            raise RowProblem("the return was delivered, but neither its request date nor its RMA id is there")
        return None
    return ReturnRow(
        place=row.place,
        order=order,
        sku=sku,
        requested_on=requested,
        rma_id=rma_id,
        asin=values.asin(get("asin")),
        title=get("item"),
        carrier=values.code(get("carrier"), "carrier"),
        tracking_id=values.code(get("tracking id"), "tracking id"),
        currency=currency,
        delivered_on=delivered,
        last_scan_on=values.day(get("last scan"), "last scan", zone),
        is_refused=_flag(row, "return refused"),
    )


def _flag(row: DelimitedRow, name: str) -> bool | None:
    cell = row.get(column(name))
    flag = values.yes_or_no(cell)
    if cell is not None and flag is None:
        raise RowProblem(f"{name} {values.shown(cell)} is neither yes nor no")
    return flag


def _word(cell: str | None, choices: type[StrEnum], what: str) -> str | None:
    if cell is None:
        return None
    word = cell.upper()
    if word not in list(choices):
        raise RowProblem(f"{what} {values.shown(cell)} isn't known. Known: {', '.join(w.lower() for w in choices)}")
    return word
