"""What becomes of tasks, written down: what was begun, what failed, and what is begun no more.

A worker that dies leaves its task to another. One that takes three workers with it is not begun a fourth time: it is
in the list of failed tasks, where an operator has it run again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import F
from django.utils.translation import gettext, gettext_noop

from safet_portal.models import FailedTask, LifeSign, TaskStart

log = structlog.get_logger(__name__)

MOST_STARTS = 3
LOST_AFTER = timedelta(minutes=15)
"""How long ago a task was begun that has certainly ended, one way or another: above its time limit."""
DIED, LOST = "DIED", "LOST"
"""Causes of our own; every other is the error."""
_SENTENCES = {
    DIED: gettext_noop("Its worker died each time, three times: killed, or out of memory."),
    LOST: gettext_noop("It was begun and never ended: its time was up, or its worker died and nobody took it up."),
}


def cause_words(cause: str) -> str:
    """Return what an operator reads for the cause of a failed task."""
    return gettext(_SENTENCES[cause]) if cause in _SENTENCES else cause


def arguments_of(args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """Return what a task is to work on, as it is kept and run again from: JSON of [args, kwargs], cut at 500."""
    return json.dumps([list(args), kwargs], default=str, sort_keys=True)[:500]


def begin(task_id: str, task: str, arguments: str, now: datetime) -> bool:
    """Note that a task is begun; return whether it may be: not for the fourth time. One query, or three."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO safet_portal_taskstart AS s (task_id, task, arguments, starts, started_at)
            VALUES (%s, %s, %s, 1, %s)
            ON CONFLICT (task_id) DO UPDATE SET starts = s.starts + 1, started_at = excluded.started_at
            RETURNING starts
            """,
            [task_id, task, arguments, now],
        )
        starts = int(cursor.fetchone()[0])
    if starts <= MOST_STARTS:
        return True
    _note(task, arguments, DIED, now, given_up=True)
    TaskStart.objects.filter(task_id=task_id).delete()
    return False


def went_well(task_id: str, task: str, arguments: str) -> None:
    """Note that a task ended as it should: whatever went wrong with the same before is over. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH ended AS (DELETE FROM safet_portal_taskstart WHERE task_id = %s) "
            "DELETE FROM safet_portal_failedtask WHERE task = %s AND arguments = %s",
            [task_id, task, arguments],
        )


def failed(task_id: str, task: str, arguments: str, cause: str, now: datetime) -> None:
    """Note that a task ended with an error."""
    TaskStart.objects.filter(task_id=task_id).delete()
    _note(task, arguments, cause, now, given_up=False)


def find_lost(now: datetime) -> int:
    """Put into the list what was begun and came to no end; return how many. Run by the schedule."""
    lost = list(TaskStart.objects.filter(started_at__lt=now - LOST_AFTER).order_by("started_at")[:1000])
    for one in lost:
        _note(one.task, one.arguments, LOST, now, given_up=False)
        TaskStart.objects.filter(pk=one.pk, started_at=one.started_at).delete()
    return len(lost)


def _note(task: str, arguments: str, cause: str, now: datetime, *, given_up: bool) -> None:
    log.error("task_failed", task=task, arguments=arguments, cause=cause, given_up=given_up)
    cause = cause.replace("\0", "")[:500]
    row, is_new = FailedTask.objects.get_or_create(
        task=task,
        arguments=arguments,
        defaults={"cause": cause, "first_at": now, "last_at": now, "given_up": given_up},
    )
    if not is_new:
        again = {"times": F("times") + 1, "last_at": now, "cause": cause, "given_up": given_up}
        FailedTask.objects.filter(pk=row.pk).update(**again)


# -- who is alive -----------------------------------------------------------------------------------------------------


def give_sign(name: str, now: datetime) -> None:
    """Note that a worker did what the schedule asked of this queue, or of beat."""
    LifeSign.objects.update_or_create(name=name, defaults={"at": now})


def ages_of_signs(now: datetime) -> dict[str, int]:
    """Return how many seconds ago the last sign of each was given. One query."""
    return {name: max(int((now - at).total_seconds()), 0) for name, at in LifeSign.objects.values_list("name", "at")}
