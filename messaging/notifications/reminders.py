"""Reminders before a deadline: owed once for each deadline and step, found by the index of the deadline.

A run looks only at deadlines whose step came since the last run (`RemindedUntil`), so a run costs what is due and not
what there is. A step whose moment lies within a day of the act that started the deadline is left out: who has just read
"reply by" need not read it again. A deadline that moves is another deadline; whether a reminder still holds is asked
again when it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from claims.refunds import claimable
from messaging.models import RemindedUntil
from messaging.notifications import enqueue
from messaging.notifications.kinds import Kind

STEPS = {"7d": timedelta(days=7), "3d": timedelta(days=3), "1d": timedelta(days=1), "3h": timedelta(hours=3)}
QUIET = timedelta(hours=24)
"""No reminder so soon after the act that started the deadline."""

_NAME = "to_char({deadline} AT TIME ZONE 'UTC', 'YYYYMMDD\"T\"HH24MISS\"Z\"')"
_SOURCES = {
    Kind.REMINDER_REPLY: f"""
        SELECT 'reminder-reply' AS kind,
               'reply-by:' || c.id || ':' || {_NAME.format(deadline="c.reply_by")} || ':' || %(name)s AS occasion,
               c.seller_id, c.id AS claim_id,
               (SELECT max(s.position) FROM claims_statuschange s WHERE s.claim_id = c.id) AS position,
               jsonb_build_object('deadline', c.reply_by) AS params,
               NULL::bigint AS only_user, true AS acting, true AS copies
          FROM claims_claim c
         WHERE c.status = 'AWAITING_SELLER' AND c.reply_by > %(after)s AND c.reply_by <= %(until)s
           AND c.reply_by - %(step)s - %(quiet)s >= greatest(c.filed_at,
               (SELECT max(q.at) FROM claims_informationrequest q WHERE q.claim_id = c.id),
               (SELECT max(v.at) FROM claims_deadlinemove v WHERE v.claim_id = c.id AND v.deadline = 'REPLY_BY'))
    """,  # noqa: S608 - our own words
    Kind.REMINDER_APPEAL: f"""
        SELECT 'reminder-appeal' AS kind,
               'appeal-by:' || c.id || ':' || {_NAME.format(deadline="c.appeal_by")} || ':' || %(name)s AS occasion,
               c.seller_id, c.id AS claim_id,
               (SELECT max(s.position) FROM claims_statuschange s WHERE s.claim_id = c.id) AS position,
               jsonb_build_object('deadline', c.appeal_by) AS params,
               NULL::bigint AS only_user, true AS acting, true AS copies
          FROM claims_claim c
         WHERE c.appeal_by IS NOT NULL AND c.appeal_by > %(after)s AND c.appeal_by <= %(until)s
           AND c.granted_minor < c.claimed_minor
           AND c.appeal_by - %(step)s - %(quiet)s >= greatest(c.filed_at, c.decided_at,
               (SELECT max(v.at) FROM claims_deadlinemove v WHERE v.claim_id = c.id AND v.deadline = 'APPEAL_BY'))
    """,  # noqa: S608 - our own words
    # One reminder for all refunds of a seller that close at the same instant: a marketplace's windows end with its day.
    Kind.REMINDER_REFUND: f"""
        SELECT 'reminder-refund' AS kind,
               'refund:' || l.seller_id || ':' || {_NAME.format(deadline="l.first_closes_at")} || ':' || %(name)s
               AS occasion,
               l.seller_id, NULL::bigint AS claim_id, NULL::int AS position,
               jsonb_build_object('deadline', l.first_closes_at) AS params,
               NULL::bigint AS only_user, true AS acting, false AS copies
          FROM claims_refundline l JOIN accounts_seller s ON s.id = l.seller_id
         WHERE l.first_closes_at > %(after)s AND l.first_closes_at <= %(until)s
           AND {claimable.SQL}
           AND l.first_closes_at - %(step)s - %(quiet)s >= l.opens_at
         GROUP BY l.seller_id, l.first_closes_at
    """,  # noqa: S608 - our own words
    Kind.REMINDER_DRAFT: f"""
        SELECT 'reminder-draft' AS kind,
               'draft:' || d.id || ':' || {_NAME.format(deadline="l.first_closes_at")} || ':' || %(name)s AS occasion,
               l.seller_id, NULL::bigint AS claim_id, NULL::int AS position,
               jsonb_build_object('deadline', l.first_closes_at, 'draft', d.id) AS params,
               d.user_id AS only_user, true AS acting, false AS copies
          FROM claims_refundline l JOIN accounts_seller s ON s.id = l.seller_id
          JOIN claims_draft d ON d.refund_id = l.refund_id AND d.purpose = 'FILE'
         WHERE l.first_closes_at > %(after)s AND l.first_closes_at <= %(until)s
           AND {claimable.SQL}
           AND l.first_closes_at - %(step)s - %(quiet)s >= d.created_at
         GROUP BY l.seller_id, l.first_closes_at, d.id
    """,  # noqa: S608 - our own words
}


@dataclass(frozen=True, slots=True)
class RemindersOwed:
    """How many e-mails a run made owed of one kind, so long before the deadline."""

    kind: Kind
    step: str
    emails: int


TOTAL = len(_SOURCES) * len(STEPS)
"""How many parts `owe_due` has."""


def owe_due(now: datetime) -> Iterator[RemindersOwed]:
    """Owe every reminder that came due since the last run, part by part; yield what each part did.

    Each part is a transaction. Any number of runs at once, or again, owe nothing twice.
    """
    sooner = [*list(STEPS.values())[1:], timedelta(0)]
    for kind in _SOURCES:
        for (name, step), next_step in zip(STEPS.items(), sooner, strict=True):
            yield RemindersOwed(kind, name, _owe_step(kind, name, step, next_step, now))


def _owe_step(kind: Kind, name: str, step: timedelta, sooner: timedelta, now: datetime) -> int:
    """Owe the reminders of one kind and step. Deadlines that are within the next step already get that one alone."""
    with transaction.atomic():
        RemindedUntil.objects.bulk_create(
            [RemindedUntil(kind=kind, step=step, until=now - (step - sooner))], ignore_conflicts=True
        )
        reminded = RemindedUntil.objects.select_for_update(no_key=True).get(kind=kind, step=step)
        if reminded.until >= now:
            return 0
        values = {
            "name": name,
            "step": step,
            "quiet": QUIET,
            "after": max(reminded.until + step, now + sooner),
            "until": now + step,
            "now": now,
        }
        new = enqueue.owe(_SOURCES[kind], values, now)
        RemindedUntil.objects.filter(pk=reminded.pk).update(until=now)
    return new
