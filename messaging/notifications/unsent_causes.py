"""Why an owed e-mail was not sent: our own reasons as codes, what the mail server said as it said it."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class UnsentCause(StrEnum):
    """A reason of ours, as `OutgoingEmail.cause` holds it. One code has one sentence."""

    NO_MEMBER = "NO_MEMBER"
    SWITCHED_OFF = "SWITCHED_OFF"
    NO_COPIES = "NO_COPIES"
    NOT_OPEN = "NOT_OPEN"
    NOT_ASKED = "NOT_ASKED"
    NOT_DUE = "NOT_DUE"
    NO_ACCOUNT = "NO_ACCOUNT"
    SIGNS_IN_NO_MORE = "SIGNS_IN_NO_MORE"
    TOO_LATE = "TOO_LATE"
    DESKS_OWN = "DESKS_OWN"
    CAME_BACK = "CAME_BACK"
    NO_REASON = "NO_REASON"
    SPAM = "SPAM"
    NO_NEWS = "NO_NEWS"
    REDACTED = "REDACTED"
    CUT_SHORT = "CUT_SHORT"
    NOT_WRITTEN = "NOT_WRITTEN"


_SENTENCES = {
    UnsentCause.NO_MEMBER: gettext_noop("No longer a member."),
    UnsentCause.SWITCHED_OFF: gettext_noop("Switched off."),
    UnsentCause.NO_COPIES: gettext_noop("This address no longer gets copies."),
    UnsentCause.NOT_OPEN: gettext_noop("The invitation is no longer open."),
    UnsentCause.NOT_ASKED: gettext_noop("The address was confirmed or taken back meanwhile."),
    UnsentCause.NOT_DUE: gettext_noop("Done meanwhile, or the date was moved."),
    UnsentCause.NO_ACCOUNT: gettext_noop("Nobody signs in with this address."),
    UnsentCause.SIGNS_IN_NO_MORE: gettext_noop("This account is switched off."),
    UnsentCause.TOO_LATE: gettext_noop("Asked for too long ago."),
    UnsentCause.DESKS_OWN: gettext_noop("An address of the SAFE-T team, which gets no copies."),
    UnsentCause.CAME_BACK: gettext_noop(
        "Mail to this address came back. Nothing is sent there until somebody says so."
    ),
    UnsentCause.NO_REASON: gettext_noop("It came back, and nobody said why."),
    UnsentCause.SPAM: gettext_noop("Its reader reported an e-mail as spam."),
    UnsentCause.NO_NEWS: gettext_noop("There is nothing left to tell."),
    UnsentCause.REDACTED: gettext_noop("The text was removed."),
    UnsentCause.CUT_SHORT: gettext_noop("Every attempt was cut short."),
    UnsentCause.NOT_WRITTEN: gettext_noop("Could not be written: %(error)s"),
}


def not_written(error: Exception) -> str:
    """Return the cause of an e-mail whose text could not be made, with the error."""
    return f"{UnsentCause.NOT_WRITTEN}: {type(error).__name__}: {error}"


def unsent_words(cause: str) -> str:
    """Return what an operator reads for a cause: the sentence of a code, or the mail server's words.

    Rows of an earlier version hold the sentence itself.
    """
    code, _colon, error = cause.partition(": ")
    if code in UnsentCause.__members__:
        return _(_SENTENCES[UnsentCause(code)]) % {"error": error}
    return cause
