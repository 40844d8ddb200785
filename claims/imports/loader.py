"""Files in: read and checked whole, then applied in batches, each a transaction, each repeatable.

An unusable file applies nothing. A file imported twice changes nothing the second time, and files may come in any
order: who owns a field is fixed (finance data what was refunded, returns reports what came back), an empty cell never
overwrites, links are recomputed from an order's rows. A posting is expected whole in one file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db import connection, transaction

from accounts import transactions
from accounts.marketplaces import Marketplace
from accounts.models import Seller
from claims.imports import claim_rows, held_amounts, import_payments, sql, staging_table
from claims.imports.outcome import BatchOutcome, ImportSummary
from claims.imports.records import Records
from claims.imports.stored_links import relink
from claims.refunds.stored_eligibility import recompute_windows

BATCH = 5_000
"""Rows a transaction takes, and the rest of the last one's order."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProgressSinks:
    """What to call with the number of rows: while they are read into the staging table, then while they are applied."""

    staged: Callable[[int], object] = lambda rows: None
    applied: Callable[[int], object] = lambda rows: None


RejectSink = Callable[[str, str], object]
"""Is given place and cause of each row that stays out, in the order of the file."""


def load(
    records: Records,
    *,
    source: str,
    seller: Seller | None,
    marketplace: Marketplace | None,
    now: datetime,
    reject: RejectSink,
    dry_run: bool = False,
    watch: ProgressSinks | None = None,
    batch: int = BATCH,
) -> ImportSummary:
    """Apply the records of one file and return what became of them. Raises UnusableFile, then nothing was applied.

    `seller` and `marketplace` hold for rows that name none. `source` is kept with imported claims. With `dry_run`
    everything is tried and rolled back.
    """
    watch = watch or ProgressSinks()
    owners = staging_table.Owners(seller, marketplace)
    with staging_table.table():
        summary = ImportSummary(read=staging_table.stage(records, owners))
        watch.staged(summary.read)
        if claim_rows.any_staged():
            claim_rows.require_clocks()
        job = _Job(owners, source, now, dry_run, batch, summary)
        job.run(watch)
        summary.left_out = _hand_out_rejects(reject)
    return summary


@dataclass(slots=True)
class _Job:
    owners: staging_table.Owners
    source: str
    now: datetime
    dry_run: bool
    size: int
    summary: ImportSummary

    def run(self, watch: ProgressSinks) -> None:
        for low, high in self._order_slices():
            watch.applied(self._count(self._in_transaction(partial(self._orders, low, high))))
        for rows in import_payments.slices(self.size):
            watch.applied(self._count(self._in_transaction(partial(import_payments.apply, rows, self.now))))
        if not self.dry_run:
            import_payments.settle_late(self.owners.sellers, self.now)
        self.summary.waiting_payments = import_payments.waiting(self.owners.sellers)

    def _order_slices(self) -> Iterator[tuple[str, str]]:
        """Yield (after, up to and with) order ids, each slice about as many rows as a batch takes."""
        low = ""
        with connection.cursor() as cursor:
            while True:
                cursor.execute(
                    "SELECT order_id FROM intake_row WHERE order_id > %s ORDER BY order_id, row OFFSET %s LIMIT 1",
                    [low, self.size - 1],
                )
                row = cursor.fetchone()
                high = row[0] if row else "~"
                yield low, high
                if not row:
                    return
                low = high

    def _in_transaction(self, work: Callable[[], T]) -> T:
        """Do a batch in its own transaction, undone in a dry run; meeting another run in a deadlock begins it anew."""

        def batch() -> T:
            result = work()
            if self.dry_run:
                transaction.set_rollback(True)
            return result

        return transactions.retried(batch)

    def _count(self, done: BatchOutcome) -> int:
        self.summary.new += done.new
        self.summary.changed += done.changed
        self.summary.unchanged += done.unchanged
        self.summary.imported += done.imported
        if done.rejects:
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO intake_reject VALUES (%s, %s, %s)", done.rejects)
        return done.new + done.changed + done.unchanged + len(done.rejects)

    def _orders(self, low: str, high: str) -> BatchOutcome:
        sellers = {pk: self.owners.default_marketplace(pk).code for pk in self.owners.sellers}
        params: dict[str, Any] = {
            "low": low,
            "high": high,
            "now": self.now,
            "sellers": list(sellers),
            "marketplaces": list(sellers.values()),
        }
        with connection.cursor() as cursor:
            cursor.execute(sql.DROP)
            cursor.execute(sql.NEW_ORDERS, params)
            new_orders = [pk for (pk,) in cursor]
            cursor.execute(sql.LOCK_ORDERS, params)
            cursor.execute(sql.BATCH, params)
            # The planner knows nothing of a new table, and would join row by row.
            cursor.execute("ANALYZE batch (order_pk, refunded_at, sku)")
            cursor.execute(sql.REJECT_OTHER_SELLER, {})
            cursor.execute(sql.REJECT_TWO_CURRENCIES, {})
            cursor.execute(sql.REJECT_FOREIGN_CLAIMS, {})
            cursor.execute(sql.POSTINGS)
            cursor.execute("ANALYZE posting (order_pk, refunded_at, sku)")
            held_amounts.reject_reductions()
            cursor.execute(sql.ORDERS)
            changed_orders = {pk for (pk,) in cursor} - set(new_orders)
            for statement in (sql.REFUNDS_CHANGED, sql.REFUNDS_NEW, sql.LINES_CHANGED, sql.LINES_NEW):
                cursor.execute(statement, params)
            for statement in (sql.COMPONENTS, sql.REVERSALS, sql.POSTING_OUTCOMES):
                cursor.execute(statement)
            self._returns(params)
            cursor.execute(sql.ORDER_OUTCOMES, {"orders": list(changed_orders)})
            cursor.execute(sql.NEW_ORDER_OUTCOMES, {"new": new_orders})
            cursor.execute(sql.TOUCHED_LINES)
            lines = {pk for (pk,) in cursor}
            cursor.execute(sql.TOUCHED_ORDERS)
            orders = {pk for (pk,) in cursor}
            lines |= relink(orders)
            if changed_orders:
                cursor.execute("SELECT id FROM claims_refundline WHERE order_id = ANY(%s)", [list(changed_orders)])
                lines |= {pk for (pk,) in cursor}
            recompute_windows(sorted(lines), self.now)
            imported = claim_rows.import_batch(self.source, self.now)
            claim_rows.attach(orders)
            cursor.execute("SELECT row, place, cause FROM batch WHERE cause IS NOT NULL")
            rejects = cursor.fetchall()
            if rejects and new_orders:
                cursor.execute(sql.EMPTY_ORDERS, {"new": new_orders})
            cursor.execute(sql.COUNTS)
            new, changed, unchanged = cursor.fetchone()
            cursor.execute(sql.DROP)
        return BatchOutcome(new, changed, unchanged, rejects, imported)

    def _returns(self, params: dict[str, Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.RETURNS_GET_THEIR_RMA)
            cursor.execute(sql.ROWS_WITHOUT_RMA)
            cursor.execute(sql.BACKS)
            cursor.execute("ANALYZE back (order_pk, identity, sku, nth)")
            cursor.execute(sql.BACK_DEPTH)
            (depth,) = cursor.fetchone()
            for nth in range(1, depth + 1):
                # The same return listed twice: later rows come over earlier ones.
                cursor.execute(sql.RETURNS_CHANGED, {"nth": nth})
                if nth == 1:
                    cursor.execute(sql.RETURNS_NEW, params)


def _hand_out_rejects(reject: RejectSink) -> int:
    """Tell of every row that stayed out, in the order of the file, and return how many there are."""
    count, last = 0, 0
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO intake_reject SELECT row, place, cause FROM intake_row WHERE cause IS NOT NULL")
        cursor.execute("CREATE INDEX ON intake_reject (row)")
        while True:
            cursor.execute("SELECT row, place, cause FROM intake_reject WHERE row > %s ORDER BY row LIMIT 1000", [last])
            rows = cursor.fetchall()
            if not rows:
                return count
            for last, place, cause in rows:  # noqa: B007 — where the next thousand begin
                reject(place, cause)
                count += 1
