"""How much may be uploaded: in one message, on one claim, and by one seller in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from claims.attachments.check import Accepted
from claims.attachments.words import FileNotAccepted, FileProblem, gigabytes, megabytes
from claims.models import Attachment, Draft, SellerStorage

MAX_FILES = 10
"""Files in one message or one filing."""
MESSAGE_BYTES = 100 * 1024 * 1024
CLAIM_FILES = 300
CLAIM_BYTES = 1024 * 1024 * 1024


def problem(draft: Draft, new: Sequence[Accepted]) -> FileNotAccepted | None:
    """Return why these files don't fit into the draft beside those it has, or None. At most three queries.

    The draft is locked by the caller, so that two tabs can't fill it past its measure together.
    """
    bytes_more = sum(accepted.size for accepted in new)
    files, used = _held(draft=draft)
    if files + len(new) > MAX_FILES:
        return FileNotAccepted(FileProblem.TOO_MANY_FILES, number=files + len(new), max=MAX_FILES)
    if used + bytes_more > MESSAGE_BYTES:
        size, most = megabytes(used + bytes_more), megabytes(MESSAGE_BYTES)
        return FileNotAccepted(FileProblem.MESSAGE_FULL, size=size, max=most)
    if draft.claim_id:
        of_claim, held = _held(claim_id=draft.claim_id)
        if of_claim + files + len(new) > CLAIM_FILES or held + used + bytes_more > CLAIM_BYTES:
            return FileNotAccepted(FileProblem.CLAIM_FULL, number=CLAIM_FILES, max=gigabytes(CLAIM_BYTES))
    quota = settings.SELLER_STORAGE_BYTES
    of_seller = SellerStorage.objects.filter(seller_id=draft.seller_id).values_list("used_bytes", flat=True).first()
    if (of_seller or 0) + bytes_more > quota:
        seller, help_url = draft.seller.name, settings.HELP_URL
        return FileNotAccepted(FileProblem.SELLER_FULL, seller=seller, quota=gigabytes(quota), help=help_url)
    return None


def count(seller_id: int, bytes_more: int) -> None:
    """Add to what a seller has uploaded, or take from it. Last in its transaction: the row is every upload's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO claims_sellerstorage (seller_id, used_bytes) VALUES (%s, greatest(%s, 0))
            ON CONFLICT (seller_id) DO UPDATE
                SET used_bytes = greatest(claims_sellerstorage.used_bytes + %s, 0)
            """,
            [seller_id, bytes_more, bytes_more],
        )


def _held(**owner: Any) -> tuple[int, int]:
    found = Attachment.objects.filter(**owner).aggregate(files=Count("pk"), used=Sum("size"))
    return found["files"], found["used"] or 0
