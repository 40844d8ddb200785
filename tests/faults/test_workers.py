"""Queues, workers and the schedule: what one of them does, or dies of, holds up no other."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db.models import F
from pytest_django import DjangoDbBlocker

from claims.models import Attachment
from safet_portal import outside
from safet_portal.models import FailedTask, ScheduledWork, TaskStart
from safet_portal.worker_alive import LATELY
from tests.faults import conftest
from tests.faults.portal import tell
from tests.faults.sink import Talk
from tests.faults.stage import Stage, own_connection, redis_server, wait_until
from tests.faults.wire import Wire
from tests.servers import running_clamd

SCAN = "claims.tasks.check_file"
DAILY = "claims.tasks.forget_what_is_idle"


class Crew(Stage):
    """A worker for e-mails and one for files, a mail server, a virus scanner behind a wire; no beat unless started."""

    scanner: Wire

    def begin_scene(self, name: str) -> None:
        self.scene = name
        for worker, queues in (("mailer", ["mail"]), ("scanner", ["files"])):
            if worker not in self.processes or not self.processes[worker].alive:
                self.start_worker(worker, *queues)

    def upload(self) -> int:
        self.people.begin("upload", scene=self.scene)
        return int(self.people.answer()["file"])

    def is_scanned(self, file: int) -> bool:
        with own_connection() as own:
            return Attachment.objects.using(own).filter(pk=file, scan="CLEAN").exists()

    def starts(self, file: int) -> int:
        """How often the scan of the file was begun, as long as it has not ended."""
        with own_connection() as own:
            row = TaskStart.objects.using(own).filter(task=SCAN, arguments=f"[[{file}], {{}}]").first()
            return row.starts if row else 0

    def waiting_in(self, queue: str) -> Counter[str]:
        """The tasks that wait in a queue, by name."""
        with redis.Redis.from_url(self.variables["REDIS_URL"]) as asked:
            found = [json.loads(message) for message in asked.lrange(queue, 0, -1)]
        return Counter(each["headers"]["task"] for each in found)


@pytest.fixture(scope="module")
def whole_crew(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    clamd_binary: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crew]:
    binary = redis_server()
    if binary is None:
        pytest.skip("needs a Redis of its own: redis-server is not on the PATH")
    folder = tmp_path_factory.mktemp("workers")
    with running_clamd(clamd_binary, tmp_path_factory.mktemp("clamd")) as url:
        where = urlsplit(url)
        crew = Crew(folder, binary)
        crew.scanner = Wire((where.hostname or "", where.port or 0))
        crew.more = {"CLAMD_URL": f"tcp://127.0.0.1:{crew.scanner.port}"}
        with django_db_blocker.unblock(), conftest.test_database():
            try:
                crew.sink.start()
                crew.start_redis()
                crew.start_people()
                crew.people.arrive()
                yield crew
            finally:
                crew.end()
                crew.scanner.end()


@pytest.fixture
def crew(whole_crew: Crew, request: pytest.FixtureRequest) -> Iterator[Crew]:
    whole_crew.begin_scene(request.node.name.removeprefix("test_").replace("_", "-")[:50])
    yield whole_crew
    whole_crew.scanner.passes()
    for beat in [name for name in whole_crew.processes if name.startswith("beat")]:
        whole_crew.processes.pop(beat).end()


def timed(condition: Callable[[], object], what: str, begun: float) -> float:
    wait_until(condition, what)
    return time.monotonic() - begun


def test_file_is_scanned_behind_a_mail_server_that_hangs(crew: Crew) -> None:
    """Every process of the worker for e-mails waits for the mail server; files have another worker."""
    hung: list[Talk] = []

    def hang(stage: str, talk: Talk) -> str | None:
        if stage == "data":
            hung.append(talk)
            time.sleep(8)
        return None

    crew.sink.fault = hang
    crew.change(6)
    crew.people.begin("ask_worker", times=4, countdowns=[])
    crew.people.answer()
    wait_until(lambda: hung, "an e-mail hangs")
    begun = time.monotonic()
    file = crew.upload()
    took = timed(lambda: crew.is_scanned(file), "the file is scanned", begun)
    assert crew.waiting()  # the e-mails still are
    crew.sink.fault = lambda stage, talk: None
    tell(f"mail server hangs: a file was scanned {took:.1f} s after its upload began")


def test_task_of_a_killed_worker_is_back_within_a_minute(crew: Crew) -> None:
    """Without beat: it is the queue that gives it to the next worker."""
    crew.scanner.hangs()
    file = crew.upload()
    wait_until(lambda: crew.starts(file), "a worker has begun")
    crew.processes["scanner"].kill()
    begun = time.monotonic()
    crew.scanner.passes()
    crew.begin_scene(crew.scene)
    took = timed(lambda: crew.is_scanned(file), "another worker has done it", begun)
    wait_until(lambda: not crew.starts(file), "the task has ended")
    tell(f"worker killed: its task was done by the next {took:.0f} s later (kept in hand {outside.KEPT_IN_HAND} s)")


def test_task_in_hand_of_a_living_worker_stays_its_own(crew: Crew) -> None:
    """It takes longer than the time after which a dead worker's task is another's."""
    crew.scanner.hangs()
    file = crew.upload()
    wait_until(lambda: crew.starts(file), "a worker has begun")
    with redis.Redis.from_url(crew.variables["REDIS_URL"]) as asked:
        (tag, first), *_ = asked.zrange("unacked_index", 0, -1, withscores=True)
        wait_until(lambda: (asked.zscore("unacked_index", tag) or 0) > first, "it shows that it lives")
    assert crew.starts(file) == 1
    alive = crew.folder / next(path.name for path in crew.folder.glob("worker-scanner@*.alive"))
    assert time.time() - Path(alive).stat().st_mtime < LATELY
    crew.scanner.passes()
    wait_until(lambda: crew.is_scanned(file), "the file is scanned")


def test_task_that_kills_its_worker_ends_in_the_list(crew: Crew) -> None:
    crew.scanner.hangs()
    file = crew.upload()
    for n in (1, 2, 3):
        wait_until(lambda n=n: crew.starts(file) == n, f"it is begun {n} times")  # type: ignore[misc]
        for child in crew.processes["scanner"].children():
            os.kill(child, signal.SIGKILL)
    with own_connection() as own:
        listed = FailedTask.objects.using(own).filter(task=SCAN, arguments=f"[[{file}], {{}}]", given_up=True)
        wait_until(listed.exists, "an operator sees it")
    assert crew.starts(file) == 0
    crew.scanner.passes()
    again = crew.upload()
    wait_until(lambda: crew.is_scanned(again), "the next file is scanned")


def test_daily_work_is_asked_for_once_by_two_beats_after_a_restart(crew: Crew) -> None:
    """Yesterday's turn is the last that was asked for; nobody takes from `bulk` here, so that what was asked stays."""
    crew.start_beat("beat-1")
    with own_connection() as own:
        row = ScheduledWork.objects.using(own).filter(name="forget what is idle")
        rows = ScheduledWork.objects.using(own)
        wait_until(
            lambda: rows.count() == len(settings.CELERY_BEAT_SCHEDULE), "the first beat has asked for everything"
        )
        crew.processes.pop("beat-1").end()
        row.update(turn=F("turn") - 1)
        before, today = crew.waiting_in("bulk")[DAILY], row.get().turn + 1
        begun = time.monotonic()
        crew.start_beat("beat-2")
        crew.start_beat("beat-3")
        took = timed(lambda: row.get().turn == today, "today's turn is asked for", begun)
        minute = ScheduledWork.objects.using(own).filter(name="work on batches", turn__gt=0)
        seen = minute.get().turn
        wait_until(lambda: minute.get().turn > seen, "both beats have looked again")
    assert crew.waiting_in("bulk")[DAILY] == before + 1
    tell(f"beat restarted: daily work that was due was asked for {took:.1f} s after its start, once by two beats")


def test_messages_of_a_queue_say_when_they_expire(crew: Crew) -> None:
    crew.start_beat("beat-4")
    wait_until(lambda: crew.waiting_in("clock"), "something waits")
    with redis.Redis.from_url(crew.variables["REDIS_URL"]) as asked:
        message = json.loads(asked.lrange("clock", 0, 0)[0])
    assert message["headers"]["expires"] is not None
    assert json.loads(base64.b64decode(message["body"]))[0] == []
