"""A mail server that does what real ones do on bad days, and counts what it took."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers import free_port


class Close(Exception):
    """Raised by a fault: the connection is closed without a word."""


@dataclass
class Talk:
    """One connection as a fault sees it: how many e-mails it has carried, and the recipient now spoken of."""

    carried: int = 0
    recipient: str = ""
    message_id: str = ""


Fault = Callable[[str, Talk], str | None]
"""Asked at `connect`, `mail`, `rcpt`, `data`, `half` (half of the text is read), `end` (all of it is) and `taken` (it
counts as taken, the client does not know yet). Returns the answer to give instead of yes, or None. May raise Close."""


def well(stage: str, talk: Talk) -> None:
    return None


@dataclass
class Sink:
    """The server. `taken` has (Message-ID, recipient) of each e-mail it took responsibility for, in order."""

    port: int = field(default_factory=free_port)
    taken: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    fault: Fault = well
    _server: socketserver.ThreadingTCPServer | None = None
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def listens(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with sink._lock:
                    sink.connections += 1
                    sink._open.add(self.connection)
                try:
                    with contextlib.suppress(Close, OSError):
                        sink._converse(self.rfile.readline, self.wfile.write)
                finally:
                    sink._open.discard(self.connection)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Be down: nobody listens, and who was connected is cut off."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _converse(self, readline: Callable[[int], bytes], write: Callable[[bytes], int]) -> None:
        talk = Talk()

        def say(line: str) -> None:
            write(line.encode() + b"\r\n")

        def answer(stage: str, yes: str) -> bool:
            """Say yes, or what the fault says; whether it was yes. 421 ends the connection."""
            line = self.fault(stage, talk)
            say(line or yes)
            if line and line.startswith("421"):
                raise Close
            return line is None

        if not answer("connect", "220 sink ready"):
            raise Close
        while line := readline(65536):
            verb, _, rest = line.decode(errors="replace").strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    say("250-sink\r\n250 8BITMIME")
                case "HELO" | "NOOP" | "RSET":
                    say("250 OK")
                case "MAIL":
                    answer("mail", "250 OK")
                case "RCPT":
                    talk.recipient = rest.partition(":")[2].strip(" <>")
                    answer("rcpt", "250 OK")
                case "DATA":
                    if answer("data", "354 go on"):
                        self._data(readline, talk, say)
                case "QUIT":
                    say("221 bye")
                    raise Close
                case _:
                    say("502 unknown")

    def _data(self, readline: Callable[[int], bytes], talk: Talk, say: Callable[[str], None]) -> None:
        text, half = b"", False
        while (line := readline(65536)) != b".\r\n":
            if not line:
                raise Close
            text += line
            if not half and len(text) > 2000:
                half = True
                self.fault("half", talk)
        found = re.search(rb"^Message-ID: (\S+)", text, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        talk.message_id = found[1].decode()
        if refusal := self.fault("end", talk):
            say(refusal)
            if refusal.startswith("421"):
                raise Close
            return
        with self._lock:
            self.taken.append((talk.message_id, talk.recipient))
        talk.carried += 1
        self.fault("taken", talk)
        say("250 taken")


class Once:
    """Does something the first time a stage comes, then nothing: `Once("end", kill)`."""

    def __init__(self, stage: str, act: Callable[[Talk], str | None], *, after: int = 0) -> None:
        self.stage, self.act, self.after = stage, act, after
        self.done = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, stage: str, talk: Talk) -> str | None:
        if stage != self.stage:
            return None
        with self._lock:
            if self.done.is_set():
                return None
            if self.after:
                self.after -= 1
                return None
            self.done.set()
        return self.act(talk)


class EachOnce:
    """Gives `answer` to each recipient's first e-mail of each Message-ID or recipient, later ones pass."""

    def __init__(self, stage: str, answer: str) -> None:
        self.stage, self.answer = stage, answer
        self.seen: set[str] = set()

    def __call__(self, stage: str, talk: Talk) -> str | None:
        key = talk.message_id or talk.recipient
        if stage != self.stage or key in self.seen:
            return None
        self.seen.add(key)
        if self.answer == "close":
            raise Close
        return self.answer


def slow(seconds: float) -> Fault:
    def fault(stage: str, talk: Talk) -> None:
        if stage == "end":
            time.sleep(seconds)

    return fault
