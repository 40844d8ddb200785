"""A connection to a server that does what networks do on bad days: passes, says nothing, or refuses."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from enum import Enum, auto
from pathlib import Path

from tests.servers import free_port

Address = tuple[str, int] | str


class Mood(Enum):
    """What becomes of bytes: they pass, they are taken and never answered, or nobody takes them."""

    PASSES = auto()
    HANGS = auto()
    CUT = auto()


class Wire:
    """Stands before a server, at a port or, for a server at a Unix socket, at a socket of its own. Opens as passing."""

    def __init__(self, target: Address, own: Path | None = None) -> None:
        self.target, self.own = target, own
        self.port = 0 if own else free_port()
        self._mood = Mood.PASSES
        self._flows = threading.Event()
        self._flows.set()
        self._open: set[socket.socket] = set()
        self._server: socketserver.BaseServer | None = None
        self._listen()

    def passes(self) -> None:
        """Be well. What was connected and heard nothing is cut off: its peer gave up long ago, or will."""
        was, self._mood = self._mood, Mood.PASSES
        if was is Mood.HANGS:
            self._cut()
        self._flows.set()
        if was is Mood.CUT:
            self._listen()

    def hangs(self) -> None:
        """Take connections and bytes, and never answer."""
        self._mood = Mood.HANGS
        self._flows.clear()

    def cut(self) -> None:
        """Refuse connections, and end those there are."""
        self._mood = Mood.CUT
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self._cut()
        self._flows.set()

    end = cut

    def _cut(self) -> None:
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                family = socket.AF_UNIX if isinstance(wire.target, str) else socket.AF_INET
                with contextlib.suppress(OSError), socket.socket(family) as there:
                    wire._flows.wait()
                    there.connect(wire.target)
                    wire._open |= {self.request, there}
                    back = threading.Thread(target=wire._pass_on, args=(there, self.request), daemon=True)
                    back.start()
                    wire._pass_on(self.request, there)
                    back.join()
                    wire._open -= {self.request, there}

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False
            request_queue_size = 64
            address_family = socket.AF_UNIX if self.own else socket.AF_INET

        if self.own:
            self.own.unlink(missing_ok=True)
        self._server = Server(str(self.own) if self.own else ("127.0.0.1", self.port), Handler)  # type: ignore[arg-type]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _pass_on(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self._flows.wait()
                to.sendall(piece)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_WR)
