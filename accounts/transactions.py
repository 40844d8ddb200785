"""Work in a transaction of its own that is begun anew where it met other work in a deadlock: the one place for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

TRIES = 4
_BEGIN_ANEW = frozenset({"40P01", "40001"})  # deadlock_detected, serialization_failure

T = TypeVar("T")


def retried(work: Callable[[], T]) -> T:
    """Do `work` in a transaction and return what it returns; after a deadlock begin anew, at most `TRIES` times in all.

    `work` must be safe to repeat: what it did in the database was undone. Inside another transaction nothing is tried
    again, for all of that one is lost; any other error, and that of the last try, is raised as it came.
    """
    for _try in range(TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _BEGIN_ANEW or connection.in_atomic_block:
                raise
    with transaction.atomic():
        return work()
