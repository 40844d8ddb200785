"""How a form or an address names a refund line: by what the seller knows of it, never by a number of ours."""

from __future__ import annotations

import re

from django.db.models import QuerySet

from accounts.access import Membership
from accounts.values import ids
from claims import keyset
from claims.models import RefundLine

_KEY = re.compile(rf"^({ids.ORDER_ID})/([0-9]{{1,17}})/([^\x00]{{1,64}})\Z", re.DOTALL)


def key_of(line: RefundLine) -> str:
    """Return the key of a line whose order and refund are loaded: order id, moment of the refund, SKU."""
    return f"{line.order.order_id}/{keyset.micros(line.refund.refunded_at)}/{line.sku}"


def named(membership: Membership, key: str) -> QuerySet[RefundLine]:
    """Return the seller's line that a key names, as a queryset of one or none; a made-up key names none."""
    parts = _KEY.match(key)
    at = keyset.moment(parts[2]) if parts else None
    if not parts or at is None:
        return RefundLine.objects.none()
    return RefundLine.objects.filter(
        seller_id=membership.seller_id, order__order_id=parts[1], refund__refunded_at=at, sku=parts[3]
    )
