"""How fast a long thread opens: the Communication page of a claim with 2,000 messages, of which 50 are shown.

    python bench/thread_page.py [MESSAGES…]

Makes a database of its own on the server of DATABASE_URL, which it drops again. Each page is asked for 60 times in this
process, through every middleware, template and query, as a member of the seller. Said are, in milliseconds, the median
and the slowest twentieth of the time that passes, the median of what this process computes (all that can be told on a
machine with other work to do: the database is not in it), and the queries of one page. `search` looks for a word of
every message, and for two that never meet, in all threads of the seller; `304` is what an open page asks every four
seconds.
"""

from __future__ import annotations

import logging
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fresh import fresh_database

if TYPE_CHECKING:
    from django.test import Client

    from claims.models import Claim

TIMES = 60
WORDS = (
    *("the", "box", "came", "back", "with", "sand", "instead", "of", "a", "train", "set", "label"),
    *("weight", "courier", "photo", "depot", "tape", "seal", "driver"),
)


def make(count: int) -> Claim:
    """Make a seller, alice of it, and a claim with so many messages of both sides, some with links."""
    from accounts.models import Membership, Role, Seller, User
    from claims.imports import import_claims
    from claims.models import Claim, Order
    from claims.rules.lifecycle import Status
    from messaging.models import Message

    seller, _ = Seller.objects.get_or_create(slug="bench", defaults={"name": "Bench", "marketplace": "US"})
    user = User.objects.filter(email="alice@bench.example").first()
    if user is None:
        user = User.objects.create_user("alice@bench.example", "bench", name="Alice")
        Membership.objects.create(user=user, seller=seller, role=Role.OWNER)
    number = Claim.objects.count() + 1
    order = Order.objects.create(seller=seller, order_id=f"111-{number:07}-{number:07}", marketplace="US")
    now = datetime.now(UTC)
    claim, _ = import_claims.import_claim(
        order=order,
        claim_id=f"10000-10000-{number:07}",
        status=Status.UNDER_INVESTIGATION,
        filed_at=now - timedelta(days=20),
        currency="USD",
        claimed_minor=5000,
        granted_minor=0,
        source="bench",
        now=now,
    )
    Message.objects.bulk_create(
        [
            Message(
                seller=seller,
                claim=claim,
                position=2 + n,
                at=now - timedelta(days=10) + timedelta(seconds=n),
                party=Message.Party.SELLER if n % 2 else Message.Party.DESK,
                author=user if n % 2 else None,
                text=" ".join(WORDS[(n * 7 + k * k) % len(WORDS)] for k in range(40))
                + (f" https://carrier.example/track?id={n}" if n % 5 == 0 else "")
                + (" odd" if n % 2 else " even"),
            )
            for n in range(count)
        ],
        batch_size=5000,
    )
    Claim.objects.filter(pk=claim.pk).update(next_position=2 + count)
    return claim


def measure(what: str, client: Client, path: str, status: int = 200, **headers: str) -> None:
    """Ask for the page again and again, and say how long that takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask() -> None:
        response = client.get(path, headers=headers)
        assert response.status_code == status, (path, response.status_code)

    ask()  # templates are read once
    with CaptureQueriesContext(connection) as queries:
        ask()
        asked = len(queries)
    taken, used = [], []
    for _ in range(TIMES):
        started, cpu = time.perf_counter(), time.process_time()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
        used.append((time.process_time() - cpu) * 1000)
    slow, median, own = sorted(taken)[int(TIMES * 0.95)], statistics.median(taken), statistics.median(used)
    print(f"{what:<34} {median:7.1f} {slow:7.1f} {own:8.1f} {asked:8}", flush=True)


def measure_claim(client: Client, claim_id: str, count: int) -> None:
    page = f"/claims/{claim_id}/messages/"
    measure(f"newest 50 of {count:,}", client, page)
    measure(f"50 from the middle of {count:,}", client, f"{page}?before={2 + count // 2}")
    measure(f"one entry of {count:,}", client, f"{page}?at={2 + count // 3}")
    html = client.get(page).content.decode()
    found = re.search(r'hx-get="([^"]+live/[^"]+)".*?If-None-Match": "([^}]+)"}', html, re.DOTALL)
    assert found
    tag = found[2].replace("\\u0022", '"')
    measure("304", client, found[1].replace("&amp;", "&"), 304, if_none_match=tag)
    measure("search: a word of every message", client, "/messages/?q=sand")
    measure("search: two that never meet", client, "/messages/?q=odd+even")


@contextmanager
def connected(database: str) -> Iterator[None]:
    """Let this process work on the database, and leave it again."""
    from django.conf import settings
    from django.db import connection

    server = connection.settings_dict["NAME"]
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    connection.close()
    connection.settings_dict["NAME"] = urlsplit(database).path.removeprefix("/")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = server


def main() -> None:
    logging.disable()
    with fresh_database() as database, connected(database):
        from django.test import Client

        from accounts.models import User

        print(f"{'page':<34} {'median':>7} {'95 %':>7} {'own CPU':>8} {'queries':>8}")
        for count in [int(each) for each in sys.argv[1:]] or [50, 2000, 20_000]:
            claim = make(count)
            client = Client()
            client.force_login(User.objects.get(email="alice@bench.example"))
            measure_claim(client, claim.claim_id, count)


if __name__ == "__main__":
    main()
