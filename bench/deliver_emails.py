"""How fast e-mails go out, and what a million that wait cost.

    python bench/deliver_emails.py [--emails 600] [--waiting 1000000]

The rate of one worker over a connection kept for a batch, beside the rate of the same code with one
connection an e-mail, by turns in one run, to a mail server on this machine (a process of its own); what a
change pays to owe its e-mails with 3, 30 and 300 members; and taking a batch with few and with so many rows waiting.
Makes a database of its own on the server of DATABASE_URL (embedded: under var/), which it drops again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safet_portal.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.pop("REDIS_URL", None)
os.environ["LOG_LEVEL"] = "WARNING"

SINK = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from tests.faults.sink import Sink
sink = Sink(port=int(sys.argv[2]))
sink.start()
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def mail_server() -> Iterator[int]:
    """A mail server that takes everything, in a process of its own; its port."""
    from tests.servers import free_port

    port = free_port()
    command = [sys.executable, "-c", SINK, str(ROOT), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield port
        server.terminate()


@contextmanager
def database() -> Iterator[None]:
    from django.conf import settings
    from django.db import connection

    from safet_portal import embedded_postgres

    started = bool(settings.EMBEDDED_POSTGRES) and embedded_postgres.ensure(settings.EMBEDDED_POSTGRES)
    name = str(connection.settings_dict["NAME"])
    connection.settings_dict["TEST"]["NAME"] = f"bench_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        if started:
            embedded_postgres.stop(settings.EMBEDDED_POSTGRES)


def owe(emails: int) -> None:
    """Claims of one seller of three members, and so many e-mails about what happened to them."""
    from django.utils import timezone

    from accounts.models import Membership, Role, Seller, User
    from claims.rules.lifecycle import Reason
    from messaging.models import OutgoingEmail
    from messaging.notifications import enqueue
    from tests.cast import World

    world = World(now=timezone.now())
    seller = Seller.objects.create(slug="bench", name="Bench", marketplace="US")
    people = [User.objects.create_user(f"{who}@bench.example") for who in ("owner", "member", "viewer")]
    for user, role in zip(people, (Role.OWNER, Role.MEMBER, Role.VIEWER), strict=True):
        Membership.objects.create(user=user, seller=seller, role=role)
    claims = []
    for _ in range(20):
        draft = world.draft(world.refund(seller=seller), by=people[0], reason=Reason.NOT_RETURNED)
        claims.append(world.file(draft)[0])
        world.ask(claims[-1])
    changes = [(change, claim) for claim in claims for change in claim.status_changes.all()]
    OutgoingEmail.objects.all().delete()
    for number in range(emails // 3):
        change, claim = changes[number % len(changes)]
        enqueue.owe_on_claim(enqueue.kind_of(change, claim), f"bench:{number}", claim, change.position, world.now, {})
    OutgoingEmail.objects.update(state="QUEUED")


def rate(limit: int) -> float:
    """E-mails a second, `limit` of them over one connection."""
    from django.utils import timezone

    from messaging.notifications import delivery

    begun, sent = time.perf_counter(), 0
    while done := delivery.deliver(timezone.now(), limit=limit).sent:
        sent += done
    return sent / (time.perf_counter() - begun)


def rates(emails: int) -> None:
    from django.test.utils import override_settings

    from messaging.models import OutgoingEmail

    smtp = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1"}
    owe(emails)
    every = list(OutgoingEmail.objects.values_list("pk", flat=True))
    kept, single = [], []
    with mail_server() as port, override_settings(EMAIL_PORT=port, **smtp):
        for part in range(6):  # by turns, so that whatever else the machine does hits both
            mine = every[part::6]
            OutgoingEmail.objects.filter(state="QUEUED").exclude(pk__in=mine).update(
                next_attempt_at="2999-01-01T00:00Z"
            )
            OutgoingEmail.objects.filter(pk__in=mine).update(next_attempt_at="2020-01-01T00:00Z")
            (kept if part % 2 else single).append(rate(50 if part % 2 else 1))
    a_batch, an_email = statistics.median(kept), statistics.median(single)
    print(f"one connection an e-mail: {an_email:6.0f} e-mails/s")
    print(f"one connection a batch:   {a_batch:6.0f} e-mails/s, {a_batch / an_email:.1f} times as many")


def owing_cost() -> None:
    """What a change pays for its e-mails: statements and milliseconds of them, by members of the seller account."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Membership, User
    from claims.models import Claim
    from messaging.notifications import enqueue

    claim = Claim.objects.filter(seller__slug="bench").select_related("seller")[0]
    change = claim.status_changes.order_by("position")[0]
    for members in (3, 30, 300):
        have = Membership.objects.filter(seller=claim.seller).count()
        users = [User(email=f"m{number}@bench.example") for number in range(have, members)]
        User.objects.bulk_create(users)
        Membership.objects.bulk_create([Membership(user=user, seller=claim.seller, role="viewer") for user in users])
        with CaptureQueriesContext(connection) as queries:
            spent = []
            for turn in range(7):
                begun = time.perf_counter()
                enqueue.owe_on_claim("filed", f"cost:{members}:{turn}", claim, change.position, change.at, {})
                spent.append(time.perf_counter() - begun)
        cost = statistics.median(spent) * 1000
        print(f"owing, {members:4} members:      {len(queries) / 7:6.0f} statement, {cost:.1f} ms")


def waiting_cost(rows: int) -> None:
    """The claim of a batch of 50 with few and with many rows waiting."""
    from django.db import connection
    from django.utils import timezone

    from claims.models import Claim
    from messaging.models import OutgoingEmail
    from messaging.notifications import outbox

    claim = Claim.objects.filter(seller__slug="bench")[0]
    user = OutgoingEmail.objects.exclude(user=None)[0].user_id
    OutgoingEmail.objects.filter(state="QUEUED").delete()
    have = 0
    for wanted in (1_000, rows):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO messaging_outgoingemail (uuid, kind, occasion, seller_id, claim_id, position, user_id,"
                " params, state, cause, address, attempts, next_attempt_at, created_at)"
                " SELECT gen_random_uuid(), 'message', 'wait:' || n, %s, %s, 1, %s, '{}', 'QUEUED', '', '', 0,"
                " now() - n * interval '1 ms', now() - n * interval '1 ms' FROM generate_series(%s, %s) n",
                [claim.seller_id, claim.pk, user, have + 1, wanted],
            )
            cursor.execute("VACUUM ANALYZE messaging_outgoingemail")
        have = wanted
        spent, counting = [], []
        for _ in range(15):
            now = timezone.now()
            begun = time.perf_counter()
            outbox.requeue_when_clock_went_back(now)
            lease, emails = outbox.lease(now, 50)
            spent.append(time.perf_counter() - begun)
            assert len(emails) == 50
            outbox.release(lease, now)
            begun = time.perf_counter()
            outbox.outbox_counts(now)
            counting.append(time.perf_counter() - begun)
        a_batch, told = statistics.median(spent) * 1000, statistics.median(counting) * 1000
        print(f"{wanted:9,} rows waiting: {a_batch:6.1f} ms to take a batch of 50, {told:.1f} ms to count for /metrics")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--emails", type=int, default=600)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    options = parser.parse_args()
    import django

    django.setup()
    with database():
        rates(options.emails)
        owing_cost()
        waiting_cost(options.waiting)


if __name__ == "__main__":
    main()
