"""Loading policy: TOML tables in, versions of rules and clocks out. All of a file or nothing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from claims import policy
from claims.lifecycle import Reason
from claims.models import ClockRule, PolicyRule

RULE_KEYS = {
    "key", "version", "name", "marketplace", "region", "program", "reason", "effective_from", "effective_to",
    "trigger", "opens_after", "closes_after", "clause", "source", "note",
}  # fmt: skip
RULE_NEEDS = ("key", "version", "name", "trigger", "closes_after", "clause", "source")
CLOCK_KEYS = {
    "key", "version", "name", "marketplace", "program", "reply_days", "appeal_days", "answer_days",
    "appeal_needs_senior", "source",
}  # fmt: skip
CLOCK_NEEDS = ("key", "version", "name", "reply_days", "appeal_days", "answer_days", "source")


class UnusablePolicy(Exception):
    """The file contradicts itself or what is loaded; nothing was written. `sentences` say why."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Loaded:
    new: int
    unchanged: int


def load(data: Mapping[str, Any], *, dry_run: bool = False) -> Loaded:
    """Store the rules and clocks of a parsed policy file; return how many versions are new.

    A version that is loaded already has to say the same: policy that claims rest on does not change. After a new rule
    the windows stored with refunds are out of date until `windows.recompute_all` has been over them. Raises
    UnusablePolicy.
    """
    wrong = _unknown(data, {"rule", "clock"}, "the file")
    rules, clocks = list(data.get("rule", ())), list(data.get("clock", ()))
    for row in rules:
        wrong += _check_rule(row)
    for row in clocks:
        wrong += _check(row, CLOCK_KEYS, CLOCK_NEEDS, "clock")
    if wrong:
        raise UnusablePolicy(wrong)
    with transaction.atomic():
        new_rules, wrong = _store(PolicyRule, rules)
        new_clocks, more = _store(ClockRule, clocks)
        wrong += more
        if wrong:
            raise UnusablePolicy(wrong)
        if dry_run:
            transaction.set_rollback(True)
    new = new_rules + new_clocks
    return Loaded(new, len(rules) + len(clocks) - new)


def _unknown(row: Mapping[str, Any], known: set[str], where: str) -> list[str]:
    found = []
    for key in row:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            found.append(f'{where}: unknown key "{key}".{hint}')
    return found


def _check(row: Mapping[str, Any], known: set[str], needed: tuple[str, ...], what: str) -> list[str]:
    where = f'{what} "{row.get("name") or row.get("key") or "?"}"'
    found = _unknown(row, known, where)
    found += [f'{where}: "{key}" is missing.' for key in needed if key not in row]
    for key, value in row.items():
        if key.endswith(("_days", "_after")) and (type(value) is not int or not 0 <= value <= 3650):
            found.append(f'{where}: "{key}" is {value!r}; it takes a whole number of days from 0 to 3650.')
    place = row.get("marketplace")
    if place and place not in policy.marketplaces():
        found.append(f'{where}: marketplace "{place}" is unknown.')
    return found


def _check_rule(row: Mapping[str, Any]) -> list[str]:
    found = _check(row, RULE_KEYS, RULE_NEEDS, "rule")
    name = f'rule "{row.get("name") or row.get("key") or "?"}"'
    if "trigger" in row and row["trigger"] not in set(policy.Trigger):
        found.append(f'{name}: trigger "{row["trigger"]}" is unknown. Known: {", ".join(policy.Trigger)}.')
    if row.get("reason") and row["reason"] not in set(Reason):
        found.append(f'{name}: reason "{row["reason"]}" is unknown. Known: {", ".join(Reason)}.')
    for key in ("effective_from", "effective_to"):
        if key in row and not isinstance(row[key], date):
            found.append(f'{name}: "{key}" is not a date.')
    if found:
        return found
    opens, closes = row.get("opens_after", 0), row["closes_after"]
    if closes < opens:
        found.append(f"{name}: closes (day {closes}) before it opens (day {opens}). No refund could ever be claimed.")
    start, end = row.get("effective_from"), row.get("effective_to")
    if start and end and end < start:
        found.append(f"{name}: ends ({end}) before it begins ({start}).")
    return found


def _store(model: type[PolicyRule] | type[ClockRule], rows: list[Mapping[str, Any]]) -> tuple[int, list[str]]:
    new, wrong = 0, []
    for row in rows:
        known = model.objects.filter(key=row["key"], version=row["version"]).first()
        if known is None:
            model.objects.create(**row)
            new += 1
            continue
        changed = [key for key, value in row.items() if getattr(known, key) != value]
        if changed:
            wrong.append(
                f'rule "{row["name"]}", version {row["version"]}, is loaded with another {", ".join(changed)}. '
                "A changed rule is a new version."
            )
    return new, wrong
