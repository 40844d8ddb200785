"""Rows of a policy file or form, checked one by one: what is wrong with each, in sentences, and the row in full."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from accounts import marketplaces
from accounts.tables import charsets
from accounts.values import has_nul
from accounts.values.days import DayOrder
from claims.rules import policy
from claims.rules.lifecycle import SUB_REASONS, Reason, Slot

RULE_DEFAULTS: dict[str, Any] = {
    "marketplace": "", "region": "", "program": "", "reason": "", "sub_reason": "", "effective_from": None,
    "effective_to": None, "opens_after": 0, "unit": str(policy.Unit.CALENDAR), "covered": True,
    "order_cap_minor": None, "order_cap_currency": "", "percent_cap": None, "component": "", "required": None,
    "recommended": None, "note": "", "after_automatic": False,
}  # fmt: skip
RULE_NEEDS = ("key", "version", "name", "trigger", "closes_after", "clause", "source")
CLOCK_DEFAULTS: dict[str, Any] = {
    "marketplace": "", "program": "", "reply_unit": str(policy.Unit.CALENDAR),
    "appeal_unit": str(policy.Unit.CALENDAR), "answer_unit": str(policy.Unit.CALENDAR), "appeals": 1,
    "appeal_needs_senior": True, "four_eyes_above_minor": None, "four_eyes_currency": "", "four_eyes_by_currency": {},
    "note": "",
}  # fmt: skip
CLOCK_NEEDS = ("key", "version", "name", "reply_days", "appeal_days", "answer_days", "source")
_MOST_DAYS = 3650
_MOST_MINOR = 10**15
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,64}")
_TEXTS = {"name": 100, "clause": 20_000, "source": 500, "note": 20_000, "program": 32}
Check = Callable[[Any], str]


def _whole(low: int, high: int, of: str = "") -> Check:
    def check(value: Any) -> str:
        if type(value) is int and low <= value <= high:
            return ""
        return f"is {value!r}; it takes a whole number{of} from {low:,} to {high:,}"

    return check


def _one_of(choices: Iterable[str], what: str) -> Check:
    names = sorted(str(choice) for choice in choices)

    def check(value: Any) -> str:
        if isinstance(value, str) and (value == "" or value in names):
            return ""
        near = difflib.get_close_matches(str(value), names, 1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(names)}."
        return f"{value!r} is no {what}. {hint}"

    return check


def _text(most: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            return f"is {value!r}; it takes text"
        if has_nul(value):
            return "holds a character that can't be kept (NUL)"
        return f"has {len(value):,} characters; at most {most:,}" if len(value) > most else ""

    return check


def _is_date(value: Any) -> str:
    return "" if isinstance(value, date) and not isinstance(value, datetime) else f"is {value!r}; it takes a date"


def _is_bool(value: Any) -> str:
    return "" if isinstance(value, bool) else f"is {value!r}; it takes true or false"


def _is_key(value: Any) -> str:
    fits = isinstance(value, str) and _SLUG.fullmatch(value)
    return "" if fits else f"is {value!r}; it takes letters, digits, - and _, at most 64"


def _is_currency(value: Any) -> str:
    fits = isinstance(value, str) and (not value or re.fullmatch("[A-Z]{3}", value))
    return "" if fits else f"is {value!r}; it takes a currency code like USD"


def _are_amounts(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"is {value!r}; it takes amounts by currency, as in {{USD = 50000}}"
    amount = _whole(0, _MOST_MINOR, " of minor units")
    for currency, minor in value.items():
        if not currency or (wrong := _is_currency(currency)):
            return f"names {currency!r}, which is no currency code like USD"
        if wrong := amount(minor):
            return f"of {currency} {wrong}"
    return ""


def _are_slots(value: Any) -> str:
    if not isinstance(value, list) or len(set(map(str, value))) < len(value):
        return f"is {value!r}; it takes a list of evidence slots, each once"
    unknown = [one for one in value if one not in set(Slot)]
    return f"names {unknown[0]!r}, which is no evidence slot. Known: {', '.join(Slot)}." if unknown else ""


def _checks() -> dict[str, Check]:
    places = marketplaces.by_code()
    units, days = _one_of(policy.Unit, "unit"), _whole(0, _MOST_DAYS, " of days")
    clock_days, money = _whole(1, _MOST_DAYS, " of days"), _whole(0, _MOST_MINOR, " of minor units")
    checks: dict[str, Check] = {name: _text(most) for name, most in _TEXTS.items()}
    return checks | {
        "key": _is_key,
        "version": _whole(1, 2**31 - 1),
        "marketplace": _one_of(places, "marketplace"),
        "region": _one_of({place.region for place in places.values()}, "region"),
        "reason": _one_of(Reason, "reason"),
        "sub_reason": _one_of({case for cases in SUB_REASONS.values() for case in cases}, "case of a reason"),
        "effective_from": _is_date,
        "effective_to": _is_date,
        "trigger": _one_of(policy.Trigger, "trigger"),
        "opens_after": days,
        "closes_after": days,
        "unit": units,
        "covered": _is_bool,
        "order_cap_minor": _whole(1, _MOST_MINOR, " of minor units"),
        "order_cap_currency": _is_currency,
        "percent_cap": _whole(1, 100),
        "after_automatic": _is_bool,
        "component": _one_of(policy.Component, "part of a refund"),
        "required": _are_slots,
        "recommended": _are_slots,
        "reply_days": clock_days,
        "appeal_days": clock_days,
        "answer_days": clock_days,
        "reply_unit": units,
        "appeal_unit": units,
        "answer_unit": units,
        "appeals": _whole(0, 1),
        "appeal_needs_senior": _is_bool,
        "four_eyes_above_minor": money,
        "four_eyes_currency": _is_currency,
        "four_eyes_by_currency": _are_amounts,
        "zone": _is_zone,
    }


def _is_zone(value: Any) -> str:
    return "" if isinstance(value, str) and value in available_timezones() else f'"{value}" is unknown'


def name_of(row: Any, what: str) -> str:
    return f'{what} "{row.get("name") or row.get("key") or "?"}"' if isinstance(row, Mapping) else what


def unknown_keys(row: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """Return a sentence for each key nobody knows, with the one that was probably meant."""
    names, problems = list(keys), []
    for key in row:
        if key not in names:
            near = difflib.get_close_matches(key, names, 1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            problems.append(f'unknown key "{key}".{hint}')
    return problems


def _checked(row: Any, needs: tuple[str, ...], defaults: Mapping[str, Any]) -> list[str]:
    if not isinstance(row, Mapping):
        return ["is no table."]
    problems = unknown_keys(row, [*needs, *defaults, "zone"])
    problems += [f'"{key}" is missing.' for key in needs if row.get(key) in (None, "")]
    checks = _checks()
    for key, value in row.items():
        if key in (*needs, *defaults, "zone") and value is not None and (wrong := checks[key](value)):
            problems.append(f"{key} {wrong}" if key == "zone" else f'"{key}" {wrong.rstrip(".")}.')
    return [problem if problem.endswith((".", "?")) else f"{problem}." for problem in problems]


def check_rule(row: Any) -> list[str]:
    """Return what is wrong with a rule's row, each with the rule's name; empty means it can be used."""
    found = _checked(row, RULE_NEEDS, RULE_DEFAULTS) or _rule_at_odds({**RULE_DEFAULTS, **row})
    return [f"{name_of(row, 'rule')}: {sentence}" for sentence in found]


def _rule_at_odds(row: Mapping[str, Any]) -> list[str]:
    """Return where the row's values, each right by itself, don't go together."""
    problems = []
    opens, closes = row["opens_after"], row["closes_after"]
    if closes < opens:
        problems.append(f"closes (day {closes}) before it opens (day {opens}). No refund could ever be claimed.")
    start, end = row["effective_from"], row["effective_to"]
    if start and end and end < start:
        problems.append(f"ends ({end}) before it begins ({start}). It would never be in force.")
    if row["marketplace"] and row["region"]:
        problems.append("names a marketplace and a region. A rule is for one of them.")
    if row["sub_reason"] and row["sub_reason"] not in SUB_REASONS.get(row["reason"], ()):
        problems.append(f"{row['sub_reason']} is no case of {row['reason'] or 'any reason it names'}.")
    if (row["order_cap_minor"] is None) != (not row["order_cap_currency"]):
        problems.append("a cap for one order takes both an amount and its currency.")
    place = marketplaces.by_code().get(row["marketplace"])
    if place and row["order_cap_currency"] not in ("", place.currency):
        problems.append(f"the cap is in {row['order_cap_currency']}, but {place.code} refunds in {place.currency}.")
    if not row["reason"] and (row["required"] is not None or row["recommended"] is not None):
        problems.append("asks for evidence but names no reason. Evidence differs by reason.")
    if both := set(row["required"] or ()) & set(row["recommended"] or ()):
        problems.append(f"{min(both)} is both required and helpful.")
    if row.get("zone") and not (place and place.zone == row["zone"]):
        problems.append(f'zone "{row["zone"]}" is not the one of its marketplace, in which days are counted.')
    return problems


def check_clock(row: Any) -> list[str]:
    """Return what is wrong with the row of a clock, each with its name; empty means it can be used."""
    problems = _checked(row, CLOCK_NEEDS, CLOCK_DEFAULTS)
    if not problems:
        full = {**CLOCK_DEFAULTS, **row}
        if full["four_eyes_currency"] and full["four_eyes_above_minor"] is None:
            problems.append("names a currency for a second handler but no amount.")
        if full["four_eyes_by_currency"] and full["four_eyes_above_minor"] is not None:
            problems.append("says twice above which amount a second handler confirms: once for all, once by currency.")
    return [f"{name_of(row, 'clock')}: {sentence}" for sentence in problems]


def full_rule(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a checked rule; what the row leaves out is as it is for everybody."""
    return {key: value for key, value in {**RULE_DEFAULTS, **row}.items() if key != "zone"}


def full_clock(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**CLOCK_DEFAULTS, **row}.items() if key != "zone"}


def check_marketplaces(data: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a table of marketplaces, as marketplaces.toml is one."""
    problems = []
    needs = ("name", "region", "zone", "currency", "spellings", "weekdays", "holidays")
    for code, row in data.items():
        where = f'marketplace "{code}"'
        if not isinstance(row, Mapping):
            problems.append(f"{where}: is no table.")
            continue
        problems += [f"{where}: {sentence}" for sentence in unknown_keys(row, (*needs, "days", "charset"))]
        problems += [f'{where}: "{key}" is missing.' for key in needs if key not in row]
        if "zone" in row:
            try:
                ZoneInfo(row["zone"])
            except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
                problems.append(f'{where}: zone "{row["zone"]}" is unknown.')
        days = row.get("weekdays", [])
        if not isinstance(days, list) or not days or any(day not in marketplaces.WEEKDAYS for day in days):
            problems.append(f'{where}: "weekdays" takes days of {", ".join(marketplaces.WEEKDAYS)}, at least one.')
        if not marketplaces.knows_holidays(row.get("holidays", "")):
            problems.append(f'{where}: no public holidays are known for "{row.get("holidays")}".')
        if row.get("days", "") not in ("", *DayOrder):
            problems.append(f'{where}: "days" takes {" or ".join(DayOrder)}, or nothing.')
        if row.get("charset", "cp1252") not in charsets.NAMES:
            problems.append(f'{where}: "charset" takes one of {", ".join(charsets.NAMES)}.')
    return problems
