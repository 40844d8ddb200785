"""What statuses and verbs are called."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.lifecycle import Stage, Status, Verb


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
    Verb.IMPORT: gettext_noop("Import"),
    Verb.SEND_MESSAGE: gettext_noop("Send message"),
    Verb.ADD_NOTE: gettext_noop("Add internal note"),
    Verb.TAKE: gettext_noop("Take"),
    Verb.RELEASE: gettext_noop("Release"),
    Verb.ASSIGN: gettext_noop("Assign to…"),
    Verb.CONFIRM: gettext_noop("Confirm"),
    Verb.SEND_BACK: gettext_noop("Send back"),
    Verb.CORRECT: gettext_noop("Correct this decision"),
    Verb.RELEASE_APPEAL: gettext_noop("Release the appeal"),
    Verb.REDACT: gettext_noop("Redact a text or a file"),
    Verb.EXTEND: gettext_noop("Extend reply-by"),
    Verb.ACCEPT_MAIL: gettext_noop("Accept the e-mail as the reply"),
}


def verb_label(verb: Verb) -> str:
    return _(_VERBS[verb])


# -- reasons and evidence ---------------------------------------------------------------------------------------------
