"""What is wrong with a draft or a message, and how to put it right."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from claims.text import formats
from claims.text.caps import why_most
from claims.text.reasons import slot_name

_FILING = {
    "LINES": gettext_noop("Choose at least one item."),
    "QUANTITY": gettext_noop("Choose a quantity from 1 to %(max)s."),
    "AMOUNT": gettext_noop("Enter an amount from 0.01 to %(max)s: %(why_max)s."),
    "AMOUNT_FORM": gettext_noop("Write the amount like 24.50."),
    "NOTHING_LEFT": gettext_noop("Nothing can be claimed for this item: %(why_max)s."),
    "REASON": gettext_noop("Choose a reason."),
    "SLOT": gettext_noop("Add %(slot)s."),
    "STATEMENT_SHORT": gettext_noop("Describe what happened, in at least %(min)s characters."),
    "STATEMENT_LONG": gettext_noop("The statement is %(characters)s too long; at most 4,000."),
    "POLICY": gettext_noop("Tick the box when you have read the policy."),
}


def filing_problem(problem: Any) -> str:
    """Return the sentence for one thing to fix in a draft (`claims.filing.draft_check.Problem`)."""
    params = dict(problem.params)
    if "slot" in params:
        params["slot"] = slot_name(params["slot"])
    if "most" in params:
        params["why_max"] = why_most(params.pop("most"))
        params["max"] = formats.money(*params["max"])
    return _(_FILING[problem.code]) % {"characters": _characters(params.get("n", 0)), **params}


def _characters(n: int) -> str:
    return ngettext("%(n)s character", "%(n)s characters", n) % {"n": n}


_UNSENDABLE = {
    "EMPTY": gettext_noop("Write a message or attach a file."),
    "TOO_LONG": gettext_noop("The message is %(characters)s too long; at most 10,000."),
    "NOTHING_ASKED": gettext_noop("Choose what you ask for, or write it."),
    "CHOICE": gettext_noop("Choose: appeal this decision, or send only a message."),
    "CONFIRM": gettext_noop("Tick the box: this uses your one appeal for claim %(claim_id)s."),
    "GROUND": gettext_noop("Say what is wrong with the decision: choose at least one thing."),
    "UNREADABLE": gettext_noop(
        "The text held characters that can't be shown. They were removed: read it again, then send."
    ),
    "SENT_OTHER": gettext_noop(
        "A message was sent from this page %(ago)s. What you wrote now is a different message and was not sent: "
        "read it again, then send."
    ),
    "NOT_KEPT": gettext_noop(
        "A message was sent from this page %(ago)s. What you write now is not saved automatically: "
        "save the draft, or send."
    ),
    "SENT_BEFORE": gettext_noop("You already sent this %(ago)s."),
}


def unsendable(code: str, **params: Any) -> str:
    """Return the sentence for words that can't be sent (`messaging.compose.verbs.Unsendable`)."""
    return _(_UNSENDABLE[code]) % {"claim_id": "", "ago": "", "characters": _characters(params.get("n", 0)), **params}


_UNEXPLAINED = {
    "WHY_MISSING": gettext_noop("Say why; the reason is recorded."),
    "WHY_TOO_LONG": gettext_noop("The reason is too long; at most 500 characters."),
    "GONE": gettext_noop("That is no longer there. Choose something else."),
}


def redaction_problem(code: str) -> str:
    """Return the sentence for a repair that lacks its reason or its object (`claims.records.redact`)."""
    return _(_UNEXPLAINED[code])


_NOT_SETTLED = {
    "NOT_ALLOWED": gettext_noop("An operator books payments."),
    "SETTLED_BEFORE": gettext_noop("That payment has already been settled."),
    "NO_SUCH_CLAIM": gettext_noop("The seller has no claim with that id. Choose one, or write another (5-5-7 digits)."),
    "OTHER_CURRENCY": gettext_noop("That claim is in another currency than the payment."),
    "MORE_THAN_PAID": gettext_noop(
        "This takes back more than the claim was paid. Book the payment it takes back first."
    ),
    "WHY_MISSING": gettext_noop("Say why; the reason is recorded."),
    "NO_SUCH_REFUND": gettext_noop("Choose the refund of this order that it was paid for."),
    "REFUND_CLAIMED": gettext_noop("That refund has a claim. Book the payment on it."),
}


def not_settled(code: str) -> str:
    """Return why a payment could not be settled (`claims.payments.match_payments`)."""
    return _(_NOT_SETTLED[code])
