"""What holds for every rule, every refund and every moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts import marketplaces
from accounts.marketplaces import MON_TO_FRI, Marketplace
from claims.rules.eligibility import Cause, RefundFacts, State, assess, span
from claims.rules.lifecycle import Reason
from claims.rules.policy import Dates, Outage, Rule, Rulebook, Trigger, Unit, clock_end, days_on, window

TICK = timedelta(microseconds=1)
# From the first to land on a day to the last, with half hours, quarter hours and clock changes of both hemispheres.
ZONES = [
    "Pacific/Pago_Pago",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Riyadh",
    "Pacific/Apia",
]
zones = st.sampled_from(ZONES).map(lambda zone: replace(marketplaces.by_code()["US"], zone=zone))
places = st.one_of(zones, st.sampled_from(list(marketplaces.by_code().values())))
instants = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
days = st.none() | st.dates(date(2014, 6, 1), date(2035, 6, 1))


@st.composite
def refunds(draw: st.DrawFn) -> Dates:
    """A refund's dates: near each other, as they are, or anywhere."""
    at = draw(instants)
    near = st.none() | st.integers(-40, 90).map(lambda n: at.date() + timedelta(days=n))
    some = st.one_of(near, days)
    return Dates(at, draw(some), draw(some), draw(some))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    opens = draw(st.integers(0, 60))
    unit = draw(st.sampled_from(Unit))
    return Rule("any", 1, "Any", draw(st.sampled_from(Trigger)), opens, opens + draw(st.integers(0, 60)), unit=unit)


def facts(place: Marketplace, dates: Dates) -> RefundFacts:
    return RefundFacts(place, dates, 1, 0, 4499, 0, "USD", "111-0000002-0000002")


@given(rule=rules(), dates=refunds(), place=places, moment=st.integers(-200, 400), reason=st.sampled_from(Reason))
def test_may_file_exactly_when_not_denied_as_early_late_or_undated(
    rule: Rule, dates: Dates, place: Marketplace, moment: int, reason: Reason
) -> None:
    now = dates.refunded_at + timedelta(days=moment, hours=moment % 24)
    answer = assess(facts(place, dates), [rule], reason, now)
    codes = {said.code for said in answer.causes}
    assert answer.eligible == (not codes & {Cause.TOO_EARLY, Cause.TOO_LATE, Cause.DATE_MISSING})
    assert len(codes) <= 1
    found = window(rule, dates, place)
    if found.opens_at and found.closes_at:
        assert (Cause.TOO_LATE in codes) == (now > found.closes_at)
        assert (Cause.TOO_EARLY in codes) == (now < found.opens_at)


@given(rule=rules(), dates=refunds(), place=places)
def test_no_window_is_empty_and_its_ends_are_inside(rule: Rule, dates: Dates, place: Marketplace) -> None:
    found = window(rule, dates, place)
    assume(found.opens_at is not None)
    assert found.opens_at is not None
    assert found.closes_at is not None
    assert dates.refunded_at <= found.opens_at <= found.closes_at
    moments = (found.opens_at - TICK, found.opens_at, found.closes_at, found.closes_at + TICK)
    states = [assess(facts(place, dates), [rule], Reason.DAMAGED, at).eligible for at in moments]
    assert states == [False, True, True, False]
    last = found.closes_at.astimezone(ZoneInfo(place.zone))
    assert last.date() < (found.closes_at + TICK).astimezone(ZoneInfo(place.zone)).date()


ORDER = {State.TOO_EARLY: 0, State.OPEN: 1, State.CLOSING_SOON: 1, State.TOO_LATE: 2}


@given(rule=rules(), dates=refunds(), place=places, moments=st.lists(st.integers(-3000, 9000), min_size=2, max_size=8))
def test_the_answer_goes_from_not_yet_to_open_to_late_and_never_back(
    rule: Rule, dates: Dates, place: Marketplace, moments: list[int]
) -> None:
    states = [
        ORDER[assess(facts(place, dates), [rule], Reason.DAMAGED, dates.refunded_at + timedelta(hours=h)).state]
        for h in sorted(moments)
    ]
    assert states == sorted(states)


@given(rule=rules(), dates=refunds(), place=places, start=st.integers(-50, 200), hours=st.integers(1, 500))
def test_an_outage_takes_no_time_from_a_window(
    rule: Rule, dates: Dates, place: Marketplace, start: int, hours: int
) -> None:
    begins = dates.refunded_at + timedelta(days=start)
    outage = Outage(begins, begins + timedelta(hours=hours), "down")
    found, moved = window(rule, dates, place), window(rule, dates, place, [outage])
    assume(found.closes_at is not None)
    assert found.closes_at is not None
    assert moved.closes_at is not None
    if begins <= found.closes_at <= outage.ends_at:
        assert moved.closes_at - outage.ends_at >= found.closes_at - begins
        assert (moved.moved_from, moved.moved_why) == (found.closes_at, "down")
    else:
        assert moved == found


@given(every=st.lists(rules(), min_size=1, max_size=4), dates=refunds(), place=places, moment=st.integers(-10, 250))
def test_a_list_sees_a_refund_as_open_exactly_when_some_reason_is(
    every: list[Rule], dates: Dates, place: Marketplace, moment: int
) -> None:
    reasons = [None, Reason.DAMAGED, Reason.NOT_RETURNED, Reason.SHIPPING]
    book = Rulebook(
        replace(rule, key=f"rule-{n}", reason=reason)
        for n, (rule, reason) in enumerate(zip(every, reasons, strict=False))
    )
    now = dates.refunded_at + timedelta(days=moment)
    stored = span(place, None, dates, book, now)
    is_open = bool(stored.opens_at and stored.closes_at and stored.opens_at <= now <= stored.closes_at)
    assert is_open == assess(facts(place, dates), book, None, now).eligible


@given(start=instants, length=st.integers(1, 30), place=places, unit=st.sampled_from(Unit))
def test_no_clock_is_short_and_each_ends_with_a_local_day(
    start: datetime, length: int, place: Marketplace, unit: Unit
) -> None:
    end = clock_end(start, length, place, unit)
    assert end - start >= timedelta(days=length)
    zone = ZoneInfo(place.zone)
    assert end.astimezone(zone).date() < (end + TICK).astimezone(zone).date()
    if unit is Unit.BUSINESS:
        assert place.is_business_day(end.astimezone(zone).date())


@pytest.mark.parametrize(
    ("code", "start", "n", "end"),
    [
        # 2 and 3 December 2026 are National Day; 5 and 6 December a weekend.
        ("AE", date(2026, 11, 30), 3, date(2026, 12, 7)),
        ("SA", date(2026, 11, 25), 5, date(2026, 12, 2)),  # Friday and Saturday are the weekend
        ("US", date(2026, 11, 24), 2, date(2026, 11, 27)),  # Thanksgiving
        ("DE", date(2026, 12, 23), 2, date(2026, 12, 28)),  # Christmas, and a weekend
        ("JP", date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(code: str, start: date, n: int, end: date) -> None:
    assert days_on(start, n, Unit.BUSINESS, marketplaces.by_code()[code]) == end


def test_weekdays_of_a_marketplace_are_its_own() -> None:
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    known = marketplaces.by_code()
    seen = {code: [known[code].is_business_day(day) for day in (friday, sunday)] for code in ("SA", "AE")}
    assert seen == {"SA": [False, True], "AE": [True, False]}
    assert known["AE"].weekdays == MON_TO_FRI
