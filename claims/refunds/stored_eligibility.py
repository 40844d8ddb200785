"""Eligibility of stored refunds: rows in, the one answer of `claims.rules.eligibility` out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from accounts import marketplaces
from claims.models import ClaimLine, Outage, PolicyRule, RefundLine
from claims.rules import policy
from claims.rules.eligibility import Assessment, HeldBy, Issuer, RefundFacts, assess, causes_against, outlook
from claims.rules.lifecycle import Reason, Status, SubReason
from claims.rules.policy import Rulebook

_book: tuple[tuple[Any, ...], Rulebook] | None = None
_STAND = """
SELECT current_database(), r.n, r.id, r.at, o.n, o.id, o.at
  FROM (SELECT count(*) AS n, max(id) AS id, max(loaded_at) AS at FROM claims_policyrule) r,
       (SELECT count(*) AS n, max(id) AS id, max(at) AS at FROM claims_outage) o
"""


def rules() -> Rulebook:
    """Return every version of every filing rule, and the outages. One query, three when they changed since.

    Both tables only ever grow, so what was read once is kept for as long as nothing was added.
    """
    global _book
    with connection.cursor() as cursor:
        cursor.execute(_STAND)
        stand = tuple(cursor.fetchone())
    if _book is None or _book[0] != stand:
        found = [row.as_rule() for row in PolicyRule.objects.all()]
        outages = [row.as_outage() for row in Outage.objects.all()]
        _book = stand, Rulebook(found, outages, version=len(found) + len(outages))
    return _book[1]


def facts_of(lines: Sequence[RefundLine]) -> list[RefundFacts]:
    """Return what is known of refund lines, which come with their refund, order and seller. One query."""
    orders = {line.order_id for line in lines}
    held_by: dict[int, HeldBy] = {}
    claimed: dict[int, dict[str, int]] = {}
    held = (
        ClaimLine.objects.filter(claim__order_id__in=orders, holds=True)
        .order_by("claim_id", "pk")
        .values_list(
            "refund_line_id",
            "claim__order_id",
            "reason",
            "claimed_minor",
            "claim__claim_id",
            "claim__decided_at",
            "claim__status",
        )
    )
    for line_id, order_id, reason, minor, claim_id, decided_at, status in held:
        of_order = claimed.setdefault(order_id, {})
        of_order[reason] = of_order.get(reason, 0) + minor
        if line_id is not None:
            held_by[line_id] = HeldBy(claim_id, decided_at if status in (Status.GRANTED, Status.DENIED) else None)
    return [_facts(line, held_by.get(line.pk), claimed.get(line.order_id, {})) for line in lines]


def _facts(line: RefundLine, held_by: HeldBy | None, claimed: dict[str, int]) -> RefundFacts:
    order, refund = line.order, line.refund
    return RefundFacts(
        marketplace=marketplaces.by_code()[order.marketplace],
        dates=policy.Dates(refund.refunded_at, line.return_delivered_on, line.last_scan_on, line.return_requested_on),
        quantity=line.quantity,
        held_quantity=line.held_quantity,
        amount_minor=line.amount_minor,
        held_minor=line.held_minor,
        currency=line.currency,
        order_id=order.order_id,
        reversed_minor=line.reversed_minor,
        program=order.program,
        issuer=_issuer(refund.issuer, at_first_scan=refund.at_first_scan),
        fulfilment=order.fulfilment,
        a_to_z=order.a_to_z,
        chargeback=order.chargeback,
        return_refused=line.return_refused,
        seller_active=line.seller.is_active,
        seller_inactive_why=line.seller.inactive_why,
        held_by=held_by,
        reimbursed_minor=line.reimbursed_minor,
        reimbursed_at=line.reimbursed_at,
        order_minor=order.amount_minor if order.currency in (None, line.currency) else None,
        order_claimed=claimed,
    )


def _issuer(issuer: str | None, *, at_first_scan: bool) -> str | None:
    """Return who issued a refund: one at the first scan of its return is the marketplace's, whatever else is said."""
    return Issuer.MARKETPLACE if at_first_scan else issuer


def assess_lines(
    lines: Sequence[RefundLine], reason: Reason | None, now: datetime, sub_reason: SubReason | None = None
) -> list[Assessment]:
    """Return the answer for each line, in order. Two queries whatever their number (lines come with their parents)."""
    book = rules()
    return [assess(facts, book, reason, now, sub_reason=sub_reason) for facts in facts_of(lines)]


def recompute_windows(line_ids: Iterable[int], now: datetime, batch: int = 2000) -> int:
    """Store anew when each line opens, first closes and last closes over the reasons still possible at `now`.

    Return how many were written. Lines under no rule, or whose date is missing, get empty instants. Safe to repeat.
    """
    book = rules()
    written = 0
    pks = list(line_ids)
    for start in range(0, len(pks), batch):
        written += _recompute(pks[start : start + batch], book, now)
    return written


def _recompute(pks: Sequence[int], book: Rulebook, now: datetime) -> int:
    rows: list[tuple[object, ...]] = []
    for pk, facts in _unclaimed(pks):
        found, never = outlook(
            facts.marketplace, facts.program, facts.dates, book, now, automatic=facts.issuer == Issuer.AUTOMATIC
        )
        against = next((said.code for said in causes_against(facts, book)), never)
        rows.append((pk, found.opens_at, found.first_closes_at, found.closes_at, str(against or "")))
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE claims_refundline l
               SET opens_at = n.opens, first_closes_at = n.first, closes_at = n.last, against = n.against,
                   windows_version = %s
              FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[])
                   AS n (id, opens, first, last, against)
             WHERE l.id = n.id
               AND (l.opens_at, l.first_closes_at, l.closes_at, l.against, l.windows_version)
                   IS DISTINCT FROM (n.opens, n.first, n.last, n.against, %s)
            """,
            [book.version, *columns, book.version],
        )
        return cursor.rowcount


_KNOWN = (
    "pk", "order__order_id", "order__marketplace", "order__program", "order__fulfilment", "order__a_to_z",
    "order__chargeback", "refund__issuer", "refund__at_first_scan", "refund__refunded_at", "return_delivered_on",
    "last_scan_on",
    "return_requested_on", "return_refused", "amount_minor", "currency", "reimbursed_minor",
    "reimbursed_at",
)  # fmt: skip


def _unclaimed(pks: Sequence[int]) -> Iterator[tuple[int, RefundFacts]]:
    """Yield what is known of these lines, but for what is claimed of them, by id. One query; no rows are made of it."""
    places = marketplaces.by_code()
    for (
        pk, order_id, place, program, fulfilment, a_to_z, chargeback, issuer, scanned_first, refunded_at, delivered,
        scanned,
        requested, refused, amount, currency, reimbursed, reimbursed_at,
    ) in RefundLine.objects.filter(pk__in=pks).values_list(*_KNOWN).iterator():  # fmt: skip
        yield (
            pk,
            RefundFacts(
                marketplace=places[place],
                dates=policy.Dates(refunded_at, delivered, scanned, requested),
                quantity=1,
                held_quantity=0,
                amount_minor=amount,
                held_minor=0,
                currency=currency,
                order_id=order_id,
                program=program,
                issuer=_issuer(issuer, at_first_scan=scanned_first),
                fulfilment=fulfilment,
                a_to_z=a_to_z,
                chargeback=chargeback,
                return_refused=refused,
                reimbursed_minor=reimbursed,
                reimbursed_at=reimbursed_at,
            ),
        )
