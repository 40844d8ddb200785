"""The virus check: a file is streamed to clamd, by its INSTREAM command, and clamd says what it found.

CLAMD_URL is tcp://host:3310 or unix:///path; without it nothing is scanned, and each file says so.
"""

from __future__ import annotations

import socket
from contextlib import closing
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

_CHUNK = 64 * 1024
SECONDS = 60
_LONGEST_ANSWER = 4096


class NotScanned(Exception):
    """clamd gave no verdict on this file: it was down, broke off, or found the file too large for its settings."""


def is_configured() -> bool:
    return bool(settings.CLAMD_URL)


def scan(file: IO[bytes]) -> str:
    """Return the name of what clamd found in the file, "" for nothing. Raises NotScanned: no answer is not clean."""
    try:
        with closing(_connection()) as clamd:
            clamd.sendall(b"zINSTREAM\0")
            try:
                while chunk := file.read(_CHUNK):
                    clamd.sendall(len(chunk).to_bytes(4, "big") + chunk)
                clamd.sendall(bytes(4))
            except OSError:
                pass  # over its StreamMaxLength clamd answers and hangs up while we still send: hear it out
            answer = _answer(clamd)
    except OSError as error:
        raise NotScanned(str(error)) from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND") or "unnamed"
    raise NotScanned(answer or "no answer")


def answers(*, within: float | None = None) -> bool:
    """Return whether clamd is there at all; `within` is how many seconds it has to say so."""
    try:
        with closing(_connection(within)) as clamd:
            clamd.sendall(b"zPING\0")
            return _answer(clamd) == "PONG"
    except OSError:
        return False


def _connection(seconds: float | None = None) -> socket.socket:
    seconds = seconds or SECONDS
    where = urlsplit(settings.CLAMD_URL)
    if where.scheme == "unix":
        clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clamd.settimeout(seconds)
        clamd.connect(where.path)
        return clamd
    clamd = socket.create_connection((where.hostname or "127.0.0.1", where.port or 3310), timeout=min(5, seconds))
    clamd.settimeout(seconds)
    return clamd


def _answer(clamd: socket.socket) -> str:
    heard = b""
    while not heard.endswith(b"\0") and len(heard) < _LONGEST_ANSWER and (piece := clamd.recv(_LONGEST_ANSWER)):
        heard += piece
    return heard.rstrip(b"\0\n").decode("utf-8", "replace")
