"""Take words or a file out of a claim, and let an appeal be decided that nobody was left to decide."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.values import LONGEST_REASON
from claims import signals
from claims.files.erase import erase_bytes, forget_packs
from claims.files.store import ERASED
from claims.models import AppealRelease, Attachment, Claim, Decision, Redaction
from claims.rules.lifecycle import Party, Refusal, Verb
from claims.workflow.transitions import TransitionRefused, desk_actor, guard, lock, take_position, touch

WHY_MAX = LONGEST_REASON


class RedactionProblem(StrEnum):
    """What is wrong with the reason of a repair, or with what it names. One code has one sentence."""

    WHY_MISSING = "WHY_MISSING"
    WHY_TOO_LONG = "WHY_TOO_LONG"
    GONE = "GONE"


class NotRedacted(Exception):
    """A repair was not possible as it was asked for; nothing was changed."""

    def __init__(self, code: RedactionProblem) -> None:
        super().__init__(code)
        self.code = code


def checked_reason(why: str) -> str:
    """Return the reason of a repair as it is kept. Raises NotRedacted for none, or one that is too long."""
    words = " ".join(why.split())
    if not words:
        raise NotRedacted(RedactionProblem.WHY_MISSING)
    if len(words) > WHY_MAX:
        raise NotRedacted(RedactionProblem.WHY_TOO_LONG)
    return words


def release_appeal(
    claim_pk: int, *, by: User, to: User, why: str, now: datetime, version: int | None = None
) -> AppealRelease:
    """Let `to` decide this appeal although they decided first, or aren't senior; return the record of it.

    A superuser's act, possible only while nobody else could decide. The same person twice gives the first record.
    Raises TransitionRefused, NotRedacted.
    """
    words = checked_reason(why)
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.RELEASE_APPEAL, claim, desk_actor(by), now)
        if not desk_actor(to).may_act:
            raise TransitionRefused(Refusal.CANT_BE_RELEASED_TO)
        release, _ = AppealRelease.objects.get_or_create(
            claim=claim, to=to, defaults={"seller_id": claim.seller_id, "at": now, "by": by, "why": words}
        )
        return release


def start_redaction(
    claim_pk: int, *, by: User, why: str, now: datetime, version: int | None = None
) -> tuple[Claim, Redaction]:
    """Reserve a place in the thread for a redaction; return the locked claim and the row, not saved yet.

    The caller erases what it names and saves the row in the same transaction. Raises TransitionRefused, NotRedacted.
    """
    words = checked_reason(why)
    claim = lock(claim_pk, version=version)
    actor = desk_actor(by)
    guard(Verb.REDACT, claim, actor, now)
    row = Redaction(seller_id=claim.seller_id, claim=claim, position=take_position(claim), at=now, by=by, why=words)
    touch(claim, actor, now)
    claim.save()
    return claim, row


def redact_decision(
    claim_pk: int, *, number: int, by: User, why: str, now: datetime, version: int | None = None
) -> Redaction:
    """Take the handler's own words out of a decision; amounts and coded reasons stay.

    Raises TransitionRefused, NotRedacted.
    """
    with transaction.atomic():
        claim, row = start_redaction(claim_pk, by=by, why=why, now=now, version=version)
        decision = Decision.objects.filter(claim=claim, number=number, erased_at=None).exclude(words="").first()
        if decision is None:
            raise NotRedacted(RedactionProblem.GONE)
        Decision.objects.filter(pk=decision.pk).update(words="", erased_at=now)
        return save_redaction(claim, row, Redaction.What.DECISION, of_position=decision.position)


def redact_statement(claim_pk: int, *, by: User, why: str, now: datetime, version: int | None = None) -> Redaction:
    """Redact what the seller wrote when filing. Raises TransitionRefused, NotRedacted."""
    with transaction.atomic():
        claim, row = start_redaction(claim_pk, by=by, why=why, now=now, version=version)
        if not claim.statement:
            raise NotRedacted(RedactionProblem.GONE)
        claim.statement, claim.statement_erased_at = "", now
        claim.save(update_fields=["statement", "statement_erased_at"])
        return save_redaction(claim, row, Redaction.What.STATEMENT)


def redact_file(
    claim_pk: int, *, attachment_pk: int, by: User, why: str, now: datetime, version: int | None = None
) -> Redaction:
    """Take a file out: shown to nobody from now on, its bytes deleted after the commit.

    Raises TransitionRefused, NotRedacted.
    """
    with transaction.atomic():
        claim, row = start_redaction(claim_pk, by=by, why=why, now=now, version=version)
        files = Attachment.objects.select_for_update().filter(claim=claim, erased_at=None)
        attachment = files.filter(pk=attachment_pk).first()
        if attachment is None:
            raise NotRedacted(RedactionProblem.GONE)
        row.attachment, row.slot = attachment, attachment.slot
        seen = attachment.party == Party.SELLER or attachment.shown_at is not None
        attachment.erased_at, attachment.shown_at = now, None
        attachment.name = attachment.slot = attachment.taken_at = ""
        # No longer checked or made into a preview; what was made goes with the bytes.
        if attachment.scan == Attachment.Scan.PENDING:
            attachment.scan = Attachment.Scan.NOT_SCANNED
        if attachment.making == Attachment.Making.PENDING:
            attachment.making = Attachment.Making.NOTHING
        attachment.save(update_fields=["erased_at", "shown_at", "name", "slot", "taken_at", "scan", "making"])
        return save_redaction(claim, row, Redaction.What.FILE, of_position=attachment.position, told=seen)


def save_redaction(
    claim: Claim, row: Redaction, what: Redaction.What, *, of_position: int | None = None, told: bool = True
) -> Redaction:
    """Save the row of a redaction and tell those who listen; return it. `told`: the seller wrote it or could see it."""
    row.what, row.of_position = what, of_position
    row.save()
    forget_packs([claim.pk])
    signals.redacted.send(sender=Claim, redaction=row, claim=claim, told=told)
    return row


def erased_files() -> QuerySet[Attachment]:
    """Return the files that were redacted and still have bytes."""
    return Attachment.objects.filter(erased_at__isnull=False).exclude(storage_key__startswith=ERASED)


def delete_erased_files(limit: int = 500) -> int:
    """Delete the bytes of redacted files; return of how many. Safe to repeat: the row says what is left."""
    return sum(erase_bytes(attachment) for attachment in erased_files().order_by("pk")[:limit])
