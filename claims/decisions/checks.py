"""What speaks against a decision as entered: amounts, reasons, evidence and words that contradict the claim or each
other. The verb refuses with it, the preview shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from claims.filing.draft_check import missing_slots
from claims.models import Attachment, Claim, ClaimLine, InformationItem
from claims.refunds import limits
from claims.rules.lifecycle import PARTIAL_REASONS, SYSTEM_REASONS, DecisionReason, Reason, Stage, Verb
from claims.rules.policy import Cap


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
    ABOVE_ORDER_CAP = "ABOVE_ORDER_CAP"
    EVIDENCE_NOT_MISSING = "EVIDENCE_NOT_MISSING"
    OWN_SENTENCE = "OWN_SENTENCE"
    BEYOND_REFUND = "BEYOND_REFUND"
    BELOW_DECISION = "BELOW_DECISION"
    NOTHING_RAISED = "NOTHING_RAISED"
    CORRECTION_UNEXPLAINED = "CORRECTION_UNEXPLAINED"


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
    problems: list[DecisionProblem] = []
    for line in lines:
        decision = decided.get(line.pk, LineDecision(-1))
        floor = line.granted_minor if raising or claim.stage == Stage.APPEAL else 0
        if not 0 <= decision.amount_minor <= line.most_minor:
            beyond = 0 < line.most_minor < decision.amount_minor <= line.claimed_minor
            code = Contradiction.BEYOND_REFUND if beyond else Contradiction.AMOUNT_OUT_OF_RANGE
            problems.append(DecisionProblem(code, line.pk, {"max": line.most_minor}))
            continue
        if decision.amount_minor < floor:
            code = Contradiction.BELOW_DECISION if raising else Contradiction.BELOW_FIRST_DECISION
            problems.append(DecisionProblem(code, line.pk, {"min": floor}))
        problems += _reason_problems(line, decision)
    most = limits.most_grantable(claim, lines).claim
    total = sum(decision.amount_minor for decision in decided.values())
    if most.cap is Cap.ORDER_CAP and total > max(most.minor, claim.granted_minor):
        problems.append(DecisionProblem(Contradiction.ABOVE_ORDER_CAP, None, {"max": most.minor, **most.params}))
    return problems


def _reason_problems(line: ClaimLine, decision: LineDecision) -> list[DecisionProblem]:
    codes = [code for code, _ in decision.reasons]
    problems = []
    if decision.amount_minor < line.claimed_minor and not codes:
        problems.append(DecisionProblem(Contradiction.REASON_MISSING, line.pk))
    if len(set(codes)) < len(codes):
        problems.append(DecisionProblem(Contradiction.REASON_TWICE, line.pk))
    if SYSTEM_REASONS & set(codes):
        problems.append(DecisionProblem(Contradiction.REASON_UNKNOWN, line.pk))
    if decision.amount_minor == 0 and codes and set(codes) <= PARTIAL_REASONS:
        problems.append(DecisionProblem(Contradiction.REASON_ONLY_PARTIAL, line.pk))
    for code, params in decision.reasons:
        if code in NEEDS_DETAIL and not str(params.get("detail") or "").strip():
            problems.append(DecisionProblem(Contradiction.DETAIL_MISSING, line.pk, {"code": code}))
    return problems


def contradictions(
    claim: Claim,
    lines: Sequence[ClaimLine],
    decided: Mapping[int, LineDecision],
    *,
    verb: Verb,
    words: str = "",
    canned: Sequence[str] = (),
) -> list[DecisionProblem]:
    """Return everything that speaks against deciding the claim like this, as the verb and its preview ask it.

    `canned` are texts made beforehand: words that are nothing but these are not this decision's own. Two queries.
    """
    problems = problems_of(claim, lines, decided)
    total = sum(decision.amount_minor for decision in decided.values())
    if not problems and verb is Verb.GRANT and total == 0:
        problems.append(DecisionProblem(Contradiction.ALL_ZERO))
    if not problems and verb is Verb.DENY and total > 0:
        problems.append(DecisionProblem(Contradiction.AMOUNT_OUT_OF_RANGE, None, {"max": 0}))
    problems += not_missing(claim, lines, decided)
    if canned and not _has_own_words(words, canned):
        problems.append(DecisionProblem(Contradiction.OWN_SENTENCE))
    return problems


def not_missing(claim: Claim, lines: Sequence[ClaimLine], decided: Mapping[int, LineDecision]) -> list[DecisionProblem]:
    """Return the lines that get less because evidence is missing, while all that was needed is here. Two queries."""
    missing = missing_of(claim, lines)
    return [
        DecisionProblem(Contradiction.EVIDENCE_NOT_MISSING, line.pk)
        for line in lines
        if line.pk in decided
        and DecisionReason.EVIDENCE_MISSING in [code for code, _ in decided[line.pk].reasons]
        and not missing[line.pk]
    ]


OWN_WORDS = 3
"""A sentence of one's own has at least so many words besides what was made beforehand."""


def _has_own_words(words: str, canned: Sequence[str]) -> bool:
    rest = whole = " ".join(words.split())
    for text in sorted((" ".join(text.split()) for text in canned), key=len, reverse=True):
        if text:
            rest = rest.replace(text, " ")
    return rest == whole or len(re.findall(r"\w+", rest)) >= OWN_WORDS


def missing_of(claim: Claim, claim_lines: Sequence[ClaimLine]) -> dict[int, list[str]]:
    """Return, by claim line, what was needed or asked for and isn't here: slots, or the words of what was asked."""
    shown = Attachment.objects.filter(claim=claim, shown_at__isnull=False).exclude(scan=Attachment.Scan.INFECTED)
    have = Counter(shown.values_list("slot", flat=True))
    items = InformationItem.objects.filter(request__claim=claim, answered_at__isnull=True)
    asked = list(items.order_by("pk").values_list("slot", "words"))
    unsent = [slot or words for slot, words in asked if not have.get(slot)]
    rule = claim.policy_rule.as_rule() if claim.policy_rule else None
    made: dict[int, list[str]] = {}
    for line in claim_lines:
        needed: list[str] = list(missing_slots(Reason(line.reason), have, rule)) if line.reason else []
        made[line.pk] = list(dict.fromkeys([*needed, *unsent]))
    return made
