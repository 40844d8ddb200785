"""Our own CSV of claims that exist already: one row a claim. Columns are read by name; the first five are needed.

States are ours (Granted, Denied, Under Investigation, Awaiting Seller Response, Withdrawn) or those of the returns
report (Approved, Denied, Pending). Instants without an offset are local to the marketplace.
"""

from __future__ import annotations

from datetime import tzinfo

from accounts.values import has_nul
from claims.imports import status_names, values
from claims.imports.delimited import DelimitedRow, column, delimiter_of, header_of, rows
from claims.imports.formats import Format
from claims.imports.records import ClaimRow, NamedClaim, OrderFacts, Records, Reject, RowProblem, UnusableFile
from claims.imports.source import Source

REQUIRED = ("claim id", "order id", "filed at", "state", "claimed", "currency")
COLUMNS = (*REQUIRED, "granted", "reply by", "decided at", "reason", "sku", "quantity", "marketplace", "partner id")
TEMPLATE = (
    ",".join(COLUMNS)
    + "\n11122-33344-5556667,111-2223334-5556667,2026-03-02T10:00:00+01:00,Granted,24.50,EUR,20.00,,"
    + "2026-03-09T16:30:00+01:00,damaged,SKU-1,1,,\n"
)
_ALIASES = {
    column(alias): column(name)
    for alias, name in {
        "status": "state",
        "approved": "granted",
        "amount claimed": "claimed",
        "amount granted": "granted",
        "amount": "claimed",
    }.items()
}


def detect(source: Source) -> Format:
    """Return the one format there is. Raises UnusableFile for a file that isn't a table of claims."""
    if source.size == 0:
        raise UnusableFile("is empty (0 bytes). Nothing was imported")
    text = source.head_text().lstrip()
    line = text.splitlines()[0] if text else ""
    header = {_ALIASES.get(name, name) for name in header_of(line, delimiter_of(line))} if not has_nul(line) else set()
    if not header & {column(name) for name in REQUIRED}:
        start = "".join(c if c.isprintable() else "?" for c in line[:40])
        raise UnusableFile(f"not a file of claims. Known: our own CSV (--template prints one). It starts with: {start}")
    return Format("our own CSV of claims", read)


def read(source: Source, zone: tzinfo | None) -> Records:
    """Yield a ClaimRow or a Reject for each row."""
    for row in rows(source, required=REQUIRED, aliases=_ALIASES):
        try:
            yield _claim(row, zone)
        except RowProblem as problem:
            yield Reject(row.place, problem.cause)


def _claim(row: DelimitedRow, zone: tzinfo | None) -> ClaimRow:
    row.refuse_nul()
    get = row.get
    currency = values.currency(get("currency"))

    def amount(name: str) -> int | None:
        cell = get(name)
        return values.minor_units(cell, currency, name) if cell else None

    quantity = get("quantity")
    claim = NamedClaim(
        claim_id=values.claim_id(get("claim id")),
        state=get("state") or "",
        reason=get("reason"),
        filed_at=values.instant(get("filed at"), "filed at", zone),
        reply_by=values.instant(get("reply by"), "reply by", zone),
        decided_at=values.instant(get("decided at"), "decided at", zone),
        claimed=amount("claimed"),
        approved=amount("granted"),
        currency=currency,
        quantity=values.quantity(quantity) if quantity else None,
    )
    if claim.reason and not status_names.reason(claim):
        raise RowProblem(
            f"reason {values.shown(claim.reason)} isn't known. Known: {', '.join(status_names.REASON_WORDS)}"
        )
    return ClaimRow(
        place=row.place,
        order=OrderFacts(
            order_id=values.order_id(get("order id")), marketplace=get("marketplace"), partner_id=get("partner id")
        ),
        claim=claim,
        sku=values.code(get("sku"), "SKU"),
    )
