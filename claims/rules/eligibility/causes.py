"""The codes of eligibility. One code has one sentence, in wording."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Cause(StrEnum):
    """What is said of a refund: that it can be claimed (the first three), why not, or what to warn of (the last)."""

    ELIGIBLE = "ELIGIBLE"
    CLOSING_SOON = "CLOSING_SOON"
    CLOSING_AT_LEAST = "CLOSING_AT_LEAST"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    TRACKING_NOT_FOUND = "TRACKING_NOT_FOUND"
    RMA_NOT_FOUND = "RMA_NOT_FOUND"
    OTHER_ACCOUNT_OF_YOURS = "OTHER_ACCOUNT_OF_YOURS"
    REFUND_NOT_SEEN = "REFUND_NOT_SEEN"
    REFUND_REVERSED = "REFUND_REVERSED"
    SELLER_REFUNDED = "SELLER_REFUNDED"
    NO_ACTION_IN_TIME = "NO_ACTION_IN_TIME"
    MARKETPLACE_FULFILLED = "MARKETPLACE_FULFILLED"
    PROGRAM_NOT_COVERED = "PROGRAM_NOT_COVERED"
    A_TO_Z = "A_TO_Z"
    CHARGEBACK = "CHARGEBACK"
    RETURN_REFUSED = "RETURN_REFUSED"
    LOST_IN_RETURN = "LOST_IN_RETURN"
    DAMAGED_IN_RETURN = "DAMAGED_IN_RETURN"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    ALREADY_REIMBURSED = "ALREADY_REIMBURSED"
    ORDER_CAP_REACHED = "ORDER_CAP_REACHED"
    QUANTITY_USED_UP = "QUANTITY_USED_UP"
    REASON_NOT_COVERED = "REASON_NOT_COVERED"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    DATE_MISSING = "DATE_MISSING"
    NO_RULE = "NO_RULE"
    SELLER_INACTIVE = "SELLER_INACTIVE"
    ISSUER_UNKNOWN = "ISSUER_UNKNOWN"
    FULFILMENT_UNKNOWN = "FULFILMENT_UNKNOWN"
    PROGRAM_UNKNOWN = "PROGRAM_UNKNOWN"
    CHARGEBACK_UNKNOWN = "CHARGEBACK_UNKNOWN"


@dataclass(frozen=True, slots=True)
class CauseWithValues:
    """A code with what its sentence needs: instants and days as such, amounts as (minor units, currency)."""

    code: Cause
    params: dict[str, Any] = field(default_factory=dict)
