"""Old e-mails of the seller that may be the reply: the lapse waits until a handler has said what they are.

A handler says either that the e-mail is the reply, here, or asks again, which sets a new deadline and ends the hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from claims.models import Claim, InformationRequest, StatusChange
from claims.rules.lifecycle import Actor, Status, Verb
from claims.workflow import deadlines
from claims.workflow.transitions import _transition, guard, lock


def note_mail(newest: Mapping[int, tuple[datetime, datetime | None]]) -> int:
    """Hold the lapse of the claims whose seller wrote after they were asked; return how many claims that were.

    `newest` says, by claim id, when the seller's newest old e-mail was written, and the desk's. The caller has locked
    the claims. Where it isn't known when the seller was asked (an imported claim), the desk's e-mail counts instead.
    """
    waiting = Claim.objects.filter(pk__in=newest, status=Status.AWAITING_SELLER).order_by("pk")
    asked = dict(
        InformationRequest.objects.filter(claim__in=newest, closed_at__isnull=True).values_list("claim_id", "at")
    )
    held = 0
    for claim in waiting.only("pk", "mail_reply_at"):
        seller_at, desk_at = newest[claim.pk]
        since = asked.get(claim.pk) or desk_at
        if (since is None or seller_at > since) and (claim.mail_reply_at is None or seller_at > claim.mail_reply_at):
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
