"""The bytes of infected files are thrown away after a while; the line in the thread stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from claims.attachments import previews, store
from claims.models import Attachment
from claims.operations.repairing import ERASED

INFECTED_KEPT_FOR = timedelta(days=30)
"""How long an operator can look into a false alarm. Nobody is served these bytes meanwhile."""


def purge_infected(*, now: datetime, limit: int = 500) -> int:
    """Delete the bytes of at most `limit` files that failed the virus check so long ago; return how many.

    Safe to repeat.
    """
    infected = Attachment.objects.filter(
        scan=Attachment.Scan.INFECTED, scanned_at__lt=now - INFECTED_KEPT_FOR, claim__isnull=False
    ).exclude(storage_key__startswith=ERASED)
    count = 0
    for file in infected.order_by("scanned_at", "pk")[:limit]:
        for key in previews.keys_of(file):
            store.take_back(key)
        count += Attachment.objects.filter(pk=file.pk, storage_key=file.storage_key).update(
            storage_key=f"{ERASED}{file.uuid}",
            made_key="",
            previews=0,
            served_type="",
            making=Attachment.Making.NOTHING,
        )
    return count
