"""Whether an error says that the database is away, and not that a statement was wrong."""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError

_AWAY = ("08", "53", "57P", "58")
"""What the codes begin with that PostgreSQL sends when it can't serve: connection, resources, shutdown, system."""


def is_away(error: BaseException | None) -> bool:
    """Return whether PostgreSQL could not be reached, went away, or takes nobody: the same may work in a minute."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    code = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return code is None or code.startswith(_AWAY)
