"""When a refund can be claimed for each reason, and which of them can still apply to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from accounts.marketplaces import Marketplace
from claims.rules.eligibility.causes import Cause, CauseWithValues
from claims.rules.eligibility.facts import Issuer, RefundFacts
from claims.rules.lifecycle import SUB_REASONS, Reason, SubReason
from claims.rules.policy import Dates, Rule, Rulebook, Window

CLOSING_SOON_DAYS = 7
COMBINATIONS: tuple[tuple[Reason, SubReason | None], ...] = tuple(
    (reason, case) for reason in Reason for case in (None, *SUB_REASONS.get(reason, ()))
)
"""Every reason by itself, then each of its cases."""
_WITHOUT_RETURN = frozenset({Reason.NOT_RETURNED, Reason.NO_RETURN_ASKED})
_BY_CARRIER = {
    SubReason.LOST_IN_RETURN: Cause.LOST_IN_RETURN,
    SubReason.DAMAGED_IN_RETURN: Cause.DAMAGED_IN_RETURN,
}


class Timing(StrEnum):
    """Where a moment lies: before, in or after a window."""

    OPEN = "OPEN"
    CLOSING_SOON = "CLOSING_SOON"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    DATE_MISSING = "DATE_MISSING"
    NOT_COVERED = "NOT_COVERED"
    NO_RULE = "NO_RULE"


OPEN = frozenset({Timing.OPEN, Timing.CLOSING_SOON})


@dataclass(frozen=True, slots=True)
class ReasonOption:
    """One reason (and case) a refund may be claimed for: the rule that governs it, its window, its timing now."""

    reason: Reason | None
    sub_reason: SubReason | None
    rule: Rule | None
    window: Window | None
    timing: Timing

    @property
    def is_open(self) -> bool:
        return self.timing in OPEN


def timing_of(rule: Rule | None, window: Window | None, now: datetime) -> Timing:
    """Return where `now` lies to a window; both ends of it are inside."""
    if rule is None or window is None:
        return Timing.NO_RULE
    if not rule.covered:
        return Timing.NOT_COVERED
    if window.opens_at is None or window.closes_at is None:
        return Timing.DATE_MISSING
    if now < window.opens_at:
        return Timing.TOO_EARLY
    if now > window.closes_at:
        return Timing.TOO_LATE
    return Timing.CLOSING_SOON if window.closes_at - now < timedelta(days=CLOSING_SOON_DAYS) else Timing.OPEN


def option(
    facts: RefundFacts, book: Rulebook, reason: Reason | None, sub_reason: SubReason | None, now: datetime
) -> ReasonOption:
    """Return the timing of a refund for one reason; without one, under the rule for any reason."""
    rule = book.pick(facts.marketplace, facts.program, reason, facts.dates.refunded_at, sub_reason)
    found = book.window(rule, facts.dates, facts.marketplace) if rule else None
    return ReasonOption(reason, sub_reason, rule, found, timing_of(rule, found, now))


def options(facts: RefundFacts, book: Rulebook, now: datetime) -> tuple[ReasonOption, ...]:
    """Return the timing of a refund for every reason and case that can still apply to it, in the order of the form."""
    return tuple(
        ReasonOption(reason, case, rule, found, timing_of(rule, found, now))
        for reason, case, rule, found in _ruled(
            facts.marketplace, facts.program, facts.dates, book, automatic=facts.issuer == Issuer.AUTOMATIC
        )
    )


def survives(facts: RefundFacts, book: Rulebook) -> bool:
    """Whether a refund that was made automatically can be claimed for some reason all the same."""
    return any(
        rule is not None and rule.after_automatic
        for _reason, _case, rule, _window in _ruled(facts.marketplace, facts.program, facts.dates, book, automatic=True)
    )


def _ruled(
    marketplace: Marketplace, program: str | None, dates: Dates, book: Rulebook, *, automatic: bool = False
) -> list[tuple[Reason, SubReason | None, Rule | None, Window | None]]:
    windows: dict[Rule | None, Window | None] = {None: None}
    ruled = []
    for reason, case in COMBINATIONS:
        came_back = reason in _WITHOUT_RETURN and dates.return_delivered_on is not None
        if came_back and not automatic:
            continue
        rule = book.pick(marketplace, program, reason, dates.refunded_at, case)
        if came_back and not (rule and rule.after_automatic):
            continue
        if rule not in windows:
            assert rule is not None
            windows[rule] = book.window(rule, dates, marketplace)
        ruled.append((reason, case, rule, windows[rule]))
    # Where policy says which reasons survive an automatic refund, the others are none of its reasons.
    surviving = [one for one in ruled if automatic and one[2] and one[2].after_automatic]
    return surviving or ruled


@dataclass(frozen=True, slots=True)
class Span:
    """When a refund opens, first closes and last closes, over the reasons still possible; None: there is no window."""

    opens_at: datetime | None = None
    first_closes_at: datetime | None = None
    closes_at: datetime | None = None


def outlook(
    marketplace: Marketplace,
    program: str | None,
    dates: Dates,
    book: Rulebook,
    now: datetime,
    *,
    automatic: bool = False,
) -> tuple[Span, Cause | None]:
    """Return the span of time by which a list sorts and filters a refund, as of `now`, and the cause where it never has
    a window.

    The span covers the windows that haven't ended yet, or the last one when all have. So the refund can be claimed for
    some reason exactly when opens_at ≤ now ≤ closes_at. It has to be computed again once first_closes_at has passed.
    The cause says that no rule governs the refund, or that no rule that does covers it.
    """
    ruled = _ruled(marketplace, program, dates, book, automatic=automatic)
    if not any(rule and rule.covered for _reason, _case, rule, _window in ruled):
        governed = any(rule for _reason, _case, rule, _window in ruled)
        return Span(), Cause.REASON_NOT_COVERED if governed else Cause.NO_RULE
    spans = {
        (window.opens_at, window.closes_at)
        for _reason, _case, rule, window in ruled
        if rule and rule.covered and window and window.opens_at and window.closes_at
    }
    ahead = [(opens, closes) for opens, closes in spans if opens and closes and closes >= now]
    if not ahead:
        ended = [(opens, closes) for opens, closes in spans if opens and closes]
        last = max(ended, key=lambda span: (span[1], span[0]), default=None)
        ahead = [last] if last else []
    if not ahead:
        return Span(), None
    ends = [closes for _opens, closes in ahead]
    return Span(min(opens for opens, _closes in ahead), min(ends), max(ends)), None


def span(marketplace: Marketplace, program: str | None, dates: Dates, book: Rulebook, now: datetime) -> Span:
    """Return when a refund opens, first closes and last closes over the reasons still possible at `now`."""
    return outlook(marketplace, program, dates, book, now)[0]


def timing_said(facts: RefundFacts, option: ReasonOption) -> CauseWithValues:
    """Return what is said of a refund for one reason: until when, or why not now."""
    window = option.window
    params = {
        "reason": option.reason,
        "sub_reason": option.sub_reason,
        "opens": window.opens_at if window else None,
        "closes": window.closes_at if window else None,
        "rule": option.rule,
        "window": window,
    }
    match option.timing:
        case Timing.NO_RULE:
            place, day = facts.marketplace.name, facts.dates.refunded_at
            return CauseWithValues(Cause.NO_RULE, {"refunded_at": day, "marketplace": place, "program": facts.program})
        case Timing.NOT_COVERED:
            assert option.rule is not None
            if option.sub_reason in _BY_CARRIER and option.rule.sub_reason:
                return CauseWithValues(_BY_CARRIER[option.sub_reason], params)
            return CauseWithValues(Cause.REASON_NOT_COVERED, {**params, **_not_covered(option.rule, facts)})
        case Timing.DATE_MISSING:
            assert window is not None
            return CauseWithValues(Cause.DATE_MISSING, {**params, "date": window.missing})
        case Timing.TOO_EARLY:
            return CauseWithValues(Cause.TOO_EARLY, params)
        case Timing.TOO_LATE:
            return CauseWithValues(Cause.TOO_LATE, params)
        case Timing.CLOSING_SOON if not (window and window.provisional):
            return CauseWithValues(Cause.CLOSING_SOON, params)
    return CauseWithValues(Cause.CLOSING_AT_LEAST if window and window.provisional else Cause.ELIGIBLE, params)


def _not_covered(rule: Rule, facts: RefundFacts) -> dict[str, str | date | None]:
    """Return for what a reason isn't covered: the narrowest thing the rule names."""
    if rule.program:
        return {"not_covered_for": "program", "program": facts.program}
    if rule.effective_from:
        return {"not_covered_for": "from", "since": rule.effective_from}
    if rule.effective_to:
        return {"not_covered_for": "until", "until": rule.effective_to}
    return {"not_covered_for": "marketplace", "marketplace": facts.marketplace.name}
