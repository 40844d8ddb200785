"""The links of stored orders, worked out by `return_links` and written where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from accounts import marketplaces
from claims.imports import return_links

_ORDERS = """
SELECT order_id FROM claims_return WHERE order_id = ANY(%s)
 UNION
SELECT order_id FROM claims_refundreversal WHERE order_id = ANY(%s)
"""
_LINES = """
SELECT l.id, l.order_id, o.marketplace, l.sku, r.refunded_at, l.currency, l.gross_minor, coalesce(c.amount_minor, 0)
  FROM claims_refundline l
  JOIN claims_refund r ON r.id = l.refund_id
  JOIN claims_order o ON o.id = l.order_id
  LEFT JOIN claims_refundcomponent c ON c.line_id = l.id AND c.kind = 'TAX'
 WHERE l.order_id = ANY(%s)
"""
_RETURNS = """
SELECT order_id, id, identity, sku, requested_on, refunded_minor, asin, title, delivered_on, last_scan_on, is_refused
  FROM claims_return WHERE order_id = ANY(%s)
"""
_REVERSALS = (
    "SELECT order_id, posted_at, sku, currency, amount_minor FROM claims_refundreversal WHERE order_id = ANY(%s)"
)
_WRITE_LINKS = """
UPDATE claims_return t SET refund_line_id = n.line_id
  FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, line_id)
 WHERE t.id = n.id AND t.refund_line_id IS DISTINCT FROM n.line_id
"""
_WRITE_LINES = """
UPDATE claims_refundline l
   SET reversed_minor = n.reversed, amount_minor = l.gross_minor - n.reversed,
       asin = coalesce(nullif(n.asin, ''), l.asin),
       title = coalesce(nullif(n.title, ''), l.title),
       return_requested_on = n.requested, return_delivered_on = n.delivered, last_scan_on = n.scanned,
       return_refused = n.refused
  FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::date[], %s::date[], %s::date[], %s::boolean[])
       AS n (id, reversed, asin, title, requested, delivered, scanned, refused)
 WHERE l.id = n.id
   AND (l.reversed_minor, l.asin, l.title,
        l.return_requested_on, l.return_delivered_on, l.last_scan_on, l.return_refused)
       IS DISTINCT FROM
       (n.reversed, coalesce(nullif(n.asin, ''), l.asin), coalesce(nullif(n.title, ''), l.title),
        n.requested, n.delivered, n.scanned, n.refused)
RETURNING l.id
"""

_AT_FIRST_SCAN = """
WITH scanned AS (
    SELECT r.id, EXISTS (SELECT 1 FROM claims_refundline l JOIN claims_return t ON t.refund_line_id = l.id
                          WHERE l.refund_id = r.id
                            AND regexp_replace(lower(t.resolution), '[^a-z]', '', 'g') = 'refundatfirstscan') AS is_so
      FROM claims_refund r WHERE r.order_id = ANY(%s)
)
UPDATE claims_refund r SET at_first_scan = s.is_so FROM scanned s
 WHERE r.id = s.id AND r.at_first_scan <> s.is_so
RETURNING r.id
"""
_LINES_OF = "SELECT id FROM claims_refundline WHERE refund_id = ANY(%s)"


def relink(order_ids: Collection[int]) -> set[int]:
    """Recompute the links and reversals of these orders, whose locks are held; return the refund lines that changed.

    Orders without a return or a reversal have nothing to link and cost nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [list(order_ids), list(order_ids)])
        orders = [pk for (pk,) in cursor]
        if not orders:
            return set()
        lines: dict[int, list[return_links.LinkedLine]] = defaultdict(list)
        returns: dict[int, list[return_links.LinkedReturn]] = defaultdict(list)
        reversals: dict[int, list[return_links.Reversal]] = defaultdict(list)
        cursor.execute(_LINES, [orders])
        for pk, order, marketplace, sku, at, currency, gross, tax in cursor:
            day = at.astimezone(marketplaces.by_code()[marketplace].tz).date()
            lines[order].append(return_links.LinkedLine(pk, sku, at, day, currency, gross, tax))
        cursor.execute(_RETURNS, [orders])
        for order, *back in cursor:
            returns[order].append(return_links.LinkedReturn(*back))
        cursor.execute(_REVERSALS, [orders])
        for order, *reversal in cursor:
            reversals[order].append(return_links.Reversal(*reversal))

        links: dict[int, int | None] = {}
        written: list[tuple[object, ...]] = []
        for order in orders:
            linked = return_links.link(lines[order], returns[order])
            taken = return_links.reversed_amounts(lines[order], reversals[order])
            links.update(linked)
            for pk, own in return_links.details_of_returns(lines[order], returns[order], linked).items():
                dates = (own.requested_on, own.delivered_on, own.last_scan_on)
                written.append((pk, taken[pk], own.asin, own.title, *dates, own.is_refused))
        cursor.execute(_WRITE_LINKS, [list(links), list(links.values())])
        cursor.execute(_AT_FIRST_SCAN, [orders])
        refunds = [pk for (pk,) in cursor]
        cursor.execute(_LINES_OF, [refunds])
        of_refunds = {pk for (pk,) in cursor}
        if not written:
            return of_refunds
        cursor.execute(_WRITE_LINES, [list(column) for column in zip(*written, strict=True)])
        return of_refunds | {pk for (pk,) in cursor}
