"""Addresses whose mail comes back: noted once it did, written to again when their reader, or an operator, says so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from accounts.models import ReturnedAddress, User


def note(address: str, cause: str, now: datetime) -> None:
    """Send nothing more to an address, since its mail came back. Any number of times."""
    told = {"returned_at": now, "cause": cause[:300], "lifted_at": None, "lifted_by": None}
    row, is_new = ReturnedAddress.objects.get_or_create(email=address.lower(), defaults=told)
    if not is_new:
        ReturnedAddress.objects.filter(pk=row.pk).update(times=F("times") + 1, **told)


def lift(addresses: Collection[str], by: User | None, now: datetime) -> int:
    """Send to these addresses again; return how many that changes. `by` nobody: their reader showed that they work."""
    lowered = [address.lower() for address in addresses]
    return _in_force().filter(email__in=lowered).update(lifted_at=now, lifted_by=by)


def of(address: str) -> ReturnedAddress | None:
    """Return why nothing is sent to an address, None where it is. One query."""
    return _in_force().filter(email=address.lower()).first()


def is_returned(address: str) -> bool:
    """Return whether nothing is sent to an address. One query."""
    return _in_force().filter(email=address.lower()).exists()


def since(address: str) -> Subquery:
    """Return, for an annotation, since when nothing is sent to the address in this field; null where it is."""
    return Subquery(_in_force().filter(email=OuterRef(address)).values("returned_at")[:1])


def with_returned(rows: QuerySet[Any], address: str) -> QuerySet[Any]:
    """Return the rows with `mail_returned_at`, for the address in this field."""
    return rows.annotate(mail_returned_at=since(address))


def has_returned(row: Any) -> bool:
    """Return whether mail to the address of a row came back, as far as the row is one of `with_returned`."""
    return getattr(row, "mail_returned_at", None) is not None


def _in_force() -> QuerySet[ReturnedAddress]:
    return ReturnedAddress.objects.filter(lifted_at=None)
