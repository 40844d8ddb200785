"""The rows of a thread, from three tables in one order, a page at a time at the same cost wherever it is.

Order is (at, position): migrated mail carries the moment it was sent, not the one it came in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One message, status change or decision (of which only the place is read here).

    `act` is a message's purpose or a status change's verb; `asked` what a request asked for, (slot, own words) each.
    """

    source: str
    at: datetime
    position: int
    party: str
    act: str
    person_id: int | None
    person: str
    text: str
    quoted: str
    reply_by: datetime | None
    erased_at: datetime | None
    created_at: datetime
    date_known: bool
    migrated: bool
    asked: tuple[tuple[str, str], ...]

    @property
    def key(self) -> Key:
        return self.at, self.position


_ARMS = (
    """
    SELECT 'message', t.at, t.position, t.party, t.purpose, t.author_id,
           coalesce(nullif(u.name, ''), u.email, ''), t.text, t.quoted,
           NULL::timestamptz, t.erased_at, t.created_at, t.date_known, t.origin = 'MIGRATED', NULL::jsonb
      FROM messaging_message t LEFT JOIN accounts_user u ON u.id = t.author_id""",
    """
    SELECT 'change', t.at, t.position, t.party, t.verb, t.actor_id, coalesce(nullif(u.name, ''), u.email, ''), '', '',
           t.reply_by, NULL::timestamptz, t.created_at, TRUE, FALSE,
           CASE WHEN t.verb = 'REQUEST_INFORMATION' THEN
             (SELECT jsonb_agg(jsonb_build_array(i.slot, i.words) ORDER BY i.id)
                FROM claims_informationrequest q JOIN claims_informationitem i ON i.request_id = q.id
               WHERE q.claim_id = t.claim_id AND q.at = t.at) END
      FROM claims_statuschange t LEFT JOIN accounts_user u ON u.id = t.actor_id""",
    """
    SELECT 'decision', t.at, t.position, '', '', NULL::bigint, '', '', '',
           NULL::timestamptz, NULL::timestamptz, t.created_at, TRUE, FALSE, NULL::jsonb
      FROM claims_decision t""",
)
# What a decision's card tells already.
_TOLD_BY_DECISION = "('GRANT', 'DENY', 'LAPSE')"
_TABLES = ("messaging_message", "claims_statuschange", "claims_decision")


def newest(claim_pk: int, limit: int) -> list[Row]:
    """Return the last rows of the thread, oldest first."""
    return _read(claim_pk, limit)


def before(claim_pk: int, key: Key, limit: int, *, inclusive: bool = False) -> list[Row]:
    """Return the rows right before a place in the thread, oldest first."""
    return _read(claim_pk, limit, key, "<=" if inclusive else "<")


def after(claim_pk: int, key: Key, limit: int) -> list[Row]:
    """Return the rows right after a place in the thread, oldest first."""
    return _read(claim_pk, limit, key, ">")


def key_of(claim_pk: int, position: int) -> Key | None:
    """Return where in the order the row with this position stands; None when the claim has none there."""
    arms = " UNION ALL ".join(
        f"SELECT at, position FROM {table} WHERE claim_id = %(claim)s AND position = %(position)s"  # noqa: S608
        for table in _TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(arms, {"claim": claim_pk, "position": position})
        found: Key | None = cursor.fetchone()
    return found


def _read(claim_pk: int, limit: int, key: Key | None = None, side: str = "<") -> list[Row]:
    where = "t.claim_id = %(claim)s"
    if key:
        where += f" AND (t.at, t.position) {side} (%(at)s, %(position)s)"
    way = "ASC" if side == ">" else "DESC"
    arms = []
    for arm in _ARMS:
        extra = f" AND t.verb NOT IN {_TOLD_BY_DECISION}" if "claims_statuschange" in arm else ""
        arms.append(f"({arm} WHERE {where}{extra} ORDER BY t.at {way}, t.position {way} LIMIT %(limit)s)")
    sql = f"{' UNION ALL '.join(arms)} ORDER BY 2 {way}, 3 {way} LIMIT %(limit)s"
    at, position = key or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"claim": claim_pk, "limit": limit, "at": at, "position": position})
        found = [Row(*[*row, _asked(asked)]) for *row, asked in cursor.fetchall()]
    return found if side == ">" else found[::-1]


def _asked(value: Any) -> tuple[tuple[str, str], ...]:
    items = json.loads(value) if isinstance(value, str) else value
    return tuple((slot, words) for slot, words in items or ())
