"""What must always be true of claims, each by name as one statement that finds what breaks it."""

from __future__ import annotations

from django.db import connection

INVARIANTS: dict[str, str] = {
    "claimed is the sum of the lines": """
        SELECT c.claim_id FROM claims_claim c
         WHERE c.claimed_minor <>
               (SELECT coalesce(sum(l.claimed_minor), 0) FROM claims_claimline l WHERE l.claim_id = c.id)""",
    "granted is the sum of the lines": """
        SELECT c.claim_id FROM claims_claim c WHERE c.status IN ('GRANTED', 'DENIED', 'WITHDRAWN')
           AND c.granted_minor <>
               (SELECT coalesce(sum(l.granted_minor), 0) FROM claims_claimline l WHERE l.claim_id = c.id)""",
    "held is what claim lines hold": """
        SELECT o.order_id FROM claims_refundline r JOIN claims_order o ON o.id = r.order_id
         WHERE (r.held_quantity::numeric, r.held_minor::numeric) IS DISTINCT FROM
               (SELECT (coalesce(sum(coalesce(l.held_quantity, l.quantity)), 0)::numeric,
                        coalesce(sum(coalesce(l.held_minor, l.claimed_minor)), 0)::numeric)
                  FROM claims_claimline l WHERE l.refund_line_id = r.id AND l.holds)""",
    "the ledger adds up to what was granted": """
        SELECT c.claim_id FROM claims_claim c WHERE c.origin = 'FILED'
           AND c.granted_minor <>
               (SELECT coalesce(sum(e.amount_minor), 0) FROM claims_ledgerentry e
                 WHERE e.claim_id = c.id AND e.kind IN ('GRANTED', 'CORRECTION', 'APPEAL_DELTA'))""",
    "the ledger adds up to what was paid": """
        SELECT c.claim_id FROM claims_claim c
         WHERE c.paid_minor <> (SELECT coalesce(sum(e.amount_minor), 0) FROM claims_ledgerentry e
                                 WHERE e.claim_id = c.id AND e.kind IN ('PAID', 'REVERSED'))""",
    "no refund line has more granted than was refunded": """
        SELECT o.order_id FROM claims_refundline r JOIN claims_order o ON o.id = r.order_id
         WHERE r.held_quantity > 0 AND r.amount_minor <
               (SELECT coalesce(sum(l.granted_minor), 0)
                  FROM claims_claimline l JOIN claims_claim c ON c.id = l.claim_id
                 WHERE l.refund_line_id = r.id AND c.origin = 'FILED')""",
    "a payment that was booked has its entry": """
        SELECT p.payment FROM claims_unmatchedpayment p LEFT JOIN claims_ledgerentry e ON e.id = p.entry_id
         WHERE p.outcome IN ('BOOKED', 'SAME') AND p.same_as_id IS NULL
           AND (e.amount_minor, e.currency) IS DISTINCT FROM (p.amount_minor, p.currency)""",
    "what was paid without a claim adds up": """
        SELECT o.order_id FROM claims_refundline r JOIN claims_order o ON o.id = r.order_id
         WHERE r.reimbursed_minor <> (SELECT coalesce(sum(p.amount_minor), 0) FROM claims_unmatchedpayment p
                                       WHERE p.refund_line_id = r.id)""",
    "nothing is paid beyond what was granted": """
        SELECT c.claim_id FROM claims_claim c
         WHERE c.status IN ('GRANTED', 'DENIED') AND c.paid_minor > c.granted_minor""",
    "the status is where the last change led": """
        SELECT c.claim_id FROM claims_claim c WHERE (c.status, c.stage) IS DISTINCT FROM
               (SELECT (s.to_status, s.to_stage) FROM claims_statuschange s
                 WHERE s.claim_id = c.id ORDER BY s.position DESC LIMIT 1)""",
    "every position is below the next one": """
        SELECT c.claim_id FROM claims_claim c
         WHERE c.next_position <=
               (SELECT coalesce(max(s.position), 0) FROM claims_statuschange s WHERE s.claim_id = c.id)""",
    "who waits for the seller has asked": """
        SELECT c.claim_id FROM claims_claim c WHERE c.origin = 'FILED'
           AND (c.status = 'AWAITING_SELLER') <> EXISTS (
               SELECT 1 FROM claims_informationrequest r WHERE r.claim_id = c.id AND r.closed_at IS NULL)""",
    "every seller with claims has a member": """
        SELECT s.slug FROM accounts_seller s WHERE EXISTS (SELECT 1 FROM claims_claim c WHERE c.seller_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM accounts_membership m WHERE m.seller_id = s.id AND m.is_active)""",
    "every file of a claim stands in its thread": """
        SELECT c.claim_id FROM claims_attachment a JOIN claims_claim c ON c.id = a.claim_id
         WHERE a.position IS NULL OR a.position >= c.next_position""",
}
MOST_NAMED = 20


def broken() -> dict[str, list[str]]:
    """Return, by invariant, at most 20 ids that break it; invariants that hold have an empty list. One query each."""
    ids: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for name, sql in INVARIANTS.items():
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}")
            ids[name] = [str(row[0]) for row in cursor.fetchall()]
    return ids
