"""The list of a seller's claims: filtered, counted, a page at a time, as plain ready values.

Sorted by reply-by while the seller is awaited, else by last update. A page starts where the last one ended (keyset), so
that the hundredth page costs what the first one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypedDict
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import Membership
from accounts.page_addresses import PageName, address_of_each, page_address_of_each
from accounts.values import ids
from claims import keyset
from claims.access.search_terms import Search, condition
from claims.claim_page.turn_card import short_line
from claims.models import Claim
from claims.rules import policy
from claims.rules.lifecycle import DECIDED, RESOLVED, Party, Status
from claims.text import badge, formats, reason_label

PAGE = 25
MOST_COUNTED = 1000
MOST_UNSEEN = 100
MOST_FOUND = 6 * MOST_COUNTED
"""So many of the claims that a search finds are counted by tab."""
TABS: dict[str, tuple[Status, ...]] = {
    "awaiting-seller-response": (Status.AWAITING_SELLER,),
    "under-investigation": (Status.UNDER_INVESTIGATION,),
    "resolved": tuple(sorted(RESOLVED)),
    "all": tuple(Status),
}
CURSORS = keyset.Cursors(ids.CLAIM_ID)
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


class ClaimRow(TypedDict):
    """One line of the list, ready to be written: a dictionary, which a template reads at half the cost of an object."""

    claim_id: str
    href: str
    messages_href: str
    order_id: str
    item: str
    asin: str
    quantity: str
    more_items: int
    reason: str
    amount: str
    tone: str
    icon: str
    status: str
    due: str
    updated: str
    is_unseen: bool


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A page of the list; `icons` are the names of those in its rows."""

    rows: list[ClaimRow]
    icons: list[str]
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
    """Return one page of the list with the cursors to its neighbours ("" at the ends). One query; two with a cursor.

    A cursor that nobody gave out leads to the first page.
    """
    order = BY_REPLY if wanted.tab == "awaiting-seller-response" else BY_UPDATE
    start = CURSORS.read(cursor, lambda claim_id: _pk_of(claim_id, membership)) if cursor else None
    conditions = _conditions(membership, wanted, zone, now)
    if wanted.tab != "all":
        conditions.append(("c.status = ANY(%s)", [list(TABS[wanted.tab])]))
    if start:
        than = ">" if order.columns(start)[0] == order.moment else "<"
        conditions.append((f"(c.{order.moment}, c.id) {than} (%s, %s)", [start.at, start.row]))
    way = "DESC" if order.columns(start)[0].startswith("-") else "ASC"
    where, values = _where(conditions)
    sql = _ROWS.format(where=where, order=f"c.{order.moment} {way}, c.id {way}")
    with connection.cursor() as reading:
        reading.execute(sql, [membership.user_id, *values, PAGE + 1])
        listed = [ListedClaim(*row) for row in reading.fetchall()]
    page = keyset.cut(
        listed, PAGE, start, lambda way, claim: CURSORS.write(way, getattr(claim, order.moment), claim.claim_id)
    )
    rows = _rows(page.rows, zone, now)
    icons = sorted({"clock", "chat-left-text", *(row["icon"] for row in rows)})
    return ClaimPage(rows, icons, older=page.older, newer=page.newer)


class ListedClaim(NamedTuple):
    """A claim as the list reads it, with its order, its first line, and whether the reader has seen it so."""

    claim_id: str
    status: str
    stage: str
    reason: str
    lapsed: bool
    claimed_minor: int
    granted_minor: int
    currency: str
    reply_by: datetime | None
    appeal_by: datetime | None
    updated_at: datetime
    updated_by_party: str
    updated_by: str | None
    order_id: str
    item: str | None
    asin: str | None
    quantity: int | None
    lines: int
    is_unseen: bool

    @property
    def granted_in_full(self) -> bool:
        return self.status == Status.GRANTED and self.granted_minor == self.claimed_minor


_ROWS = """
SELECT c.claim_id, c.status, c.stage, c.reason, c.lapsed, c.claimed_minor, c.granted_minor, c.currency, c.reply_by,
       c.appeal_by, c.updated_at, c.updated_by_party, COALESCE(NULLIF(u.name, ''), u.email), o.order_id,
       first.item, first.asin, first.quantity, COALESCE(first.lines, 0),
       EXISTS (SELECT FROM claims_unseen n WHERE n.user_id = %s AND n.claim_id = c.id)
  FROM claims_claim c
  JOIN claims_order o ON o.id = c.order_id
  LEFT JOIN accounts_user u ON u.id = c.updated_by_id
  LEFT JOIN LATERAL (
       SELECT COALESCE(NULLIF(l.title, ''), l.sku) AS item, l.asin, l.quantity, count(*) OVER () AS lines
         FROM claims_claimline l WHERE l.claim_id = c.id ORDER BY l.id LIMIT 1
       ) AS first ON true
 WHERE {where}
 ORDER BY {order} LIMIT %s
"""

Condition = tuple[str, list[Any]]


def _conditions(membership: Membership, wanted: ClaimFilter, zone: ZoneInfo, now: datetime) -> list[Condition]:
    """Return what `claims_of` filters by as SQL on `claims_claim c`, each with its values."""
    conditions: list[Condition] = [("c.seller_id = %s", [membership.seller_id])]
    if wanted.search.text:
        matches = Claim.objects.filter(condition(wanted.search, membership.seller_id), seller_id=membership.seller_id)
        try:
            sql, values = matches.order_by().values_list("pk").query.sql_with_params()
            conditions.append((f"c.id IN ({sql})", list(values)))
        except EmptyResultSet:  # a condition that can match nothing has no SQL
            conditions.append(("false", []))
    if wanted.start:
        conditions.append(("c.updated_at >= %s", [policy.start_of_day(wanted.start, zone)]))
    if wanted.end:
        conditions.append(("c.updated_at <= %s", [policy.end_of_day(wanted.end, zone)]))
    if wanted.appealable:
        decided = ", ".join(f"'{status}'" for status in sorted(DECIDED))  # as literals, which its index is asked by
        conditions.append((f"c.appeal_by >= %s AND c.status IN ({decided})", [now]))
    return conditions


def _where(conditions: Iterable[Condition]) -> Condition:
    parts = list(conditions)
    return " AND ".join(sql for sql, _values in parts), [value for _sql, values in parts for value in values]


def _pk_of(claim_id: str, membership: Membership) -> int | None:
    return Claim.objects.filter(seller_id=membership.seller_id, claim_id=claim_id).values_list("pk", flat=True).first()


def _rows(claims: Iterable[ListedClaim], zone: ZoneInfo, now: datetime) -> list[ClaimRow]:
    details, thread = address_of_each("claims:details"), page_address_of_each(PageName.THREAD)
    reasons, badges = cache(reason_label), cache(badge)
    rows = []
    for claim in claims:
        named = badges(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed)
        rows.append(
            ClaimRow(
                claim_id=claim.claim_id,
                href=details(claim.claim_id),
                messages_href=thread(claim.claim_id),
                order_id=claim.order_id,
                item=claim.item or "",
                asin=claim.asin or "",
                quantity=str(claim.quantity or 0),
                more_items=max(claim.lines - 1, 0),
                reason=reasons(claim.reason),
                amount=formats.money(claim.claimed_minor, claim.currency),
                tone=named.tone,
                icon=named.icon,
                status=named.words,
                due=short_line(claim, str(zone), now),
                updated=_updated(claim, now, zone),
                is_unseen=claim.is_unseen,
            )
        )
    return rows


def _updated(claim: ListedClaim, now: datetime, zone: ZoneInfo) -> str:
    ago = formats.ago(claim.updated_at, now, zone)
    match claim.updated_by_party:
        case Party.DESK:
            return _("%(ago)s by the SAFE-T team") % {"ago": ago}
        case Party.SELLER if claim.updated_by:
            return _("%(ago)s by %(member)s") % {"ago": ago, "member": claim.updated_by}
        case Party.OUTSIDE:
            return ago
    return _("%(ago)s, automatic") % {"ago": ago}


def counts(membership: Membership, wanted: ClaimFilter, zone: ZoneInfo, now: datetime) -> TabCounts:
    """Return how many claims each tab's list has, and how many changed since the person last looked. One query.

    Exact to 999; MOST_COUNTED stands for more. Of what changed, MOST_UNSEEN stands for more.
    """
    where, values = _where(_conditions(membership, wanted, zone, now))
    if wanted.search.text or wanted.appealable:  # worked out once, not once a status
        inner = f"SELECT c.status FROM claims_claim c WHERE {where}"  # noqa: S608 - our own words
        listed = f"WITH found AS MATERIALIZED ({inner} LIMIT {MOST_FOUND}) SELECT status FROM found"  # noqa: S608
        parts, params = [listed], values
    else:
        parts = [
            f"(SELECT c.status FROM claims_claim c WHERE {where} AND c.status = '{status}' LIMIT {MOST_COUNTED})"  # noqa: S608
            for status in Status
        ]
        params = values * len(parts)
    sql = _COUNTS.format(listed=" UNION ALL ".join(parts))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, membership.user_id, membership.seller_id, MOST_COUNTED])
        rows = cursor.fetchall()
    by_status = {status: count for kind, status, count in rows if kind == "listed"}
    unseen = {status: count for kind, status, count in rows if kind == "unseen"}
    is_part = sum(by_status.values()) == MOST_FOUND
    return TabCounts(_by_tab(by_status, MOST_COUNTED), _by_tab(unseen, MOST_UNSEEN), is_part)


class TabCounts(NamedTuple):
    """By tab: how many claims, and how many of them changed since the person last looked.

    `are_part`: a search found more than were counted, so that there may be more claims of each tab.
    """

    claims: dict[str, int]
    unseen: dict[str, int]
    are_part: bool


_COUNTS = """
SELECT 'listed', status, count(*) FROM ({listed}) AS listed GROUP BY status
UNION ALL
SELECT 'unseen', status, count(*) FROM (
    SELECT status FROM claims_unseen WHERE user_id = %s AND seller_id = %s ORDER BY status LIMIT %s
) AS newest GROUP BY status
"""


def _by_tab(by_status: Mapping[str, int], most: int) -> dict[str, int]:
    return {tab: min(sum(by_status.get(s, 0) for s in statuses), most) for tab, statuses in TABS.items()}


def has_claims(membership: Membership) -> bool:
    """Whether the seller ever had a claim."""
    return Claim.objects.filter(seller_id=membership.seller_id).exists()
