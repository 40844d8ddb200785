"""The parts of the fault suite, each a real process of our own: Redis, worker, beat, people; and their sum."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, connections
from django.db.models import F, QuerySet

from accounts.models import Membership
from claims.models import StatusChange
from messaging.models import OutgoingEmail
from messaging.notifications import outbox
from messaging.notifications.delivery import message_id
from safet_portal import embedded_postgres
from tests import clean_start
from tests.environment import BASE_DIR, EMBEDDED, TEST_POSTGRES
from tests.faults.sink import Sink, well
from tests.servers import free_port, redis_answers

State = OutgoingEmail.State
CHANGES = int(os.environ.get("FAULT_CHANGES", "24"))
"""Status changes a scene."""
PATIENCE = 300.0
"""Seconds until a condition has to hold: far above what it takes, for a machine may have other work."""


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> None:
    """Return as soon as the condition holds. A database that is away says nothing yet."""
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(0.02)


def _holds(condition: Callable[[], Any]) -> bool:
    try:
        return bool(condition())
    except (OperationalError, InterfaceError):
        return False


_numbers = itertools.count(1)


@contextlib.contextmanager
def own_connection() -> Iterator[str]:
    """The alias of a new connection to the test database, in this thread, for the length of the block.

    What the scenes look at they look at through these: a server that is broken under one takes nobody else's along.
    """
    alias = f"scene-{next(_numbers)}"
    own = connections[alias] = connection.copy(alias)
    try:
        yield alias
    finally:
        own.close()
        del connections[alias]


class Process:
    """A process in a group of its own, so that it can be killed with all its children."""

    def __init__(self, name: str, command: list[str], variables: dict[str, str], log: Path, **streams: Any) -> None:
        self.name, self.log = name, log
        with log.open("ab") as out:
            streams = {"stdin": subprocess.DEVNULL, "stdout": out, **streams}
            self.popen = subprocess.Popen(
                command, cwd=BASE_DIR, env=os.environ | variables, stderr=out, start_new_session=True, **streams
            )

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def signal(self, number: int) -> None:
        os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        """kill -9, children and all."""
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self.popen.wait(PATIENCE)

    def end(self) -> None:
        self.kill()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe:
                pipe.close()

    def children(self) -> list[int]:
        pid = self.popen.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class People(Process):
    """The driver: `begin` a command, hear how far it is, wait for its `answer`."""

    def __init__(self, variables: dict[str, str], log: Path) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        super().__init__("people", [sys.executable, "-m", "tests.faults.driver"], variables, log, **pipes)

    def arrive(self) -> None:
        assert self._hear() == {"ready": True}

    def begin(self, do: str, **command: Any) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps({"do": do, **command}).encode() + b"\n")
        self.popen.stdin.flush()

    def until(self, count: int) -> None:
        """Wait until so many changes were made."""
        while self._hear().get("done") != count:
            pass

    def answer(self) -> dict[str, Any]:
        while "answer" not in (heard := self._hear()):
            pass
        return dict(heard["answer"])

    def _hear(self) -> dict[str, Any]:
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        assert line, f"the people have ended: {self.log.read_text()[-3000:]}"
        return dict(json.loads(line))


@dataclass
class Count:
    """One line of the table: what a scene came to."""

    scene: str
    changes: int
    owed: int
    accepted: int
    distinct: int
    twice: int
    states: Counter[str]
    note: str = ""

    @property
    def copies(self) -> int:
        """E-mails taken once more under the same Message-ID."""
        return self.accepted - self.distinct


@dataclass
class Stage:
    folder: Path
    redis_binary: str
    redis_port: int = field(default_factory=free_port)
    sink: Sink = field(default_factory=Sink)
    processes: dict[str, Process] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)
    scene: str = ""
    more: dict[str, str] = field(default_factory=dict)
    """Variables that only some scenes need."""

    @property
    def variables(self) -> dict[str, str]:
        database = urlsplit(os.environ["DATABASE_URL"])
        name = str(connection.settings_dict["NAME"])
        return {
            "DATABASE_URL": urlunsplit(database._replace(path=f"/{name}")),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "EMAIL_URL": self.sink.url,
            "EMAIL_TIMEOUT": "10",  # what a busy machine may take to answer, and what a hanging server costs its scene
            "EMAIL_ANSWER_TIMEOUT": "10",
            "SWEEP_SECONDS": "1",
            "VAR_DIR": str(self.folder),
            "PYTHONUNBUFFERED": "1",
            **self.more,
        }

    # -- the parts

    def start_redis(self) -> None:
        """A Redis on the suite's port, empty."""
        quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command = [self.redis_binary, "--port", str(self.redis_port), *quiet]
        self.processes["redis"] = Process("redis", command, {}, self.folder / "redis.log")
        wait_until(lambda: redis_answers(self.variables["REDIS_URL"]), "Redis answers")

    def start_worker(self, name: str = "worker", *queues: str) -> None:
        """A prefork worker of two processes; it takes tasks as soon as it is there, of all queues or of these."""
        command = [sys.executable, "-m", "celery", "-A", "safet_portal", "worker", "--concurrency", "2"]
        command += ["--loglevel", "warning", "--without-gossip", "--without-mingle", "--hostname", f"{name}@%h"]
        command += ["--queues", ",".join(queues)] if queues else []
        self.processes[name] = Process(name, command, self.variables, self.folder / f"{name}.log")

    def supervise(self) -> bool:
        """Start a worker that has ended again, as a service manager does: losing Redis in mid-task ends one."""
        worker = self.processes["worker"]
        if not worker.alive:
            worker.end()
            self.start_worker()
        return True

    def start_beat(self, name: str = "beat") -> None:
        command = [sys.executable, "-m", "celery", "-A", "safet_portal", "beat", "--pidfile=", "--loglevel", "warning"]
        self.processes[name] = Process(name, command, self.variables, self.folder / f"{name}.log")

    def start_people(self) -> None:
        self.processes["people"] = People(self.variables, self.folder / "people.log")

    @property
    def people(self) -> People:
        people = self.processes["people"]
        assert isinstance(people, People)
        return people

    def manage(self, *arguments: str) -> Process:
        command = [sys.executable, "manage.py", *arguments]
        return Process("manage", command, self.variables, self.folder / "manage.log")

    @contextlib.contextmanager
    def running(self) -> Iterator[Stage]:
        try:
            self.start()
            yield self
        finally:
            self.end()

    def start(self) -> None:
        """Start every part; what is there when this returns is ready."""
        self.sink.fault = well
        self.sink.start()
        self.start_redis()
        self.start_people()
        self.start_worker()
        self.start_beat()
        self.people.arrive()

    def end(self) -> None:
        """End every part, however it is: stopped, dead or at work."""
        for process in self.processes.values():
            process.end()
        self.processes.clear()
        self.sink.stop()

    def anew(self) -> None:
        """All from the beginning, with a server that runs and empty tables: what a scene that failed leaves."""
        self.end()
        start_postgres()
        clean_start.renew_connections()
        clean_start.empty_tables()
        self.start()

    # -- a scene

    def change(self, count: int = CHANGES, ahead: float = 0) -> dict[str, Any]:
        self.begin(count, ahead)
        return self.people.answer()

    def begin(self, count: int = CHANGES, ahead: float = 0) -> None:
        self.people.begin("changes", scene=self.scene, count=count, ahead=ahead)

    def rows(self, using: str) -> QuerySet[OutgoingEmail]:
        """The e-mails about changes of this scene."""
        return OutgoingEmail.objects.using(using).filter(seller__slug=self.scene, occasion__startswith="change:")

    def emails(self, **conditions: Any) -> int:
        """How many of them there are of which this is so."""
        with own_connection() as own:
            return int(self.rows(own).filter(**conditions).count())

    def waiting(self) -> int:
        return self.emails(state__in=[State.QUEUED, State.SENDING])

    def leases(self) -> set[UUID]:
        """The leases that are out now."""
        with own_connection() as own:
            return set(self.rows(own).filter(state=State.SENDING).values_list("lease", flat=True))

    def leases_run_out(self, leases: Collection[UUID]) -> None:
        """These leases have run out: nobody works under them any more, and five minutes have passed."""
        self._earlier(outbox.LEASE + timedelta(seconds=1), lease__in=leases)

    def pauses_pass(self) -> None:
        """What is queued for a later attempt has waited so much longer."""
        self._earlier(timedelta(minutes=3), state=State.QUEUED)

    def _earlier(self, span: timedelta, **conditions: Any) -> None:
        with own_connection() as own:
            self.rows(own).filter(**conditions).update(
                next_attempt_at=F("next_attempt_at") - span,
                scheduled_at=F("scheduled_at") - span,
                leased_until=F("leased_until") - span,
            )

    def put_off(self, until: datetime) -> None:
        """Every e-mail of the scene is due then."""
        with own_connection() as own:
            self.rows(own).update(next_attempt_at=until, scheduled_at=until)

    def send_again(self) -> int:
        """What an operator does about e-mails that ended unsent; how many it were."""
        self.people.begin("send_again", scene=self.scene)
        return int(self.people.answer()["again"])

    def settle(self, *, pauses_pass: bool = False) -> None:
        """Wait until nothing of the scene waits; on request the pauses between attempts pass quickly meanwhile."""

        def done() -> bool:
            self.supervise()
            if pauses_pass and self.waiting():
                self.pauses_pass()
                time.sleep(0.2)
            return not self.waiting()

        try:
            wait_until(done, "nothing waits")
        except AssertionError as error:
            with own_connection() as own:
                unsent = self.rows(own).exclude(state=State.SENT)
                left = list(unsent.values("state", "cause", "attempts", "next_attempt_at")[:5])
            raise AssertionError(f"{error}: {left}") from error

    def count(self, changes: int = CHANGES, note: str = "") -> Count:
        """Count the scene, and see that it adds up: each change owed each member one e-mail, and each e-mail that says
        it was sent was taken under its own Message-ID and by its own recipient, and no other was."""
        with own_connection() as own:
            made = list(StatusChange.objects.using(own).filter(seller__slug=self.scene).values_list("pk", flat=True))
            members = list(Membership.objects.using(own).filter(seller__slug=self.scene).values_list("user", flat=True))
            rows = list(self.rows(own).select_related("user"))
        owed = sorted((row.occasion, row.user_id) for row in rows)
        assert len(made) == changes
        assert owed == sorted((f"change:{pk}", user) for pk in made for user in members)
        by_id = {message_id(row): row for row in rows}
        taken = [(mail, to) for mail, to in self.sink.taken if mail in by_id]
        distinct = set(taken)
        twice = len(distinct) - len({(by_id[mail].occasion, to) for mail, to in distinct})
        states = Counter(row.state for row in rows)
        assert all(by_id[mail].user.email == to for mail, to in distinct)
        assert {mail for mail, _ in distinct} >= {mail for mail, row in by_id.items() if row.state == State.SENT}
        count = Count(self.scene, len(made), len(rows), len(taken), len(distinct), twice, states, note)
        self.counts.append(count)
        return count

    def all_well(self) -> None:
        """Every part runs and is well: what the next scene begins with."""
        start_postgres()
        self.sink.fault = well
        if not self.sink.listens:
            self.sink.start()
        if not self.processes["redis"].alive:
            self.start_redis()
        self.supervise()
        assert self.processes["beat"].alive
        assert self.processes["people"].alive


def start_postgres() -> None:
    """Have the test server running, where it is ours."""
    if EMBEDDED:
        embedded_postgres.ensure(TEST_POSTGRES, durable=False)


def redis_server() -> str | None:
    return shutil.which("redis-server")
