"""The state of a claim, asked over and over by an open page: one query by index, however long its thread is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest

from accounts.access import Membership, person
from claims.models import Claim

UNSETTLED = """
    (SELECT concat_ws('/', count(*), count(*) FILTER (WHERE a.scan = 'PENDING'), sum(a.id))
       FROM claims_attachment a
      WHERE a.claim_id = {claim} AND a.shown_at IS NOT NULL AND (a.scan = 'PENDING' OR a.making = 'PENDING'))
"""
"""SQL of a word for which files of a claim are still being checked or drawn: another one once one of them is not."""

NONE_UNSETTLED = "0/0"

# All of a claim that makes an open page of it old once it changes.
_FIELDS = (
    "claim_id",
    "status",
    "stage",
    "next_position",
    "reply_by",
    "appeal_by",
    "answer_due_at",
    "granted_minor",
    "paid_minor",
)
_SQL = f"""
    SELECT {", ".join(f"c.{field}" for field in _FIELDS)}, m.role, {UNSETTLED.format(claim="c.id")}
      FROM claims_claim c
      JOIN accounts_membership m ON m.seller_id = c.seller_id AND m.user_id = %s AND m.is_active
      JOIN accounts_user u ON u.id = m.user_id AND u.is_active AND NOT u.is_staff
     WHERE c.claim_id = %s
"""  # noqa: S608 - our own words


def tag_asked(request: HttpRequest, claim_id: str) -> str:
    """The tag of the claim with this public id, for a member of its seller; Http404 for anybody else.

    The access check of the claim's pages, in one query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [person(request).pk, claim_id])
        row = cursor.fetchone()
    if row is None:
        raise Http404
    return _tag(row)


def tag_of(claim: Claim, membership: Membership, unsettled: str) -> str:
    """The same tag, of a claim that passed the access check; `unsettled` as it was when its files were read."""
    return _tag([*(getattr(claim, field) for field in _FIELDS), membership.role, unsettled])


def _tag(values: Iterable[Any]) -> str:
    said = "\n".join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in values)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:24]}"'
