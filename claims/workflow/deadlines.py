"""The deadlines of a claim, from the policy rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts import marketplaces
from accounts.marketplaces import Marketplace
from claims.models import Claim, ClockRule, Order
from claims.rules import policy
from claims.rules.policy import Unit

MOST_LATER = timedelta(days=366)
"""How far ahead a handler may put a date of the seller's: a year typed wrong can't be taken back."""


def clock_rule(marketplace: str, program: str | None) -> ClockRule:
    """Return a claim's clock rules: of each key the newest version, of those the most specific. Raises
    ClockRule.DoesNotExist.
    """
    newest: dict[str, ClockRule] = {}
    for row in ClockRule.objects.order_by("key", "version"):
        newest[row.key] = row
    rows = [
        row for row in newest.values() if row.marketplace in ("", marketplace) and row.program in ("", program or "")
    ]
    if not rows:
        raise ClockRule.DoesNotExist("No clock rule is loaded: run load_policy.")
    return max(rows, key=lambda row: (bool(row.marketplace), bool(row.program), row.version))


def marketplace_of(claim: Claim) -> Marketplace:
    return marketplaces.by_code()[claim.order.marketplace]


def zone_of(claim: Claim) -> ZoneInfo:
    return marketplace_of(claim).tz


def reply_by(claim: Claim, now: datetime) -> datetime:
    """Return the instant until which the seller can answer a request made now."""
    rule = _rule(claim)
    return policy.clock_end(now, rule.reply_days, marketplace_of(claim), Unit(rule.reply_unit))


def reply_by_of(order: Order, now: datetime) -> datetime:
    """Return the reply-by that a request made now would have on a claim of this order that doesn't exist yet."""
    rule = clock_rule(order.marketplace, order.program)
    return policy.clock_end(now, rule.reply_days, marketplaces.by_code()[order.marketplace], Unit(rule.reply_unit))


def appeal_by(claim: Claim, decided_at: datetime) -> datetime | None:
    """Return the instant until which a decision of `decided_at` can be appealed; None where policy knows no appeal."""
    rule = _rule(claim)
    if not rule.appeals:
        return None
    return policy.clock_end(decided_at, rule.appeal_days, marketplace_of(claim), Unit(rule.appeal_unit))


def answer_due(claim: Claim, now: datetime) -> datetime:
    """Return when the desk owes its next act."""
    rule = _rule(claim)
    return policy.clock_end(now, rule.answer_days, marketplace_of(claim), Unit(rule.answer_unit))


def end_of_tomorrow(claim: Claim, now: datetime) -> datetime:
    """Return the end of the marketplace's next day: the least time given to a person who has to act."""
    return policy.clock_end(now, 1, marketplace_of(claim))


def four_eyes_above(claim: Claim) -> int | None:
    """Return the amount, in the claim's minor units, above which a second handler confirms; None: never needed."""
    above = _rule(claim).four_eyes
    return above.get(claim.currency, above.get(""))


def _rule(claim: Claim) -> ClockRule:
    if claim.clock_rule is None:
        claim.clock_rule = clock_rule(claim.order.marketplace, claim.order.program)
    return claim.clock_rule
