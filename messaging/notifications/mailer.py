"""One connection to the mail server, kept for a batch. Works with whatever EMAIL_BACKEND names."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import threading
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
        self.carried = 0

    def open(self) -> None:
        """Have a connection. Raises what the backend raises, within EMAIL_TIMEOUT an answer."""
        if self._is_open:
            return
        self._backend.open()
        self._is_open, self.carried = True, 0
        if sock := self._socket():
            sock.settimeout(settings.EMAIL_ANSWER_TIMEOUT)

    def send(self, message: EmailMessage) -> None:
        """Hand the message over. Returns only when the server has taken it; ends within EMAIL_ATTEMPT_TIMEOUT."""
        message.connection = self._backend
        with self._at_most(settings.EMAIL_ATTEMPT_TIMEOUT):
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
        else:
            self.close()
        self._is_open = False

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        try:
            if sock := self._socket():
                sock.settimeout(2)  # nothing is owed any more: a farewell isn't waited for
            self._backend.close()
        except Exception:
            log.warning("mail_connection_did_not_close")

    def _socket(self) -> socket.socket | None:
        return getattr(getattr(self._backend, "connection", None), "sock", None)

    @contextlib.contextmanager
    def _at_most(self, seconds: float) -> Iterator[None]:
        """Cut the connection after so long: a server that sends one byte now and then keeps no attempt alive."""
        sock = self._socket()
        if sock is None:
            yield
            return
        timer = threading.Timer(seconds, _cut, [sock])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
