"""`manage.py demo` as a person runs it: another process, its own folder and port."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from safet_portal import embedded_postgres
from tests.environment import BASE_DIR
from tests.portal.test_old_database import HISTORIES, IN_THE_DEMO, content, make_old
from tests.servers import PATIENCE, free_port, remove_server

UNTIL_WELCOME = 900
"""Seconds: it makes a database and its data, which takes 20 on a machine that has nothing else to do."""
UNSET = ("DATABASE_URL", "SECRET_KEY", "SITE_URL", "VAR_DIR", "LOG_LEVEL")


class Demo:
    """One demo in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    def start(self, **variables: str) -> subprocess.Popen[bytes]:
        bare = {name: value for name, value in os.environ.items() if name not in UNSET}
        environment = bare | {"VAR_DIR": str(self.folder), "PORT": str(self.port)} | variables
        with open(self.output, "wb") as output:
            command = [sys.executable, "manage.py", "demo"]
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        return self.process

    def wait_until_welcome(self) -> str:
        assert self.process is not None
        deadline = time.monotonic() + UNTIL_WELCOME
        while "Ctrl-C stops everything" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return self.said()

    def said(self) -> str:
        return self.output.read_text()

    def page(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()

    def end(self) -> None:
        """Kill what runs, and the server with it: what the next test begins with."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        embedded_postgres.stop(self.postgres)

    def port_is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", self.port))
                return True
        return False


@contextlib.contextmanager
def new_folder() -> Iterator[Demo]:
    """A demo in a new folder; both are gone afterwards, whatever came of it."""
    (BASE_DIR / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=BASE_DIR / "var", prefix="demo-"))
    folder.chmod(0o755)
    one = Demo(folder)
    try:
        yield one
    finally:
        one.end()
        remove_server(one.postgres)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def folder_of_demo() -> Iterator[Demo]:
    """One demo for all tests, so that its data is made once."""
    with new_folder() as demo:
        yield demo


@pytest.fixture
def demo(folder_of_demo: Demo) -> Iterator[Demo]:
    """The demo, not running; nothing of it runs afterwards, whatever came of the test."""
    yield folder_of_demo
    folder_of_demo.end()


def test_demo_serves_and_stops_all_it_started_on_int(demo: Demo) -> None:
    process = demo.start()
    said = demo.wait_until_welcome()
    assert f"http://127.0.0.1:{demo.port}/" in said
    assert "arning" not in said
    assert demo.page("/healthz") == (200, "ok\n")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert (embedded_postgres.is_running(demo.postgres), demo.port_is_free()) == (False, True)


def test_killed_demo_takes_its_server_along_and_the_next_one_stops_all_on_hup(demo: Demo) -> None:
    demo.start()
    demo.wait_until_welcome()
    assert demo.process is not None
    demo.process.kill()
    demo.process.wait()
    deadline = time.monotonic() + PATIENCE
    while not demo.port_is_free() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert demo.port_is_free()
    again = demo.start()
    demo.wait_until_welcome()
    again.send_signal(signal.SIGHUP)
    assert again.wait(PATIENCE) == 0
    assert (embedded_postgres.is_running(demo.postgres), demo.port_is_free()) == (False, True)


def test_demo_ends_on_term_and_leaves_a_database_it_did_not_start(demo: Demo) -> None:
    embedded_postgres.ensure(demo.postgres)
    process = demo.start()
    demo.wait_until_welcome()
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert embedded_postgres.is_running(demo.postgres) is True


def test_port_in_use_is_said_in_one_sentence(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", demo.port)):
        assert demo.start().wait(PATIENCE) == 1
    taken = f"CommandError: Port {demo.port} can't be used (Address already in use). Take another: make demo PORT="
    assert demo.said() == f"{taken}{demo.port + 1}\n"


@pytest.mark.parametrize("port", ["0", "eighty"])
def test_port_that_is_none_is_refused(demo: Demo, port: str) -> None:
    assert demo.start(PORT=port).wait(PATIENCE) == 1
    assert demo.said() == f"PORT is a number from 1 to 65535, not '{port}'.\n"


def test_old_database_of_its_own_is_refused_and_nothing_changes() -> None:
    with new_folder() as demo:
        embedded_postgres.ensure(demo.postgres, durable=False)
        address = embedded_postgres.address(demo.postgres)
        make_old(address, HISTORIES["whole"])
        before = content(address)
        assert demo.start().wait(PATIENCE) == 1
        assert demo.said() == f"CommandError: {IN_THE_DEMO}\n"
        assert embedded_postgres.is_running(demo.postgres) is True  # the demo found it running
        assert content(address) == before


@pytest.mark.django_db(transaction=True)
def test_database_with_something_in_it_is_refused(demo: Demo, dsn: str) -> None:
    assert demo.start(DATABASE_URL=dsn).wait(PATIENCE) == 1
    assert "DATABASE_URL names a database that has something in it" in demo.said()


@pytest.fixture
def dsn() -> str:
    """The address of the test database, which has tables."""
    from django.conf import settings

    given = settings.DATABASES["default"]
    host = given.get("OPTIONS", {}).get("host") or given["HOST"]
    return f"postgres://{given['USER']}:{given['PASSWORD']}@:{given['PORT'] or 5432}/{given['NAME']}?host={host}"
