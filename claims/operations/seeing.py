"""What a person has seen of a claim."""

from __future__ import annotations

from django.db import connection

from claims.models import Claim, Unseen


def open_claim(claim: Claim, user_id: int) -> int:
    """Note that a member opened the claim; return up to which position they had read before (0: never).

    Call it on a person's GET only. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH before AS (SELECT position FROM claims_lastseen WHERE user_id = %(user)s AND claim_id = %(claim)s),
                 news AS (DELETE FROM claims_unseen WHERE user_id = %(user)s AND claim_id = %(claim)s)
            INSERT INTO claims_lastseen (user_id, seller_id, claim_id, position)
            VALUES (%(user)s, %(seller)s, %(claim)s, %(position)s)
            ON CONFLICT (user_id, claim_id) DO UPDATE SET position = excluded.position
            RETURNING (SELECT position FROM before)
            """,
            {"user": user_id, "claim": claim.pk, "seller": claim.seller_id, "position": claim.next_position - 1},
        )
        row = cursor.fetchone()
    return (row[0] or 0) if row else 0


def open_details(claim: Claim, user_id: int) -> int:
    """Note that a member saw how the claim stands, without its thread; return up to which position they had read that.

    Call it on a person's GET only. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH news AS (DELETE FROM claims_unseen WHERE user_id = %(user)s AND claim_id = %(claim)s)
            SELECT position FROM claims_lastseen WHERE user_id = %(user)s AND claim_id = %(claim)s
            """,
            {"user": user_id, "claim": claim.pk},
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def mark_all_seen(*, seller_id: int, user_id: int) -> int:
    """Note that a member has seen every change in this seller's claims; return how many were new to them."""
    return Unseen.objects.filter(user_id=user_id, seller_id=seller_id).delete()[0]
