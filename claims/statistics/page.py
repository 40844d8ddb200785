"""How decisions went: pace, grants by reason, appeals. Of one seller for its members, of all for the desk's seniors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.models import DayStatistics
from claims.statistics.count import HOURS
from claims.text import formats, reason_label

SPANS = (30, 90, 365)
WIDTH, HEIGHT, FOOT = 720, 140, 20
ALARM_DAYS, ALARM_LEAST, ALARM_SHARE, ALARM_RISE = 7, 20, 80, 25
"""Denied often: in the last days at least so many of a reason decided, so many percent denied, so many more than
in the rest of the span."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart, in units of its picture, with what a pointer and a table say of it."""

    x: int
    y: int
    width: int
    height: int
    day: str
    count: int


@dataclass(frozen=True, slots=True)
class Reason:
    label: str
    decided: int
    granted: str
    claimed: str
    amount: str
    lapsed: int
    appeals: int
    overturned: str


@dataclass(frozen=True, slots=True)
class Insight:
    """Ready values. Times are words, "" where nothing was decided; shares are percent with what they are of."""

    span: int
    decided: int
    a_day: str
    grant_rate: str
    overturned: str
    answer_median: str
    answer_p90: str
    decision_median: str
    decision_p90: str
    bars: tuple[Bar, ...]
    most: int
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...]


def read(seller_id: int | None, span: int, today: date) -> Insight:
    """Return how decisions went in the last `span` days up to today. One query, over small rows."""
    since = today - timedelta(days=span - 1)
    of = Q(seller_id__isnull=True) if seller_id is None else Q(seller_id=seller_id)
    rows = list(DayStatistics.objects.filter(of, day__gte=since, day__lte=today).exclude(reason="", currency=""))
    decided, appeals = sum(row.decided for row in rows), sum(row.appeals for row in rows)
    granted, overturned = sum(row.granted for row in rows), sum(row.overturned for row in rows)
    answers, decisions = _sum(row.answer_hours for row in rows), _sum(row.decision_hours for row in rows)
    by_day: Counter[date] = Counter()
    for row in rows:
        by_day[row.day] += row.decided
    days = [since + timedelta(days=n) for n in range(span)]
    return Insight(
        span=span,
        decided=decided,
        a_day=formats.number(decided / span, 1),
        grant_rate=_share(granted, decided),
        overturned=_share(overturned, appeals),
        answer_median=_hours(answers, 50),
        answer_p90=_hours(answers, 90),
        decision_median=_hours(decisions, 50),
        decision_p90=_hours(decisions, 90),
        bars=_bars(days, by_day),
        most=max(by_day.values(), default=0),
        reasons=_reasons(rows),
        warnings=_warnings(rows, today) if seller_id is None else (),
    )


def _sum(lists: Iterable[Sequence[int]]) -> list[int]:
    total = [0] * (len(HOURS) + 1)
    for counts in lists:
        for at, count in enumerate(counts):
            total[at] += count
    return total


def percentile(counts: Sequence[int], percent: int) -> float | None:
    """Return the hours below which `percent` of what was counted took, read within its class; None for nothing.

    What took longer than the last class is told as its beginning.
    """
    total = sum(counts)
    if not total:
        return None
    wanted, below = total * percent / 100, 0
    for at, count in enumerate(counts):
        if count and below + count >= wanted:
            low = HOURS[at - 1] if at else 0
            high = HOURS[at] if at < len(HOURS) else low
            return low + (high - low) * (wanted - below) / count
        below += count
    return float(HOURS[-1])


def _hours(counts: Sequence[int], percent: int) -> str:
    hours = percentile(counts, percent)
    if hours is None:
        return ""
    if hours >= 48:
        return _("%(n)s days") % {"n": formats.number(hours / 24, 1)}
    if hours < 1:
        return _("less than an hour")
    return ngettext("%(n)s hour", "%(n)s hours", round(hours)) % {"n": round(hours)}


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    values = {"share": formats.percent(round(100 * part / whole)), "part": formats.number(part)}
    return _("%(share)s (%(part)s / %(whole)s)") % {**values, "whole": formats.number(whole)}


def _bars(days: Sequence[date], counts: Counter[date]) -> tuple[Bar, ...]:
    most = max(counts.values(), default=0) or 1
    step = WIDTH / len(days)
    bars = []
    for at, day in enumerate(days):
        height = round((HEIGHT - FOOT) * counts[day] / most)
        width = max(1, int(step) - (2 if step > 4 else 0))
        words = formats.day(day)
        bars.append(Bar(round(at * step), HEIGHT - FOOT - height, width, height, words, counts[day]))
    return tuple(bars)


def _reasons(rows: Sequence[DayStatistics]) -> tuple[Reason, ...]:
    groups: dict[str, list[DayStatistics]] = defaultdict(list)
    for row in rows:
        groups[row.reason].append(row)
    made = []
    for code, own in groups.items():
        claimed: Counter[str] = Counter()
        amount: Counter[str] = Counter()
        for row in own:
            claimed[row.currency] += row.claimed_minor
            amount[row.currency] += row.granted_minor
        decided = sum(row.decided for row in own)
        made.append(
            Reason(
                label=reason_label(code) if code else _("No reason given"),
                decided=decided,
                granted=_share(sum(row.granted for row in own), decided),
                claimed=formats.and_list([formats.money(minor, code) for code, minor in sorted(claimed.items())]),
                amount=formats.and_list([formats.money(minor, code) for code, minor in sorted(amount.items())]),
                lapsed=sum(row.lapsed for row in own),
                appeals=sum(row.appeals for row in own),
                overturned=_share(sum(row.overturned for row in own), sum(row.appeals for row in own)),
            )
        )
    return tuple(sorted(made, key=lambda reason: (-reason.decided, reason.label)))


def _warnings(rows: Sequence[DayStatistics], today: date) -> tuple[str, ...]:
    """Say which reason is denied often in the last days, against the rest of the span. Lapses are no denials."""
    since = today - timedelta(days=ALARM_DAYS - 1)
    now: dict[str, Counter[str]] = defaultdict(Counter)
    before: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts = (now if row.day >= since else before)[row.reason]
        counts["decided"] += row.decided - row.lapsed
        counts["denied"] += row.decided - row.lapsed - row.granted
    sentences = []
    for code, counts in sorted(now.items()):
        if counts["decided"] < ALARM_LEAST:
            continue
        share = 100 * counts["denied"] / counts["decided"]
        earlier = before[code]
        usual = 100 * earlier["denied"] / earlier["decided"] if earlier["decided"] else 0
        if share >= ALARM_SHARE and share - usual >= ALARM_RISE:
            sentences.append(
                _('"%(reason)s" is being denied unusually often: %(share)s in %(days)s days; before, %(usual)s.')
                % {
                    "reason": reason_label(code) if code else _("No reason given"),
                    "share": _share(counts["denied"], counts["decided"]),
                    "days": ALARM_DAYS,
                    "usual": _share(earlier["denied"], earlier["decided"]),
                }
            )
    return tuple(sentences)


def span_of(text: str) -> int:
    """Return how many days a page was asked for: one of SPANS."""
    return int(text) if text in {str(span) for span in SPANS} else SPANS[0]
