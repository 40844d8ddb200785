"""The marketplaces: what files call them, and the calendar that days are counted in. Plain data, for every app."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

TABLE = Path(__file__).parent / "marketplaces.toml"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MON_TO_FRI = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Marketplace:
    """`weekdays` are the business days of a week, Monday being 0; `holidays` the country whose holidays count.

    `days` is how people write a day in numbers there, DMY or MDY, "" where neither is the custom; `charset` is what
    their spreadsheets save text in.
    """

    code: str
    name: str
    region: str
    zone: str
    currency: str
    spellings: tuple[str, ...]
    weekdays: tuple[int, ...] = MON_TO_FRI
    holidays: str = ""
    days: str = ""
    charset: str = "cp1252"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def is_business_day(self, day: date) -> bool:
        """Whether people work that day: a business weekday that is no public holiday."""
        return day.weekday() in self.weekdays and not (self.holidays and day in _holidays(self.holidays))


@cache
def _holidays(country: str) -> holidays.HolidayBase:
    """Return a country's public holidays, years being worked out when they are asked for."""
    return holidays.country_holidays(country)


def knows_holidays(country: str) -> bool:
    """Whether public holidays of a country are known; "" means that none count."""
    return country == "" or country in holidays.list_supported_countries()


@cache
def by_code() -> dict[str, Marketplace]:
    """Return the known marketplaces by code, as marketplaces.toml has them."""
    data = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {
        code: Marketplace(
            code,
            row["name"],
            row["region"],
            row["zone"],
            row["currency"],
            tuple(row["spellings"]),
            tuple(WEEKDAYS.index(day) for day in row["weekdays"]),
            row["holidays"],
            row.get("days", ""),
            row.get("charset", "cp1252"),
        )
        for code, row in data.items()
    }


@cache
def _spellings() -> dict[str, str]:
    codes: dict[str, str] = {}
    for marketplace in by_code().values():
        for spelling in (marketplace.code, marketplace.name, *marketplace.spellings):
            codes[spelling.casefold()] = marketplace.code
    return codes


def find(text: str) -> Marketplace | None:
    """Return the marketplace a file means by `text` (a domain, an id, a code; any case), or None."""
    code = _spellings().get(text.strip().casefold())
    return by_code()[code] if code else None


def zone(code: str) -> str:
    """Return the IANA name of the marketplace's zone; "UTC" for one that isn't known."""
    found = find(code)
    return found.zone if found else "UTC"
