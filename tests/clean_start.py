"""Each test begins with connections that answer and with tables as migrations leave them, whatever the one before did.

A test that fails in the middle, or whose server is broken on purpose, may leave a connection that is cut, a transaction
that is open, and rows that others then find. Nothing of that is the next test's.
"""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection, connections

FILLED = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"}
"""Tables that have rows in an empty database: `migrate` writes them, and so does emptying."""

GIVEN = connection.settings_dict["NAME"]
"""The database that DATABASE_URL names; the tests make theirs beside it."""


def is_test_database() -> bool:
    """Whether the connection leads to the database of the tests by now: none but that is ever emptied."""
    return bool(connection.settings_dict["NAME"] != GIVEN)


def renew_connections() -> None:
    """Close this thread's connections that no longer answer or are in a transaction nobody will end."""
    for each in connections.all(initialized_only=True):
        if each.connection is not None and (each.in_atomic_block or not each.is_usable()):
            each.in_atomic_block = False  # else Django keeps it, as closed, until that transaction's end
            each.close()


def rows_left() -> list[str]:
    """The tables that have rows and should have none. One query."""
    quote = connection.ops.quote_name
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - FILLED)
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {quote(table)})" for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [table for (table,) in cursor.fetchall()]


def empty_tables() -> None:
    """Empty every table that has rows left, after ending who may still be writing them."""
    assert is_test_database()
    if not rows_left():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    call_command("flush", verbosity=0, interactive=False)
