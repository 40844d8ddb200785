"""A person's unfinished claims: the last saved first, a page at a time, each with its turn card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Subquery
from django.urls import reverse

from accounts.access import Membership
from claims import keyset
from claims.claim_page.turn_card import TurnCard
from claims.filing.batch_page import RuleToAccept, rule_of
from claims.filing.draft_card import draft_card, is_complete
from claims.filing.draft_check import Review, reviews
from claims.models import Draft
from claims.refunds.list import ctx_of
from claims.text import formats

PAGE = 20
CURSORS = keyset.Cursors(keyset.UUID)
ORDER = keyset.SortOrder("updated_at", ascending=False)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One unfinished filing, ready to be written."""

    uuid: str
    order_id: str
    item: str
    amount: str
    saved: str
    href: str
    card: TurnCard
    is_complete: bool
    rule: RuleToAccept | None


@dataclass(frozen=True, slots=True)
class DraftPage:
    rows: list[DraftRow]
    older: str
    newer: str


def drafts_of(membership: Membership) -> QuerySet[Draft]:
    """Return the person's own drafts of claims in this seller."""
    return Draft.objects.filter(
        user_id=membership.user_id, seller_id=membership.seller_id, purpose=Draft.Purpose.FILE
    ).select_related("refund__order")


def page_of(membership: Membership, cursor: str, zone: ZoneInfo, now: datetime) -> DraftPage:
    """Return one page of the drafts with the cursors to its neighbours ("" at the ends). At most seven queries."""
    own = Draft.objects.filter(user_id=membership.user_id)
    start = CURSORS.read(cursor, lambda uuid: Subquery(own.filter(uuid=uuid).values("pk")))
    page = keyset.page(
        drafts_of(membership),
        ORDER,
        PAGE,
        start,
        lambda way, draft: CURSORS.write(way, draft.updated_at, str(draft.uuid)),
    )
    return DraftPage(rows_of(page.rows, membership, zone, now), older=page.older, newer=page.newer)


def rows_of(drafts: list[Draft], membership: Membership, zone: ZoneInfo, now: datetime) -> list[DraftRow]:
    """Return drafts, which come with refund and order, ready to be written. Five queries whatever their number."""
    ctx = ctx_of(membership, zone, now)
    reviewed = reviews(drafts, now) if drafts else []
    return [
        DraftRow(
            uuid=str(draft.uuid),
            order_id=draft.refund.order.order_id if draft.refund else "",
            item=_items(review),
            amount=_amount(review),
            saved=formats.ago(draft.updated_at, now, zone),
            href=reverse("claims:new_step", args=[draft.uuid, "what"]),
            card=draft_card(draft, review, ctx=ctx),
            is_complete=is_complete(review),
            rule=rule_of(review.rule) if review.rule and is_complete(review) else None,
        )
        for draft, review in zip(drafts, reviewed, strict=True)
    ]


def _items(review: Review) -> str:
    lines = review.chosen or review.lines
    return ", ".join(one.line.title or one.line.sku for one in lines[:3])


def _amount(review: Review) -> str:
    return formats.money(review.total_minor, review.lines[0].line.currency) if review.total_minor > 0 else ""
