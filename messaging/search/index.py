"""The words of what was written before the search cut them by parts: written anew, once."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection


def write_left(batch: int) -> Iterator[int]:
    """Give every entry without parts its parts, and every claim its first entry; yield how many claims were looked at.

    A transaction for each `batch` of claims, so that nobody waits for long and a run that is stopped loses one of them.
    Triggers write the parts of whatever is said meanwhile, by the version before this one too.
    """
    beyond = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*), messaging_keep_left(%(beyond)s, %(batch)s) FROM "
                "(SELECT 1 FROM claims_claim WHERE id > %(beyond)s ORDER BY id LIMIT %(batch)s) one",
                {"beyond": beyond, "batch": batch},
            )
            number, last = cursor.fetchone()
            if last is None:
                return
            beyond = last
            yield number
