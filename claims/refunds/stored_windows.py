"""The windows stored with refund lines, brought up to date: after a policy change, an outage, or when one has ended.

Lists and counts use them; filing and a refund's own page ask the rules instead. While lines are being recomputed, a
list sorts those that wait for it by their earlier windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from django.db import connection
from django.db.models import F, Q, QuerySet

from accounts import transactions
from claims.models import RefundLine
from claims.refunds import stored_eligibility

BATCH = 2000


def out_of_date(now: datetime) -> QuerySet[RefundLine]:
    """Return the lines whose windows were computed under earlier policy, or have a window that ended since then while
    another is to come.
    """
    version = stored_eligibility.rules().version
    return RefundLine.objects.filter(~Q(windows_version=version) | _ended(now))


def _ended(now: datetime) -> Q:
    """Return the condition that one window has ended and another is to come."""
    return Q(first_closes_at__lt=now) & Q(first_closes_at__lt=F("closes_at"))


def recompute_all(now: datetime, batch: int = BATCH) -> Iterator[int]:
    """Bring every line that is out of date up to date, and yield after each batch how many it held.

    Each batch is a transaction of its own: a run that is killed goes on where it stopped, and two at once do no harm.
    """
    version = stored_eligibility.rules().version
    for part in (
        Q(windows_version__lt=version),
        Q(windows_version__gt=version),  # written under later rules, before the database was restored
        _ended(now),
    ):
        last = 0
        while pks := list(
            RefundLine.objects.filter(part, pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]
        ):
            transactions.retried(partial(_recompute, pks, now))
            last = pks[-1]
            yield len(pks)


def _recompute(pks: Sequence[int], now: datetime) -> None:
    _lock_orders(pks)
    stored_eligibility.recompute_windows(pks, now)


def _lock_orders(pks: Sequence[int]) -> None:
    """Lock the lines' orders, as filing and importing do, so that dates can't change between reading and writing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id FROM claims_order o
             WHERE o.id IN (SELECT order_id FROM claims_refundline WHERE id = ANY(%s))
             ORDER BY o.id FOR NO KEY UPDATE
            """,
            [list(pks)],
        )
