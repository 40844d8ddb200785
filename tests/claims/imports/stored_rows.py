"""All that imports write, as plain values in a fixed order, without the ids the rows happened to get."""

from __future__ import annotations

from typing import Any

from django.db import connection

QUERIES = {
    "orders": """
        SELECT o.order_id, s.slug, o.marketplace, o.ordered_on, o.amount_minor, o.currency, o.program, o.fulfilment,
               o.a_to_z, o.chargeback
          FROM claims_order o JOIN accounts_seller s ON s.id = o.seller_id""",
    "refunds": """
        SELECT o.order_id, r.refunded_at, r.currency, r.issuer
          FROM claims_refund r JOIN claims_order o ON o.id = r.order_id""",
    "lines": """
        SELECT o.order_id, r.refunded_at, l.sku, l.quantity, l.gross_minor, l.reversed_minor, l.amount_minor,
               l.held_quantity, l.held_minor, l.asin, l.title, l.return_requested_on, l.return_delivered_on,
               l.last_scan_on, l.return_refused, l.opens_at, l.first_closes_at, l.closes_at
          FROM claims_refundline l JOIN claims_refund r ON r.id = l.refund_id
          JOIN claims_order o ON o.id = l.order_id""",
    "components": """
        SELECT o.order_id, r.refunded_at, l.sku, c.kind, c.amount_minor
          FROM claims_refundcomponent c JOIN claims_refundline l ON l.id = c.line_id
          JOIN claims_refund r ON r.id = l.refund_id JOIN claims_order o ON o.id = l.order_id""",
    "reversals": """
        SELECT o.order_id, v.posted_at, v.sku, v.currency, v.amount_minor
          FROM claims_refundreversal v JOIN claims_order o ON o.id = v.order_id""",
    "returns": """
        SELECT o.order_id, t.identity, t.sku, r.refunded_at, t.rma_id, t.asin, t.title, t.quantity, t.status, t.carrier,
               t.tracking_id, t.requested_on, t.delivered_on, t.refunded_minor, t.currency,
               t.in_policy, t.label_cost_minor
          FROM claims_return t JOIN claims_order o ON o.id = t.order_id
          LEFT JOIN claims_refundline l ON l.id = t.refund_line_id LEFT JOIN claims_refund r ON r.id = l.refund_id""",
    "claims": """
        SELECT c.claim_id, o.order_id, c.status, c.filed_at, c.decided_at, c.reply_by, c.appeal_by, c.claimed_minor,
               c.granted_minor, c.paid_minor, r.refunded_at, n.sku, n.asin, n.title, n.quantity
          FROM claims_claim c JOIN claims_order o ON o.id = c.order_id JOIN claims_claimline n ON n.claim_id = c.id
          LEFT JOIN claims_refundline l ON l.id = n.refund_line_id LEFT JOIN claims_refund r ON r.id = l.refund_id""",
    "ledger": """
        SELECT c.claim_id, e.kind, e.amount_minor, e.currency, e.at, e.payment
          FROM claims_ledgerentry e JOIN claims_claim c ON c.id = e.claim_id""",
    "unmatched": "SELECT claim_id, payment, amount_minor FROM claims_unmatchedpayment WHERE matched_at IS NULL",
}


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Return every table's rows, sorted."""
    with connection.cursor() as cursor:
        found = {}
        for name, query in QUERIES.items():
            cursor.execute(query)
            found[name] = sorted(cursor.fetchall(), key=repr)
        return found


def places_on_disk() -> list[Any]:
    """Return where each row's current version lies: equal before and after means that nothing was written."""
    tables = ("order", "refund", "refundline", "refundcomponent", "refundreversal", "return", "claim", "claimline")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT '{table}', ctid::text FROM claims_{table} ORDER BY 2")
            found += cursor.fetchall()
        return found
