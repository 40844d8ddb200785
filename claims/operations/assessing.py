"""Eligibility of stored refunds: rows in, the one answer of `claims.eligibility` out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

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
    picked: dict[tuple[str, str | None, date], set[policy.Rule]] = {}
    for start in range(0, len(pks), batch):
        lines = RefundLine.objects.filter(pk__in=pks[start : start + batch]).values_list("pk", *_DATED)
        rows: list[tuple[object, ...]] = []
        for pk, place, program, *dated in lines:
            marketplace, dates = policy.marketplaces()[place], policy.Dates(*dated)
            key = (place, program, dates.refunded_at.astimezone(marketplace.tz).date())
            if key not in picked:
                picked[key] = _rules_of(known, marketplace, program, dates.refunded_at)
            spans = _spans(picked[key], dates, marketplace.tz)
            opens, closes = [span[0] for span in spans], [span[1] for span in spans]
            rows.append((pk, min(opens, default=None), min(closes, default=None), max(closes, default=None)))
        if not rows:
            continue
        columns = [list(column) for column in zip(*rows, strict=True)]
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
                [version, *columns, version],
            )
            written += cursor.rowcount
    return written


# In the order of policy.Dates, after where and in which program the order was sold.
_DATED = (
    "order__marketplace",
    "order__program",
    "refund__refunded_at",
    "return_delivered_on",
    "last_scan_on",
    "return_requested_on",
)


def _rules_of(
    known: list[policy.Rule], marketplace: policy.Marketplace, program: str | None, refunded_at: datetime
) -> set[policy.Rule]:
    """Return the rules that govern a refund, whatever the reason: they depend on its day, place and program only."""
    found = {policy.pick(known, marketplace, program, reason, refunded_at) for reason in Reason}
    return {rule for rule in found if rule is not None}


def _spans(rules: Iterable[policy.Rule], dates: policy.Dates, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    windows = [policy.window(rule, dates, zone) for rule in rules]
    return [(found.opens_at, found.closes_at) for found in windows if found.opens_at and found.closes_at]
