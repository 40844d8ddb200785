"""How much may be uploaded: in one message, on one claim, and by one seller in all.

Counted are files people uploaded here and whose bytes are there, and the evidence packs made for sellers. What old
e-mails brought along counts for nothing: it must come over whole, and must not take the quota of the reply to what the
desk asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from claims.files import store
from claims.files.check import Accepted
from claims.files.refusals import FileNotAccepted, FileProblem, gigabytes, megabytes
from claims.models import Attachment, Claim, Draft, EvidencePack, SellerStorage
from claims.rules.lifecycle import Party

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
    if too_much := _of_message(files + len(new), used + bytes_more):
        return too_much
    if draft.claim_id and (full := _of_claim(draft.claim_id, files + len(new), used + bytes_more)):
        return full
    quota = settings.SELLER_STORAGE_BYTES
    of_seller = SellerStorage.objects.filter(seller_id=draft.seller_id).values_list("used_bytes", flat=True).first()
    if (of_seller or 0) + bytes_more > quota:
        seller, help_url = draft.seller.name, settings.HELP_URL
        return FileNotAccepted(FileProblem.SELLER_FULL, seller=seller, quota=gigabytes(quota), help=help_url)
    return None


def problem_of_message(new: Sequence[Accepted]) -> FileNotAccepted | None:
    """Return why these files are too many or too much for one message of the desk, or None."""
    return _of_message(len(new), sum(accepted.size for accepted in new))


def problem_of_claim(claim: Claim, new: Sequence[Accepted]) -> FileNotAccepted | None:
    """Return why these files don't fit into the claim beside those it has, or None. The caller has it locked."""
    return _of_claim(claim.pk, len(new), sum(accepted.size for accepted in new)) if new else None


def is_counted(file: Attachment) -> bool:
    """Whether the file's bytes count as the seller's: a member uploaded it, not the desk and no old e-mail."""
    return file.party == Party.SELLER and file.uploaded_by_id is not None


def is_pack_counted(pack: EvidencePack) -> bool:
    """Whether the pack's bytes count as the seller's: it is made, and for the seller and not for the desk."""
    return pack.reader == EvidencePack.Reader.SELLER and bool(pack.storage_key)


def has_room_for_pack(claim: Claim, *, freed: int) -> bool:
    """Whether a pack of the claim's files fits into what its seller has left, once `freed` bytes are given back."""
    files = Attachment.objects.filter(claim=claim, shown_at__isnull=False).aggregate(size=Sum("size"))["size"] or 0
    used = SellerStorage.objects.filter(seller_id=claim.seller_id).values_list("used_bytes", flat=True).first() or 0
    return bool(used - freed + files <= settings.SELLER_STORAGE_BYTES)


def _of_message(files: int, size: int) -> FileNotAccepted | None:
    if files > MAX_FILES:
        return FileNotAccepted(FileProblem.TOO_MANY_FILES, number=files, max=MAX_FILES)
    if size > MESSAGE_BYTES:
        return FileNotAccepted(FileProblem.MESSAGE_FULL, size=megabytes(size), max=megabytes(MESSAGE_BYTES))
    return None


def _of_claim(claim_pk: int, files: int, size: int) -> FileNotAccepted | None:
    of_claim, held = _held(claim_id=claim_pk)
    if of_claim + files > CLAIM_FILES or held + size > CLAIM_BYTES:
        return FileNotAccepted(FileProblem.CLAIM_FULL, number=CLAIM_FILES, max=gigabytes(CLAIM_BYTES))
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
    uploaded = Attachment.objects.filter(**owner, uploaded_by__isnull=False)
    there = uploaded.exclude(storage_key__startswith=store.ERASED)
    found = there.aggregate(files=Count("pk"), used=Sum("size"))
    return found["files"], found["used"] or 0
