"""Old e-mails of the seller that may be the reply: the lapse waits until a handler has said what they are.

A handler says either that the e-mail is the reply, here, or asks again, which sets a new deadline and ends the hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from claims.models import Claim, InformationRequest, StatusChange
from claims.rules.lifecycle import Actor, Status, Verb
from claims.workflow import deadlines
from claims.workflow.transitions import _transition, guard, lock


@dataclass(frozen=True, slots=True)
class NewestMail:
    """The newest old e-mails of a claim: the seller's, and the desk's where it is sure when that was.

    `seller_latest` is the latest moment at which one of the seller may have been written: where that isn't known, when
    it was imported.
    """

    seller_at: datetime
    seller_latest: datetime
    desk_at: datetime | None = None


def may_be_answered(newest: Mapping[int, NewestMail]) -> set[int]:
    """Return the keys of the claims that wait for the seller's reply though an old e-mail may be it. Two queries.

    That is one the seller may have written after they were asked. Where it isn't known when the claim asked (it was
    imported) the desk's e-mail stands for it. The one rule for the import, the pages and the lapse.
    """
    waiting = Claim.objects.filter(pk__in=newest, status=Status.AWAITING_SELLER)
    requests = InformationRequest.objects.filter(claim__in=newest, closed_at__isnull=True)
    asked = dict(requests.values_list("claim_id", "at"))
    found = set()
    for pk in waiting.values_list("pk", flat=True):
        since = asked.get(pk) or newest[pk].desk_at
        if since is None or newest[pk].seller_latest > since:
            found.add(pk)
    return found


def note_mail(newest: Mapping[int, NewestMail]) -> int:
    """Hold the claims of which an old e-mail may be the reply; return of how many it is new. The claims are locked."""
    if not newest:
        return 0
    held = 0
    found = may_be_answered(newest)
    for claim in Claim.objects.filter(pk__in=found).order_by("pk").only("pk", "mail_reply_at"):
        seller_at = newest[claim.pk].seller_at
        if claim.mail_reply_at is None or seller_at > claim.mail_reply_at:
            claim.mail_reply_at = seller_at
            claim.save(update_fields=["mail_reply_at"])
            held += 1
    return held


def accept_mail(claim_pk: int, *, by: Actor, now: datetime, version: int | None = None) -> StatusChange:
    """Take the seller's old e-mail as the reply: the claim is under investigation again. Raises TransitionRefused."""
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.ACCEPT_MAIL, claim, by, now)
        InformationRequest.objects.filter(claim=claim, closed_at__isnull=True).update(closed_at=now)
        claim.answer_due_at = deadlines.answer_due(claim, now)
        return _transition(claim, Verb.ACCEPT_MAIL, Status.UNDER_INVESTIGATION, by, now)
