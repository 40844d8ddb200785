"""What of a claim can be redacted: its texts and files as choices of a form, and the verb behind each."""

from __future__ import annotations

from datetime import datetime

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts import values
from accounts.models import User
from claims.models import Attachment, Claim, Decision, Redaction
from claims.records import redact
from claims.text import formats
from messaging import redact_message
from messaging.models import InternalNote, Message
from messaging.thread.notes import note_words

LISTED = 200
"""Newest texts and files that are offered; older ones by the address of their entry."""


class NothingChosen(Exception):
    """The form named nothing that can be redacted."""


def choices(claim: Claim, zone: str) -> list[tuple[str, str]]:
    """Return (value, what it is) of all that can be redacted, newest first. Four queries."""
    texts = Message.objects.filter(claim=claim, erased_at=None).select_related("author")
    texts = texts.exclude(text="", quoted="", origin=Message.Origin.PORTAL)  # an old e-mail has a subject at least
    decisions = Decision.objects.filter(claim=claim, erased_at=None).exclude(words="")
    notes = InternalNote.objects.filter(claim=claim, erased_at=None).select_related("author", "about")
    files = Attachment.objects.filter(claim=claim, erased_at=None)
    found = [
        (
            one.at,
            f"message:{one.position}",
            _("Message of %(who)s: %(text)s")
            % {"who": one.author or one.get_party_display(), "text": _short(one.text or one.quoted) or _("(no words)")},
        )
        for one in texts.order_by("-pk")[:LISTED]
    ]
    found += [
        (
            one.at,
            f"decision:{one.number}",
            _("Own words of decision %(n)s: %(text)s") % {"n": one.number, "text": _short(one.words)},
        )
        for one in decisions
    ]
    found += [
        (one.uploaded_at, f"file:{one.pk}", _("File %(name)s") % {"name": one.name})
        for one in files.order_by("-pk")[:LISTED]
    ]
    found += [
        (
            one.at,
            f"note:{one.pk}",
            _("Internal note of %(who)s: %(text)s")
            % {
                "who": one.author,
                "text": _short(note_words(one, claim.currency)),
            },
        )
        for one in notes.order_by("-at", "-pk")[:LISTED]
    ]
    if claim.statement:
        words = _("What the seller wrote when filing: %s") % _short(claim.statement)
        found.append((claim.filed_at, "statement:", words))
    found.sort(key=lambda one: one[0], reverse=True)
    return [(value, f"{formats.moment_short(at, zone)} · {words}") for at, value, words in found]


def redact_chosen(
    claim: Claim, what: str, *, by: User, why: str, now: datetime, version: int | None = None
) -> Redaction | InternalNote:
    """Redact what the form chose. Raises NothingChosen, TransitionRefused, NotRedacted."""
    kind, _colon, which = what.partition(":")
    number = values.whole(which)
    if kind == "statement":
        return redact.redact_statement(claim.pk, by=by, why=why, now=now, version=version)
    if number is not None and kind == "message":
        return redact_message.redact_message(claim.pk, position=number, by=by, why=why, now=now, version=version)
    if number is not None and kind == "decision":
        return redact.redact_decision(claim.pk, number=number, by=by, why=why, now=now, version=version)
    if number is not None and kind == "note":
        return redact_message.redact_note(claim.pk, note_pk=number, by=by, why=why, now=now, version=version)
    if number is not None and kind == "file":
        return redact_message.redact_file(claim.pk, attachment_pk=number, by=by, why=why, now=now, version=version)
    raise NothingChosen


def _short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(120)
