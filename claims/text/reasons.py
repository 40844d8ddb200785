"""What reasons, evidence slots and things asked for are called."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from claims.rules.lifecycle import Reason, Slot, SubReason

_REASONS: dict[str, tuple[str, str]] = {
    Reason.DAMAGED: (
        gettext_noop("Came back damaged, used or unsellable"),
        gettext_noop("It left you in good order and came back not fit to sell as it was."),
    ),
    Reason.DIFFERENT: (
        gettext_noop("A different item, or an empty box"),
        gettext_noop("What came back isn't what you sold."),
    ),
    Reason.PARTS: (gettext_noop("Parts missing"), gettext_noop("The item came back without parts or accessories.")),
    Reason.NOT_RETURNED: (
        gettext_noop("Not returned"),
        gettext_noop("The buyer was refunded and the item never came back."),
    ),
    Reason.ABUSE: (
        gettext_noop("The buyer abused the returns policy"),
        gettext_noop("For example used it and sent it back for free, or gave a false return reason."),
    ),
    Reason.NO_RETURN_ASKED: (
        gettext_noop("Refunded without a return"),
        gettext_noop("The marketplace refunded and let the buyer keep the item."),
    ),
    Reason.REPLACED: (
        gettext_noop("Replacement sent, and refunded too"),
        gettext_noop("You sent a replacement, it arrived, and the buyer was refunded as well."),
    ),
    Reason.DELIVERED: (
        gettext_noop("Delivered, but the buyer says not received"),
        gettext_noop("Tracking or a signature shows delivery."),
    ),
    Reason.OUTSIDE_WINDOW: (
        gettext_noop("Refunded outside the return window"),
        gettext_noop("The buyer asked for the return too late."),
    ),
    Reason.SHIPPING: (
        gettext_noop("Return shipping refunded, but the buyer owed it"),
        gettext_noop("The return reason made the buyer pay for the label."),
    ),
}


def reason_label(code: str) -> str:
    """Return what the seller calls the reason; an imported claim may have none."""
    return _(_REASONS[code][0]) if code in _REASONS else _("Reason not known")


def reason_help(code: str) -> str:
    return _(_REASONS[code][1])


_SUB_REASONS = {
    SubReason.BROKEN: gettext_noop("It came back broken or damaged"),
    SubReason.USED: gettext_noop("It came back used"),
    SubReason.OUTER_PACKAGE: gettext_noop("Only its package is damaged"),
    SubReason.DAMAGED_IN_RETURN: gettext_noop("The carrier damaged it on its way back"),
    SubReason.OTHER_ITEM: gettext_noop("Another item came back"),
    SubReason.EMPTY_BOX: gettext_noop("The box was empty"),
    SubReason.NEVER_SENT: gettext_noop("The buyer never sent it"),
    SubReason.LOST_IN_RETURN: gettext_noop("The carrier lost it on its way back"),
    SubReason.FREE_RENTAL: gettext_noop("The buyer used it and sent it back for free"),
    SubReason.FALSE_REASON: gettext_noop("The buyer gave a false return reason"),
}


def sub_reason_label(code: str) -> str:
    """Return what the seller calls the case of a reason; "" for none."""
    return _(_SUB_REASONS[SubReason(code)]) if code else ""


_SLOTS = {
    Slot.ITEM_PHOTO: gettext_noop("photo of the item you received"),
    Slot.LABEL_PHOTO: gettext_noop("photo of the package with the return label visible"),
    Slot.SERIAL_PHOTO: gettext_noop("photo of the serial number"),
    Slot.SHIPPED: gettext_noop("what you shipped"),
    Slot.WEIGHT: gettext_noop("package weight"),
    Slot.ALL_PARTS_PHOTO: gettext_noop("photo of all that came back"),
    Slot.MISSING_LIST: gettext_noop("list of what is missing"),
    Slot.ABUSE_PROOF: gettext_noop("a file that shows the abuse"),
    Slot.BUYER_MESSAGES: gettext_noop("buyer messages"),
    Slot.BUYER_AGREEMENT: gettext_noop("buyer's agreement to the replacement"),
    Slot.DELIVERY_TRACKING: gettext_noop("proof of delivery: tracking that says delivered, or a signature"),
    Slot.LABEL_INVOICE: gettext_noop("label invoice"),
    Slot.OTHER: gettext_noop("another file"),
}


def slot_name(code: str) -> str:
    """Return the slot's name for use inside a sentence."""
    return _(_SLOTS[Slot(code)])


def slot_title(code: str) -> str:
    """Return the slot's name for use alone."""
    name = slot_name(code)
    return name[:1].upper() + name[1:]


def asked_things(items: Sequence[tuple[str, str]]) -> list[str]:
    """Return the names of what was asked for, from (slot code, own words) pairs; one of the two is empty."""
    return [slot_name(slot) if slot else words for slot, words in items]


def things(n: int) -> str:
    return ngettext("%(n)s thing", "%(n)s things", n) % {"n": n}
