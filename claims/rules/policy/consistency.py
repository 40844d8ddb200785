"""What is wrong with a set of rules: two that tie, days that none governs.

Each is a sentence that names the rules or the days. The set is every version of every rule together, as it would be in
force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from accounts.marketplaces import Marketplace
from claims.rules.policy.rules import Rule, current

_ONE_DAY = timedelta(days=1)


def ties(rules: Sequence[Rule]) -> list[str]:
    """Return a sentence for each two rules that would govern the same refunds, with nothing to choose between."""
    sentences: dict[tuple[str, str], str] = {}
    for day in _first_days(rules):
        alike: dict[tuple[str | None, ...], list[Rule]] = defaultdict(list)
        for rule in current(rules, day):
            alike[rule.marketplace, rule.region, rule.program, rule.reason, rule.sub_reason].append(rule)
        for same in alike.values():
            for one, other in pairwise(same):
                first, second = sorted((one, other), key=lambda rule: rule.key)
                since = "" if day == date.min else f", from {day}"
                sentence = f'rules "{first.name}" and "{second.name}" both apply to {_about(first)}{since}.'
                sentences.setdefault((first.key, second.key), sentence)
    return list(sentences.values())


def _about(rule: Rule) -> str:
    parts = [rule.marketplace or rule.region or "every marketplace", rule.program, _words(rule.reason)]
    return ", ".join(part for part in (*parts, _words(rule.sub_reason)) if part)


def _words(code: str | None) -> str:
    return code.replace("_", " ").lower() if code else ""


def _first_days(rules: Iterable[Rule]) -> list[date]:
    """Return the days on which anything changes, and the first day there is."""
    days = {date.min}
    for rule in rules:
        if rule.effective_from:
            days.add(rule.effective_from)
        if rule.effective_to and rule.effective_to < date.max:
            days.add(rule.effective_to + _ONE_DAY)
    return sorted(days)


def gaps(rules: Sequence[Rule], marketplaces: Iterable[Marketplace]) -> list[str]:
    """Return a sentence for each span of days on which nothing governs what was governed before.

    A marketplace that no rule ever spoke for has no gap, and neither has the time before the first rule.
    """
    days = _first_days(rules)
    of_day = {day: current(rules, day) for day in days}
    programs = [None, *sorted({rule.program for rule in rules if rule.program})]
    cases = [(None, None), *sorted({(r.reason, r.sub_reason) for r in rules if r.reason}, key=_case_order)]
    sentences = []
    for place in marketplaces:
        for program in programs:
            seen: set[tuple[date, date | None]] = set()
            for reason, sub_reason in cases:
                here = _governed(of_day, days, place, program, reason, sub_reason)
                for span in _holes(days, here):
                    if span in seen:
                        continue  # the same days are a hole for every reason, or for any program
                    seen.add(span)
                    if program and span in _holes(days, _governed(of_day, days, place, None, reason, sub_reason)):
                        continue
                    parts = (place.code, program, _words(reason), _words(sub_reason))
                    sentences.append(f"{_span(*span)} no rule applies to {', '.join(part for part in parts if part)}.")
    return sentences


def _governed(
    of_day: dict[date, list[Rule]],
    days: Sequence[date],
    place: Marketplace,
    program: str | None,
    reason: str | None,
    sub_reason: str | None,
) -> list[bool]:
    return [any(rule.fits(place, program, reason, sub_reason) for rule in of_day[day]) for day in days]


def _case_order(case: tuple[str | None, str | None]) -> tuple[str, str]:
    return case[0] or "", case[1] or ""


def _holes(days: Sequence[date], here: Sequence[bool]) -> list[tuple[date, date | None]]:
    """Return the (first, last) days of each stretch without a rule after one with; None: it never ends."""
    holes = []
    start: date | None = None
    began = False
    for day, governed in zip(days, here, strict=True):
        if governed and start is not None:
            holes.append((start, day - _ONE_DAY))
        if governed:
            began, start = True, None
        elif began and start is None:
            start = day
    return [*holes, (start, None)] if start is not None else list(holes)


def _span(first: date, last: date | None) -> str:
    return f"from {first} on" if last is None else f"between {first} and {last}"
