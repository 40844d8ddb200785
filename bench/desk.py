"""What the handlers' pages cost at 10,000 and at 1,000,000 claims: queries and milliseconds of each view of the queue.

    python bench/desk.py [CLAIMS…]

Makes a database of its own on the server of DATABASE_URL, filled by SQL (1,000 sellers; of the claims 5 % under
investigation, half of them assigned, 2 % awaiting the seller, the rest resolved), and drops it again. Pages are asked
through the whole stack but the network, ten times each; the median counts. Ends with 1 when a page takes more than 12
queries.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

MOST_QUERIES = 12
FILL = (
    """INSERT INTO accounts_seller (slug, name, marketplace, is_active, inactive_why, created_at)
       SELECT 'bench-' || n, 'Bench ' || n, 'US', true, '', now() FROM generate_series(1, 1000) AS n""",
    """INSERT INTO claims_order (seller_id, order_id, marketplace, created_at)
       SELECT s.first + n %% 1000, '111-0000000-' || lpad(n::text, 7, '0'), 'US', now()
         FROM generate_series(1, %(claims)s) AS n, (SELECT min(id) AS first FROM accounts_seller) AS s""",
    """INSERT INTO claims_claim (seller_id, order_id, claim_id, origin, source, status, stage, reason, statement,
              filed_at, reply_by, answer_due_at, decided_at, lapsed, first_status, currency, claimed_minor,
              approved_minor, paid_minor, assigned_to_id, clock_rule_id, version, next_position,
              updated_at, updated_by_party)
       SELECT o.seller_id, o.id, '10000-20000-' || lpad(o.n::text, 7, '0'), 'FILED', '', o.status,
              CASE WHEN o.n %% 7 = 0 AND o.status <> 'WITHDRAWN' THEN 'APPEAL' ELSE 'FIRST' END,
              (ARRAY['DAMAGED', 'DIFFERENT', 'PARTS', 'NOT_RETURNED', 'ABUSE'])[1 + o.n %% 5], '',
              now() - o.n %% 300 * interval '1 day',
              CASE WHEN o.status = 'AWAITING_SELLER' THEN now() + o.n %% 7 * interval '1 day' END,
              CASE WHEN o.status = 'UNDER_INVESTIGATION' THEN now() + (o.n %% 200 - 40) * interval '1 hour' END,
              CASE WHEN o.status IN ('GRANTED', 'DENIED') THEN now() - o.n %% 200 * interval '1 day' END,
              false, '', 'USD', 1000 + o.n %% 9000, CASE WHEN o.status = 'GRANTED' THEN 500 ELSE 0 END, 0,
              CASE WHEN o.status IN ('UNDER_INVESTIGATION', 'AWAITING_SELLER') AND o.n %% 2 = 0 THEN %(handler)s END,
              %(clock)s, 1, 1, now() - o.n %% 300 * interval '1 day' - o.n * interval '1 microsecond', 'SELLER'
         FROM (SELECT o.*, row_number() OVER (ORDER BY o.id) AS n,
                      CASE WHEN o.id %% 100 < 5 THEN 'UNDER_INVESTIGATION' WHEN o.id %% 100 < 7 THEN 'AWAITING_SELLER'
                           WHEN o.id %% 100 < 60 THEN 'GRANTED' WHEN o.id %% 100 < 97 THEN 'DENIED'
                           ELSE 'WITHDRAWN' END AS status
                 FROM claims_order AS o) AS o""",
    "VACUUM ANALYZE",
)


def main() -> int:
    from fresh import fresh_database

    failed = 0
    for claims in [int(argument) for argument in sys.argv[1:]] or [10_000, 1_000_000]:
        with fresh_database() as database:
            inside = [sys.executable, __file__, "--inside", str(claims)]
            failed |= subprocess.run(inside, env={**os.environ, "DATABASE_URL": database}, check=False).returncode
    return failed


def inside(claims: int) -> int:
    import django
    import fresh  # noqa: F401 (settings and the path)
    from django.conf import settings

    # Hashed names of static files are a matter of a deployment; nothing is collected here.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.LOGGING = {"version": 1, "disable_existing_loggers": True}
    django.setup()
    from django.contrib.auth.models import Group
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from accounts.groups import SENIOR_HANDLER
    from accounts.models import User
    from claims.models import Claim, ClockRule
    from desk import queue as desk_queue

    user = User.objects.create_user("bench@desk.example", name="Bench", is_staff=True)
    user.groups.add(Group.objects.get(name=SENIOR_HANDLER))
    clock = ClockRule.objects.latest("version")
    clock.pk, clock.version, clock.four_eyes_above_minor = None, clock.version + 1, 9_900
    clock.save(force_insert=True)
    started = time.monotonic()
    with connection.cursor() as cursor:
        for statement in FILL:
            values = {"claims": claims, "handler": user.pk, "clock": clock.pk}
            cursor.execute(statement, values if "%(" in statement else None)
    print(f"{claims:,} claims, filled in {time.monotonic() - started:.0f} s")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    views = ["mine", "unassigned", "appeals", "due", "late", "confirm", "awaiting", "high", "all", "resolved"]
    queue = "/admin/claims/claim/?queue="
    pages = {view: queue + view for view in views}
    pages["late of a seller"] = queue + "late&seller=bench-7"
    pages["all, a reason"] = queue + "all&reason=PARTS"
    pages["resolved of a seller"] = queue + "resolved&seller=bench-7"
    asked_for = desk_queue.wanted({"queue": "unassigned"}, user, view="mine")
    second = desk_queue.page_of(asked_for, user, "", timezone.now(), "UTC").older
    pages["unassigned, page 2"] = f"{queue}unassigned&cursor={second}"
    claim = Claim.objects.filter(status="UNDER_INVESTIGATION", assigned_to__isnull=True).order_by("-pk")[0]
    pages["one claim"] = f"/admin/desk/{claim.claim_id}/"
    wrong = 0
    for name, address in pages.items():
        spent = []
        for _ in range(10):
            at = time.monotonic()
            response = client.get(address)
            spent.append(time.monotonic() - at)
            assert response.status_code == 200, (address, response.status_code)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        in_database = sum(float(query["time"]) for query in asked.captured_queries)
        median = statistics.median(spent) * 1000
        print(f"{name:<22} {len(asked):>3} queries {median:>7.0f} ms, {in_database * 1000:>6.0f} in SQL")
        wrong |= name != "one claim" and len(asked) > MOST_QUERIES
    return int(wrong)


if __name__ == "__main__":
    sys.exit(inside(int(sys.argv[2])) if sys.argv[1:2] == ["--inside"] else main())
