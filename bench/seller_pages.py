"""What the seller's lists cost beside a minimal Django list of the same rows, in one run.

    python bench/seller_pages.py [CLAIMS]

Counted is processor time: of this process (py), and of its PostgreSQL backend with it (py+pg), medians of interleaved
rounds; wall time lies on a shared machine. Ends with 1 when a page costs more than its limit below.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 40
LINES = """
INSERT INTO claims_claimline (seller_id, claim_id, quantity, reason, claimed_minor, granted_minor, holds, asin, sku,
       title)
SELECT c.seller_id, c.id, 1, c.reason, c.claimed_minor, c.granted_minor, false,
       'B' || to_char(c.id % 500, 'FM000000000'), 'SKU-' || c.id % 500, rpad('Thing ' || c.id || ' ', 30, 'blue steel ')
  FROM claims_claim c
"""


@dataclass(frozen=True)
class Limit:
    """At most so many times the reference's processor time, and so many queries and bytes."""

    py: float
    py_pg: float
    queries: int
    kilobytes: float


PAGES: dict[str, tuple[str, Limit]] = {
    "claims, resolved": ("/claims/?tab=resolved", Limit(1.15, 1.35, 5, 32)),
    "claims, all": ("/claims/?tab=all", Limit(1.15, 1.35, 5, 32)),
    "claims, awaiting": ("/claims/?tab=awaiting-seller-response", Limit(1.15, 1.35, 5, 32)),
}


def main() -> int:
    from fresh import fresh_database

    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with fresh_database() as database:
        inside = [sys.executable, __file__, "--inside", str(claims)]
        return subprocess.run(inside, env={**os.environ, "DATABASE_URL": database}, check=False).returncode


def backend_seconds(pid: int) -> float:
    """Processor time of the PostgreSQL backend with this pid on this machine, in seconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def spent(work: Callable[[], object], backend: int) -> tuple[float, float]:
    """Milliseconds of processor time of this process, and of this process and its backend."""
    before, before_pg = time.process_time(), backend_seconds(backend)
    work()
    py = time.process_time() - before
    return py * 1000, (py + backend_seconds(backend) - before_pg) * 1000


def inside(claims: int) -> int:
    import django
    import fresh  # noqa: F401 (settings and the path)
    from django.conf import settings
    from filled import FILL

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.LOGGING = {"version": 1, "disable_existing_loggers": True}
    settings.ROOT_URLCONF = "bare_list"
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Membership, Role, Seller, User
    from claims.models import ClockRule

    handler = User.objects.create_user("bench@desk.example", name="Bench", is_staff=True)
    with connection.cursor() as cursor:
        for statement in (*FILL[:-1], LINES, FILL[-1]):
            values = {"claims": claims, "handler": handler.pk, "clock": ClockRule.objects.latest("version").pk}
            cursor.execute(statement, values if "%(" in statement else None)
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    member = User.objects.create_user("bench@seller.example", name="Member")
    seller = Seller.objects.get(slug="bench-1")
    Membership.objects.create(seller=seller, user=member, role=Role.OWNER)
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(member)

    addresses = {"reference": f"/bare/{seller.pk}/", **{name: address for name, (address, _limit) in PAGES.items()}}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in addresses}
    facts = {}
    for name, address in addresses.items():
        for _ in range(3):
            response = client.get(address)
            assert response.status_code == 200, (address, response.status_code)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        facts[name] = (len(queries), len(response.content) / 1000)
    for _ in range(ROUNDS):
        for name, address in addresses.items():
            times[name].append(spent(lambda address=address: client.get(address), backend))  # type: ignore[misc]
    medians = {name: tuple(map(statistics.median, zip(*rounds, strict=True))) for name, rounds in times.items()}
    py_of_bare, pg_of_bare = medians["reference"]
    print(f"{claims:,} claims, {seller.claims.count() if hasattr(seller, 'claims') else claims // 10:,} of the seller")
    print(f"{'page':<22} {'py ms':>7} {'py+pg':>7} {'py x':>6} {'py+pg x':>8} {'queries':>8} {'kB':>6}  limit")
    over = 0
    for name, (py, py_pg) in medians.items():
        count, size = facts[name]
        row = f"{name:<22} {py:>7.1f} {py_pg:>7.1f} {py / py_of_bare:>6.2f} {py_pg / pg_of_bare:>8.2f}"
        row += f" {count:>8} {size:>6.1f}"
        if name in PAGES:
            limit = PAGES[name][1]
            within = (
                py / py_of_bare <= limit.py
                and py_pg / pg_of_bare <= limit.py_pg
                and count <= limit.queries
                and size <= limit.kilobytes
            )
            over += not within
            row += f"  {limit.py} {limit.py_pg} {limit.queries} {limit.kilobytes:g} {'met' if within else 'MISSED'}"
        print(row)
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(inside(int(sys.argv[2])) if sys.argv[1:2] == ["--inside"] else main())
