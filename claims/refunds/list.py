"""The list of a seller's refunds: how many days are left to claim each, or why it can't be claimed.

Each tab is a condition on stored columns and the order of an index, so that a page of a million refunds costs what a
page of thirty does. What a row says comes from the one answer of `claims.rules.eligibility`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.signing import Signer
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Membership
from claims import keyset
from claims.access.search_terms import Search, refund_condition
from claims.models import BARRED, CLAIMED, FREE, Draft, RefundLine
from claims.refunds import claimable, stored_eligibility
from claims.refunds import keys as refund_keys
from claims.rules import policy
from claims.rules.eligibility import CLOSING_SOON_DAYS, Assessment, State
from claims.text import Ctx, cause, formats, refund_state

PAGE = 25
SOON = timedelta(days=CLOSING_SOON_DAYS)
UNDATED = keyset.SortOrder("", ascending=False)


class RefundTab(StrEnum):
    """The state of a refund line. Every line is in one of them at any moment."""

    CLOSING_SOON = "closing-soon"
    OPEN = "open"
    NOT_YET = "not-yet"
    MISSED = "missed"
    NOT_CLAIMABLE = "not-claimable"
    CLAIMED = "claimed"


_STATE_OF = {
    RefundTab.CLOSING_SOON: State.CLOSING_SOON,
    RefundTab.OPEN: State.OPEN,
    RefundTab.NOT_YET: State.TOO_EARLY,
    RefundTab.MISSED: State.TOO_LATE,
    RefundTab.NOT_CLAIMABLE: State.NOT_CLAIMABLE,
    RefundTab.CLAIMED: State.CLAIMED,
}
DATED = frozenset({RefundTab.CLOSING_SOON, RefundTab.OPEN, RefundTab.NOT_YET, RefundTab.MISSED})
"""The tabs that are sorted by a date and can be cut to some days."""


def label(tab: RefundTab) -> str:
    """Return the words on the tab."""
    return refund_state(_STATE_OF[tab])


@dataclass(frozen=True, slots=True)
class RefundFilter:
    """Which refunds a list is of. Days are days of the viewer, both inclusive; `against` is the code of a cause."""

    tab: RefundTab
    search: Search
    start: date | None = None
    end: date | None = None
    against: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.search.text or self.start or self.end or self.against)


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One refund line, ready to be written. `can_file`: whether a claim can be filed now; else `cause` says why not.

    `moment` is the date that counts here, with the word for it: file by, opens, ended.
    """

    key: str
    order_id: str
    refunded_on: str
    item: str
    asin: str
    sku: str
    quantity: str
    amount: str
    moment: str
    moment_iso: str
    badge: str
    tone: str
    can_file: bool
    has_draft: bool
    cause: str
    todo: str
    claim_href: str


@dataclass(frozen=True, slots=True)
class RefundPage:
    rows: list[RefundRow]
    older: str
    newer: str


def ctx_of(membership: Membership, zone: ZoneInfo, now: datetime) -> Ctx:
    """Return what sentences about this seller's refunds name."""
    return Ctx(membership.seller.name, settings.HELP_URL, str(zone), now, settings.MARKETPLACE_NAME)


def lines_of(membership: Membership) -> QuerySet[RefundLine]:
    return RefundLine.objects.filter(seller_id=membership.seller_id)


def of_tab(tab: RefundTab, now: datetime) -> Q:
    """Return the condition of standing in a tab at `now`. An instant that ends a window still belongs to it."""
    match tab:
        case RefundTab.CLOSING_SOON:
            return claimable.is_open(now) & Q(first_closes_at__lt=now + SOON)
        case RefundTab.OPEN:
            return claimable.is_open(now) & Q(first_closes_at__gte=now + SOON)
        case RefundTab.NOT_YET:
            return FREE & (Q(opens_at__gt=now) | Q(opens_at__isnull=True))
        case RefundTab.MISSED:
            return FREE & Q(opens_at__lte=now, first_closes_at__lt=now)
        case RefundTab.NOT_CLAIMABLE:
            return BARRED
        case RefundTab.CLAIMED:
            return CLAIMED


def key_column(tab: RefundTab) -> str:
    """Return the column a tab is sorted by and cut to days by."""
    return "opens_at" if tab is RefundTab.NOT_YET else "first_closes_at"


def refunds_of(
    membership: Membership, wanted: RefundFilter, tab: RefundTab, zone: ZoneInfo, now: datetime
) -> QuerySet[RefundLine]:
    """Return the lines of one tab that the search, the days and the cause leave."""
    lines = lines_of(membership).filter(of_tab(tab, now))
    if wanted.search.text:
        lines = lines.filter(refund_condition(wanted.search, membership.seller_id))
    if tab in DATED and wanted.start:
        lines = lines.filter(**{f"{key_column(tab)}__gte": policy.start_of_day(wanted.start, zone)})
    if tab in DATED and wanted.end:
        lines = lines.filter(**{f"{key_column(tab)}__lte": policy.end_of_day(wanted.end, zone)})
    if tab is RefundTab.NOT_CLAIMABLE and wanted.against:
        lines = lines.filter(against=wanted.against)
    return lines


def has_refunds(membership: Membership) -> bool:
    return lines_of(membership).exists()


def claimable_count(membership: Membership, now: datetime) -> int:
    """Return how many refund lines can be claimed now, at most 1,000."""
    return claimable.lines_of(membership.seller_id, now)[:1000].count()


def in_order(lines: QuerySet[RefundLine], tab: RefundTab) -> list[tuple[QuerySet[RefundLine], keyset.SortOrder]]:
    """Return the tab's lines as parts to be read one after the other: (rows, what they are sorted by).

    A window that isn't known has no place among the dates: those lines come last, a part of their own.
    """
    if tab is RefundTab.NOT_YET:
        dated, undated = lines.filter(opens_at__isnull=False), lines.filter(opens_at__isnull=True)
        return [(dated, keyset.SortOrder("opens_at", ascending=True)), (undated, UNDATED)]
    if tab in DATED:
        return [(lines, keyset.SortOrder("first_closes_at", ascending=tab is not RefundTab.MISSED))]
    return [(lines, UNDATED)]


def page_of(membership: Membership, wanted: RefundFilter, cursor: str, zone: ZoneInfo, now: datetime) -> RefundPage:
    """Return one page of the list with the cursors to its neighbours ("" at the ends). At most four queries.

    A cursor that nobody gave out leads to the first page.
    """
    parts = in_order(refunds_of(membership, wanted, wanted.tab, zone, now), wanted.tab)
    start = _start(cursor, membership, undated=parts[-1][1] == UNDATED)
    first = len(parts) - 1 if start and start.at is None else 0
    backwards = start is not None and start.way is keyset.PageDirection.NEWER
    lines: list[RefundLine] = []
    for number in range(first, -1, -1) if backwards else range(first, len(parts)):
        part, order = parts[number]
        if start and number == first:
            part = part.filter(*order.past(start))
        drafts = Draft.objects.filter(user_id=membership.user_id, refund_id=OuterRef("refund_id"))
        rows = part.order_by(*order.columns(start)).select_related("order", "refund", "seller")
        lines += rows.annotate(has_draft=Exists(drafts))[: PAGE + 1 - len(lines)]
        if len(lines) > PAGE:
            break
    page = keyset.cut(lines, PAGE, start, lambda way, line: cursor_of(way, line, wanted.tab))
    ctx = ctx_of(membership, zone, now)
    answers = stored_eligibility.assess_lines(page.rows, None, now) if page.rows else []
    shown = [_row(line, answer, ctx, zone, now) for line, answer in zip(page.rows, answers, strict=True)]
    return RefundPage(shown, older=page.older, newer=page.newer)


def cursor_of(way: keyset.PageDirection, line: RefundLine, tab: RefundTab) -> str:
    """Return the signed cursor to what lies a way past a line; another seller gets nowhere with it."""
    at: datetime | None = getattr(line, key_column(tab)) if tab in DATED else None
    return cursors_of(line.seller_id).write(way, at, refund_keys.key_of(line))


def cursors_of(seller_id: int) -> keyset.Cursors:
    """Return how the cursors of a seller account's list are written and read: one of another account's is none."""
    return keyset.Cursors(".{1,120}", signer(seller_id))


def signer(seller_id: int) -> Signer:
    """Return what signs the cursors of a seller account's list."""
    return Signer(salt=f"refunds:{seller_id}")


def _start(cursor: str, membership: Membership, *, undated: bool) -> keyset.CursorPlace | None:
    def line(key: str) -> Subquery:
        return Subquery(refund_keys.named(membership, key).values("pk")[:1])

    return cursors_of(membership.seller_id).read(cursor, line, undated=undated)


def _row(line: RefundLine, answer: Assessment, ctx: Ctx, zone: ZoneInfo, now: datetime) -> RefundRow:
    first = answer.causes[0] if answer.causes else None
    words = cause(first, ctx) if first else None
    badge, tone, at, moment = _when(line, answer, zone, now)
    quantity = str(line.quantity)
    if 0 < line.held_quantity < line.quantity:
        quantity = _("%(left)s of %(quantity)s left") % {
            "left": line.quantity - line.held_quantity,
            "quantity": line.quantity,
        }
    return RefundRow(
        key=refund_keys.key_of(line),
        order_id=line.order.order_id,
        refunded_on=formats.day(line.refund.refunded_at, zone),
        item=line.title or line.sku,
        asin=line.asin,
        sku=line.sku,
        quantity=quantity,
        amount=formats.money(line.amount_minor, line.currency),
        moment=moment,
        moment_iso=formats.iso(at) if at and moment else "",
        badge=badge,
        tone=tone,
        can_file=answer.eligible,
        has_draft=answer.eligible and bool(getattr(line, "has_draft", False)),
        cause=words.sentence if words else "",
        todo=words.todo if words and not words.claim_id else "",
        claim_href=reverse("claims:details", args=[words.claim_id]) if words and words.claim_id else "",
    )


def _when(line: RefundLine, answer: Assessment, zone: ZoneInfo, now: datetime) -> tuple[str, str, datetime | None, str]:
    """Return (badge, tone, moment, what the moment is) of a row."""
    match answer.state:
        case State.CLAIMED:
            return refund_state(answer.state), "quiet", None, ""
        case State.NOT_CLAIMABLE:
            return refund_state(answer.state), "quiet", None, ""
        case State.TOO_EARLY:
            at = line.opens_at if line.opens_at and line.opens_at > now else None
            words = _("Opens %(moment)s") % {"moment": formats.moment_short(at, zone)} if at else ""
            return refund_state(answer.state), "quiet", at, words
        case State.TOO_LATE:
            at = line.closes_at
            words = _("Ended %(moment)s") % {"moment": formats.moment_short(at, zone)} if at else ""
            return refund_state(answer.state), "quiet", at, words
    closes = line.first_closes_at
    if closes is None or closes < now:
        closes = line.closes_at
    if closes is None or closes < now:
        return refund_state(answer.state), "them", None, ""
    span = closes - now
    tone = "denied" if span < timedelta(hours=24) else "you" if span < SOON else "them"
    return (
        _("%(left)s left") % {"left": formats.left_bare(closes, now)},
        tone,
        closes,
        _("File by %(moment)s") % {"moment": formats.moment_short(closes, zone)},
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines a tab has and what they come to by currency (minor units). At `capped` there are more of both."""

    count: int = 0
    amounts: tuple[tuple[int, str], ...] = ()
    capped: bool = False


def value_of(tab: RefundTab) -> Combinable:
    """Return what one line counts for: what is left to claim, or in Claimed what is claimed."""
    return F("held_minor") if tab is RefundTab.CLAIMED else F("amount_minor") - F("held_minor")
