"""Days of a marketplace's calendar: where they begin and end, and how many are counted on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from accounts.marketplaces import Marketplace

MICROSECOND = timedelta(microseconds=1)
_FURTHEST = date.max - timedelta(days=2)


class Unit(StrEnum):
    """What is counted: all days, or business days of the marketplace."""

    CALENDAR = "CALENDAR"
    BUSINESS = "BUSINESS"


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last microsecond of `day` in `zone`, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(UTC) - MICROSECOND


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def local_day(at: datetime, marketplace: Marketplace) -> date:
    """Return the day it is in the marketplace at this instant."""
    return at.astimezone(marketplace.tz).date()


def days_on(day: date, n: int, unit: Unit, marketplace: Marketplace) -> date:
    """Return the n-th day after `day`; with business days, the n-th of those. 0 is the day itself."""
    if unit is Unit.CALENDAR:
        return min(day, _FURTHEST - timedelta(days=n)) + timedelta(days=n)
    for _nth in range(n):
        day += timedelta(days=1)
        while not marketplace.is_business_day(day):
            day += timedelta(days=1)
    return day


def clock_end(start: datetime, days: int, marketplace: Marketplace, unit: Unit = Unit.CALENDAR) -> datetime:
    """Return when a clock of `days` days that starts at `start` ends: with a local day, never under days × 24 h."""
    day = days_on(local_day(start, marketplace), days, unit, marketplace)
    end = end_of_day(day, marketplace.tz)
    if end - start < timedelta(days=days):
        end = end_of_day(days_on(day, 1, unit, marketplace), marketplace.tz)
    return end
