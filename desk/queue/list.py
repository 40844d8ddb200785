"""The handlers' queue: which claims wait for whom, filtered, counted, a page at a time, by the desk's own clock.

Each view is served by an index of its own; a page starts where the last one ended (keyset), and counting ends at 999.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import marketplaces, values
from accounts.models import Seller, User
from accounts.values import ids, plain_text
from accounts.values.ids import Shape
from claims import keyset
from claims.access.search_terms import Search, understood
from claims.models import Claim, ClockRule, Decision
from claims.rules import policy
from claims.rules.lifecycle import RESOLVED, Reason, Stage, Status
from claims.workflow.desk_actions import waiting_for
from claims.workflow.transitions import desk_actor

PAGE = 50
MOST_COUNTED = 1000
OPEN = (Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER)
VIEWS: dict[str, str | Promise] = {
    "mine": _("Mine"),
    "unassigned": _("Unassigned"),
    "appeals": _("Appeals"),
    "due": _("Due today"),
    "late": _("Late"),
    "confirm": _("To confirm"),
    "awaiting": _("Awaiting seller"),
    "high": _("High value"),
    "all": _("All"),
    "resolved": _("Resolved"),
}
OUTSIDE_BACKLOG = ("confirm", "resolved")
"""The views that have claims which are decided already."""
FILTERS = ("queue", "q", "seller", "reason", "marketplace", "assigned")
"""The parameters that say which claims are wanted; nothing else of an address is kept or saved."""
CURSORS = keyset.Cursors(ids.CLAIM_ID)
_SHOWN = ("seller", "order", "assigned_to", "clock_rule")


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which claims the queue is of. `seller` is the text typed, `seller_pk` whom it names (None: nobody).

    `high` says, by clock rule and currency, above which amount a claim is of high value.
    """

    view: str
    search: Search = field(default_factory=lambda: understood(""))
    seller: str = ""
    seller_pk: int | None = None
    reason: str = ""
    marketplace: str = ""
    assigned: int | None = None
    high: tuple[tuple[int, int, str], ...] = ()

    @property
    def is_filtered(self) -> bool:
        return bool(self.seller or self.reason or self.marketplace or self.assigned)

    @property
    def by_seller_only(self) -> bool:
        """Whether the list knows no other filter: nothing else of what is resolved is read by an index."""
        return self.view == "resolved" and not self.search.text

    @property
    def leaves_out(self) -> bool:
        """Whether a filter is chosen that doesn't narrow the list."""
        return self.by_seller_only and bool(self.reason or self.marketplace or self.assigned)

    @property
    def query(self) -> dict[str, str]:
        """The parameters that lead here, those with a value."""
        assigned = str(self.assigned) if self.assigned else ""
        values = (self.view, self.search.text, self.seller, self.reason, self.marketplace, assigned)
        return {name: value for name, value in zip(FILTERS, values, strict=True) if value}

    def address(self, **changes: str) -> str:
        return "?" + urlencode({**self.query, **changes})

    def of(self, view: str) -> QueueFilter:
        return replace(self, view=view)


@dataclass(frozen=True, slots=True)
class QueuePage:
    claims: list[Claim]
    older: str
    newer: str


def wanted(asked: Mapping[str, str], user: User, *, view: str) -> QueueFilter:
    """Return what an address asks for. What it can't mean is left out. At most two queries."""
    asked_view = asked.get("queue", "")
    seller = plain_text(asked.get("seller", "")).strip()[:200]
    named = Q(slug__iexact=seller) | Q(name__iexact=seller)
    return QueueFilter(
        view=asked_view if asked_view in VIEWS else view,
        search=understood(asked.get("q", "")),
        seller=seller,
        seller_pk=Seller.objects.filter(named).values_list("pk", flat=True).order_by("pk").first() if seller else None,
        reason=asked["reason"] if asked.get("reason", "") in list(Reason) else "",
        marketplace=asked["marketplace"] if asked.get("marketplace", "") in marketplaces.by_code() else "",
        assigned=values.whole(asked.get("assigned")),
        high=_high_value(),
    )


def claims_of(asked: QueueFilter, user: User, now: datetime, zone: str) -> QuerySet[Claim]:
    """Return the claims of a view, in no order. A search goes through all claims, whatever the view."""
    if asked.search.text:
        ids = dict.fromkeys(value for _shape, value in asked.search.ids)
        claims = Claim.objects.filter(Q(claim_id__in=list(ids)) | Q(order__order_id__in=_orders(asked.search)))
    else:
        claims = Claim.objects.filter(_in_view(asked, user, now, zone))
    return _narrowed(claims, asked, by_seller_only=asked.by_seller_only)


def _narrowed(claims: QuerySet[Claim], asked: QueueFilter, *, by_seller_only: bool = False) -> QuerySet[Claim]:
    if asked.seller:
        claims = claims.filter(seller_id=asked.seller_pk) if asked.seller_pk else claims.none()
    if by_seller_only:
        return claims
    if asked.reason:
        claims = claims.filter(reason=asked.reason)
    if asked.marketplace:
        claims = claims.filter(order__marketplace=asked.marketplace)
    if asked.assigned:
        claims = claims.filter(assigned_to_id=asked.assigned)
    return claims


def _orders(search: Search) -> list[str]:
    return [value for shape, value in search.ids if shape is Shape.ORDER]


def _in_view(asked: QueueFilter, user: User, now: datetime, zone: str) -> Q:
    investigated = Q(status=Status.UNDER_INVESTIGATION)
    match asked.view:
        case "mine":
            return Q(assigned_to_id=user.pk, status__in=OPEN)
        case "unassigned":
            return investigated & Q(assigned_to__isnull=True)
        case "appeals":
            return investigated & Q(stage=Stage.APPEAL)
        case "due":
            today = policy.end_of_day(now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone))
            return investigated & Q(answer_due_at__gte=now, answer_due_at__lte=today)
        case "late":
            return investigated & Q(answer_due_at__lt=now)
        case "confirm":
            return Q(proposed_by__isnull=False)  # corrections of decided claims too
        case "high":
            above = Q(pk__in=[])
            for rule, minor, currency in asked.high:
                one = Q(clock_rule_id=rule, claimed_minor__gt=minor)
                above |= one & Q(currency=currency) if currency else one
            return investigated & above
        case "awaiting":
            return Q(status=Status.AWAITING_SELLER)
        case "resolved":
            return Q(status__in=tuple(RESOLVED))
        case _:
            return Q(status__in=OPEN)


def _high_value() -> tuple[tuple[int, int, str], ...]:
    """Return what one handler grants alone, by clock rule: a claim for more is of high value. One query."""
    return tuple(
        (rule.pk, minor, currency)
        for rule in ClockRule.objects.order_by("pk")
        for currency, minor in rule.four_eyes.items()
    )


def order_of(asked: QueueFilter) -> keyset.SortOrder:
    """Return what the list is sorted by. What has no moment comes last."""
    if asked.search.text or asked.view == "resolved":
        return keyset.SortOrder("updated_at", ascending=False)
    moment = "reply_by" if asked.view == "awaiting" else "answer_due_at"
    return keyset.SortOrder(moment, ascending=True, nullable=True)


def page_of(asked: QueueFilter, user: User, cursor: str, now: datetime, zone: str) -> QueuePage:
    """Return one page with the cursors to its neighbours ("" at the ends). One query.

    A cursor that nobody gave out leads to the first page.
    """
    order = order_of(asked)
    in_view = claims_of(asked, user, now, zone)
    start = CURSORS.read(cursor, _pk_of, undated=order.nullable)
    columns = order.columns(start)
    # The page is cut before anything is joined to it, however few rows the planner expects.
    parts = [in_view.filter(part) for part in order.past(start)] if start else [in_view]
    cut, *others = [part.order_by(*columns).values("pk")[: PAGE + 1] for part in parts]
    ids = cut.union(*others, all=True) if others else cut
    claims = Claim.objects.filter(pk__in=ids).select_related(*_SHOWN).order_by(*columns)[: PAGE + 1]
    page = keyset.cut(
        claims, PAGE, start, lambda way, claim: CURSORS.write(way, getattr(claim, order.moment), claim.claim_id)
    )
    return QueuePage(page.rows, older=page.older, newer=page.newer)


def _pk_of(claim_id: str) -> Subquery:
    return Subquery(Claim.objects.filter(claim_id=claim_id).values("pk"))


def counts(asked: QueueFilter, user: User, now: datetime, zone: str) -> dict[str, int]:
    """Return how many claims each view's list has, exact to 999; 1000 stands for more. One query, two with filters.

    Each view ends at the 1000th row of its own index. With filters, which may leave few rows of many, the backlog is
    gone through once for all its views instead.
    """
    asked = replace(asked, search=understood(""))
    made = dict.fromkeys(VIEWS, 0)
    alone = list(VIEWS)
    if asked.is_filtered:
        alone = [view for view in VIEWS if view in OUTSIDE_BACKLOG]
        backlog = _narrowed(Claim.objects.filter(status__in=OPEN), asked)
        numbers = backlog.aggregate(
            **{
                view: Count("pk", filter=_in_view(asked.of(view), user, now, zone))
                for view in VIEWS
                if view not in alone
            }
        )
        made.update({view: min(number, MOST_COUNTED) for view, number in numbers.items()})
    parts: list[str] = []
    params: list[Any] = []
    for view in alone:
        rows = claims_of(asked.of(view), user, now, zone)
        try:
            sql, values = rows.order_by().values_list("pk")[:MOST_COUNTED].query.sql_with_params()
        except EmptyResultSet:  # a condition that can match nothing has no SQL
            continue
        parts.append(f"SELECT '{view}', (SELECT count(*) FROM ({sql}) AS rows)")  # noqa: S608 - views are our own words
        params += values
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            made.update(cursor.fetchall())
    return made


def last_decided() -> datetime | None:
    """Return when the desk or the lapse last decided a claim, None where neither has yet. One query."""
    return Decision.objects.order_by("-at").values_list("at", flat=True).first()


@dataclass(frozen=True, slots=True)
class HandlerStanding:
    """What a handler has to do, for the head of a claim's page: their open claims, the late ones, what comes next."""

    mine: int
    late: int
    next_id: str


def standing(user: User, now: datetime) -> HandlerStanding:
    """Return what the handler has to do; next is what *Take next* would give. One query; numbers end at 1000."""
    actor = desk_actor(user)
    following = waiting_for(actor) if actor.may_act else Claim.objects.none()
    try:
        following_sql, values = following.values_list("claim_id")[:1].query.sql_with_params()
    except EmptyResultSet:
        following_sql, values = "NULL", ()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT (SELECT count(*) FROM (SELECT 1 FROM claims_claim WHERE assigned_to_id = %s
                       AND status IN ('UNDER_INVESTIGATION', 'AWAITING_SELLER') LIMIT {MOST_COUNTED}) AS a),
                   (SELECT count(*) FROM (SELECT 1 FROM claims_claim WHERE assigned_to_id = %s
                       AND status = 'UNDER_INVESTIGATION' AND answer_due_at < %s LIMIT {MOST_COUNTED}) AS b),
                   ({following_sql})
            """,  # noqa: S608 - the statement is Django's own
            (user.pk, user.pk, now, *values),
        )
        mine, late, next_id = cursor.fetchone()
    return HandlerStanding(mine, late, next_id or "")
