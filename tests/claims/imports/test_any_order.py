"""Files may come in any order, and more than once: the rows are the same in the end."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Seller
from claims.models import Claim, Order, RefundLine, Return
from tests.claims.imports import samples
from tests.claims.imports.conftest import import_path
from tests.claims.imports.stored_rows import snapshot

START = datetime(2026, 3, 1, 3, tzinfo=UTC)
FIELDS = (
    "Order date",
    "Return delivery date",
    "Tracking ID",
    "ASIN",
    "Item Name",
    "Order Amount",
    "A-to-Z Claim",
    "Refunded Amount",
)


@dataclass
class World:
    """What happened; the files each tell a part of it."""

    files: dict[str, Any]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    events: list[dict[str, Any]] = []
    reports: list[list[dict[str, str]]] = [[], []]
    payments: list[dict[str, Any]] = []
    rows: list[dict[str, str]] = []
    for number in range(draw(st.integers(1, 3))):
        order_id = f"203-000000{number}-000000{number}"
        place = draw(st.sampled_from(["Amazon.com", "Amazon.de", None]))
        skus = draw(st.lists(st.sampled_from(["A", "B"]), min_size=1, max_size=2, unique=True))
        claimed = draw(st.booleans())
        for posting in range(draw(st.integers(1, 2)) if claimed else draw(st.integers(0, 3))):
            posted = START + timedelta(days=draw(st.integers(0, 9)), seconds=posting)
            items = [
                samples.item(
                    sku,
                    samples.charge(
                        "Principal", draw(st.sampled_from([-10, -20, -30] if claimed else [-10, -20, -30, 10, 15]))
                    ),
                    samples.charge("Tax", draw(st.sampled_from([0, -1]))),
                    quantity=draw(st.integers(0, 2)),
                )
                for sku in skus
            ]
            events.append(samples.refund(order_id, posted.isoformat(), *items, marketplace=place))
        for nth in range(draw(st.integers(1 if claimed else 0, 2))):
            requested = START + timedelta(days=draw(st.integers(0, 6)), hours=12 * nth)
            rma = f"D{number}{nth}RRMA"
            full = {
                **samples.A_RETURN,
                "Order ID": order_id,
                "Merchant SKU": skus[0],
                "Amazon RMA ID": rma,
                "Return request date": f"{requested - timedelta(days=nth * 10):%d-%b-%Y}",
                "Refunded Amount": draw(st.sampled_from(["10.00", "11.00", "20.00", ""])),
                "Tracking ID": f"1Z{number}{nth}",
            }
            early = {name: "" if draw(st.booleans()) else value for name, value in full.items() if name in FIELDS}
            early["Amazon RMA ID"] = draw(st.sampled_from(["", rma]))
            if claimed and nth == 0:
                claim_id = f"1000{number}-20000-3000000"
                full |= {
                    "SafeT claim id": claim_id,
                    "SafeT claim state": draw(st.sampled_from(["Pending", "Approved", "Denied"])),
                    "SafeT claim creation time": "20-Mar-2026 10:11:12",
                }
                full["SafeT claim reimbursement amount"] = "5.00" if full["SafeT claim state"] == "Approved" else ""
                full["Refunded Amount"] = draw(st.sampled_from(["10.00", "11.00", "25.00"]))
                early.pop("Refunded Amount")
                amounts = draw(st.lists(st.sampled_from([5, 5, -5]), max_size=3))
                payments += [samples.payment(claim_id, START.isoformat(), amount) for amount in amounts]
            reports[0].append({**full, **early, "SafeT claim id": ""})
            reports[1].append(full)
        if draw(st.booleans()):
            posted = START + timedelta(days=20)
            rows.append(
                {
                    "order id": order_id,
                    "refunded at": posted.isoformat(),
                    "sku": "C",
                    "currency": "USD",
                    "amount": "7.50",
                    "issuer": "marketplace",
                    "chargeback": "no",
                    "item": "Lid",
                    "asin": "B0FFEE0007",
                }
            )
    half = draw(st.integers(0, len(events)))
    return World(
        {
            "finances-1.json": samples.finances(events[:half], payments),
            "finances-2.json": samples.finances(events[half:]),
            "returns-early.tsv": samples.returns_text(*reports[0]),
            "returns.tsv": samples.returns_text(*reports[1], columns=samples.COLUMNS_35),
            "plain.csv": samples.plain_text(*rows),
        }
    )


@pytest.mark.django_db
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(world=worlds(), seed=st.integers(0, 10**6))
def test_any_order_of_files_gives_the_same_rows(shop: Seller, tmp_path: Path, world: World, seed: int) -> None:
    paths = [samples.write(tmp_path, name, content) for name, content in world.files.items()]
    expected = _rows_after(paths, shop)
    order = random.Random(seed)
    shuffled = [*paths, *order.sample(paths, 2)]
    order.shuffle(shuffled)
    assert _rows_after(shuffled, shop) == expected


def _rows_after(paths: list[Path], shop: Seller) -> dict[str, list[tuple[Any, ...]]]:
    with transaction.atomic():
        for path in paths:
            done = import_path(path, shop, batch=3)
            assert done.rejects == []
        found = snapshot()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_worlds_are_not_empty(shop: Seller, tmp_path: Path) -> None:
    """What the property says of nothing would be worth nothing: the files do make rows, links and claims."""
    seen = {"orders": 0, "lines": 0, "linked": 0, "claims": 0, "reversed": 0}

    @settings(max_examples=15, deadline=None, database=None, derandomize=True)
    @given(world=worlds())
    def look(world: World) -> None:
        with transaction.atomic():
            for name, content in world.files.items():
                import_path(samples.write(tmp_path, name, content), shop)
            seen["orders"] += Order.objects.count()
            seen["lines"] += RefundLine.objects.count()
            seen["linked"] += Return.objects.filter(refund_line__isnull=False).count()
            seen["claims"] += Claim.objects.filter(refund__isnull=False).count()
            seen["reversed"] += RefundLine.objects.filter(reversed_minor__gt=0).count()
            transaction.set_rollback(True)

    look()
    assert all(seen.values()), seen
