"""A person's unfinished claims: the last saved first, a page at a time, each with its turn card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.access import Membership
from claims.claim_page.turn_card import TurnCard
from claims.filing.batch_page import RuleToAccept, rule_of
from claims.filing.draft_card import draft_card, is_complete
from claims.filing.draft_check import Review, reviews
from claims.models import Draft
from claims.refunds.keys import micros, moment
from claims.refunds.list import ctx_of
from claims.text import formats

PAGE = 20
_CURSOR = re.compile(r"^(older|newer)-(\d{1,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z", re.ASCII)


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
    start = _start(cursor)
    backwards = start is not None and start[0] == "newer"
    found = drafts_of(membership)
    if start:
        mark = Draft.objects.filter(uuid=start[2], user_id=membership.user_id).values("pk")[:1]
        more = "gt" if backwards else "lt"
        beyond = Q(**{f"updated_at__{more}": start[1]}) | Q(**{"updated_at": start[1], f"pk__{more}": mark})
        found = found.filter(Q(**{f"updated_at__{more}e": start[1]}) & beyond)
    ahead = "" if backwards else "-"
    drafts = list(found.order_by(f"{ahead}updated_at", f"{ahead}pk")[: PAGE + 1])
    more_there, drafts = len(drafts) > PAGE, drafts[:PAGE]
    if backwards:
        drafts.reverse()
    has_newer = more_there if backwards else start is not None and bool(drafts)
    has_older = more_there if not backwards else bool(drafts)
    return DraftPage(
        rows_of(drafts, membership, zone, now),
        older=_cursor("older", drafts[-1]) if has_older and drafts else "",
        newer=_cursor("newer", drafts[0]) if has_newer and drafts else "",
    )


def rows_of(drafts: list[Draft], membership: Membership, zone: ZoneInfo, now: datetime) -> list[DraftRow]:
    """Return drafts, which come with refund and order, ready to be written. Five queries whatever their number."""
    ctx = ctx_of(membership, zone, now)
    found = reviews(drafts, now) if drafts else []
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
        for draft, review in zip(drafts, found, strict=True)
    ]


def _items(review: Review) -> str:
    lines = review.chosen or review.lines
    return ", ".join(one.line.title or one.line.sku for one in lines[:3])


def _amount(review: Review) -> str:
    return formats.money(review.total_minor, review.lines[0].line.currency) if review.total_minor > 0 else ""


def _cursor(direction: str, draft: Draft) -> str:
    return f"{direction}-{micros(draft.updated_at)}-{draft.uuid}"


def _start(cursor: str) -> tuple[str, datetime, UUID] | None:
    found = _CURSOR.match(cursor)
    at = moment(found[2]) if found else None
    return (found[1], at, UUID(found[3])) if found and at else None
