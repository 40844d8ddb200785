"""Two imports at once end as one: real transactions, real threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Seller
from claims.models import Claim, Order, RefundLine, UnmatchedPayment
from claims.payments import match_payments
from tests.cast import World
from tests.claims.imports import samples
from tests.claims.imports.conftest import Done, import_path, load_base_policy
from tests.claims.imports.samples import charge, finances, item, payment, refund
from tests.claims.imports.stored_rows import snapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shops(transactional_db: None) -> list[Seller]:
    load_base_policy()
    return [Seller.objects.create(slug=f"shop-{n}", name=f"Shop {n}", marketplace="US") for n in range(2)]


def at_once(*works: Callable[[], Done]) -> list[Any]:
    """Run the works in threads that start together; return what each returned or raised."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int) -> None:
        try:
            barrier.wait(timeout=120)
            results[index] = works[index]()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def order_id(number: int) -> str:
    return f"203-{number:07}-0000000"


def events(numbers: list[int]) -> list[dict[str, Any]]:
    return [
        refund(order_id(n), f"2026-03-18T02:00:{n % 60:02}Z", item("KETTLE-1", charge("Principal", -10 - n)))
        for n in numbers
    ]


def test_same_file_twice_at_once(tmp_path: Path, shops: list[Seller]) -> None:
    page = finances(
        events(list(range(60))), [payment("10101-20202-3030303", "2026-04-01T05:00:00Z", n + 1) for n in range(9)]
    )
    path = samples.write(tmp_path, "finances.json", page)
    results = at_once(*[lambda: import_path(path, shops[0], batch=4)] * 2)
    assert [sum(done.counts) for done in results] == [69, 69]
    assert sum(done.summary.new for done in results) == 69
    assert sum(done.summary.unchanged for done in results) == 69
    assert (Order.objects.count(), RefundLine.objects.count()) == (60, 60)


def test_refunds_and_returns_of_the_same_orders_at_once(tmp_path: Path, shops: list[Seller]) -> None:
    numbers = list(range(40))
    money = samples.write(tmp_path, "finances.json", finances(events(numbers)))
    rows = [
        {"Order ID": order_id(n), "Amazon RMA ID": f"D{n}RRMA", "Refunded Amount": f"{10 + n}.00"}
        for n in reversed(numbers)
    ]
    back = samples.write(tmp_path, "returns.tsv", samples.returns_text(*rows))
    results = at_once(lambda: import_path(money, shops[0], batch=3), lambda: import_path(back, shops[0], batch=5))
    assert [done.counts for done in results] == [(40, 0, 0, 0), (40, 0, 0, 0)]
    found = snapshot()
    assert [row[3] is not None for row in found["returns"]] == [True] * 40
    assert [row[9] for row in found["lines"]] == ["B0FFEE0001"] * 40


def test_two_sellers_at_once_with_the_same_orders(tmp_path: Path, shops: list[Seller]) -> None:
    path = samples.write(tmp_path, "finances.json", finances(events(list(range(30)))))
    results = at_once(*(lambda shop=shop: import_path(path, shop, batch=2) for shop in shops))
    assert sum(done.summary.new for done in results) == 30
    assert sum(done.summary.left_out for done in results) == 30
    owners = set(RefundLine.objects.values_list("order__order_id", "seller_id"))
    assert len(owners) == 30


def test_a_payment_confirmed_by_hand_waits_for_the_file_that_is_read_in(transactional_db: None) -> None:
    """Both lock the claim first: the file that holds it gets at the claim's payments, whoever waits for the claim."""
    world = World(now=timezone.now())
    claim = world.claim()
    world.decide(claim, 3000)
    row = UnmatchedPayment.objects.create(
        seller=claim.seller,
        source="SETTLEMENT",
        payment="p1",
        order_id=claim.order.order_id,
        amount_minor=3000,
        currency=claim.currency,
        at=world.now,
    )
    done: list[Any] = []

    def confirm() -> None:
        try:
            done.append(match_payments.confirm(row.pk, claim_id=claim.claim_id, by=world.ada, now=world.now))
        finally:
            connection.close()

    with transaction.atomic():
        Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)
        by_hand = threading.Thread(target=confirm)
        by_hand.start()
        with connection.cursor() as cursor:
            for _ in range(3000):
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                if cursor.fetchone()[0]:
                    break
        assert UnmatchedPayment.objects.select_for_update(nowait=True).get(pk=row.pk) == row
    by_hand.join(120)
    assert [entry.amount_minor for entry in done] == [3000]
