"""Claims that files name: imported as they are, once, and tied to what was refunded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db import connection

from accounts.tables.source import UnusableFile
from claims.imports.import_claims import attach_imported, import_claim
from claims.models import Claim, ClockRule, Order
from claims.rules.lifecycle import Status
from claims.workflow import deadlines

_STAGED = """
SELECT row, order_pk, sku, asin, title, claim_id, claim_status, claim_reason, filed_at, reply_by, decided_at, claimed,
       approved, claim_currency, coalesce(claim_quantity, 1)
  FROM batch WHERE cause IS NULL AND claim_status IS NOT NULL ORDER BY row
"""


def any_staged() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM intake_row WHERE claim_status IS NOT NULL)")
        return bool(cursor.fetchone()[0])


def require_clocks() -> None:
    """Raise UnusableFile while no clock rules are loaded: a claim imported now would have no deadlines."""
    if not ClockRule.objects.exists():
        raise UnusableFile("names claims, and no policy is loaded yet. Run load_policy first. Nothing was imported")


def import_batch(source: str, now: datetime) -> Counter[Status]:
    """Import the claims that the rows of `batch` name and that aren't here yet; return how many of each status."""
    imported: Counter[Status] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_STAGED)
        rows = cursor.fetchall()
        if not rows:
            return imported
        present = set(Claim.objects.filter(claim_id__in=[row[5] for row in rows]).values_list("claim_id", flat=True))
        orders = Order.objects.in_bulk({row[1] for row in rows if row[5] not in present})
        new = []
        for row, order_pk, sku, asin, title, claim_id, word, reason, filed, reply_by, decided, *amounts in rows:
            if claim_id in present:
                continue
            present.add(claim_id)
            order, status = orders[order_pk], Status(word)
            claimed, approved, currency, quantity = amounts
            import_claim(
                order=order,
                claim_id=claim_id,
                status=status,
                filed_at=filed,
                currency=currency,
                claimed_minor=claimed,
                granted_minor=(approved or 0) if status is Status.GRANTED else 0,
                source=source,
                now=now,
                decided_at=decided,
                reply_by=_reply_by(order, status, reply_by, now),
                reason=reason or "",
                quantity=quantity,
                sku=sku or "",
                asin=asin or "",
                title=title or "",
            )
            imported[status] += 1
            new.append((row, order_pk))
        cursor.execute("UPDATE batch SET outcome = 2 WHERE row = ANY(%s)", [[row for row, _ in new]])
        attach({order for _, order in new})
    return imported


def attach(order_ids: Collection[int]) -> None:
    """Tie claims imported earlier to the refund lines that came since."""
    if order_ids:
        attach_imported(order_ids)


def _reply_by(order: Order, status: Status, given: datetime | None, now: datetime) -> datetime | None:
    """Return until when the seller can reply: as given, else the full time of the policy from now on."""
    if status is not Status.AWAITING_SELLER:
        return None
    if given is not None:
        return given
    return deadlines.reply_by_of(order, now)
