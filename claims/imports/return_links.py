"""Which return belongs to which refund line, and which refund a reversal took back: pure functions of an order's rows.

They see nothing but the rows of one order, sorted by what the files say and never by the ids the rows got here, so
that importing files in any order links the same. Plain Python; the loader reads and writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A refund line as posted. `refunded_on` is the marketplace's day of `refunded_at`; amounts in minor units."""

    id: int
    sku: str
    refunded_at: datetime
    refunded_on: date
    currency: str
    gross: int
    tax: int = 0


@dataclass(frozen=True, slots=True)
class LinkedReturn:
    """A return. `refunded` is what the report says was refunded, with or without tax."""

    id: int
    identity: str
    sku: str
    requested_on: date | None
    refunded: int | None = None
    asin: str = ""
    title: str = ""
    delivered_on: date | None = None
    last_scan_on: date | None = None
    is_refused: bool | None = None


@dataclass(frozen=True, slots=True)
class Reversal:
    """Money of a refund of `sku` that was taken back from the buyer again, in minor units above zero."""

    posted_at: datetime
    sku: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class ReturnDetails:
    """What a refund line takes over from its returns; empty texts mean that they don't say."""

    asin: str = ""
    title: str = ""
    requested_on: date | None = None
    delivered_on: date | None = None
    last_scan_on: date | None = None
    is_refused: bool | None = None


def reversed_amounts(lines: Iterable[LinkedLine], reversals: Iterable[Reversal]) -> dict[int, int]:
    """Return how much of each line (by id) was taken back, in minor units.

    A reversal goes to the newest earlier line of its SKU that still has exactly its amount, else it is spread from the
    oldest on. What finds no line is kept for the day the line arrives; no line goes below zero.
    """
    posted = sorted(lines, key=lambda line: line.refunded_at)
    left = {line.id: line.gross for line in posted}
    for reversal in sorted(reversals, key=lambda reversal: (reversal.posted_at, reversal.sku)):
        earlier = [
            line
            for line in posted
            if (line.sku, line.currency) == (reversal.sku, reversal.currency) and line.refunded_at <= reversal.posted_at
        ]
        exact = [line for line in earlier if left[line.id] == reversal.amount]
        amount = reversal.amount
        for line in exact[-1:] or earlier:
            taken = min(amount, left[line.id])
            left[line.id] -= taken
            amount -= taken
    return {line.id: line.gross - left[line.id] for line in posted}


def link(lines: Iterable[LinkedLine], returns: Iterable[LinkedReturn]) -> dict[int, int | None]:
    """Return the refund line (by id) of each return, None while there is none.

    Same SKU; first by equal amount, one return a line; then the earliest line posted on or after the request, one
    that has no return yet before one that has.
    """
    posted = sorted(lines, key=lambda line: line.refunded_at)
    links: dict[int, int | None] = {}
    taken: set[int] = set()
    waiting = []
    for back in _in_order(returns):
        equal = [
            line
            for line in posted
            if line.sku == back.sku
            and line.id not in taken
            and back.refunded
            and back.refunded in (line.gross, line.gross + line.tax)
        ]
        # An equal amount posted before the request is taken when there is none after it.
        equal.sort(key=lambda line: (not _follows(line, back), line.refunded_at))
        if equal:
            links[back.id] = equal[0].id
            taken.add(equal[0].id)
        else:
            waiting.append(back)
    for back in waiting:
        after = [line for line in posted if line.sku == back.sku and _follows(line, back)]
        free = [line for line in after if line.id not in taken] or after
        links[back.id] = free[0].id if free else None
        taken.update(line.id for line in free[:1])
    return links


def details_of_returns(
    lines: Iterable[LinkedLine], returns: Iterable[LinkedReturn], links: dict[int, int | None]
) -> dict[int, ReturnDetails]:
    """Return what each line (by id) takes over: dates from its own returns, ASIN and title from any of its SKU."""
    sorted_returns = _in_order(returns)
    result = {}
    for line in lines:
        of_sku = [back for back in sorted_returns if back.sku == line.sku]
        own = [back for back in of_sku if links.get(back.id) == line.id]
        named = own + [back for back in of_sku if back not in own]
        refused = [back.is_refused for back in own if back.is_refused is not None]
        result[line.id] = ReturnDetails(
            asin=next((back.asin for back in named if back.asin), ""),
            title=next((back.title for back in named if back.title), ""),
            requested_on=min((back.requested_on for back in own if back.requested_on), default=None),
            delivered_on=max((back.delivered_on for back in own if back.delivered_on), default=None),
            last_scan_on=max((back.last_scan_on for back in own if back.last_scan_on), default=None),
            is_refused=any(refused) if refused else None,
        )
    return result


def _follows(line: LinkedLine, back: LinkedReturn) -> bool:
    return back.requested_on is None or line.refunded_on >= back.requested_on


def _in_order(returns: Iterable[LinkedReturn]) -> Sequence[LinkedReturn]:
    return sorted(returns, key=lambda back: (back.requested_on or date.max, back.identity, back.sku))
