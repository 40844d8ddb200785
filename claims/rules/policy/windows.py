"""The window in which a refund may be claimed, from a rule and the refund's dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from accounts.marketplaces import Marketplace
from claims.rules.policy.days import days_on, end_of_day, local_day, start_of_day
from claims.rules.policy.rules import Rule, Trigger


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a refund that a window may count from. Only the refund has an instant."""

    refunded_at: datetime
    return_delivered_on: date | None = None
    last_scan_on: date | None = None
    return_requested_on: date | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which nobody could act: what ended inside it ends later by its length, with a local day."""

    starts_at: datetime
    ends_at: datetime
    reason: str

    def moved(self, at: datetime, marketplace: Marketplace) -> datetime | None:
        """Return where an end at `at` is moved to, None when it lies outside the outage."""
        if not self.starts_at <= at <= self.ends_at:
            return None
        return end_of_day(local_day(at + (self.ends_at - self.starts_at), marketplace), marketplace.tz)


@dataclass(frozen=True, slots=True)
class Window:
    """When a refund may be claimed under one rule. `missing` names the date without which there is no window yet.

    `counted_from` is the day the days are counted from. `provisional`: the closing instant can still move later, never
    earlier. `moved_from` is the closing instant before an outage moved it, `moved_why` the words for that.
    """

    rule: Rule
    opens_at: datetime | None
    closes_at: datetime | None
    counted_from: date | None = None
    provisional: bool = False
    missing: Trigger | None = None
    moved_from: datetime | None = None
    moved_why: str = ""


def window(rule: Rule, dates: Dates, marketplace: Marketplace, outages: Iterable[Outage] = ()) -> Window:
    """Return the window that `rule` gives a refund with these dates.

    Counting starts at the later of trigger and refund, so that no refund ever gets an empty window. The last instant
    is inclusive: the last microsecond of the last local day. `outages` come oldest first.
    """
    refund_day = local_day(dates.refunded_at, marketplace)
    day: date | None = None
    match rule.trigger:
        case Trigger.REFUND:
            day = refund_day
        case Trigger.RETURN_DELIVERY:
            day = dates.return_delivered_on
        case Trigger.LATER_OF_BOTH:
            day = dates.return_delivered_on or refund_day
        case Trigger.LAST_SCAN:
            day = dates.last_scan_on
        case Trigger.RETURN_REQUEST:
            day = dates.return_requested_on
    if day is None:
        return Window(rule, None, None, missing=rule.trigger)
    counted = max(day, refund_day)
    opens = dates.refunded_at
    if rule.opens_after or counted > refund_day:
        first = days_on(counted, rule.opens_after, rule.unit, marketplace)
        opens = max(opens, start_of_day(first, marketplace.tz))
    closes = end_of_day(days_on(counted, rule.closes_after, rule.unit, marketplace), marketplace.tz)
    provisional = rule.trigger is Trigger.LATER_OF_BOTH and dates.return_delivered_on is None
    return _after_outages(Window(rule, opens, closes, counted, provisional), marketplace, outages)


def _after_outages(window: Window, marketplace: Marketplace, outages: Iterable[Outage]) -> Window:
    first = closes = window.closes_at
    why = ""
    for outage in outages:
        assert closes is not None
        if later := outage.moved(closes, marketplace):
            closes, why = later, outage.reason
    return replace(window, closes_at=closes, moved_from=first, moved_why=why) if closes != first else window
