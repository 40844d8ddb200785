"""Asking something outside the process that may be away: once it does not answer, nobody asks for a while, then one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Whether to ask. `pause`: seconds in which nobody asks what did not answer; `longest`: what one question takes."""

    def __init__(self, *, pause: float, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._longest, self._clock = pause, longest, clock
        self._lock = threading.Lock()
        self._asked_again_at: float | None = None
        """When the next question may be asked, None while all is well."""

    def may_ask(self) -> bool:
        """Return whether to ask now. Of many who could find out whether it is back, one is let through."""
        with self._lock:
            if self._asked_again_at is None:
                return True
            if self._clock() < self._asked_again_at:
                return False
            self._asked_again_at = self._clock() + self._longest
            return True

    def answered(self) -> bool:
        """Note that it answers; return whether that is news."""
        with self._lock:
            is_news, self._asked_again_at = self._asked_again_at is not None, None
        return is_news

    def failed(self) -> bool:
        """Note that it does not answer; return whether that is news."""
        with self._lock:
            is_news, self._asked_again_at = self._asked_again_at is None, self._clock() + self._pause
        return is_news
