"""The words for every code: one sentence each, for page, e-mail, guard and admin alike.

A sentence is looked up by its code and filled with named values; none is written twice in templates. Moments, amounts
and lists come from `claims.display`. Nothing here reads a row or a clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from claims import display
from claims.eligibility import Cause, Said
from claims.lifecycle import DecisionReason, Reason, Refusal, Slot, Stage, Status, Verb
from claims.policy import Trigger


@dataclass(frozen=True, slots=True)
class Ctx:
    """What sentences name besides their own values. `zone` is an IANA name; `now` the moment they are read."""

    seller: str
    help_url: str
    zone: str
    now: datetime
    marketplace_name: str = ""


# -- statuses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Badge:
    words: str
    icon: str
    tone: str


def badge(status: str, stage: str, *, granted_in_full: bool = False, lapsed: bool = False) -> Badge:
    """Return what a status is called, with icon and tone. The words alone must do."""
    match status:
        case Status.UNDER_INVESTIGATION if stage == Stage.APPEAL:
            return Badge(_("Under Investigation: appeal"), "arrow-counterclockwise", "them")
        case Status.UNDER_INVESTIGATION:
            return Badge(_("Under Investigation"), "search", "them")
        case Status.AWAITING_SELLER:
            return Badge(_("Awaiting Seller Response"), "reply-fill", "you")
        case Status.GRANTED if granted_in_full:
            return Badge(_("Granted"), "check-circle-fill", "granted")
        case Status.GRANTED:
            return Badge(_("Granted in part"), "check2-circle", "granted")
        case Status.DENIED if lapsed:
            return Badge(_("Denied: no reply"), "hourglass", "denied")
        case Status.DENIED:
            return Badge(_("Denied"), "x-circle-fill", "denied")
        case Status.WITHDRAWN:
            return Badge(_("Withdrawn"), "slash-circle", "quiet")
    raise KeyError(status)


_VERBS = {
    Verb.FILE: gettext_noop("File a new SAFE-T claim"),
    Verb.REQUEST_INFORMATION: gettext_noop("Request information"),
    Verb.REPLY: gettext_noop("Reply"),
    Verb.GRANT: gettext_noop("Grant"),
    Verb.DENY: gettext_noop("Deny"),
    Verb.LAPSE: gettext_noop("Lapse"),
    Verb.APPEAL: gettext_noop("Appeal this decision"),
    Verb.WITHDRAW: gettext_noop("Withdraw the claim"),
    Verb.ADOPT: gettext_noop("Adopt"),
    Verb.SEND_MESSAGE: gettext_noop("Send message"),
    Verb.ADD_NOTE: gettext_noop("Add internal note"),
    Verb.TAKE: gettext_noop("Take"),
    Verb.RELEASE: gettext_noop("Release"),
}


def verb_label(verb: Verb) -> str:
    return _(_VERBS[verb])


# -- reasons and evidence ---------------------------------------------------------------------------------------------

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
    """Return the slot's name as it stands inside a sentence."""
    return _(_SLOTS[Slot(code)])


def slot_title(code: str) -> str:
    """Return the slot's name as it stands alone."""
    name = slot_name(code)
    return name[:1].upper() + name[1:]


# -- why a thing can't be done ----------------------------------------------------------------------------------------

_REFUSALS = {
    Refusal.ROLE_VIEWER: gettext_noop("Viewers can read but not act. %(owner_names)s can."),
    Refusal.NOT_ASKED: gettext_noop(
        "The SAFE-T team hasn't asked for anything. You can send a message; it doesn't change whose turn it is."
    ),
    Refusal.REPLY_BY_PASSED: gettext_noop(
        "Reply-by was %(reply_by)s. The claim is denied for lack of a reply; you can then appeal once."
    ),
    Refusal.APPEAL_BY_PASSED: gettext_noop("The time to appeal ended %(appeal_by)s."),
    Refusal.ALREADY_APPEALED: gettext_noop(
        "This claim was appealed on %(appealed_on)s. There is one appeal, and its decision is final."
    ),
    Refusal.GRANTED_IN_FULL: gettext_noop("All you claimed was granted, so there is nothing to appeal."),
    Refusal.RESOLVED: gettext_noop("This claim was decided on %(decided_on)s. It can't be withdrawn any more."),
    Refusal.WITHDRAWN: gettext_noop("This claim was withdrawn on %(decided_on)s."),
    Refusal.APPEAL_STAGE: gettext_noop("An appeal can't be withdrawn. It ends with its decision."),
    Refusal.NO_APPEAL_DATE: gettext_noop(
        "It isn't known when this claim was decided, so it can't be appealed here. Write to %(help)s."
    ),
    Refusal.CHANGED_MEANWHILE: gettext_noop(
        "This claim changed while you were writing: %(what_changed)s. Your text and files are kept below. "
        "Read the change, then decide what to send."
    ),
    Refusal.OWN_DECISION: gettext_noop("You made the first decision, so someone else decides the appeal."),
    Refusal.NEEDS_SENIOR: gettext_noop("A senior handler decides appeals."),
    Refusal.ASSIGNED_TO_OTHER: gettext_noop("%(assignee)s has this claim. Take it over first."),
    Refusal.NOT_ALLOWED_NOW: gettext_noop('"%(verb)s" isn\'t possible while a claim is %(status_words)s.'),
    Refusal.NOT_A_HANDLER: gettext_noop("You can read this claim. Decisions belong to case handlers."),
}
_UNFILLED = {
    "owner_names": gettext_noop("An owner"),
    "reply_by": gettext_noop("earlier"),
    "appeal_by": gettext_noop("earlier"),
    "appealed_on": gettext_noop("an earlier day"),
    "decided_on": gettext_noop("an earlier day"),
    "help": gettext_noop("the help page"),
    "what_changed": gettext_noop("its status is another one"),
    "assignee": gettext_noop("Someone else"),
    "verb": gettext_noop("This"),
    "status_words": gettext_noop("where it is"),
}


def refusal(code: Refusal, **params: str) -> str:
    """Return the sentence for a refusal. Values that aren't given are told in general words, never left open."""
    return _(_REFUSALS[code]) % {**{key: _(text) for key, text in _UNFILLED.items()}, **params}


def now_stands(status_words: str) -> str:
    """Return what changed, inside the sentence for a claim that moved while somebody was writing."""
    return _('it is now "%(status_words)s"') % {"status_words": status_words}


# -- eligibility ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CauseWords:
    """Why a refund can't be claimed, and what to do. `claim_id` is set where the way on is that claim."""

    sentence: str
    todo: str
    claim_id: str = ""


_CAUSES: dict[Cause, tuple[str, str]] = {
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
    Cause.ALREADY_CLAIMED: (gettext_noop("Claim %(claim_id)s covers this item."), gettext_noop("See the claim.")),
    Cause.ALREADY_DECIDED: (
        gettext_noop("Claim %(claim_id)s for this item was decided on %(day)s."),
        gettext_noop("See the claim. If it can still be appealed, that is the way."),
    ),
    Cause.ALREADY_REIMBURSED: (
        gettext_noop("You were already reimbursed %(amount)s for this refund on %(day)s, without a claim."),
        gettext_noop("Nothing."),
    ),
    Cause.QUANTITY_USED_UP: (
        gettext_noop("%(claimed)s of %(refunded)s are already claimed; %(left)s are left."),
        gettext_noop("Choose at most %(left)s."),
    ),
    Cause.TOO_EARLY: (
        gettext_noop("%(for_reason)sthe window opens %(opens)s."),
        gettext_noop("Come back on %(opens_day)s. It closes %(closes)s."),
    ),
    Cause.TOO_LATE: (gettext_noop("%(for_reason)sthe window ended %(closes)s: %(rule_in_words)s."), ""),
    Cause.DATE_MISSING: (
        gettext_noop("%(for_reason)sthe window starts with %(date_name)s, and that date isn't known yet."),
        gettext_noop(
            "Choose another reason if one fits, or wait: the refund moves to Open by itself when the date arrives."
        ),
    ),
    Cause.NO_RULE: (
        gettext_noop("There is no SAFE-T rule for refunds of %(day)s on this marketplace."),
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
_TRIGGERS = {
    Trigger.REFUND: gettext_noop("the refund"),
    Trigger.RETURN_DELIVERY: gettext_noop("the return delivery"),
    Trigger.LATER_OF_BOTH: gettext_noop("the later of refund and return delivery"),
    Trigger.LAST_SCAN: gettext_noop("the last carrier scan"),
    Trigger.RETURN_REQUEST: gettext_noop("the return request"),
}
DESK_ONLY_CAUSES = frozenset({Cause.CHARGEBACK_UNKNOWN})


def cause(said: Said, ctx: Ctx) -> CauseWords:
    """Return the sentence and the way on for one cause. `said.params` hold raw values: moments, days, (minor, code)."""
    sentence, todo = _CAUSES[said.code]
    values = _filled(said.params, ctx)
    text = (_(sentence) % values) if sentence else ""
    return CauseWords(
        text[:1].upper() + text[1:],
        (_(todo) % values) if todo else "",
        str(said.params.get("claim_id") or ""),
    )


def rule_in_words(window: Any, zone: str) -> str:
    """Return "30 days after the refund of Oct 2, 2026": how a window came about, in the marketplace's days."""
    rule = window.rule
    counted = display.day(window.counted_from) if window.counted_from else ""
    if rule.opens_after:
        return _("from day %(opens)s to day %(closes)s after %(trigger)s") % {
            "opens": rule.opens_after,
            "closes": rule.closes_after,
            "trigger": _(_TRIGGERS[rule.trigger]),
        }
    if rule.trigger is Trigger.REFUND:
        return ngettext(
            "%(n)s day after the refund of %(day)s", "%(n)s days after the refund of %(day)s", rule.closes_after
        ) % {"n": rule.closes_after, "day": counted}
    return ngettext(
        "%(n)s day after %(trigger)s (%(day)s)", "%(n)s days after %(trigger)s (%(day)s)", rule.closes_after
    ) % {"n": rule.closes_after, "trigger": _(_TRIGGERS[rule.trigger]), "day": counted}


def _filled(params: Mapping[str, Any], ctx: Ctx) -> dict[str, Any]:
    values: dict[str, Any] = {"seller": ctx.seller, "help": ctx.help_url, "for_reason": "", "day": ""}
    for key, value in params.items():
        match key, value:
            case "amount", (minor, currency):
                values[key] = display.money(minor, currency)
            case "opens" | "closes", datetime():
                values[key] = display.moment_short(value, ctx.zone)
                values[f"{key}_day"] = display.day(value, ctx.zone)
            case "day" | "refunded_at", datetime() | date():
                values["day"] = display.day(value, ctx.zone)
            case "reason", str():
                values["for_reason"] = _('For "%(reason)s" ') % {"reason": reason_label(value)}
            case "window", window if window is not None:
                values["rule_in_words"] = rule_in_words(window, ctx.zone)
            case "date", trigger if trigger is not None:
                values["date_name"] = _(_TRIGGERS[trigger])
            case _:
                values[key] = "" if value is None else value
    return values


# -- filing -----------------------------------------------------------------------------------------------------------

_FILING = {
    "LINES": gettext_noop("Choose at least one item."),
    "QUANTITY": gettext_noop("Choose a quantity from 1 to %(max)s."),
    "REASON": gettext_noop("Choose a reason."),
    "SLOT": gettext_noop("Add %(slot)s."),
    "STATEMENT_SHORT": gettext_noop("Describe what happened, in at least %(min)s characters."),
    "STATEMENT_LONG": gettext_noop("The description is %(n)s characters too long; at most 4,000."),
    "POLICY": gettext_noop("Tick the box when you have read the policy."),
}


def filing_problem(problem: Any) -> str:
    """Return the sentence for one thing to fix in a draft (`claims.operations.filing.Problem`)."""
    params = dict(problem.params)
    if "slot" in params:
        params["slot"] = slot_name(params["slot"])
    return _(_FILING[problem.code]) % params


# -- decisions --------------------------------------------------------------------------------------------------------


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


def decision_reason(code: str, params: Mapping[str, Any], zone: str) -> ReasonWords:
    """Return a decision reason's sentences. `params` as kept with the decision; `reply_by` in ISO form there."""
    why, change, _label = _DECISION[DecisionReason(code)]
    values = {"slots": _("evidence"), "order_id": "", "reason": "", "reply_by": "", "detail": "", **params}
    if isinstance(values["slots"], list):
        values["slots"] = display.and_list([slot_name(slot) for slot in values["slots"]])
    if values["reply_by"]:
        values["reply_by"] = display.moment_full(datetime.fromisoformat(str(values["reply_by"])), zone)
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
    "DETAIL_MISSING": gettext_noop('Fill in "%(label)s" for "%(reason_name)s".'),
}


def contradiction(problem: Any, *, item: str, currency: str) -> str:
    """Return the sentence for what is wrong with a decision (`claims.operations.deciding.DecisionProblem`)."""
    params: dict[str, Any] = {"item": item, **problem.params}
    for key in ("max", "min"):
        if key in params:
            params[key] = display.money(params[key], currency)
    if "code" in params:
        params["label"] = decision_detail_label(params["code"]) or ""
        params["reason_name"] = decision_reason_name(params["code"])
    return _(_CONTRADICTIONS[problem.code]) % params


# -- messages ---------------------------------------------------------------------------------------------------------

_UNSENDABLE = {
    "EMPTY": gettext_noop("Write a message or attach a file."),
    "TOO_LONG": gettext_noop("The message is %(n)s characters too long; at most 10,000."),
    "NOTHING_ASKED": gettext_noop("Choose what you ask for, or write it."),
    "CHOICE": gettext_noop("Choose: appeal this decision, or send only a message."),
    "CONFIRM": gettext_noop("Tick the box: this uses your one appeal for claim %(claim_id)s."),
    "UNREADABLE": gettext_noop(
        "The text held characters that can't be shown. They were taken out: read it again, then send."
    ),
    "SENT_OTHER": gettext_noop(
        "A message was sent from this page %(ago)s. What you wrote now is another one and was not sent: "
        "read it again, then send."
    ),
    "SENT_BEFORE": gettext_noop("You already sent this %(ago)s."),
}


def unsendable(code: str, **params: Any) -> str:
    """Return the sentence for words that can't be sent (`messaging.operations.Unsendable`)."""
    return _(_UNSENDABLE[code]) % {"n": "", "claim_id": "", "ago": "", **params}


def asked_things(items: Sequence[tuple[str, str]]) -> list[str]:
    """Return the names of what was asked for, from (slot code, own words) pairs; one of the two is empty."""
    return [slot_name(slot) if slot else words for slot, words in items]


def things(n: int) -> str:
    return ngettext("%(n)s thing", "%(n)s things", n) % {"n": n}
