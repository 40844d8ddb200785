"""The cache in PostgreSQL, for where there is no Redis: Django's, and a way to count that loses none of two at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router


class TableCache(DatabaseCache):
    def count_up(self, key: str, n: int, *, seconds: int) -> int:
        """Add `n` to the number under a key that is used for nothing else, and return it; it ends after `seconds`.

        One statement. Who begins a number also takes away what has ended, which Django does only in a full table.
        """
        connection = connections[router.db_for_write(self.cache_model_class)]
        table = connection.ops.quote_name(self.cache_model_class._meta.db_table)
        ends = datetime.fromtimestamp(int(time.time()) + seconds, UTC)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO {table} AS c (cache_key, value, expires) VALUES (%s, %s, %s)
                ON CONFLICT (cache_key) DO UPDATE SET value = (c.value::bigint + excluded.value::bigint)::text
                RETURNING value::bigint
                """,  # noqa: S608 - the table's name is a setting of ours
                [self.make_and_validate_key(key), str(n), ends],
            )
            count = int(cursor.fetchone()[0])
            if count == n:
                cursor.execute(f"DELETE FROM {table} WHERE expires < now()")  # noqa: S608
        return count
