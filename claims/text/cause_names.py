"""What is against a refund, in two or three words: for filters and files, where the sentence would be too long."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.eligibility import Cause, State

_NAMES: dict[str, str] = {
    Cause.REFUND_REVERSED: gettext_noop("Refund taken back"),
    Cause.SELLER_REFUNDED: gettext_noop("Refunded by you"),
    Cause.NO_ACTION_IN_TIME: gettext_noop("Return not handled in time"),
    Cause.MARKETPLACE_FULFILLED: gettext_noop("Shipped by the marketplace"),
    Cause.PROGRAM_NOT_COVERED: gettext_noop("Program not covered"),
    Cause.A_TO_Z: gettext_noop("A-to-z claim"),
    Cause.CHARGEBACK: gettext_noop("Chargeback"),
    Cause.RETURN_REFUSED: gettext_noop("Return refused"),
    Cause.ALREADY_REIMBURSED: gettext_noop("Already reimbursed"),
    Cause.REASON_NOT_COVERED: gettext_noop("Not covered by policy"),
    Cause.NO_RULE: gettext_noop("No SAFE-T rule"),
}


def cause_name(code: str) -> str:
    """Return the short name of a cause that holds at any time; the code itself for one that has none."""
    return _(_NAMES[code]) if code in _NAMES else code


def standing_causes() -> list[tuple[str, str]]:
    """Return (code, short name) of the causes a list can be cut to, by name."""
    return sorted(((str(code), _(name)) for code, name in _NAMES.items()), key=lambda each: each[1])


_STATES: dict[State, str] = {
    State.CLOSING_SOON: gettext_noop("Closing soon"),
    State.OPEN: gettext_noop("Open"),
    State.TOO_EARLY: gettext_noop("Not yet"),
    State.TOO_LATE: gettext_noop("Missed"),
    State.NOT_CLAIMABLE: gettext_noop("Not claimable"),
    State.CLAIMED: gettext_noop("Claimed"),
}


def refund_state(state: State) -> str:
    """Return what the state of a refund is called, on tabs, badges and in files."""
    return _(_STATES[state])
