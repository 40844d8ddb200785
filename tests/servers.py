"""Small real servers for tests, each on a port of its own."""

from __future__ import annotations

import contextlib
import email
import email.policy
import os
import pwd
import secrets
import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from safet_portal import embedded_postgres

PATIENCE = 120.0
"""Seconds until a server or a process has to have done something: far more than it takes."""
_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, given once, and none that the system gives to those who connect.

    So it stays free while its server is down or being restarted, whatever else runs on the machine.
    """
    while True:
        port = 10_000 + secrets.randbelow(_lowest_given_to_clients() - 10_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def _lowest_given_to_clients() -> int:
    try:
        lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32_768
    return max(lowest, 12_000)


def remove_server(root: Path) -> None:
    """Stop the embedded PostgreSQL of ``root`` and remove what of it lies elsewhere."""
    where = urlsplit(embedded_postgres.address(root)).query
    socket_folder = Path(parse_qs(where)["host"][0])
    embedded_postgres.stop(root)
    if not socket_folder.is_relative_to(root.resolve()):
        shutil.rmtree(socket_folder.parent, ignore_errors=True)


def redis_answers(url: str) -> bool:
    try:
        with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=1)) as asked:
            return bool(asked.ping())
    except redis.RedisError:
        return False


@contextlib.contextmanager
def running_redis(binary: str, folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing; its URL."""
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--logfile", str(folder / "log")]
    server = subprocess.Popen([binary, "--port", str(port), "--dir", str(folder), *quiet], stdout=subprocess.DEVNULL)
    try:
        url = f"redis://127.0.0.1:{port}/0"
        deadline = time.monotonic() + PATIENCE
        while not redis_answers(url):
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "redis-server does not answer"
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE)


EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-" + "TEST-FILE!$H+H*"
"""What every virus scanner finds and no machine need fear; put together here, so that none finds this file."""

CLAMD_LARGEST = 52 * 1024 * 1024


@contextlib.contextmanager
def running_clamd(
    binary: str, folder: Path, *, port: int | None = None, options: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a clamd that knows one virus, the EICAR test file; its URL for CLAMD_URL."""
    port = port or free_port()
    options = options or {"StreamMaxLength": str(CLAMD_LARGEST)}
    (folder / "db").mkdir(exist_ok=True)
    (folder / "db" / "one.ndb").write_text(f"Test.Eicar:0:*:{EICAR.encode().hex()}\n")
    user = pwd.getpwuid(os.geteuid()).pw_name
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder / 'db'}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\nUser {user}\n"
        f"LogFile {folder / 'log'}\nLocalSocket {folder / 'socket'}\n"
        + "".join(f"{name} {value}\n" for name, value in options.items())
    )
    command = [binary, "--config-file", str(folder / "clamd.conf")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port, server)
        yield f"tcp://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


class MailSink:
    """An SMTP server that keeps what it is sent. A recipient whose address starts with `refuse` is refused (550)."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.connections = 0
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("refuse"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        assert isinstance(content, bytes)
        self.messages.append(email.message_from_bytes(content, policy=email.policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    def __enter__(self) -> MailSink:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


class Mailbox:
    """An IMAP server with one mailbox, as far as a reader that deletes what it read needs one. `mails` by number."""

    USER, PASSWORD = "bounces", "s3cret"

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self._deleted: set[int] = set()
        self.port = free_port()
        box = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                while line := self.rfile.readline(65536):
                    tag, _, command = line.decode().strip().partition(" ")
                    verb = command.upper().split(" ")[0]
                    self.wfile.write(box._answer(verb, command) + f"{tag} {box._verdict(verb, command)}\r\n".encode())
                    if verb == "LOGOUT":
                        return

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self.port), Handler)

    @property
    def url(self) -> str:
        return f"imap://{self.USER}:{self.PASSWORD}@127.0.0.1:{self.port}/INBOX"

    def _verdict(self, verb: str, command: str) -> str:
        if verb == "LOGIN" and command.split(" ", 1)[1].replace('"', "") != f"{self.USER} {self.PASSWORD}":
            return "NO [AUTHENTICATIONFAILED] wrong"
        return "OK done"

    def _answer(self, verb: str, command: str) -> bytes:
        words = command.split(" ")
        match verb:
            case "CAPABILITY":
                return b"* CAPABILITY IMAP4rev1\r\n"
            case "SELECT":
                return f"* {len(self.mails)} EXISTS\r\n".encode()
            case "UID" if words[1].upper() == "SEARCH":
                return f"* SEARCH {' '.join(map(str, sorted(self.mails)))}\r\n".encode()
            case "UID" if words[1].upper() == "FETCH":
                mail = self.mails[int(words[2])]
                return f"* 1 FETCH (UID {words[2]} BODY[]<0> {{{len(mail)}}}\r\n".encode() + mail + b")\r\n"
            case "UID" if words[1].upper() == "STORE":
                self._deleted.add(int(words[2]))
            case "EXPUNGE":
                for number in self._deleted & set(self.mails):
                    del self.mails[number]
            case "LOGOUT":
                return b"* BYE\r\n"
        return b""

    def __enter__(self) -> Mailbox:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def wait_for_port(port: int, server: subprocess.Popen[bytes], seconds: float = PATIENCE) -> None:
    """Return as soon as something listens on the port; fail when the server has ended or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with code {server.returncode}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")
