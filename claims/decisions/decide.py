"""Decisions: what takes effect at once, what waits for a second handler, and what an appeal may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from claims.decisions.checks import LineDecision, NotDecided, contradictions, missing_of
from claims.decisions.propose import Proposed, needs_second, propose
from claims.models import (
    Claim,
    ClaimLine,
    Decision,
    DecisionEvidence,
    DecisionLine,
    DecisionLineReason,
    LedgerEntry,
)
from claims.records import files_opened
from claims.rules.lifecycle import Actor, DecisionReason, Stage, Status, Verb
from claims.workflow import deadlines
from claims.workflow.desk_actions import TransitionWithPosition, _give
from claims.workflow.transitions import _transition, guard, lock_for_amounts, take_position


def decide(
    claim_pk: int,
    *,
    verb: Verb,
    by: Actor,
    now: datetime,
    lines: Mapping[int, LineDecision],
    words: str = "",
    version: int | None = None,
    canned: Sequence[str] = (),
) -> TransitionWithPosition | Proposed:
    """Grant or deny the claim, line by line (by claim line id); return the transition. Frozen from then on.

    `verb` is GRANT or DENY: a grant gives at least one line something, a denial nothing. On appeal no line goes below
    the first decision, so a denial only confirms one. Above the amount that policy sets for one handler alone nothing
    is decided yet: what is returned is the proposal that waits for another one. Raises TransitionRefused, or
    NotDecided with all that contradicts.
    """
    with transaction.atomic():
        claim = lock_for_amounts(claim_pk, version=version)
        guard(verb, claim, by, now)
        claim_lines = list(claim.lines.all())
        if problems := contradictions(claim, claim_lines, lines, verb=verb, words=words, canned=canned):
            raise NotDecided(problems)
        limit = needs_second(claim, sum(one.amount_minor for one in lines.values()))
        if limit is not None:
            if claim.assigned_to_id is None:
                assert by.user_id is not None, "a person decides"
                _give(claim, by.user_id, by.user_id, now)
            return propose(claim, verb, by, now, lines, words, limit)
        return take_effect(claim, claim_lines, lines, verb, by, now, words)


def take_effect(
    claim: Claim,
    claim_lines: Sequence[ClaimLine],
    lines: Mapping[int, LineDecision],
    verb: Verb,
    by: Actor,
    now: datetime,
    words: str,
    proposed_by: int | None = None,
) -> TransitionWithPosition:
    """Write the decision, book it and move the locked claim. `proposed_by`: whose decision it is when `by` confirms."""
    status = Status.GRANTED if verb is Verb.GRANT else Status.DENIED
    total = sum(one.amount_minor for one in lines.values())
    decision = record(claim, claim_lines, lines, status, by, now, words, proposed_by=proposed_by)
    _book(claim, claim_lines, lines, decision, now)
    for line in claim_lines:
        line.granted_minor = lines[line.pk].amount_minor
    ClaimLine.objects.bulk_update(claim_lines, ["granted_minor"])
    claim.granted_minor = total
    claim.lapsed = False
    claim.answer_due_at = None
    final = claim.stage == Stage.APPEAL or total == claim.claimed_minor
    until = None if final else deadlines.appeal_by(claim, now)
    return TransitionWithPosition(claim, _transition(claim, verb, status, by, now, appeal_by=until), decision.position)


def record(
    claim: Claim,
    claim_lines: Sequence[ClaimLine],
    decided: Mapping[int, LineDecision],
    status: Status,
    by: Actor,
    now: datetime,
    words: str,
    proposed_by: int | None = None,
) -> Decision:
    """Write a decision of the locked claim, with its lines, reasons and the evidence considered; return it."""
    decision = Decision.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        number=claim.decisions.count() + 1,
        position=take_position(claim),
        at=now,
        stage=claim.stage,
        status=status,
        by_id=proposed_by or by.user_id,
        confirmed_by_id=by.user_id if proposed_by else None,
        policy_rule=claim.policy_rule,
        granted_minor=sum(decided[line.pk].amount_minor for line in claim_lines),
        words=words.strip(),
    )
    looked_at = files_opened.opened_by(claim, {person for person in (by.user_id, proposed_by) if person})
    DecisionEvidence.objects.bulk_create(
        DecisionEvidence(seller_id=claim.seller_id, decision=decision, attachment_id=pk) for pk in looked_at
    )
    missing = missing_of(claim, claim_lines)
    for line in claim_lines:
        _record_line(claim, decision, line, decided[line.pk], missing[line.pk])
    return decision


def _record_line(
    claim: Claim, decision: Decision, line: ClaimLine, decided: LineDecision, missing: Sequence[str]
) -> None:
    """Write what the decision gives to one line and, where that is less than was claimed, its reasons."""
    row = DecisionLine.objects.create(
        seller_id=claim.seller_id, decision=decision, claim_line=line, amount_minor=decided.amount_minor
    )
    if decided.amount_minor < line.claimed_minor:
        DecisionLineReason.objects.bulk_create(
            DecisionLineReason(
                seller_id=claim.seller_id, line=row, code=code, params=_named(claim, line, code, params, missing)
            )
            for code, params in decided.reasons
        )


def _named(
    claim: Claim, line: ClaimLine, code: DecisionReason, params: Mapping[str, Any], missing: Sequence[str]
) -> dict[str, Any]:
    """Return what a reason's sentence names, kept with the decision so that it reads the same for good."""
    named = dict(params)
    if code is DecisionReason.EVIDENCE_MISSING and missing:
        named["slots"] = list(missing)
    elif code is DecisionReason.EVIDENCE_OTHER_ORDER:
        named["order_id"] = claim.order.order_id
    elif code is DecisionReason.LESS_PERCENT_CAP:
        named["reason"] = line.reason
    return named


def _book(
    claim: Claim,
    claim_lines: Sequence[ClaimLine],
    decided: Mapping[int, LineDecision],
    decision: Decision,
    now: datetime,
) -> None:
    """Book what is granted: all of it at the first decision, on appeal what was added. A denial books nothing."""
    on_appeal = claim.stage == Stage.APPEAL
    kind = LedgerEntry.Kind.APPEAL_DELTA if on_appeal else LedgerEntry.Kind.GRANTED
    for line in claim_lines:
        added = decided[line.pk].amount_minor - (line.granted_minor if on_appeal else 0)
        if added > 0:
            LedgerEntry.objects.create(
                seller_id=claim.seller_id,
                claim=claim,
                claim_line=line,
                decision=decision,
                kind=kind,
                amount_minor=added,
                currency=claim.currency,
                at=now,
            )
