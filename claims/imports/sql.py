"""The statements that apply a batch of staged rows. `batch` has the rows; the locks on its orders are held.

Nothing here overwrites with an empty cell, and nothing is written that is the same already: rows that come back from
RETURNING were new or changed.
"""

from __future__ import annotations

NEW_ORDERS = """
INSERT INTO claims_order (seller_id, order_id, marketplace, created_at)
SELECT DISTINCT ON (b.order_id) b.seller_id, b.order_id, coalesce(b.marketplace, m.code), %(now)s
  FROM intake_row b
  JOIN unnest(%(sellers)s::bigint[], %(marketplaces)s::text[]) AS m (seller_id, code) USING (seller_id)
 WHERE b.order_id > %(low)s AND b.order_id <= %(high)s AND b.cause IS NULL
 ORDER BY b.order_id, b.marketplace NULLS LAST, b.row
ON CONFLICT (order_id) DO NOTHING
RETURNING id
"""

LOCK_ORDERS = """
SELECT o.id FROM claims_order o
 WHERE o.order_id IN (SELECT order_id FROM intake_row
                       WHERE order_id > %(low)s AND order_id <= %(high)s AND cause IS NULL)
 ORDER BY o.id FOR NO KEY UPDATE
"""

BATCH = """
CREATE TEMPORARY TABLE batch ON COMMIT DROP AS
SELECT b.*, o.id AS order_pk, o.seller_id AS order_seller_id, 0 AS outcome
  FROM intake_row b JOIN claims_order o ON o.order_id = b.order_id
 WHERE b.order_id > %(low)s AND b.order_id <= %(high)s AND b.cause IS NULL
"""

REJECT_OTHER_SELLER = """
UPDATE batch SET cause = format('order %%s is known under another seller', order_id)
 WHERE cause IS NULL AND seller_id <> order_seller_id
"""

REJECT_TWO_CURRENCIES = """
WITH posting AS (
    SELECT order_pk, refunded_at, min(currency) AS one, max(currency) AS other
      FROM batch WHERE cause IS NULL AND refunded_at IS NOT NULL GROUP BY order_pk, refunded_at
), stored AS (
    SELECT p.*, r.currency AS known FROM posting p
      LEFT JOIN claims_refund r ON r.order_id = p.order_pk AND r.refunded_at = p.refunded_at
)
UPDATE batch b
   SET cause = format('one refund has two currencies: %%s and %%s', least(s.one, s.known), greatest(s.other, s.known))
  FROM stored s
 WHERE b.cause IS NULL AND b.order_pk = s.order_pk AND b.refunded_at = s.refunded_at
   AND (s.one <> s.other OR s.known <> s.one)
"""

REJECT_FOREIGN_CLAIMS = """
UPDATE batch b
   SET cause = CASE WHEN c.seller_id <> b.seller_id
                    THEN format('claim %%s is known under another seller', b.claim_id)
                    ELSE format('claim %%s is known for another order', b.claim_id) END
  FROM claims_claim c
 WHERE b.cause IS NULL AND b.claim_id = c.claim_id AND c.order_id <> b.order_pk
"""

ORDERS = """
WITH said AS (
    SELECT order_pk,
           (array_agg(marketplace ORDER BY row DESC) FILTER (WHERE marketplace IS NOT NULL))[1] AS marketplace,
           (array_agg(ordered_on ORDER BY row DESC) FILTER (WHERE ordered_on IS NOT NULL))[1] AS ordered_on,
           (array_agg(order_amount ORDER BY row DESC) FILTER (WHERE order_amount IS NOT NULL))[1] AS amount_minor,
           (array_agg(order_currency ORDER BY row DESC) FILTER (WHERE order_amount IS NOT NULL))[1] AS currency,
           (array_agg(program ORDER BY row DESC) FILTER (WHERE program IS NOT NULL))[1] AS program,
           (array_agg(fulfilment ORDER BY row DESC) FILTER (WHERE fulfilment IS NOT NULL))[1] AS fulfilment,
           bool_or(a_to_z) AS a_to_z,
           (array_agg(chargeback ORDER BY row DESC) FILTER (WHERE chargeback IS NOT NULL))[1] AS chargeback
      FROM batch WHERE cause IS NULL GROUP BY order_pk
), merged AS (
    SELECT o.id, coalesce(s.marketplace, o.marketplace) AS marketplace,
           coalesce(s.ordered_on, o.ordered_on) AS ordered_on, coalesce(s.amount_minor, o.amount_minor) AS amount_minor,
           coalesce(s.currency, o.currency) AS currency, coalesce(s.program, o.program) AS program,
           coalesce(s.fulfilment, o.fulfilment) AS fulfilment,
           CASE WHEN o.a_to_z THEN true ELSE coalesce(s.a_to_z, o.a_to_z) END AS a_to_z,
           coalesce(s.chargeback, o.chargeback) AS chargeback
      FROM claims_order o JOIN said s ON s.order_pk = o.id
)
UPDATE claims_order o
   SET marketplace = m.marketplace, ordered_on = m.ordered_on, amount_minor = m.amount_minor, currency = m.currency,
       program = m.program, fulfilment = m.fulfilment, a_to_z = m.a_to_z, chargeback = m.chargeback
  FROM merged m
 WHERE o.id = m.id
   AND (o.marketplace, o.ordered_on, o.amount_minor, o.currency, o.program, o.fulfilment, o.a_to_z, o.chargeback)
       IS DISTINCT FROM
       (m.marketplace, m.ordered_on, m.amount_minor, m.currency, m.program, m.fulfilment, m.a_to_z, m.chargeback)
RETURNING o.id
"""

# The same item listed by two postings of one file (pages that overlap) counts once; within one posting, each time.
POSTINGS = """
CREATE TEMPORARY TABLE posting ON COMMIT DROP AS
WITH item AS (
    SELECT b.*, coalesce(twin, row::text) AS same,
           row_number() OVER (
               PARTITION BY order_pk, refunded_at, sku, coalesce(twin, row::text), event ORDER BY row
           ) AS nth
      FROM batch b WHERE cause IS NULL AND refunded_at IS NOT NULL
), once AS (
    SELECT DISTINCT ON (order_pk, refunded_at, sku, same, nth) * FROM item
     ORDER BY order_pk, refunded_at, sku, same, nth, row
), summed AS (
    SELECT order_pk, min(seller_id) AS seller_id, refunded_at, sku, min(currency) AS currency,
           sum(quantity)::int AS quantity, max(issuer) AS issuer,
           coalesce((array_agg(line_asin ORDER BY row DESC) FILTER (WHERE line_asin IS NOT NULL))[1], '') AS asin,
           coalesce((array_agg(line_title ORDER BY row DESC) FILTER (WHERE line_title IS NOT NULL))[1], '') AS title,
           coalesce(sum(principal), 0)::bigint AS principal, coalesce(sum(shipping), 0)::bigint AS shipping,
           coalesce(sum(return_shipping), 0)::bigint AS return_shipping,
           coalesce(sum(gift_wrap), 0)::bigint AS gift_wrap, coalesce(sum(restocking), 0)::bigint AS restocking,
           coalesce(sum(goodwill), 0)::bigint AS goodwill, coalesce(sum(tax), 0)::bigint AS tax
      FROM once GROUP BY order_pk, refunded_at, sku
)
SELECT *, principal + shipping + return_shipping + gift_wrap + restocking + goodwill AS gross,
       NULL::bigint AS line_id, 0 AS outcome
  FROM summed
"""

REFUNDS_CHANGED = """
WITH said AS (
    SELECT order_pk, refunded_at, max(issuer) AS issuer FROM posting WHERE gross >= 0 GROUP BY order_pk, refunded_at
), up AS (
    UPDATE claims_refund r SET issuer = s.issuer FROM said s
     WHERE r.order_id = s.order_pk AND r.refunded_at = s.refunded_at
       AND s.issuer IS NOT NULL AND r.issuer IS DISTINCT FROM s.issuer
    RETURNING r.order_id, r.refunded_at
)
UPDATE posting p SET outcome = 1 FROM up WHERE p.order_pk = up.order_id AND p.refunded_at = up.refunded_at
"""

REFUNDS_NEW = """
INSERT INTO claims_refund (seller_id, order_id, refunded_at, currency, issuer, created_at)
SELECT min(seller_id), order_pk, refunded_at, min(currency), max(issuer), %(now)s
  FROM posting WHERE gross >= 0 GROUP BY order_pk, refunded_at
ON CONFLICT (order_id, refunded_at) DO NOTHING
"""

# What was taken back is worked out anew when the order is relinked, later in the same transaction.
LINES_CHANGED = """
WITH said AS (
    SELECT l.id, p.quantity, p.gross,
           CASE WHEN p.asin = '' OR t.has_asin THEN l.asin ELSE p.asin END AS asin,
           CASE WHEN p.title = '' OR t.has_title THEN l.title ELSE p.title END AS title
      FROM posting p
      JOIN claims_refund r ON r.order_id = p.order_pk AND r.refunded_at = p.refunded_at
      JOIN claims_refundline l ON l.refund_id = r.id AND l.sku = p.sku
      LEFT JOIN (SELECT order_id, sku, bool_or(asin <> '') AS has_asin, bool_or(title <> '') AS has_title
                   FROM claims_return WHERE order_id IN (SELECT order_pk FROM posting) GROUP BY order_id, sku
                ) t ON t.order_id = l.order_id AND t.sku = l.sku
     WHERE p.gross >= 0
), up AS (
    UPDATE claims_refundline l
       SET quantity = s.quantity, gross_minor = s.gross, reversed_minor = 0, amount_minor = s.gross,
           asin = s.asin, title = s.title
      FROM said s
     WHERE l.id = s.id
       AND (l.quantity, l.gross_minor, l.asin, l.title) IS DISTINCT FROM (s.quantity, s.gross, s.asin, s.title)
    RETURNING l.id
)
UPDATE posting p SET line_id = l.id, outcome = greatest(p.outcome, CASE WHEN up.id IS NULL THEN 0 ELSE 1 END)
  FROM claims_refund r, claims_refundline l LEFT JOIN up ON up.id = l.id
 WHERE r.order_id = p.order_pk AND r.refunded_at = p.refunded_at AND l.refund_id = r.id AND l.sku = p.sku
   AND p.gross >= 0
"""

LINES_NEW = """
WITH up AS (
    INSERT INTO claims_refundline (seller_id, refund_id, order_id, sku, quantity, currency, gross_minor, reversed_minor,
                                   amount_minor, asin, title, windows_version)
    SELECT p.seller_id, r.id, p.order_pk, p.sku, p.quantity, p.currency, p.gross, 0, p.gross, p.asin, p.title, 0
      FROM posting p JOIN claims_refund r ON r.order_id = p.order_pk AND r.refunded_at = p.refunded_at
     WHERE p.gross >= 0 AND p.line_id IS NULL
     ORDER BY p.order_pk, p.refunded_at, p.sku
    RETURNING id, refund_id, sku
)
UPDATE posting p SET line_id = up.id, outcome = 2 FROM up, claims_refund r
 WHERE r.id = up.refund_id AND r.order_id = p.order_pk AND r.refunded_at = p.refunded_at AND p.sku = up.sku
"""

COMPONENTS = """
WITH part AS (
    SELECT p.seller_id, p.line_id, v.kind, v.minor
      FROM posting p CROSS JOIN LATERAL (VALUES ('PRINCIPAL', p.principal), ('SHIPPING', p.shipping),
           ('RETURN_SHIPPING', p.return_shipping), ('GIFT_WRAP', p.gift_wrap), ('RESTOCKING', p.restocking),
           ('GOODWILL', p.goodwill), ('TAX', p.tax)) AS v (kind, minor)
     WHERE p.line_id IS NOT NULL
), gone AS (
    DELETE FROM claims_refundcomponent c USING part
     WHERE c.line_id = part.line_id AND c.kind = part.kind AND part.minor = 0
    RETURNING c.line_id
), up AS (
    INSERT INTO claims_refundcomponent (seller_id, line_id, kind, amount_minor)
    SELECT seller_id, line_id, kind, minor FROM part WHERE minor <> 0
    ON CONFLICT (line_id, kind) DO UPDATE SET amount_minor = excluded.amount_minor
     WHERE claims_refundcomponent.amount_minor <> excluded.amount_minor
    RETURNING line_id
)
UPDATE posting p SET outcome = greatest(outcome, 1)
  FROM (SELECT line_id FROM gone UNION SELECT line_id FROM up) AS touched WHERE p.line_id = touched.line_id
"""

REVERSALS = """
WITH up AS (
    INSERT INTO claims_refundreversal (seller_id, order_id, posted_at, sku, currency, amount_minor)
    SELECT seller_id, order_pk, refunded_at, sku, currency, -gross FROM posting WHERE gross < 0
    ON CONFLICT (order_id, posted_at, sku)
       DO UPDATE SET amount_minor = excluded.amount_minor, currency = excluded.currency
     WHERE (claims_refundreversal.amount_minor, claims_refundreversal.currency)
           IS DISTINCT FROM (excluded.amount_minor, excluded.currency)
    RETURNING order_id, posted_at, sku, (xmax = 0) AS is_new
)
UPDATE posting p SET outcome = CASE WHEN up.is_new THEN 2 ELSE 1 END FROM up
 WHERE p.order_pk = up.order_id AND p.refunded_at = up.posted_at AND p.sku = up.sku AND p.gross < 0
"""

POSTING_OUTCOMES = """
UPDATE batch b SET outcome = greatest(b.outcome, p.outcome) FROM posting p
 WHERE b.cause IS NULL AND p.outcome > 0
   AND b.order_pk = p.order_pk AND b.refunded_at = p.refunded_at AND b.sku = p.sku
"""

# A return is asked for before it gets its RMA id: the row that brings the id is the same return.
RETURNS_GET_THEIR_RMA = """
UPDATE claims_return t SET identity = n.rma_id
  FROM (SELECT DISTINCT ON (order_pk, sku, requested_on) order_pk, sku, requested_on, rma_id
          FROM batch WHERE cause IS NULL AND rma_id IS NOT NULL AND requested_on IS NOT NULL
         ORDER BY order_pk, sku, requested_on, rma_id) n
 WHERE t.order_id = n.order_pk AND t.sku = n.sku AND t.identity = to_char(n.requested_on, 'YYYY-MM-DD')
   AND NOT EXISTS (SELECT 1 FROM claims_return x
                    WHERE x.order_id = t.order_id AND x.sku = t.sku AND x.identity = n.rma_id)
"""

ROWS_WITHOUT_RMA = """
WITH named AS (
    SELECT order_pk, sku, requested_on, rma_id AS identity FROM batch
     WHERE cause IS NULL AND rma_id IS NOT NULL AND requested_on IS NOT NULL
    UNION
    SELECT t.order_id, t.sku, t.requested_on, t.identity FROM claims_return t
     WHERE t.order_id IN (SELECT order_pk FROM batch) AND t.rma_id <> '' AND t.requested_on IS NOT NULL
), one AS (
    SELECT order_pk, sku, requested_on, min(identity) AS identity FROM named GROUP BY order_pk, sku, requested_on
)
UPDATE batch b SET identity = one.identity FROM one
 WHERE b.cause IS NULL AND b.identity IS NOT NULL AND b.rma_id IS NULL
   AND b.order_pk = one.order_pk AND b.sku = one.sku AND b.requested_on = one.requested_on
   AND NOT EXISTS (SELECT 1 FROM claims_return x
                    WHERE x.order_id = b.order_pk AND x.sku = b.sku AND x.identity = b.identity)
"""

BACKS = """
CREATE TEMPORARY TABLE back ON COMMIT DROP AS
SELECT b.*, row_number() OVER (PARTITION BY order_pk, identity, sku ORDER BY row) AS nth
  FROM batch b WHERE cause IS NULL AND identity IS NOT NULL
"""

BACK_DEPTH = "SELECT coalesce(max(nth), 0) FROM back"

_MERGED = {
    "rma_id": "rma_id",
    "merchant_rma_id": "merchant_rma_id",
    "asin": "asin",
    "title": "title",
    "quantity": "return_quantity",
    "reason_code": "reason_code",
    "status": "status",
    "resolution": "resolution",
    "return_type": "return_type",
    "in_policy": "in_policy",
    "carrier": "carrier",
    "tracking_id": "tracking_id",
    "label_type": "label_type",
    "label_payer": "label_payer",
    "label_cost_minor": "label_cost_minor",
    "currency": "return_currency",
    "refunded_minor": "refunded_minor",
    "requested_on": "requested_on",
    "delivered_on": "delivered_on",
    "last_scan_on": "last_scan_on",
    "is_refused": "is_refused",
}
"""Column of a return → column of the staged row that owns it."""
_EMPTY = "''"
_NOT_GIVEN = {
    "quantity": "1",
    **dict.fromkeys(("in_policy", "label_cost_minor", "refunded_minor", "is_refused"), "NULL"),
    **dict.fromkeys(("requested_on", "delivered_on", "last_scan_on"), "NULL"),
}
_KEPT = {name: f"coalesce(q.{cell}, t.{name})" for name, cell in _MERGED.items()}

RETURNS_CHANGED = f"""
WITH up AS (
    UPDATE claims_return t SET {", ".join(f"{name} = {kept}" for name, kept in _KEPT.items())}
      FROM back q
     WHERE q.nth = %(nth)s AND t.order_id = q.order_pk AND t.identity = q.identity AND t.sku = q.sku
       AND ({", ".join(f"t.{name}" for name in _KEPT)}) IS DISTINCT FROM ({", ".join(_KEPT.values())})
    RETURNING q.row
)
UPDATE batch b SET outcome = greatest(outcome, 1) FROM up WHERE b.row = up.row
"""  # noqa: S608 — names of columns, written above

RETURNS_NEW = f"""
WITH up AS (
    INSERT INTO claims_return (seller_id, order_id, identity, sku, created_at, {", ".join(_MERGED)})
    SELECT q.seller_id, q.order_pk, q.identity, q.sku, %(now)s,
           {", ".join(f"coalesce(q.{cell}, {_NOT_GIVEN.get(name, _EMPTY)})" for name, cell in _MERGED.items())}
      FROM back q
     WHERE q.nth = 1 AND NOT EXISTS (SELECT 1 FROM claims_return t WHERE t.order_id = q.order_pk
                                        AND t.identity = q.identity AND t.sku = q.sku)
     ORDER BY q.row
    RETURNING order_id, identity, sku
)
UPDATE batch b SET outcome = 2 FROM up, back q
 WHERE b.row = q.row AND q.nth = 1 AND q.order_pk = up.order_id AND q.identity = up.identity AND q.sku = up.sku
"""  # noqa: S608 — names of columns, written above

ORDER_OUTCOMES = """
UPDATE batch SET outcome = 1 WHERE cause IS NULL AND outcome = 0 AND order_pk = ANY(%(orders)s)
"""

# Of an order that nothing else is known of.
NEW_ORDER_OUTCOMES = """
UPDATE batch SET outcome = 2
 WHERE cause IS NULL AND outcome = 0 AND order_pk = ANY(%(new)s) AND refunded_at IS NULL AND identity IS NULL
   AND claim_status IS NULL
"""

TOUCHED_ORDERS = "SELECT DISTINCT order_pk FROM batch WHERE cause IS NULL AND outcome > 0"
TOUCHED_LINES = "SELECT line_id FROM posting WHERE line_id IS NOT NULL AND outcome > 0"
COUNTS = """
SELECT count(*) FILTER (WHERE outcome = 2), count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = 0)
  FROM batch WHERE cause IS NULL
"""

# An order that only rejected rows spoke of is not kept.
EMPTY_ORDERS = """
DELETE FROM claims_order o
 WHERE o.id = ANY(%(new)s)
   AND NOT EXISTS (SELECT 1 FROM claims_refund x WHERE x.order_id = o.id)
   AND NOT EXISTS (SELECT 1 FROM claims_return x WHERE x.order_id = o.id)
   AND NOT EXISTS (SELECT 1 FROM claims_refundreversal x WHERE x.order_id = o.id)
   AND NOT EXISTS (SELECT 1 FROM claims_claim x WHERE x.order_id = o.id)
"""

DROP = "DROP TABLE IF EXISTS pg_temp.batch, pg_temp.posting, pg_temp.back"
