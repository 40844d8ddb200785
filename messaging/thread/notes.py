"""What an internal note says: its author's words, a sentence about what they did, or that it was redacted."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.text import formats
from messaging.models import InternalNote

_SENTENCES = {
    InternalNote.Code.PROPOSED: gettext_noop("Proposed: %(amount)s. A second handler confirms."),
    InternalNote.Code.CORRECTION_PROPOSED: gettext_noop(
        "Proposed as a correction: %(amount)s. A second handler confirms."
    ),
    InternalNote.Code.SENT_BACK: gettext_noop("Sent back to %(name)s: %(words)s"),
    InternalNote.Code.APPEAL_RELEASED: gettext_noop("Appeal released to %(name)s: %(words)s"),
}


def note_words(note: InternalNote, currency: str) -> str:
    """Return what the note says, "" once it is redacted. `currency` is the claim's; `about` should be read along."""
    if not note.code or note.erased_at:
        return note.text
    amount = "" if note.amount_minor is None else formats.money(note.amount_minor, currency)
    return _(_SENTENCES[InternalNote.Code(note.code)]) % {"amount": amount, "name": note.about, "words": note.text}


def removed_note(note: InternalNote) -> str:
    """Return the words in place of a redacted note; "" for one that wasn't."""
    values = {"who": note.erased_by, "why": note.erased_why}
    return _("%(who)s redacted this note: %(why)s") % values if note.erased_at else ""
