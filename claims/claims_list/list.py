"""The list of a seller's claims: filtered, counted, a page at a time, as plain ready values.

Sorted by reply-by while the seller is awaited, else by last update. A page starts where the last one ended (keyset), so
that the hundredth page costs what the first one does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Membership
from accounts.page_addresses import PageName, page_address
from claims import keyset
from claims.access.search_terms import Search, condition
from claims.claim_page.turn_card import short_line
from claims.models import Claim, ClaimLine, Unseen
from claims.rules import policy
from claims.rules.lifecycle import RESOLVED, Party, Status
from claims.text import Badge, badge, formats, reason_label

PAGE = 25
MOST_COUNTED = 1000
MOST_UNSEEN = 100
TABS: dict[str, tuple[Status, ...]] = {
    "awaiting-seller-response": (Status.AWAITING_SELLER,),
    "under-investigation": (Status.UNDER_INVESTIGATION,),
    "resolved": tuple(sorted(RESOLVED)),
    "all": tuple(Status),
}
CURSORS = keyset.Cursors(keyset.CLAIM_ID)
BY_REPLY = keyset.SortOrder("reply_by", ascending=True)
BY_UPDATE = keyset.SortOrder("updated_at", ascending=False)


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims a list is of. Days are days of the viewer, both inclusive."""

    tab: str
    search: Search
    start: date | None = None
    end: date | None = None
    appealable: bool = False

    @property
    def is_filtered(self) -> bool:
        return bool(self.search.text or self.start or self.end)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One line of the list, ready to be written."""

    claim_id: str
    href: str
    messages_href: str
    order_id: str
    item: str
    asin: str
    quantity: int
    more_items: int
    reason: str
    amount: str
    badge: Badge
    due: str
    due_tone: str
    updated: str
    is_unseen: bool


@dataclass(frozen=True, slots=True)
class ClaimPage:
    rows: list[ClaimRow]
    older: str
    newer: str


def claims_of(membership: Membership, wanted: ClaimFilter, zone: ZoneInfo, now: datetime) -> QuerySet[Claim]:
    """Return the seller's claims that the search and the dates leave, whatever their tab."""
    claims = Claim.objects.filter(seller_id=membership.seller_id)
    if wanted.search.text:
        claims = claims.filter(condition(wanted.search, membership.seller_id))
    if wanted.start:
        claims = claims.filter(updated_at__gte=policy.start_of_day(wanted.start, zone))
    if wanted.end:
        claims = claims.filter(updated_at__lte=policy.end_of_day(wanted.end, zone))
    if wanted.appealable:
        claims = claims.filter(appeal_by__gte=now)
    return claims


def page_of(membership: Membership, wanted: ClaimFilter, cursor: str, zone: ZoneInfo, now: datetime) -> ClaimPage:
    """Return one page of the list with the cursors to its neighbours ("" at the ends). At most four queries.

    A cursor that nobody gave out leads to the first page.
    """
    statuses = TABS[wanted.tab]
    claims = claims_of(membership, wanted, zone, now)
    if wanted.tab != "all":
        claims = claims.filter(status__in=statuses)
    order = BY_REPLY if wanted.tab == "awaiting-seller-response" else BY_UPDATE
    lines = Prefetch("lines", ClaimLine.objects.order_by("pk"))
    claims = claims.select_related("order", "updated_by").prefetch_related(lines)
    start = CURSORS.read(cursor, lambda claim_id: _pk_of(claim_id, membership))
    page = keyset.page(
        claims, order, PAGE, start, lambda way, claim: CURSORS.write(way, getattr(claim, order.moment), claim.claim_id)
    )
    unseen = _unseen_among(membership, page.rows)
    rows = [_row(claim, claim.pk in unseen, membership, zone, now) for claim in page.rows]
    return ClaimPage(rows, older=page.older, newer=page.newer)


def _pk_of(claim_id: str, membership: Membership) -> int | None:
    return Claim.objects.filter(seller_id=membership.seller_id, claim_id=claim_id).values_list("pk", flat=True).first()


def _unseen_among(membership: Membership, claims: Iterable[Claim]) -> set[int]:
    pks = [claim.pk for claim in claims]
    if not pks:
        return set()
    return set(Unseen.objects.filter(user_id=membership.user_id, claim_id__in=pks).values_list("claim_id", flat=True))


def _row(claim: Claim, is_unseen: bool, membership: Membership, zone: ZoneInfo, now: datetime) -> ClaimRow:
    lines = list(claim.lines.all())
    first = lines[0] if lines else None
    due = short_line(claim, str(zone), now)
    return ClaimRow(
        claim_id=claim.claim_id,
        href=reverse("claims:details", args=[claim.claim_id]),
        messages_href=page_address(PageName.THREAD, claim.claim_id),
        order_id=claim.order.order_id,
        item=(first.title or first.sku) if first else "",
        asin=first.asin if first else "",
        quantity=first.quantity if first else 0,
        more_items=max(len(lines) - 1, 0),
        reason=reason_label(claim.reason),
        amount=formats.money(claim.claimed_minor, claim.currency),
        badge=badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed),
        due=due,
        due_tone="you",
        updated=_updated(claim, now, zone),
        is_unseen=is_unseen,
    )


def _updated(claim: Claim, now: datetime, zone: ZoneInfo) -> str:
    ago = formats.ago(claim.updated_at, now, zone)
    match claim.updated_by_party:
        case Party.DESK:
            return _("%(ago)s by the SAFE-T team") % {"ago": ago}
        case Party.SELLER if claim.updated_by:
            return _("%(ago)s by %(member)s") % {"ago": ago, "member": claim.updated_by}
        case Party.OUTSIDE:
            return ago
    return _("%(ago)s, automatic") % {"ago": ago}


def tab_counts(membership: Membership, wanted: ClaimFilter, zone: ZoneInfo, now: datetime) -> dict[str, int]:
    """Return how many claims each tab's list has, exact to 999; 1000 stands for more. One query."""
    claims = claims_of(membership, wanted, zone, now)
    parts: list[str] = []
    params: list[Any] = []
    for status in Status:
        query = claims.filter(status=status).order_by().values_list("status")[:MOST_COUNTED].query
        try:
            sql, values = query.sql_with_params()
        except EmptyResultSet:  # a condition that can match nothing has no SQL
            continue
        parts.append(f"({sql})")
        params += values
    counts: dict[str, int] = {}
    if parts:
        with connection.cursor() as cursor:
            # The parts are Django's own SQL of the queries above, their values are parameters.
            sql = f"SELECT u.status, count(*) FROM ({' UNION ALL '.join(parts)}) AS u (status) GROUP BY 1"  # noqa: S608
            cursor.execute(sql, params)
            counts = dict(cursor.fetchall())
    return {tab: min(sum(counts.get(s, 0) for s in statuses), MOST_COUNTED) for tab, statuses in TABS.items()}


def unseen_counts(membership: Membership) -> dict[str, int]:
    """Return how many claims of each tab changed since the person last looked; 100 stands for more. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT status, count(*) FROM (
                SELECT status FROM claims_unseen WHERE user_id = %s AND seller_id = %s ORDER BY status LIMIT %s
            ) AS newest GROUP BY status
            """,
            [membership.user_id, membership.seller_id, MOST_COUNTED],
        )
        counts = dict(cursor.fetchall())
    return {tab: min(sum(counts.get(s, 0) for s in statuses), MOST_UNSEEN) for tab, statuses in TABS.items()}


def has_claims(membership: Membership) -> bool:
    """Whether the seller ever had a claim."""
    return Claim.objects.filter(seller_id=membership.seller_id).exists()
