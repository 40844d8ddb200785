"""Take the words of a message out of the thread, for good: the message, and the old e-mail it came from."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from claims.files import store
from claims.files.erase import forget_packs
from claims.files.store import ERASED
from claims.models import AppealRelease, EvidencePack, ProposedDecision, Redaction
from claims.records import redact
from claims.records.redact import NotRedacted, RedactionProblem
from claims.rules.lifecycle import Verb
from claims.workflow.transitions import desk_actor, guard, lock
from messaging.models import InternalNote, Message, OriginalMail, OutgoingEmail
from messaging.notifications.unsent_causes import UnsentCause


def redact_message(
    claim_pk: int, *, position: int, by: User, why: str, now: datetime, version: int | None = None
) -> Redaction:
    """Erase the text of the message at this position; e-mails that would still quote it are not sent.

    An imported message takes its original with it; the bytes are deleted after the commit. Raises TransitionRefused,
    NotRedacted.
    """
    with transaction.atomic():
        claim, row = redact.start_redaction(claim_pk, by=by, why=why, now=now, version=version)
        messages = Message.objects.filter(claim=claim, position=position, erased_at=None)
        # An old e-mail may have no words but a subject, and files that are in its original alone.
        message = messages.exclude(text="", quoted="", origin=Message.Origin.PORTAL).first()
        if message is None:
            raise NotRedacted(RedactionProblem.GONE)
        Message.objects.filter(pk=message.pk).update(text="", quoted="", erased_at=now)
        OriginalMail.objects.filter(message=message).update(subject="", written_by="", notes={}, erased_at=now)
        waiting = OutgoingEmail.objects.filter(claim=claim, position=position, kind=OutgoingEmail.Kind.MESSAGE)
        waiting.filter(state=OutgoingEmail.State.QUEUED).update(
            state=OutgoingEmail.State.SUPPRESSED, cause=UnsentCause.REDACTED
        )
        return redact.save_redaction(claim, row, Redaction.What.MESSAGE, of_position=position)


def redact_note(
    claim_pk: int, *, note_pk: int, by: User, why: str, now: datetime, version: int | None = None
) -> InternalNote:
    """Erase the text of an internal note; the note keeps by whom and why. The seller never knew of it and is told
    nothing. Raises TransitionRefused, NotRedacted.
    """
    words = redact.checked_reason(why)
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.REDACT, claim, desk_actor(by), now)
        note = InternalNote.objects.filter(claim=claim, pk=note_pk, erased_at=None).first()
        if note is None:
            raise NotRedacted(RedactionProblem.GONE)
        note.text, note.erased_at, note.erased_by, note.erased_why = "", now, by, words
        note.save(update_fields=["text", "erased_at", "erased_by", "erased_why"])
        # What was sent back shows the words of its note on the form: they go with it.
        sent_back = ProposedDecision.objects.filter(claim=claim, sent_back_at=note.at, sent_back_by=note.author_id)
        sent_back.update(sent_back_why=words, sent_back_redacted=True)
        forget_packs([claim.pk], only=EvidencePack.Reader.DESK)
        return note


def redact_file(
    claim_pk: int, *, attachment_pk: int, by: User, why: str, now: datetime, version: int | None = None
) -> Redaction:
    """Take a file out: shown to nobody from now on, its bytes deleted after the commit.

    One that came with an old e-mail takes the original with it, which has the file too. Raises TransitionRefused,
    NotRedacted.
    """
    with transaction.atomic():
        row = redact.redact_file(claim_pk, attachment_pk=attachment_pk, by=by, why=why, now=now, version=version)
        if row.of_position is not None:
            came_with = OriginalMail.objects.filter(message__claim=claim_pk, message__position=row.of_position)
            came_with.filter(erased_at=None).update(erased_at=now)
        return row


def release_appeal(
    claim_pk: int, *, by: User, to: User, why: str, now: datetime, version: int | None = None
) -> AppealRelease:
    """Let `to` decide an appeal nobody else can, and note it where the desk reads.

    Raises TransitionRefused, NotRedacted.
    """
    with transaction.atomic():
        release = redact.release_appeal(claim_pk, by=by, to=to, why=why, now=now, version=version)
        if release.at == now:
            InternalNote.objects.create(
                seller_id=release.seller_id,
                claim_id=claim_pk,
                at=now,
                author=by,
                code=InternalNote.Code.APPEAL_RELEASED,
                about=to,
                text=release.why,
            )
        return release


def erased_originals() -> QuerySet[OriginalMail]:
    """Return the old e-mails that were redacted and still have bytes."""
    return OriginalMail.objects.filter(erased_at__isnull=False).exclude(storage_key__startswith=ERASED)


def delete_erased_originals(limit: int = 500) -> int:
    """Delete the bytes of old e-mails whose message was redacted; return of how many. Safe to repeat."""
    count = 0
    for original in erased_originals().order_by("pk")[:limit]:
        store.take_back(original.storage_key)
        key = f"{ERASED}{original.sha256}"
        count += OriginalMail.objects.filter(pk=original.pk).exclude(storage_key=key).update(storage_key=key)
    return count
