"""The rows of a thread, from as many tables as it has kinds of line, a page at a time at the same cost wherever it is.

Order is (at, position): imported mail carries the moment it was sent, not the one it came in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One thing that has a place in a thread. `kind` is the name of its Reading; `facts` what only that kind has.

    `act` says what sort within its kind it is: a message's purpose, a status change's verb.
    """

    kind: str
    at: datetime
    position: int
    party: str
    act: str
    person_id: int | None
    person: str
    text: str
    quoted: str
    erased_at: datetime | None
    created_at: datetime
    facts: Mapping[str, Any]

    @property
    def key(self) -> Key:
        return self.at, self.position

    def moment(self, name: str) -> datetime | None:
        """Return the fact with this name as a moment; None where there is none."""
        value = self.facts.get(name)
        return datetime.fromisoformat(value) if value else None


@dataclass(frozen=True, slots=True)
class ThreadTable:
    """How a table's rows are read into a thread. The table has claim_id, at, position and an index in that order.

    `columns` gives the SQL of a Row's fields over the table as `t`; what isn't given is empty. `facts` are pairs of a
    name and its SQL. `where` keeps rows out that another kind tells already.
    """

    name: str
    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    where: str = ""

    def sql(self) -> str:
        def of(name: str, empty: str = "''") -> str:
            return self.columns.get(name, empty)

        facts = ", ".join(f"'{name}', {value}" for name, value in self.facts.items())
        person = of("person_id", "NULL::bigint")
        return f"""
            SELECT '{self.name}'::text, t.at, t.position, {of("party")}, {of("act")},
                   {person}, coalesce(nullif(u.name, ''), u.email, ''), {of("text")}, {of("quoted")},
                   {of("erased_at", "NULL::timestamptz")}, {of("created_at", "t.at")}, jsonb_build_object({facts})
              FROM {self.table} t LEFT JOIN accounts_user u ON u.id = {person}"""  # noqa: S608 - our own words


Readings = Sequence[ThreadTable]


def newest(readings: Readings, claim_pk: int, limit: int) -> list[ThreadRow]:
    """Return the last rows of the thread, oldest first."""
    return _read(readings, claim_pk, limit)


def before(readings: Readings, claim_pk: int, key: Key, limit: int, *, inclusive: bool = False) -> list[ThreadRow]:
    """Return the rows right before a place in the thread, oldest first."""
    return _read(readings, claim_pk, limit, key, "<=" if inclusive else "<")


def after(readings: Readings, claim_pk: int, key: Key, limit: int) -> list[ThreadRow]:
    """Return the rows right after a place in the thread, oldest first."""
    return _read(readings, claim_pk, limit, key, ">")


def since(readings: Readings, claim_pk: int, position: int, limit: int) -> list[ThreadRow]:
    """Return the rows that got their place after this one got its, wherever their moments put them."""
    arms = []
    for reading in readings:
        extra = f" AND {reading.where}" if reading.where else ""
        where = f"t.claim_id = %(claim)s AND t.position > %(position)s{extra}"
        arms.append(f"({reading.sql()} WHERE {where} ORDER BY t.position LIMIT %(limit)s)")
    with connection.cursor() as cursor:
        values = {"claim": claim_pk, "position": position, "limit": limit}
        cursor.execute(f"{' UNION ALL '.join(arms)} ORDER BY 3 LIMIT %(limit)s", values)
        return _rows(cursor.fetchall())


def key_of(readings: Readings, claim_pk: int, position: int) -> Key | None:
    """Return the place in the order of the row with this position; None when the claim has none there."""
    arms = " UNION ALL ".join(
        f"SELECT t.at, t.position FROM {one.table} t WHERE t.claim_id = %(claim)s AND t.position = %(position)s"  # noqa: S608
        for one in readings
    )
    with connection.cursor() as cursor:
        cursor.execute(arms, {"claim": claim_pk, "position": position})
        found: Key | None = cursor.fetchone()
    return found


def _read(readings: Readings, claim_pk: int, limit: int, key: Key | None = None, side: str = "<") -> list[ThreadRow]:
    where = "t.claim_id = %(claim)s"
    if key:
        where += f" AND (t.at, t.position) {side} (%(at)s, %(position)s)"
    way = "ASC" if side == ">" else "DESC"
    arms = []
    for one in readings:
        extra = f" AND {one.where}" if one.where else ""
        arms.append(f"({one.sql()} WHERE {where}{extra} ORDER BY t.at {way}, t.position {way} LIMIT %(limit)s)")
    sql = f"{' UNION ALL '.join(arms)} ORDER BY 2 {way}, 3 {way} LIMIT %(limit)s"
    at, position = key or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"claim": claim_pk, "limit": limit, "at": at, "position": position})
        found = _rows(cursor.fetchall())
    return found if side == ">" else found[::-1]


def _rows(values: list[tuple[Any, ...]]) -> list[ThreadRow]:
    return [ThreadRow(*(*row[:-1], json.loads(row[-1]))) for row in values]
