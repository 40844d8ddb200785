"""The clocks of a claim, from the policy rows."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from claims import policy
from claims.models import Claim, ClockRule


def clock_rule(marketplace: str, program: str | None) -> ClockRule:
    """Return a claim's clocks: the most specific row's newest version. Raises ClockRule.DoesNotExist."""
    rows = [
        row
        for row in ClockRule.objects.all()
        if row.marketplace in ("", marketplace) and row.program in ("", program or "")
    ]
    if not rows:
        raise ClockRule.DoesNotExist("No clock rule is loaded: run load_policy.")
    return max(rows, key=lambda row: (bool(row.marketplace), bool(row.program), row.version))


def zone_of(claim: Claim) -> ZoneInfo:
    return policy.marketplaces()[claim.order.marketplace].tz


def reply_by(claim: Claim, now: datetime) -> datetime:
    """Return the instant until which the seller can answer a request made now."""
    return policy.clock_end(now, _rule(claim).reply_days, zone_of(claim))


def appeal_by(claim: Claim, decided_at: datetime) -> datetime:
    """Return the instant until which a decision of `decided_at` can be appealed."""
    return policy.clock_end(decided_at, _rule(claim).appeal_days, zone_of(claim))


def answer_due(claim: Claim, now: datetime) -> datetime:
    """Return when the desk owes its next act."""
    return policy.clock_end(now, _rule(claim).answer_days, zone_of(claim))


def _rule(claim: Claim) -> ClockRule:
    if claim.clock_rule is None:
        claim.clock_rule = clock_rule(claim.order.marketplace, claim.order.program)
    return claim.clock_rule
