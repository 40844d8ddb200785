"""How gunicorn serves the portal: found by itself when started in this folder. Its command line overrides it."""

import os
import signal
import threading
from typing import Any

wsgi_app = "safet_portal.wsgi:application"
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 8
preload_app = True  # whoever listens can answer: the application is loaded before the port is opened
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - made there under a random name
# Whose word on X-Forwarded-Proto counts; FORWARDED_ALLOW_IPS in the environment names other proxies than this machine.


def post_worker_init(worker: Any) -> None:
    """End with who started us: the demo hands down a pipe, which closes when the demo is gone, however it went."""
    lifeline = os.environ.get("DEMO_LIFELINE")
    if lifeline:
        threading.Thread(target=_end_with_the_demo, args=(int(lifeline), worker.ppid), daemon=True).start()


def _end_with_the_demo(lifeline: int, arbiter: int) -> None:
    os.read(lifeline, 1)
    os.kill(arbiter, signal.SIGTERM)


def child_exit(server: Any, worker: Any) -> None:
    """A worker's gauges go with it; its counters stay in the sum."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_starting(server: Any) -> None:
    """Workers of an earlier start left their counts: this start counts from zero."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(folder):
            if name.endswith(".db"):
                os.unlink(os.path.join(folder, name))
