"""The embedded PostgreSQL: starts, survives, stops, and is no superuser's."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from safet_portal import embedded_postgres
from safet_portal.embedded_postgres import EmbeddedPostgresError, address, ensure, is_running, server_pid, stop
from tests.environment import BASE_DIR
from tests.servers import PATIENCE, remove_server


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder for one server; nothing of it is left."""
    (BASE_DIR / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=BASE_DIR / "var", prefix="pg-"))
    folder.chmod(0o755)
    yield folder
    remove_server(folder)
    shutil.rmtree(folder)


def ask(root: Path, query: str) -> tuple[object, ...]:
    with psycopg.connect(address(root)) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_address_is_known_before_anything_exists(tmp_path: Path) -> None:
    root = tmp_path / "nothing" / "here"
    assert address(root).startswith("postgres://safet@/safet?host=")
    assert not root.exists()


def test_ensure_starts_once_and_stop_stops(root: Path) -> None:
    said = [is_running(root), ensure(root, durable=False), ensure(root, durable=False), is_running(root)]
    assert said == [False, True, False, True]
    assert [stop(root), is_running(root), stop(root)] == [True, False, False]


def test_our_role_makes_databases_and_is_no_superuser(root: Path) -> None:
    ensure(root, durable=False)
    query = "SELECT rolname, rolsuper, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert ask(root, query) == ("safet", False, True, False)
    what = "pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocale"
    owner = f"SELECT {what} FROM pg_database WHERE datname = 'safet'"
    assert ask(root, owner) == ("safet", "UTF8", "C.UTF-8")


def test_killed_server_starts_again_with_its_rows(root: Path) -> None:
    ensure(root)
    with psycopg.connect(address(root)) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    pid = server_pid(root)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert ensure(root) is True
    assert ask(root, "SELECT n FROM kept") == (7,)


def test_pid_file_of_another_program_is_no_obstacle(root: Path) -> None:
    ensure(root, durable=False)
    pid_file = Path(f"/proc/{server_pid(root)}/cwd").resolve() / "postmaster.pid"  # a server works in its data's folder
    content = pid_file.read_text()
    stop(root)
    pid_file.write_text(f"{os.getpid()}\n" + content.split("\n", 1)[1])
    assert ensure(root, durable=False) is True


def test_two_starts_at_once_give_one_server(root: Path) -> None:
    command = [sys.executable, "-m", "safet_portal.embedded_postgres", "ensure", str(root)]
    both = [subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE)[0].strip() for process in both]
    assert said == [address(root)] * 2
    assert [process.returncode for process in both] == [0, 0]


def test_path_too_long_for_a_socket_still_works(root: Path) -> None:
    deep = root / ("d" * 60) / ("e" * 60)
    assert len(str(deep)) > 107
    try:
        assert ensure(deep, durable=False) is True
        assert ask(deep, "SELECT 1") == (1,)
    finally:
        remove_server(deep)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account to reach the folder")
def test_root_in_a_folder_of_its_own_keeps_the_folders_mode(root: Path) -> None:
    closed = root / "closed"
    closed.mkdir(mode=0o700)
    inner = closed / "postgres"
    try:
        assert ensure(inner, durable=False) is True
        assert ask(inner, "SELECT 1") == (1,)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert not (inner / "data").exists()
    finally:
        remove_server(inner)


def test_missing_binaries_say_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "PACKAGE", "not_installed_here")
    with pytest.raises(EmbeddedPostgresError, match=r"Set DATABASE_URL, or install requirements/demo.txt"):
        ensure(root)
