"""Which refund line an imported claim is about, and what it holds of it: a pure function of an order's rows.

Files name claims and refunds in any order, and several postings of one SKU may come split over files. So the ties of
an order are worked out from all its rows each time, by what the files say and never by which row came first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """A refund line; `free_quantity` and `free_minor` are what claims filed here leave of it, in minor units."""

    id: int
    sku: str
    currency: str
    refunded_at: datetime
    refunded_on: date
    gross: int
    tax: int
    free_quantity: int
    free_minor: int


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """A line of an imported claim. `sku` is empty where its file named none; `holds` is false once it is withdrawn."""

    id: int
    claim_id: str
    sku: str
    currency: str
    filed_on: date
    quantity: int
    claimed: int
    holds: bool


@dataclass(frozen=True, slots=True)
class RefundMatch:
    """The refund line (by id) of an imported claim, and what of it the claim holds: never more than is free."""

    line: int
    quantity: int
    minor: int


def refund_matches(posted: Iterable[RefundedLine], imported: Iterable[ImportedLine]) -> dict[int, RefundMatch]:
    """Return the tie of each imported line (by id) that has one.

    Same SKU, or the order's only one where the claim names none. Equal amounts find each other first, with or without
    tax; then the earliest posting that has a free unit. A posting after the day of filing is taken only when there is
    no other. What a report says was refunded may include tax: the claim then holds all that is left, and no more.
    """
    lines = sorted(posted, key=lambda line: (line.refunded_at, line.sku))
    units = {line.id: line.free_quantity for line in lines}
    money = {line.id: line.free_minor for line in lines}
    only = lines[0].sku if len({line.sku for line in lines}) == 1 else None
    matches: dict[int, RefundMatch] = {}

    def tie(claim: ImportedLine, candidates: list[RefundedLine]) -> bool:
        candidates.sort(key=lambda line: (line.refunded_on > claim.filed_on, line.refunded_at))
        for line in candidates[:1]:
            quantity, minor = min(claim.quantity, units[line.id]), min(claim.claimed, money[line.id])
            matches[claim.id] = RefundMatch(line.id, quantity, minor)
            if claim.holds:
                units[line.id] -= quantity
                money[line.id] -= minor
        return bool(candidates)

    # Withdrawn claims hold nothing: they come last, and need nothing free.
    claims = sorted(imported, key=lambda claim: (not claim.holds, claim.filed_on, claim.claim_id, claim.id))
    waiting = []
    for claim in claims:
        own = [line for line in lines if line.sku == (claim.sku or only) and line.currency == claim.currency]
        free = [line for line in own if units[line.id] >= claim.quantity or not claim.holds]
        if not tie(claim, [line for line in free if claim.claimed in (line.gross, line.gross + line.tax)]):
            waiting.append((claim, own))
    for claim, own in waiting:
        tie(claim, [line for line in own if units[line.id] > 0 or not claim.holds])
    return matches
