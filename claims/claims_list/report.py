"""The SAFE-T report: one row a claim line, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.access import Membership
from claims.claims_list.list import TABS, ClaimFilter, claims_of
from claims.models import ClaimLine, Decision, DecisionLineReason
from claims.text import badge, decision_reason_name, reason_label
from claims.text import csv as csv_out
from claims.text.csv import iso, plain

COLUMNS = (
    "claim id", "order id", "ASIN", "SKU", "item", "quantity", "reason", "status", "stage", "refunded on", "filed on",
    "reply by", "decided on", "appeal by", "claimed", "granted", "paid", "currency", "decision reasons", "last update",
)  # fmt: skip
_CHUNK = 500


def report(membership: Membership, wanted: ClaimFilter, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """Yield the report as CSV text, the header first, in pieces of constant size. Moments are ISO 8601 with offset."""
    yield "\ufeff" + csv_out.line(COLUMNS)
    claims = claims_of(membership, wanted, zone, now)
    if wanted.tab != "all":
        claims = claims.filter(status__in=TABS[wanted.tab])
    lines = ClaimLine.objects.filter(seller_id=membership.seller_id, claim__in=claims)
    lines = lines.select_related("claim__order", "refund_line__refund").order_by("-claim__updated_at", "claim_id", "id")
    batch: list[ClaimLine] = []
    for line in lines.iterator(chunk_size=_CHUNK):
        batch.append(line)
        if len(batch) == _CHUNK:
            yield from _rows(batch, zone)
            batch = []
    yield from _rows(batch, zone)


def _rows(lines: list[ClaimLine], zone: ZoneInfo) -> Iterator[str]:
    reasons = _reasons(lines)
    for line in lines:
        claim = line.claim
        refund = line.refund_line.refund if line.refund_line else None
        share = claim.paid_minor * line.granted_minor // claim.granted_minor if claim.granted_minor else 0
        yield csv_out.line(
            (
                claim.claim_id,
                claim.order.order_id,
                line.asin,
                line.sku,
                line.title,
                line.quantity,
                reason_label(line.reason),
                badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed).words,
                claim.stage,
                iso(refund.refunded_at if refund else None, zone),
                iso(claim.filed_at, zone),
                iso(claim.reply_by, zone),
                iso(claim.decided_at, zone),
                iso(claim.appeal_by, zone),
                plain(line.claimed_minor, claim.currency),
                plain(line.granted_minor, claim.currency),
                plain(share, claim.currency),
                claim.currency,
                "; ".join(reasons.get(line.pk, ())),
                iso(claim.updated_at, zone),
            )
        )


def _reasons(lines: list[ClaimLine]) -> dict[int, list[str]]:
    """Return the names of the reasons of each line's last decision. Two queries."""
    claims = {line.claim_id for line in lines}
    newest = Decision.objects.filter(claim_id__in=claims).order_by("claim_id", "-number").distinct("claim_id")
    rows = DecisionLineReason.objects.filter(line__decision__in=list(newest.values_list("pk", flat=True)))
    names: dict[int, list[str]] = {}
    for line_pk, code in rows.order_by("pk").values_list("line__claim_line_id", "code"):
        names.setdefault(line_pk, []).append(decision_reason_name(code))
    return names
