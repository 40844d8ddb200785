"""`manage.py migrate`: makes the cache's table too, and leaves a database from before migrations began anew alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

OURS = ("accounts", "claims", "messaging", "desk")
TABLE_CACHE = "cache"
TABLES, INTEGRITY = "0001_initial", "0002_integrity"
"""The two first migrations of each of our apps, since they began anew."""


class Command(migrate.Command):
    """Django's own, for every way it is called: by hand, by the demo, by tests."""

    def handle(self, *args: Any, **options: Any) -> None:
        if has_old_history(connections[options["database"]]):
            way_out = (
                "`make clean` forgets it, and the next start makes a new one"
                if settings.EMBEDDED_POSTGRES
                else "keep a dump of it (pg_dump), and start anew with an empty database"
            )
            raise CommandError(f"This database was made by migrations that are no more: {way_out}.")
        super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            # The cache's table is no model's. It serves where there is no Redis, and while one is away.
            call_command("createcachetable", TABLE_CACHE, database=options["database"], verbosity=0)


def has_old_history(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the database knows migrations from before they began anew. Only looks.

    Then an app has more than its tables, and not what comes right after them. Migrations that the code doesn't know
    *yet* don't count: an older version may run on the database of a newer one.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    names = {app: {name for label, name in applied if label == app} for app in OURS}
    if any(done - {TABLES} and INTEGRITY not in done for done in names.values()):
        return True
    return names["accounts"] == {TABLES} and _has_first_tables_of_old(connection)


def _has_first_tables_of_old(connection: BaseDatabaseWrapper) -> bool:
    """An old database that was left after its very first migration of ours has a column we never make."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "accounts_invitation")
    return "token_hash" in {column.name for column in columns}
