"""The returns report by return date, tab-separated: 32 columns, 35 in newer files; columns are read by name.

It says what came back and when, and names SAFE-T claims; it never says when a refund was posted. Its days are the
marketplace's. Quirks seen in the field: header in any case, byte order mark, CRLF, comma decimals, `10-Jul-2025`
dates, cells of one space, rows cut short after their last value.
"""

from __future__ import annotations

from datetime import tzinfo

from claims.imports import values
from claims.imports.delimited import DelimitedRow, column, rows
from claims.imports.records import NamedClaim, OrderFacts, Records, Reject, ReturnRow, RowProblem
from claims.imports.source import Source

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
_ALIASES = {column(alias): column(name) for alias, name in {"Return date": "Return request date"}.items()}


def looks_like(header: list[str]) -> bool:
    """Whether compared column names are those of a returns report, even when some needed ones are missing."""
    known = {column(name) for name in COLUMNS}
    return len(known & set(header)) >= 6


def read(source: Source, zone: tzinfo | None) -> Records:
    """Yield a ReturnRow or a Reject for each row. `zone` is the marketplace's calendar."""
    for row in rows(source, required=REQUIRED, aliases=_ALIASES):
        try:
            yield _return_row(row, zone)
        except RowProblem as problem:
            yield Reject(row.place, problem.cause)


def _return_row(row: DelimitedRow, zone: tzinfo | None) -> ReturnRow:
    row.refuse_nul()
    get = row.get
    order_id = values.order_id(get("order id"))
    sku = values.code(get("merchant sku"), "SKU")
    if sku is None:
        raise RowProblem("the SKU is missing")
    requested = values.day(get("return request date"), "return request date", zone)
    if requested is None:
        raise RowProblem("the return request date is missing")
    currency_cell = get("currency code")
    currency = values.currency(currency_cell) if currency_cell else None

    def amount(name: str, what: str) -> int | None:
        cell = get(name)
        if cell is None:
            return None
        minor = values.minor_units(cell, values.currency(currency), what)
        if minor < 0:
            raise RowProblem(f"{what} {values.shown(cell)} is below zero")
        return minor

    prime = values.yes_or_no(get("is prime"))
    order_amount = amount("order amount", "order amount")
    refunded = amount("refunded amount", "refunded amount")
    quantity_cell = get("return quantity")
    return ReturnRow(
        place=row.place,
        order=OrderFacts(
            order_id=order_id,
            ordered_on=values.day(get("order date"), "order date", zone),
            amount=order_amount,
            currency=currency if order_amount is not None else None,
            program=None if prime is None else "SFP" if prime else "STANDARD",
            a_to_z=values.yes_or_no(get("a to z claim")),
        ),
        sku=sku,
        requested_on=requested,
        rma_id=values.code(get("amazon rma id"), "RMA id"),
        merchant_rma_id=values.code(get("merchant rma id"), "RMA id"),
        asin=values.asin(get("asin")),
        title=get("item name"),
        quantity=values.quantity(quantity_cell, "return quantity") if quantity_cell else None,
        reason=values.code(get("return reason"), "return reason"),
        status=values.code(get("return request status"), "return request status"),
        resolution=values.code(get("resolution"), "resolution"),
        return_type=values.code(get("return type"), "return type"),
        in_policy=values.yes_or_no(get("in policy")),
        carrier=values.code(get("return carrier"), "return carrier"),
        tracking_id=values.code(get("tracking id"), "tracking id"),
        label_type=values.code(get("label type"), "label type"),
        label_payer=values.code(get("label to be paid by"), "label to be paid by"),
        label_cost=amount("label cost", "label cost"),
        currency=currency,
        refunded=refunded,
        delivered_on=values.day(get("return delivery date"), "return delivery date", zone),
        claim=_named_claim(row, currency, refunded, zone),
    )


def _named_claim(
    row: DelimitedRow, currency: str | None, refunded: int | None, zone: tzinfo | None
) -> NamedClaim | None:
    """Return the claim the row names. What was claimed isn't in the file: it is all that was refunded."""
    cell = row.get("safet claim id")
    if cell is None:
        return None
    approved_cell = row.get("safet claim reimbursement amount")
    what = "SafeT claim reimbursement amount"
    approved = values.minor_units(approved_cell, values.currency(currency), what) if approved_cell else None
    quantity = row.get("return quantity")
    return NamedClaim(
        claim_id=values.claim_id(cell),
        state=row.get("safet claim state") or "",
        reason=row.get("safet action reason"),
        filed_at=values.instant(row.get("safet claim creation time"), "SafeT claim creation time", zone),
        claimed=max(refunded or 0, approved or 0) or None,
        approved=approved,
        currency=currency,
        quantity=values.quantity(quantity) if quantity else None,
    )
