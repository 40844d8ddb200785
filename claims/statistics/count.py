"""Count what was decided, a day at a time. Counting a day again gives the same rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from claims.models import DayStatistics, Decision

HOURS = (1, 2, 4, 8, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168, 240, 336, 504, 720)
"""The classes that times are counted in, by their upper ends; one more for what took longer."""
MOST_DAYS = 60
"""Days a run counts at most; the next one goes on."""


def _classes(column: str) -> str:
    counts = ", ".join(f"count(*) FILTER (WHERE {column} = {n})" for n in range(len(HOURS) + 1))
    return f"ARRAY[{counts}]"


_COUNT = f"""
WITH first AS (
    SELECT c.seller_id, c.reason, c.currency, c.claimed_minor, d.granted_minor, d.by_id,
           width_bucket(extract(epoch FROM d.at - c.filed_at)::float8 / 3600, %(hours)s) AS decided_in,
           width_bucket(extract(epoch FROM (
               SELECT min(s.at) FROM claims_statuschange s WHERE s.claim_id = c.id AND s.party IN ('DESK', 'SYSTEM')
           ) - c.filed_at)::float8 / 3600, %(hours)s) AS answered_in
      FROM claims_decision d JOIN claims_claim c ON c.id = d.claim_id
     WHERE d.at >= %(start)s AND d.at < %(end)s AND d.stage = 'FIRST' AND d.number = 1 AND c.origin = 'FILED'
), again AS (
    SELECT c.seller_id, c.reason, c.currency, d.granted_minor > coalesce(c.first_granted_minor, 0) AS raised
      FROM claims_decision d JOIN claims_claim c ON c.id = d.claim_id
     WHERE d.at >= %(start)s AND d.at < %(end)s AND d.stage = 'APPEAL'
), decided AS (
    SELECT seller_id, reason, currency, count(*) AS decided, count(*) FILTER (WHERE granted_minor > 0) AS granted,
           count(*) FILTER (WHERE by_id IS NULL) AS lapsed, sum(claimed_minor) AS claimed,
           sum(granted_minor) AS approved, {_classes("answered_in")} AS answers, {_classes("decided_in")} AS decisions
      FROM first GROUP BY GROUPING SETS ((seller_id, reason, currency), (reason, currency))
), appealed AS (
    SELECT seller_id, reason, currency, count(*) AS appeals, count(*) FILTER (WHERE raised) AS overturned
      FROM again GROUP BY GROUPING SETS ((seller_id, reason, currency), (reason, currency))
)
INSERT INTO claims_daystatistics (day, seller_id, reason, currency, decided, granted, lapsed, appeals, overturned,
                               claimed_minor, granted_minor, answer_hours, decision_hours)
SELECT %(day)s, coalesce(d.seller_id, a.seller_id), coalesce(d.reason, a.reason), coalesce(d.currency, a.currency),
       coalesce(d.decided, 0), coalesce(d.granted, 0), coalesce(d.lapsed, 0), coalesce(a.appeals, 0),
       coalesce(a.overturned, 0), coalesce(d.claimed, 0), coalesce(d.approved, 0),
       coalesce(d.answers, '{{}}'), coalesce(d.decisions, '{{}}')
  FROM decided d FULL JOIN appealed a
    ON (d.reason, d.currency, coalesce(d.seller_id, 0)) = (a.reason, a.currency, coalesce(a.seller_id, 0))
UNION ALL SELECT %(day)s, NULL, '', '', 0, 0, 0, 0, 0, 0, 0, '{{}}', '{{}}'
"""  # noqa: S608 - put together from our own words


def count_day(day: date) -> None:
    """Count what was decided on this day (UTC), in place of what was counted before. Two at once wait."""
    start = datetime.combine(day, time(), UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('claims_daystatistics'))")
        DayStatistics.objects.filter(day=day).delete()
        end, hours = start + timedelta(days=1), [float(hour) for hour in HOURS]
        values: dict[str, Any] = {"day": day, "start": start, "end": end, "hours": hours}
        cursor.execute(_COUNT, values)


def count_new(now: datetime) -> int:
    """Count the days since the last one counted, that one and the one before again; return how many. Safe to repeat."""
    today = now.astimezone(UTC).date()
    last = DayStatistics.objects.filter(day__lte=today).aggregate(last=Max("day"))["last"]
    if last is None:
        first = Decision.objects.order_by("at").values_list("at", flat=True).first()
        last = first.astimezone(UTC).date() if first else today
    day, counted = last - timedelta(days=1), 0
    while day <= today and counted < MOST_DAYS:
        count_day(day)
        day, counted = day + timedelta(days=1), counted + 1
    return counted
