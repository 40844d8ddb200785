"""What handlers type in: turned into plain values, nothing decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from claims import display, wording
from claims.lifecycle import SYSTEM_REASONS, DecisionReason, Verb
from claims.operations.deciding import LineDecision

CHOICES = [reason for reason in DecisionReason if reason not in SYSTEM_REASONS]


def minor_of(text: str, currency: str) -> int | None:
    """Return an amount as typed (24.50, 24,50 or 1,284.50) in minor units; None for anything else."""
    bare = text.strip().replace(" ", "")
    if "," in bare and "." not in bare and len(bare) - bare.rfind(",") <= 3:
        bare = bare.replace(",", ".")
    try:
        amount = Decimal(bare.replace(",", ""))
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    minor = amount.scaleb(display.decimals(currency))
    if minor != minor.to_integral_value() or not -(10**15) < minor < 10**15:
        return None
    return int(minor)


@dataclass(slots=True)
class DecisionInput:
    """A decision as typed: `rows` the lines with what was typed, `lines` what can be decided, `wrong` what can't."""

    rows: list[dict[str, Any]]
    words: str = ""
    lines: dict[int, LineDecision] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def verb(self) -> Verb:
        return Verb.GRANT if any(one.amount_minor > 0 for one in self.lines.values()) else Verb.DENY


def read_decision(posted: Mapping[str, Any] | None, lines: list[dict[str, Any]], currency: str) -> DecisionInput:
    """Return the decision form's input; without a post, every line granted in full."""
    made = DecisionInput(rows=[], words=str(posted.get("words", "")).replace("\x00", "") if posted else "")
    for line in lines:
        pk = line["pk"]
        typed = str(posted.get(f"amount-{pk}", "")).replace("\x00", "") if posted else line["plain"]
        reasons: list[dict[str, Any]] = []
        for code in CHOICES:
            chosen = bool(posted and posted.get(f"reason-{pk}-{code}"))
            detail = str(posted.get(f"detail-{pk}-{code}", "")).replace("\x00", "")[:300] if posted else ""
            reasons.append(
                {
                    "code": code.value,
                    "name": wording.decision_reason_name(code),
                    "chosen": chosen,
                    "detail": detail,
                    "label": wording.decision_detail_label(code),
                }
            )
        made.rows.append({**line, "typed": typed, "reasons": reasons})
        minor = minor_of(typed, currency)
        if minor is None:
            made.wrong.append(_("Write the amount like 24.50.") + f" {line['item']}")
            continue
        picked = [
            (DecisionReason(one["code"]), {"detail": one["detail"].strip()} if one["detail"].strip() else {})
            for one in reasons
            if one["chosen"]
        ]
        made.lines[pk] = LineDecision(minor, tuple(picked))
    return made
