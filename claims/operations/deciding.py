"""Decisions: amounts a line, coded reasons, and what an appeal may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from claims.lifecycle import (
    PARTIAL_REASONS,
    SYSTEM_REASONS,
    Actor,
    DecisionReason,
    Reason,
    Stage,
    Status,
    Verb,
)
from claims.models import (
    Attachment,
    Claim,
    ClaimLine,
    Decision,
    DecisionLine,
    DecisionLineReason,
    LedgerEntry,
)
from claims.operations import capping, clocks
from claims.operations.filing import missing_slots
from claims.operations.investigating import Moved
from claims.operations.moving import _move, guard, lock, take_position
from claims.policy import Cap


class Contradiction(StrEnum):
    """What is wrong with a decision as entered. One code has one sentence."""

    AMOUNT_OUT_OF_RANGE = "AMOUNT_OUT_OF_RANGE"
    BELOW_FIRST_DECISION = "BELOW_FIRST_DECISION"
    ALL_ZERO = "ALL_ZERO"
    REASON_MISSING = "REASON_MISSING"
    REASON_TWICE = "REASON_TWICE"
    REASON_UNKNOWN = "REASON_UNKNOWN"
    REASON_ONLY_PARTIAL = "REASON_ONLY_PARTIAL"
    DETAIL_MISSING = "DETAIL_MISSING"
    BEYOND_REFUND = "BEYOND_REFUND"
    BELOW_DECISION = "BELOW_DECISION"
    NOTHING_RAISED = "NOTHING_RAISED"
    CORRECTION_UNEXPLAINED = "CORRECTION_UNEXPLAINED"
    ABOVE_ORDER_CAP = "ABOVE_ORDER_CAP"


@dataclass(frozen=True, slots=True)
class LineDecision:
    """What one claim line gets, in minor units, and why not all: (code, what its sentence names)."""

    amount_minor: int
    reasons: Sequence[tuple[DecisionReason, Mapping[str, Any]]] = ()


@dataclass(frozen=True, slots=True)
class DecisionProblem:
    code: Contradiction
    line_pk: int | None = None
    params: dict[str, Any] = field(default_factory=dict)


class NotDecided(Exception):
    """The decision contradicts itself or the claim; nothing was changed."""

    def __init__(self, problems: Sequence[DecisionProblem]) -> None:
        super().__init__(", ".join(p.code for p in problems))
        self.problems = tuple(problems)


NEEDS_DETAIL = frozenset(
    {
        DecisionReason.EVIDENCE_UNREADABLE,
        DecisionReason.EVIDENCE_OTHER_ORDER,
        DecisionReason.EVIDENCE_REUSED,
        DecisionReason.EVIDENCE_TOO_OLD,
        DecisionReason.SELLER_FAULT,
        DecisionReason.RETURN_DELIVERED,
        DecisionReason.NOT_DELIVERED,
        DecisionReason.REFUND_WAS_DUE,
        DecisionReason.NOT_COVERED,
        DecisionReason.ALREADY_REIMBURSED,
        DecisionReason.DUPLICATE,
        DecisionReason.LESS_ORDER_CAP,
        DecisionReason.LESS_PERCENT_CAP,
        DecisionReason.LESS_RESALE,
        DecisionReason.LESS_FEE_KEPT,
    }
)
"""Reasons whose sentence names something the handler has to fill in, as `params["detail"]`."""


def problems_of(
    claim: Claim, lines: Sequence[ClaimLine], decided: Mapping[int, LineDecision], *, raising: bool = False
) -> list[DecisionProblem]:
    """Return everything that is wrong with deciding the claim's lines like this; empty means it can be sent.

    `raising`: it corrects a decision, which no line may go below.
    """
    found: list[DecisionProblem] = []
    for line in lines:
        one = decided.get(line.pk, LineDecision(-1))
        floor = line.approved_minor if raising or claim.stage == Stage.APPEAL else 0
        if not 0 <= one.amount_minor <= line.most_minor:
            beyond = 0 < line.most_minor < one.amount_minor <= line.claimed_minor
            code = Contradiction.BEYOND_REFUND if beyond else Contradiction.AMOUNT_OUT_OF_RANGE
            found.append(DecisionProblem(code, line.pk, {"max": line.most_minor}))
            continue
        if one.amount_minor < floor:
            code = Contradiction.BELOW_DECISION if raising else Contradiction.BELOW_FIRST_DECISION
            found.append(DecisionProblem(code, line.pk, {"min": floor}))
        found += _reason_problems(line, one)
    most = capping.most_grantable(claim, lines).claim
    total = sum(one.amount_minor for one in decided.values())
    if most.cap is Cap.ORDER_CAP and total > max(most.minor, claim.approved_minor):
        found.append(DecisionProblem(Contradiction.ABOVE_ORDER_CAP, None, {"max": most.minor, **most.params}))
    return found


def _reason_problems(line: ClaimLine, one: LineDecision) -> list[DecisionProblem]:
    codes = [code for code, _ in one.reasons]
    found = []
    if one.amount_minor < line.claimed_minor and not codes:
        found.append(DecisionProblem(Contradiction.REASON_MISSING, line.pk))
    if len(set(codes)) < len(codes):
        found.append(DecisionProblem(Contradiction.REASON_TWICE, line.pk))
    if SYSTEM_REASONS & set(codes):
        found.append(DecisionProblem(Contradiction.REASON_UNKNOWN, line.pk))
    if one.amount_minor == 0 and codes and set(codes) <= PARTIAL_REASONS:
        found.append(DecisionProblem(Contradiction.REASON_ONLY_PARTIAL, line.pk))
    for code, params in one.reasons:
        if code in NEEDS_DETAIL and not str(params.get("detail") or "").strip():
            found.append(DecisionProblem(Contradiction.DETAIL_MISSING, line.pk, {"code": code}))
    return found


def decide(
    claim_pk: int,
    *,
    verb: Verb,
    by: Actor,
    now: datetime,
    lines: Mapping[int, LineDecision],
    words: str = "",
    version: int | None = None,
) -> Moved:
    """Grant or deny the claim, line by line (by claim line id); return the move. Frozen from then on.

    `verb` is GRANT or DENY: a grant gives at least one line something, a denial nothing. On appeal no line goes below
    the first decision, so a denial only confirms one. Raises Refused, or NotDecided with all that contradicts.
    """
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(verb, claim, by, now)
        claim_lines = list(claim.lines.all())
        problems = problems_of(claim, claim_lines, lines)
        total = sum(one.amount_minor for one in lines.values())
        if not problems and verb is Verb.GRANT and total == 0:
            problems.append(DecisionProblem(Contradiction.ALL_ZERO))
        if not problems and verb is Verb.DENY and total > 0:
            problems.append(DecisionProblem(Contradiction.AMOUNT_OUT_OF_RANGE, None, {"max": 0}))
        if problems:
            raise NotDecided(problems)
        status = Status.GRANTED if verb is Verb.GRANT else Status.DENIED
        decision = _record(claim, claim_lines, lines, status, by, now, words)
        _book(claim, claim_lines, lines, decision, now)
        for line in claim_lines:
            line.approved_minor = lines[line.pk].amount_minor
        ClaimLine.objects.bulk_update(claim_lines, ["approved_minor"])
        claim.approved_minor = total
        claim.lapsed = False
        claim.answer_due_at = None
        final = claim.stage == Stage.APPEAL or total == claim.claimed_minor
        until = None if final else clocks.appeal_by(claim, now)
        return Moved(claim, _move(claim, verb, status, by, now, appeal_by=until), decision.position)


def _record(
    claim: Claim,
    claim_lines: Sequence[ClaimLine],
    decided: Mapping[int, LineDecision],
    status: Status,
    by: Actor,
    now: datetime,
    words: str,
) -> Decision:
    decision = Decision.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        number=claim.decisions.count() + 1,
        position=take_position(claim),
        at=now,
        stage=claim.stage,
        status=status,
        by_id=by.user_id,
        policy_rule=claim.policy_rule,
        approved_minor=sum(decided[line.pk].amount_minor for line in claim_lines),
        words=words.strip(),
    )
    rule = claim.policy_rule.as_rule() if claim.policy_rule else None
    shown = Attachment.objects.filter(claim=claim, shown_at__isnull=False).exclude(scan=Attachment.Scan.INFECTED)
    have = Counter(shown.values_list("slot", flat=True))
    for line in claim_lines:
        missing = missing_slots(Reason(line.reason), have, rule) if line.reason else []
        one = decided[line.pk]
        row = DecisionLine.objects.create(
            seller_id=claim.seller_id, decision=decision, claim_line=line, amount_minor=one.amount_minor
        )
        if one.amount_minor < line.claimed_minor:
            DecisionLineReason.objects.bulk_create(
                DecisionLineReason(
                    seller_id=claim.seller_id, line=row, code=code, params=_named(claim, line, code, params, missing)
                )
                for code, params in one.reasons
            )
    return decision


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
    kind = LedgerEntry.Kind.APPEAL_DELTA if on_appeal else LedgerEntry.Kind.APPROVED
    for line in claim_lines:
        added = decided[line.pk].amount_minor - (line.approved_minor if on_appeal else 0)
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
