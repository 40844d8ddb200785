"""The staging table: a whole file, read and checked, before any of it is applied. One row a row of the file.

It is a temporary table of this connection, filled by COPY in slices, so that memory stays flat and an unusable file
leaves nothing behind. A row with a cause stays out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts import marketplaces
from accounts.marketplaces import Marketplace
from accounts.models import Seller
from accounts.tables.source import UnusableFile
from accounts.values.text import Unreadable, shown
from claims.imports import status_names
from claims.imports.records import (
    ClaimRow,
    NamedClaim,
    OrderFacts,
    OrderRow,
    PaymentRow,
    PostingLine,
    Record,
    Reject,
    ReturnRow,
    RowKind,
)

SLICE = 2_000
"""Rows a COPY takes."""


@dataclass(slots=True)
class Staged:
    """One row as it is staged; the fields are the table's columns, in this order."""

    row: int
    place: str
    cause: str | None = None
    seller_id: int | None = None
    order_id: str | None = None
    marketplace: str | None = None
    ordered_on: date | None = None
    order_amount: int | None = None
    order_currency: str | None = None
    program: str | None = None
    fulfilment: str | None = None
    a_to_z: bool | None = None
    chargeback: bool | None = None
    sku: str | None = None
    refunded_at: datetime | None = None
    quantity: int | None = None
    currency: str | None = None
    issuer: str | None = None
    line_asin: str | None = None
    line_title: str | None = None
    twin: str | None = None
    event: int | None = None
    principal: int | None = None
    shipping: int | None = None
    return_shipping: int | None = None
    gift_wrap: int | None = None
    restocking: int | None = None
    goodwill: int | None = None
    tax: int | None = None
    identity: str | None = None
    requested_on: date | None = None
    rma_id: str | None = None
    merchant_rma_id: str | None = None
    asin: str | None = None
    title: str | None = None
    return_quantity: int | None = None
    reason_code: str | None = None
    status: str | None = None
    resolution: str | None = None
    return_type: str | None = None
    in_policy: bool | None = None
    carrier: str | None = None
    tracking_id: str | None = None
    label_type: str | None = None
    label_payer: str | None = None
    label_cost_minor: int | None = None
    return_currency: str | None = None
    refunded_minor: int | None = None
    delivered_on: date | None = None
    last_scan_on: date | None = None
    is_refused: bool | None = None
    claim_id: str | None = None
    claim_status: str | None = None
    claim_reason: str | None = None
    filed_at: datetime | None = None
    reply_by: datetime | None = None
    decided_at: datetime | None = None
    claimed: int | None = None
    approved: int | None = None
    claim_currency: str | None = None
    claim_quantity: int | None = None
    payment: str | None = None
    paid_at: datetime | None = None
    paid: int | None = None
    paid_source: str | None = None
    paid_alias: str | None = None
    paid_order: str | None = None
    paid_sku: str | None = None
    paid_reference: str | None = None


_TYPES = {"int": "bigint", "str": "text", "date": "date", "datetime": "timestamptz", "bool": "boolean"}
_COLUMNS = ", ".join(f"{f.name} {_TYPES[str(f.type).split(' ')[0]]}" for f in fields(Staged))
_NAMES = ", ".join(f.name for f in fields(Staged))
_COPY = f"COPY intake_row ({_NAMES}) FROM STDIN"
_PARTS = {kind: kind.lower() for kind in RowKind}


# A file that says two things of one claim says neither: no row of it is taken.
_REFUSE_CONTRADICTIONS = """
WITH two AS (
    SELECT claim_id, min(claim_status) AS one, max(claim_status) AS other
      FROM intake_row WHERE cause IS NULL AND claim_status IS NOT NULL
     GROUP BY claim_id HAVING min(claim_status) <> max(claim_status)
)
UPDATE intake_row r
   SET cause = format('claim %s is here as %s and as %s', r.claim_id, lower(replace(two.one, '_', ' ')),
                      lower(replace(two.other, '_', ' ')))
  FROM two WHERE r.claim_id = two.claim_id AND r.cause IS NULL AND r.claim_status IS NOT NULL
"""


class Owners:
    """Whose a row is and where it was sold: the seller and the marketplace given, unless the row says better."""

    def __init__(self, seller: Seller | None, marketplace: Marketplace | None) -> None:
        self.seller = seller
        self.marketplace = marketplace or (marketplaces.find(seller.marketplace) if seller else None)
        self.sellers: dict[int, Seller] = {seller.pk: seller} if seller else {}
        self._known: dict[str, Seller | None] = {}

    def seller_of(self, partner_id: str | None) -> int:
        """Return the seller's key. Raises Unreadable for a stranger, UnusableFile where nothing says whose it is."""
        known = self._by_partner_id(partner_id) if partner_id else None
        if known is None and self.seller is None:
            if partner_id:
                raise Unreadable(f"partner id {shown(partner_id)} isn't known")
            raise UnusableFile("the file doesn't say whose it is. Add --seller")
        if known and self.seller and known.pk != self.seller.pk:
            raise Unreadable(f"partner id {shown(partner_id or '')} belongs to another seller than --seller")
        found = known or self.seller
        assert found is not None
        return found.pk

    def _by_partner_id(self, partner_id: str) -> Seller | None:
        if partner_id not in self._known:
            found = Seller.objects.filter(partner_id=partner_id).first()
            self._known[partner_id] = found
            if found:
                self.sellers[found.pk] = found
        return self._known[partner_id]

    def marketplace_of(self, seller_id: int, spelling: str | None) -> str | None:
        """Return the code of the marketplace a row names, None where it names none. Raises Unreadable."""
        if spelling is None:
            self.default_marketplace(seller_id)
            return None
        found = marketplaces.find(spelling)
        if found is None:
            raise Unreadable(f"marketplace {shown(spelling)} isn't known")
        return found.code

    def default_marketplace(self, seller_id: int) -> Marketplace:
        """Return where orders of rows that name no marketplace were placed."""
        found = self.marketplace or marketplaces.find(self.sellers[seller_id].marketplace)
        if found is None:
            raise UnusableFile(f'marketplace "{self.sellers[seller_id].marketplace}" isn\'t known. Add --marketplace')
        return found


def stage(records: Iterable[Record], owners: Owners) -> int:
    """Read everything into the staging table; return how many rows there were. Raises UnusableFile."""
    count = 0
    for block in _slices(_as_tuple(_staged(row, record, owners)) for row, record in enumerate(records, start=1)):
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for values in block:
                copy.write_row(values)
        count += len(block)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON intake_row (order_id, row)")
        cursor.execute("ANALYZE intake_row (order_id, row)")
        cursor.execute(_REFUSE_CONTRADICTIONS)
    return count


@contextmanager
def table() -> Iterator[None]:
    """Keep an empty staging table for as long as the block runs."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.intake_row, pg_temp.intake_reject")
        cursor.execute(f"CREATE TEMPORARY TABLE intake_row ({_COLUMNS})")
        cursor.execute("CREATE TEMPORARY TABLE intake_reject (row bigint, place text, cause text)")
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS pg_temp.intake_row, pg_temp.intake_reject")


def _slices(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows in lists: a COPY holds the connection, and making a row may ask the database for a partner."""
    block: list[tuple[Any, ...]] = []
    for row in rows:
        block.append(row)
        if len(block) == SLICE:
            yield block
            block = []
    if block:
        yield block


_GETTERS = [f.name for f in fields(Staged)]


def _as_tuple(staged: Staged) -> tuple[Any, ...]:
    return tuple([getattr(staged, name) for name in _GETTERS])


def _staged(row: int, record: Record, owners: Owners) -> Staged:
    staged = Staged(row, record.place)
    try:
        match record:
            case Reject():
                staged.cause = record.cause
            case PostingLine():
                _order(staged, record.order, owners)
                _posting(staged, record)
            case ReturnRow():
                _order(staged, record.order, owners)
                _return(staged, record)
            case OrderRow():
                _order(staged, record.order, owners)
            case ClaimRow():
                _order(staged, record.order, owners)
                staged.sku = record.sku
                _claim(staged, record.claim)
            case PaymentRow():
                staged.seller_id = owners.seller_of(record.partner_id)
                staged.claim_id = record.claim_id
                staged.payment, staged.paid_at = record.identity, record.posted_at
                staged.paid, staged.currency = record.amount, record.currency
                staged.paid_source, staged.paid_alias = record.source.value, record.other_identity
                staged.paid_order, staged.paid_sku, staged.paid_reference = (
                    record.order_id,
                    record.sku,
                    record.reference,
                )
    except Unreadable as problem:
        return Staged(row, record.place, problem.cause)
    return staged


def _order(staged: Staged, order: OrderFacts, owners: Owners) -> None:
    staged.seller_id = owners.seller_of(order.partner_id)
    staged.marketplace = owners.marketplace_of(staged.seller_id, order.marketplace)
    staged.order_id = order.order_id
    staged.ordered_on, staged.order_amount, staged.order_currency = order.ordered_on, order.amount, order.currency
    staged.program, staged.fulfilment = order.program, order.fulfilment
    staged.a_to_z, staged.chargeback = order.a_to_z, order.chargeback


def _posting(staged: Staged, line: PostingLine) -> None:
    staged.sku, staged.refunded_at, staged.quantity = line.sku, line.refunded_at, line.quantity
    staged.currency, staged.issuer = line.currency, line.issuer
    staged.line_asin, staged.line_title = line.asin, line.title
    staged.twin, staged.event = line.twin, line.event
    for kind, minor in line.components.items():
        setattr(staged, _PARTS[kind], minor)
    if line.back is not None:
        _return(staged, line.back)


def _return(staged: Staged, back: ReturnRow) -> None:
    staged.sku, staged.identity, staged.requested_on = back.sku, back.identity, back.requested_on
    staged.rma_id, staged.merchant_rma_id = back.rma_id, back.merchant_rma_id
    staged.asin, staged.title, staged.return_quantity = back.asin, back.title, back.quantity
    staged.reason_code, staged.status, staged.resolution = back.reason, back.status, back.resolution
    staged.return_type, staged.in_policy = back.return_type, back.in_policy
    staged.carrier, staged.tracking_id = back.carrier, back.tracking_id
    staged.label_type, staged.label_payer, staged.label_cost_minor = back.label_type, back.label_payer, back.label_cost
    staged.return_currency, staged.refunded_minor = back.currency, back.refunded
    staged.delivered_on, staged.last_scan_on, staged.is_refused = back.delivered_on, back.last_scan_on, back.is_refused
    if back.claim is not None:
        _claim(staged, back.claim)


def _claim(staged: Staged, claim: NamedClaim) -> None:
    status_names.check(claim)
    staged.claim_id, staged.claim_status, staged.claim_reason = (
        claim.claim_id,
        status_names.status(claim),
        status_names.reason(claim),
    )
    staged.filed_at, staged.reply_by, staged.decided_at = claim.filed_at, claim.reply_by, claim.decided_at
    staged.claimed, staged.approved = claim.claimed, claim.approved
    staged.claim_currency, staged.claim_quantity = claim.currency, claim.quantity
