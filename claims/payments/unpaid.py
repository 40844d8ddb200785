"""What is granted and not paid yet: one list, for a seller, for the operator and for the payer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from claims import keyset
from claims.models import Claim, LedgerEntry
from claims.text import formats

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PAGE = 50
SLICE = 2_000
CURSORS = keyset.Cursors(keyset.NUMBER)
ORDER = keyset.SortOrder("filed_at", ascending=True)


@dataclass(frozen=True, slots=True)
class UnpaidRow:
    """One claim, ready to be written. `decided` is "" where it isn't known when it was decided, `taken_back` where
    nothing that was paid was taken back."""

    claim_id: str
    order_id: str
    seller: str
    href: str
    granted: str
    paid: str
    taken_back: str
    owed: str
    filed: str
    decided: str


@dataclass(frozen=True, slots=True)
class UnpaidPage:
    rows: list[UnpaidRow]
    older: str


class Owed(TypedDict):
    taken_back: int


def owed(seller_id: int | None = None) -> QuerySet[WithAnnotations[Claim, Owed]]:
    """Return the claims with more granted than paid, of one seller or of all, the longest filed first.

    While a grant is appealed it stands, and is owed. `taken_back` is what of the payments was taken back, in positive
    minor units.
    """
    reversed_ = LedgerEntry.objects.filter(claim=OuterRef("pk"), kind=LedgerEntry.Kind.REVERSED).order_by()
    sums = reversed_.values("claim").values_list(-Sum("amount_minor"))
    claims = Claim.objects.filter(paid_minor__lt=F("granted_minor")).order_by(*ORDER.columns())
    claims = claims.annotate(taken_back=Coalesce(Subquery(sums), 0))
    return claims if seller_id is None else claims.filter(seller_id=seller_id)


def page_of(seller_id: int | None, cursor: str, zone: str, *, route: str = "claims:details") -> UnpaidPage:
    """Return one page of the list; `cursor` is what the page before gave as `older`. One query, of PAGE rows."""
    start = CURSORS.read(cursor, int)
    claims = owed(seller_id).select_related("order", "seller")
    page = keyset.page(claims, ORDER, PAGE, start, lambda way, claim: CURSORS.write(way, claim.filed_at, str(claim.pk)))
    return UnpaidPage([_row(claim, zone, route) for claim in page.rows], page.older)


def export(seller_id: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield what is owed, a claim a row, as plain values: amounts in the currency's own decimals, with a point."""
    rest = owed(seller_id).select_related("order", "seller")
    claims = list(rest[:SLICE])
    while claims:
        for claim in claims:
            yield {
                "claim_id": claim.claim_id,
                "order_id": claim.order.order_id,
                "seller": claim.seller.slug,
                "partner_id": claim.seller.partner_id or "",
                "marketplace": claim.order.marketplace,
                "granted": _plain(claim.granted_minor, claim.currency),
                "paid": _plain(claim.paid_minor, claim.currency),
                "taken_back": _plain(claim.taken_back, claim.currency),
                "owed": _plain(claim.granted_minor - claim.paid_minor, claim.currency),
                "currency": claim.currency,
                "filed_at": claim.filed_at.isoformat(),
                "decided_at": claim.decided_at.isoformat() if claim.decided_at else "",
            }
        last = keyset.CursorPlace(keyset.PageDirection.OLDER, claims[-1].filed_at, claims[-1].pk)
        claims = list(rest.filter(*ORDER.past(last))[:SLICE]) if len(claims) == SLICE else []


def _row(claim: WithAnnotations[Claim, Owed], zone: str, route: str) -> UnpaidRow:
    return UnpaidRow(
        claim_id=claim.claim_id,
        order_id=claim.order.order_id,
        seller=claim.seller.name,
        href=reverse(route, args=[claim.claim_id]),
        granted=formats.money(claim.granted_minor, claim.currency),
        paid=formats.money(claim.paid_minor, claim.currency),
        taken_back=formats.money(claim.taken_back, claim.currency) if claim.taken_back else "",
        owed=formats.money(claim.granted_minor - claim.paid_minor, claim.currency),
        filed=formats.day(claim.filed_at, zone),
        decided=formats.day(claim.decided_at, zone) if claim.decided_at else "",
    )


def _plain(minor: int, currency: str) -> str:
    return formats.amount(minor, currency).replace(",", "")
