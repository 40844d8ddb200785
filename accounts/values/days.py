"""Days and moments as people and files write them: the one reader, for pages, uploads, commands and imports alike.

`8/11/2026` is two days. Which is meant is said by the file itself (a day over 12 anywhere in its columns of days), else
by what the marketplace is used to; where neither says, it is refused with an example. So is what has happened and yet
lies ahead, and a zone that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import cache, lru_cache

from babel.dates import get_month_names
from django.utils.translation import gettext as _

from accounts.marketplaces import Marketplace
from accounts.values.text import Unreadable, bare_cell, compared, dashes_plain, shown

FIRST_YEAR, LAST_YEAR = 1995, 2150
AHEAD = timedelta(days=1)
"""How far ahead a thing that has happened may lie: clocks differ, and a day ends elsewhere later."""
EXAMPLE = "2026-03-01"
EXAMPLE_OF_MOMENT = "2026-03-01 14:05:00"


class DayOrder(StrEnum):
    """How a numeric day with its year last is meant."""

    DAY_FIRST = "DMY"
    MONTH_FIRST = "MDY"


class Evidence(StrEnum):
    """What the days of a file say about their order, taken together."""

    DAY_FIRST = "DMY"
    MONTH_FIRST = "MDY"
    BOTH = "both"
    NONE = "none"


def _no_evidence() -> Evidence:
    return Evidence.NONE


@dataclass(frozen=True, slots=True)
class Calendar:
    """In which calendar the days of a place or a file are read.

    `zone` is for moments that name no offset; `custom` is what the place is used to; `now` is the moment that what has
    happened can't lie after; `evidence` is asked when a day could be two, and answers for the whole file.
    """

    zone: tzinfo | None = None
    custom: DayOrder | None = None
    now: datetime | None = None
    evidence: Callable[[], Evidence] = _no_evidence

    def order(self) -> DayOrder | None:
        """Return how numeric days are meant here, None where nothing says."""
        found = self.evidence()
        if found is Evidence.NONE:
            return self.custom
        return None if found is Evidence.BOTH else DayOrder(found.value)

    def at(self, place: Marketplace | None) -> Calendar:
        """Return the calendar of a marketplace that a row names; the same where it names none."""
        if place is None:
            return self
        return replace(self, zone=place.tz, custom=DayOrder(place.days) if place.days else None)


ANYWHERE = Calendar()
"""No zone, no custom, no clock: only what is plain by itself is read."""

_CLOCK = (
    r"(?:(?:[T ,]| at )+(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r"(?: ?(?P<half>[AP])\.? ?M\b\.?)?)?"
)
_ZONE = r" ?(?:\(?(?P<zone>Z|(?:UTC|GMT)? ?[+-] ?[0-9]{1,2}(?::?[0-9]{2})?|[A-Z]{2,5})\)?)?"
_MONTH_NAME = r"(?P<mon>[^\W\d_]{3,12})"
_SHAPES = tuple(
    re.compile(day + _CLOCK + _ZONE, re.IGNORECASE)
    for day in (
        r"(?P<y>[0-9]{4})(?P<mark>[-/.])(?P<m>[0-9]{1,2})(?P=mark)(?P<d>[0-9]{1,2})",
        r"(?P<y>[0-9]{4})年 ?(?P<m>[0-9]{1,2})月 ?(?P<d>[0-9]{1,2})日",
        r"(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
        r"(?P<one>[0-9]{1,2})(?P<mark>[-/])(?P<two>[0-9]{1,2})(?P=mark)(?P<y>[0-9]{4}|[0-9]{2})",
        r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4}|[0-9]{2})",
        rf"(?P<d>[0-9]{{1,2}})(?:[-. ]| de ){{1,4}}{_MONTH_NAME}(?:[-., ]| de )+(?P<y>[0-9]{{4}}|[0-9]{{2}}),?",
        rf"{_MONTH_NAME}\.? (?P<d>[0-9]{{1,2}}),? (?P<y>[0-9]{{4}}),?",
    )
)
_TWO_WAYS = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/](?:[0-9]{4}|[0-9]{2})(?![0-9/-])")
_ISO = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LOCALES = ("en", "de", "fr", "it", "es", "es_MX", "pt", "nl", "sv", "pl", "tr")
_HOURS: dict[str, float] = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4, "BRT": -3, "IST": 5.5,
    "JST": 9, "AEST": 10, "AEDT": 11, "ACST": 9.5, "ACDT": 10.5, "AWST": 8, "GST": 4, "SGT": 8, "SAST": 2, "TRT": 3,
}  # fmt: skip
"""Hours from UTC of the zones that files name. A marketplace's own zone goes before: IST is Irish in Dublin."""


def moment(text: str, what: str, calendar: Calendar = ANYWHERE) -> tuple[datetime, bool]:
    """Return the moment of a text and whether it had a time of day; aware where it names a zone. Raises Unreadable."""
    if _ISO.fullmatch(text):  # what most instants look like, read ten times as fast
        return _iso(text, what), True
    return _moment(text, what, calendar.order() if _TWO_WAYS.search(text) else None, calendar.zone)


@lru_cache(maxsize=4096)
def _iso(text: str, what: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _refused(text, what) from None


@lru_cache(maxsize=4096)
def _moment(text: str, what: str, order: DayOrder | None, zone: tzinfo | None) -> tuple[datetime, bool]:
    part = _parts(text)
    if part is None:
        raise _refused(text, what)
    days = _days(part)
    if len(days) > 1 or (order is None and _may_be_year_first(part)):
        if order is None:
            raise Unreadable(
                _("%(what)s %(shown)s can be two days. Write it like %(example)s")
                % {"what": what, "shown": shown(text), "example": EXAMPLE}
            )
        days = days[:1] if order is DayOrder.DAY_FIRST else days[1:]
    if not days:
        raise _refused(text, what)
    if not FIRST_YEAR <= days[0].year <= LAST_YEAR:
        raise Unreadable(_("%(what)s %(shown)s is not a date of our time") % {"what": what, "shown": shown(text)})
    hour = int(part["H"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            raise _refused(text, what)
        hour = hour % 12 + (12 if part["half"].upper() == "P" else 0)
    try:
        clock = time(hour, int(part["M"] or 0), int(part["S"] or 0), int((part["f"] or "0").ljust(6, "0")[:6]))
    except ValueError:
        raise _refused(text, what) from None
    if part["zone"] and part["H"] is None:
        raise _refused(text, what)
    return _in_zone(datetime.combine(days[0], clock), part["zone"], zone, text, what), part["H"] is not None


def _parts(text: str) -> dict[str, str | None] | None:
    cell = dashes_plain(bare_cell(compared(text)))
    match = next((m for shape in _SHAPES if (m := shape.fullmatch(cell))), None) if len(cell) <= 64 else None
    return {**dict.fromkeys(("y", "m", "d", "one", "two", "mon")), **match.groupdict()} if match else None


def _days(part: dict[str, str | None]) -> list[date]:
    """Return the days that a text can mean: day first, then month first, each if there is one; mostly there is one."""
    written = part["y"] or ""
    year = int(written) + (2000 if len(written) == 2 else 0)
    if part["one"] and part["two"]:
        one, two = int(part["one"]), int(part["two"])
        found = [_day(year, two, one), _day(year, one, two)]
        return list(dict.fromkeys(day for day in found if day))
    month = int(part["m"]) if part["m"] else _months().get((part["mon"] or "").casefold(), 0)
    found = [_day(year, month, int(part["d"] or 0))]
    return [day for day in found if day]


def _may_be_year_first(part: dict[str, str | None]) -> bool:
    """Whether a day with a two-digit year, as 26/10/13, can have the year first too, as Japan and Sweden write it."""
    if not part["one"] or not part["two"] or len(part["y"] or "") != 2:
        return False
    return _day(2000 + int(part["one"]), int(part["two"]), int(part["y"] or 0)) is not None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    """Return the months by their names in the languages of the marketplaces; a name of two months is none."""
    found: dict[str, set[int]] = {}
    for locale in _LOCALES:
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                for month, name in get_month_names(width, context, locale).items():
                    found.setdefault(name.casefold().rstrip("."), set()).add(month)
    found["sept"] = {9}
    return {name: next(iter(months)) for name, months in found.items() if len(months) == 1}


def _in_zone(at: datetime, name: str | None, zone: tzinfo | None, text: str, what: str) -> datetime:
    if name is None:
        return at
    name = name.upper().replace(" ", "")
    if name == "Z":
        return at.replace(tzinfo=UTC)
    bare = name.removeprefix("UTC").removeprefix("GMT")
    if bare[:1] in ("+", "-"):
        digits = bare[1:].replace(":", "")
        hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
        shift = timedelta(hours=hours, minutes=minutes)
        if shift >= timedelta(hours=15) or minutes > 59:
            raise _refused(text, what)
        return at.replace(tzinfo=timezone(-shift if bare[0] == "-" else shift))
    if zone is not None and at.replace(tzinfo=zone).tzname() == name:
        return at.replace(tzinfo=zone)
    if name not in _HOURS:
        raise Unreadable(
            _("%(what)s %(shown)s names a zone that isn't known. Write it like %(example)s UTC")
            % {"what": what, "shown": shown(text), "example": EXAMPLE_OF_MOMENT}
        )
    return at.replace(tzinfo=timezone(timedelta(hours=_HOURS[name])))


def _refused(text: str, what: str) -> Unreadable:
    return Unreadable(
        _("%(what)s %(shown)s is not a date. Write it like %(example)s")
        % {"what": what, "shown": shown(text), "example": EXAMPLE}
    )


def day(text: str | None, what: str, calendar: Calendar = ANYWHERE, *, happened: bool = False) -> date | None:
    """Return a day of the calendar, None for an empty cell; an offset in the text is honoured. Raises Unreadable.

    `happened`: the day is of something that has happened, and is refused where it lies ahead.
    """
    if not text:
        return None
    found, _has_time = moment(text, what, calendar)
    on = (found if found.tzinfo is None or calendar.zone is None else found.astimezone(calendar.zone)).date()
    if happened and calendar.now is not None and on > (calendar.now + AHEAD).date():
        raise _ahead(text, what)
    return on


def instant(text: str | None, what: str, calendar: Calendar = ANYWHERE, *, happened: bool = False) -> datetime | None:
    """Return an instant in UTC, None for an empty cell; without an offset it is local time. Raises Unreadable."""
    if not text:
        return None
    found, _has_time = moment(text, what, calendar)
    if found.tzinfo is None:
        if calendar.zone is None:
            raise Unreadable(
                _("%(what)s %(shown)s has no offset from UTC. Write one, or add --marketplace")
                % {"what": what, "shown": shown(text)}
            )
        found = found.replace(tzinfo=calendar.zone)
    found = found.astimezone(UTC)
    if happened and calendar.now is not None and found > calendar.now + AHEAD:
        raise _ahead(text, what)
    return found


def instant_with_time(
    text: str | None, what: str, calendar: Calendar = ANYWHERE, *, happened: bool = False
) -> datetime:
    """Return an instant in UTC from a text that has to name a time of day too. Raises Unreadable."""
    if not text:
        raise Unreadable(_("%(what)s is missing") % {"what": what})
    if not moment(text, what, calendar)[1]:
        raise Unreadable(
            _("%(what)s %(shown)s has no time of day. Write it like %(example)s")
            % {"what": what, "shown": shown(text), "example": EXAMPLE_OF_MOMENT}
        )
    found = instant(text, what, calendar, happened=happened)
    assert found is not None
    return found


def _ahead(text: str, what: str) -> Unreadable:
    return Unreadable(_("%(what)s %(shown)s lies in the future") % {"what": what, "shown": shown(text)})


def candidates(text: str) -> tuple[date, ...]:
    """Return the days a text can mean: one, two for `8/11/2026` (day first, then month first), none for no day."""
    part = _parts(text)
    return tuple(each for each in _days(part) if FIRST_YEAR <= each.year <= LAST_YEAR) if part else ()


def typed_day(text: str) -> date | None:
    """Return the one day that somebody typed into a date field; None for what is no day, or could be two."""
    try:
        return day(text.strip(), "day")
    except Unreadable:
        return None


def evidence_of(cells: Iterable[str]) -> Evidence:
    """Return what the cells of columns of days say, taken together, about which number is the day."""
    found: set[Evidence] = set()
    for cell in cells:
        match = _TWO_WAYS.match(cell.strip("\"' "))
        if match is None:
            continue
        one, two = int(match[1]), int(match[2])
        if 12 < one <= 31 and 1 <= two <= 12:
            found.add(Evidence.DAY_FIRST)
        elif 12 < two <= 31 and 1 <= one <= 12:
            found.add(Evidence.MONTH_FIRST)
        if len(found) > 1:
            return Evidence.BOTH
    return found.pop() if found else Evidence.NONE
