"""The second pair of eyes: what another handler proposed takes effect, a decision or the correction of one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from claims.decisions import correct, decide
from claims.decisions.checks import NotDecided, contradictions
from claims.decisions.propose import lines_of
from claims.models import ProposedDecision
from claims.rules.lifecycle import Actor, Verb
from claims.workflow.desk_actions import TransitionWithPosition
from claims.workflow.transitions import guard, lock_for_amounts


def confirm(claim_pk: int, *, by: Actor, now: datetime, version: int | None = None) -> TransitionWithPosition:
    """Make what another handler proposed the decision, and return the transition.

    Raises TransitionRefused, or NotDecided when what was proposed no longer fits the claim.
    """
    with transaction.atomic():
        claim = lock_for_amounts(claim_pk, version=version)
        guard(Verb.CONFIRM, claim, by, now)
        proposal = ProposedDecision.objects.get(claim=claim)
        claim_lines, lines, verb = list(claim.lines.all()), lines_of(proposal), Verb(proposal.verb)
        correction = verb is Verb.CORRECT
        problems = (
            correct.problems_of_correction(claim, claim_lines, lines, proposal.words)
            if correction
            else contradictions(claim, claim_lines, lines, verb=verb)
        )
        if problems:
            raise NotDecided(problems)
        words, whose = proposal.words, proposal.by_id
        if correction:
            return correct.take_effect(claim, claim_lines, lines, by, now, words, proposed_by=whose)
        return decide.take_effect(claim, claim_lines, lines, verb, by, now, words, proposed_by=whose)
