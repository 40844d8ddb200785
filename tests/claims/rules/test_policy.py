"""Windows and clocks: worked examples, days of the clock change, which rule governs, and no window empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import marketplaces
from claims.rules.eligibility import Cause, RefundFacts, State, assess
from claims.rules.policy import Dates, Outage, Rule, Trigger, Window, clock_end, end_of_day, pick, start_of_day, window

US, DE = marketplaces.by_code()["US"], marketplaces.by_code()["DE"]
BASE = Rule("base", 1, "Base rule", Trigger.REFUND, 0, 30)
POSTED = datetime(2025, 8, 19, 2, 0, tzinfo=UTC)  # 18 August, 19:00, in the marketplace's zone
MICROSECOND = timedelta(microseconds=1)


def local_day(at: datetime | None, zone: ZoneInfo = US.tz) -> date:
    assert at is not None
    return at.astimezone(zone).date()


def facts(refunded_at: datetime = POSTED) -> RefundFacts:
    return RefundFacts(US, Dates(refunded_at), 1, 0, 4499, 0, "USD", "111-0000002-0000002")


@pytest.mark.parametrize(("days", "last_day"), [(30, date(2025, 9, 17)), (60, date(2025, 10, 17))])
def test_window_counts_days_of_the_marketplace(days: int, last_day: date) -> None:
    found = window(replace(BASE, closes_after=days), Dates(POSTED), US)
    assert found.closes_at is not None
    assert found == Window(found.rule, POSTED, end_of_day(last_day, US.tz), date(2025, 8, 18))
    assert local_day(found.closes_at) == last_day
    assert local_day(found.closes_at + MICROSECOND) == last_day + timedelta(days=1)


def test_last_microsecond_of_the_window_is_inside() -> None:
    last = datetime(2025, 9, 18, 6, 59, 59, 999999, tzinfo=UTC)  # 17 September in Los Angeles
    states = [
        assess(facts(), [BASE], None, at).state for at in (POSTED - MICROSECOND, POSTED, last, last + MICROSECOND)
    ]
    assert states == [State.TOO_EARLY, State.OPEN, State.CLOSING_SOON, State.TOO_LATE]
    assert [said.code for said in assess(facts(), [BASE], None, last + MICROSECOND).causes] == [Cause.TOO_LATE]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2025, 3, 9), 23), (date(2025, 11, 2), 25), (date(2025, 8, 18), 24)],
    ids=["spring", "autumn", "summer"],
)
def test_day_of_the_clock_change_is_whole(day: date, hours: int) -> None:
    assert end_of_day(day, US.tz) + MICROSECOND - start_of_day(day, US.tz) == timedelta(hours=hours)


def test_window_over_the_clock_change_ends_at_local_midnight() -> None:
    found = window(BASE, Dates(datetime(2025, 10, 20, 12, 0, tzinfo=UTC)), DE)
    assert found.closes_at == datetime(2025, 11, 19, 22, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2025, 8, 19, 2, 0, tzinfo=UTC), datetime(2025, 8, 26, 6, 59, 59, 999999, tzinfo=UTC)),
        # Seven local days over the start of summer time are an hour short for whoever starts in the day's last hour.
        (datetime(2025, 3, 8, 7, 30, tzinfo=UTC), datetime(2025, 3, 16, 6, 59, 59, 999999, tzinfo=UTC)),
        # Who starts with the last microsecond of a day has the seven days to the microsecond, and no eighth.
        (
            datetime(2025, 8, 19, 6, 59, 59, 999999, tzinfo=UTC),
            datetime(2025, 8, 26, 6, 59, 59, 999999, tzinfo=UTC),
        ),
    ],
    ids=["summer", "an hour lost", "the last microsecond"],
)
def test_clock_ends_with_a_local_day_and_is_never_short(start: datetime, end: datetime) -> None:
    assert clock_end(start, 7, US) == end


DELIVERED = date(2025, 9, 1)


@pytest.mark.parametrize(
    ("trigger", "dates", "counted"),
    [
        (Trigger.REFUND, {"return_delivered_on": DELIVERED}, date(2025, 8, 18)),
        (Trigger.RETURN_DELIVERY, {"return_delivered_on": DELIVERED}, DELIVERED),
        (Trigger.LATER_OF_BOTH, {"return_delivered_on": DELIVERED}, DELIVERED),
        (Trigger.LATER_OF_BOTH, {"return_delivered_on": date(2025, 8, 1)}, date(2025, 8, 18)),
        (Trigger.LATER_OF_BOTH, {}, date(2025, 8, 18)),
        (Trigger.LAST_SCAN, {"last_scan_on": DELIVERED}, DELIVERED),
        (Trigger.RETURN_REQUEST, {"return_requested_on": DELIVERED}, DELIVERED),
        (Trigger.RETURN_REQUEST, {"return_requested_on": date(2025, 8, 1)}, date(2025, 8, 18)),
    ],
)
def test_days_count_from_what_the_rule_says_and_never_from_before_the_refund(
    trigger: Trigger, dates: dict[str, date], counted: date
) -> None:
    found = window(replace(BASE, trigger=trigger), Dates(POSTED, **dates), US)
    assert (found.counted_from, found.closes_at) == (counted, end_of_day(counted + timedelta(days=30), US.tz))
    assert found.opens_at == (POSTED if counted == date(2025, 8, 18) else start_of_day(counted, US.tz))
    assert found.provisional == (trigger is Trigger.LATER_OF_BOTH and not dates)


@pytest.mark.parametrize("trigger", [Trigger.RETURN_DELIVERY, Trigger.LAST_SCAN, Trigger.RETURN_REQUEST])
def test_without_its_date_there_is_no_window_yet(trigger: Trigger) -> None:
    one = replace(BASE, trigger=trigger)
    assert window(one, Dates(POSTED), US) == Window(one, None, None, missing=trigger)


def test_a_window_that_opens_later_opens_with_a_local_day() -> None:
    found = window(replace(BASE, opens_after=3), Dates(POSTED), US)
    assert found.opens_at == start_of_day(date(2025, 8, 21), US.tz)


def test_an_outage_moves_an_end_on_either_edge_of_it_and_none_a_microsecond_beside() -> None:
    end = window(BASE, Dates(POSTED), US).closes_at
    assert end is not None
    hours = timedelta(hours=5)
    for begins, moves in (
        (end, True), (end - hours, True), (end + MICROSECOND, False), (end - hours - MICROSECOND, False),
    ):  # fmt: skip
        found = window(BASE, Dates(POSTED), US, [Outage(begins, begins + hours, "down")])
        later = end_of_day(local_day(end + hours), US.tz)
        assert (found.closes_at, found.moved_from) == ((later, end) if moves else (end, None))


def test_outages_move_an_end_one_after_the_other() -> None:
    end = window(BASE, Dates(POSTED), US).closes_at
    assert end is not None
    day = timedelta(days=1)
    found = window(
        BASE, Dates(POSTED), US, [Outage(end, end + day, "first"), Outage(end + day, end + 3 * day, "second")]
    )
    assert (found.closes_at, found.moved_from, found.moved_why) == (end + 3 * day, end, "second")


def rule(key: str, **more: object) -> Rule:
    return replace(BASE, key=key, **more)  # type: ignore[arg-type]


RULES = [
    rule("any"),
    rule("any-program", program="FBM"),
    rule("any-reason", reason="PARTS"),
    rule("region", region=US.region),
    rule("region-reason", region=US.region, reason="DAMAGED"),
    rule("us", marketplace="US"),
    rule("us-program", marketplace="US", program="FBM"),
    rule("us-reason", marketplace="US", reason="ABUSE"),
    rule("us-reason-program", marketplace="US", reason="ABUSE", program="FBM"),
]


@pytest.mark.parametrize(
    ("left_out", "program", "reason", "governs"),
    [
        ((), None, None, "us"),
        ((), "FBM", None, "us-program"),
        ((), None, "ABUSE", "us-reason"),
        ((), "FBM", "ABUSE", "us-reason-program"),
        (("us-reason-program",), "FBM", "ABUSE", "us-reason"),
        ((), None, "DAMAGED", "us"),
        (("us",), None, "DAMAGED", "region-reason"),
        (("us",), None, "PARTS", "region"),
        (("us", "region"), None, "PARTS", "any-reason"),
        (("us", "us-program", "region"), "FBM", "PARTS", "any-reason"),
        (("us", "us-program", "region", "any-reason"), "FBM", "PARTS", "any-program"),
    ],
)
def test_place_governs_before_reason_before_program(
    left_out: tuple[str, ...], program: str | None, reason: str | None, governs: str
) -> None:
    known = [one for one in RULES if one.key not in left_out]
    for order in (known, known[::-1]):
        found = pick(order, US, program, reason, POSTED)
        assert found is not None
        assert found.key == governs


def test_newest_version_governs_and_effective_dates_are_local_days() -> None:
    old, new = rule("base", effective_to=date(2025, 8, 18)), rule("base", version=2, effective_from=date(2025, 8, 19))
    midnight = datetime(2025, 8, 19, 7, 0, tzinfo=UTC)
    assert [pick([old, new], US, None, None, at) for at in (POSTED, midnight - MICROSECOND, midnight)] == [
        old,
        old,
        new,
    ]
    assert pick([rule("base"), rule("base", version=2)], US, None, None, POSTED) == rule("base", version=2)
    assert pick([new], US, None, None, POSTED) is None


instants = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
days = st.none() | st.dates(date(2014, 1, 1), date(2036, 1, 1))


@given(
    refunded_at=instants,
    dates=st.tuples(days, days, days),
    trigger=st.sampled_from(Trigger),
    opens_after=st.integers(0, 120),
    length=st.integers(0, 120),
    market=st.sampled_from(sorted(marketplaces.by_code())),
)
def test_no_window_is_empty(
    refunded_at: datetime,
    dates: tuple[date | None, date | None, date | None],
    trigger: Trigger,
    opens_after: int,
    length: int,
    market: str,
) -> None:
    zone = marketplaces.by_code()[market].tz
    one = Rule("any", 1, "Any", trigger, opens_after, opens_after + length)
    found = window(one, Dates(refunded_at, *dates), marketplaces.by_code()[market])
    if found.missing:
        assert (found.opens_at, found.closes_at) == (None, None)
        return
    assert found.opens_at is not None
    assert found.closes_at is not None
    assert refunded_at <= found.opens_at <= found.closes_at
    assert local_day(found.closes_at, zone) < local_day(found.closes_at + MICROSECOND, zone)


@given(start=instants, length=st.integers(1, 90), market=st.sampled_from(sorted(marketplaces.by_code())))
def test_no_clock_is_short(start: datetime, length: int, market: str) -> None:
    zone = marketplaces.by_code()[market].tz
    end = clock_end(start, length, marketplaces.by_code()[market])
    assert timedelta(days=length) <= end - start < timedelta(days=length + 2)
    assert local_day(end, zone) < local_day(end + MICROSECOND, zone)
