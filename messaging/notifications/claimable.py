"""Which refund lines can be claimed for what is left of them, nothing but time against it: as queryset and as SQL."""

from __future__ import annotations

from django.db.models import QuerySet

from claims.models import FREE, RefundLine


def lines_of(seller_id: int) -> QuerySet[RefundLine]:
    """Return the seller's lines that can be claimed while their window is open."""
    return RefundLine.objects.filter(FREE, seller_id=seller_id)


SQL = "l.held_quantity < l.quantity AND l.held_minor < l.amount_minor AND l.against = ''"
"""The same of a line `l`."""
