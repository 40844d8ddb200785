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
from tests.servers import free_port

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
        deadline = time.monotonic() + 120
        while "Ctrl-C stops everything" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return self.said()

    def said(self) -> str:
        return self.output.read_text()

    def page(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()

    def port_is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", self.port))
                return True
        return False


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    folder = Path(tempfile.mkdtemp(dir=BASE_DIR / "var", prefix="demo-"))
    folder.chmod(0o755)
    one = Demo(folder)
    yield one
    if one.process and one.process.poll() is None:
        one.process.kill()
    embedded_postgres.stop(one.postgres)
    shutil.rmtree(embedded_postgres._places(one.postgres).far, ignore_errors=True)
    shutil.rmtree(folder)


def test_demo_serves_and_stops_all_it_started_on_int(demo: Demo) -> None:
    process = demo.start()
    said = demo.wait_until_welcome()
    assert f"http://127.0.0.1:{demo.port}/" in said
    assert "arning" not in said
    assert demo.page("/healthz") == (200, "ok\n")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert (embedded_postgres.is_running(demo.postgres), demo.port_is_free()) == (False, True)


def test_killed_demo_takes_its_server_along_and_the_next_one_stops_all_on_hup(demo: Demo) -> None:
    demo.start()
    demo.wait_until_welcome()
    assert demo.process is not None
    demo.process.kill()
    demo.process.wait()
    deadline = time.monotonic() + 20
    while not demo.port_is_free() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert demo.port_is_free()
    again = demo.start()
    demo.wait_until_welcome()
    again.send_signal(signal.SIGHUP)
    assert again.wait(30) == 0
    assert (embedded_postgres.is_running(demo.postgres), demo.port_is_free()) == (False, True)


def test_demo_ends_on_term_and_leaves_a_database_it_did_not_start(demo: Demo) -> None:
    embedded_postgres.ensure(demo.postgres)
    process = demo.start()
    demo.wait_until_welcome()
    process.terminate()
    assert process.wait(30) == 0
    assert embedded_postgres.is_running(demo.postgres) is True
    embedded_postgres.stop(demo.postgres)


def test_port_in_use_is_said_in_one_sentence(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", demo.port)):
        assert demo.start().wait(60) == 1
    taken = f"CommandError: Port {demo.port} can't be used (Address already in use). Take another: make demo PORT="
    assert demo.said() == f"{taken}{demo.port + 1}\n"


@pytest.mark.parametrize("port", ["0", "eighty"])
def test_port_that_is_none_is_refused(demo: Demo, port: str) -> None:
    assert demo.start(PORT=port).wait(60) == 1
    assert demo.said() == f"PORT is a number from 1 to 65535, not '{port}'.\n"


@pytest.mark.django_db(transaction=True)
def test_database_with_something_in_it_is_refused(demo: Demo, dsn: str) -> None:
    assert demo.start(DATABASE_URL=dsn).wait(60) == 1
    assert "DATABASE_URL names a database that has something in it" in demo.said()


@pytest.fixture
def dsn() -> str:
    """The address of the test database, which has tables."""
    from django.conf import settings

    given = settings.DATABASES["default"]
    host = given.get("OPTIONS", {}).get("host") or given["HOST"]
    return f"postgres://{given['USER']}:{given['PASSWORD']}@:{given['PORT'] or 5432}/{given['NAME']}?host={host}"
