"""Put a decision right before anybody appeals it: upwards only, as a further decision. The appeal stays what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from claims.decisions.checks import Contradiction, DecisionProblem, LineDecision, NotDecided, not_missing, problems_of
from claims.decisions.decide import record
from claims.decisions.propose import Proposed, needs_second, propose
from claims.models import Claim, ClaimLine, LedgerEntry
from claims.rules.lifecycle import Actor, Status, Verb
from claims.workflow.desk_actions import TransitionWithPosition
from claims.workflow.transitions import _transition, guard, lock_for_amounts


def correct(
    claim_pk: int,
    *,
    by: Actor,
    now: datetime,
    lines: Mapping[int, LineDecision],
    words: str,
    version: int | None = None,
) -> TransitionWithPosition | Proposed:
    """Raise what a decision granted, line by line (by claim line id), for the reason in `words`; return the transition.

    A further decision with the next number; the one before stays as it is. The time to appeal is untouched, unless
    all is granted now. Above the amount that policy sets for one handler alone it waits for another one, whoever
    decided before: what is returned is the proposal. Raises TransitionRefused, or NotDecided with all that contradicts.
    """
    with transaction.atomic():
        claim = lock_for_amounts(claim_pk, version=version)
        guard(Verb.CORRECT, claim, by, now)
        claim_lines = list(claim.lines.all())
        if problems := problems_of_correction(claim, claim_lines, lines, words):
            raise NotDecided(problems)
        limit = needs_second(claim, sum(one.amount_minor for one in lines.values()))
        if limit is not None:
            return propose(claim, Verb.CORRECT, by, now, lines, words, limit)
        return take_effect(claim, claim_lines, lines, by, now, words)


def problems_of_correction(
    claim: Claim, claim_lines: Sequence[ClaimLine], lines: Mapping[int, LineDecision], words: str
) -> list[DecisionProblem]:
    """Return everything that speaks against raising the claim's decision like this; empty means it can be."""
    problems = problems_of(claim, claim_lines, lines, raising=True)
    if not problems and sum(one.amount_minor for one in lines.values()) <= claim.granted_minor:
        problems.append(DecisionProblem(Contradiction.NOTHING_RAISED))
    problems += not_missing(claim, claim_lines, lines)
    if not words.strip():
        problems.append(DecisionProblem(Contradiction.CORRECTION_UNEXPLAINED))
    return problems


def take_effect(
    claim: Claim,
    claim_lines: Sequence[ClaimLine],
    lines: Mapping[int, LineDecision],
    by: Actor,
    now: datetime,
    words: str,
    proposed_by: int | None = None,
) -> TransitionWithPosition:
    """Write the correction of the locked claim and book what it adds. `proposed_by`: whose it is when `by` confirms."""
    decision = record(claim, claim_lines, lines, Status.GRANTED, by, now, words, proposed_by=proposed_by)
    for line in claim_lines:
        if raised := lines[line.pk].amount_minor - line.granted_minor:
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
        line.granted_minor = lines[line.pk].amount_minor
    ClaimLine.objects.bulk_update(claim_lines, ["granted_minor"])
    claim.granted_minor = sum(one.amount_minor for one in lines.values())
    claim.lapsed = False
    until = None if claim.granted_minor == claim.claimed_minor else claim.appeal_by
    change = _transition(claim, Verb.CORRECT, Status.GRANTED, by, now, appeal_by=until)
    return TransitionWithPosition(claim, change, decision.position)
