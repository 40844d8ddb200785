"""How fast e-mails go out, and what a million that wait cost.

    python bench/deliver_emails.py [--emails 600] [--waiting 1000000]

Three figures: the rate of one worker over a connection kept for a batch, beside the rate of the same code with one
connection an e-mail, by turns in one run, to a mail server on this machine (a process of its own); how long a change
of a claim takes to owe its e-mails with 1, 30 and 300 members; and the claim of a batch with so many rows waiting.
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
    """Claims of one seller of two members, and so many e-mails about what happened to them."""
    from django.utils import timezone

    from accounts.models import Membership, Role, Seller, User
    from claims.lifecycle import Reason
    from messaging.models import OutgoingEmail
    from messaging.notifications import owing
    from tests.cast import World

    world = World(now=timezone.now())
    seller = Seller.objects.create(slug="bench", name="Bench", marketplace="US")
    people = [User.objects.create_user(f"{who}@bench.example") for who in ("owner", "viewer")]
    for user, role in zip(people, (Role.OWNER, Role.VIEWER), strict=True):
        Membership.objects.create(user=user, seller=seller, role=role)
    claims = []
    for _ in range(20):
        draft = world.draft(world.refund(seller=seller), by=people[0], reason=Reason.NOT_RETURNED)
        claims.append(world.file(draft)[0])
        world.ask(claims[-1])
    changes = [(change, claim) for claim in claims for change in claim.status_changes.all()]
    OutgoingEmail.objects.all().delete()
    for number in range(emails // 2):
        change, claim = changes[number % len(changes)]
        owing.owe_on_claim(owing.kind_of(change, claim), f"bench:{number}", claim, change.position, world.now, {})
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--emails", type=int, default=600)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    options = parser.parse_args()
    import django

    django.setup()
    with database():
        rates(options.emails)


if __name__ == "__main__":
    main()
