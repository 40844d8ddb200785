"""How long the windows stored with refunds take to follow a change of policy, and with how much memory.

    python bench/recompute_windows.py [LINES…]

Makes a database of its own on the server of DATABASE_URL, which it drops again, with that many refund lines of one
seller over two years, and loads the rules of the United States on top of the base rule.
"""

from __future__ import annotations

import sys

from fresh import ROOT, fresh_database, manage

MAKE_LINES = """
from django.db import connection
from accounts.models import Seller
seller = Seller.objects.create(slug='bench', name='Bench', marketplace='US')
n = {lines}
with connection.cursor() as c:
    c.execute("INSERT INTO claims_order (seller_id, order_id, marketplace, created_at) SELECT %s,"
        " to_char(100 + g %% 900, 'FM000') || '-' || to_char(g, 'FM0000000') || '-' || to_char(g * 7919 %% 10000000,"
        " 'FM0000000'), 'US', now() FROM generate_series(1, %s) g", [seller.pk, n])
    c.execute("INSERT INTO claims_refund (seller_id, order_id, refunded_at, currency, created_at)"
        " SELECT seller_id, id, now() - (id % 730) * interval '1 day', 'USD', now() FROM claims_order")
    c.execute("INSERT INTO claims_refundline (seller_id, refund_id, order_id, sku, quantity, currency, gross_minor,"
        " reversed_minor, amount_minor, asin, title, return_delivered_on, windows_version)"
        " SELECT seller_id, id, order_id, 'SKU', 1, 'USD', 1000, 0, 1000, '', '',"
        " CASE WHEN id % 2 = 0 THEN (refunded_at + interval '5 days')::date END, 0 FROM claims_refund")
    c.execute("ANALYZE claims_order, claims_refund, claims_refundline")
"""


def main(sizes: list[int]) -> None:
    for lines in sizes:
        with fresh_database() as database:
            manage(database, "shell", "-v0", "-c", MAKE_LINES.replace("{lines}", str(lines)))
            first, memory = manage(database, "recompute_windows")
            seconds, peak = manage(database, "load_policy", str(ROOT / "claims" / "policies" / "us.toml"))
            again, _ = manage(database, "recompute_windows")
        print(
            f"{lines:>9,} lines: all new {first:.1f} s ({lines / first:,.0f} lines/s, {memory} MB); "
            f"after a change {seconds:.1f} s ({lines / seconds:,.0f} lines/s, {peak} MB); nothing to do {again:.1f} s"
        )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 1_000_000])
