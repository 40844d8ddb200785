"""Which refund an imported claim is about: worked out from all rows of the order, whichever came first."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from claims.imports.match_imported_claims import ImportedLine, RefundedLine, RefundMatch, refund_matches
from claims.models import Claim, ClaimLine, RefundLine
from tests.claims.imports import samples
from tests.claims.imports.conftest import Importer
from tests.claims.imports.samples import charge, finances, item, refund

LINE = RefundedLine(1, "A", "USD", datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1), 1000, 80, 1, 1000)
LATER = replace(LINE, id=2, refunded_at=datetime(2026, 3, 9, tzinfo=UTC), refunded_on=date(2026, 3, 9))
CLAIM = ImportedLine(1, "10000-20000-3000001", "A", "USD", date(2026, 3, 20), 1, 1000, True)
OTHER = replace(CLAIM, id=2, claim_id="10000-20000-3000002")


@pytest.mark.parametrize(
    ("lines", "claims", "expected"),
    [
        ([LINE], [CLAIM], {1: RefundMatch(1, 1, 1000)}),
        # With tax it comes to more than the line has: the claim holds all there is.
        ([LINE], [replace(CLAIM, claimed=1080)], {1: RefundMatch(1, 1, 1000)}),
        ([LINE], [replace(CLAIM, claimed=5000, quantity=3)], {1: RefundMatch(1, 1, 1000)}),
        ([LINE], [replace(CLAIM, claimed=300)], {1: RefundMatch(1, 1, 300)}),
        # Two postings: the equal amount, else the earliest, else the one before the claim was filed.
        ([LINE, replace(LATER, gross=700, free_minor=700)], [replace(CLAIM, claimed=700)], {1: RefundMatch(2, 1, 700)}),
        ([LINE, LATER], [CLAIM], {1: RefundMatch(1, 1, 1000)}),
        ([LINE, LATER], [CLAIM, OTHER], {1: RefundMatch(1, 1, 1000), 2: RefundMatch(2, 1, 1000)}),
        ([LATER], [replace(CLAIM, filed_on=date(2026, 3, 2))], {1: RefundMatch(2, 1, 1000)}),
        # What claims filed here hold is not free; nothing free is no tie.
        ([replace(LINE, free_quantity=0, free_minor=0)], [CLAIM], {}),
        ([replace(LINE, free_quantity=2, free_minor=400)], [CLAIM], {1: RefundMatch(1, 1, 400)}),
        ([LINE], [CLAIM, OTHER], {1: RefundMatch(1, 1, 1000)}),
        # A withdrawn claim takes nothing from the others.
        ([LINE], [replace(CLAIM, holds=False), OTHER], {1: RefundMatch(1, 0, 0), 2: RefundMatch(1, 1, 1000)}),
        # Without a SKU only where the order has one; never another SKU or currency.
        ([LINE], [replace(CLAIM, sku="")], {1: RefundMatch(1, 1, 1000)}),
        ([LINE, replace(LATER, sku="B")], [replace(CLAIM, sku="")], {}),
        ([LINE], [replace(CLAIM, sku="B")], {}),
        ([LINE], [replace(CLAIM, currency="EUR")], {}),
    ],
)
def test_claim_finds_its_refund(
    lines: list[RefundedLine], claims: list[ImportedLine], expected: dict[int, RefundMatch]
) -> None:
    for some_lines, some_claims in itertools.product(itertools.permutations(lines), itertools.permutations(claims)):
        assert refund_matches(some_lines, some_claims) == expected


ORDER = "203-5550001-7770001"
NAMED = {
    "SafeT claim id": "10101-20202-3030303",
    "SafeT claim state": "Pending",
    "SafeT claim creation time": "20-Mar-2026 10:11:12",
}


def posting(posted: str, amount: float, tax: float = 0) -> object:
    return finances([refund(ORDER, posted, item("KETTLE-1", charge("Principal", -amount), charge("Tax", -tax)))])


def tied() -> list[tuple[int, int, int]]:
    lines = RefundLine.objects.order_by("refund__refunded_at")
    return [(line.amount_minor, line.held_quantity, line.held_minor) for line in lines]


def test_claim_for_more_than_the_refund_because_of_tax_holds_it(bring_in: Importer) -> None:
    bring_in(samples.returns_text({**NAMED, "Refunded Amount": "69.12"}))
    bring_in(posting("2026-03-18T02:00:00Z", 64, 5.12))
    assert tied() == [(6400, 1, 6400)]
    line = ClaimLine.objects.get()
    assert (line.claimed_minor, line.held_minor, line.claim.refund_id) == (6912, 6400, Claim.objects.get().refund_id)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_postings_split_over_files_tie_alike_in_any_order(bring_in: Importer, order: tuple[int, ...]) -> None:
    contents = [
        posting("2026-03-12T02:00:00Z", 80),
        posting("2026-03-18T02:00:00Z", 64),
        samples.returns_text({**NAMED, "Refunded Amount": "64.00"}),
    ]
    for at in order:
        bring_in(contents[at])
    assert tied() == [(8000, 0, 0), (6400, 1, 6400)]
    assert ClaimLine.objects.get().refund_line == Claim.objects.get().refund.lines.get()  # type: ignore[union-attr]
