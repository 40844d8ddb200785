"""The bytes of infected files are thrown away after a while; the line in the thread stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from claims.attachments.store import ERASED
from claims.models import Attachment
from claims.operations.files import erase_bytes

INFECTED_KEPT_FOR = timedelta(days=30)
"""How long an operator can look into a false alarm. Nobody is served these bytes meanwhile."""


def purge_infected(*, now: datetime, limit: int = 500) -> int:
    """Delete the bytes of at most `limit` files that failed the virus check so long ago; return how many.

    Safe to repeat.
    """
    infected = Attachment.objects.filter(
        scan=Attachment.Scan.INFECTED, scanned_at__lt=now - INFECTED_KEPT_FOR, claim__isnull=False
    ).exclude(storage_key__startswith=ERASED)
    return sum(erase_bytes(file) for file in infected.order_by("scanned_at", "pk")[:limit])
