"""What is known of a refund line when it is asked whether it can be claimed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from accounts.marketplaces import Marketplace
from claims.rules.policy import Dates, OrderMoney


class Issuer(StrEnum):
    MARKETPLACE = "MARKETPLACE"
    SELLER = "SELLER"
    AUTOMATIC = "AUTOMATIC"


class Fulfilment(StrEnum):
    SELLER = "SELLER"
    MARKETPLACE = "MARKETPLACE"


NOT_COVERED_PROGRAMS: frozenset[str] = frozenset({"FBA", "MCF"})


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A claim that already covers the line."""

    claim_id: str
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What is known of one refund line. None means unknown: only a known bad value is a cause, an unknown one warns.

    `reimbursed_minor` is what was paid for the line without a claim, last at `reimbursed_at`. `order_claimed` is what
    claims that hold ask of the whole order, by reason, in minor units; `order_minor` what the order came to.
    """

    marketplace: Marketplace
    dates: Dates
    quantity: int
    held_quantity: int
    amount_minor: int
    held_minor: int
    currency: str
    order_id: str
    reversed_minor: int = 0
    program: str | None = None
    issuer: str | None = None
    fulfilment: str | None = None
    a_to_z: bool | None = None
    chargeback: bool | None = None
    return_refused: bool | None = None
    seller_active: bool = True
    seller_inactive_why: str = ""
    held_by: HeldBy | None = None
    reimbursed_minor: int = 0
    reimbursed_at: datetime | None = None
    order_minor: int | None = None
    order_claimed: dict[str, int] = field(default_factory=dict)

    @property
    def left_quantity(self) -> int:
        return self.quantity - self.held_quantity

    @property
    def order_money(self) -> OrderMoney:
        return OrderMoney(self.currency, self.order_minor, self.order_claimed)
