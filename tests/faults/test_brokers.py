"""Every broker that an address can name, each a real server: tasks go through every queue, and its absence is told.

RabbitMQ's scene is in `proof_rabbitmq.py`, since `.ci/run` doesn't install it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import DjangoDbBlocker

from safet_portal.models import LifeSign, ScheduledWork
from safet_portal.queues import BEFORE, QUEUES
from tests.environment import BASE_DIR
from tests.faults import conftest
from tests.faults.portal import database_url
from tests.faults.sqs import FakeSqs
from tests.faults.stage import Process, own_connection, redis_server, wait_until
from tests.servers import PATIENCE, free_port, wait_for_port


class Queue:
    """A worker for all queues and a beat, with a queue at an address; they end with the block."""

    def __init__(self, folder: Path, url: str, more: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.variables = {"DATABASE_URL": database_url(), "VAR_DIR": str(folder), "BROKER_URL": url, **(more or {})}
        self.processes: list[Process] = []

    def start(self, *command: str) -> Process:
        name = command[0]
        whole = [sys.executable, "-m", "celery", "-A", "safet_portal", *command]
        process = Process(name, whole, self.variables, self.folder / f"{name}.log")
        self.processes.append(process)
        return process

    def __enter__(self) -> Queue:
        self.start("worker", "--concurrency", "2", "--without-mingle", "--loglevel", "warning")
        self.start("beat", "--pidfile=", "--loglevel", "warning")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.end()

    def carries(self) -> None:
        """What beat asks of each queue from now on is done."""
        with own_connection() as own:
            LifeSign.objects.using(own).all().delete()
            ScheduledWork.objects.using(own).all().delete()
            signs = LifeSign.objects.using(own).filter(name__in=[*QUEUES, "beat"])
            try:
                wait_until(lambda: signs.count() == len(QUEUES) + 1, "every queue was taken from")
            except AssertionError as error:
                logs = "\n".join(process.log.read_text()[-1500:] for process in self.processes)
                raise AssertionError(f"{error}: {list(signs.values_list('name'))}\n{logs}") from error

    def ready(self) -> tuple[int, str]:
        asked = subprocess.run(
            [sys.executable, "manage.py", "ready", "broker"],
            cwd=BASE_DIR, env=os.environ | self.variables, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        return asked.returncode, asked.stdout.strip()


def cached(url: str, folder: Path) -> str:
    """What a process with the cache at this address reads back from Redis itself."""
    program = (
        "import django; django.setup()\n"
        "from django.core.cache import cache, caches\n"
        "cache.set('a', 'kept', timeout=60)\n"
        "print(caches['redis'].get('a'), cache.count_up('n', 2, seconds=60) - cache.count_up('n', 2, seconds=60))"
    )
    variables = {"CACHE_URL": url, "DATABASE_URL": database_url(), "VAR_DIR": str(folder)}
    variables |= {"DJANGO_SETTINGS_MODULE": "safet_portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, env=os.environ | variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def _database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), conftest.test_database():
        yield


pytestmark = pytest.mark.usefixtures("_database")


@pytest.fixture
def binary() -> str:
    found = redis_server()
    if found is None:
        pytest.skip("needs a Redis of its own: redis-server is not on the PATH")
    return found


@contextlib.contextmanager
def server(command: list[str], port: int, log: Path) -> Iterator[Process]:
    process = Process("server", command, {}, log)
    try:
        wait_for_port(port, process.popen)
        yield process
    finally:
        process.end()


def plain(binary: str, folder: Path, *more: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [binary, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder), *more]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine, and its key: who believes it names it as the authority."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis")])
    now, here = datetime.now(UTC), x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(here, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    pem, private = folder / "redis.pem", folder / "redis.key"
    pem.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    kind, format_ = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(kind, format_, serialization.NoEncryption()))
    return pem, private


def test_redis_with_tls(binary: str, tmp_path: Path) -> None:
    pem, key = certificate(tmp_path)
    port = free_port()
    tls = ["--port", "0", "--tls-port", str(port), "--tls-cert-file", str(pem), "--tls-key-file", str(key)]
    tls += ["--tls-ca-cert-file", str(pem), "--tls-auth-clients", "no", "--requirepass", "s3cret"]
    url = f"rediss://:s3cret@localhost:{port}/0?ssl_cert_reqs=required&ssl_ca_certs={pem}"
    with server(plain(binary, tmp_path, *tls), port, tmp_path / "redis.log") as redis_, Queue(tmp_path, url) as queue:
        queue.carries()
        assert (queue.ready(), cached(url, tmp_path)) == ((0, "broker ok"), "kept -2")
        redis_.kill()
        assert queue.ready() == (1, "broker failed")


def test_redis_by_sentinel_and_its_failover(binary: str, tmp_path: Path) -> None:
    """The master is killed: the Sentinel makes the replica the master, and queue and cache find it."""
    first, second, watcher = free_port(), free_port(), free_port()
    own = ["--requirepass", "s3cret", "--masterauth", "s3cret"]
    (tmp_path / "sentinel.conf").write_text(
        f"port {watcher}\nbind 127.0.0.1\ndir {tmp_path}\nrequirepass s3cret\n"
        f"sentinel monitor portal 127.0.0.1 {first} 1\nsentinel auth-pass portal s3cret\n"
        "sentinel down-after-milliseconds portal 1000\nsentinel failover-timeout portal 3000\n"
    )
    url = f"sentinel://:s3cret@127.0.0.1:{watcher}/0?master=portal"
    replica = [*own, "--port", str(second), "--replicaof", "127.0.0.1", str(first)]
    with (
        server(plain(binary, tmp_path / "1", *own, "--port", str(first)), first, tmp_path / "1.log") as master,
        server(plain(binary, tmp_path / "2", *replica), second, tmp_path / "2.log"),
        server([binary, str(tmp_path / "sentinel.conf"), "--sentinel"], watcher, tmp_path / "sentinel.log"),
        redis.Redis(port=watcher, password="s3cret") as asked,
        Queue(tmp_path, url) as queue,
    ):
        wait_until(lambda: asked.sentinel_slaves("portal"), "the Sentinel knows the replica")
        queue.carries()
        assert (queue.ready(), cached(url, tmp_path)) == ((0, "broker ok"), "kept -2")
        master.kill()
        wait_until(lambda: asked.sentinel_get_master_addr_by_name("portal")[1] == second, "the replica is the master")
        queue.carries()
        assert (queue.ready(), cached(url, tmp_path)) == ((0, "broker ok"), "kept -2")


def test_sqs(tmp_path: Path) -> None:
    """As far as it can be tried without Amazon: a server of ours that speaks its protocol."""
    with FakeSqs() as sqs:
        url = f"sqs://key:secret@127.0.0.1:{sqs.port}?region=eu-central-1&prefix=safet-&tls=0"
        with Queue(tmp_path, url) as queue:
            queue.carries()
            assert queue.ready() == (0, "broker ok")
        assert set(sqs.queues) == {f"safet-{name}" for name in (*QUEUES, BEFORE)}
    assert queue.ready() == (1, "broker failed")
