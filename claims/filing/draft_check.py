"""A draft checked against the rules: what it would claim, what has to be fixed, and what speaks against it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from claims.files.publish import fit_of
from claims.models import Draft, PolicyRule, RefundLine
from claims.refunds import limits, stored_eligibility
from claims.rules.eligibility import Assessment, CauseWithValues, RefundFacts, assess, evidence_of
from claims.rules.lifecycle import SUB_REASONS, Evidence, Reason, Slot, SubReason
from claims.rules.policy import MostClaimable, Rule, Rulebook, Window

STATEMENT_MIN, STATEMENT_MAX = 20, 4000


class MissingField(StrEnum):
    """What a draft still lacks before it can be filed. One code has one sentence."""

    LINES = "LINES"
    QUANTITY = "QUANTITY"
    AMOUNT = "AMOUNT"
    AMOUNT_FORM = "AMOUNT_FORM"
    NOTHING_LEFT = "NOTHING_LEFT"
    REASON = "REASON"
    SLOT = "SLOT"
    STATEMENT_SHORT = "STATEMENT_SHORT"
    STATEMENT_LONG = "STATEMENT_LONG"
    POLICY = "POLICY"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix. `field`: lines, reason, statement, policy, or quantity-, amount- or slot- and which."""

    code: MissingField
    field: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChosenLine:
    """A refund line as the draft has it.

    `most` is the most that a claim for `quantity` units may ask for, and why not more. `amount_minor` is what the draft
    asks for: the amount as typed, even where it is too much, or else all there is.
    """

    line: RefundLine
    quantity: int
    amount_minor: int
    assessment: Assessment
    most: MostClaimable

    @property
    def left(self) -> int:
        return self.line.quantity - self.line.held_quantity


@dataclass(frozen=True, slots=True)
class Review:
    """A draft against the rules: what it would claim, what is to fix, what is against it.

    `lines` are all lines of the refund in order of SKU; one with a quantity of 0 isn't chosen. `facts` are those of the
    first line, for which `eligibility.options` gives the reasons and their windows.
    """

    lines: list[ChosenLine]
    reason: Reason | None
    sub_reason: SubReason | None
    rule: PolicyRule | None
    problems: list[Problem]
    causes: list[CauseWithValues]
    have: dict[str, int]
    book: Rulebook
    facts: RefundFacts | None

    @property
    def evidence(self) -> Evidence:
        """The evidence slots of the draft's reason."""
        return evidence_of(self.rule.as_rule() if self.rule and self.reason else None, self.reason)

    @property
    def missing_slots(self) -> list[Slot]:
        """The required evidence that no file of the draft fills yet; none before a reason is chosen."""
        return [problem.params["slot"] for problem in self.problems if problem.code is MissingField.SLOT]

    def rule_for(self, reason: Reason, sub_reason: SubReason | None = None) -> Rule | None:
        """Return the rule that would govern the refund for another reason."""
        facts = self.facts
        if facts is None:
            return None
        return self.book.pick(facts.marketplace, facts.program, reason, facts.dates.refunded_at, sub_reason)

    @property
    def chosen(self) -> list[ChosenLine]:
        return [line for line in self.lines if line.quantity > 0]

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.chosen)

    @property
    def windows(self) -> list[Window]:
        """The windows of the lines chosen, of all lines while none is."""
        return [one.assessment.window for one in picked_of(self.lines) if one.assessment.window]

    @property
    def closes_at(self) -> datetime | None:
        """The first instant at which a window that speaks for the draft closes."""
        return min((found.closes_at for found in self.windows if found.closes_at), default=None)

    @property
    def is_provisional(self) -> bool:
        """Whether `closes_at` can still move later, because a return hasn't arrived."""
        return any(found.provisional for found in self.windows if found.closes_at == self.closes_at)


def amount_for(line: RefundLine, quantity: int) -> int:
    """Return what `quantity` more of the line come to, in minor units; the last unit takes the remainder.

    Units already held have taken their share, also where a limit let their claim ask for less, so that the parts never
    pass the whole.
    """
    after = line.held_quantity + quantity
    if after < line.quantity:
        return min(line.amount_minor * quantity // line.quantity, line.amount_minor - line.held_minor)
    asked_in_full = line.held_minor >= line.held_quantity * (line.amount_minor // line.quantity)
    taken = line.held_minor if asked_in_full else line.amount_minor * line.held_quantity // line.quantity
    return line.amount_minor - taken


def review(draft: Draft, now: datetime, *, lock: bool = False) -> Review:
    """Return the draft against the rules at `now`. `lock` takes the refund's lines for the rest of the transaction.

    The draft's choices: `reason`, `sub_reason`, `quantities` by SKU, and `amounts` by SKU in minor units where the
    seller claims less than there is; an amount that can't be read stays as it was typed.
    """
    return reviews([draft], now, lock=lock)[0]


def reviews(drafts: Sequence[Draft], now: datetime, *, lock: bool = False) -> list[Review]:
    """Return each draft against the rules at `now`, in order. At most six queries whatever their number."""
    assert all(draft.refund_id is not None for draft in drafts), "a draft to file from has its refund"
    query = RefundLine.objects.filter(refund_id__in=[draft.refund_id for draft in drafts]).order_by("sku", "id")
    query = query.select_related("refund", "order", "seller")
    if lock:
        query = query.select_for_update(no_key=True, of=("self",))
    lines = list(query)
    book, files = stored_eligibility.rules(), fit_of(drafts)
    facts = dict(zip((line.pk for line in lines), stored_eligibility.facts_of(lines), strict=True))
    by_refund: dict[int, list[RefundLine]] = {}
    for line in lines:
        by_refund.setdefault(line.refund_id, []).append(line)
    chosen_lines = [_chosen(draft, by_refund.get(draft.refund_id or 0, []), facts, book, now) for draft in drafts]
    governing = [[line.assessment.rule for line in picked_of(chosen)] for chosen in chosen_lines]
    rules = PolicyRule.objects.in_bulk({rule.id for each in governing for rule in each if rule and rule.id})
    made = []
    for draft, chosen, under in zip(drafts, chosen_lines, governing, strict=True):
        have: dict[str, int] = {}
        for file in files.get(draft.pk, ()):
            have[file.slot] = have.get(file.slot, 0) + 1
        reason, sub_reason = _reason_of(draft)
        rule = max((rules[each.id] for each in under if each and each.id), key=lambda rule: rule.pk, default=None)
        causes = [cause for line in chosen if line.quantity for cause in line.assessment.causes]
        problems = _problems(draft, chosen, reason, rule.as_rule() if rule else None, have)
        first = facts[chosen[0].line.pk] if chosen else None
        made.append(Review(chosen, reason, sub_reason, rule, problems, causes, have, book, first))
    return made


def picked_of(lines: Sequence[ChosenLine]) -> Sequence[ChosenLine]:
    """Return the lines that speak for a draft: those chosen, or all of them while none is."""
    return [line for line in lines if line.quantity] or lines


def _chosen(
    draft: Draft, lines: list[RefundLine], facts: dict[int, RefundFacts], book: Rulebook, now: datetime
) -> list[ChosenLine]:
    reason, sub_reason = _reason_of(draft)
    quantities = draft.choices.get("quantities") or {}
    amounts = draft.choices.get("amounts") or {}
    answers = [assess(facts[line.pk], book, reason, now, sub_reason=sub_reason) for line in lines]
    wanted = []
    for line, answer in zip(lines, answers, strict=True):
        quantity = _whole(quantities.get(line.sku))
        typed = _minor(amounts[line.sku]) if line.sku in amounts else None
        wanted.append(limits.ClaimedLine(line, answer.rule, amount_for(line, quantity) if quantity else 0, typed))
    most = limits.most_for_lines(wanted, facts[lines[0].pk].order_money) if lines else []
    chosen = []
    for line, answer, limit in zip(lines, answers, most, strict=True):
        quantity = _whole(quantities.get(line.sku))
        amount = _minor(amounts[line.sku]) if line.sku in amounts else limit.minor
        chosen.append(ChosenLine(line, quantity, amount if quantity else 0, answer, limit))
    return chosen


def _reason_of(draft: Draft) -> tuple[Reason | None, SubReason | None]:
    """Return the draft's reason and its sub-reason, None for a sub-reason of another reason."""
    chosen = draft.choices.get("reason")
    if chosen not in set(Reason):
        return None, None
    reason = Reason(chosen)
    case = draft.choices.get("sub_reason")
    return reason, next((one for one in SUB_REASONS.get(reason, ()) if one == case), None)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else 0


def _minor(value: Any) -> int:
    """Return an amount of the draft in minor units; -1, which no claim can have, for what isn't an amount."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15 else -1


def _problems(
    draft: Draft, lines: list[ChosenLine], reason: Reason | None, rule: Rule | None, have: dict[str, int]
) -> list[Problem]:
    problems = []
    amounts = draft.choices.get("amounts") or {}
    if not any(line.quantity for line in lines):
        problems.append(Problem(MissingField.LINES, "lines"))
    for chosen in lines:
        if chosen.quantity > chosen.left > 0:
            problems.append(Problem(MissingField.QUANTITY, f"quantity-{chosen.line.sku}", {"max": chosen.left}))
        elif chosen.quantity and isinstance(amounts.get(chosen.line.sku), str):
            problems.append(Problem(MissingField.AMOUNT_FORM, f"amount-{chosen.line.sku}"))
        elif chosen.quantity and chosen.assessment.eligible and not 0 < chosen.amount_minor <= chosen.most.minor:
            code = MissingField.AMOUNT if chosen.most.minor else MissingField.NOTHING_LEFT
            params = {"max": (chosen.most.minor, chosen.line.currency), "most": chosen.most}
            problems.append(Problem(code, f"amount-{chosen.line.sku}", params))
    if reason is None:
        problems.append(Problem(MissingField.REASON, "reason"))
    else:
        problems += [
            Problem(MissingField.SLOT, f"slot-{slot}", {"slot": slot}) for slot in missing_slots(reason, have, rule)
        ]
    if len(draft.text.strip()) < STATEMENT_MIN:
        problems.append(Problem(MissingField.STATEMENT_SHORT, "statement", {"min": STATEMENT_MIN}))
    elif problem := too_long(draft.text):
        problems.append(problem)
    return problems


def too_long(statement: str) -> Problem | None:
    """Return the sentence about a statement that is too long; a draft keeps it all the same."""
    more = len(statement.strip()) - STATEMENT_MAX
    return Problem(MissingField.STATEMENT_LONG, "statement", {"n": more}) if more > 0 else None


def missing_slots(reason: Reason, have: Mapping[str, int], rule: Rule | None) -> list[Slot]:
    """Return the required evidence slots of `reason`, under the `rule` that governs it, that no file fills yet."""
    return [slot for slot in evidence_of(rule, reason).required if not have.get(slot)]
