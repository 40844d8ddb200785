"""SQL that fills an empty database with claims of two years: 1,000 sellers, the first with a tenth of all."""

from __future__ import annotations

FILL = (
    """INSERT INTO accounts_seller (slug, name, marketplace, is_active, inactive_why, created_at)
       SELECT 'bench-' || n, 'Bench ' || n, 'US', true, '', now() FROM generate_series(1, 1000) AS n""",
    """INSERT INTO claims_order (seller_id, order_id, marketplace, created_at)
       SELECT s.first + CASE WHEN n %% 10 = 0 THEN 0 ELSE n %% 1000 END, '111-0000000-' || lpad(n::text, 7, '0'), 'US',
              now()
         FROM generate_series(1, %(claims)s) AS n, (SELECT min(id) AS first FROM accounts_seller) AS s""",
    """INSERT INTO claims_claim (seller_id, order_id, claim_id, origin, source, status, stage, reason, statement,
              filed_at, reply_by, answer_due_at, decided_at, lapsed, first_status, first_granted_minor, currency,
              claimed_minor, granted_minor, paid_minor, assigned_to_id, clock_rule_id, version, next_position,
              updated_at, updated_by_party)
       SELECT o.seller_id, o.id, '10000-20000-' || lpad(o.n::text, 7, '0'), 'FILED', '', o.status,
              CASE WHEN o.on_appeal THEN 'APPEAL' ELSE 'FIRST' END,
              (ARRAY['DAMAGED', 'DIFFERENT', 'PARTS', 'NOT_RETURNED', 'ABUSE'])[1 + o.n %% 5], '', o.filed_at,
              CASE WHEN o.status = 'AWAITING_SELLER' THEN now() + o.n %% 7 * interval '1 day' END,
              CASE WHEN o.status = 'UNDER_INVESTIGATION' THEN now() + (o.n %% 200 - 40) * interval '1 hour' END,
              o.decided_at, false, CASE WHEN o.on_appeal THEN 'DENIED' ELSE '' END,
              CASE WHEN o.on_appeal THEN 0 END, (ARRAY['USD', 'EUR', 'GBP'])[1 + o.n / 7 %% 3], 1000 + o.n %% 9000,
              CASE WHEN o.status = 'GRANTED' THEN 500 ELSE 0 END, 0,
              CASE WHEN o.status IN ('UNDER_INVESTIGATION', 'AWAITING_SELLER') AND o.n %% 2 = 0 THEN %(handler)s END,
              %(clock)s, 1, 4, coalesce(o.decided_at, o.filed_at), 'SELLER'
         FROM (SELECT o.*, o.n %% 7 = 0 AND o.status <> 'WITHDRAWN' AS on_appeal,
                      now() - (10 + o.n %% 720) * interval '1 day' - o.n * interval '1 microsecond' AS filed_at,
                      CASE WHEN o.status IN ('GRANTED', 'DENIED')
                           THEN now() - o.n %% 720 * interval '1 day' - o.n %% 211 * interval '1 hour' END AS decided_at
                 FROM (SELECT o.*, row_number() OVER (ORDER BY o.id) AS n,
                              CASE WHEN o.id %% 100 < 5 THEN 'UNDER_INVESTIGATION'
                                   WHEN o.id %% 100 < 7 THEN 'AWAITING_SELLER' WHEN o.id %% 100 < 60 THEN 'GRANTED'
                                   WHEN o.id %% 100 < 97 THEN 'DENIED' ELSE 'WITHDRAWN' END AS status
                         FROM claims_order AS o) AS o) AS o""",
    """INSERT INTO claims_statuschange (seller_id, claim_id, position, at, verb, party, from_status, from_stage,
              to_status, to_stage, created_at)
       SELECT seller_id, id, 2, decided_at, CASE WHEN status = 'GRANTED' THEN 'GRANT' ELSE 'DENY' END, 'DESK',
              'UNDER_INVESTIGATION', 'FIRST', status, 'FIRST', decided_at
         FROM claims_claim WHERE decided_at IS NOT NULL""",
    """INSERT INTO claims_decision (seller_id, claim_id, number, position, at, stage, status, by_id, granted_minor,
              words, created_at)
       SELECT seller_id, id, 1, 2, decided_at, 'FIRST', status, %(handler)s, granted_minor, '', decided_at
         FROM claims_claim WHERE decided_at IS NOT NULL
       UNION ALL
       SELECT seller_id, id, 2, 3, decided_at, 'APPEAL', status, %(handler)s, granted_minor, '', decided_at
         FROM claims_claim WHERE decided_at IS NOT NULL AND stage = 'APPEAL'""",
    "VACUUM ANALYZE",
)
