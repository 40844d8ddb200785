"""Put a decision right before anybody appeals it: upwards only, as a further decision. The appeal stays what it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from claims import display
from claims.lifecycle import Actor, Refusal, Status, Verb
from claims.models import ClaimLine, LedgerEntry
from claims.operations.deciding import (
    Contradiction,
    DecisionProblem,
    LineDecision,
    NotDecided,
    _record,
    needs_second,
    problems_of,
)
from claims.operations.investigating import Moved
from claims.operations.moving import Refused, _move, guard, lock


def correct(
    claim_pk: int,
    *,
    by: Actor,
    now: datetime,
    lines: Mapping[int, LineDecision],
    words: str,
    version: int | None = None,
) -> Moved:
    """Raise what a decision granted, line by line (by claim line id), for the reason in `words`; return the move.

    A further decision with the next number; the one before stays as it is. The time to appeal is untouched, unless
    all is granted now. Raises Refused, or NotDecided with all that contradicts.
    """
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.CORRECT, claim, by, now)
        claim_lines = list(claim.lines.all())
        problems = problems_of(claim, claim_lines, lines, raising=True)
        total = sum(one.amount_minor for one in lines.values())
        if not problems and total <= claim.approved_minor:
            problems.append(DecisionProblem(Contradiction.NOTHING_RAISED))
        if not words.strip():
            problems.append(DecisionProblem(Contradiction.CORRECTION_UNEXPLAINED))
        if problems:
            raise NotDecided(problems)
        before = claim.decisions.order_by("-number").first()
        limit = needs_second(claim, total)
        if limit is not None and before is not None and before.by_id == by.user_id:
            # Above the amount two people decide: who decided before can't raise it past that alone.
            raise Refused(Refusal.NEEDS_SECOND, limit=display.money(limit, claim.currency))
        decision = _record(claim, claim_lines, lines, Status.GRANTED, by, now, words)
        for line in claim_lines:
            if raised := lines[line.pk].amount_minor - line.approved_minor:
                LedgerEntry.objects.create(
                    seller_id=claim.seller_id,
                    claim=claim,
                    claim_line=line,
                    decision=decision,
                    kind=LedgerEntry.Kind.CORRECTION,
                    amount_minor=raised,
                    currency=claim.currency,
                    at=now,
                )
            line.approved_minor = lines[line.pk].amount_minor
        ClaimLine.objects.bulk_update(claim_lines, ["approved_minor"])
        claim.approved_minor = total
        claim.lapsed = False
        until = None if total == claim.claimed_minor else claim.appeal_by
        change = _move(claim, Verb.CORRECT, Status.GRANTED, by, now, appeal_by=until)
        return Moved(claim, change, decision.position)
