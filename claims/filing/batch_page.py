"""A batch as its page shows it: how far it is, what came of each row, and what can be submitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse

from accounts.access import Membership
from accounts.values import has_nul
from claims.filing.batch_remarks import sentences
from claims.models import Batch, BatchRow, Draft, PolicyRule, RefundLine
from claims.refunds import keys as refund_keys
from claims.text import Ctx, batch_result, formats
from claims.text import csv as csv_out

PAGE = 50
MOST_CHOSEN = 200
_TONES = {
    "": "quiet",
    "MADE": "granted",
    "CHANGED": "granted",
    "SAME": "quiet",
    "REFUSED": "denied",
    "FILED": "granted",
    "FILED_BEFORE": "quiet",
    "LEFT": "you",
}


@dataclass(frozen=True, slots=True)
class BatchRowLine:
    """One row, ready to be written."""

    number: int
    order_id: str
    sku: str
    result: str
    tone: str
    words: list[str]
    href: str
    claim_id: str


@dataclass(frozen=True, slots=True)
class RuleToAccept:
    """A policy rule to be accepted. `value` names it in a form."""

    value: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Counted:
    result: str
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is. `complete` is how many of its drafts can be submitted as they are, under `rules`."""

    done: int
    counts: list[Counted]
    complete: int
    rules: list[RuleToAccept]


def progress_of(batch: Batch) -> BatchProgress:
    """Return how far the batch is. Three queries."""
    rows = BatchRow.objects.filter(batch=batch)
    counted = dict(rows.values_list("result").annotate(n=Count("pk")).order_by())
    ready = _ready(batch)
    rules = PolicyRule.objects.filter(pk__in=ready.values("policy_rule_id").distinct()).order_by("name", "pk")
    return BatchProgress(
        done=batch.total - counted.get("", 0),
        counts=[Counted(code, batch_result(code), counted[code]) for code in BatchRow.Result.values if code in counted],
        complete=ready.values("draft_uuid").distinct().count(),
        rules=[rule_of(rule) for rule in rules],
    )


def rule_of(rule: PolicyRule) -> RuleToAccept:
    return RuleToAccept(
        f"{rule.key}/{rule.version}", str(rule), reverse("claims:policy", args=[rule.key, rule.version])
    )


def _ready(batch: Batch) -> QuerySet[BatchRow]:
    """Return the rows whose draft was complete when it was made and is still a draft."""
    mine = Draft.objects.filter(user_id=batch.user_id, seller_id=batch.seller_id).values("uuid")
    return BatchRow.objects.filter(batch=batch, is_complete=True, draft_uuid__in=mine)


def complete_drafts(batch: Batch) -> list[UUID]:
    """Return the ids of the drafts of the batch that were complete, in the order of its rows."""
    found = _ready(batch).order_by("number").values_list("draft_uuid", flat=True)
    return list(dict.fromkeys(uuid for uuid in found if uuid))


def rows_of(batch: Batch, result: str | None, after: int, ctx: Ctx) -> tuple[list[BatchRowLine], int | None]:
    """Return a page of rows with this result (None: all) past line `after`, and where the next page begins."""
    rows = BatchRow.objects.filter(batch=batch, number__gt=after).select_related("claim").order_by("number")
    if result is not None:
        rows = rows.filter(result=result)
    found = list(rows[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    drafts = set(Draft.objects.filter(uuid__in=[row.draft_uuid for row in found]).values_list("uuid", flat=True))
    return [_row(row, row.draft_uuid in drafts, ctx) for row in found], found[-1].number if more else None


def _row(row: BatchRow, has_draft: bool, ctx: Ctx) -> BatchRowLine:
    return BatchRowLine(
        number=row.number,
        order_id=row.order_id,
        sku=row.sku,
        result=batch_result(row.result),
        tone=_TONES[row.result],
        words=sentences(row, ctx),
        href=reverse("claims:new_step", args=[row.draft_uuid, "what"]) if has_draft and row.draft_uuid else "",
        claim_id=row.claim.claim_id if row.claim else "",
    )


def report(batch: Batch, ctx: Ctx) -> Iterator[str]:
    """Yield what came of each row as CSV text."""
    yield "\ufeff" + csv_out.line(("line", "order id", "SKU", "result", "why", "claim id"))
    rows = BatchRow.objects.filter(batch=batch).select_related("claim").order_by("number")
    for row in rows.iterator(chunk_size=1000):
        claim_id = row.claim.claim_id if row.claim else ""
        said = formats.paragraph(*sentences(row, ctx))
        yield csv_out.line((row.number, row.order_id, row.sku, batch_result(row.result), said, claim_id))


def batches_of(membership: Membership, zone: str, now: datetime) -> list[dict[str, str]]:
    """Return the person's last ten batches in this seller. One query."""
    mine = Batch.objects.filter(user_id=membership.user_id, seller_id=membership.seller_id).order_by("-created_at")
    return [
        {
            "href": reverse("claims:batch", args=[batch.uuid]),
            "name": batch.name or (batch.get_kind_display()),
            "when": formats.ago(batch.created_at, now, zone),
            "total": str(batch.total),
        }
        for batch in mine[:10]
    ]


def chosen_lines(membership: Membership, keys: list[str]) -> list[dict[str, object]]:
    """Return the rows of a batch for the refund lines that a form named, without keys that name none. One query."""
    wanted = dict.fromkeys(keys[:MOST_CHOSEN])
    orders = {key.partition("/")[0] for key in wanted if not has_nul(key)}
    lines = RefundLine.objects.filter(seller_id=membership.seller_id, order__order_id__in=orders)
    found = {refund_keys.key_of(line): line for line in lines.select_related("order", "refund")}
    chosen = [found[key] for key in wanted if key in found]
    return [
        {
            "number": number,
            "order_id": line.order.order_id,
            "sku": line.sku,
            "given": {"refunded_at": line.refund.refunded_at.isoformat()},
        }
        for number, line in enumerate(chosen, 1)
    ]
