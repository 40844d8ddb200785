"""The bytes of infected files are purged after a while; the line in the thread stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from claims.files.erase import erase_bytes
from claims.files.store import ERASED
from claims.models import Attachment

INFECTED_KEPT_FOR = timedelta(days=30)
"""How long an operator can look into a false alarm. Nobody is served these bytes meanwhile."""


def infected(now: datetime) -> QuerySet[Attachment]:
    """Return the infected files, of claims and of drafts, whose bytes have been kept long enough."""
    old = Attachment.objects.filter(scan=Attachment.Scan.INFECTED, scanned_at__lt=now - INFECTED_KEPT_FOR)
    return old.exclude(storage_key__startswith=ERASED)


def purge_infected(*, now: datetime, limit: int = 500) -> int:
    """Delete the bytes of at most `limit` files that failed the virus check so long ago; return how many.

    Safe to repeat.
    """
    return sum(erase_bytes(file) for file in infected(now).order_by("scanned_at", "pk")[:limit])
