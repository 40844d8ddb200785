"""What claims may ask for and be granted at most, from policy and what other claims of the order hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Sum

from claims.models import Claim, ClaimLine, RefundComponent, RefundLine
from claims.rules.policy import Cap, Component, MostClaimable, OrderMoney, Rule, most_claimable


@dataclass(frozen=True, slots=True)
class ClaimedLine:
    """A refund line to claim: the rule that governs it, and what the chosen units of it were refunded with.

    `asked_minor` is how much of that the seller asks for, None for all of it.
    """

    line: RefundLine
    rule: Rule | None
    refunded_minor: int
    asked_minor: int | None = None


def most_for_lines(wanted: Sequence[ClaimedLine], order: OrderMoney) -> list[MostClaimable]:
    """Return the most that one claim may ask for each line, in order, and why not more.

    The lines use up the order's cap in their order. No query, one where a rule is about return shipping.
    """
    shipping = _return_shipping([each.line for each in wanted if each.rule and each.rule.component])
    claimed, limits = dict(order.claimed), []
    for claimed_line in wanted:
        parts = shipping.get(claimed_line.line.pk)
        limit = most_claimable(claimed_line.rule, claimed_line.refunded_minor, replace(order, claimed=claimed), parts)
        limits.append(limit)
        reason = (claimed_line.rule.reason if claimed_line.rule else None) or ""
        asks = limit.minor if claimed_line.asked_minor is None else min(max(claimed_line.asked_minor, 0), limit.minor)
        claimed = {**claimed, reason: claimed.get(reason, 0) + asks}
    return limits


def _return_shipping(lines: Sequence[RefundLine]) -> dict[int, int]:
    """Return the return shipping in each refund line whose parts are known, in minor units."""
    if not lines:
        return {}
    by_line: dict[int, int] = {}
    parts = RefundComponent.objects.filter(line_id__in=[line.pk for line in lines])
    for line_id, kind, minor in parts.values_list("line_id", "kind", "amount_minor"):
        by_line.setdefault(line_id, 0)
        if kind == Component.RETURN_SHIPPING:
            by_line[line_id] += minor
    return by_line


@dataclass(frozen=True, slots=True)
class Grantable:
    """What a decision may give: `lines` the most of each claim line by id, `claim` the most of all of them together."""

    lines: dict[int, MostClaimable]
    claim: MostClaimable


def most_grantable(claim: Claim, lines: Sequence[ClaimLine]) -> Grantable:
    """Return what a decision on the claim may give at most, and why: never more than was claimed under its caps, nor
    than an imported claim holds of its refund, nor more than the order's cap leaves after what other claims
    of the order were granted. One query.

    The desk's form shows it and the verb refuses by it. An imported claim has no rule, so no cap.
    """
    rule = claim.policy_rule.as_rule() if claim.policy_rule else None
    each = {
        line.pk: MostClaimable(
            line.claimed_minor, Cap(line.cap_code) if line.cap_code else Cap.REFUNDED, _params(line, rule)
        )
        if line.most_minor >= line.claimed_minor
        else MostClaimable(line.most_minor, Cap.REFUNDED)
        for line in lines
    }
    together = MostClaimable(sum(most.minor for most in each.values()), Cap.REFUNDED)
    if rule is not None and rule.order_cap_minor is not None and rule.order_cap_currency == claim.currency:
        others = Claim.objects.filter(order_id=claim.order_id).exclude(pk=claim.pk)
        granted = others.aggregate(sum=Sum("granted_minor"))["sum"] or 0
        room = max(rule.order_cap_minor - granted, 0)
        if room < together.minor:
            together = MostClaimable(room, Cap.ORDER_CAP, {"amount": (rule.order_cap_minor, rule.order_cap_currency)})
    return Grantable(each, together)


def _params(line: ClaimLine, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    if line.cap_code == Cap.PERCENT_CAP:
        return {"percent": rule.percent_cap, "reason": line.reason}
    if line.cap_code == Cap.ORDER_CAP:
        return {"amount": (rule.order_cap_minor, rule.order_cap_currency)}
    return {}
