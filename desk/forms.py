"""What handlers type in: turned into plain values, nothing decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.values import amounts, days, plain_text
from accounts.values.text import Unreadable
from claims.decisions.checks import LineDecision
from claims.rules import policy
from claims.rules.lifecycle import SYSTEM_REASONS, DecisionReason, Verb
from claims.text import decision_detail_label, decision_reason_name, formats
from desk.models import Macro

_FILES, _CLAIMS, _TRACKING = "files-here", "claims-here", "tracking-here"
SUGGESTED = {
    DecisionReason.EVIDENCE_UNREADABLE: _FILES,
    DecisionReason.EVIDENCE_OTHER_ORDER: _FILES,
    DecisionReason.EVIDENCE_REUSED: _FILES,
    DecisionReason.EVIDENCE_TOO_OLD: _FILES,
    DecisionReason.DUPLICATE: _CLAIMS,
    DecisionReason.RETURN_DELIVERED: _TRACKING,
    DecisionReason.NOT_DELIVERED: _TRACKING,
}
"""Which of the page's lists suggests what to fill in for a reason."""
CHOICES = [reason for reason in DecisionReason if reason not in SYSTEM_REASONS]


def last_moment(typed: str, calendar: ZoneInfo) -> datetime:
    """Return the last instant of a day typed in a date field, in that calendar. Raises Unreadable for no day."""
    day = days.day(typed.strip(), _("day"))
    if day is None:
        raise Unreadable(_("the day is missing"))
    return policy.end_of_day(day, calendar)


@dataclass(slots=True)
class DecisionInput:
    """A decision as typed: `rows` the lines with what was typed, `lines` what can be decided, `wrong` what can't.

    `outcome` is what was chosen, GRANT or DENY; a denial leaves each line at its floor, whatever amounts were typed.
    """

    rows: list[dict[str, Any]]
    words: str = ""
    outcome: str = ""
    lines: dict[int, LineDecision] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def verb(self) -> Verb:
        return Verb.GRANT if any(one.amount_minor > 0 for one in self.lines.values()) else Verb.DENY

    def take_in(self, macro: Macro, text: str) -> None:
        """Fill in what a macro brings: its text after what was written, its outcome, its reasons for each line."""
        self.words = f"{self.words.rstrip()}\n\n{text}".strip()
        self.outcome = macro.verb
        for row in self.rows:
            for reason in row["reasons"]:
                reason["chosen"] = reason["chosen"] or reason["code"] in macro.reasons


def read_decision(
    posted: Mapping[str, Any] | None, lines: list[dict[str, Any]], currency: str, *, chooses: bool = False
) -> DecisionInput:
    """Return the decision form's input; without a post, every line granted in full.

    `chooses`: the form asks whether to grant or to deny, so that a post without an answer is one thing to fix.
    """
    made = DecisionInput(rows=[], words=plain_text(str(posted.get("words", ""))) if posted else "")
    if chooses and posted:
        asked = str(posted.get("outcome", ""))
        made.outcome = asked if asked in (Verb.GRANT, Verb.DENY) else ""
        if not made.outcome:
            made.wrong.append(_("Choose what you decide."))
    for line in lines:
        pk = line["pk"]
        typed = plain_text(str(posted.get(f"amount-{pk}", "")))[:40] if posted else line["plain"]
        reasons = [_reason_box(posted or {}, pk, code) for code in CHOICES]
        made.rows.append({**line, "typed": typed, "reasons": reasons})
        minor = line["floor_minor"] if made.outcome == Verb.DENY else amounts.typed(typed, currency, signed=True)
        if minor is None:
            example = formats.amount(2450, currency)
            made.wrong.append(_("Write the amount like %(example)s.") % {"example": example} + f" {line['item']}")
            continue
        picked = [
            (DecisionReason(box["code"]), {"detail": box["detail"].strip()} if box["detail"].strip() else {})
            for box in reasons
            if box["chosen"]
        ]
        made.lines[pk] = LineDecision(minor, tuple(picked))
    if made.outcome == Verb.GRANT and not made.wrong and not any(line.amount_minor for line in made.lines.values()):
        made.wrong.append(_("All amounts are 0: choose Deny."))
    return made


def _reason_box(posted: Mapping[str, Any], line_pk: int, code: DecisionReason) -> dict[str, Any]:
    """Return one reason as the form offers it for a line, with what was chosen and typed."""
    return {
        "code": code.value,
        "name": decision_reason_name(code),
        "chosen": bool(posted.get(f"reason-{line_pk}-{code}")),
        "detail": plain_text(str(posted.get(f"detail-{line_pk}-{code}", "")))[:300],
        "label": decision_detail_label(code),
        "list": SUGGESTED.get(code, ""),
    }
