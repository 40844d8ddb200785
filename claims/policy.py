"""When a refund can be claimed and when a clock ends: windows and deadlines as data plus arithmetic.

Plain Python: no Django, no clock. Days are days of the marketplace's calendar; instants are aware and in UTC. The
last instant of a window is inclusive: the last microsecond of its last local day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

POLICIES = Path(__file__).parent / "policies"
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Marketplace:
    code: str
    name: str
    region: str
    zone: str
    currency: str
    spellings: tuple[str, ...]

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@cache
def marketplaces() -> dict[str, Marketplace]:
    """Return the known marketplaces by code, as marketplaces.toml has them."""
    data = tomllib.loads((POLICIES / "marketplaces.toml").read_text(encoding="utf-8"))
    return {
        code: Marketplace(code, row["name"], row["region"], row["zone"], row["currency"], tuple(row["spellings"]))
        for code, row in data.items()
    }


@cache
def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for marketplace in marketplaces().values():
        for spelling in (marketplace.code, marketplace.name, *marketplace.spellings):
            found[spelling.casefold()] = marketplace.code
    return found


def marketplace_by_spelling(text: str) -> Marketplace | None:
    """Return the marketplace a file means by `text` (a domain, an id, a code; any case), or None."""
    code = _spellings().get(text.strip().casefold())
    return marketplaces()[code] if code else None


class Trigger(StrEnum):
    """What a window counts from."""

    REFUND = "REFUND"
    RETURN_DELIVERY = "RETURN_DELIVERY"
    LATER_OF_BOTH = "LATER_OF_BOTH"
    LAST_SCAN = "LAST_SCAN"
    RETURN_REQUEST = "RETURN_REQUEST"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. None in marketplace, region, program or reason means: any."""

    key: str
    version: int
    name: str
    trigger: Trigger
    opens_after: int
    closes_after: int
    marketplace: str | None = None
    region: str | None = None
    program: str | None = None
    reason: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    id: int | None = None

    def applies(self, marketplace: Marketplace, program: str | None, reason: str | None, refund_day: date) -> bool:
        return (
            self.marketplace in (None, marketplace.code)
            and self.region in (None, marketplace.region)
            and self.program in (None, program)
            and self.reason in (None, reason)
            and (self.effective_from is None or self.effective_from <= refund_day)
            and (self.effective_to is None or refund_day <= self.effective_to)
        )

    @property
    def precedence(self) -> tuple[int, bool, bool]:
        """Marketplace before region before any; then a rule for the reason; then one for the program."""
        place = 2 if self.marketplace else 1 if self.region else 0
        return place, self.reason is not None, self.program is not None


def pick(
    rules: Iterable[Rule], marketplace: Marketplace, program: str | None, reason: str | None, refunded_at: datetime
) -> Rule | None:
    """Return the one rule that governs a refund for a reason, or None when there is a gap.

    Effective dates are compared with the marketplace's local day of the refund and with nothing else.
    """
    day = refunded_at.astimezone(marketplace.tz).date()
    fitting = [rule for rule in rules if rule.applies(marketplace, program, reason, day)]
    return max(fitting, key=lambda rule: (rule.precedence, rule.version), default=None)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a refund that a window may count from. Only the refund has an instant."""

    refunded_at: datetime
    return_delivered_on: date | None = None
    last_scan_on: date | None = None
    return_requested_on: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When a refund may be claimed under one rule. `missing` names the date without which there is no window yet.

    `provisional`: the closing instant can still move later, never earlier.
    """

    rule: Rule
    opens_at: datetime | None
    closes_at: datetime | None
    counted_from: date | None = None
    provisional: bool = False
    missing: Trigger | None = None


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last microsecond of `day` in `zone`, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(UTC) - MICROSECOND


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def window(rule: Rule, dates: Dates, zone: ZoneInfo) -> Window:
    """Return the window that `rule` gives a refund with these dates.

    Counting starts at the later of trigger and refund, so that no refund ever gets an empty window.
    """
    refund_day = dates.refunded_at.astimezone(zone).date()
    provisional = False
    match rule.trigger:
        case Trigger.REFUND:
            day: date | None = refund_day
        case Trigger.RETURN_DELIVERY:
            day = dates.return_delivered_on
        case Trigger.LATER_OF_BOTH:
            day = dates.return_delivered_on or refund_day
            provisional = dates.return_delivered_on is None
        case Trigger.LAST_SCAN:
            day = dates.last_scan_on
        case Trigger.RETURN_REQUEST:
            day = dates.return_requested_on
    if day is None:
        return Window(rule, None, None, missing=rule.trigger)
    counted = max(day, refund_day)
    opens = dates.refunded_at
    if rule.opens_after or counted > refund_day:
        opens = max(opens, start_of_day(counted + timedelta(days=rule.opens_after), zone))
    closes = end_of_day(counted + timedelta(days=rule.closes_after), zone)
    return Window(rule, opens, closes, counted, provisional)


def clock_end(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return when a clock of `days` days that starts at `start` ends: with a local day, never under days × 24 h."""
    day = start.astimezone(zone).date() + timedelta(days=days)
    end = end_of_day(day, zone)
    return end if end - start >= timedelta(days=days) else end_of_day(day + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class Clocks:
    """How many days a claim's clocks run."""

    reply_days: int = 7
    appeal_days: int = 7
    answer_days: int = 7
