"""A database of its own for a benchmark, on the server of DATABASE_URL; `manage.py` as a process that is measured."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safet_portal.settings")
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make a migrated database with the base policy; its address. It is dropped again."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from safet_portal import embedded_postgres

    if settings.EMBEDDED_POSTGRES:
        embedded_postgres.ensure(settings.EMBEDDED_POSTGRES)
    name = f"bench_{os.getpid()}"
    server = settings.DATABASES["default"]
    password = f":{server['PASSWORD']}" if server.get("PASSWORD") else ""
    socket = server.get("OPTIONS", {}).get("host")  # a server that listens on a socket only, such as the embedded one
    place = "" if socket else f"{server.get('HOST') or '127.0.0.1'}:{server.get('PORT') or 5432}"
    database = f"postgres://{server['USER']}{password}@{place}/{name}" + (f"?host={quote(socket)}" if socket else "")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        manage(database, "migrate", "-v0")
        manage(database, "load_policy", str(ROOT / "claims" / "policies" / "base.toml"))
        yield database
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def manage(database: str, *arguments: str, codes: tuple[int, ...] = (0,), **variables: str) -> tuple[float, int]:
    """Run manage.py and return (seconds, peak memory of its process in MB)."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**os.environ, "DATABASE_URL": database, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        sys.exit(said)
    return time.monotonic() - started, usage.ru_maxrss // 1024
