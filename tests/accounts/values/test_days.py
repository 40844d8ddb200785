"""Days and moments: written in any of the known ways they read back as themselves; what could be two is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from accounts import marketplaces
from accounts.values import days
from accounts.values.days import Calendar, DayOrder, Evidence
from accounts.values.text import Unreadable
from tests.accounts.values.refusals import refusal

LOS_ANGELES = Calendar(ZoneInfo("America/Los_Angeles"))
A_DAY = st.dates(date(2001, 1, 1), date(2099, 12, 31))
PLAIN = (
    "{y}-{m:02}-{d:02}", "{y}/{m}/{d}", "{y}.{m:02}.{d:02}", "{y}{m:02}{d:02}", "{y}年{m}月{d}日",
    "{d:02}.{m:02}.{y}", "{d}.{m}.{y}", "{d:02}.{m:02}.{yy:02}", "{d}-{mon}-{y}", "{d:02}-{MON}-{yy:02}",
    "{mon} {d}, {y}", "{d} {mon}. {y}", "{mon}. {d}, {y}", '="{y}-{m:02}-{d:02}"',
    "\u200e{y}\u2011{m:02}\u2011{d:02}",
)  # fmt: skip
BY_ORDER = {
    DayOrder.DAY_FIRST: ("{d:02}/{m:02}/{y}", "{d}-{m}-{y}", "{d}/{m}/{yy:02}"),
    DayOrder.MONTH_FIRST: ("{m:02}/{d:02}/{y}", "{m}-{d}-{y}", "{m}/{d}/{yy:02}"),
}


def spelled(shape: str, day: date) -> str:
    mon = f"{day:%b}"
    return shape.format(y=day.year, yy=day.year % 100, m=day.month, d=day.day, mon=mon, MON=mon.upper())


@given(day=A_DAY, shape=st.sampled_from(PLAIN))
def test_a_day_reads_back_from_each_plain_spelling(day: date, shape: str) -> None:
    assert days.day(spelled(shape, day), "day") == day
    assert days.candidates(spelled(shape, day)) == (day,)


@given(day=A_DAY, order=st.sampled_from(DayOrder), nth=st.integers(0, 2), by_file=st.booleans())
def test_a_day_in_numbers_reads_back_by_the_files_evidence_or_the_custom(
    day: date, order: DayOrder, nth: int, by_file: bool
) -> None:
    calendar = Calendar(evidence=lambda: Evidence(order.value)) if by_file else Calendar(custom=order)
    written = spelled(BY_ORDER[order][nth], day)
    assert days.day(written, "day", calendar) == day
    assert day in days.candidates(written)


@given(day=A_DAY, locale=st.sampled_from(days._LOCALES), width=st.sampled_from(["medium", "long"]))
def test_a_day_reads_back_from_the_words_of_the_marketplaces_languages(day: date, locale: str, width: str) -> None:
    written = format_date(day, width, locale)
    if "/" in written or (any(c.isdigit() for c in written) and written.replace("-", "").isdigit()):
        return  # numbers alone are another test's
    assert days.day(written, "day") == day


ZONES = ("Z", " UTC", "+05:30", "-0800", " GMT+10", " GMT-6", " JST", "JST", " IST", " AEST", " PDT", " CEST")
HOURS = (0, 0, 5.5, -8, 10, -6, 9, 9, 5.5, 10, -7, 2)


@given(
    at=st.datetimes(datetime(2001, 1, 2), datetime(2099, 12, 30)),
    zone=st.sampled_from(list(zip(ZONES, HOURS, strict=True))),
    half=st.sampled_from(["", " AM", "am", " a.m."]),
    shape=st.sampled_from(["{y}-{m:02}-{d:02}", "{d} {mon} {y}", "{mon} {d}, {y}", "{d:02}.{m:02}.{y}"]),
)
def test_a_moment_reads_back_with_its_zone(at: datetime, zone: tuple[str, float], half: str, shape: str) -> None:
    at = at.replace(microsecond=0)
    name, hours = zone
    clock = f"{at:%H:%M:%S}"
    if half:
        clock = f"{at.hour % 12 or 12}:{at:%M:%S}" + (
            half if at.hour < 12 else half.replace("A", "P").replace("a", "p")
        )
        name = name if name[:1] in " +-" else f" {name}"
    found = days.instant(f"{spelled(shape, at.date())} {clock}{name}", "moment")
    assert found == at.replace(tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("21-Aug-2026 10:11:12", date(2026, 8, 21)),
        ("2025-06-09 05:23:19 UTC", date(2025, 6, 8)),
        ("2025-06-09T23:00:00+02:00", date(2025, 6, 9)),
        ("1 juil. 2026 08:31:35 UTC", date(2026, 7, 1)),
        ("1 de julio de 2026", date(2026, 7, 1)),
        ("1. Juli 2026", date(2026, 7, 1)),
        ("13/10/2026", date(2026, 10, 13)),
        ("10/13/2026", date(2026, 10, 13)),
        (None, None),
    ],
)
def test_day_is_a_day_of_the_marketplace(cell: str | None, day: date | None) -> None:
    assert days.day(cell, "date", LOS_ANGELES) == day


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("8/11/2026", 'date "8/11/2026" can be two days. Write it like 2026-03-01'),
        ("26/10/13", 'date "26/10/13" can be two days. Write it like 2026-03-01'),
        ("32-Jul-2025", 'date "32-Jul-2025" is not a date. Write it like 2026-03-01'),
        ("2025-02-29", 'date "2025-02-29" is not a date. Write it like 2026-03-01'),
        ("tomorrow", 'date "tomorrow" is not a date. Write it like 2026-03-01'),
        ("2026-13-01T00:00:00Z", 'date "2026-13-01T00:00:00Z" is not a date. Write it like 2026-03-01'),
        ("0001-01-01", 'date "0001-01-01" is not a date of our time'),
        ("٢٠٢٦-٠١-٠٢", 'date "٢٠٢٦-٠١-٠٢" is not a date. Write it like 2026-03-01'),
        (
            "4 Sep 2026 1:05 XYZ",
            'date "4 Sep 2026 1:05 XYZ" names a zone that isn\'t known. Write it like 2026-03-01 14:05:00 UTC',
        ),
    ],
)
def test_what_is_no_day_or_two_is_refused_with_an_example(cell: str, why: str) -> None:
    with pytest.raises(Unreadable) as problem:
        days.day(cell, "date", LOS_ANGELES)
    assert problem.value.cause == why


def test_what_has_happened_cannot_lie_ahead() -> None:
    calendar = Calendar(now=datetime(2026, 11, 30, tzinfo=UTC))
    assert days.day("2026-12-01", "refunded on", calendar, happened=True) == date(2026, 12, 1)
    assert days.day("2027-09-02", "reply by", calendar) == date(2027, 9, 2)
    with pytest.raises(Unreadable, match='^refunded on "2027-09-02" lies in the future$'):
        days.day("2027-09-02", "refunded on", calendar, happened=True)


def test_a_zone_is_the_marketplaces_own_before_anothers_of_the_same_name() -> None:
    irish = days.ANYWHERE.at(marketplaces.by_code()["IE"])
    assert days.instant("1 Jul 2026 12:00 IST", "moment", irish) == datetime(2026, 7, 1, 11, tzinfo=UTC)


def test_an_instant_without_a_zone_is_local_and_nowhere_refused() -> None:
    local = days.instant("21-Aug-2026 10:11:12", "moment", LOS_ANGELES)
    assert local == datetime(2026, 8, 21, 17, 11, 12, tzinfo=UTC)
    with pytest.raises(Unreadable, match="has no offset from UTC"):
        days.instant("21-Aug-2026 10:11:12", "moment")
    with pytest.raises(Unreadable, match="^refunded at .* has no time of day. Write it like 2026-03-01 14:05:00$"):
        days.instant_with_time("2026-08-21", "refunded at", LOS_ANGELES)


@pytest.mark.parametrize(
    ("cells", "evidence"),
    [
        (["08/11/2026", "10/11/2026"], Evidence.NONE),
        (["08/11/2026", "13/11/2026"], Evidence.DAY_FIRST),
        (["08/11/2026", "11/13/2026 10:00"], Evidence.MONTH_FIRST),
        (["13/10/2026", "10/13/2026"], Evidence.BOTH),
        (["2026-11-13", "", "x"], Evidence.NONE),
    ],
)
def test_a_day_over_12_anywhere_says_how_all_are_meant(cells: list[str], evidence: Evidence) -> None:
    assert days.evidence_of(cells) is evidence


@given(st.text(max_size=80))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    assert refusal(days.moment, text, "day", LOS_ANGELES).isprintable()
