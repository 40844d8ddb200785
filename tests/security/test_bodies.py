"""How much a request may carry: decided by route and sender before a byte is read; a new route takes a form only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.urls import Resolver404, resolve

from accounts.bodies import largest_body
from accounts.models import User
from safet_portal.bodies import KNOWN
from safet_portal.health import PROBES
from tests.cast import World
from tests.environment import BASE_DIR
from tests.html import CheckingClient
from tests.servers import free_port, wait_for_port
from tests.test_isolation import Ids, addresses, routes

KB, MB = 1024, 1024 * 1024
LARGE = {"thread": 101 * MB, "new_step": 101 * MB, "message": 101 * MB, "bulk": 11 * MB, "imports": 51 * MB}
"""The routes that take files, and how much of them."""


class WasRead(Exception):
    """Somebody looked at the body."""


class Unread:
    """A body nobody may look at."""

    def read(self, *_size: int) -> bytes:
        raise WasRead

    readline = readlines = read


def refused(client: CheckingClient, address: str, size: int) -> bool:
    """Whether a body of this size is answered 413. Where it isn't, reading it raises."""
    length = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": "multipart/form-data; boundary=b", "wsgi.input": Unread()}
    try:
        response = client.generic("POST", address, **length)
    except WasRead:
        return False
    assert response.status_code == 413, address
    assert "Too large" in response.content.decode()
    return True


def client_of(user: User) -> CheckingClient:
    client = CheckingClient()
    client.force_login(user)
    return client


def test_routes_that_take_files_are_these_and_no_others() -> None:
    marked = {str(route.name): largest_body(route.callback, 0) for _path, route in routes()}
    assert {name: most for name, most in marked.items() if most} == LARGE
    assert (settings.LARGEST_OF_STRANGERS, settings.LARGEST_FORM) == (64 * KB, MB)


def test_every_route_refuses_what_is_too_large_unread(world: World) -> None:
    signed_in, strangers, walked = client_of(world.alice), CheckingClient(), 0
    for route, address in addresses(Ids()):
        if address in PROBES:
            continue  # a probe answers before anything is read, and takes no body
        try:
            most = largest_body(resolve(address).func, MB)
        except Resolver404:
            continue
        assert most == LARGE.get(str(route.name), MB) or address.startswith("/admin/"), address
        assert refused(signed_in, address, most + 1), address
        assert refused(strangers, address, 64 * KB + 1), address
        walked += 1
    assert walked > 100


@pytest.mark.parametrize("address", ["/nowhere/", "/accounts/login/"])
def test_up_to_the_limit_it_is_read(world: World, address: str) -> None:
    assert not refused(CheckingClient(), "/accounts/login/", 64 * KB)
    assert not refused(client_of(world.alice), "/settings/", MB)
    assert not refused(client_of(world.alice), "/refunds/bulk/", 11 * MB)
    assert refused(CheckingClient(), address, 64 * KB + 1)


def test_browser_on_which_somebody_was_signed_in_may_send_its_form(world: World) -> None:
    claim = world.claim()
    page = f"/claims/{claim.claim_id}/messages/"
    client = client_of(world.alice)
    client.get(page)
    del client.cookies["sessionid"]
    assert not refused(client, page, 101 * MB)
    assert refused(client, page, 101 * MB + 1)
    assert refused(client, "/accounts/login/", MB + 1)


@pytest.mark.parametrize("value", ["", "x", "made with another key"])
def test_made_up_cookie_gives_no_room(world: World, value: str) -> None:
    client = CheckingClient()
    made = signing.dumps(world.alice.pk, key="y" * 50, salt="safet_portal.bodies.known")
    client.cookies[KNOWN] = made if value.startswith("made") else value
    assert refused(client, f"/claims/{world.claim().claim_id}/messages/", 64 * KB + 1)


def test_strangers_files_are_written_nowhere(world: World, tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "missing")  # writing one would fail
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    body = head + b"x" * 30_000 + b"\r\n--b--\r\n"
    response = CheckingClient().generic("POST", "/accounts/login/", body, "multipart/form-data; boundary=b")
    assert response.status_code == 200


# -- a real server ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gunicorn() -> Iterator[int]:
    """A gunicorn as it is in production, of one process; returns its port. Its database is never asked."""
    port = free_port()
    environment = {
        **os.environ, "PORT": str(port), "WEB_CONCURRENCY": "1", "LOG_LEVEL": "ERROR", "DEBUG": "1",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=BASE_DIR, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for_port(port, server)
            yield port
        finally:
            server.terminate()


def ask(port: int, head: str, *pieces: bytes) -> str:
    """Send a request to the sign-in, as long as the server listens; return the first line of its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{head}\r\n\r\n".encode())
        try:
            for piece in pieces:
                line.sendall(piece)
        except OSError:
            pass
        return line.recv(4096).decode().partition("\r\n")[0]


def test_large_body_is_answered_before_it_comes(gunicorn: int) -> None:
    assert ask(gunicorn, f"Content-Length: {100 * MB}").startswith("HTTP/1.1 413")


def test_endless_body_without_a_length_is_cut_at_the_limit(gunicorn: int) -> None:
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    assert ask(gunicorn, "Transfer-Encoding: chunked", chunk, chunk).startswith("HTTP/1.1 413")


def test_small_body_without_a_length_is_read(gunicorn: int) -> None:
    """It is refused for its missing token, not for what it carries."""
    answer = ask(gunicorn, "Transfer-Encoding: chunked", b"3\r\na=b\r\n0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 403")
