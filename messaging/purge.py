"""Bytes that are no longer needed are deleted: what the schedule does, in one list of what is due."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from claims.files import orphans, purge_infected
from claims.filing import drafts
from claims.imports import runs
from claims.records import redact
from messaging import packs, redact_message

logger = logging.getLogger(__name__)


class TooManyOrphans(Exception):
    """Most of what is stored has no row: nothing of it was deleted. `report` says how much."""

    def __init__(self, report: orphans.StorageReport) -> None:
        super().__init__(f"{len(report.orphaned)} stored files have no row, {report.named} have one")
        self.report = report


def due(now: datetime) -> dict[str, int]:
    """Return how much of each kind is past its time."""
    return {
        "infected": purge_infected.infected(now).count(),
        "taken_out": redact.erased_files().count() + redact_message.erased_originals().count(),
        "packs": packs.past(now).count(),
        "drafts": drafts.idle(now).count(),
        "imports": runs.old_files(now).count() + runs.old_runs(now).count(),
    }


def purge(now: datetime) -> dict[str, int]:
    """Delete all that is past its time; return how much of each kind. Safe to repeat and to run twice at once."""
    return {
        "infected": _all(lambda: purge_infected.purge_infected(now=now)),
        "taken_out": _all(redact.delete_erased_files) + _all(redact_message.delete_erased_originals),
        "packs": _all(lambda: packs.delete_old(now=now)),
        "drafts": drafts.delete_idle(now),
        "imports": runs.forget(now),
    }


def purge_orphans(
    now: datetime, *, is_time_up: Callable[[], bool] = lambda: False, whatever: bool = False
) -> tuple[orphans.StorageReport, int]:
    """Delete stored bytes that no row names and that are a day old; return what was found and how much of it went.

    Raises TooManyOrphans where most of what is stored has no row, unless `whatever`.
    """
    report = orphans.look(now=now, is_time_up=is_time_up)
    if report.is_odd and not whatever:
        raise TooManyOrphans(report)
    gone = orphans.delete(report)
    if gone:
        logger.info("%s orphaned files deleted, %s bytes", gone, report.orphaned_bytes)
    return report, gone


def _all(delete_some: Callable[[], int]) -> int:
    total = 0
    while some := delete_some():
        total += some
    return total
