"""The programme's windows as shipped: each row of the table with worked dates, and the change of 16 February 2026."""
# ruff: noqa: E501

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts import marketplaces
from claims.policy_loading import check_rows
from claims.policy_loading.load import POLICIES
from claims.rules.eligibility import Cause, RefundFacts, State, Timing, assess, options
from claims.rules.lifecycle import Reason, SubReason
from claims.rules.policy import Dates, Rule, Rulebook, Trigger, Unit, consistency, local_day

FILES = sorted(POLICIES.glob("*.toml"))
R, S = Reason, SubReason


def rule_of(row: dict[str, Any]) -> Rule:
    """The plain rule that a row of a file stands for."""
    full = check_rows.full_rule(row)
    dropped = {key: full.pop(key) for key in ("clause", "source", "note")}
    assert dropped["source"]
    for key in ("marketplace", "region", "program", "reason", "sub_reason"):
        full[key] = full[key] or None
    return Rule(**{**full, "trigger": Trigger(full["trigger"]), "unit": Unit(full["unit"])})


SHIPPED = [rule_of(row) for path in FILES for row in tomllib.loads(path.read_text()).get("rule", [])]
BOOK = Rulebook(SHIPPED)


def facts(place: str, refund: date | datetime, program: str | None = None, **dates: date) -> RefundFacts:
    market = marketplaces.by_code()[place]
    at = refund if isinstance(refund, datetime) else datetime(*refund.timetuple()[:3], 12, tzinfo=market.tz)
    return RefundFacts(
        market,
        Dates(at.astimezone(UTC), **dates),
        1,
        0,
        5000,
        0,
        market.currency,
        "111-0000002-0000002",
        program=program,
    )


D = date
# name, place, program, reason, case, refunded, dates, first day, last day
TABLE = [
    ("base: 30 days", "CA", None, R.DAMAGED, None, D(2026, 10, 1), {}, D(2026, 10, 1), D(2026, 10, 31)),
    ("the United Kingdom is not EU", "UK", None, R.PARTS, None, D(2026, 10, 1), {}, D(2026, 10, 1), D(2026, 10, 31)),
    ("SFP from 2019-08-31", "CA", "SFP", R.DAMAGED, None, D(2019, 8, 31), {}, D(2019, 8, 31), D(2019, 10, 30)),
    ("SFP before it", "CA", "SFP", R.DAMAGED, None, D(2019, 8, 30), {}, D(2019, 8, 30), D(2019, 9, 29)),
    ("US until 2026-02-15", "US", None, R.DIFFERENT, None, D(2026, 2, 15), {}, D(2026, 2, 15), D(2026, 4, 16)),
    ("US, return after refund", "US", None, R.DIFFERENT, None, D(2026, 2, 16), {"return_delivered_on": D(2026, 3, 1)},
     D(2026, 3, 1), D(2026, 3, 31)),
    ("US, return before refund", "US", None, R.DIFFERENT, None, D(2026, 2, 16), {"return_delivered_on": D(2026, 2, 1)},
     D(2026, 2, 16), D(2026, 3, 18)),
    ("US, no return scan", "US", None, R.DIFFERENT, None, D(2026, 2, 16), {}, D(2026, 2, 16), D(2026, 3, 18)),
    ("US, lost", "US", None, R.NOT_RETURNED, S.LOST_IN_RETURN, D(2026, 2, 16), {"last_scan_on": D(2026, 3, 10)},
     D(2026, 3, 10), D(2026, 4, 9)),
    ("US, lost, scanned before the refund", "US", None, R.NOT_RETURNED, S.LOST_IN_RETURN, D(2026, 2, 16),
     {"last_scan_on": D(2026, 1, 10)}, D(2026, 2, 16), D(2026, 3, 18)),
    ("EU: 60 days", "DE", None, R.DAMAGED, None, D(2026, 10, 1), {}, D(2026, 10, 1), D(2026, 11, 30)),
    ("EU over the end of summer time", "IT", None, R.ABUSE, None, D(2026, 9, 30), {}, D(2026, 9, 30), D(2026, 11, 29)),
    ("India: 15 days from delivery", "IN", None, R.DAMAGED, None, D(2026, 10, 1), {"return_delivered_on": D(2026, 10, 5)},
     D(2026, 10, 5), D(2026, 10, 20)),
    ("India: not received", "IN", None, R.NOT_RETURNED, None, D(2026, 10, 1), {}, D(2026, 11, 20), D(2026, 12, 15)),
    ("India: nothing comes back", "IN", None, R.DELIVERED, None, D(2026, 10, 1), {}, D(2026, 10, 1), D(2026, 10, 31)),
    ("UAE: 7 days from delivery", "AE", None, R.DIFFERENT, None, D(2026, 10, 1), {"return_delivered_on": D(2026, 10, 5)},
     D(2026, 10, 5), D(2026, 10, 12)),
    ("UAE: refund after delivery", "AE", None, R.DIFFERENT, None, D(2026, 10, 20),
     {"return_delivered_on": D(2026, 10, 1)}, D(2026, 10, 20), D(2026, 10, 27)),
    ("UAE: self-shipped", "AE", None, R.NOT_RETURNED, None, D(2026, 10, 1), {"return_requested_on": D(2026, 9, 20)},
     D(2026, 10, 31), D(2026, 11, 30)),
    ("Saudi Arabia: 7 days from delivery", "SA", None, R.PARTS, None, D(2026, 10, 1),
     {"return_delivered_on": D(2026, 10, 5)}, D(2026, 10, 5), D(2026, 10, 12)),
    ("Saudi Arabia: self-shipped", "SA", None, R.NOT_RETURNED, None, D(2026, 10, 1),
     {"return_requested_on": D(2026, 10, 20)}, D(2026, 11, 19), D(2026, 12, 19)),
    ("Brazil: not returned", "BR", None, R.NOT_RETURNED, None, D(2026, 10, 1), {}, D(2026, 11, 15), D(2026, 12, 15)),
    ("Brazil: another reason", "BR", None, R.DAMAGED, None, D(2026, 10, 1), {}, D(2026, 10, 1), D(2026, 10, 31)),
    ("base over leap day", "JP", None, R.DAMAGED, None, D(2028, 1, 31), {}, D(2028, 1, 31), D(2028, 3, 1)),
    ("base over the end of a year", "AU", None, R.DAMAGED, None, D(2026, 12, 15), {}, D(2026, 12, 15), D(2027, 1, 14)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "program", "reason", "case", "refunded", "dates", "first", "last"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_row_of_the_table(
    place: str,
    program: str | None,
    reason: Reason,
    case: SubReason | None,
    refunded: date,
    dates: dict[str, date],
    first: date,
    last: date,
) -> None:
    known = facts(place, refunded, program, **dates)
    found = assess(known, BOOK, reason, known.dates.refunded_at, sub_reason=case).window
    assert found is not None
    assert found.opens_at is not None
    assert found.closes_at is not None
    market = marketplaces.by_code()[place]
    assert (local_day(found.opens_at, market), local_day(found.closes_at, market)) == (first, last)
    tick = timedelta(microseconds=1)
    states = [
        assess(known, BOOK, reason, at, sub_reason=case).eligible
        for at in (found.opens_at - tick, found.opens_at, found.closes_at, found.closes_at + tick)
    ]
    assert states == [False, True, True, False]


def test_shipped_rules_neither_tie_nor_leave_a_gap() -> None:
    assert [consistency.ties(SHIPPED), consistency.gaps(SHIPPED, marketplaces.by_code().values())] == [[], []]


def test_every_shipped_rule_says_where_it_comes_from() -> None:
    rows = [row for path in FILES for kind in tomllib.loads(path.read_text()).values() for row in kind]
    assert [row["key"] for row in rows if "SAFE-T policy" not in row["source"]] == []


def test_marketplaces_are_complete() -> None:
    assert check_rows.check_marketplaces(tomllib.loads(marketplaces.TABLE.read_text())) == []


LAST_OLD = datetime(2026, 2, 16, 7, 59, 59, 999999, tzinfo=UTC)  # 15 February, 23:59:59.999999 in Los Angeles


def test_us_change_falls_between_two_refunds_a_microsecond_apart() -> None:
    old, new = facts("US", LAST_OLD), facts("US", LAST_OLD + timedelta(microseconds=1))
    windows = [assess(one, BOOK, R.DIFFERENT, one.dates.refunded_at).window for one in (old, new)]
    assert [(w.rule.key, w.rule.version, w.provisional) for w in windows if w] == [("us", 1, False), ("us", 2, True)]
    assert [local_day(w.closes_at, marketplaces.by_code()["US"]) for w in windows if w and w.closes_at] == [
        D(2026, 4, 16),
        D(2026, 3, 18),
    ]


def test_a_provisional_end_moves_later_only() -> None:
    before = facts("US", D(2026, 3, 2))
    now = before.dates.refunded_at
    ends = [
        assess(facts("US", D(2026, 3, 2), return_delivered_on=D(2026, 3, day)), BOOK, R.DAMAGED, now).window
        for day in (1, 2, 3, 20)
    ]
    first = assess(before, BOOK, R.DAMAGED, now)
    assert first.answer.code is Cause.CLOSING_AT_LEAST
    assert first.window is not None
    closings = [end.closes_at for end in ends if end and end.closes_at and first.window.closes_at]
    assert all(first.window.closes_at <= closing for closing in closings if first.window.closes_at)
    assert closings == sorted(closings)


def test_without_a_return_date_india_opens_for_what_never_came_back_only() -> None:
    known = facts("IN", D(2026, 10, 1))
    day_60 = known.dates.refunded_at + timedelta(days=60)
    by_timing: dict[Timing, set[Reason]] = {}
    for one in options(known, BOOK, day_60):
        assert one.reason is not None
        by_timing.setdefault(one.timing, set()).add(one.reason)
    assert by_timing == {
        Timing.OPEN: {R.NOT_RETURNED},
        Timing.TOO_LATE: {R.NO_RETURN_ASKED, R.REPLACED, R.DELIVERED},
        Timing.DATE_MISSING: {R.DAMAGED, R.DIFFERENT, R.PARTS, R.ABUSE, R.OUTSIDE_WINDOW, R.SHIPPING},
    }
    late = assess(known, BOOK, R.DAMAGED, day_60)
    assert (late.state, late.causes[0].code, late.causes[0].params["date"]) == (
        State.TOO_EARLY,
        Cause.DATE_MISSING,
        Trigger.RETURN_DELIVERY,
    )


def test_too_late_for_one_reason_names_the_one_still_open() -> None:
    known = facts("BR", D(2026, 10, 1))
    late = assess(known, BOOK, R.DAMAGED, known.dates.refunded_at + timedelta(days=50))
    (said,) = late.causes
    assert (said.code, said.params["other"].reason) == (Cause.TOO_LATE, R.NOT_RETURNED)
    anything = assess(known, BOOK, None, known.dates.refunded_at + timedelta(days=50))
    assert (anything.state, anything.option.reason) == (State.OPEN, R.NOT_RETURNED)
