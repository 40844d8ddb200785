"""Amounts, moments and times left are written as agreed, to the last microsecond."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from claims.text import formats

NEW_YORK = "America/New_York"
# The last microsecond of Wed, Nov 25, 2026 in New York.
LAST = datetime(2026, 11, 26, 4, 59, 59, 999_999, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (8999, "USD", "89.99 USD"),
        (128_450, "USD", "1,284.50 USD"),
        (0, "EUR", "0.00 EUR"),
        (5, "USD", "0.05 USD"),
        (1285, "JPY", "1,285 JPY"),
        (1285, "KWD", "1.285 KWD"),
        (-4000, "USD", "-40.00 USD"),
        (10**15, "USD", "10,000,000,000,000.00 USD"),
    ],
)
def test_money_in_each_currency(minor: int, currency: str, words: str) -> None:
    assert formats.money(minor, currency) == words


def test_sums_of_two_currencies_the_largest_number_first() -> None:
    assert formats.sums([(9000, "EUR"), (100_000, "USD"), (28_450, "USD")]) == "1,284.50 USD and 90.00 EUR"


def test_equal_sums_in_the_order_of_their_codes() -> None:
    assert formats.sums([(500, "USD"), (5, "JPY"), (500, "EUR")]) == "5.00 EUR, 5 JPY and 5.00 USD"


def test_sums_of_nothing() -> None:
    assert formats.sums([]) == ""


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (NEW_YORK, "Wed, Nov 25, 2026, 11:59 PM EST"),
        ("America/Los_Angeles", "Wed, Nov 25, 2026, 8:59 PM PST"),
        ("Europe/Berlin", "Thu, Nov 26, 2026, 5:59 AM CET"),
        ("Asia/Riyadh", "Thu, Nov 26, 2026, 7:59 AM GMT+3"),
        ("America/Sao_Paulo", "Thu, Nov 26, 2026, 1:59 AM GMT-3"),
        ("Asia/Kathmandu", "Thu, Nov 26, 2026, 10:44 AM GMT+5:45"),
        ("UTC", "Thu, Nov 26, 2026, 4:59 AM UTC"),
    ],
)
def test_full_moment_in_each_zone(zone: str, words: str) -> None:
    assert formats.moment_full(LAST, zone) == words
    assert formats.moment_full(LAST, ZoneInfo(zone)) == words


def test_moment_in_summer_names_summer_time() -> None:
    assert formats.moment_short(datetime(2026, 7, 1, 16, 5, tzinfo=UTC), NEW_YORK) == "Jul 1, 2026, 12:05 PM EDT"


def test_noon_and_midnight() -> None:
    assert formats.clock(datetime(2026, 7, 1, 0, 0, tzinfo=UTC), "UTC") == "12:00 AM UTC"
    assert formats.clock(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "UTC") == "12:00 PM UTC"


def test_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        formats.moment_full(datetime(2026, 7, 1), NEW_YORK)


def test_day_of_a_moment_is_the_day_of_the_zone() -> None:
    assert formats.day(LAST, NEW_YORK) == "Nov 25, 2026"
    assert formats.day(LAST, "Europe/Berlin") == "Nov 26, 2026"
    assert formats.short_day(LAST, NEW_YORK) == "Nov 25"


def test_day_of_a_date_stands_for_itself() -> None:
    assert formats.day(date(2026, 11, 2), "Asia/Tokyo") == "Nov 2, 2026"
    assert formats.short_day(date(2026, 11, 2)) == "Nov 2"


def test_iso_is_utc_to_the_second() -> None:
    assert formats.iso(LAST) == "2026-11-26T04:59:59Z"
    assert formats.iso(LAST.astimezone(ZoneInfo(NEW_YORK))) == "2026-11-26T04:59:59Z"


TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("span", "words", "bare"),
    [
        (timedelta(days=4, hours=23), "in 4 days", "4 days"),
        (timedelta(hours=48), "in 2 days", "2 days"),
        (timedelta(hours=48) - TICK, "in 47 hours", "47 hours"),
        (timedelta(hours=2), "in 2 hours", "2 hours"),
        (timedelta(hours=2) - TICK, "in 119 minutes", "119 minutes"),
        (timedelta(minutes=1), "in 1 minute", "1 minute"),
        (timedelta(minutes=1) - TICK, "in less than a minute", "less than a minute"),
        (timedelta(0), "in less than a minute", "less than a minute"),
        (-TICK, "less than a minute ago", "no time"),
        (timedelta(hours=-3), "3 hours ago", "no time"),
    ],
)
def test_time_left_is_rounded_down(span: timedelta, words: str, bare: str) -> None:
    assert formats.left(NOW + span, NOW) == words
    assert formats.left_bare(NOW + span, NOW) == bare


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "less than a minute ago"),  # a clock that runs ahead
        (timedelta(seconds=59), "less than a minute ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(hours=47, minutes=59), "47 hours ago"),
        (timedelta(days=7) - TICK, "6 days ago"),
        (timedelta(days=7), "Nov 15, 2026"),
    ],
)
def test_time_past_is_rounded_down_and_after_a_week_the_day(span: timedelta, words: str) -> None:
    assert formats.ago(NOW - span, NOW, NEW_YORK) == words


@given(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=4000)))
def test_time_left_never_says_more_than_there_is(span: timedelta) -> None:
    number, unit = formats.left_bare(NOW + span, NOW).split()
    assert timedelta(**{unit if unit.endswith("s") else unit + "s": int(number)}) <= span


@pytest.mark.parametrize(
    ("items", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_list_in_a_sentence(items: list[str], words: str) -> None:
    assert formats.and_list(items) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 byte"), (812, "812 bytes"), (348_160, "340 KB"), (1_300_000, "1.2 MB"), (10 * 1024**2, "10.0 MB")],
)
def test_size_of_a_file(count: int, words: str) -> None:
    assert formats.size(count) == words


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [(100, [1, 1, 1], [33, 33, 34]), (0, [5, 5], [0, 0]), (50, [0, 0], [0, 0]), (7, [0, 3, 4], [0, 3, 4]), (9, [], [])],
)
def test_shares_add_up_to_the_total(total: int, parts: list[int], shares: list[int]) -> None:
    assert formats.pro_rata(total, parts) == shares


@pytest.mark.parametrize(("language", "full", "short", "money", "names", "size"), [
    ("en-us", "Wed, Nov 25, 2026, 11:59 PM EST", "Nov 25", "1,284.50 USD", "a, b and c", "1.2 MB"),
    ("en-gb", "Wed, 25 Nov 2026, 23:59 EST", "25 Nov", "1,284.50 USD", "a, b and c", "1.2 MB"),
    ("de", "Mi., 25. Nov. 2026, 23:59 EST", "25. Nov.", "1.284,50 USD", "a, b und c", "1,2 MB"),
    ("ja", "2026年11月25日(水) 23:59 EST", "11月25日", "1,284.50 USD", "a、b、c", "1.2 MB"),
    ("en-xa", "Wed, Nov 25, 2026, 11:59 PM EST", "Nov 25", "1,284.50 USD", "a, b and c", "1.2 MB"),
])  # fmt: skip
def test_each_language_has_its_own_order_and_signs(
    language: str, full: str, short: str, money: str, names: str, size: str
) -> None:
    with translation.override(language):
        assert (
            formats.moment_full(LAST, NEW_YORK), formats.short_day(LAST, NEW_YORK), formats.money(128_450, "USD"),
            formats.and_list(["a", "b", "c"]), formats.size(1_300_000),
        ) == (full, short, money, names, size)  # fmt: skip


def test_numbers_are_grouped_as_the_language_does() -> None:
    with translation.override("hi"):
        assert formats.money(123_456_789, "INR") == "12,34,567.89 INR"
    with translation.override("de"):
        assert (formats.number(12_345), formats.percent(7)) == ("12.345", "7\u00a0%")
    assert (formats.number(12_345), formats.number(1.25, 1), formats.percent(7)) == ("12,345", "1.2", "7%")


def test_sentences_follow_one_another() -> None:
    assert formats.paragraph("It is late.", "", "Wait.") == "It is late. Wait."
    assert (formats.paragraph(), formats.paragraph("", "Wait.")) == ("", "Wait.")
