"""The returns report by return date, tab-separated: 32 columns, 35 in newer files; columns are read by name.

It says what came back and when, and names SAFE-T claims; it never says when a refund was posted. Its days are the
marketplace's. Quirks seen in the field: header in any case, byte order mark, CRLF, comma decimals, `10-Jul-2025`
dates, cells of one space, rows cut short after their last value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from accounts.tables.delimited import DelimitedRow, column, table
from accounts.tables.source import Source
from accounts.values import amounts, days, ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, shown
from claims.imports import values
from claims.imports.records import NamedClaim, OrderFacts, Records, Reject, ReturnRow

REQUIRED = (
    "Order ID",
    "Return request date",
    "Merchant SKU",
    "Currency code",
    "Refunded Amount",
)
COLUMNS = (
    "Order ID",
    "Order date",
    "Return request date",
    "Return request status",
    "Amazon RMA ID",
    "Merchant RMA ID",
    "Label type",
    "Label cost",
    "Currency code",
    "Return carrier",
    "Tracking ID",
    "Label to be paid by",
    "A-to-Z Claim",
    "Is prime",
    "ASIN",
    "Merchant SKU",
    "Item Name",
    "Return quantity",
    "Return Reason",
    "In policy",
    "Return type",
    "Resolution",
    "Invoice number",
    "Return delivery date",
    "Order Amount",
    "Order quantity",
    "SafeT Action reason",
    "SafeT claim id",
    "SafeT claim state",
    "SafeT claim creation time",
    "SafeT claim reimbursement amount",
    "Refunded Amount",
    "Category",
    "VAT",
    "Order Item ID",
)
"""The documented columns, then the three that newer files add."""
DAYS = ("Order date", "Return request date", "Return delivery date", "SafeT claim creation time")
_ALIASES = {column(alias): column(name) for alias, name in {"Return date": "Return request date"}.items()}


def looks_like(header: list[str]) -> bool:
    """Whether compared column names are those of a returns report, even when some needed ones are missing."""
    known = {column(name) for name in COLUMNS}
    return len(known & set(header)) >= 6


def _starts(row: DelimitedRow) -> bool:
    """Whether a line begins a row: what stands where the order id belongs is one."""
    return ids.as_order_id(row.get("order id") or "") is not None


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a ReturnRow or a Reject for each row. `calendar` is the marketplace's."""
    rows = table(source, required=REQUIRED, aliases=_ALIASES, days_in=DAYS, starts=_starts)
    calendar = replace(calendar, evidence=rows.evidence)
    for row in rows:
        try:
            yield return_row(row, calendar)
        except Unreadable as problem:
            yield Reject(row.place, problem.cause)


class ReportRow(Protocol):
    """A row of the report, in whatever form it came."""

    @property
    def place(self) -> str: ...

    def get(self, name: str) -> str | None: ...

    def check(self) -> None: ...


def return_row(row: ReportRow, calendar: Calendar) -> ReturnRow:
    """Return what a row says. Raises Unreadable."""
    row.check()
    get = row.get
    order_id = ids.order_id(get("order id"))
    sku = ids.code(get("merchant sku"), "SKU")
    if sku is None:
        raise Unreadable("the SKU is missing")
    requested = days.day(get("return request date"), "return request date", calendar, happened=True)
    if requested is None:
        raise Unreadable("the return request date is missing")
    currency_cell = get("currency code")
    currency = amounts.currency(currency_cell) if currency_cell else None

    def amount(name: str, what: str) -> int | None:
        cell = get(name)
        if cell is None:
            return None
        minor = amounts.minor_units(cell, amounts.currency(currency), what)
        if minor < 0:
            raise Unreadable(f"{what} {shown(cell)} is below zero")
        return minor

    prime = values.yes_or_no(get("is prime"))
    order_amount = amount("order amount", "order amount")
    refunded = amount("refunded amount", "refunded amount")
    quantity_cell = get("return quantity")
    return ReturnRow(
        place=row.place,
        order=OrderFacts(
            order_id=order_id,
            ordered_on=days.day(get("order date"), "order date", calendar, happened=True),
            amount=order_amount,
            currency=currency if order_amount is not None else None,
            program=None if prime is None else "SFP" if prime else "STANDARD",
            a_to_z=values.yes_or_no(get("a to z claim")),
        ),
        sku=sku,
        requested_on=requested,
        rma_id=ids.parcel(get("amazon rma id"), "RMA id"),
        merchant_rma_id=ids.parcel(get("merchant rma id"), "RMA id"),
        asin=ids.asin(get("asin")),
        title=get("item name"),
        quantity=values.quantity(quantity_cell, "return quantity") if quantity_cell else None,
        reason=ids.code(get("return reason"), "return reason"),
        status=ids.code(get("return request status"), "return request status"),
        resolution=ids.code(get("resolution"), "resolution"),
        return_type=ids.code(get("return type"), "return type"),
        in_policy=values.yes_or_no(get("in policy")),
        carrier=ids.code(get("return carrier"), "return carrier"),
        tracking_id=ids.parcel(get("tracking id"), "tracking id"),
        label_type=ids.code(get("label type"), "label type"),
        label_payer=ids.code(get("label to be paid by"), "label to be paid by"),
        label_cost=amount("label cost", "label cost"),
        currency=currency,
        refunded=refunded,
        delivered_on=days.day(get("return delivery date"), "return delivery date", calendar, happened=True),
        claim=_named_claim(row, currency, refunded, calendar),
    )


def _named_claim(row: ReportRow, currency: str | None, refunded: int | None, calendar: Calendar) -> NamedClaim | None:
    """Return the claim the row names. What was claimed isn't in the file: it is all that was refunded."""
    cell = row.get("safet claim id")
    if cell is None:
        return None
    approved_cell = row.get("safet claim reimbursement amount")
    what = "SafeT claim reimbursement amount"
    approved = amounts.minor_units(approved_cell, amounts.currency(currency), what) if approved_cell else None
    quantity = row.get("return quantity")
    return NamedClaim(
        claim_id=ids.claim_id(cell),
        state=row.get("safet claim state") or "",
        reason=row.get("safet action reason"),
        filed_at=days.instant(
            row.get("safet claim creation time"), "SafeT claim creation time", calendar, happened=True
        ),
        claimed=max(refunded or 0, approved or 0) or None,
        approved=approved,
        currency=currency,
        quantity=values.quantity(quantity) if quantity else None,
    )
