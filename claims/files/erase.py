"""Delete the bytes of a kept file and of what was made of it, and evidence packs that may no longer be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from claims.files import previews, quotas, store
from claims.models import Attachment, EvidencePack


def forget_packs(claim_pks: Collection[int], *, only: EvidencePack.Reader | None = None) -> None:
    """Delete the evidence packs of these claims, the bytes after the commit: they hold what may no longer be read.

    `only` are the ones of one reader. Whoever asks again gets one without it; a worker that is at one of them finds it
    gone and keeps nothing.
    """
    drop_packs(EvidencePack.objects.filter(claim__in=claim_pks, reader__in=[only] if only else EvidencePack.Reader))


def drop_packs(packs: QuerySet[EvidencePack]) -> list[EvidencePack]:
    """Delete these packs and return them: the bytes go after the commit, and no longer count as their sellers'."""
    with transaction.atomic():
        gone = list(packs.select_for_update(of=("self",)).order_by("pk"))
        freed: defaultdict[int, int] = defaultdict(int)
        for pack in gone:
            if pack.storage_key:
                transaction.on_commit(partial(store.take_back, pack.storage_key), robust=True)
            if quotas.is_pack_counted(pack):
                freed[pack.seller_id] += pack.size or 0
        EvidencePack.objects.filter(pk__in=[pack.pk for pack in gone]).delete()
        for seller_id in sorted(freed):
            quotas.count(seller_id, -freed[seller_id])
    return gone


def erase_bytes(file: Attachment) -> bool:
    """Delete the bytes of a kept file, and of what was made of it; return whether this call did. The row stays.

    What they took of the seller's storage is free again, once. Safe to repeat: the row says what is left to do.
    """
    for key in previews.keys_of(file):
        store.take_back(key)
    with transaction.atomic():
        mine = Attachment.objects.filter(pk=file.pk).exclude(storage_key__startswith=store.ERASED)
        gone = mine.update(
            storage_key=f"{store.ERASED}{file.uuid}",
            made_key="",
            previews=0,
            served_type="",
            making=Attachment.Making.NOTHING,
        )
        if gone and quotas.is_counted(file):
            quotas.count(file.seller_id, -file.size)
    return bool(gone)
