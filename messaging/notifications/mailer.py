"""One connection to the mail server, kept for a batch. Works with whatever EMAIL_BACKEND names."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import threading
import time
from collections.abc import Iterator

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

log = structlog.get_logger(__name__)


class Mailer:
    """Opens when first asked, stays open until told. `carried` counts what went out over the open connection."""

    def __init__(self) -> None:
        self._backend = get_connection(fail_silently=False)
        self._is_open = False
        self._watch: _Watch | None = None
        self.carried = 0

    def open(self) -> None:
        """Have a connection. Raises what the backend raises, within EMAIL_TIMEOUT an answer."""
        if self._is_open:
            return
        self._backend.open()
        self._is_open, self.carried = True, 0
        if sock := self._socket():
            sock.settimeout(settings.EMAIL_ANSWER_TIMEOUT)
            self._watch = _Watch(sock)

    def send(self, message: EmailMessage) -> None:
        """Hand the message over. Returns only when the server has taken it; ends within EMAIL_ATTEMPT_TIMEOUT."""
        message.connection = self._backend
        with self._watch.at_most(settings.EMAIL_ATTEMPT_TIMEOUT) if self._watch else contextlib.nullcontext():
            if message.send() != 1:
                raise smtplib.SMTPException("The mail server took nothing.")
        self.carried += 1

    def drop(self) -> None:
        """Forget the connection without a word to the server: it may not be listening."""
        smtp = getattr(self._backend, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            with contextlib.suppress(OSError):
                smtp.close()
            self._backend.connection = None  # type: ignore[attr-defined]
            self._ended()
        else:
            self.close()

    def close(self) -> None:
        if not self._is_open:
            return
        sock = self._socket()
        self._ended()
        try:
            if sock:
                sock.settimeout(2)  # nothing is left to send: a farewell isn't waited for
            self._backend.close()
        except Exception:
            log.warning("mail_connection_did_not_close")

    def _ended(self) -> None:
        self._is_open = False
        if self._watch:
            self._watch.end()
            self._watch = None

    def _socket(self) -> socket.socket | None:
        return getattr(getattr(self._backend, "connection", None), "sock", None)


class _Watch:
    """Cuts a connection that has taken too long over one e-mail: a server that sends a byte now and then would keep the
    attempt alive for ever. One thread a connection, which looks once a second."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._until = 0.0
        self._over = threading.Event()
        threading.Thread(target=self._look, name="mail watch", daemon=True).start()

    @contextlib.contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = 0.0

    def end(self) -> None:
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(1.0):
            if 0 < self._until < time.monotonic():
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
                return
