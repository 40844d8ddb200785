"""The schedule: `celery -A safet_portal beat`. Turns are counted from PostgreSQL's clock and kept in its table.

So work that is due daily is done daily, however often beat is restarted: a turn that nobody asked for is asked for at
once, whoever comes. Any number of beats may run: of each turn one asks.
"""

from __future__ import annotations

import math
from typing import Any

import structlog
from celery.beat import ScheduleEntry, Scheduler
from django.db import DatabaseError, InterfaceError, connection, transaction

log = structlog.get_logger(__name__)

TURNS_BEGIN = 3 * 3600
"""Seconds after midnight UTC at which the turns of daily work change."""
SHORTEST, LONGEST = 0.1, 5.0
"""Seconds between two looks."""


class ClockScheduler(Scheduler):
    """Asks for each turn once. What can't be asked for now, since queue or database is away, is asked for later."""

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Ask for what is due; return how many seconds there are until the next look."""
        try:
            now, turns = self._turns()
            for entry in self.schedule.values():
                period = _period(entry)
                if _is_due(turns.get(entry.name), _turn(now, period)):
                    self._ask(entry, period)
        except (DatabaseError, InterfaceError) as error:
            log.error("schedule_waits_for_the_database", error=repr(error))
            connection.close()
            return LONGEST
        except Exception as error:  # whatever a broker raises
            log.error("schedule_waits_for_the_queue", error=repr(error))
            return LONGEST
        left = min((_left(now, _period(entry)) for entry in self.schedule.values()), default=LONGEST)
        return min(max(left, SHORTEST), LONGEST)

    def _turns(self) -> tuple[float, dict[str, int]]:
        """Return what PostgreSQL's clock says, and the turn of each line that was asked for last. One query."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM clock_timestamp())::float8, name, turn"
                " FROM (SELECT 1) one LEFT JOIN safet_portal_scheduledwork ON true"
            )
            rows = cursor.fetchall()
        return float(rows[0][0]), {name: turn for _, name, turn in rows if name is not None}

    def _ask(self, entry: ScheduleEntry, period: float) -> None:
        """Ask for the entry's turn, unless another beat has; what could not be asked for stays due."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    INSERT INTO safet_portal_scheduledwork AS w (name, turn, asked_at)
                    SELECT %(name)s, floor((extract(epoch FROM at) - %(begin)s) / %(period)s), at
                      FROM (SELECT clock_timestamp() AS at) now
                    ON CONFLICT (name) DO UPDATE SET turn = excluded.turn, asked_at = excluded.asked_at
                     WHERE w.turn < excluded.turn OR w.turn > excluded.turn + 1
                    """,
                    {"name": entry.name, "begin": TURNS_BEGIN, "period": period},
                )
                is_ours = bool(cursor.rowcount)
            if is_ours:
                self.apply_async(entry, producer=self.producer, advance=False)


def _period(entry: ScheduleEntry) -> float:
    return float(entry.schedule.run_every.total_seconds())


def _turn(now: float, period: float) -> int:
    return math.floor((now - TURNS_BEGIN) / period)


def _is_due(asked: int | None, turn: int) -> bool:
    """Whether a turn is still to be asked for; far ahead of it is only what a clock asked that was set back since."""
    return asked is None or asked < turn or asked > turn + 1


def _left(now: float, period: float) -> float:
    return period - (now - TURNS_BEGIN) % period
