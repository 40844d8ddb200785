"""Which refund lines can be claimed for what is left of them, nothing but time against it: as queryset and as SQL."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from claims.eligibility import NOT_COVERED_PROGRAMS, Fulfilment, Issuer
from claims.models import RefundLine

_AGAINST = (
    Q(refund__issuer__in=[Issuer.SELLER, Issuer.AUTOMATIC])
    | Q(order__fulfilment=Fulfilment.MARKETPLACE)
    | Q(order__program__in=list(NOT_COVERED_PROGRAMS))
    | Q(order__a_to_z=True)
    | Q(order__chargeback=True)
    | Q(return_refused=True)
)


def lines_of(seller_id: int) -> QuerySet[RefundLine]:
    """Return the seller's lines that can be claimed while their window is open."""
    left = RefundLine.objects.filter(
        seller_id=seller_id, held_quantity__lt=F("quantity"), held_minor__lt=F("amount_minor")
    )
    return left.exclude(pk__in=RefundLine.objects.filter(_AGAINST, seller_id=seller_id).values("pk"))


_PROGRAMS = ", ".join(f"'{program}'" for program in sorted(NOT_COVERED_PROGRAMS))
SQL = f"""l.held_quantity < l.quantity AND l.held_minor < l.amount_minor AND l.return_refused IS NOT TRUE
          AND NOT EXISTS (
              SELECT 1 FROM claims_refund r JOIN claims_order o ON o.id = r.order_id WHERE r.id = l.refund_id
               AND (r.issuer IN ('{Issuer.SELLER}', '{Issuer.AUTOMATIC}') OR o.fulfilment = '{Fulfilment.MARKETPLACE}'
                    OR o.program IN ({_PROGRAMS}) OR o.a_to_z OR o.chargeback))"""  # noqa: S608 - our own words
"""The same of a line `l`."""
