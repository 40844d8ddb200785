"""Why a line got less than was claimed, what would change it, and what contradicts itself in a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.lifecycle import DecisionReason, Slot
from claims.text import formats
from claims.text.reasons import reason_label, slot_name


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """Why a line gets less than was claimed, and what would change that ("" where nothing would)."""

    why: str
    would_change: str


_DECISION: dict[str, tuple[str, str, str | None]] = {
    # code: (why, what would change it, what the handler fills in)
    DecisionReason.EVIDENCE_MISSING: (
        gettext_noop("This was needed and not sent: %(slots)s."),
        gettext_noop("Send it with an appeal."),
        None,
    ),
    DecisionReason.EVIDENCE_UNREADABLE: (
        gettext_noop("%(detail)s can't be read or doesn't show what it should."),
        gettext_noop("A sharp photo of it."),
        gettext_noop("Which file"),
    ),
    DecisionReason.EVIDENCE_OTHER_ORDER: (
        gettext_noop("%(detail)s doesn't belong to order %(order_id)s."),
        gettext_noop("Files that show this order's label or serial number."),
        gettext_noop("Which file"),
    ),
    DecisionReason.EVIDENCE_REUSED: (
        gettext_noop("%(detail)s was already used for another claim."),
        gettext_noop("Photos of this return."),
        gettext_noop("Which file"),
    ),
    DecisionReason.EVIDENCE_TOO_OLD: (
        gettext_noop("%(detail)s is older than the return."),
        gettext_noop("A photo taken after the return arrived."),
        gettext_noop("Which file"),
    ),
    DecisionReason.RETURN_IN_ORDER: (
        gettext_noop("What the files show came back as it was sold."),
        gettext_noop("Files that show the damage or the difference."),
        None,
    ),
    DecisionReason.SELLER_FAULT: (
        gettext_noop("The buyer's reason was right: %(detail)s."),
        gettext_noop("Proof that the item was as described."),
        gettext_noop("What was wrong"),
    ),
    DecisionReason.RETURN_DELIVERED: (
        gettext_noop("Tracking %(detail)s shows the return was delivered to you."),
        gettext_noop("Proof that it did not arrive."),
        gettext_noop("Tracking id"),
    ),
    DecisionReason.NOT_DELIVERED: (
        gettext_noop("Tracking %(detail)s doesn't show delivery to the buyer."),
        gettext_noop("A delivery scan or a signature."),
        gettext_noop("Tracking id"),
    ),
    DecisionReason.NO_AGREEMENT: (
        gettext_noop("The files don't show that the buyer agreed to a replacement."),
        gettext_noop("The message in which the buyer agrees."),
        None,
    ),
    DecisionReason.REFUND_WAS_DUE: (
        gettext_noop("The refund was due under %(detail)s."),
        "",
        gettext_noop("Under which clause"),
    ),
    DecisionReason.NOT_COVERED: (
        gettext_noop("SAFE-T doesn't cover this: %(detail)s."),
        "",
        gettext_noop("Which clause"),
    ),
    DecisionReason.ALREADY_REIMBURSED: (
        gettext_noop("This was already paid: %(detail)s."),
        "",
        gettext_noop("Amount and day"),
    ),
    DecisionReason.DUPLICATE: (
        gettext_noop("Claim %(detail)s covers the same item."),
        "",
        gettext_noop("Which claim of this seller"),
    ),
    DecisionReason.NO_RESPONSE: (
        gettext_noop("No reply arrived by %(reply_by)s."),
        gettext_noop("Send what was asked for with an appeal."),
        None,
    ),
    DecisionReason.LESS_ORDER_CAP: (
        gettext_noop("At most %(detail)s for one order."),
        "",
        gettext_noop("The most for one order"),
    ),
    DecisionReason.LESS_PERCENT_CAP: (
        gettext_noop('For "%(reason)s" at most %(detail)s%% of the order value.'),
        "",
        gettext_noop("Percent"),
    ),
    DecisionReason.LESS_RESALE: (
        gettext_noop("The item can still be sold; the loss in value is %(detail)s."),
        gettext_noop("Proof that it can't be sold."),
        gettext_noop("Loss in value"),
    ),
    DecisionReason.LESS_FEE_KEPT: (
        gettext_noop("You kept %(detail)s as a restocking or shipping fee."),
        "",
        gettext_noop("Amount kept"),
    ),
    DecisionReason.LESS_SHIPPING: (gettext_noop("Shipping isn't covered for this reason."), "", None),
}
_DECISION_NAMES = {
    DecisionReason.EVIDENCE_MISSING: gettext_noop("Evidence missing"),
    DecisionReason.EVIDENCE_UNREADABLE: gettext_noop("Evidence can't be read"),
    DecisionReason.EVIDENCE_OTHER_ORDER: gettext_noop("Evidence of another order"),
    DecisionReason.EVIDENCE_REUSED: gettext_noop("Evidence used before"),
    DecisionReason.EVIDENCE_TOO_OLD: gettext_noop("Evidence older than the return"),
    DecisionReason.RETURN_IN_ORDER: gettext_noop("Came back as sold"),
    DecisionReason.SELLER_FAULT: gettext_noop("The buyer was right"),
    DecisionReason.RETURN_DELIVERED: gettext_noop("Return was delivered"),
    DecisionReason.NOT_DELIVERED: gettext_noop("No delivery to the buyer"),
    DecisionReason.NO_AGREEMENT: gettext_noop("No agreement to a replacement"),
    DecisionReason.REFUND_WAS_DUE: gettext_noop("The refund was due"),
    DecisionReason.NOT_COVERED: gettext_noop("Not covered"),
    DecisionReason.ALREADY_REIMBURSED: gettext_noop("Already reimbursed"),
    DecisionReason.DUPLICATE: gettext_noop("Another claim covers it"),
    DecisionReason.NO_RESPONSE: gettext_noop("No reply"),
    DecisionReason.LESS_ORDER_CAP: gettext_noop("Less: most for one order"),
    DecisionReason.LESS_PERCENT_CAP: gettext_noop("Less: percent of order value"),
    DecisionReason.LESS_RESALE: gettext_noop("Less: can still be sold"),
    DecisionReason.LESS_FEE_KEPT: gettext_noop("Less: fee kept"),
    DecisionReason.LESS_SHIPPING: gettext_noop("Less: shipping not covered"),
}


def decision_reason_name(code: str) -> str:
    """Return the short name of a decision reason, as the desk chooses from and the report lists."""
    return _(_DECISION_NAMES[DecisionReason(code)])


def decision_detail_label(code: str) -> str | None:
    """Return what the handler has to fill in for the reason's sentence, or None when nothing."""
    label = _DECISION[DecisionReason(code)][2]
    return _(label) if label else None


def sent_back_why(words: str, *, redacted: bool) -> str:
    """Return why a proposed decision came back: the handler's words, or that they were redacted and why."""
    return _("Removed: %(why)s") % {"why": words} if redacted else words


def decision_reason(code: str, params: Mapping[str, Any], zone: str) -> ReasonWords:
    """Return a decision reason's sentences. `params` as kept with the decision; `reply_by` in ISO form there."""
    why, change, _label = _DECISION[DecisionReason(code)]
    values = {"slots": _("evidence"), "order_id": "", "reason": "", "reply_by": "", "detail": "", **params}
    if isinstance(values["slots"], list):
        values["slots"] = formats.and_list(
            [slot_name(asked) if asked in list(Slot) else str(asked) for asked in values["slots"]]
        )
    if values["reply_by"]:
        values["reply_by"] = formats.moment_full(datetime.fromisoformat(str(values["reply_by"])), zone)
    if values["reason"]:
        values["reason"] = reason_label(str(values["reason"]))
    values["detail"] = str(values["detail"]).strip().rstrip(".")
    return ReasonWords(_(why) % values, _(change) % values if change else "")


_CONTRADICTIONS = {
    "AMOUNT_OUT_OF_RANGE": gettext_noop("Enter an amount from 0 to %(max)s."),
    "BELOW_FIRST_DECISION": gettext_noop("An appeal never lowers what was granted: enter at least %(min)s."),
    "ALL_ZERO": gettext_noop("All amounts are 0: choose Deny."),
    "REASON_MISSING": gettext_noop("Choose a reason for each item that gets less than claimed."),
    "REASON_TWICE": gettext_noop("The same reason is chosen twice for %(item)s."),
    "REASON_UNKNOWN": gettext_noop("That reason is the portal's own. Choose another one."),
    "REASON_ONLY_PARTIAL": gettext_noop("That reason explains a lower amount, not a denial. Choose another one."),
    "EVIDENCE_NOT_MISSING": gettext_noop('"Evidence missing" doesn\'t fit: every required file is here.'),
    "OWN_SENTENCE": gettext_noop("Say why in one sentence of your own."),
    "ABOVE_ORDER_CAP": gettext_noop(
        "Together at most %(max)s: claims for one order come to %(amount)s at most, less what others were granted."
    ),
    "DETAIL_MISSING": gettext_noop('Fill in "%(label)s" for "%(reason_name)s".'),
    "BEYOND_REFUND": gettext_noop(
        "This decision would pass %(max)s, all that was refunded for this item and not granted before."
    ),
    "BELOW_DECISION": gettext_noop("A correction never lowers what was granted: enter at least %(min)s."),
    "NOTHING_RAISED": gettext_noop("Nothing is raised. Enter a higher amount for at least one item."),
    "CORRECTION_UNEXPLAINED": gettext_noop("Say in your own words what was wrong; the seller reads it."),
}


def contradiction(problem: Any, *, item: str, currency: str) -> str:
    """Return the sentence for what is wrong with a decision (`claims.decisions.decide.DecisionProblem`)."""
    params: dict[str, Any] = {"item": item, **problem.params}
    for key in ("max", "min"):
        if key in params:
            params[key] = formats.money(params[key], currency)
    if "amount" in params:
        params["amount"] = formats.money(*params["amount"])
    if "code" in params:
        params["label"] = decision_detail_label(params["code"]) or ""
        params["reason_name"] = decision_reason_name(params["code"])
    return _(_CONTRADICTIONS[problem.code]) % params
