"""A gate before the live server: no request of one test reaches the database of the next.

A page that is left still sends what was written: its saving outlives it. Such a request arrives when its test is over
and the tables are being emptied, and the two would lock each other out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
LONGEST = 120.0


class Gate:
    """The application behind a gate that is open during a test. Closed, it answers 503 and asks nobody."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._changed = threading.Condition()
        self._is_open, self._inside = False, 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._changed:
            if not self._is_open:
                start_response("503 Between two tests", [("Content-Length", "0")])
                return []
            self._inside += 1
        try:
            return _Answer(self.application(environ, start_response), self._leave)
        except BaseException:
            self._leave()
            raise

    def open(self) -> None:
        with self._changed:
            self._is_open = True

    def close(self) -> None:
        """Let nobody in any more, and return once everybody inside has been answered."""
        with self._changed:
            self._is_open = False
            assert self._changed.wait_for(lambda: self._inside == 0, LONGEST), f"{self._inside} requests never ended"

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


class _Answer:
    """An answer on its way: whoever asked is inside until it is closed, which the server does in any case."""

    def __init__(self, body: Iterable[bytes], leave: Callable[[], None]) -> None:
        self.body, self._leave = body, leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        try:
            if hasattr(self.body, "close"):
                self.body.close()
        finally:
            self._leave()
