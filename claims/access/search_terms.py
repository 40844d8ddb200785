"""What a person may search by: whole ids, told apart by their shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q

from accounts.values import bare_id, single_line, whole
from claims.models import ClaimLine, RefundLine, Return

_ORDER = re.compile(r"^[0-9]{3}-[0-9]{7}-[0-9]{7}\Z")
_CLAIM = re.compile(r"^[0-9]{5}-[0-9]{5}-[0-9]{7}\Z")
_BARE = re.compile(r"^[0-9]{17}\Z")
_ASIN = re.compile(r"^[A-Z0-9]{10}\Z")
_RMA = re.compile(r"^[A-Z0-9]{4,60}RRMA\Z")
_TRACKING = re.compile(r"^[A-Z0-9]{8,40}\Z")


class Shape(StrEnum):
    ORDER = "order id"
    CLAIM = "claim id"
    ASIN = "ASIN"
    RMA = "RMA id"
    TRACKING = "tracking id"


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for: `text` as typed, and `ids`, its spelling in each shape it can have (none: no id we know)."""

    text: str
    ids: tuple[tuple[Shape, str], ...]

    @property
    def unknown(self) -> bool:
        return bool(self.text) and not self.ids


def as_order_id(text: str) -> str | None:
    """Return an order id in its 3-7-7 form, however it was pasted; None when it isn't one."""
    bare = bare_id(text)
    if _BARE.match(bare):
        return f"{bare[:3]}-{bare[3:10]}-{bare[10:]}"
    return bare if _ORDER.match(bare) else None


def understood(text: str) -> Search:
    """Return what a search text can be. Spaces, letter case and full-width characters don't matter."""
    typed = single_line(text)[:100]
    bare = bare_id(typed)
    ids: list[tuple[Shape, str]] = []
    if order_id := as_order_id(bare):
        ids.append((Shape.ORDER, order_id))
    if _CLAIM.match(bare):
        ids.append((Shape.CLAIM, bare))
    if _BARE.match(bare):
        ids.append((Shape.CLAIM, f"{bare[:5]}-{bare[5:10]}-{bare[10:]}"))
    if _ASIN.match(bare):
        ids.append((Shape.ASIN, bare))
    if _RMA.match(bare):
        ids.append((Shape.RMA, bare))
    elif _TRACKING.match(bare) and (not ids or (whole(bare, digits=40) is not None and _ASIN.match(bare))):
        ids.append((Shape.TRACKING, bare))  # ten digits are an old ASIN or a tracking id
    return Search(typed, tuple(ids))


def condition(search: Search, seller_id: int) -> Q:
    """Return the condition on claims of the seller that the search means."""
    matches = Q(pk__in=[])
    for shape, value in search.ids:
        match shape:
            case Shape.ORDER:
                matches |= Q(order__order_id=value)
            case Shape.CLAIM:
                matches |= Q(claim_id=value)
            case Shape.ASIN:
                matches |= Q(pk__in=ClaimLine.objects.filter(seller_id=seller_id, asin=value).values("claim_id"))
            case Shape.RMA:
                matches |= Q(order_id__in=Return.objects.filter(seller_id=seller_id, rma_id=value).values("order_id"))
            case Shape.TRACKING:
                backs = Return.objects.filter(seller_id=seller_id, tracking_id=value)
                matches |= Q(order_id__in=backs.values("order_id"))
    return matches


def refund_condition(search: Search, seller_id: int) -> Q:
    """Return the condition on refund lines of the seller that the search means. Any text may also be a SKU.

    Each meaning is looked up by its own index; an OR of them would be tried on every line there is.
    """
    mine = RefundLine.objects.filter(seller_id=seller_id)
    matches = [mine.filter(sku=search.text)]
    for shape, value in search.ids:
        match shape:
            case Shape.ORDER:
                matches.append(mine.filter(order__order_id=value))
            case Shape.CLAIM:
                matches.append(mine.filter(claim_lines__claim__claim_id=value))
            case Shape.ASIN:
                matches.append(mine.filter(asin=value))
            case Shape.RMA:
                matches.append(mine.filter(order__returns__rma_id=value))
            case Shape.TRACKING:
                matches.append(mine.filter(order__returns__tracking_id=value))
    first, *rest = (each.values("pk") for each in matches)
    return Q(pk__in=first.union(*rest) if rest else first)


def as_day(text: str) -> date | None:
    """Return a day written as YYYY-MM-DD, as date fields send it; None for anything else."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None
