"""What a run of reminders costs with a million claims and a million refunds, and by which index it finds them.

    python bench/reminders.py [--claims 1000000] [--sellers 500]

Prints the plan's index of each kind, how long the five minutes between two runs of the schedule take, and a run that
finds nothing new. Makes a database of its own on the server of DATABASE_URL (embedded: under var/), and drops it again.
"""

from __future__ import annotations

import argparse
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from deliver_emails import database

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

FILL = """
INSERT INTO accounts_seller (slug, name, marketplace, is_active, inactive_why, created_at)
SELECT 'bench-' || n, 'Bench ' || n, 'US', true, '', %(now)s FROM generate_series(1, %(sellers)s) n;
INSERT INTO accounts_user (email, name, zone, theme, password, is_superuser, is_staff, is_active, date_joined)
SELECT 'owner' || id || '@bench.example', '', '', '', '', false, false, true, %(now)s FROM accounts_seller;
INSERT INTO accounts_membership (user_id, seller_id, role, is_active, created_at)
SELECT u.id, s.id, 'owner', true, %(now)s FROM accounts_seller s
  JOIN accounts_user u ON u.email = 'owner' || s.id || '@bench.example';
INSERT INTO claims_order (seller_id, order_id, marketplace, created_at)
SELECT id, '111-' || lpad(id::text, 7, '0') || '-0000001', 'US', %(now)s FROM accounts_seller;
"""


def fill(claims: int, sellers: int) -> None:
    """Copy one claim and one refund line as often as asked, with deadlines spread over a year."""
    from django.db import connection

    from accounts.models import Seller
    from claims.models import Claim, Order, Refund, RefundLine

    with connection.cursor() as cursor:
        for statement in FILL.split(";\n")[:-1]:
            cursor.execute(statement, {"now": NOW, "sellers": sellers})
    first = Seller.objects.earliest("pk")
    order = Order.objects.get(seller=first)
    refund = Refund.objects.create(seller=first, order=order, refunded_at=NOW - timedelta(days=400), currency="USD")
    line = RefundLine.objects.create(
        seller=first, refund=refund, order=order, sku="0", currency="USD", gross_minor=5000, amount_minor=5000
    )
    claim = Claim.objects.create(
        seller=first,
        order=order,
        claim_id="00000-00000-0000000",
        status="UNDER_INVESTIGATION",
        filed_at=NOW - timedelta(days=400),
        currency="USD",
        claimed_minor=5000,
        updated_at=NOW,
        updated_by_party="SELLER",
    )
    seller = f"{first.pk} + n %% {sellers}"
    # Of a hundred claims 5 await a reply within 7 days, 25 were denied with a date to appeal by.
    spread = {
        "claim_id": "lpad((n / 1000000)::text, 5, '0') || '-00000-' || lpad((n %% 1000000)::text, 7, '0')",
        "seller_id": seller,
        "order_id": f"{order.pk} + n %% {sellers}",
        "status": "CASE WHEN n %% 100 < 5 THEN 'AWAITING_SELLER' WHEN n %% 100 < 30 THEN 'DENIED' ELSE status END",
        "reply_by": "CASE WHEN n %% 100 < 5 THEN %(now)s + (n %% 10080) * interval '1 minute' END",
        "appeal_by": "CASE WHEN n %% 100 BETWEEN 5 AND 29 "
        "THEN %(now)s + (n %% 500000 - 490000) * interval '1 minute' END",
        "decided_at": "CASE WHEN n %% 100 BETWEEN 5 AND 29 THEN %(now)s - interval '380 days' END",
    }
    copy(Claim, claim.pk, spread, claims)
    spread = {
        "sku": "n::text",
        "opens_at": "%(now)s - interval '399 days'",
        "first_closes_at": "%(now)s + (n %% 330 - 300) * interval '1 day'",
        "closes_at": "%(now)s + (n %% 330 - 300) * interval '1 day'",
    }
    copy(RefundLine, line.pk, spread, claims)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copy(model: Any, pk: int, spread: dict[str, str], times: int) -> None:
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    made = ", ".join(spread.get(column, column) for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {made} FROM {table}, generate_series(1, %(times)s) n "
            f"WHERE id = {pk}",
            {"now": NOW, "times": times},
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--sellers", type=int, default=500)
    options = parser.parse_args()
    import django

    django.setup()
    from django.db import connection

    from messaging.models import RemindedUntil
    from messaging.notifications import reminders

    with database():
        started = time.monotonic()
        fill(options.claims, options.sellers)
        print(f"{options.claims:,} claims and as many refund lines in {time.monotonic() - started:.0f} s")
        for kind in reminders._SOURCES:
            for step in reminders.STEPS.values():
                RemindedUntil.objects.create(kind=kind, step=step, until=NOW - timedelta(minutes=5))
            values = {"name": "3d", "step": timedelta(days=3), "quiet": reminders.QUIET, "now": NOW}
            values |= {"after": NOW + timedelta(days=3) - timedelta(minutes=5), "until": NOW + timedelta(days=3)}
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + reminders._SOURCES[kind], values)
                plan = "\n".join(row[0] for row in cursor.fetchall())
            scans = re.findall(r"(?:using|Index Scan on|Seq Scan on) (\w+)", plan)
            print(f"{kind.value}: {', '.join(scans)}")
        for name in ("five minutes", "nothing new"):
            started = time.monotonic()
            new = sum(owed.emails for owed in reminders.owe_due(NOW))
            print(f"{name}: {new} reminders owed in {1000 * (time.monotonic() - started):.0f} ms")


if __name__ == "__main__":
    main()
