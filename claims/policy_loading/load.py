"""Loading policy: tables in, versions of rules and clock rules out. All of a file or nothing.

The command and the admin's forms both come in here, so that both are held to the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts import marketplaces
from claims.models import ClockRule, PolicyRule
from claims.policy_loading import check_rows
from claims.rules.policy import consistency

POLICIES = Path(__file__).parent.parent / "policies"
"""The programme's own rules and clocks, a file a place."""


class UnusablePolicy(Exception):
    """The file contradicts itself or what is loaded; nothing was written. `sentences` say why."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class LoadedRules:
    new: int
    unchanged: int


def load(data: Mapping[str, Any], *, dry_run: bool = False) -> LoadedRules:
    """Store the rules and clocks of a parsed policy file; return how many versions are new.

    A version that is loaded already has to say the same: policy that claims rest on does not change. All rules, old and
    new together, may neither tie nor leave days that none governs. After a new rule the windows stored with refunds
    are out of date until `windows.recompute_all` has been over them. Raises UnusablePolicy.
    """
    wrong = check_rows.unknown_keys(data, ("rule", "clock"))
    rules, clocks = data.get("rule", []), data.get("clock", [])
    for name, tables in (("rule", rules), ("clock", clocks)):
        if not isinstance(tables, list):
            wrong.append(f'"{name}" is one table. Write [[{name}]] above each.')
    if wrong:
        raise UnusablePolicy(wrong)
    for row in rules:
        wrong += check_rows.check_rule(row)
    for row in clocks:
        wrong += check_rows.check_clock(row)
    if wrong:
        raise UnusablePolicy(wrong)
    with transaction.atomic():
        _one_at_a_time()
        new_rules, wrong = _store(PolicyRule, [check_rows.full_rule(row) for row in rules], "rule")
        new_clocks, more = _store(ClockRule, [check_rows.full_clock(row) for row in clocks], "clock")
        wrong += more
        if not wrong and new_rules:
            every = [row.as_rule() for row in PolicyRule.objects.order_by("key", "version")]
            wrong += consistency.ties(every) or consistency.gaps(every, marketplaces.by_code().values())
        if not wrong and new_clocks:
            wrong += _clock_ties()
        if wrong:
            raise UnusablePolicy(wrong)
        if dry_run:
            transaction.set_rollback(True)
    new = new_rules + new_clocks
    return LoadedRules(new, len(rules) + len(clocks) - new)


def _one_at_a_time() -> None:
    """Let nobody else load until the end of the transaction: two who can't see each other's rules could tie."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('claims.rules.policy'))")


def new_version(model: type[PolicyRule] | type[ClockRule], values: Mapping[str, Any]) -> Any:
    """Store one more version of a rule or clock, or the first of a new key; return the row.

    `values` are all its columns but the version. Under the same checks as a file. Raises UnusablePolicy.
    """
    with transaction.atomic():
        _one_at_a_time()
        last = model.objects.filter(key=values.get("key", "")).order_by("-version").first()
        row = {**values, "version": last.version + 1 if last else 1}
        load({"rule" if model is PolicyRule else "clock": [row]})
        return model.objects.get(key=row["key"], version=row["version"])


def would_be_wrong(model: type[PolicyRule] | type[ClockRule], values: Mapping[str, Any]) -> list[str]:
    """Return why `new_version` would refuse these values, in sentences; empty means it would take them."""
    try:
        with transaction.atomic():
            new_version(model, values)
            transaction.set_rollback(True)
    except UnusablePolicy as error:
        return error.sentences
    return []


def _store(
    model: type[PolicyRule] | type[ClockRule], rows: Sequence[Mapping[str, Any]], what: str
) -> tuple[int, list[str]]:
    new, wrong = 0, []
    for row in sorted(rows, key=lambda row: (row["key"], row["version"])):
        where = f"{check_rows.name_of(row, what)}, version {row['version']},"
        stored = model.objects.filter(key=row["key"], version=row["version"]).first()
        if stored is None:
            last = model.objects.filter(key=row["key"]).order_by("-version").values_list("version", flat=True).first()
            if row["version"] != (last or 0) + 1:
                wrong.append(f"{where} can't follow version {last or 0}. The next one is {(last or 0) + 1}.")
                continue
            model.objects.create(**row)
            new += 1
            continue
        changed = [key for key, value in row.items() if getattr(stored, key) != value]
        if changed:
            wrong.append(f"{where} is loaded with another {', '.join(changed)}. A changed {what} is a new version.")
    return new, wrong


def _clock_ties() -> list[str]:
    newest = {row.key: row for row in ClockRule.objects.order_by("key", "version")}
    seen: dict[tuple[str, str], ClockRule] = {}
    wrong = []
    for row in newest.values():
        other = seen.setdefault((row.marketplace, row.program), row)
        if other is not row:
            about = ", ".join(part for part in (row.marketplace or "every marketplace", row.program) if part)
            wrong.append(f'clocks "{other.name}" and "{row.name}" both apply to {about}.')
    return wrong


def check_marketplaces(data: Mapping[str, Any]) -> int:
    """Check a table of marketplaces, which is read when the program starts; return how many. Raises UnusablePolicy."""
    if wrong := check_rows.check_marketplaces(data):
        raise UnusablePolicy(wrong)
    return len(data)
