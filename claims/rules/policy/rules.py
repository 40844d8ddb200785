"""Filing rules, and which one governs a refund."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accounts.marketplaces import Marketplace
from claims.rules.policy.days import Unit, local_day


class Trigger(StrEnum):
    """What a window counts from."""

    REFUND = "REFUND"
    RETURN_DELIVERY = "RETURN_DELIVERY"
    LATER_OF_BOTH = "LATER_OF_BOTH"
    LAST_SCAN = "LAST_SCAN"
    RETURN_REQUEST = "RETURN_REQUEST"


class Component(StrEnum):
    """The part of a refund that a claim is against, where it isn't against all of it."""

    RETURN_SHIPPING = "RETURN_SHIPPING"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule. None in marketplace, region, program, reason or sub_reason means: any.

    `covered` False: what it applies to can't be claimed at all, and its window says nothing. Evidence slots that are
    None are those the reason has by itself. `order_cap_minor` is in `order_cap_currency`, `percent_cap` of the order's
    value. `after_automatic`: it also governs refunds the marketplace made because a return wasn't handled in time.
    """

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
    sub_reason: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    unit: Unit = Unit.CALENDAR
    covered: bool = True
    order_cap_minor: int | None = None
    order_cap_currency: str = ""
    percent_cap: int | None = None
    component: Component | None = None
    required: tuple[str, ...] | None = None
    recommended: tuple[str, ...] | None = None
    after_automatic: bool = False
    id: int | None = None

    def fits(self, marketplace: Marketplace, program: str | None, reason: str | None, sub_reason: str | None) -> bool:
        """Whether the rule is about such a refund and reason, whenever it was made."""
        return (
            self.marketplace in (None, marketplace.code)
            and self.region in (None, marketplace.region)
            and self.program in (None, program)
            and self.reason in (None, reason)
            and self.sub_reason in (None, sub_reason)
        )

    def in_force(self, refund_day: date) -> bool:
        return (self.effective_from is None or self.effective_from <= refund_day) and (
            self.effective_to is None or refund_day <= self.effective_to
        )

    @property
    def precedence(self) -> tuple[int, bool, bool, bool]:
        """Marketplace before region before any; then a rule for the reason, for the sub-reason; then the program."""
        place = 2 if self.marketplace else 1 if self.region else 0
        return place, self.reason is not None, self.sub_reason is not None, self.program is not None


def current(rules: Iterable[Rule], refund_day: date) -> list[Rule]:
    """Return, of each key, the version that speaks for refunds of this day: the newest that begins on or before it.

    A version takes over from those before it on its first day, and for good: one that ends leaves nothing behind.
    """
    newest: dict[str, Rule] = {}
    for rule in rules:
        if rule.effective_from is None or rule.effective_from <= refund_day:
            other = newest.get(rule.key)
            if other is None or other.version < rule.version:
                newest[rule.key] = rule
    return [rule for rule in newest.values() if rule.in_force(refund_day)]


def pick(
    rules: Iterable[Rule],
    marketplace: Marketplace,
    program: str | None,
    reason: str | None,
    refunded_at: datetime,
    sub_reason: str | None = None,
) -> Rule | None:
    """Return the one rule that governs a refund for a reason, or None when there is a gap.

    Effective dates are compared with the marketplace's local day of the refund and with nothing else.
    """
    day = local_day(refunded_at, marketplace)
    fitting = [rule for rule in current(rules, day) if rule.fits(marketplace, program, reason, sub_reason)]
    return max(fitting, key=lambda rule: (rule.precedence, rule.version), default=None)
