"""Which files of a claim the desk has looked at. What was looked at is part of why a decision stands."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from claims.models import Attachment, Claim, FileOpened


def opened(attachment: Attachment, user: User, now: datetime) -> None:
    """Note that this member of staff has the file of a claim open; the first time counts. Safe to repeat."""
    if attachment.claim_id is None:
        return
    row = FileOpened(
        seller_id=attachment.seller_id, claim_id=attachment.claim_id, attachment=attachment, user=user, at=now
    )
    FileOpened.objects.bulk_create([row], ignore_conflicts=True)


def openers(claim: Claim) -> dict[int, list[User]]:
    """Return who opened each file of the claim, by the file's id, who came first first. One query."""
    by_file: dict[int, list[User]] = {}
    for row in FileOpened.objects.filter(claim=claim).select_related("user").order_by("at", "pk"):
        by_file.setdefault(row.attachment_id, []).append(row.user)
    return by_file


def opened_by(claim: Claim, user_ids: set[int]) -> list[int]:
    """Return the ids of the claim's files that both sides see and any of these people opened."""
    rows = FileOpened.objects.filter(claim=claim, user_id__in=user_ids, attachment__shown_at__isnull=False)
    return list(rows.order_by("attachment_id").values_list("attachment_id", flat=True).distinct())
