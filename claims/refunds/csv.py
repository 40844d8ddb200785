"""The list of refunds as a file: one row a refund line, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from accounts import marketplaces
from accounts.access import Membership
from claims.models import RefundLine
from claims.refunds import claimable, stored_eligibility
from claims.refunds.list import RefundFilter, ctx_of, in_order, refunds_of
from claims.text import cause, formats, refund_state
from claims.text import csv as csv_out
from claims.text.csv import iso, plain

COLUMNS = (
    "order id", "refunded on", "SKU", "ASIN", "item", "quantity", "left to claim", "refunded", "left amount",
    "currency", "state", "opens", "file by", "last day", "claim id", "why not",
)  # fmt: skip
_CHUNK = 500


def report(membership: Membership, wanted: RefundFilter, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """Yield the tab's list as CSV text, the header first, in its order. Moments are ISO 8601 with offset."""
    yield "\ufeff" + csv_out.line(COLUMNS)
    for found, order in in_order(refunds_of(membership, wanted, wanted.tab, zone, now), wanted.tab):
        rows = found.order_by(*order.columns()).select_related("order", "refund", "seller").iterator(chunk_size=_CHUNK)
        while chunk := list(islice(rows, _CHUNK)):
            yield "".join(_rows(chunk, membership, zone, now))


TEMPLATE = (
    "order id", "refunded on", "SKU", "item", "refunded", "currency", "file by", "quantity", "amount", "reason",
    "sub-reason", "statement",
)  # fmt: skip
MOST_IN_TEMPLATE = 10_000


def template(membership: Membership, zone: ZoneInfo, now: datetime, *, filled: bool) -> Iterator[str]:
    """Yield the file to fill in for many claims at once; `filled` with the refunds that can be claimed now, first the
    ones that close first, at most 10,000.
    """
    yield "\ufeff" + csv_out.line(TEMPLATE)
    if not filled:
        return
    found = claimable.lines_of(membership.seller_id, now)
    lines = found.order_by("first_closes_at", "pk").select_related("order", "refund")[:MOST_IN_TEMPLATE]
    places = marketplaces.by_code()
    for line in lines.iterator(chunk_size=_CHUNK):
        yield csv_out.line(
            (
                line.order.order_id,
                line.refund.refunded_at.astimezone(places[line.order.marketplace].tz).date().isoformat(),
                line.sku,
                line.title,
                plain(line.amount_minor, line.currency),
                line.currency,
                iso(line.first_closes_at, zone),
                line.quantity - line.held_quantity,
                "",
                "",
                "",
                "",
            )
        )


def _rows(lines: list[RefundLine], membership: Membership, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    ctx = ctx_of(membership, zone, now)
    for line, answer in zip(lines, stored_eligibility.assess_lines(lines, None, now), strict=True):
        causes = [cause(each, ctx) for each in answer.causes]
        yield csv_out.line(
            (
                line.order.order_id,
                iso(line.refund.refunded_at, zone),
                line.sku,
                line.asin,
                line.title,
                line.quantity,
                line.quantity - line.held_quantity,
                plain(line.amount_minor, line.currency),
                plain(line.amount_minor - line.held_minor, line.currency),
                line.currency,
                refund_state(answer.state),
                iso(line.opens_at, zone),
                iso(line.first_closes_at, zone),
                iso(line.closes_at, zone),
                next((each.claim_id for each in causes if each.claim_id), ""),
                formats.paragraph(*(each.sentence for each in causes)),
            )
        )
