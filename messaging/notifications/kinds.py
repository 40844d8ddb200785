"""The kinds of e-mail: what each is called, who gets it, and which of them nobody can fold away.

A kind that starts or moves a deadline costs a seller money when nobody reads it. It is never folded by a ceiling, and
at least one owner always gets it at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.models import EmailPreference, OutgoingEmail

Kind = OutgoingEmail.Kind
Choice = EmailPreference.Choice

STARTS_A_CLOCK = frozenset(
    {
        Kind.INFORMATION_REQUESTED,
        Kind.REPLY_BY_MOVED,
        Kind.GRANTED,
        Kind.PARTLY_GRANTED,
        Kind.DENIED,
        Kind.LAPSED,
        Kind.APPEAL_RAISED,
        Kind.APPEAL_CONFIRMED,
        Kind.APPEAL_LAPSED,
        Kind.DECISION_CORRECTED,
    }
)
"""Requests and decisions: never capped, and not off for the last owner who gets them at once."""

REMINDERS = frozenset({Kind.REMINDER_REPLY, Kind.REMINDER_APPEAL, Kind.REMINDER_REFUND, Kind.REMINDER_DRAFT})
"""Each comes at most four times a deadline, so no ceiling counts them. In a digest they would come too late."""

NEVER_CAPPED = STARTS_A_CLOCK | REMINDERS
ABOUT_SIGN_IN = frozenset(
    {
        Kind.PASSWORD_RESET,
        Kind.PASSWORD_LINK,
        Kind.ADDRESS_CHANGED,
        Kind.SIGN_IN_CHANGE,
        Kind.FACTOR_CHANGED,
        Kind.SIGN_IN_LIBRARY,
    }
)
"""What is told of how a person signs in, whatever they belong to: nobody can switch it off."""

WANTED_NOW = frozenset({Kind.PASSWORD_RESET, Kind.PASSWORD_LINK, Kind.INVITATION, Kind.CONFIRM_ADDRESS})
"""What somebody has just asked for, once: it is sent also where mail came back before, since it may work by now."""

TO_STRANGERS = frozenset({Kind.INVITATION, Kind.CONFIRM_ADDRESS}) | ABOUT_SIGN_IN
"""What goes to an address and not to a member as one: it can't be switched off, only let expire."""


@dataclass(frozen=True, slots=True)
class Section:
    """Kinds that are together on the settings page, each with its name there."""

    title: str | Promise
    kinds: tuple[tuple[Kind, str | Promise], ...]


SECTIONS = (
    Section(
        _("When it is your turn"),
        (
            (Kind.INFORMATION_REQUESTED, _("The SAFE-T team needs something from you")),
            (Kind.REPLY_BY_MOVED, _("You get more time to reply")),
            (Kind.FILE_NOT_ACCEPTED, _("A file was not accepted")),
            (Kind.REMINDER_REPLY, _("Reminder before reply-by")),
            (Kind.REMINDER_APPEAL, _("Reminder before appeal-by")),
        ),
    ),
    Section(
        _("Decisions"),
        (
            (Kind.GRANTED, _("Granted")),
            (Kind.PARTLY_GRANTED, _("Granted in part")),
            (Kind.DENIED, _("Denied")),
            (Kind.LAPSED, _("Denied: no reply")),
            (Kind.DECISION_CORRECTED, _("A decision was corrected")),
            (Kind.APPEAL_RAISED, _("Granted on appeal")),
            (Kind.APPEAL_CONFIRMED, _("Appeal decided, no change")),
            (Kind.APPEAL_LAPSED, _("Appeal ended without a reply")),
        ),
    ),
    Section(
        _("Messages and money"),
        (
            (Kind.MESSAGE, _("A message of the SAFE-T team")),
            (Kind.REDACTED, _("A text or a file was removed")),
            (Kind.PAID, _("Paid")),
            (Kind.PAYMENT_REVERSED, _("A payment was taken back")),
        ),
    ),
    Section(
        _("What your side did"),
        (
            (Kind.FILED, _("A claim was filed")),
            (Kind.REPLY_RECEIVED, _("A reply was sent")),
            (Kind.APPEAL_FILED, _("An appeal was filed")),
            (Kind.WITHDRAWN, _("A claim was withdrawn")),
        ),
    ),
    Section(
        _("Refunds and drafts"),
        (
            (Kind.REMINDER_REFUND, _("Reminder before the window of a refund closes")),
            (Kind.REMINDER_DRAFT, _("Reminder to submit your draft")),
        ),
    ),
)

NAMES: dict[Kind, str | Promise] = {kind: name for section in SECTIONS for kind, name in section.kinds}
CHOOSABLE = frozenset(NAMES) | {Kind.DIGEST}
