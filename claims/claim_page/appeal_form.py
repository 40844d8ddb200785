"""What may be said against a decision and what was: the appeal's short form, item by item, and the grounds given."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from claims.claim_page import turn_card, turn_facts
from claims.claim_page.snapshot import ClaimSnapshot, Decided
from claims.models import Claim
from claims.rules.lifecycle import DecisionReason, Ground, Slot
from claims.text import decision_reason, formats, ground, slot_title

Choice = tuple[int, str]
"""What a form says about an item: its place among the claim's items, from 0, and the code of a ground."""


@dataclass(frozen=True, slots=True)
class GroundChoice:
    code: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AppealItem:
    """An item that was given less than claimed, what it was given, why, and what may be said against that.

    `index` is its place among the claim's items, `line` its key.
    """

    index: int
    line: int
    item: str
    given: str
    why: tuple[str, ...]
    choices: tuple[GroundChoice, ...]


@dataclass(frozen=True, slots=True)
class AppealForm:
    """The appeal's own part of the composer: by item what may be wrong, until when, what is final, what would help.

    `wanted` is what new evidence it names, each once, as (evidence slot, what it is called).
    """

    items: tuple[AppealItem, ...]
    until: str
    final: str
    would_change: tuple[str, ...]
    wanted: tuple[tuple[Slot, str], ...] = ()


def appeal_form(
    claim: Claim, snapshot: ClaimSnapshot, *, zone: str, now: datetime, chosen: Collection[Choice] = ()
) -> AppealForm:
    """Return the form for a claim that can be appealed, with what was `chosen` so far."""
    decision = snapshot.last_decision
    items = []
    for index, line in enumerate(snapshot.lines):
        if line.granted_minor >= line.claimed_minor:
            continue
        decided = decision.lines[index] if decision and index < len(decision.lines) else None
        amounts = {
            "granted": formats.money(line.granted_minor, claim.currency),
            "claimed": formats.money(line.claimed_minor, claim.currency),
        }
        items.append(
            AppealItem(
                index,
                line.pk,
                line.title or line.sku or _("Item"),
                _("%(granted)s of %(claimed)s granted") % amounts,
                tuple(decision_reason(code, params, zone).why for code, params in decided.reasons) if decided else (),
                _choices(index, chosen, some=line.granted_minor > 0),
            )
        )
    return AppealForm(
        tuple(items),
        turn_card.appeal_line(claim, zone, now),
        _("Someone who did not make the first decision looks at it. What they decide is final."),
        turn_facts.reasons_of(decision, zone)[1] if decision else (),
        _wanted(decision, snapshot, zone) if decision else (),
    )


_PROVES = {
    DecisionReason.NO_AGREEMENT: Slot.BUYER_AGREEMENT,
    DecisionReason.NOT_DELIVERED: Slot.DELIVERY_TRACKING,
}
_NO_FILE = (DecisionReason.EVIDENCE_MISSING, DecisionReason.NO_RESPONSE)  # they name what was missing, or only words


def _wanted(decision: Decided, snapshot: ClaimSnapshot, zone: str) -> tuple[tuple[Slot, str], ...]:
    """Return the evidence that would change the decision: by slot where it names one, else in its own words."""
    slots: list[Slot] = []
    others: list[str] = []
    for code, params in (reason for line in decision.lines for reason in line.reasons):
        missing = params.get("slots")
        named = [Slot(each) for each in missing if each in list(Slot)] if isinstance(missing, list) else []
        if code in _PROVES:
            named.append(_PROVES[DecisionReason(code)])
        if code == DecisionReason.NO_RESPONSE and snapshot.asked:
            named += [Slot(slot) for slot, _words, _answered in snapshot.asked.items if slot]
        slots += named
        words = decision_reason(code, params, zone).would_change
        if words and not named and code not in _NO_FILE:
            others.append(words)
    found = [(slot, slot_title(slot)) for slot in dict.fromkeys(slots)]
    return (*found, (Slot.OTHER, " ".join(dict.fromkeys(others)))) if others else tuple(found)


def _choices(index: int, chosen: Collection[Choice], *, some: bool) -> tuple[GroundChoice, ...]:
    """Return what may be wrong. That the amount is can be said only where there is one."""
    offered = [code for code in Ground if some or code is not Ground.AMOUNT]
    return tuple(GroundChoice(code, ground(code), (index, code) in chosen) for code in offered)


@dataclass(frozen=True, slots=True)
class GroundRow:
    """An item of an appeal, and what the seller says is wrong with what it was given."""

    item: str
    grounds: tuple[str, ...]


def ground_rows(snapshot: ClaimSnapshot, at: datetime | None = None) -> tuple[GroundRow, ...]:
    """Return what the appeal filed at this moment objects to, or the last one's where no moment is given."""
    at = at or snapshot.appealed_at
    made: dict[str, list[str]] = {}
    for one in snapshot.objected:
        if one.at == at:
            made.setdefault(one.title or one.sku or _("Item"), []).append(ground(one.code))
    return tuple(GroundRow(item, tuple(grounds)) for item, grounds in made.items())
