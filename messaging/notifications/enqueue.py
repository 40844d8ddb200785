"""Who is owed an e-mail. Rows are written in the transaction of the change: nothing said is unsent.

Every row of this table is made by the one statement here, from members and confirmed extra addresses as they are at
that moment. What a member chose, and the ceilings, decide whether a row waits to be sent or for the daily digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection

from accounts.models import Invitation, SignInChange, User
from accounts.sign_in.changes import ChangeStep
from claims.models import Attachment, Batch, Claim, DeadlineMove, LedgerEntry, Redaction, StatusChange
from claims.rules.lifecycle import Stage, Verb
from messaging import signals
from messaging.models import Message, OutgoingEmail
from messaging.notifications.kinds import NEVER_CAPPED, STARTS_A_CLOCK

Kind = OutgoingEmail.Kind

MOST_AN_HOUR = 20
"""E-mails to one person about one claim within an hour; more go into the digest."""
BATCH_WAITS = timedelta(hours=1)
"""How long the e-mail about a batch waits for its end, which makes it go at once; longer than any batch takes."""
MOST_A_DAY = 1000
"""E-mails to one person about one seller account within a day; more go into the digest."""

KINDS: dict[Verb, Kind] = {
    Verb.FILE: Kind.FILED,
    Verb.REQUEST_INFORMATION: Kind.INFORMATION_REQUESTED,
    Verb.REPLY: Kind.REPLY_RECEIVED,
    Verb.ACCEPT_MAIL: Kind.REPLY_RECEIVED,
    Verb.GRANT: Kind.GRANTED,
    Verb.DENY: Kind.DENIED,
    Verb.CORRECT: Kind.DECISION_CORRECTED,
    Verb.LAPSE: Kind.LAPSED,
    Verb.APPEAL: Kind.APPEAL_FILED,
    Verb.WITHDRAW: Kind.WITHDRAWN,
}


def kind_of(change: StatusChange, claim: Claim) -> Kind:
    """Return which e-mail a status change owes. Raises KeyError for a verb that owes none (IMPORT)."""
    kind = KINDS[Verb(change.verb)]
    if change.from_stage == Stage.APPEAL:
        if kind in (Kind.GRANTED, Kind.DENIED):
            raised = claim.granted_minor > (claim.first_granted_minor or 0)
            return Kind.APPEAL_RAISED if raised else Kind.APPEAL_CONFIRMED
        if kind is Kind.LAPSED:
            return Kind.APPEAL_LAPSED
    if kind is Kind.GRANTED and not claim.granted_in_full:
        return Kind.PARTLY_GRANTED
    return kind


def owe_for_change(change: StatusChange, claim: Claim) -> int:
    """Owe each member of the seller one e-mail about the change; return how many. One query."""
    params: dict[str, Any] = {"answer_due": claim.answer_due_at.isoformat() if claim.answer_due_at else None}
    if change.verb == Verb.FILE and claim.batch_pk:
        occasion, params = _of_batch(claim.batch_pk), {**params, "batch": claim.batch_pk}
        return owe_on_claim(Kind.FILED, occasion, claim, change.position, change.at, params, wait=BATCH_WAITS)
    return owe_on_claim(kind_of(change, claim), f"change:{change.pk}", claim, change.position, change.at, params)


def _of_batch(batch_pk: int) -> str:
    return f"filed-batch:{batch_pk}"


def tell_of_batch(batch: Batch) -> int:
    """Have the e-mails about the claims a batch filed sent now; return how many. At most three queries.

    They are owed since the first of its claims and wait until it is done. One that a mail server has by then, since the
    batch took longer than they wait, is owed once more, for what was filed after it.
    """
    if batch.kind != Batch.Kind.SUBMIT or batch.finished_at is None:
        return 0
    owed = OutgoingEmail.objects.filter(occasion=_of_batch(batch.pk))
    now = batch.finished_at
    told = owed.filter(state=OutgoingEmail.State.QUEUED).update(next_attempt_at=now, scheduled_at=now)
    early = owed.filter(state__in=[OutgoingEmail.State.SENDING, OutgoingEmail.State.SENT])
    if (one := early.select_related("claim").first()) and one.claim:
        told += owe_on_claim(Kind.FILED, f"{_of_batch(batch.pk)}:end", one.claim, one.position, now, one.params)
    return _told(told, None)


def owe_for_message(message: Message, claim: Claim) -> int:
    """Owe each member of the seller one e-mail about a message of the desk; return how many. One query."""
    return owe_on_claim(Kind.MESSAGE, f"message:{message.pk}", claim, message.position, message.at, {})


def owe_for_file(attachment: Attachment, claim: Claim, position: int, at: datetime) -> int:
    """Owe each member of the seller one e-mail about a file that was not accepted; return how many. One query."""
    occasion = f"file:{attachment.pk}"
    return owe_on_claim(Kind.FILE_NOT_ACCEPTED, occasion, claim, position, at, {"attachment": attachment.pk})


def owe_for_move(move: DeadlineMove, claim: Claim) -> int:
    """Owe each member one e-mail about a deadline that was moved; return how many. One query."""
    return owe_on_claim(Kind.REPLY_BY_MOVED, f"move:{move.pk}", claim, move.position, move.at, {"move": move.pk})


def owe_for_redaction(redaction: Redaction, claim: Claim) -> int:
    """Owe each member one e-mail about a text or a file that was redacted; return how many. One query."""
    occasion = f"redaction:{redaction.pk}"
    params = {"redaction": redaction.pk}
    return owe_on_claim(Kind.REDACTED, occasion, claim, redaction.position, redaction.at, params)


def owe_for_payment(entry: LedgerEntry, claim: Claim) -> int:
    """Owe each member one e-mail about money booked on a claim; return how many. At most two queries.

    What was paid before a claim was imported is history, and news to nobody.
    """
    if claim.origin == Claim.Origin.IMPORTED:
        entered = StatusChange.objects.filter(claim=claim, verb=Verb.IMPORT, at__gt=entry.at)
        if entered.exists():
            return 0
    kind = Kind.PAID if entry.kind == LedgerEntry.Kind.PAID else Kind.PAYMENT_REVERSED
    return owe_on_claim(kind, f"payment:{entry.pk}", claim, None, entry.created_at, {"entry": entry.pk})


def owe_invitation(invitation: Invitation) -> int:
    """Owe an invitation to the address it was made for. One query."""
    return owe_to_address(
        Kind.INVITATION,
        f"invitation:{invitation.pk}",
        invitation.seller_id,
        invitation.email,
        invitation.created_at,
        {"invitation": invitation.pk},
    )


def owe_factor_changed(user: User, change: str, at: datetime) -> None:
    """Owe a person an e-mail about a change of their second factor. One query."""
    occasion = f"factor:{user.pk}:{at.isoformat()}"
    _owe_to_people(Kind.FACTOR_CHANGED, occasion, [user.pk], at, {"change": str(change), "at": at.isoformat()})


def owe_of_library(address: str, subject: str, text: str, at: datetime) -> None:
    """Owe an e-mail that the sign-in library wrote. One query."""
    occasion = f"sign-in-library:{uuid4()}"
    _insert(Kind.SIGN_IN_LIBRARY, occasion, None, None, [address], at, {"subject": subject, "text": text})


def owe_on_claim(
    kind: Kind,
    occasion: str,
    claim: Claim,
    position: int | None,
    at: datetime,
    params: Mapping[str, Any],
    wait: timedelta = timedelta(0),
) -> int:
    """Owe each member, and each extra address, one e-mail about a claim; return how many. One query.

    It is sent `wait` after `at`, unless it is told to go earlier.
    """
    source = """
        SELECT %s::text AS kind, %s::text AS occasion, %s::bigint AS seller_id, %s::bigint AS claim_id,
               %s::int AS position, %s::jsonb AS params, NULL::bigint AS only_user, false AS acting, true AS copies
    """
    values = [kind, occasion, claim.seller_id, claim.pk, position, json.dumps(params)]
    return owe(source, values, at, wait)


def owe_to_address(kind: Kind, occasion: str, seller_id: int, address: str, at: datetime, params: Any) -> int:
    """Owe an e-mail to an address: an invitation, the wish to confirm it. One query."""
    return _insert(kind, occasion, seller_id, None, [address], at, params)


def owe_password_reset(address: str, at: datetime) -> None:
    """Owe a link to set a new password to who signs in with this address. One query, the same whoever does.

    The row holds the address and the moment. Whether there is an account is asked when its turn comes, and the link is
    made then.
    """
    occasion = f"password-reset:{uuid4()}"
    _insert(Kind.PASSWORD_RESET, occasion, None, None, [address], at, {})


def owe_for_changed_email(user: User, old: str, at: datetime) -> None:
    """Owe word to both addresses that one replaced the other. Two queries."""
    occasion = f"address-changed:{uuid4()}"
    for which, address in (("old", old), ("new", user.email)):
        _insert(Kind.ADDRESS_CHANGED, f"{occasion}:{which}", None, None, [address], at, {"which": which})


def owe_for_sign_in_change(change: SignInChange, step: ChangeStep, at: datetime) -> None:
    """Owe the e-mails about a change that a superuser asked for in another person's sign-in. Up to three queries.

    They go to the superuser who asked and to the person; to every superuser where two had to decide. Where the person
    is owed a link, they get that instead. A changed address is told to both addresses in any case.
    """
    people = {change.asked_by_id}
    if not change.is_at_once:
        people |= set(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
    people.discard(change.user_id)
    params = {"change": change.pk, "step": step.value}
    occasion = f"sign-in-change:{change.pk}:{step.value}"
    _owe_to_people(Kind.SIGN_IN_CHANGE, occasion, sorted(people), at, params)
    if step is not ChangeStep.DONE:
        _owe_to_people(Kind.SIGN_IN_CHANGE, f"{occasion}:own", [change.user_id], at, {**params, "own": True})
    elif change.kind == SignInChange.Kind.LINK:
        _owe_to_people(Kind.PASSWORD_LINK, f"password-link:{change.pk}", [change.user_id], at, {"change": change.pk})


def _owe_to_people(kind: Kind, occasion: str, people: list[int], at: datetime, params: Any) -> int:
    return _insert(kind, occasion, None, people, None, at, params)


def _insert(
    kind: Kind,
    occasion: str,
    seller_id: int | None,
    people: list[int] | None,
    addresses: list[str] | None,
    at: datetime,
    params: Any,
) -> int:
    """Owe an e-mail to each of the people, or to each of the addresses; return how many rows are new. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_outgoingemail (uuid, kind, occasion, seller_id, user_id, extra_address, params, state,
                                                 cause, address, attempts, next_attempt_at, created_at)
            SELECT gen_random_uuid(), %s, %s, %s, one.person, one.address, %s, 'QUEUED', '', '', 0, %s, %s
              FROM unnest(%s::bigint[], %s::text[]) AS one (person, address) ON CONFLICT DO NOTHING
            """,
            [kind, occasion, seller_id, json.dumps(params), at, at, people, addresses],
        )
        return _told(cursor.rowcount, kind)


_OWE = """
WITH owed AS ({source}),
told AS (
  SELECT o.*, m.user_id, NULL::text AS extra, m.role = 'owner' AS owns, coalesce(p.choice, 'AT_ONCE') AS choice
    FROM owed o
    JOIN accounts_membership m ON m.seller_id = o.seller_id AND m.is_active
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    LEFT JOIN messaging_emailpreference p ON p.user_id = m.user_id AND p.seller_id = m.seller_id AND p.kind = o.kind
   WHERE (o.only_user IS NULL OR o.only_user = m.user_id) AND (NOT o.acting OR m.role <> 'viewer')
  UNION ALL
  SELECT o.*, NULL, x.email, false, 'AT_ONCE'
    FROM owed o
    JOIN messaging_extraaddress x ON x.seller_id = o.seller_id AND x.confirmed_at IS NOT NULL AND x.removed_at IS NULL
   WHERE o.copies AND NOT EXISTS (
         SELECT 1 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
          WHERE m.seller_id = o.seller_id AND m.is_active AND u.email = x.email)
),
weighed AS (
  SELECT t.*, coalesce(bool_or(owns) OVER one, false) AS owned,
         coalesce(bool_or(owns AND choice = 'AT_ONCE') OVER one, false) AS heard
    FROM told t WINDOW one AS (PARTITION BY occasion)
)
INSERT INTO messaging_outgoingemail
       (uuid, kind, occasion, seller_id, claim_id, position, user_id, extra_address, params, state, cause, address,
        attempts, next_attempt_at, created_at)
SELECT gen_random_uuid(), w.kind, w.occasion, w.seller_id, w.claim_id, w.position, w.user_id, w.extra, w.params,
       s.state, CASE s.state WHEN 'SUPPRESSED' THEN 'SWITCHED_OFF' ELSE '' END, '', 0, %(due)s, %(at)s
  FROM weighed w CROSS JOIN LATERAL (SELECT CASE
         WHEN w.kind = ANY (%(clocks)s) AND NOT w.heard AND w.user_id IS NOT NULL AND (w.owns OR NOT w.owned)
              THEN 'QUEUED'
         WHEN w.choice = 'OFF' THEN 'SUPPRESSED'
         WHEN w.choice = 'DIGEST' THEN 'DIGEST'
         WHEN w.kind = ANY (%(never_capped)s) THEN 'QUEUED'
         WHEN w.user_id IS NOT NULL AND (
              EXISTS (SELECT 1 FROM messaging_outgoingemail e
                       WHERE e.user_id = w.user_id AND e.seller_id = w.seller_id AND e.claim_id = w.claim_id
                         AND e.created_at > %(hour)s AND e.state NOT IN ('DIGEST', 'SUPPRESSED') OFFSET %(an_hour)s)
           OR EXISTS (SELECT 1 FROM messaging_outgoingemail e
                       WHERE e.user_id = w.user_id AND e.seller_id = w.seller_id AND e.created_at > %(day)s
                         AND e.state NOT IN ('DIGEST', 'SUPPRESSED') OFFSET %(a_day)s)) THEN 'DIGEST'
         WHEN w.extra IS NOT NULL AND (
              EXISTS (SELECT 1 FROM messaging_outgoingemail e
                       WHERE e.extra_address = w.extra AND e.seller_id = w.seller_id AND e.claim_id = w.claim_id
                         AND e.created_at > %(hour)s AND e.state NOT IN ('DIGEST', 'SUPPRESSED') OFFSET %(an_hour)s)
           OR EXISTS (SELECT 1 FROM messaging_outgoingemail e
                       WHERE e.extra_address = w.extra AND e.seller_id = w.seller_id AND e.created_at > %(day)s
                         AND e.state NOT IN ('DIGEST', 'SUPPRESSED') OFFSET %(a_day)s)) THEN 'DIGEST'
         ELSE 'QUEUED' END AS state) s
ON CONFLICT DO NOTHING
"""


def owe(source: str, values: Sequence[Any] | Mapping[str, Any], at: datetime, wait: timedelta = timedelta(0)) -> int:
    """Owe an e-mail for each row of `source` to each of its recipients; return how many rows are new. One query.

    `source` selects kind, occasion, seller_id, claim_id, position, params, only_user (one member, or nothing),
    acting (only who may act) and copies (extra addresses too). An occasion that is owed already stays as it is.
    """
    named = dict(values) if isinstance(values, Mapping) else {f"v{n}": value for n, value in enumerate(values)}
    if not isinstance(values, Mapping):
        for name in named:
            source = source.replace("%s", f"%({name})s", 1)
    ceilings: dict[str, Any] = {
        "at": at,
        "due": at + wait,
        "hour": at - timedelta(hours=1),
        "day": at - timedelta(days=1),
        "an_hour": MOST_AN_HOUR - 1,
        "a_day": MOST_A_DAY - 1,
        "clocks": [str(kind) for kind in STARTS_A_CLOCK],
        "never_capped": [str(kind) for kind in NEVER_CAPPED],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWE.format(source=source), {**named, **ceilings})
        return _told(cursor.rowcount, None)


def _told(new: int, kind: Kind | None) -> int:
    """Tell whoever has e-mails sent that some are new; return how many."""
    if new:
        signals.emails_owed.send(sender=OutgoingEmail, kind=kind)
    return new
