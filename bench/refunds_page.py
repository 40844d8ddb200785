"""How fast Claimable refunds answers for one seller with 1,000,000 refunds, and how long a file of 50,000 rows takes.

    python bench/refunds_page.py [REFUNDS]

Makes a database of its own on the server of DATABASE_URL, which it drops again. The refunds are spread over two years
under the base rule of 30 days; one in ten can't be claimed, one in ten is claimed. Each address is asked for 30 times
through Django's client, signed in, template and all, in one process; what is printed is the median and the slowest of
the 30 in milliseconds, and the number of statements. Then a CSV of 50,000 rows is uploaded and worked on in the same
process: the seconds of the request, those of the work after it, and the most memory so far. Run it on a machine that
does nothing else, and say which.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
import warnings
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from fresh import fresh_database

TIMES = 30
FILL = """
INSERT INTO claims_order (seller_id, order_id, marketplace, a_to_z, created_at)
SELECT %(seller)s, to_char(100 + n %% 900, 'FM000') || '-' || to_char(n, 'FM0000000') || '-' ||
       to_char(n::bigint * 7919 %% 10000000, 'FM0000000'), 'US', n %% 10 = 0, now()
  FROM generate_series(1, %(count)s) AS n;
INSERT INTO claims_refund (seller_id, order_id, refunded_at, currency, created_at)
SELECT seller_id, id, now() - (id %% 1000000) * interval '63 seconds', 'USD', now() FROM claims_order;
INSERT INTO claims_refundline (seller_id, refund_id, order_id, sku, quantity, currency, gross_minor, reversed_minor,
       amount_minor, held_quantity, held_minor, asin, title, opens_at, first_closes_at, closes_at,
       windows_version, against)
SELECT r.seller_id, r.id, r.order_id, 'SKU-' || r.id %% 500, 1, 'USD', 1000 + r.id %% 9000, 0, 1000 + r.id %% 9000,
       CASE WHEN r.id %% 10 = 1 THEN 1 ELSE 0 END, CASE WHEN r.id %% 10 = 1 THEN 1000 + r.id %% 9000 ELSE 0 END,
       'B' || to_char(r.id %% 500, 'FM000000000'), 'Thing number ' || r.id, r.refunded_at,
       r.refunded_at + interval '30 days', r.refunded_at + interval '30 days', 1,
       CASE WHEN o.a_to_z THEN 'A_TO_Z' ELSE '' END
  FROM claims_refund r JOIN claims_order o ON o.id = r.order_id;
"""


def prepare(count: int) -> object:
    """Fill the database; return the seller's owner."""
    from django.db import connection

    from accounts.models import Membership, Role, Seller, User

    seller = Seller.objects.create(slug="bench", name="Bench", marketplace="US")
    owner = User.objects.create_user("owner@bench.example", "bench")
    Membership.objects.create(user=owner, seller=seller, role=Role.OWNER)
    started = time.monotonic()
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"seller": seller.pk, "count": count})
        cursor.execute("VACUUM ANALYZE")
    print(f"{count:,} refunds made in {time.monotonic() - started:.0f} s", flush=True)
    return owner


def ask(client: object, path: str, params: dict[str, str]) -> tuple[float, float, int]:
    """Return (median, slowest) milliseconds and the number of statements of one address."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        response = client.get(path, params)  # type: ignore[attr-defined]
        took.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, response.status_code
    with CaptureQueriesContext(connection) as queries:
        client.get(path, params)  # type: ignore[attr-defined]
    return statistics.median(took), max(took), len(queries)


def far(tab_days: int) -> str:
    """Return the cursor of a page of Missed that lies this many days back."""
    from django.utils import timezone

    from claims.keyset import PageDirection
    from claims.models import FREE, RefundLine
    from claims.refunds.list import RefundTab, cursor_of

    lines = RefundLine.objects.filter(FREE, first_closes_at__lt=timezone.now() - timedelta(days=tab_days))
    found = lines.select_related("order", "refund").order_by("-first_closes_at").first()
    return cursor_of(PageDirection.OLDER, found, RefundTab.MISSED) if found else ""


def bulk(client: object, rows: int) -> None:
    """Upload a file of the newest refunds and work on it."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from claims.filing import batches
    from claims.models import Batch, Draft, RefundLine

    orders = RefundLine.objects.order_by("pk").values_list("order__order_id", flat=True)[:rows]
    text = "order id,reason,description\n" + "".join(
        f"{order_id},not_returned,The refund was made weeks ago and nothing has come back to us.\n"
        for order_id in orders
    )
    file = SimpleUploadedFile("claims.csv", text.encode(), "text/csv")
    started = time.monotonic()
    response = client.post("/refunds/bulk/", {"seller": "bench", "key": str(uuid4()), "file": file})  # type: ignore[attr-defined]
    asked = time.monotonic() - started
    assert response.status_code == 302, response.status_code
    started = time.monotonic()
    batches.work(Batch.objects.get().pk, clock=timezone.now)
    worked = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"file of {rows:,} rows, {len(text) / 2**20:.1f} MB: request {asked:.1f} s, then {worked:.1f} s for "
          f"{Draft.objects.count():,} drafts ({rows / worked:,.0f} rows/s), peak {peak} MB")  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    warnings.simplefilter("ignore")
    with fresh_database() as address:
        from django.conf import settings
        from django.db import connection
        from django.test import Client

        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing was collected here
        settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            print(f"PostgreSQL {cursor.fetchone()[0]}, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
        own = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = address.rsplit("/", 1)[1]
        owner = prepare(count)
        client = Client()
        client.force_login(owner)  # type: ignore[arg-type]
        print(f"{'address':<58} {'median ms':>9} {'slowest':>8} {'queries':>7}")
        tabs = ("closing-soon", "open", "not-yet", "missed", "not-claimable", "claimed")
        asked: list[dict[str, str]] = [{"tab": tab} for tab in tabs]
        asked += [
            {"tab": "missed", "cursor": far(500)},
            {"tab": "open", "q": "B000000123"},
            {"tab": "missed", "from": "2026-01-01", "to": "2026-01-31"},
            {"tab": "not-claimable", "against": "A_TO_Z"},
        ]
        for params in asked:
            median, slowest, queries = ask(client, "/refunds/", params)
            print(f"{('?' + urlencode(params))[:58]:<58} {median:>9.1f} {slowest:>8.1f} {queries:>7}", flush=True)
        bulk(client, min(count, 50_000))
        connection.close()
        connection.settings_dict["NAME"] = own


if __name__ == "__main__":
    main()
