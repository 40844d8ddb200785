"""What claims hold can't be taken from under them: rows that would are found before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from claims.imports import return_links
from claims.models import ClaimLine
from claims.text.formats import money

_HELD_ORDERS = """
SELECT DISTINCT l.order_id FROM claims_refundline l JOIN posting p ON p.order_pk = l.order_id
 WHERE l.held_quantity > 0 OR l.held_minor > 0
"""
_LINES = """
SELECT l.id, r.refunded_at, l.sku, l.currency, l.quantity, l.gross_minor, l.held_quantity, l.held_minor
  FROM claims_refundline l JOIN claims_refund r ON r.id = l.refund_id WHERE l.order_id = %s
"""
_REVERSALS = "SELECT posted_at, sku, currency, amount_minor FROM claims_refundreversal WHERE order_id = %s"
_POSTINGS = """
SELECT refunded_at, sku, currency, quantity, gross FROM posting WHERE order_pk = %s ORDER BY refunded_at, sku
"""
_REJECT = """
UPDATE batch SET cause = %s WHERE cause IS NULL AND order_pk = %s AND refunded_at = %s AND sku = %s
"""
_FORGET = "DELETE FROM posting WHERE order_pk = %s AND refunded_at = %s AND sku = %s"


@dataclass(frozen=True, slots=True)
class _Stored:
    line: return_links.LinkedLine
    quantity: int
    held_quantity: int
    held_minor: int


def reject_reductions() -> None:
    """Give a cause to the rows of `batch` that would leave a refund line with less than claims hold of it."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_ORDERS)
        for (order,) in cursor.fetchall():
            _check_order(order)


def _check_order(order: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [order])
        lines = {
            (at, sku): _Stored(
                return_links.LinkedLine(pk, sku, at, at.date(), currency, gross), quantity, held, held_minor
            )
            for pk, at, sku, currency, quantity, gross, held, held_minor in cursor
        }
        cursor.execute(_REVERSALS, [order])
        reversals = {(at, sku): return_links.Reversal(at, sku, currency, minor) for at, sku, currency, minor in cursor}
        cursor.execute(_POSTINGS, [order])
        for at, sku, currency, quantity, gross in cursor.fetchall():
            key = (at, sku)
            new_lines, new_reversals = dict(lines), dict(reversals)
            if gross < 0:
                new_reversals[key] = return_links.Reversal(at, sku, currency, -gross)
            elif key in lines:
                stored = lines[key]
                new_lines[key] = replace(stored, line=replace(stored.line, gross=gross), quantity=quantity)
            cause = _cause(new_lines, new_reversals)
            if cause is None:
                lines, reversals = new_lines, new_reversals
                continue
            cursor.execute(_REJECT, [cause, order, at, sku])
            cursor.execute(_FORGET, [order, at, sku])


def _cause(
    lines: dict[tuple[datetime, str], _Stored], reversals: dict[tuple[datetime, str], return_links.Reversal]
) -> str | None:
    taken = return_links.reversed_amounts([stored.line for stored in lines.values()], reversals.values())
    for stored in lines.values():
        line, left = stored.line, stored.line.gross - taken[stored.line.id]
        if left < stored.held_minor:
            held, rest = money(stored.held_minor, line.currency), money(left, line.currency)
            return f'claim {_claims_that_hold(line.id)} holds {held} of SKU "{line.sku}"; this would leave {rest}'
        if stored.quantity < stored.held_quantity:
            return (
                f'claim {_claims_that_hold(line.id)} holds {stored.held_quantity} of SKU "{line.sku}"; '
                f"this would leave {stored.quantity}"
            )
    return None


def _claims_that_hold(line_id: int) -> str:
    holding = ClaimLine.objects.filter(refund_line_id=line_id, holds=True).order_by("-claim_id")
    return holding.values_list("claim__claim_id", flat=True).first() or "of another run"
