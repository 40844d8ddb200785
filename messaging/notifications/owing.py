"""Who is owed an e-mail. Rows are written in the transaction of the change: nothing said is unsent."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from claims.lifecycle import Stage, Verb
from claims.models import Claim, StatusChange
from messaging.models import Message, OutgoingEmail

Kind = OutgoingEmail.Kind

KINDS: dict[Verb, Kind] = {
    Verb.FILE: Kind.FILED,
    Verb.REQUEST_INFORMATION: Kind.INFORMATION_REQUESTED,
    Verb.REPLY: Kind.REPLY_RECEIVED,
    Verb.GRANT: Kind.GRANTED,
    Verb.DENY: Kind.DENIED,
    Verb.LAPSE: Kind.LAPSED,
    Verb.APPEAL: Kind.APPEAL_FILED,
    Verb.WITHDRAW: Kind.WITHDRAWN,
}


def kind_of(change: StatusChange, claim: Claim) -> Kind:
    """Return which e-mail a status change owes. Raises KeyError for a verb that owes none (adoption)."""
    kind = KINDS[Verb(change.verb)]
    if change.from_stage == Stage.APPEAL:
        if kind in (Kind.GRANTED, Kind.DENIED):
            raised = claim.approved_minor > (claim.first_approved_minor or 0)
            return Kind.APPEAL_RAISED if raised else Kind.APPEAL_CONFIRMED
        if kind is Kind.LAPSED:
            return Kind.APPEAL_LAPSED
    if kind is Kind.GRANTED and not claim.granted_in_full:
        return Kind.PARTLY_GRANTED
    return kind


def owe_for_change(change: StatusChange, claim: Claim) -> int:
    """Owe each member of the seller one e-mail about the change; return how many. One query."""
    params = {"answer_due": claim.answer_due_at.isoformat() if claim.answer_due_at else None}
    occasion = f"change:{change.pk}"
    return _owe(kind_of(change, claim), occasion, claim, change.position, change.at, params)


def owe_for_message(message: Message, claim: Claim) -> int:
    """Owe each member of the seller one e-mail about a message of the desk; return how many. One query."""
    return _owe(Kind.MESSAGE, f"message:{message.pk}", claim, message.position, message.at, {})


def _owe(kind: Kind, occasion: str, claim: Claim, position: int, at: datetime, params: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_outgoingemail
                   (uuid, kind, occasion, seller_id, claim_id, position, user_id, params, state, cause, address,
                    attempts, next_attempt_at, created_at)
            SELECT gen_random_uuid(), %s, %s, m.seller_id, %s, %s, m.user_id, %s, 'QUEUED', '', '', 0, %s, %s
              FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
             WHERE m.seller_id = %s AND m.is_active AND u.is_active
            ON CONFLICT DO NOTHING
            """,
            [kind, occasion, claim.pk, position, json.dumps(params), at, at, claim.seller_id],
        )
        return cursor.rowcount
