"""Eligibility of stored refunds: rows in, the one answer of `claims.eligibility` out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from claims import policy
from claims.eligibility import Assessment, HeldBy, RefundFacts, assess
from claims.lifecycle import Reason, Status
from claims.models import ClaimLine, PolicyRule, RefundLine


def rules() -> list[policy.Rule]:
    """Return every version of every filing rule. One query."""
    return [row.as_rule() for row in PolicyRule.objects.all()]


def facts_of_line(line: RefundLine, held_by: HeldBy | None) -> RefundFacts:
    """Return what is known of a refund line; its refund, order and seller are loaded with it."""
    order, refund = line.order, line.refund
    return RefundFacts(
        marketplace=policy.marketplaces()[order.marketplace],
        dates=policy.Dates(refund.refunded_at, line.return_delivered_on, line.last_scan_on, line.return_requested_on),
        quantity=line.quantity,
        held_quantity=line.held_quantity,
        amount_minor=line.amount_minor,
        held_minor=line.held_minor,
        currency=line.currency,
        order_id=order.order_id,
        reversed_minor=line.reversed_minor,
        program=order.program,
        issuer=refund.issuer,
        fulfilment=order.fulfilment,
        a_to_z=order.a_to_z,
        chargeback=order.chargeback,
        return_refused=line.return_refused,
        seller_active=line.seller.is_active,
        seller_inactive_why=line.seller.inactive_why,
        held_by=held_by,
    )


def holders(lines: Iterable[RefundLine]) -> dict[int, HeldBy]:
    """Return, by refund line id, the newest claim that holds each line. One query."""
    rows = (
        ClaimLine.objects.filter(refund_line_id__in=[line.pk for line in lines], holds=True)
        .order_by("claim_id")
        .values_list("refund_line_id", "claim__claim_id", "claim__decided_at", "claim__status")
    )
    return {
        line_id: HeldBy(claim_id, decided_at if status in (Status.GRANTED, Status.DENIED) else None)
        for line_id, claim_id, decided_at, status in rows
        if line_id is not None
    }


def assess_lines(lines: Sequence[RefundLine], reason: Reason | None, now: datetime) -> list[Assessment]:
    """Return the answer for each line, in order. Two queries whatever their number (lines come with their parents)."""
    known, held = rules(), holders(lines)
    return [assess(facts_of_line(line, held.get(line.pk)), known, reason, now) for line in lines]


def recompute_windows(line_ids: Iterable[int], batch: int = 2000) -> int:
    """Store anew when each line opens, first closes and last closes over all reasons; return how many were written.

    Lines under no rule, or whose date is missing, get empty instants. Safe to repeat.
    """
    known = rules()
    version = max((rule.id or 0 for rule in known), default=0)
    written = 0
    pks = list(line_ids)
    for start in range(0, len(pks), batch):
        lines = RefundLine.objects.filter(pk__in=pks[start : start + batch]).select_related("refund", "order")
        rows: dict[str, list] = defaultdict(list)
        for line in lines:
            spans = _spans(line, known)
            rows["id"].append(line.pk)
            rows["opens"].append(min((opens for opens, _ in spans), default=None))
            rows["first"].append(min((closes for _, closes in spans), default=None))
            rows["last"].append(max((closes for _, closes in spans), default=None))
        if not rows:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE claims_refundline l
                   SET opens_at = n.opens, first_closes_at = n.first, closes_at = n.last, windows_version = %s
                  FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
                       AS n (id, opens, first, last)
                 WHERE l.id = n.id AND (l.opens_at, l.first_closes_at, l.closes_at, l.windows_version)
                       IS DISTINCT FROM (n.opens, n.first, n.last, %s)
                """,
                [version, rows["id"], rows["opens"], rows["first"], rows["last"], version],
            )
            written += cursor.rowcount
    return written


def _spans(line: RefundLine, known: list[policy.Rule]) -> list[tuple[datetime, datetime]]:
    marketplace = policy.marketplaces()[line.order.marketplace]
    dates = policy.Dates(line.refund.refunded_at, line.return_delivered_on, line.last_scan_on, line.return_requested_on)
    spans = []
    for rule in {policy.pick(known, marketplace, line.order.program, reason, dates.refunded_at) for reason in Reason}:
        found = policy.window(rule, dates, marketplace.tz) if rule else None
        if found and found.opens_at and found.closes_at:
            spans.append((found.opens_at, found.closes_at))
    return spans
