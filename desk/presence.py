"""Who else has a claim open. It locks nothing and decides nothing: it saves two people the same work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import ngettext

from accounts.models import User
from claims.text import formats
from desk.models import Presence

HERE = timedelta(minutes=2)
"""So long after the last sign of a page a handler counts as being there; the page gives one every 30 seconds."""
BEAT_SECONDS = 30


def mark(claim_pk: int, user: User, now: datetime, *, writing: bool = False) -> None:
    """Note that this person has the claim open. Drops what they had open before and left. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH left_behind AS (
              DELETE FROM desk_presence WHERE user_id = %(user)s AND seen_at < %(gone)s AND claim_id <> %(claim)s
            )
            INSERT INTO desk_presence (claim_id, user_id, seen_at, is_writing)
            VALUES (%(claim)s, %(user)s, %(now)s, %(writing)s)
            ON CONFLICT (claim_id, user_id) DO UPDATE SET seen_at = excluded.seen_at, is_writing = excluded.is_writing
            """,
            {"claim": claim_pk, "user": user.pk, "now": now, "gone": now - HERE, "writing": writing},
        )


def leave(claim_pk: int, user: User) -> None:
    """Note that this person closed the claim."""
    Presence.objects.filter(claim_id=claim_pk, user=user).delete()


def others(claim_pks: Iterable[int], user: User, now: datetime) -> dict[int, str]:
    """Return, by claim, the sentence that says who else is here; claims that nobody else has open are left out."""
    by_claim: dict[int, list[Presence]] = {}
    rows = Presence.objects.filter(claim__in=list(claim_pks), seen_at__gt=now - HERE).exclude(user=user)
    for row in rows.select_related("user").order_by("seen_at", "pk"):
        by_claim.setdefault(row.claim_id, []).append(row)
    return {pk: _sentence(people) for pk, people in by_claim.items()}


def _sentence(people: list[Presence]) -> str:
    names = formats.and_list([str(each.user) for each in people])
    if any(each.is_writing for each in people):
        return ngettext("%(names)s is here and writing", "%(names)s are here and writing", len(people)) % {
            "names": names
        }
    return ngettext("%(names)s is here", "%(names)s are here", len(people)) % {"names": names}


def sentence(claim_pk: int, user: User, now: datetime) -> str:
    """Return who else has the claim open, "" for nobody."""
    return others([claim_pk], user, now).get(claim_pk, "")
