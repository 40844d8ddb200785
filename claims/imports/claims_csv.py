"""Our own CSV of claims that exist already: one row a claim. Columns are read by name; the first five are needed.

States are ours (Granted, Denied, Under Investigation, Awaiting Seller Response, Withdrawn) or those of the returns
report (Approved, Denied, Pending). Instants without an offset are local to the marketplace.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from accounts.tables.delimited import LONGEST_PREAMBLE, DelimitedRow, column, header_in, table
from accounts.tables.source import Source, UnusableFile
from accounts.values import amounts, days, ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, escaped, shown
from claims.imports import status_names, values, wrong_files
from claims.imports.formats import Format
from claims.imports.records import ClaimRow, NamedClaim, OrderFacts, Records, Reject

REQUIRED = ("claim id", "order id", "filed at", "state", "claimed", "currency")
COLUMNS = (*REQUIRED, "granted", "reply by", "decided at", "reason", "sku", "quantity", "marketplace", "partner id")
TEMPLATE = (
    ",".join(COLUMNS)
    + "\n11122-33344-5556667,111-2223334-5556667,2026-03-02T10:00:00+01:00,Granted,24.50,EUR,20.00,,"
    + "2026-03-09T16:30:00+01:00,damaged,SKU-1,1,,\n"
)
DAYS = ("filed at", "reply by", "decided at")
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
    if source.head[:1] in (b"{", b"[", b"<", b"%"):
        raise _unknown(source)
    header = header_in(islice(source.lines(), LONGEST_PREAMBLE))
    names = header.names if header else []
    if not {_ALIASES.get(name, name) for name in names} & {column(name) for name in REQUIRED}:
        wrong_files.by_language(names)
        raise _unknown(source)
    if "order id" not in names:
        wrong_files.by_language(names)
    return Format("our own CSV of claims", read)


def _unknown(source: Source) -> UnusableFile:
    start = escaped((source.head_text().lstrip().splitlines() or [""])[0][:40])
    return UnusableFile(f"not a file of claims. Known: our own CSV (--template prints one). It starts with: {start}")


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a ClaimRow or a Reject for each row."""
    rows = table(source, required=REQUIRED, aliases=_ALIASES, days_in=DAYS)
    calendar = replace(calendar, evidence=rows.evidence)
    for row in rows:
        try:
            yield _claim(row, calendar)
        except Unreadable as problem:
            yield Reject(row.place, problem.cause)


def _claim(row: DelimitedRow, calendar: Calendar) -> ClaimRow:
    row.check()
    get = row.get
    currency = amounts.currency(get("currency"))

    def amount(name: str) -> int | None:
        cell = get(name)
        return amounts.minor_units(cell, currency, name) if cell else None

    quantity = get("quantity")
    claim = NamedClaim(
        claim_id=ids.claim_id(get("claim id")),
        state=get("state") or "",
        reason=get("reason"),
        filed_at=days.instant(get("filed at"), "filed at", calendar, happened=True),
        reply_by=days.instant(get("reply by"), "reply by", calendar),
        decided_at=days.instant(get("decided at"), "decided at", calendar, happened=True),
        claimed=amount("claimed"),
        approved=amount("granted"),
        currency=currency,
        quantity=values.quantity(quantity) if quantity else None,
    )
    if claim.reason and not status_names.reason(claim):
        raise Unreadable(f"reason {shown(claim.reason)} isn't known. Known: {', '.join(status_names.REASON_WORDS)}")
    return ClaimRow(
        place=row.place,
        order=OrderFacts(
            order_id=ids.order_id(get("order id")), marketplace=get("marketplace"), partner_id=get("partner id")
        ),
        claim=claim,
        sku=ids.code(get("sku"), "SKU"),
    )
