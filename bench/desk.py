"""What the handlers' pages cost at 10,000 and at 1,000,000 claims: each view of the queue, a claim, insight.

    python bench/desk.py [CLAIMS…]

Makes a database of its own on the server of DATABASE_URL, filled by SQL, and drops it again: 1,000 sellers, one of them
with a tenth of all claims; of the claims 5 % under investigation, half of them assigned, 2 % awaiting the seller, the
rest resolved, with their decisions over two years, a seventh of them appealed. Days are counted by `refresh_figures`'
own code first. Pages are asked through the whole stack but the network, ten times each; medians count. Ends with 1
when a view of the queue takes more than 12 queries, or insight's queries 200 ms.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

MOST_QUERIES = 12
MOST_INSIGHT_MS = 200


def main() -> int:
    from fresh import fresh_database

    failed = 0
    for claims in [int(argument) for argument in sys.argv[1:]] or [10_000, 1_000_000]:
        with fresh_database() as database:
            inside = [sys.executable, __file__, "--inside", str(claims)]
            failed |= subprocess.run(inside, env={**os.environ, "DATABASE_URL": database}, check=False).returncode
    return failed


def inside(claims: int) -> int:
    """Fill the database and ask for every page; return 1 where one of them costs more than it may."""
    import django
    import fresh  # noqa: F401 (settings and the path)
    from django.conf import settings

    # Hashed names of static files are a matter of a deployment; nothing is collected here.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.LOGGING = {"version": 1, "disable_existing_loggers": True}
    django.setup()
    from django.test import Client

    handler, member = fill(claims)
    count_days()
    desk_client, seller_client = Client(HTTP_HOST="127.0.0.1"), Client(HTTP_HOST="127.0.0.1")
    desk_client.force_login(handler)
    seller_client.force_login(member)
    wrong = False
    for name, address in addresses(handler).items():
        client = seller_client if name.startswith("seller's") else desk_client
        queries, sql = measure(name, address, client)
        if name.startswith(("insight", "seller's")):
            wrong |= sql > MOST_INSIGHT_MS
        elif name != "one claim":
            wrong |= queries > MOST_QUERIES
    return int(wrong)


def fill(claims: int) -> tuple[User, User]:
    """Make the claims, a senior handler and a member of the largest seller; return the two."""
    from django.contrib.auth.models import Group
    from django.db import connection
    from filled import FILL

    from accounts.groups import SENIOR_HANDLER
    from accounts.models import Membership, Role, Seller, User
    from claims.models import ClockRule

    handler = User.objects.create_user("bench@desk.example", name="Bench", is_staff=True)
    handler.groups.add(Group.objects.get(name=SENIOR_HANDLER))
    clock = ClockRule.objects.latest("version")
    clock.pk, clock.version, clock.four_eyes_above_minor = None, clock.version + 1, 9_900
    clock.save(force_insert=True)
    started = time.monotonic()
    with connection.cursor() as cursor:
        for statement in FILL:
            values = {"claims": claims, "handler": handler.pk, "clock": clock.pk}
            cursor.execute(statement, values if "%(" in statement else None)
    member = User.objects.create_user("bench@seller.example", name="Member")
    Membership.objects.create(seller=Seller.objects.get(slug="bench-1"), user=member, role=Role.OWNER)
    print(f"{claims:,} claims, filled in {time.monotonic() - started:.0f} s")
    return handler, member


def count_days() -> None:
    """Count the statistics of every day, then those of the newest days again."""
    from django.utils import timezone

    from claims.statistics import count

    started = time.monotonic()
    days = 0
    while (counted := count.count_new(timezone.now())) == count.MOST_DAYS:
        days += counted
    print(f"{days + counted} days counted in {time.monotonic() - started:.0f} s")
    started = time.monotonic()
    count.count_new(timezone.now())
    print(f"the newest days counted again in {(time.monotonic() - started) * 1000:.0f} ms")


def addresses(handler: User) -> dict[str, str]:
    """Return the pages to measure, by name; those called seller's are a member's."""
    from django.utils import timezone

    from claims.models import Claim
    from claims.statistics.page import SPANS
    from desk.queue import list as queue_list

    views = ["mine", "unassigned", "appeals", "due", "late", "confirm", "awaiting", "high", "all", "resolved"]
    queue = "/admin/claims/claim/?queue="
    pages = {view: queue + view for view in views}
    pages["late of a seller"] = queue + "late&seller=bench-7"
    pages["late of the large seller"] = queue + "late&seller=bench-1"
    pages["all, a reason"] = queue + "all&reason=PARTS"
    pages["resolved of a seller"] = queue + "resolved&seller=bench-7"
    for view in views:
        asked_for = queue_list.wanted({"queue": view}, handler, view="mine")
        cursor_of = queue_list.page_of(asked_for, handler, "", timezone.now(), "UTC").older
        if cursor_of:
            pages[f"{view}, page 2"] = f"{queue}{view}&cursor={cursor_of}"
    claim = Claim.objects.filter(status="UNDER_INVESTIGATION", assigned_to__isnull=True).order_by("-pk")[0]
    pages["one claim"] = f"/admin/desk/{claim.claim_id}/"
    for span in (SPANS[0], SPANS[-1]):
        pages[f"insight, {span} days"] = f"/admin/desk/insight/?days={span}"
        pages[f"seller's insight, {span} days"] = f"/claims/insight/?days={span}"
    return pages


def measure(name: str, address: str, client: Client) -> tuple[int, float]:
    """Ask for a page twenty times, print what it took, and return (queries, median of milliseconds in SQL)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    spent, in_database = [], []
    for _ in range(10):
        at = time.monotonic()
        response = client.get(address)
        spent.append((time.monotonic() - at) * 1000)
        assert response.status_code == 200, (address, response.status_code)
    for _ in range(10):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        in_database.append(sum(float(query["time"]) for query in asked.captured_queries) * 1000)
    sql = statistics.median(in_database)
    print(f"{name:<26} {len(asked):>3} queries {statistics.median(spent):>7.0f} ms, {sql:>6.0f} in SQL", flush=True)
    return len(asked), sql


if __name__ == "__main__":
    sys.exit(inside(int(sys.argv[2])) if sys.argv[1:2] == ["--inside"] else main())
