"""RabbitMQ as the queue: tasks go through it, a killed worker's is back, and that it hangs is told.

Not among what `make test` collects: `make proof-brokers` names it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from django.utils import timezone

from safet_portal.models import TaskStart
from tests.cast import World
from tests.faults.portal import tell
from tests.faults.stage import Process, own_connection, wait_until
from tests.faults.test_brokers import Queue, _database
from tests.servers import PATIENCE, free_port, wait_for_port

RABBITMQ = Path("/usr/lib/rabbitmq/bin")
__all__ = ["_database"]
pytestmark = pytest.mark.usefixtures("_database")


def test_rabbitmq(tmp_path: Path) -> None:
    assert (RABBITMQ / "rabbitmq-server").exists(), "needs RabbitMQ: apt install rabbitmq-server"
    port, between = free_port(), free_port()
    variables = {
        "RABBITMQ_NODENAME": f"safet{port}@localhost", "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(between), "RABBITMQ_MNESIA_BASE": str(tmp_path / "mnesia"), "HOME": str(tmp_path),
        "RABBITMQ_LOG_BASE": str(tmp_path / "logs"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(tmp_path / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(tmp_path / "none"), "RABBITMQ_PID_FILE": str(tmp_path / "pid"),
        "ERL_EPMD_PORT": str(free_port()), "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",
    }  # fmt: skip
    url = f"amqp://guest:guest@127.0.0.1:{port}//"
    rabbit = Process("rabbitmq", [str(RABBITMQ / "rabbitmq-server")], variables, tmp_path / "rabbit.log")
    try:
        wait_for_port(port, rabbit.popen)
        with socket.create_server(("127.0.0.1", free_port())) as mute, Queue(tmp_path, url, scanner(mute)) as queue:
            queue.carries()
            assert queue.ready() == (0, "broker ok")
            took = second_start(queue)
            tell(f"worker killed, with RabbitMQ: its task was begun by the next {took:.0f} s later")
            rabbit.signal(signal.SIGSTOP)
            assert queue.ready() == (1, "broker failed")  # it hangs
            rabbit.signal(signal.SIGCONT)
    finally:
        rabbit.end()
        epmd = shutil.which("epmd")
        if epmd:
            subprocess.run([epmd, "-kill"], env=os.environ | variables, capture_output=True, timeout=PATIENCE)


def scanner(mute: socket.socket) -> dict[str, str]:
    """The variables that lead to our files, and to a virus scanner which takes connections and never answers."""
    return {"CLAMD_URL": f"tcp://127.0.0.1:{mute.getsockname()[1]}", "VAR_DIR": os.environ["VAR_DIR"]}


def second_start(queue: Queue) -> float:
    """Kill the worker in the middle of a task; return the seconds until the next one has begun it, too."""
    world = World(now=timezone.now())
    file = world.add_file(world.draft(evidence=False))
    with own_connection() as own:
        type(file).objects.using(own).filter(pk=file.pk).update(scan="PENDING")
        begun = TaskStart.objects.using(own).filter(task="claims.tasks.check_file")
        queue.start("call", "claims.tasks.check_file", "--args", f"[{file.pk}]", "--queue", "files")
        wait_until(lambda: begun.filter(starts=1).exists(), "a worker has begun")
        queue.processes[0].kill()
        killed = time.monotonic()
        queue.start("worker", "--concurrency", "2", "--without-mingle")
        wait_until(lambda: begun.filter(starts=2).exists(), "the next worker has begun")
    return time.monotonic() - killed
