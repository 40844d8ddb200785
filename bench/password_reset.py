"""Whether the time of a password reset, or of a failed sign-in, tells who has an account.

    python bench/password_reset.py [--times 30] [--mail refusing slow silent]

The median time of a request for addresses that have an account and for addresses that have none, asked by turns, while
the mail server refuses connections, answers each command after 0.2 seconds, or says nothing at all. Passwords are
hashed as in production. Makes a database of its own on the server of DATABASE_URL (embedded: under var/), which it
drops again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(os.environ.get("BENCH_ROOT", Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safet_portal.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.pop("REDIS_URL", None)
os.environ["LOG_LEVEL"] = "CRITICAL"
os.environ["SITE_URL"] = "http://testserver"
SLOW = 0.2
PATIENCE = 1.0
"""Seconds the portal waits for the mail server here; 10 and 60 by default."""


def refusing() -> int:
    """A port at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def listening(pause: float | None) -> int:
    """The port of a mail server that answers each command after `pause` seconds; None: that says nothing."""
    server = socket.create_server(("127.0.0.1", 0), backlog=200)

    def serve(peer: socket.socket) -> None:
        with peer, peer.makefile("rwb") as stream:
            if pause is None:
                stream.read()
                return
            reply, in_data = b"220 here\r\n", False
            while True:
                time.sleep(pause)
                stream.write(reply)
                stream.flush()
                line = stream.readline()
                while in_data and line and line != b".\r\n":
                    line = stream.readline()
                if not line:
                    return
                in_data = line.upper().startswith(b"DATA")
                reply = b"354 go on\r\n" if in_data else b"250 fine\r\n"

    def accept() -> None:
        while True:
            peer, _ = server.accept()
            threading.Thread(target=serve, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(server.getsockname()[1])


SERVERS = {"refusing": refusing, "slow": lambda: listening(SLOW), "silent": lambda: listening(None)}


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


def measure(path: str, form: dict[str, str], field: str, times: int) -> dict[str, tuple[float, set[int]]]:
    """The median milliseconds and the statuses, for known and unknown addresses by turns."""
    from django.core.cache import cache
    from django.test import Client

    took: dict[str, list[float]] = {"known": [], "unknown": []}
    said: dict[str, set[int]] = {"known": set(), "unknown": set()}
    for turn in range(-2, times):  # two to warm up
        for who in took:
            cache.clear()  # the rate limits are not what is measured
            client = Client(raise_request_exception=False)
            began = time.perf_counter()
            response = client.post(path, {**form, field: f"{who}{turn % times}@bench.example"})
            passed = time.perf_counter() - began
            if turn >= 0:
                took[who].append(passed * 1000)
                said[who].add(response.status_code)
    return {who: (statistics.median(times), said[who]) for who, times in took.items()}


def show(what: str, found: dict[str, tuple[float, set[int]]]) -> None:
    words = "   ".join(f"{who} {took:8.1f} ms {sorted(said)}" for who, (took, said) in found.items())
    print(f"{what:34}{words}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--mail", nargs="*", choices=SERVERS, default=list(SERVERS))
    asked = parser.parse_args()

    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", PATIENCE
    settings.EMAIL_ANSWER_TIMEOUT = PATIENCE
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with database():
        from accounts.models import User

        for turn in range(asked.times):
            User.objects.create_user(f"known{turn}@bench.example", "correct horse battery")
        print(f"median of {asked.times}", flush=True)
        for name in asked.mail:
            settings.EMAIL_PORT = SERVERS[name]()
            show(f"reset, mail server {name}", measure("/accounts/password/reset/", {}, "email", asked.times))
        wrong = {"password": "wrong horse battery"}
        show("sign-in, wrong password", measure("/accounts/login/", wrong, "login", asked.times))


if __name__ == "__main__":
    main()
