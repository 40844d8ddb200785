"""The codes of a claim: reasons and cases, evidence slots, what a decision rests on, what an appeal says against it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """What a seller says is wrong with what a decision gave an item."""

    FACTS = "FACTS"
    FILES = "FILES"
    NEW_EVIDENCE = "NEW_EVIDENCE"
    POLICY = "POLICY"
    AMOUNT = "AMOUNT"


class DecisionReason(StrEnum):
    """Why a line gets less than was claimed; unique within the line."""

    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    EVIDENCE_UNREADABLE = "EVIDENCE_UNREADABLE"
    EVIDENCE_OTHER_ORDER = "EVIDENCE_OTHER_ORDER"
    EVIDENCE_REUSED = "EVIDENCE_REUSED"
    EVIDENCE_TOO_OLD = "EVIDENCE_TOO_OLD"
    RETURN_IN_ORDER = "RETURN_IN_ORDER"
    SELLER_FAULT = "SELLER_FAULT"
    RETURN_DELIVERED = "RETURN_DELIVERED"
    NOT_DELIVERED = "NOT_DELIVERED"
    NO_AGREEMENT = "NO_AGREEMENT"
    REFUND_WAS_DUE = "REFUND_WAS_DUE"
    NOT_COVERED = "NOT_COVERED"
    ALREADY_REIMBURSED = "ALREADY_REIMBURSED"
    DUPLICATE = "DUPLICATE"
    NO_RESPONSE = "NO_RESPONSE"
    LESS_ORDER_CAP = "LESS_ORDER_CAP"
    LESS_PERCENT_CAP = "LESS_PERCENT_CAP"
    LESS_RESALE = "LESS_RESALE"
    LESS_FEE_KEPT = "LESS_FEE_KEPT"
    LESS_SHIPPING = "LESS_SHIPPING"


SYSTEM_REASONS = frozenset({DecisionReason.NO_RESPONSE})
PARTIAL_REASONS = frozenset(reason for reason in DecisionReason if reason.startswith("LESS_"))
"""Reasons that only explain a lower amount; a denial needs another one."""


class Slot(StrEnum):
    """A named place for one proof."""

    ITEM_PHOTO = "ITEM_PHOTO"
    LABEL_PHOTO = "LABEL_PHOTO"
    SERIAL_PHOTO = "SERIAL_PHOTO"
    SHIPPED = "SHIPPED"
    WEIGHT = "WEIGHT"
    ALL_PARTS_PHOTO = "ALL_PARTS_PHOTO"
    MISSING_LIST = "MISSING_LIST"
    ABUSE_PROOF = "ABUSE_PROOF"
    BUYER_MESSAGES = "BUYER_MESSAGES"
    BUYER_AGREEMENT = "BUYER_AGREEMENT"
    DELIVERY_TRACKING = "DELIVERY_TRACKING"
    LABEL_INVOICE = "LABEL_INVOICE"
    OTHER = "OTHER"


class Reason(StrEnum):
    """Why the seller claims."""

    DAMAGED = "DAMAGED"
    DIFFERENT = "DIFFERENT"
    PARTS = "PARTS"
    NOT_RETURNED = "NOT_RETURNED"
    ABUSE = "ABUSE"
    NO_RETURN_ASKED = "NO_RETURN_ASKED"
    REPLACED = "REPLACED"
    DELIVERED = "DELIVERED"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    SHIPPING = "SHIPPING"


class SubReason(StrEnum):
    """Which case of a reason it is, where policy or the desk tells them apart. Choosing one is never needed."""

    BROKEN = "BROKEN"
    USED = "USED"
    OUTER_PACKAGE = "OUTER_PACKAGE"
    DAMAGED_IN_RETURN = "DAMAGED_IN_RETURN"
    OTHER_ITEM = "OTHER_ITEM"
    EMPTY_BOX = "EMPTY_BOX"
    NEVER_SENT = "NEVER_SENT"
    LOST_IN_RETURN = "LOST_IN_RETURN"
    FREE_RENTAL = "FREE_RENTAL"
    FALSE_REASON = "FALSE_REASON"


SUB_REASONS: dict[Reason, tuple[SubReason, ...]] = {
    Reason.DAMAGED: (SubReason.BROKEN, SubReason.USED, SubReason.OUTER_PACKAGE, SubReason.DAMAGED_IN_RETURN),
    Reason.DIFFERENT: (SubReason.OTHER_ITEM, SubReason.EMPTY_BOX),
    Reason.NOT_RETURNED: (SubReason.NEVER_SENT, SubReason.LOST_IN_RETURN),
    Reason.ABUSE: (SubReason.FREE_RENTAL, SubReason.FALSE_REASON),
}
"""The cases of each reason; a reason that isn't here has none."""


@dataclass(frozen=True, slots=True)
class Evidence:
    required: tuple[Slot, ...] = ()
    recommended: tuple[Slot, ...] = ()


EVIDENCE: dict[Reason, Evidence] = {
    Reason.DAMAGED: Evidence((Slot.ITEM_PHOTO, Slot.LABEL_PHOTO), (Slot.SERIAL_PHOTO, Slot.SHIPPED)),
    Reason.DIFFERENT: Evidence((Slot.ITEM_PHOTO, Slot.LABEL_PHOTO), (Slot.WEIGHT, Slot.SERIAL_PHOTO)),
    Reason.PARTS: Evidence((Slot.ALL_PARTS_PHOTO, Slot.LABEL_PHOTO), (Slot.MISSING_LIST,)),
    Reason.NOT_RETURNED: Evidence(),
    Reason.ABUSE: Evidence((Slot.ABUSE_PROOF,), (Slot.BUYER_MESSAGES,)),
    Reason.NO_RETURN_ASKED: Evidence(),
    Reason.REPLACED: Evidence((Slot.BUYER_AGREEMENT, Slot.DELIVERY_TRACKING)),
    Reason.DELIVERED: Evidence((Slot.DELIVERY_TRACKING,)),
    Reason.OUTSIDE_WINDOW: Evidence(),
    Reason.SHIPPING: Evidence((), (Slot.LABEL_INVOICE,)),
}
"""The evidence a reason needs where no policy rule says otherwise: ask `eligibility.evidence_of`, which knows both."""
