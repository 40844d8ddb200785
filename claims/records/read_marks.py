"""What a person has seen of a claim."""

from __future__ import annotations

from typing import Any

from django.db import connection

from claims.models import Claim, Unseen, Visit

_VISIT = """INSERT INTO claims_visit (user_id, seller_id, claim_id, day, what)
                     VALUES (%(user)s, %(seller)s, %(claim)s, (now() AT TIME ZONE 'UTC')::date, %(what)s)
                     ON CONFLICT DO NOTHING"""
"""What puts a visit on record, once a day. Part of the statement that opens the page, so that neither is without the
other."""


def open_claim(claim: Claim, user_id: int) -> int:
    """Note that a member opened the claim; return up to which position they had read before (0: never).

    Call it on a person's GET only. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH before AS (SELECT position FROM claims_readmark WHERE user_id = %(user)s AND claim_id = %(claim)s),
                 visit AS ({_VISIT}),
                 news AS (DELETE FROM claims_unseen WHERE user_id = %(user)s AND claim_id = %(claim)s)
            INSERT INTO claims_readmark (user_id, seller_id, claim_id, position)
            VALUES (%(user)s, %(seller)s, %(claim)s, %(position)s)
            ON CONFLICT (user_id, claim_id) DO UPDATE SET position = excluded.position
            RETURNING (SELECT position FROM before)
            """,  # noqa: S608 - put together from our own words
            {**_who(claim, user_id), "position": claim.next_position - 1},
        )
        row = cursor.fetchone()
    return (row[0] or 0) if row else 0


def open_details(claim: Claim, user_id: int) -> int:
    """Note that a member saw the claim without its thread; return up to which position they had read that.

    Call it on a person's GET only. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH visit AS ({_VISIT}),
                 news AS (DELETE FROM claims_unseen WHERE user_id = %(user)s AND claim_id = %(claim)s)
            SELECT position FROM claims_readmark WHERE user_id = %(user)s AND claim_id = %(claim)s
            """,  # noqa: S608 - put together from our own words
            _who(claim, user_id),
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def _who(claim: Claim, user_id: int) -> dict[str, Any]:
    return {"user": user_id, "claim": claim.pk, "seller": claim.seller_id, "what": Visit.What.CLAIM.value}


def downloaded(*, claim_pk: int, seller_id: int, user_id: int, what: Visit.What) -> None:
    """Put on record that a member downloaded something of the claim, once a day. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_VISIT, {"user": user_id, "claim": claim_pk, "seller": seller_id, "what": what.value})


def mark_all_read(*, seller_id: int, user_id: int) -> int:
    """Note that a member has seen every change in this seller's claims; return how many were new to them."""
    return Unseen.objects.filter(user_id=user_id, seller_id=seller_id).delete()[0]
