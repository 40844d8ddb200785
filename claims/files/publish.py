"""What becomes of a draft's file: it is published with the message, and no longer served if it has a virus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from accounts.sign_in import security_events
from claims.files.erase import forget_packs
from claims.models import Attachment, Claim, Draft, FileRefusal
from claims.signals import attachment_quarantined
from claims.workflow.transitions import lock, take_position


def fit(draft: Draft) -> list[Attachment]:
    """Return the files of the draft that count as sent with it, in the order they came: all but infected ones."""
    return list(Attachment.objects.filter(draft=draft).exclude(scan=Attachment.Scan.INFECTED).order_by("pk"))


def fit_of(drafts: Sequence[Draft]) -> dict[int, list[Attachment]]:
    """Return `fit` of several drafts, by the draft's id. One query."""
    by_draft: dict[int, list[Attachment]] = {}
    files = Attachment.objects.filter(draft__in=[draft.pk for draft in drafts])
    for file in files.exclude(scan=Attachment.Scan.INFECTED).order_by("pk"):
        by_draft.setdefault(file.draft_id or 0, []).append(file)
    return by_draft


def publish(draft: Draft, claim: Claim, *, position: int, at: datetime) -> None:
    """Move the draft's files to the claim, at this entry of its thread, where both sides see them.

    The claim is locked and saved. An infected file goes along as one that was not accepted, and the thread says so.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE claims_attachment a
               SET draft_id = NULL, claim_id = %(claim)s, position = %(position)s, shown_at = %(at)s,
                   also_on = coalesce((
                       SELECT c.claim_id FROM claims_attachment o JOIN claims_claim c ON c.id = o.claim_id
                        WHERE o.seller_id = a.seller_id AND o.sha256 = a.sha256
                          AND o.claim_id <> %(claim)s AND o.shown_at IS NOT NULL
                        ORDER BY o.id LIMIT 1), '')
             WHERE a.draft_id = %(draft)s
         RETURNING a.id, a.scan
            """,
            {"claim": claim.pk, "position": position, "at": at, "draft": draft.pk},
        )
        infected = [pk for pk, scan in cursor.fetchall() if scan == Attachment.Scan.INFECTED]
    for file in Attachment.objects.filter(pk__in=sorted(infected)).order_by("pk"):
        _tell(file, claim, at)


def scanned(attachment_pk: int, *, threat: str, now: datetime) -> bool:
    """Keep the verdict of the virus check, "" for nothing found; return whether it is a new one.

    An infected file of a claim is no longer served to anybody, and a line in the thread says that it was not accepted.
    One that was redacted meanwhile stays as it is: nobody needs the verdict.
    """
    verdict = {
        "scan": Attachment.Scan.INFECTED if threat else Attachment.Scan.CLEAN,
        "threat": threat[:200],
        "scanned_at": now,
    }
    open_ones = Attachment.objects.filter(pk=attachment_pk, erased_at=None).exclude(scan=Attachment.Scan.INFECTED)
    if not threat:
        return bool(open_ones.exclude(scan=Attachment.Scan.CLEAN).update(**verdict))
    with transaction.atomic():
        file = _locked_with_owner(attachment_pk)
        if file is None or not open_ones.update(**verdict):
            return False
        if file.claim is not None:
            _tell(file, file.claim, now)
            forget_packs([file.claim.pk])
        by = file.uploaded_by.email if file.uploaded_by else ""
        infected = security_events.Kind.FILE_INFECTED
        transaction.on_commit(partial(security_events.note, infected, by), robust=True)
        return True


def _locked_with_owner(attachment_pk: int) -> Attachment | None:
    """Return the file with its draft or claim locked, whichever it belongs to by then; None where it is gone."""
    while True:
        seen = Attachment.objects.filter(pk=attachment_pk).values("draft_id", "claim_id").first()
        if seen is None:
            return None
        claim = lock(seen["claim_id"]) if seen["claim_id"] else None
        if seen["draft_id"]:
            Draft.objects.select_for_update(of=("self",)).filter(pk=seen["draft_id"]).first()
        file = Attachment.objects.filter(pk=attachment_pk).first()
        if file is not None and (file.draft_id, file.claim_id) == (seen["draft_id"], seen["claim_id"]):
            if claim is not None:
                file.claim = claim
            return file


def _tell(file: Attachment, claim: Claim, at: datetime) -> None:
    position = take_position(claim)
    claim.save(update_fields=["next_position"])
    FileRefusal.objects.create(seller_id=claim.seller_id, claim=claim, attachment=file, position=position, at=at)
    attachment_quarantined.send(sender=Attachment, attachment=file, claim=claim, position=position, at=at)
