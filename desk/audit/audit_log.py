"""Reading the record: filtered, newest first, at the same cost wherever one reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.groups import AUDITOR, OPERATOR, groups_of
from accounts.models import Seller, User
from desk.models import Record

SLICE = 2_000


def may_read_record(user: object) -> bool:
    """Whether this person reads the record: auditors, operators and superusers."""
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or bool(groups_of(user) & {AUDITOR, OPERATOR})


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What of the record is asked for; what is None is not filtered by. Instants: from inclusive, until exclusive."""

    user: User | None = None
    seller: Seller | None = None
    claim_id: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def rows(self) -> QuerySet[Record]:
        records = Record.objects.select_related("user")
        if self.user is not None:
            records = records.filter(user=self.user)
        if self.seller is not None:
            records = records.filter(seller_id=self.seller.pk)
        if self.claim_id is not None:
            records = records.filter(claim_id=self.claim_id)
        if self.action is not None:
            records = records.filter(action=self.action)
        if self.since is not None:
            records = records.filter(at__gte=self.since)
        if self.until is not None:
            records = records.filter(at__lt=self.until)
        return records


def export(wanted: AuditFilter) -> Iterator[dict[str, Any]]:
    """Yield the rows, oldest first, as plain values; read in slices by key, so that memory stays flat."""
    slugs = dict(Seller.objects.values_list("pk", "slug"))
    last = 0
    while rows := list(wanted.rows().filter(pk__gt=last).order_by("pk")[:SLICE]):
        for row in rows:
            yield {
                "id": row.pk,
                "at": row.at.isoformat(),
                "action": row.action,
                "user": row.user.email if row.user else "",
                "seller": slugs.get(row.seller_id, "") if row.seller_id else "",
                "claim_id": row.claim_id,
                "what": row.what,
                "detail": row.detail,
            }
        last = rows[-1].pk
