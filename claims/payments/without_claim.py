"""Payments for a refund that nobody claimed: the marketplace paid by itself. What was paid so can't be claimed again.

Finance data can't tell such a payment from one whose claim isn't here yet: it names an order and no claim. So a person
says which it is, and which item of the order it was for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from claims.models import ClaimLine, Order, RefundLine, UnmatchedPayment
from claims.payments.match_payments import (
    MORE_THAN_PAID,
    NO_SUCH_REFUND,
    OTHER_CURRENCY,
    REFUND_CLAIMED,
    NotSettled,
    Outcome,
    recognise,
    waiting,
)
from claims.refunds import stored_eligibility


def confirm(payment_pk: int, *, line_pk: int | None, by: User, now: datetime) -> UnmatchedPayment:
    """Settle a waiting payment as one for a refund line without a claim; return it. Raises NotSettled.

    From then on the line can't be claimed once what was paid so covers it. A claim that covers the line comes first:
    then the payment is that claim's.
    """
    with transaction.atomic():
        row = UnmatchedPayment.objects.filter(pk=payment_pk).values("order_id", "seller_id").first()
        # The order first, as filing has it: either the claim is there already, or filing sees what was paid.
        order = Order.objects.select_for_update(no_key=True).filter(**row).first() if row and row["order_id"] else None
        payment = waiting(payment_pk, by)
        line = RefundLine.objects.filter(order=order, pk=line_pk).first() if order and line_pk else None
        if line is None:
            raise NotSettled(NO_SUCH_REFUND)
        if line.currency != payment.currency:
            raise NotSettled(OTHER_CURRENCY)
        if ClaimLine.objects.filter(refund_line=line, holds=True).exists():
            raise NotSettled(REFUND_CLAIMED)
        payment.outcome, payment.matched_at, payment.refund_line, payment.settled_by = Outcome.NO_CLAIM, now, line, by
        try:
            with transaction.atomic():
                payment.save(update_fields=["outcome", "matched_at", "refund_line", "settled_by"])
        except IntegrityError as error:
            if "refundline_reimbursed_not_negative" not in str(error):
                raise
            raise NotSettled(MORE_THAN_PAID) from None
        stored_eligibility.recompute_windows([line.pk], now)
        recognise(payment.order_id, now)
        return payment


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A refund line without a claim that a waiting payment may be for. `exact`: it comes to what was refunded."""

    line_pk: int
    sku: str
    title: str
    amount_minor: int
    refunded_at: datetime
    exact: bool


def suggestions(payments: Sequence[UnmatchedPayment]) -> dict[int, list[Unclaimed]]:
    """Return, by the payment's key, the refund lines of its order that no claim covers, the likeliest first. One query.

    Likely is the SKU the payment names, then what it comes to exactly, then the latest refund.
    """
    orders = {row.order_id for row in payments if row.order_id}
    lines = list(
        RefundLine.objects.filter(order__order_id__in=orders, held_quantity=0).select_related("order", "refund")
    )
    made: dict[int, list[Unclaimed]] = {}
    for row in payments:
        fitting = [
            line
            for line in lines
            if (line.order.order_id, line.seller_id, line.currency) == (row.order_id, row.seller_id, row.currency)
        ]
        fitting.sort(key=lambda line, row=row: _rank(line, row))  # type: ignore[misc]
        made[row.pk] = [
            Unclaimed(
                line.pk, line.sku, line.title, line.amount_minor, line.refund.refunded_at,
                exact=line.amount_minor == row.amount_minor,
            )
            for line in fitting[:5]
        ]  # fmt: skip
    return made


def _rank(line: RefundLine, row: UnmatchedPayment) -> tuple[Any, ...]:
    named = bool(row.sku) and line.sku == row.sku
    return not named, line.amount_minor != row.amount_minor, -line.refund.refunded_at.timestamp(), line.pk
