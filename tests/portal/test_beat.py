"""The schedule's turns: each is asked for once, whoever restarts, however many beats there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery.beat import SchedulingError
from django.db import connection
from django.db.models import F

from safet_portal.beat import ClockScheduler
from safet_portal.celery import app
from safet_portal.models import ScheduledWork

DAILY = {
    "daily work": {"task": "claims.tasks.forget_what_is_idle", "schedule": 24 * 3600.0},
    "work of every minute": {"task": "claims.tasks.lapse_overdue_claims", "schedule": 60.0},
}


class Beat(ClockScheduler):
    """A beat whose questions are counted instead of sent: what a broker does is another test's."""

    broken = False

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(app, lazy=True)
        self.merge_inplace(DAILY)

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **_: Any) -> None:
        if self.broken:
            raise SchedulingError("no broker")
        self.asked.append(entry.name)

    @property
    def producer(self) -> None:
        return None


@pytest.fixture
def _begun(db: None) -> None:
    """The turns of now were asked for already."""
    Beat().tick()


def earlier(**span: float) -> None:
    """What was asked for was asked for so much earlier."""
    for name, entry in DAILY.items():
        turns = int(timedelta(**span).total_seconds() // float(str(entry["schedule"])))
        ScheduledWork.objects.filter(name=name).update(turn=F("turn") - turns)


@pytest.mark.django_db
def test_first_beat_asks_for_everything_and_the_next_for_nothing() -> None:
    first = Beat()
    first.tick()
    assert sorted(first.asked) == sorted(DAILY)
    again = Beat()
    again.tick()
    assert again.asked in ([], ["work of every minute"])  # a minute may have ended


@pytest.mark.usefixtures("_begun")
def test_daily_work_that_was_missed_is_asked_for_by_whoever_comes() -> None:
    earlier(days=3)
    beat = Beat()
    beat.tick()
    assert sorted(beat.asked) == sorted(DAILY)
    assert Beat().tick() <= 5


@pytest.mark.usefixtures("_begun")
def test_what_no_broker_takes_stays_due() -> None:
    earlier(days=1)
    beat = Beat()
    beat.broken = True
    assert beat.tick() == 5
    beat.broken = False
    beat.tick()
    assert sorted(beat.asked) == sorted(DAILY)


@pytest.mark.usefixtures("_begun")
def test_clock_that_was_ahead_keeps_no_work_waiting() -> None:
    earlier(days=-3)
    beat = Beat()
    beat.tick()
    assert sorted(beat.asked) == sorted(DAILY)


@pytest.mark.usefixtures("_begun")
def test_second_beat_that_looked_at_the_same_moment_asks_for_nothing() -> None:
    """Both have seen that it is due; the row decides."""
    earlier(days=1)
    one, other = Beat(), Beat()
    for beat in (one, other):
        for entry in beat.schedule.values():
            beat._ask(entry, entry.schedule.run_every.total_seconds())
    assert (sorted(one.asked), [name for name in other.asked if name == "daily work"]) == (sorted(DAILY), [])


@pytest.mark.django_db
def test_turns_go_by_the_clock_of_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT floor((extract(epoch FROM now()) - 3 * 3600) / 86400)")
        today = int(cursor.fetchone()[0])
    Beat().tick()
    assert ScheduledWork.objects.get(name="daily work").turn == today
