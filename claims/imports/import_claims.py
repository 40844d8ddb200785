"""Claims that exist elsewhere already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import connection, transaction

from accounts import marketplaces
from claims.imports import match_imported_claims
from claims.models import Claim, ClaimLine, Order, RefundLine
from claims.payments import match_payments
from claims.rules.lifecycle import DECIDED, Actor, Party, Status, Verb
from claims.workflow import deadlines
from claims.workflow.transitions import _transition

OUTSIDE = Actor(Party.OUTSIDE)


def import_claim(
    *,
    order: Order,
    claim_id: str,
    status: Status,
    filed_at: datetime,
    currency: str,
    claimed_minor: int,
    granted_minor: int,
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
    """Import a claim that exists already; return (claim, whether it is new).

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
            clock_rule=deadlines.clock_rule(order.marketplace, order.program),
            currency=currency,
            claimed_minor=claimed_minor,
            granted_minor=granted_minor,
            reply_by=reply_by,
        )
        appeal_by = None
        if status in DECIDED and decided_at is not None and granted_minor < claimed_minor:
            appeal_by = deadlines.appeal_by(claim, decided_at)
        if status is Status.UNDER_INVESTIGATION:
            claim.answer_due_at = deadlines.answer_due(claim, now)
        _transition(
            claim, Verb.IMPORT, status, OUTSIDE, now, reply_by=reply_by, appeal_by=appeal_by, decided_at=decided_at
        )
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
            granted_minor=granted_minor,
            holds=status is not Status.WITHDRAWN,
            sku_given=bool(sku),
            asin=asin,
            sku=sku,
            title=title[:500],
        )
        match_payments.settle_claim(claim, now)
        return claim, True


_POSTED = """
SELECT l.order_id, l.id, l.sku, l.currency, r.refunded_at, o.marketplace, l.gross_minor, coalesce(t.amount_minor, 0),
       l.quantity - coalesce(f.quantity, 0), l.amount_minor - coalesce(f.minor, 0)
  FROM claims_refundline l
  JOIN claims_refund r ON r.id = l.refund_id
  JOIN claims_order o ON o.id = l.order_id
  LEFT JOIN claims_refundcomponent t ON t.line_id = l.id AND t.kind = 'TAX'
  LEFT JOIN LATERAL (
      SELECT sum(n.quantity) AS quantity, sum(n.claimed_minor) AS minor
        FROM claims_claimline n JOIN claims_claim c ON c.id = n.claim_id
       WHERE n.refund_line_id = l.id AND n.holds AND c.origin = 'FILED') f ON true
 WHERE l.order_id = ANY(%s)
"""


def attach_imported(order_ids: Collection[int]) -> int:
    """Tie the imported claims of these orders, whose locks are held, to their refund lines; return how many changed.

    Worked out from all rows of each order (`match_imported_claims`), so that it doesn't matter which came first.
    """
    rows = ClaimLine.objects.filter(claim__order_id__in=list(order_ids), claim__origin=Claim.Origin.IMPORTED)
    by_order: dict[int, list[ClaimLine]] = defaultdict(list)
    for row in rows.select_related("claim__order").order_by("pk"):
        by_order[row.claim.order_id].append(row)
    if not by_order:
        return 0
    posted: dict[int, list[match_imported_claims.RefundedLine]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, [list(by_order)])
        for order, pk, sku, currency, at, place, *amounts in cursor.fetchall():
            posted[order].append(match_imported_claims.RefundedLine(pk, sku, currency, at, _day(at, place), *amounts))
    wanted: dict[int, match_imported_claims.RefundMatch] = {}
    for order, own in by_order.items():
        wanted |= match_imported_claims.refund_matches(posted[order], [_imported_line(row) for row in own])
    changed = [row for own in by_order.values() for row in own if _tie_of(row) != wanted.get(row.pk)]
    # All that leave go first, so that what they held is free for those who come.
    let_go(changed)
    lines = RefundLine.objects.in_bulk({wanted[row.pk].line for row in changed if row.pk in wanted})
    for row in changed:
        if tie := wanted.get(row.pk):
            line = lines[tie.line]
            row.refund_line, row.held_quantity, row.held_minor = line, tie.quantity, tie.minor
            row.sku, row.asin, row.title = line.sku, row.asin or line.asin, row.title or line.title
            row.save(update_fields=["refund_line", "held_quantity", "held_minor", "sku", "asin", "title"])
            Claim.objects.filter(pk=row.claim_id).update(refund_id=line.refund_id)
    return len(changed)


def let_go(rows: Iterable[ClaimLine]) -> None:
    """Untie lines of imported claims from their refund lines; what files said of them stays."""
    for row in rows:
        if row.refund_line_id is None:
            continue
        row.refund_line = row.held_quantity = row.held_minor = None
        if not row.sku_given:
            row.sku = row.asin = row.title = ""
        row.save(update_fields=["refund_line", "held_quantity", "held_minor", "sku", "asin", "title"])
        Claim.objects.filter(pk=row.claim_id).update(refund=None)


def _imported_line(row: ClaimLine) -> match_imported_claims.ImportedLine:
    claim = row.claim
    return match_imported_claims.ImportedLine(
        id=row.pk,
        claim_id=claim.claim_id,
        sku=row.sku if row.sku_given else "",
        currency=claim.currency,
        filed_on=_day(claim.filed_at, claim.order.marketplace),
        quantity=row.quantity,
        claimed=row.claimed_minor,
        holds=row.holds,
    )


def _tie_of(row: ClaimLine) -> match_imported_claims.RefundMatch | None:
    if row.refund_line_id is None:
        return None
    quantity = row.quantity if row.held_quantity is None else row.held_quantity
    return match_imported_claims.RefundMatch(
        row.refund_line_id, quantity, row.claimed_minor if row.held_minor is None else row.held_minor
    )


def _day(at: datetime, marketplace: str) -> date:
    return at.astimezone(marketplaces.by_code()[marketplace].tz).date()
