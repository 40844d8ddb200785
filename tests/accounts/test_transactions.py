"""Work that met other work in a deadlock is begun anew, so often and no oftener; any other error is raised."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from accounts import transactions
from accounts.models import Seller


class Broken(Exception):
    """What the driver would raise, with the code of the server's error."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def failing(times: int, sqlstate: str = "40P01") -> tuple[Callable[[], str], list[int]]:
    """Work that writes, then fails so many times, and the tries it took."""
    tries: list[int] = []

    def work() -> str:
        tries.append(Seller.objects.create(slug=f"try-{len(tries)}", name="Try", marketplace="US").pk)
        if len(tries) <= times:
            raise OperationalError from Broken(sqlstate)
        return "done"

    return work, tries


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_deadlock_begins_the_work_anew_and_leaves_nothing_of_the_first_try(sqlstate: str) -> None:
    work, tries = failing(transactions.TRIES - 1, sqlstate)
    assert transactions.retried(work) == "done"
    assert list(Seller.objects.values_list("pk", flat=True)) == tries[-1:]
    assert len(tries) == transactions.TRIES
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sqlstate", "expected"), [("40P01", transactions.TRIES), ("57P01", 1)])
def test_the_last_deadlock_and_any_other_error_are_raised(sqlstate: str, expected: int) -> None:
    work, tries = failing(99, sqlstate)
    with pytest.raises(OperationalError):
        transactions.retried(work)
    assert (len(tries), Seller.objects.count()) == (expected, 0)


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_nothing_is_tried_again() -> None:
    work, tries = failing(1)
    with pytest.raises(OperationalError), transaction.atomic():
        transactions.retried(work)
    assert len(tries) == 1
