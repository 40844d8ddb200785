"""The list of a seller's refunds: how many days are left to claim each, or why it can't be claimed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Membership
from claims import display, wording
from claims.eligibility import CLOSING_SOON_DAYS, NOT_COVERED_PROGRAMS, Assessment, Fulfilment, Issuer, State
from claims.models import RefundLine
from claims.operations import assessing

PAGE = 25
_CURSOR = re.compile(r"^(\d{1,17})-(\d{3}-\d{7}-\d{7})-(.{0,64})$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One refund line, ready to be written. `file_href` is "" where it can't be claimed; `cause` says why."""

    order_id: str
    refunded_on: str
    item: str
    asin: str
    quantity: str
    amount: str
    file_by: str
    left: str
    tone: str
    file_href: str
    cause: str
    claim_href: str


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    older: str


def ctx_of(membership: Membership, zone: ZoneInfo, now: datetime) -> wording.Ctx:
    """Return what sentences about this seller's refunds name."""
    return wording.Ctx(membership.seller.name, settings.HELP_URL, str(zone), now, settings.MARKETPLACE_NAME)


def _lines_of(membership: Membership) -> QuerySet[RefundLine]:
    return RefundLine.objects.filter(seller_id=membership.seller_id)


def _claimable(membership: Membership, now: datetime) -> QuerySet[RefundLine]:
    """The lines that can be claimed now: open, with something left, and nothing known against them."""
    open_now = _lines_of(membership).filter(opens_at__lte=now, first_closes_at__gte=now)
    left = open_now.filter(held_quantity__lt=F("quantity"), held_minor__lt=F("amount_minor"))
    against = (
        Q(refund__issuer__in=[Issuer.SELLER, Issuer.AUTOMATIC])
        | Q(order__fulfilment=Fulfilment.MARKETPLACE)
        | Q(order__program__in=list(NOT_COVERED_PROGRAMS))
        | Q(order__a_to_z=True)
        | Q(order__chargeback=True)
        | Q(return_refused=True)
    )
    known_bad = RefundLine.objects.filter(against, seller_id=membership.seller_id).values("pk")
    return left.exclude(pk__in=known_bad)


def claimable_count(membership: Membership, now: datetime) -> int:
    """Return how many refund lines can be claimed now, at most 1,000."""
    return _claimable(membership, now)[:1000].count()


def has_refunds(membership: Membership) -> bool:
    return _lines_of(membership).exists()


def summary(membership: Membership, now: datetime) -> str:
    """Return the sentence on what can still be claimed, and how much of it closes within 7 days. Two queries."""
    if not membership.seller.is_active:
        return ""
    can = _claimable(membership, now)
    sums = can.values_list("currency").annotate(total=Sum(F("amount_minor") - F("held_minor"))).order_by()
    amounts = [(total, currency) for currency, total in sums]
    if not amounts:
        return ""
    n = can.filter(first_closes_at__lt=now + timedelta(days=CLOSING_SOON_DAYS)).count()
    return (
        _("You can still claim %(sums)s.") % {"sums": display.sums(amounts)}
        + " "
        + ngettext("%(n)s refund closes within 7 days.", "%(n)s refunds close within 7 days.", n) % {"n": n}
    )


def page_of(membership: Membership, view: str, cursor: str, zone: ZoneInfo, now: datetime) -> Page:
    """Return one page of refund lines: those still open by their closing, soonest first (`view` "open"), or those
    that closed, newest first ("closed"). At most five queries. A cursor nobody gave out leads to the first page.
    """
    lines = _lines_of(membership).select_related("order", "refund", "seller")
    if view == "closed":
        lines = lines.filter(Q(first_closes_at__lt=now) | Q(first_closes_at__isnull=True))
        lines = lines.order_by(F("first_closes_at").desc(nulls_last=True), "-pk")
    else:
        lines = lines.filter(first_closes_at__gte=now).order_by("first_closes_at", "pk")
    if start := _start(cursor, membership):
        at, pk = start
        if view == "closed":
            lines = lines.filter(first_closes_at__lte=at).filter(Q(first_closes_at__lt=at) | Q(pk__lt=pk))
        else:
            lines = lines.filter(first_closes_at__gte=at).filter(Q(first_closes_at__gt=at) | Q(pk__gt=pk))
    found = list(lines[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    answers = assessing.assess_lines(found, None, now) if found else []
    ctx = ctx_of(membership, zone, now)
    rows = [_row(line, answer, ctx, zone, now) for line, answer in zip(found, answers, strict=True)]
    return Page(rows, _cursor(found[-1]) if more else "")


def _cursor(line: RefundLine) -> str:
    if line.first_closes_at is None:
        return ""
    micros = round((line.first_closes_at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
    return f"{micros}-{line.order.order_id}-{line.sku}"


def _start(cursor: str, membership: Membership) -> tuple[datetime, int] | None:
    found = _CURSOR.match(cursor)
    if not found or "\x00" in cursor:
        return None
    seconds, micros = divmod(int(found[1]), 1_000_000)
    try:
        at = datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=micros)
    except (OverflowError, ValueError, OSError):
        return None
    lines = _lines_of(membership).filter(order__order_id=found[2], sku=found[3], first_closes_at=at)
    pk = lines.values_list("pk", flat=True).first()
    return (at, pk) if pk else None


def _row(line: RefundLine, answer: Assessment, ctx: wording.Ctx, zone: ZoneInfo, now: datetime) -> Row:
    closes = line.first_closes_at
    first = answer.causes[0] if answer.causes else None
    said = wording.cause(first, ctx) if first else None
    left, tone = _badge(answer, closes, now)
    href = f"{reverse('claims:new')}?{urlencode({'order': line.order.order_id})}" if answer.eligible else ""
    quantity = str(line.quantity)
    if 0 < line.held_quantity < line.quantity:
        quantity = _("%(left)s of %(quantity)s left") % {
            "left": line.quantity - line.held_quantity,
            "quantity": line.quantity,
        }
    return Row(
        order_id=line.order.order_id,
        refunded_on=display.day(line.refund.refunded_at, zone),
        item=line.title or line.sku,
        asin=line.asin,
        quantity=quantity,
        amount=display.money(line.amount_minor, line.currency),
        file_by=display.moment_short(closes, zone) if closes else "",
        left=left,
        tone=tone,
        file_href=href,
        cause=said.sentence if said else "",
        claim_href=reverse("claims:details", args=[said.claim_id]) if said and said.claim_id else "",
    )


def _badge(answer: Assessment, closes: datetime | None, now: datetime) -> tuple[str, str]:
    match answer.state:
        case State.CLAIMED:
            return _("Claimed"), "quiet"
        case State.NOT_CLAIMABLE:
            return _("Not claimable"), "quiet"
        case State.TOO_EARLY:
            return _("Not yet"), "quiet"
        case State.TOO_LATE:
            return _("Missed"), "quiet"
    assert closes is not None
    span = closes - now
    tone = "denied" if span < timedelta(hours=24) else "you" if span < timedelta(days=CLOSING_SOON_DAYS) else "them"
    return _("%(left)s left") % {"left": display.left_bare(closes, now)}, tone
