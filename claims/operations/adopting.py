"""Claims that exist elsewhere already, and payments that come in for claims."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from claims.lifecycle import DECIDED, Actor, Party, Status, Verb
from claims.models import Claim, ClaimLine, LedgerEntry, Order, RefundLine, UnmatchedPayment
from claims.operations import clocks
from claims.operations.moving import _move

OUTSIDE = Actor(Party.OUTSIDE)


def adopt(
    *,
    order: Order,
    claim_id: str,
    status: Status,
    filed_at: datetime,
    currency: str,
    claimed_minor: int,
    approved_minor: int,
    source: str,
    now: datetime,
    decided_at: datetime | None = None,
    reply_by: datetime | None = None,
    reason: str = "",
    refund_line: RefundLine | None = None,
    quantity: int = 1,
    sku: str = "",
    asin: str = "",
    title: str = "",
) -> tuple[Claim, bool]:
    """Take in a claim that exists already; return (claim, whether it is new).

    Known claim ids are left as they are. Causes no e-mail, no unread and no signal. The caller has checked that the
    claim id, if known, is this seller's. Appealable where `decided_at` is known and the window has not ended.
    """
    with transaction.atomic():
        Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        known = Claim.objects.filter(claim_id=claim_id).first()
        if known is not None:
            return known, False
        claim = Claim(
            seller_id=order.seller_id,
            order=order,
            refund_id=refund_line.refund_id if refund_line else None,
            claim_id=claim_id,
            origin=Claim.Origin.IMPORTED,
            source=source[:200],
            reason=reason,
            filed_at=filed_at,
            clock_rule=clocks.clock_rule(order.marketplace, order.program),
            currency=currency,
            claimed_minor=claimed_minor,
            approved_minor=approved_minor,
            reply_by=reply_by,
        )
        appeal_by = None
        if status in DECIDED and decided_at is not None and approved_minor < claimed_minor:
            appeal_by = clocks.appeal_by(claim, decided_at)
        if status is Status.UNDER_INVESTIGATION:
            claim.answer_due_at = clocks.answer_due(claim, now)
        _move(claim, Verb.ADOPT, status, OUTSIDE, now, reply_by=reply_by, appeal_by=appeal_by, decided_at=decided_at)
        if status in DECIDED:
            Claim.objects.filter(pk=claim.pk).update(decided_at=decided_at)
            claim.decided_at = decided_at
        ClaimLine.objects.create(
            seller_id=order.seller_id,
            claim=claim,
            refund_line=refund_line,
            quantity=quantity,
            reason=reason,
            claimed_minor=claimed_minor,
            approved_minor=approved_minor,
            holds=status is not Status.WITHDRAWN,
            asin=asin,
            sku=sku,
            title=title[:500],
        )
        _settle_waiting_payments(claim, now)
        return claim, True


def attach_adopted(order_ids: Iterable[int]) -> int:
    """Tie adopted claims of these orders to the refund lines that came later; return how many were tied.

    Same order and SKU (or the order's only line); only where the line still has room for what the claim holds.
    """
    tied = 0
    loose = ClaimLine.objects.filter(
        claim__order_id__in=list(order_ids), refund_line__isnull=True, claim__origin=Claim.Origin.IMPORTED
    ).select_related("claim")
    for claim_line in loose.order_by("pk"):
        lines = list(
            RefundLine.objects.filter(order_id=claim_line.claim.order_id).order_by("refund__refunded_at", "id")
        )
        same = [line for line in lines if line.sku == claim_line.sku] or (lines if len(lines) == 1 else [])
        for line in same:
            room = line.quantity - line.held_quantity >= claim_line.quantity
            if room and line.amount_minor - line.held_minor >= claim_line.claimed_minor:
                ClaimLine.objects.filter(pk=claim_line.pk).update(
                    refund_line=line,
                    sku=line.sku,
                    asin=claim_line.asin or line.asin,
                    title=claim_line.title or line.title,
                )
                Claim.objects.filter(pk=claim_line.claim_id, refund__isnull=True).update(refund_id=line.refund_id)
                tied += 1
                break
    return tied


def record_payment(
    *,
    seller_id: int,
    payment: str,
    claim_id: str,
    amount_minor: int,
    currency: str,
    at: datetime,
    reference: str = "",
) -> bool:
    """Book a payment of the marketplace (negative: taken back) on its claim, or keep it until the claim is known.

    `payment` identifies it in the marketplace's data; the same one twice books once. Return whether it was new.
    """
    with transaction.atomic():
        claim = Claim.objects.filter(claim_id=claim_id, seller_id=seller_id).first()
        if claim is None:
            _, new = UnmatchedPayment.objects.get_or_create(
                payment=payment,
                defaults={
                    "seller_id": seller_id,
                    "claim_id": claim_id,
                    "amount_minor": amount_minor,
                    "currency": currency,
                    "at": at,
                    "reference": reference,
                },
            )
            return new
        return _book_payment(claim, payment, amount_minor, currency, at, reference)


def settle_waiting_payments(seller_id: int, now: datetime) -> int:
    """Book the payments that waited for claims which are here by now; return of how many claims."""
    waiting = UnmatchedPayment.objects.filter(seller_id=seller_id, matched_at__isnull=True).values("claim_id")
    claims = list(Claim.objects.filter(seller_id=seller_id, claim_id__in=waiting).order_by("pk"))
    for claim in claims:
        with transaction.atomic():
            _settle_waiting_payments(claim, now)
    return len(claims)


def _book_payment(claim: Claim, payment: str, amount: int, currency: str, at: datetime, reference: str) -> bool:
    Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)
    kind = LedgerEntry.Kind.PAID if amount > 0 else LedgerEntry.Kind.REVERSED
    _, new = LedgerEntry.objects.get_or_create(
        payment=payment,
        defaults={
            "seller_id": claim.seller_id,
            "claim": claim,
            "kind": kind,
            "amount_minor": amount,
            "currency": currency,
            "at": at,
            "reference": reference,
        },
    )
    if new:
        Claim.objects.filter(pk=claim.pk).update(paid_minor=F("paid_minor") + amount)
    return new


def _settle_waiting_payments(claim: Claim, now: datetime) -> None:
    waiting = UnmatchedPayment.objects.select_for_update().filter(
        seller_id=claim.seller_id, claim_id=claim.claim_id, matched_at__isnull=True
    )
    for row in waiting:
        _book_payment(claim, row.payment, row.amount_minor, row.currency, row.at, row.reference)
        row.matched_at = now
        row.save(update_fields=["matched_at"])
