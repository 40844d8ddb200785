"""How much may be claimed at most, and what sets the limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from claims.rules.policy.rules import Component, Rule


class Cap(StrEnum):
    """What sets the limit. One code has one sentence, in wording."""

    REFUNDED = "REFUNDED"
    ORDER_CAP = "ORDER_CAP"
    PERCENT_CAP = "PERCENT_CAP"
    RETURN_SHIPPING = "RETURN_SHIPPING"


@dataclass(frozen=True, slots=True)
class MostClaimable:
    """The most that can be claimed, in minor units, and why not more. `params` is what the sentence names."""

    minor: int
    cap: Cap
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """What is known of an order's money, in minor units of its currency.

    `claimed` is what claims that hold already ask of the order, by reason. `value` None: not known.
    """

    currency: str
    value: int | None = None
    claimed: dict[str, int] = field(default_factory=dict)


def most_claimable(
    rule: Rule | None, refunded_minor: int, order: OrderMoney, return_shipping_minor: int | None = None
) -> MostClaimable:
    """Return what can be claimed at most of a line that was refunded with `refunded_minor` under `rule`.

    `return_shipping_minor` is the return shipping in that refund, None where its parts aren't known. A limit whose
    base isn't known doesn't bind: nothing is guessed. The tightest limit is named.
    """
    limits = [MostClaimable(max(refunded_minor, 0), Cap.REFUNDED)]
    if rule is None:
        return limits[0]
    if rule.component is Component.RETURN_SHIPPING and return_shipping_minor is not None:
        limits.append(MostClaimable(max(return_shipping_minor, 0), Cap.RETURN_SHIPPING))
    if rule.percent_cap is not None and order.value is not None:
        whole = order.value * rule.percent_cap // 100
        taken = order.claimed.get(rule.reason, 0) if rule.reason else sum(order.claimed.values())
        params = {"percent": rule.percent_cap, "value": (order.value, order.currency), "reason": rule.reason}
        limits.append(MostClaimable(max(whole - taken, 0), Cap.PERCENT_CAP, params))
    room = left_of_order_cap(rule, order)
    if room is not None:
        limits.append(MostClaimable(room, Cap.ORDER_CAP, {"amount": (rule.order_cap_minor, rule.order_cap_currency)}))
    return min(limits, key=lambda limit: limit.minor)


def left_of_order_cap(rule: Rule | None, order: OrderMoney) -> int | None:
    """Return what the cap of an order still leaves, in minor units; None where no cap binds."""
    if rule is None or rule.order_cap_minor is None or rule.order_cap_currency != order.currency:
        return None
    return max(rule.order_cap_minor - sum(order.claimed.values()), 0)
