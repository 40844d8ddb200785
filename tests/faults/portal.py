"""The portal's web server as in production, before parts that fail, and who looks at its pages meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import urllib3
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.environment import BASE_DIR
from tests.faults.stage import Process, wait_until
from tests.faults.wire import Wire
from tests.servers import PATIENCE, free_port, wait_for_port

BUCKET, KEY, SECRET = "evidence", "portal", "only-for-these-scenes"
TOLD: list[str] = []
"""What the scenes measured, for the end of the run."""


def tell(line: str) -> None:
    TOLD.append(line)


def database_url(host: str = "") -> str:
    """The address of the test database, by way of `host` where one is given."""
    given = urlsplit(os.environ["DATABASE_URL"])
    query = f"host={host}" if host else given.query
    return urlunsplit(given._replace(path=f"/{connection.settings_dict['NAME']}", query=query))


def database_wire(folder: Path) -> tuple[Wire, str]:
    """A wire to the database, and the address through it."""
    given = urlsplit(os.environ["DATABASE_URL"])
    if hosts := parse_qs(given.query).get("host"):
        return Wire(f"{hosts[0]}/.s.PGSQL.5432", folder / ".s.PGSQL.5432"), database_url(str(folder))
    wire = Wire((given.hostname or "127.0.0.1", given.port or 5432))
    account = given.netloc.rpartition("@")[0]
    return wire, urlunsplit(urlsplit(database_url())._replace(netloc=f"{account}@127.0.0.1:{wire.port}"))


@contextlib.contextmanager
def bucket(folder: Path) -> Iterator[int]:
    """An S3 server with one bucket; its port."""
    (folder / "data" / BUCKET).mkdir(parents=True)
    port = free_port()
    where = ["--addr", f"127.0.0.1:{port}", "--config", str(folder / "none"), "--log-file", str(folder / "s3.log")]
    binary = Path(sys.executable).with_name("rclone")
    server = subprocess.Popen([binary, "serve", "s3", "--auth-key", f"{KEY},{SECRET}", *where, str(folder / "data")])
    try:
        wait_for_port(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def of_bucket(port: int) -> dict[str, str]:
    """The variables that lead to the bucket."""
    return {
        "ATTACHMENTS_BUCKET": BUCKET,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float

    @property
    def words(self) -> str:
        """The page, whatever lines its template has."""
        return " ".join(self.text.split())

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Web:
    """gunicorn with one process of its threads. `see` and `post` are what a signed-in member's browser does."""

    folder: Path
    variables: dict[str, str]
    port: int = field(default_factory=free_port)
    cookies: dict[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def running(self) -> Iterator[Web]:
        variables = self.own_variables
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=BASE_DIR, env=os.environ | variables, check=True, timeout=PATIENCE)
        process = Process("web", [sys.executable, "-m", "gunicorn"], variables, self.folder / "web.log")
        try:
            wait_for_port(self.port, process.popen)
            yield self
        finally:
            process.end()

    @property
    def own_variables(self) -> dict[str, str]:
        return {
            "PORT": str(self.port), "WEB_CONCURRENCY": "1", "VAR_DIR": str(self.folder),
            "STATIC_ROOT": str(self.folder / "static"), "SITE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONUNBUFFERED": "1", **self.variables,
        }  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """What a command at the shell of its machine runs in."""
        return os.environ | self.own_variables

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "web.log").read_text()

    def sign_in(self, user: User) -> None:
        """Be this person from now on."""
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.cookies["sessionid"] = browser.cookies["sessionid"].value

    def see(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, Any], page: str | None = None) -> Answer:
        """Send a form with what its page holds of it; `page`: the HTML of it, where it was seen before.

        A file among the fields is (name, bytes, type).
        """
        html = self.see(path).text if page is None else page
        held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
        wanted = ("csrfmiddlewaretoken", "draft", "kept_at", "tab", "n", "stands")
        return self._ask("POST", path, {**{name: held[name] for name in wanted if name in held}, **fields})

    def _ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        how: dict[str, Any] = {"headers": headers, "redirect": False, "retries": False, "timeout": PATIENCE}
        begun = time.monotonic()
        got = urllib3.request(method, f"{self.url}{path}", fields=fields, **how)
        for name, morsel in SimpleCookie(", ".join(got.headers.getlist("Set-Cookie"))).items():
            self.cookies[name] = morsel.value
        return Answer(got.status, got.headers, got.data.decode(errors="replace"), time.monotonic() - begun)


@dataclass
class Watch:
    """Somebody who asks for a page again and again meanwhile; how long each answer took, in seconds."""

    web: Web
    path: str
    seconds: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(PATIENCE)

    def _look(self) -> None:
        while not self._done.is_set():
            answer = self.web.see(self.path)
            self.seconds.append(answer.seconds)
            self.statuses.add(answer.status)
            self._done.wait(0.05)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else max(self.seconds)

    @property
    def words(self) -> str:
        slowest = max(self.seconds) * 1000
        return f"{self.path} p95 {self.p95 * 1000:.0f} ms, slowest {slowest:.0f} ms of {len(self.seconds)}"


def eventually(web: Web, path: str, status: int) -> float:
    """Wait until the page answers so; seconds it took."""
    begun = time.monotonic()
    wait_until(lambda: web.see(path).status == status, f"{path} answers {status}")
    return time.monotonic() - begun
