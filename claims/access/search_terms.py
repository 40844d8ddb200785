"""What a person may search by: whole ids, told apart by their shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.values import days, ids, single_line
from accounts.values.ids import Shape
from claims.models import ClaimLine, RefundLine, Return


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for: `text` as typed, and `ids`, its spelling in each shape it can have (none: no id we know)."""

    text: str
    ids: tuple[tuple[Shape, str], ...]

    @property
    def unknown(self) -> bool:
        return bool(self.text) and not self.ids


def understood(text: str) -> Search:
    """Return what a search text can be: every id in it, however it was pasted (`accounts.values.ids.meant`)."""
    typed = single_line(text)[:100]
    return Search(typed, ids.meant(typed))


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
    """Return a day typed or sent by a date field; None for what is none, or could be two."""
    return days.typed_day(text)
