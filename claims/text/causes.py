"""Why a refund can or can't be claimed, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from claims.rules.eligibility import Cause, CauseWithValues
from claims.rules.policy import Trigger, Unit
from claims.text import formats
from claims.text.context import Ctx
from claims.text.reasons import reason_label, sub_reason_label


@dataclass(frozen=True, slots=True)
class CauseWords:
    """Why a refund can't be claimed, and what to do. `claim_id` is set where the way on is that claim."""

    sentence: str
    todo: str
    claim_id: str = ""


_CAUSES: dict[Cause, tuple[str, str]] = {
    Cause.ELIGIBLE: (gettext_noop("You can file until %(closes)s (%(left)s)."), ""),
    Cause.CLOSING_SOON: (gettext_noop("You can file until %(closes)s: %(left_bare)s left."), ""),
    Cause.CLOSING_AT_LEAST: (
        gettext_noop(
            "You can file until at least %(closes)s (%(left)s), counted from the refund. "
            "If the return arrives later, you have longer."
        ),
        gettext_noop("File now. Waiting for the return scan isn't needed."),
    ),
    Cause.ORDER_NOT_FOUND: (
        gettext_noop("There is no order %(value)s in %(seller)s."),
        gettext_noop(
            "Check the number: 3, 7 and 7 digits, as in 111-2223334-5556667. A refund can take a day to show up here."
        ),
    ),
    Cause.TRACKING_NOT_FOUND: (
        gettext_noop("No return of %(seller)s has the tracking id %(value)s."),
        gettext_noop("Try the order id; it is on the packing slip."),
    ),
    Cause.RMA_NOT_FOUND: (
        gettext_noop("No return of %(seller)s has the RMA id %(value)s."),
        gettext_noop("Try the order id; it is on the packing slip."),
    ),
    Cause.OTHER_ACCOUNT_OF_YOURS: (
        gettext_noop("Order %(value)s belongs to %(other_seller)s, where you are a member too."),
        gettext_noop("Switch to %(other_seller)s."),
    ),
    Cause.REFUND_NOT_SEEN: (
        gettext_noop("No refund to the buyer has been seen for this order yet, so there is nothing to claim back."),
        gettext_noop(
            "Nothing now. When the refund shows up, usually within a day, it appears under Refunds with its dates."
        ),
    ),
    Cause.REFUND_REVERSED: (
        gettext_noop("The refund of %(amount)s was taken back; you were not charged."),
        gettext_noop("Nothing. If you were charged all the same, write to %(help)s."),
    ),
    Cause.SELLER_REFUNDED: (
        gettext_noop("You issued this refund yourself. SAFE-T covers refunds the marketplace issued."),
        gettext_noop("If you did not issue it, write to %(help)s."),
    ),
    Cause.NO_ACTION_IN_TIME: (
        gettext_noop(
            "The refund was automatic because the return wasn't handled in time after its arrival. "
            "SAFE-T doesn't cover that."
        ),
        gettext_noop("For next time: handle a return as soon as it arrives."),
    ),
    Cause.MARKETPLACE_FULFILLED: (
        gettext_noop("The marketplace shipped this order. SAFE-T covers orders you ship yourself."),
        gettext_noop("Use the reimbursement process for marketplace-fulfilled orders: %(help)s."),
    ),
    Cause.PROGRAM_NOT_COVERED: (
        gettext_noop("This order is in %(program)s, which SAFE-T doesn't cover."),
        gettext_noop("Read more: %(help)s."),
    ),
    Cause.A_TO_Z: (
        gettext_noop("There is an A-to-z claim on this order. One refund can't go through both."),
        gettext_noop("Answer or appeal the A-to-z claim."),
    ),
    Cause.CHARGEBACK: (
        gettext_noop("The buyer's bank reversed the payment (a chargeback). SAFE-T doesn't cover that."),
        gettext_noop("Answer the chargeback."),
    ),
    Cause.RETURN_REFUSED: (
        gettext_noop("The return package was refused on delivery. SAFE-T doesn't cover refused returns."),
        gettext_noop("Accept the package next time, then claim with photos."),
    ),
    Cause.LOST_IN_RETURN: (
        gettext_noop("The carrier lost the package on its way back to you. SAFE-T doesn't cover that here."),
        gettext_noop("Claim with the carrier."),
    ),
    Cause.DAMAGED_IN_RETURN: (
        gettext_noop("The carrier damaged the package on its way back to you. SAFE-T doesn't cover that here."),
        gettext_noop("Claim with the carrier. If the item itself was used or swapped, choose that reason instead."),
    ),
    Cause.ALREADY_CLAIMED: (gettext_noop("Claim %(claim_id)s covers this item."), gettext_noop("See the claim.")),
    Cause.ALREADY_DECIDED: (
        gettext_noop("Claim %(claim_id)s for this item was decided on %(day)s."),
        gettext_noop("See the claim. If it can still be appealed, that is the way."),
    ),
    Cause.ALREADY_REIMBURSED: (
        gettext_noop("You were already reimbursed %(amount)s for this refund on %(day)s, without a claim."),
        gettext_noop("Nothing."),
    ),
    Cause.ORDER_CAP_REACHED: (
        gettext_noop("Claims for this order already reach %(amount)s, the most there is for one order."),
        gettext_noop("Nothing more can be claimed for this order."),
    ),
    Cause.QUANTITY_USED_UP: (
        gettext_noop("%(claimed)s of %(refunded)s are already claimed; %(left)s are left."),
        gettext_noop("Choose at most %(left)s."),
    ),
    Cause.REASON_NOT_COVERED: (
        gettext_noop('"%(reason_name)s" can\'t be claimed for %(not_covered)s.'),
        gettext_noop("Choose another reason if one fits."),
    ),
    Cause.TOO_EARLY: (
        gettext_noop("The window opens %(opens)s."),
        gettext_noop("Come back on %(opens_day)s. It closes %(closes)s."),
    ),
    Cause.TOO_LATE: (
        gettext_noop("The window ended %(closes)s: %(rule_in_words)s."),
        gettext_noop('For "%(other_reason)s" you can still file until %(other_closes)s.'),
    ),
    Cause.DATE_MISSING: (
        gettext_noop("The window starts with %(date_name)s, and that date isn't known yet."),
        gettext_noop(
            "Choose another reason if one fits, or wait: the refund moves to Open by itself when the date arrives."
        ),
    ),
    Cause.NO_RULE: (
        gettext_noop("There is no SAFE-T rule for %(marketplace)s, refunds of %(day)s."),
        gettext_noop("This is a gap on our side; it has been reported. Write to %(help)s."),
    ),
    Cause.SELLER_INACTIVE: (
        gettext_noop("%(seller)s can read its claims but can't file new ones: %(why)s."),
        gettext_noop("Write to %(help)s."),
    ),
    Cause.ISSUER_UNKNOWN: (
        gettext_noop("It isn't known who issued this refund. If you did, the claim will be denied."),
        gettext_noop("You can file."),
    ),
    Cause.FULFILMENT_UNKNOWN: (
        gettext_noop(
            "It isn't known whether SAFE-T covers this order: who shipped it isn't in the data. The SAFE-T team checks."
        ),
        gettext_noop("You can file."),
    ),
    Cause.PROGRAM_UNKNOWN: (
        gettext_noop(
            "It isn't known whether SAFE-T covers this order: its program isn't in the data. The SAFE-T team checks."
        ),
        gettext_noop("You can file."),
    ),
    Cause.CHARGEBACK_UNKNOWN: ("", ""),
}
_FOR_REASON = {
    Cause.TOO_EARLY: gettext_noop('For "%(reason_name)s" the window opens %(opens)s.'),
    Cause.TOO_LATE: gettext_noop('For "%(reason_name)s" the window ended %(closes)s: %(rule_in_words)s.'),
    Cause.DATE_MISSING: gettext_noop(
        'For "%(reason_name)s" the window starts with %(date_name)s, and that date isn\'t known yet.'
    ),
}
"""What is said instead where the window is that of one reason."""
_TRIGGERS = {
    Trigger.REFUND: gettext_noop("the refund"),
    Trigger.RETURN_DELIVERY: gettext_noop("the return delivery"),
    Trigger.LATER_OF_BOTH: gettext_noop("the later of refund and return delivery"),
    Trigger.LAST_SCAN: gettext_noop("the last carrier scan"),
    Trigger.RETURN_REQUEST: gettext_noop("the return request"),
}
DESK_ONLY_CAUSES = frozenset({Cause.CHARGEBACK_UNKNOWN})


def cause(given: CauseWithValues, ctx: Ctx) -> CauseWords:
    """Return the sentence and the way on for a cause. `given.params` hold raw values: moments, days, (minor, code)."""
    sentence, todo = _CAUSES[given.code]
    if given.code is Cause.TOO_LATE and "other" not in given.params:
        todo = ""
    values = _filled(given.params, ctx)
    if "reason_name" in values:
        sentence = _FOR_REASON.get(given.code, sentence)
    return CauseWords(
        (_(sentence) % values) if sentence else "",
        (_(todo) % values) if todo else "",
        str(given.params.get("claim_id") or ""),
    )


def rule_in_words(window: Any, zone: str) -> str:
    """Return "30 days after the refund of Oct 2, 2026": how a window came about, in the marketplace's days."""
    rule, opens = window.rule, window.rule.opens_after
    values = {
        "n": rule.closes_after,
        "opens": opens,
        "trigger": _(_TRIGGERS[rule.trigger]),
        "day": formats.day(window.counted_from) if window.counted_from else "",
    }
    business = rule.unit is Unit.BUSINESS
    if opens and business:
        words = _("from business day %(opens)s to business day %(n)s after %(trigger)s (%(day)s)") % values
    elif opens:
        words = _("from day %(opens)s to day %(n)s after %(trigger)s (%(day)s)") % values
    elif business:
        words = (
            ngettext(
                "%(n)s business day after %(trigger)s (%(day)s)",
                "%(n)s business days after %(trigger)s (%(day)s)",
                rule.closes_after,
            )
            % values
        )
    elif rule.trigger is Trigger.REFUND:
        words = (
            ngettext("%(n)s day after the refund of %(day)s", "%(n)s days after the refund of %(day)s", values["n"])
            % values
        )
    else:
        words = (
            ngettext("%(n)s day after %(trigger)s (%(day)s)", "%(n)s days after %(trigger)s (%(day)s)", values["n"])
            % values
        )
    if window.moved_from is None:
        return words
    return _("%(rule)s, moved from %(moved_from)s: %(why)s") % {
        "rule": words,
        "moved_from": formats.moment_short(window.moved_from, zone),
        "why": window.moved_why,
    }


def _not_covered(params: Mapping[str, Any]) -> str:
    """Return for what a reason can't be claimed, to be used at the end of the sentence."""
    match params["not_covered_for"]:
        case "program":
            return _("this program")
        case "from":
            return _("orders refunded from %(day)s on") % {"day": formats.day(params["since"])}
        case "until":
            return _("orders refunded until %(day)s") % {"day": formats.day(params["until"])}
    return _("this marketplace")


def _filled(params: Mapping[str, Any], ctx: Ctx) -> dict[str, Any]:
    values: dict[str, Any] = {
        "seller": ctx.seller,
        "help": ctx.help_url,
        "day": "",
        "marketplace": _("this marketplace"),
    }
    for key, value in params.items():
        match key, value:
            case "amount", (minor, currency):
                values[key] = formats.money(minor, currency)
            case "opens" | "closes", datetime():
                values[key] = formats.moment_short(value, ctx.zone)
                values[f"{key}_day"] = formats.day(value, ctx.zone)
                if key == "closes":
                    values["left"] = formats.left(value, ctx.now)
                    values["left_bare"] = formats.left_bare(value, ctx.now)
            case "day" | "refunded_at", datetime() | date():
                values["day"] = formats.day(value, ctx.zone)
            case "reason", str():
                values["reason_name"] = sub_reason_label(params.get("sub_reason") or "") or reason_label(value)
            case "other", other:
                values["other_reason"] = sub_reason_label(other.sub_reason or "") or reason_label(other.reason)
                values["other_closes"] = formats.moment_short(other.window.closes_at, ctx.zone)
            case "not_covered_for", str():
                values["not_covered"] = _not_covered(params)
            case "window", window if window is not None:
                values["rule_in_words"] = rule_in_words(window, ctx.zone)
            case "date", trigger if trigger is not None:
                values["date_name"] = _(_TRIGGERS[trigger])
            case _:
                values[key] = "" if value is None else value
    return values
