"""`manage.py demo`: the whole portal on this machine, with people, claims and e-mails to look at.

One process watches over what it starts: the embedded PostgreSQL, gunicorn, and the schedule, which it runs itself. It
stops on INT, TERM and HUP what it started and nothing else. Killed, it takes gunicorn along (by a pipe that closes) and
leaves PostgreSQL to the next demo.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from claims.files import sandbox
from safet_portal import demo, embedded_postgres
from safet_portal.demo.people import PASSWORD, PEOPLE
from safet_portal.schedule import Schedule

HOST = "127.0.0.1"
MARK = "Filled by the SAFE-T demo"


class Stop(BaseException):
    """Somebody asked the demo to end."""


class Stopper:
    """Turns the first signal into Stop, where that is safe, and remembers it everywhere.

    An exception raised by a signal is lost where Python or a library catches all (a destructor, a task): there, and
    while things are being stopped, a signal is only noted.
    """

    def __init__(self) -> None:
        self.asked = False
        self.at_once = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        first, self.asked = not self.asked, True
        if first and self.at_once:
            raise Stop

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Inside, a signal is only noted; it counts at the end."""
        self.at_once = False
        yield
        self.at_once = True
        if self.asked:
            raise Stop


class Command(BaseCommand):
    help = "Serve the portal with demo data on 127.0.0.1, port 8000 or PORT, until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        stopper = Stopper()
        try:
            with ExitStack() as started:
                try:
                    self._run(started, stopper)
                finally:  # what was started is stopped in peace
                    stopper.at_once = False
        except Stop:
            self.stdout.write("Stopped.")

    def _run(self, started: ExitStack, stopper: Stopper) -> NoReturn:
        started.enter_context(only_one())
        refuse_taken_port()
        with stopper.waiting():
            started.enter_context(database())
        self._fill()
        with stopper.waiting():
            server = started.enter_context(gunicorn())
        wait_until_served(server)
        self._welcome()
        schedule = Schedule()
        while server.poll() is None:
            with stopper.waiting():
                schedule.run_due()
            time.sleep(1)
        raise CommandError(f"The web server ended by itself with code {server.returncode}.")

    def _fill(self) -> None:
        if not settings.EMBEDDED_POSTGRES:
            refuse_database_in_use()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        settings.STATIC_ROOT.mkdir(exist_ok=True)  # stays empty: whitenoise only warns when it isn't there
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON TABLE django_migrations IS '{MARK}'")
        if demo.is_empty():
            self.stdout.write("Loading demo data, once …")
            self.stdout.flush()
            with transaction.atomic():  # whole or not at all, also when killed half way
                demo.load(timezone.now())

    def _welcome(self) -> None:
        lines = [
            "",
            f"  The SAFE-T portal: {settings.SITE_URL}/",
            "",
            f"  Sign in, or switch person in the bar on top. Each password is: {PASSWORD}",
            *(f"    {person.email:<26} {person.what}" for person in PEOPLE),
            "",
            f"  E-mails: {settings.SITE_URL}/demo/mail/  (files in {settings.MAIL_DIR})",
            "  Ctrl-C stops everything; `make clean` forgets it all.",
            "",
        ]
        if without := sandbox.missing():
            told = f"  This kernel has no {' and no '.join(without)}: pictures and PDFs are opened without a sandbox."
            lines += [told, ""]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the demo of this folder; the hold ends with the process, however it ends."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with open(settings.VAR_DIR / "demo.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("The demo of this folder is running already.") from None
        yield


def refuse_taken_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, settings.PORT))
        except OSError as error:
            other = settings.PORT + 1 if settings.PORT < 65535 else 8000
            what = f"Port {settings.PORT} can't be used ({error.strerror}). Take another: make demo PORT={other}"
            raise CommandError(what) from None


@contextmanager
def database() -> Iterator[None]:
    """Have PostgreSQL running; stop it afterwards if a demo of this folder started it, this one or a killed one."""
    root = settings.EMBEDDED_POSTGRES
    if not root:
        yield
        return
    note = settings.VAR_DIR / "demo.postgres"
    try:
        if embedded_postgres.ensure(root):
            note.write_text(str(embedded_postgres.server_pid(root)))
    except embedded_postgres.EmbeddedPostgresError as error:
        raise CommandError(str(error)) from error
    try:
        yield
    finally:
        connection.close()
        if note.exists() and note.read_text() == str(embedded_postgres.server_pid(root)):
            embedded_postgres.stop(root)
            note.unlink()


def refuse_database_in_use() -> None:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute("SELECT obj_description(to_regclass('django_migrations'), 'pg_class')")
        row = cursor.fetchone()
    if tables and (row is None or row[0] != MARK):
        raise CommandError(
            "DATABASE_URL names a database that has something in it. "
            "The demo fills an empty one, or unset DATABASE_URL for the embedded PostgreSQL."
        )


@contextmanager
def gunicorn() -> Iterator[subprocess.Popen[bytes]]:
    connection.close()
    lifeline, ours = os.pipe()
    where = ["--bind", f"{HOST}:{settings.PORT}", "--log-level", "warning", "--graceful-timeout", "3"]
    server = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", *where],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DEMO_LIFELINE": str(lifeline)},
        pass_fds=[lifeline],
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop it in order
    )
    os.close(lifeline)
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        os.close(ours)


def wait_until_served(server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CommandError(f"The web server did not start (code {server.returncode}).")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{settings.PORT}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CommandError(f"The web server does not answer after {seconds:.0f} seconds.")
