"""What the readers hand to the loader, whatever the file looked like: one record a row.

Amounts are integer minor units, instants are aware and in UTC, dates are days of the marketplace's calendar. None is
an empty cell and never overwrites anything. `place` is where the row is in its file ("line 812", "refund 3").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RowKind(StrEnum):
    """What a part of a refund was for. Restocking is what the seller kept: it is negative in a refund."""

    PRINCIPAL = "PRINCIPAL"
    SHIPPING = "SHIPPING"
    RETURN_SHIPPING = "RETURN_SHIPPING"
    GIFT_WRAP = "GIFT_WRAP"
    RESTOCKING = "RESTOCKING"
    GOODWILL = "GOODWILL"
    TAX = "TAX"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a row says of its order besides what was refunded or returned. `marketplace` is the file's spelling."""

    order_id: str
    marketplace: str | None = None
    partner_id: str | None = None
    ordered_on: date | None = None
    amount: int | None = None
    currency: str | None = None
    program: str | None = None
    fulfilment: str | None = None
    a_to_z: bool | None = None
    chargeback: bool | None = None


@dataclass(frozen=True, slots=True)
class NamedClaim:
    """A claim that exists already, as a file names it. `state` is the file's own word, in its own spelling."""

    claim_id: str
    state: str
    reason: str | None = None
    filed_at: datetime | None = None
    reply_by: datetime | None = None
    decided_at: datetime | None = None
    claimed: int | None = None
    approved: int | None = None
    currency: str | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One row of a returns report. Its RMA id, or else its request date, identifies it in its order, with the SKU."""

    place: str
    order: OrderFacts
    sku: str
    requested_on: date | None
    rma_id: str | None = None
    merchant_rma_id: str | None = None
    asin: str | None = None
    title: str | None = None
    quantity: int | None = None
    reason: str | None = None
    status: str | None = None
    resolution: str | None = None
    return_type: str | None = None
    in_policy: bool | None = None
    carrier: str | None = None
    tracking_id: str | None = None
    label_type: str | None = None
    label_payer: str | None = None
    label_cost: int | None = None
    currency: str | None = None
    refunded: int | None = None
    delivered_on: date | None = None
    last_scan_on: date | None = None
    is_refused: bool | None = None
    claim: NamedClaim | None = None

    @property
    def identity(self) -> str:
        return self.rma_id or (self.requested_on.isoformat() if self.requested_on else "")


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One item of one posting: what was given back to the buyer for one SKU at one instant.

    `components` maps kinds to minor units, positive when the buyer got the money. `twin` is equal for the same item
    listed twice (pages that overlap), `event` tells the postings of a file apart; both None where a file can't say.
    """

    place: str
    order: OrderFacts
    refunded_at: datetime
    sku: str
    quantity: int
    currency: str
    components: dict[RowKind, int]
    issuer: str | None = None
    asin: str | None = None
    title: str | None = None
    twin: str | None = None
    event: int | None = None
    back: ReturnRow | None = None

    @property
    def amount(self) -> int:
        """What was given back without tax, in minor units; negative in a reversal."""
        return sum(minor for kind, minor in self.components.items() if kind is not RowKind.TAX)


class Teller(StrEnum):
    """Which data tells of a payment."""

    FINANCES_V0 = "FINANCES_V0"
    FINANCES_2024 = "FINANCES_2024"
    SETTLEMENT = "SETTLEMENT"
    DATE_RANGE = "DATE_RANGE"


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A SAFE-T payment: minor units, negative when it was taken back. It names its claim, or else its order.

    `ordinal` tells equal ones apart. `key` is what the source calls it, and `alias` another name it may have there;
    without a key it is known by what is said of it.
    """

    place: str
    claim_id: str
    posted_at: datetime
    amount: int
    currency: str
    partner_id: str | None = None
    ordinal: int = 0
    source: Teller = Teller.FINANCES_V0
    order_id: str = ""
    sku: str = ""
    reference: str = ""
    key: str = ""
    alias: str = ""
    doubt: str = ""
    """Why a person has to look at it; it is kept all the same."""

    @property
    def identity(self) -> str:
        """What is never booked twice. Most of the marketplace's data gives a payment no id of its own."""
        if self.key:
            return f"{self.source} {self.key}"
        payment = f"{self.posted_at:%Y-%m-%dT%H:%M:%S.%f} {self.amount} {self.currency} {self.ordinal}"
        if self.source is Teller.FINANCES_V0:
            return f"{self.claim_id} {payment}"
        return f"{self.source} {self.order_id or '-'} {self.reference or '-'} {payment}"

    @property
    def other_identity(self) -> str:
        return f"{self.source} {self.alias}" if self.alias else ""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One row of a file of existing claims: the claim and the order it belongs to."""

    place: str
    order: OrderFacts
    claim: NamedClaim
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What a row says of its order and of nothing else, such as a chargeback."""

    place: str
    order: OrderFacts


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that stays out: where it is in the file, and a sentence, without its full stop, that says why."""

    place: str
    cause: str


Record = PostingLine | ReturnRow | PaymentRow | ClaimRow | OrderRow | Reject
Records = Iterator[Record]
