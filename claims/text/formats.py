"""How amounts, moments and lists are written for people, in one place for pages, e-mails and the desk.

The order and the signs are those of the active language (`claims.text.language`); the examples are English.

No models and no clock: the caller passes the moment. A zone is a name such as "America/New_York" or a tzinfo.
Times left and times past are always rounded down: nobody is told of more time than there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.values.amounts import decimals
from claims.text.language import Language, current

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS_FROM = 2 * HOUR
DAYS_FROM = 48 * HOUR
WEEK = 7 * DAY


# Moments written for machines


def read_moment(text: str) -> datetime | None:
    """Return the instant, in UTC, that an ISO text with an offset names; None for anything else, whatever it is.

    In UTC because Python takes offsets that no database does.
    """
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


# Money


def amount(minor: int, currency: str) -> str:
    """Return "1,284.50" for 128450 minor units of USD: what `money` shows, without the code."""
    places = decimals(currency)
    return current().number(Decimal(minor).scaleb(-places), places)


def money(minor: int, currency: str) -> str:
    """Return "1,284.50 USD" for 128450 minor units of USD, and "1,285 JPY" where there are no decimals."""
    return f"{amount(minor, currency)} {currency}"


def sums(amounts: Iterable[tuple[int, str]]) -> str:
    """Return "1,284.50 USD and 90.00 EUR": one sum for each currency, the largest number first; nothing for none."""
    totals: defaultdict[str, int] = defaultdict(int)
    for minor, currency in amounts:
        totals[currency] += minor
    order = sorted(totals, key=lambda currency: (-Decimal(totals[currency]).scaleb(-decimals(currency)), currency))
    return and_list([money(totals[currency], currency) for currency in order])


# Moments


def iso(at: datetime) -> str:
    """Return the moment in UTC to the second, as in "2026-11-26T04:59:59Z", for machines and for `<time datetime>`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_full(at: datetime, zone: tzinfo | str) -> str:
    """Return "Wed, Nov 25, 2026, 11:59 PM EST": for turn cards, e-mails and receipts."""
    local, language = _local(at, zone), current()
    return language.day_and_time(language.day(local.date(), "yMMMEd"), _clock(local, language))


def moment_short(at: datetime, zone: tzinfo | str) -> str:
    """Return "Nov 25, 2026, 11:59 PM EST": for lists."""
    local, language = _local(at, zone), current()
    return language.day_and_time(language.day(local.date(), "yMMMd"), _clock(local, language))


def camera_moment(at: datetime) -> str:
    """Return "Nov 25, 2026, 11:59 PM" for a moment of a clock whose zone nobody knows."""
    language = current()
    return language.day_and_time(language.day(at.date(), "yMMMd"), _clock(at, language))


def clock(at: datetime, zone: tzinfo | str) -> str:
    """Return "2:14 PM EST": for what happened today, such as the saving of a draft."""
    return _clock(_local(at, zone), current())


def day(at: date | datetime, zone: tzinfo | str = UTC) -> str:
    """Return "Nov 25, 2026". A date has no zone and stands for itself; a moment falls on a day of the zone."""
    return current().day(_date(at, zone), "yMMMd")


def short_day(at: date | datetime, zone: tzinfo | str = UTC) -> str:
    """Return "Nov 25", for where the year is plain, such as the subject of an e-mail."""
    return current().day(_date(at, zone), "MMMd")


def short_weekday(at: date | datetime, zone: tzinfo | str = UTC) -> str:
    """Return "Wed, Nov 25"."""
    return current().day(_date(at, zone), "MMMEd")


def zone_name(at: datetime, zone: tzinfo | str) -> str:
    """Return "EST" or "CET"; for zones that have no letters "GMT+3"."""
    return _abbreviation(_local(at, zone))


# Time left, time past


def left(until: datetime, now: datetime) -> str:
    """Return "in 4 days", "in 31 hours", "in 45 minutes" or "in less than a minute"; once past, "2 hours ago"."""
    span = until - now
    if span < timedelta(0):
        return _past(-span)
    if span >= DAYS_FROM:
        return ngettext("in %(n)s day", "in %(n)s days", n := span // DAY) % {"n": n}
    if span >= HOURS_FROM:
        return ngettext("in %(n)s hour", "in %(n)s hours", n := span // HOUR) % {"n": n}
    if span >= MINUTE:
        return ngettext("in %(n)s minute", "in %(n)s minutes", n := span // MINUTE) % {"n": n}
    return _("in less than a minute")


def left_bare(until: datetime, now: datetime) -> str:
    """Return "4 days", to be used before "left"; once past, "no time"."""
    span = until - now
    if span < timedelta(0):
        return _("no time")
    if span >= DAYS_FROM:
        return ngettext("%(n)s day", "%(n)s days", n := span // DAY) % {"n": n}
    if span >= HOURS_FROM:
        return ngettext("%(n)s hour", "%(n)s hours", n := span // HOUR) % {"n": n}
    if span >= MINUTE:
        return ngettext("%(n)s minute", "%(n)s minutes", n := span // MINUTE) % {"n": n}
    return _("less than a minute")


def ago(at: datetime, now: datetime, zone: tzinfo | str) -> str:
    """Return "2 hours ago"; after 7 days the day, "Nov 25, 2026"."""
    span = now - at
    return day(at, zone) if span >= WEEK else _past(max(span, timedelta(0)))


# Lists and sizes


def and_list(items: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return current().listed(items, "standard")


def comma_list(items: Sequence[str]) -> str:
    """Return "a, b, c": things side by side."""
    return current().listed(items, "unit")


def paragraph(*sentences: str) -> str:
    """Return whole sentences one after the other, set apart as the language does it; empty ones are left out."""
    text = ""
    for sentence in filter(None, sentences):
        text = _("%(before)s %(sentence)s") % {"before": text, "sentence": sentence} if text else sentence
    return text


def size(count: int) -> str:
    """Return "812 bytes", "340 KB" or "1.2 MB" for a number of bytes, rounded down (1 KB = 1,024 bytes)."""
    if count < 1024:
        return ngettext("%(n)s byte", "%(n)s bytes", count) % {"n": count}
    if count < 1024**2:
        return _("%(n)s KB") % {"n": number(count // 1024)}
    return _("%(n)s MB") % {"n": number(count * 10 // 1024**2 / 10, 1)}


def number(value: float | Decimal, places: int = 0) -> str:
    """Return "1,284" for 1284, "1.5" for 1.5 with one place."""
    return current().number(value, places)


def percent(hundredths: int) -> str:
    """Return "12%" for 12."""
    return current().percent(hundredths)


def _past(span: timedelta) -> str:
    if span >= DAYS_FROM:
        return ngettext("%(n)s day ago", "%(n)s days ago", n := span // DAY) % {"n": n}
    if span >= HOURS_FROM:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", n := span // HOUR) % {"n": n}
    if span >= MINUTE:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", n := span // MINUTE) % {"n": n}
    return _("less than a minute ago")


def _local(at: datetime, zone: tzinfo | str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment needs a zone: naive datetimes are not shown to anybody")
    return at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _date(at: date | datetime, zone: tzinfo | str) -> date:
    return _local(at, zone).date() if isinstance(at, datetime) else at


def _clock(local: datetime, language: Language) -> str:
    # Seconds are cut, not rounded: a window that ends 23:59:59.999999 is shown as 11:59 PM.
    clock, zone = language.time_of_day(local.hour, local.minute), _abbreviation(local)
    return f"{clock} {zone}" if zone else clock


def _abbreviation(local: datetime) -> str:
    if local.tzinfo is None:
        return ""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    # Zones without letters are called "+03" or "+0545" in the time zone database.
    offset = local.utcoffset() or timedelta(0)
    minutes = abs(offset) // MINUTE
    sign = "-" if offset < timedelta(0) else "+"
    return f"GMT{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def pro_rata(total: int, parts: Sequence[int]) -> list[int]:
    """Return `total` minor units spread over parts by their size, so that the shares add up to it; 0s for no parts."""
    whole, before, given, shares = sum(parts), 0, 0, []
    for part in parts:
        before += part
        upto = total * before // whole if whole else 0
        shares.append(upto - given)
        given = upto
    return shares
