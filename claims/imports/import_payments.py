"""SAFE-T payments that files tell of: booked on their claim once, or kept until it is known which claim is theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from claims.imports.outcome import BatchOutcome
from claims.models import Claim, Order, UnmatchedPayment
from claims.payments import match_payments

# In the order of claims and orders, so that two runs wait for each other instead of meeting head on.
_STAGED = """
SELECT row, place, seller_id, claim_id, payment, paid, currency, paid_at, paid_source, paid_alias, paid_order, paid_sku,
       paid_reference
  FROM intake_row
 WHERE cause IS NULL AND payment IS NOT NULL AND (claim_id, paid_order, row) > (%s, %s, %s)
 ORDER BY claim_id, paid_order, row LIMIT %s
"""


def slices(size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the staged payments in lists."""
    last = ("", "", 0)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_STAGED, [*last, size])
            rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            last = (rows[-1][3], rows[-1][10], rows[-1][0])


def apply(rows: list[tuple[Any, ...]], now: datetime) -> BatchOutcome:
    """Book these payments, or keep them; return what became of each."""
    claims = Claim.objects.filter(claim_id__in={row[3] for row in rows if row[3]})
    seller_and_currency = {
        claim_id: (seller, currency)
        for claim_id, seller, currency in claims.values_list("claim_id", "seller_id", "currency")
    }
    orders = Order.objects.filter(order_id__in={row[10] for row in rows if row[10]})
    owners = dict(orders.values_list("order_id", "seller_id"))
    new, rejects = 0, []
    for row, place, seller_id, claim_id, payment, paid, currency, paid_at, source, alias, order, sku, reference in rows:
        seller, claimed_in = seller_and_currency.get(claim_id, (seller_id, currency))
        if seller != seller_id:
            rejects.append((row, place, f"claim {claim_id} is known under another seller"))
        elif claimed_in != currency:
            rejects.append((row, place, f"claim {claim_id} is in {claimed_in}, its payment in {currency}"))
        elif owners.get(order, seller_id) != seller_id:
            rejects.append((row, place, f"order {order} is known under another seller"))
        else:
            new += match_payments.record(
                match_payments.ReportedPayment(
                    seller_id=seller_id,
                    source=match_payments.Source(source),
                    payment=payment,
                    amount_minor=paid,
                    currency=currency,
                    at=paid_at,
                    claim_id=claim_id,
                    order_id=order,
                    sku=sku,
                    reference=reference,
                    alias=alias,
                ),
                now,
            )
    return BatchOutcome(new, 0, len(rows) - new - len(rejects), rejects)


def settle_late(seller_ids: Collection[int], now: datetime) -> None:
    """Book what waited for claims that were imported by another run at the same time."""
    for seller_id in seller_ids:
        match_payments.settle_waiting(seller_id, now)


def waiting(seller_ids: Collection[int]) -> int:
    """Return how many payments of these sellers wait for their claim."""
    return UnmatchedPayment.objects.filter(seller_id__in=list(seller_ids), matched_at__isnull=True).count()
