"""What a row of a batch is told, kept as codes with plain values: the sentences are made when somebody reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from claims.filing.draft_check import MissingField, Problem
from claims.models import BatchRow
from claims.rules.eligibility import Cause, CauseWithValues, ReasonOption, Timing
from claims.rules.lifecycle import Reason, SubReason
from claims.rules.policy import Cap, MostClaimable, Rule, Trigger, Unit, Window
from claims.text import Ctx, batch_row, cause, filing_problem

Remark = dict[str, Any]
"""`of` says whose code it is (the row's, the draft's, the refund's), `values` what its sentence names."""
_ROW, _DRAFT, _REFUND = "ROW", "DRAFT", "REFUND"
_WITH_TODO = frozenset({Cause.ORDER_NOT_FOUND})


def of_row(code: str, **values: Any) -> Remark:
    """Return what is kept of something about the row itself (codes of `claims.text.batch_row`)."""
    return _remark(_ROW, code, values)


def of_problem(problem: Problem) -> Remark:
    """Return what is kept of something to fix in the draft."""
    return _remark(_DRAFT, problem.code, problem.params)


def of_cause(said: CauseWithValues) -> Remark:
    """Return what is kept of why a refund can't be claimed."""
    return _remark(_REFUND, said.code, said.params)


def of_all(problems: Sequence[Problem], causes: Sequence[CauseWithValues]) -> list[Remark]:
    """Return what is kept of why a draft wasn't filed: that the person may not any more, where nothing else is said."""
    return [*map(of_problem, problems), *map(of_cause, causes)] or [of_row("NO_RIGHT")]


def sentences(row: BatchRow, ctx: Ctx) -> list[str]:
    """Return what the row is told, in the language and zone of who reads it. Rows of an earlier version hold theirs."""
    made = (sentence for remark in row.remarks for sentence in _sentences(remark, ctx))
    return list(dict.fromkeys(made)) or list(row.words)


def _sentences(remark: Remark, ctx: Ctx) -> Iterable[str]:
    code, values = remark["code"], {name: _read(value) for name, value in remark["values"].items()}
    match remark["of"]:
        case "DRAFT":
            return [filing_problem(Problem(MissingField(code), "", values))]
        case "REFUND":
            said = cause(CauseWithValues(Cause(code), values), ctx)
            return [said.sentence, said.todo] if code in _WITH_TODO else [said.sentence]
    return [batch_row(code, **values)]


def _remark(of: str, code: str, values: dict[str, Any]) -> Remark:
    return {"of": of, "code": str(code), "values": {name: _kept(value) for name, value in values.items()}}


def _kept(value: Any) -> Any:
    """Return the value as JSON has it: what JSON has no type for is an object of one entry, the type with its value."""
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Window():
            return {
                "window": _fields(value, "rule", "opens_at", "closes_at", "counted_from", "moved_from", "moved_why")
            }
        case Rule():
            return {"rule": _fields(value, "key", "version", "name", "trigger", "opens_after", "closes_after", "unit")}
        case ReasonOption():
            return {"option": _fields(value, "reason", "sub_reason", "rule", "window", "timing")}
        case MostClaimable():
            return {"most": _fields(value, "minor", "cap", "params")}
        case dict():
            return {"values": {name: _kept(each) for name, each in value.items()}}
        case list() | tuple():
            return [_kept(each) for each in value]
    return value


def _fields(value: Any, *names: str) -> dict[str, Any]:
    return {name: _kept(getattr(value, name)) for name in names}


def _read(kept: Any) -> Any:
    """Return the value that `_kept` was given."""
    if isinstance(kept, list):
        return tuple(_read(each) for each in kept)
    if not isinstance(kept, dict):
        return kept
    ((kind, value),) = kept.items()
    fields: dict[str, Any] = {name: _read(each) for name, each in value.items()} if isinstance(value, dict) else {}
    match kind:
        case "moment":
            return datetime.fromisoformat(value)
        case "day":
            return date.fromisoformat(value)
        case "rule":
            return Rule(**{**fields, "trigger": Trigger(fields["trigger"]), "unit": Unit(fields["unit"])})
        case "window":
            return Window(**fields)
        case "option":
            reason, case, timing = fields["reason"], fields["sub_reason"], fields["timing"]
            typed = {"reason": reason and Reason(reason), "sub_reason": case and SubReason(case)}
            return ReasonOption(**{**fields, **typed, "timing": Timing(timing)})
        case "most":
            return MostClaimable(fields["minor"], Cap(fields["cap"]), fields["params"])
    return fields
