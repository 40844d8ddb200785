"""A test that breaks its connection or leaves rows behind keeps no later one from a clean start."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from psycopg import Connection, OperationalError

from accounts.models import User
from tests import clean_start


@contextlib.contextmanager
def someone_else() -> Iterator[Connection[Any]]:
    """Another process's connection to the test database."""
    other = connection.get_new_connection(connection.get_connection_params())
    try:
        yield other
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_opened_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with someone_else() as other:
        other.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
    clean_start.renew_connections()
    assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_transaction_nobody_ends_is_ended() -> None:
    with contextlib.ExitStack() as never_closed:
        never_closed.enter_context(transaction.atomic())
        never_closed.pop_all()
    User.objects.create_user("alice@seller-a.example")
    clean_start.renew_connections()
    assert (User.objects.count(), connection.in_atomic_block) == (0, False)


@pytest.mark.django_db(transaction=True)
def test_rows_left_behind_go_even_where_somebody_is_at_them() -> None:
    User.objects.create_user("alice@seller-a.example")
    groups = set(Group.objects.values_list("name", flat=True))
    with someone_else() as other:
        other.execute("BEGIN")
        other.execute("UPDATE accounts_user SET name = 'Alice'")
        assert "accounts_user" in clean_start.rows_left()
        clean_start.empty_tables()
        with pytest.raises(OperationalError):
            other.execute("COMMIT")
    assert clean_start.rows_left() == []
    assert groups == set(Group.objects.values_list("name", flat=True)) != set()
