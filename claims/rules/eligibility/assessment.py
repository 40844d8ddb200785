"""The whole answer for a refund line: everything against it, everything to warn of, and its window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from claims.rules.eligibility.causes import Cause, CauseWithValues
from claims.rules.eligibility.facts import NOT_COVERED_PROGRAMS, Fulfilment, Issuer, RefundFacts
from claims.rules.eligibility.options import ReasonOption, Timing, option, options, survives, timing_said
from claims.rules.lifecycle import Reason, SubReason
from claims.rules.policy import Rule, Rulebook, Window, left_of_order_cap


class State(StrEnum):
    """The state of a refund line for its seller; the tabs of Claimable refunds."""

    OPEN = "OPEN"
    CLOSING_SOON = "CLOSING_SOON"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    NOT_CLAIMABLE = "NOT_CLAIMABLE"
    CLAIMED = "CLAIMED"


_STATE_OF = {
    Timing.OPEN: State.OPEN,
    Timing.CLOSING_SOON: State.CLOSING_SOON,
    Timing.TOO_EARLY: State.TOO_EARLY,
    Timing.DATE_MISSING: State.TOO_EARLY,
    Timing.TOO_LATE: State.TOO_LATE,
    Timing.NOT_COVERED: State.NOT_CLAIMABLE,
    Timing.NO_RULE: State.NOT_CLAIMABLE,
}
# Which reason speaks for a refund when none was named: one that is open, then one that will be, then the last missed.
_RANK = {
    Timing.OPEN: 0,
    Timing.CLOSING_SOON: 0,
    Timing.TOO_EARLY: 1,
    Timing.TOO_LATE: 2,
    Timing.DATE_MISSING: 3,
    Timing.NOT_COVERED: 4,
    Timing.NO_RULE: 5,
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer for one refund line and one reason (or any reason, when none was named).

    `causes` is everything against it, the timing last; empty when it can be claimed. `window` is the one that speaks
    for it: the dates that led there, what is missing, whether its end is provisional or was moved. `answer` is the
    sentence to lead with: until when it can be claimed, else the first cause. `open_now` are the reasons and cases it
    could be claimed for now as far as time goes, when a named one is closed or none was named.
    """

    state: State
    causes: tuple[CauseWithValues, ...]
    warnings: tuple[CauseWithValues, ...]
    window: Window | None
    answer: CauseWithValues
    option: ReasonOption
    open_now: tuple[ReasonOption, ...] = ()

    @property
    def eligible(self) -> bool:
        return self.state in (State.OPEN, State.CLOSING_SOON)

    @property
    def rule(self) -> Rule | None:
        return self.option.rule


def assess(
    facts: RefundFacts,
    rules: Rulebook | Iterable[Rule],
    reason: Reason | None,
    now: datetime,
    *,
    sub_reason: SubReason | None = None,
) -> Assessment:
    """Return whether the refund line can be claimed for `reason` at `now`, with every cause against it.

    Without a reason the answer is about all of them: whether any claim can be filed at all, by the reason that closes
    first of those that are open.
    """
    book = Rulebook.of(rules)
    others: tuple[ReasonOption, ...] = ()
    if reason is None:
        every = options(facts, book, now)
        speaker, others = _speaker(every), tuple(each for each in every if each.is_open)
    else:
        speaker = option(facts, book, reason, sub_reason, now)
        if not speaker.is_open:
            others = tuple(each for each in options(facts, book, now) if each.is_open)
    standing, held = _standing_causes(facts, speaker.rule), _held_causes(facts)
    cause = timing_said(facts, speaker)
    if cause.code is Cause.TOO_LATE and others:
        cause.params["other"] = min(others, key=_closing)
    causes = (*standing, *held, *(() if speaker.is_open else (cause,)))
    state = State.CLAIMED if held else State.NOT_CLAIMABLE if standing else _STATE_OF[speaker.timing]
    return Assessment(state, causes, _warnings(facts), speaker.window, causes[0] if causes else cause, speaker, others)


def causes_against(facts: RefundFacts, rules: Rulebook | Iterable[Rule] = ()) -> tuple[CauseWithValues, ...]:
    """Return what is known against the refund line whatever the time, the reason and what is claimed already."""
    said = _standing_causes(facts, None)
    if facts.issuer == Issuer.AUTOMATIC and survives(facts, Rulebook.of(rules)):
        return tuple(one for one in said if one.code is not Cause.NO_ACTION_IN_TIME)
    return said


def _closing(option: ReasonOption) -> datetime:
    assert option.window is not None
    assert option.window.closes_at is not None
    return option.window.closes_at


def _speaker(every: tuple[ReasonOption, ...]) -> ReasonOption:
    """Return the option that speaks for the refund. It names its reason only where reasons differ."""

    def order(option: ReasonOption) -> tuple[int, float]:
        window, rank = option.window, _RANK[option.timing]
        if window is None or window.opens_at is None or window.closes_at is None:
            return rank, 0.0
        if option.is_open:
            return rank, window.closes_at.timestamp()
        return rank, window.opens_at.timestamp() if option.timing is Timing.TOO_EARLY else -window.closes_at.timestamp()

    best = min(every, key=order)
    same = all(option.window == best.window and option.timing is best.timing for option in every)
    general = best.rule is None or best.rule.reason is None
    if same or general:
        return ReasonOption(None, None, best.rule, best.window, best.timing)
    return best


def _standing_causes(facts: RefundFacts, rule: Rule | None) -> tuple[CauseWithValues, ...]:
    money = {"amount": (facts.reversed_minor or facts.amount_minor, facts.currency)}
    causes = []
    if not facts.seller_active:
        causes.append(CauseWithValues(Cause.SELLER_INACTIVE, {"why": facts.seller_inactive_why}))
    if facts.amount_minor <= 0:
        causes.append(CauseWithValues(Cause.REFUND_REVERSED, money))
    if facts.issuer == Issuer.SELLER:
        causes.append(CauseWithValues(Cause.SELLER_REFUNDED))
    if facts.issuer == Issuer.AUTOMATIC and not (rule is not None and rule.after_automatic):
        causes.append(CauseWithValues(Cause.NO_ACTION_IN_TIME))
    if facts.fulfilment == Fulfilment.MARKETPLACE:
        causes.append(CauseWithValues(Cause.MARKETPLACE_FULFILLED))
    if facts.program in NOT_COVERED_PROGRAMS:
        causes.append(CauseWithValues(Cause.PROGRAM_NOT_COVERED, {"program": facts.program}))
    if facts.a_to_z:
        causes.append(CauseWithValues(Cause.A_TO_Z))
    if facts.chargeback:
        causes.append(CauseWithValues(Cause.CHARGEBACK))
    if facts.return_refused:
        causes.append(CauseWithValues(Cause.RETURN_REFUSED))
    if 0 < facts.amount_minor <= facts.reimbursed_minor:  # a part that was paid leaves the rest to be claimed
        paid = (facts.reimbursed_minor, facts.currency)
        causes.append(CauseWithValues(Cause.ALREADY_REIMBURSED, {"amount": paid, "day": facts.reimbursed_at}))
    if rule is not None and left_of_order_cap(rule, facts.order_money) == 0:
        cap = (rule.order_cap_minor, rule.order_cap_currency)
        causes.append(CauseWithValues(Cause.ORDER_CAP_REACHED, {"amount": cap}))
    return tuple(causes)


def _held_causes(facts: RefundFacts) -> tuple[CauseWithValues, ...]:
    if facts.amount_minor <= 0 or (facts.left_quantity > 0 and facts.held_minor < facts.amount_minor):
        return ()
    if facts.held_by is None:
        return (
            CauseWithValues(
                Cause.QUANTITY_USED_UP, {"claimed": facts.held_quantity, "refunded": facts.quantity, "left": 0}
            ),
        )
    code = Cause.ALREADY_DECIDED if facts.held_by.decided_at else Cause.ALREADY_CLAIMED
    return (CauseWithValues(code, {"claim_id": facts.held_by.claim_id, "day": facts.held_by.decided_at}),)


def _warnings(facts: RefundFacts) -> tuple[CauseWithValues, ...]:
    causes = []
    if facts.issuer is None:
        causes.append(CauseWithValues(Cause.ISSUER_UNKNOWN))
    if facts.fulfilment is None:
        causes.append(CauseWithValues(Cause.FULFILMENT_UNKNOWN))
    if facts.program is None:
        causes.append(CauseWithValues(Cause.PROGRAM_UNKNOWN))
    if facts.chargeback is None:
        causes.append(CauseWithValues(Cause.CHARGEBACK_UNKNOWN))
    return tuple(causes)
