"""Why a thing can't be done."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.lifecycle import Refusal

_REFUSALS = {
    Refusal.ROLE_VIEWER: gettext_noop("Viewers can read but not act. %(owner_names)s can."),
    Refusal.NOT_ASKED: gettext_noop(
        "The SAFE-T team hasn't asked for anything. You can send a message; it doesn't change whose turn it is."
    ),
    Refusal.REPLY_BY_PASSED: gettext_noop("Reply-by was %(reply_by)s. %(then)s"),
    Refusal.APPEAL_BY_PASSED: gettext_noop("The time to appeal ended %(appeal_by)s."),
    Refusal.ALREADY_APPEALED: gettext_noop(
        "This claim was appealed on %(appealed_on)s. There is one appeal, and its decision is final."
    ),
    Refusal.GRANTED_IN_FULL: gettext_noop("All you claimed was granted, so there is nothing to appeal."),
    Refusal.RESOLVED: gettext_noop("This claim was decided on %(decided_on)s. It can no longer be withdrawn."),
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
    Refusal.NEEDS_SECOND: gettext_noop(
        "Above %(limit)s two people decide. This decision was yours, so another handler confirms it."
    ),
    Refusal.SENIOR_ASSIGNS: gettext_noop("A senior handler assigns claims to others. You can take one yourself."),
    Refusal.SENIOR_CORRECTS: gettext_noop("A senior handler corrects decisions."),
    Refusal.NOTHING_TO_RAISE: gettext_noop("All that was claimed is granted, so there is nothing to raise."),
    Refusal.APPEALED: gettext_noop("The appeal was decided, and that is final."),
    Refusal.SENIOR_REDACTS: gettext_noop("A senior handler redacts texts and files."),
    Refusal.SUPERUSER_RELEASES: gettext_noop("A superuser releases an appeal that nobody else can decide."),
    Refusal.OTHERS_CAN_DECIDE: gettext_noop("Another handler can decide this appeal, so there is nothing to release."),
    Refusal.NO_SECOND_HANDLER: gettext_noop(
        "No other handler can decide this appeal. A superuser can release it to you; the reason is recorded."
    ),
    Refusal.CANT_BE_RELEASED_TO: gettext_noop("Choose a case handler or a senior handler."),
    Refusal.CANT_BE_THEIRS: gettext_noop("%(assignee)s can't decide this claim, so it can't be given to them."),
    Refusal.NOT_LATER: gettext_noop("A date of the seller's can only be moved later. Choose a moment after %(old)s."),
    Refusal.TOO_FAR: gettext_noop("That is more than a year from now. Check the year, and choose an earlier day."),
    Refusal.WHY_MISSING: gettext_noop("Extending needs a reason; the seller reads it."),
}
_UNFILLED = {
    "owner_names": gettext_noop("An owner"),
    "reply_by": gettext_noop("earlier"),
    "then": gettext_noop("It is too late to reply."),
    "appeal_by": gettext_noop("earlier"),
    "appealed_on": gettext_noop("an earlier day"),
    "decided_on": gettext_noop("an earlier day"),
    "help": gettext_noop("the help page"),
    "what_changed": gettext_noop("its status is another one"),
    "assignee": gettext_noop("Someone else"),
    "limit": gettext_noop("a set amount"),
    "verb": gettext_noop("This"),
    "status_words": gettext_noop("where it is"),
}


def refusal(code: Refusal, **params: str) -> str:
    """Return the sentence for a refusal. Values that aren't given are told in general words, never left open."""
    return _(_REFUSALS[code]) % {**{key: _(text) for key, text in _UNFILLED.items()}, **params}


def now_stands(status_words: str) -> str:
    """Return what changed, inside the sentence for a claim that moved while a person was writing."""
    return _('it is now "%(status_words)s"') % {"status_words": status_words}
