"""Asking a worker for something without waiting for the queue: what is asked is owed in rows, so a loss is a delay.

Whoever commits never waits for a queue that is slow or away: a thread of its own asks, one question after the other,
and what is asked again meanwhile is one question.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

MOST = 1000
"""Questions that wait for a queue; what comes on top is left to the schedule."""
FAREWELL = 1.0
"""Seconds for which a process that ends waits for its questions."""


def ask_soon(task: Any, *args: Any) -> None:
    """Have a worker run the task with these arguments. Returns at once; where there is no queue, it is run here."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        task.delay(*args)
    else:
        _asking.add(task, args)


class _Asking:
    """The thread that asks. Begun when first needed, and anew in a process forked since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._changed = threading.Condition()
        self._wanted: dict[tuple[str, tuple[Any, ...]], Any] = {}
        self._is_asking = False

    def add(self, task: Any, args: tuple[Any, ...]) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._pid, self._changed, self._wanted, self._is_asking = os.getpid(), threading.Condition(), {}, False
                threading.Thread(target=self._ask, name="asking workers", daemon=True).start()
        with self._changed:
            if len(self._wanted) < MOST:
                self._wanted[task.name, args] = task
            self._changed.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait so long at most until everything wished for was asked; whether it was."""
        if self._pid != os.getpid():
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._wanted and not self._is_asking, seconds)

    def _ask(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._wanted))
                key = next(iter(self._wanted))
                task, self._is_asking = self._wanted.pop(key), True
            try:
                task.delay(*key[1])
            except Exception as error:  # the rows are the duty: the schedule has it done
                log.warning("worker_not_asked", task=key[0], error=repr(error))
            with self._changed:
                self._is_asking = False
                self._changed.notify_all()


_asking = _Asking()
atexit.register(_asking.settle, FAREWELL)
