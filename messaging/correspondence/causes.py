"""Why an old e-mail is in no thread: one code, one sentence."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Cause(StrEnum):
    # in quarantine: read and kept, no thread found
    NO_ID = "NO_ID"
    SEVERAL_CLAIMS = "SEVERAL_CLAIMS"
    SEVERAL_ORDERS = "SEVERAL_ORDERS"
    UNKNOWN_CLAIM = "UNKNOWN_CLAIM"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    ORDER_WITHOUT_CLAIM = "ORDER_WITHOUT_CLAIM"
    ORDER_WITH_CLAIMS = "ORDER_WITH_CLAIMS"
    OTHER_SELLER = "OTHER_SELLER"
    OTHER_PERSON = "OTHER_PERSON"
    SEVERAL_MAILS = "SEVERAL_MAILS"
    SENDER_REWRITTEN = "SENDER_REWRITTEN"
    SENDER_UNKNOWN = "SENDER_UNKNOWN"
    # refused: not an e-mail that can be read
    TOO_LARGE = "TOO_LARGE"
    EMPTY = "EMPTY"
    UNREADABLE = "UNREADABLE"
    NOT_AN_EMAIL = "NOT_AN_EMAIL"
    TOO_MANY_PARTS = "TOO_MANY_PARTS"
    NESTED_TOO_DEEP = "NESTED_TOO_DEEP"
    BROKEN_MSG = "BROKEN_MSG"


WORDS: dict[Cause, str | Promise] = {
    Cause.NO_ID: _("It names no claim and no order."),
    Cause.SEVERAL_CLAIMS: _("It names several claims."),
    Cause.SEVERAL_ORDERS: _("It names several orders."),
    Cause.UNKNOWN_CLAIM: _("It names a claim that isn't here."),
    Cause.UNKNOWN_ORDER: _("It names an order that isn't here."),
    Cause.ORDER_WITHOUT_CLAIM: _("It names an order that has no claim."),
    Cause.ORDER_WITH_CLAIMS: _("It names an order that has several claims."),
    Cause.OTHER_SELLER: _("It names a claim or an order of another seller."),
    Cause.OTHER_PERSON: _("It was written by or to a member of another seller."),
    Cause.SEVERAL_MAILS: _("Its text holds the header of a second e-mail, so it may be two people's words."),
    Cause.SENDER_REWRITTEN: _("A mailing list sent it on in the desk's name and doesn't say who wrote it."),
    Cause.SENDER_UNKNOWN: _("It doesn't say by which address it was written, so it may be the desk's or the seller's."),
    Cause.TOO_LARGE: _("It is larger than 60 MB."),
    Cause.EMPTY: _("It is empty."),
    Cause.UNREADABLE: _("The file can't be read."),
    Cause.NOT_AN_EMAIL: _("It isn't an e-mail that can be read."),
    Cause.TOO_MANY_PARTS: _("It has more than 1,000 parts."),
    Cause.NESTED_TOO_DEEP: _("Its parts are nested more than 50 deep."),
    Cause.BROKEN_MSG: _(
        "It can't be opened as an Outlook message. Open it in Outlook, save it as a text or .eml file, and import that."
    ),
}


class KeptBack(StrEnum):
    """Why a file of an e-mail is not taken into the thread though it may be of an accepted type."""

    ENCRYPTED = "ENCRYPTED"
    PART_OF_THE_WORDS = "PART_OF_THE_WORDS"


KEPT_BACK: dict[KeptBack, str | Promise] = {
    KeptBack.ENCRYPTED: _("%(name)s is encrypted."),
    KeptBack.PART_OF_THE_WORDS: _("%(name)s is a small picture within the words, as of a signature."),
}


def cause_words(code: str) -> str:
    """Return the sentence for a cause as it is kept with the e-mail; empty for none."""
    return str(WORDS[Cause(code)]) if code else ""
