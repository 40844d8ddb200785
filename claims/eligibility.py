"""One answer to "can this refund be claimed, until when, and if not, why".

The filing page, the list of refunds, the guard of filing and the importers speak from `assess`. Plain Python: no
Django, no clock. The caller passes the moment and the facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from claims.lifecycle import Reason
from claims.policy import Dates, Marketplace, Rule, Window, pick, window


class Cause(StrEnum):
    """Why a refund can't be claimed (or, for the last ones, what to warn of). One code has one sentence."""

    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    TRACKING_NOT_FOUND = "TRACKING_NOT_FOUND"
    RMA_NOT_FOUND = "RMA_NOT_FOUND"
    OTHER_ACCOUNT_OF_YOURS = "OTHER_ACCOUNT_OF_YOURS"
    REFUND_NOT_SEEN = "REFUND_NOT_SEEN"
    REFUND_REVERSED = "REFUND_REVERSED"
    SELLER_REFUNDED = "SELLER_REFUNDED"
    NO_ACTION_IN_TIME = "NO_ACTION_IN_TIME"
    MARKETPLACE_FULFILLED = "MARKETPLACE_FULFILLED"
    PROGRAM_NOT_COVERED = "PROGRAM_NOT_COVERED"
    A_TO_Z = "A_TO_Z"
    CHARGEBACK = "CHARGEBACK"
    RETURN_REFUSED = "RETURN_REFUSED"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    ALREADY_REIMBURSED = "ALREADY_REIMBURSED"
    QUANTITY_USED_UP = "QUANTITY_USED_UP"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    DATE_MISSING = "DATE_MISSING"
    NO_RULE = "NO_RULE"
    SELLER_INACTIVE = "SELLER_INACTIVE"
    ISSUER_UNKNOWN = "ISSUER_UNKNOWN"
    FULFILMENT_UNKNOWN = "FULFILMENT_UNKNOWN"
    PROGRAM_UNKNOWN = "PROGRAM_UNKNOWN"
    CHARGEBACK_UNKNOWN = "CHARGEBACK_UNKNOWN"


class Issuer(StrEnum):
    MARKETPLACE = "MARKETPLACE"
    SELLER = "SELLER"
    AUTOMATIC = "AUTOMATIC"


class Fulfilment(StrEnum):
    SELLER = "SELLER"
    MARKETPLACE = "MARKETPLACE"


NOT_COVERED_PROGRAMS: frozenset[str] = frozenset({"FBA", "MCF"})


class State(StrEnum):
    """Where a refund line stands for its seller; the tabs of Claimable refunds."""

    OPEN = "OPEN"
    CLOSING_SOON = "CLOSING_SOON"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    NOT_CLAIMABLE = "NOT_CLAIMABLE"
    CLAIMED = "CLAIMED"


CLOSING_SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Said:
    """A code with what its sentence needs: instants and days as such, amounts as (minor units, currency)."""

    code: Cause
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A claim that already covers the line."""

    claim_id: str
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What is known of one refund line. None means unknown: only a known bad value is a cause, an unknown one warns."""

    marketplace: Marketplace
    dates: Dates
    quantity: int
    held_quantity: int
    amount_minor: int
    held_minor: int
    currency: str
    order_id: str
    reversed_minor: int = 0
    program: str | None = None
    issuer: str | None = None
    fulfilment: str | None = None
    a_to_z: bool | None = None
    chargeback: bool | None = None
    return_refused: bool | None = None
    seller_active: bool = True
    seller_inactive_why: str = ""
    held_by: HeldBy | None = None

    @property
    def left_quantity(self) -> int:
        return self.quantity - self.held_quantity


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer for one refund line and one reason (or any reason, when none was named)."""

    state: State
    causes: tuple[Said, ...]
    warnings: tuple[Said, ...]
    window: Window | None

    @property
    def eligible(self) -> bool:
        return self.state in (State.OPEN, State.CLOSING_SOON)


def assess(facts: RefundFacts, rules: Iterable[Rule], reason: Reason | None, now: datetime) -> Assessment:
    """Return whether the refund line can be claimed for `reason` at `now`, with every cause against it.

    Without a reason the answer is about the general rule: whether any claim can be filed at all.
    """
    causes = _standing_causes(facts)
    held = _held_causes(facts)
    rule = pick(rules, facts.marketplace, facts.program, reason, facts.dates.refunded_at)
    found = window(rule, facts.dates, facts.marketplace.tz) if rule else None
    timing = _timing_cause(facts, found, reason, now)
    all_causes = (*causes, *held, *((timing,) if timing else ()))
    return Assessment(_state(causes, held, timing, found, now), all_causes, _warnings(facts), found)


def _standing_causes(facts: RefundFacts) -> tuple[Said, ...]:
    money = {"amount": (facts.reversed_minor or facts.amount_minor, facts.currency)}
    said = []
    if not facts.seller_active:
        said.append(Said(Cause.SELLER_INACTIVE, {"why": facts.seller_inactive_why}))
    if facts.amount_minor <= 0:
        said.append(Said(Cause.REFUND_REVERSED, money))
    if facts.issuer == Issuer.SELLER:
        said.append(Said(Cause.SELLER_REFUNDED))
    if facts.issuer == Issuer.AUTOMATIC:
        said.append(Said(Cause.NO_ACTION_IN_TIME))
    if facts.fulfilment == Fulfilment.MARKETPLACE:
        said.append(Said(Cause.MARKETPLACE_FULFILLED))
    if facts.program in NOT_COVERED_PROGRAMS:
        said.append(Said(Cause.PROGRAM_NOT_COVERED, {"program": facts.program}))
    if facts.a_to_z:
        said.append(Said(Cause.A_TO_Z))
    if facts.chargeback:
        said.append(Said(Cause.CHARGEBACK))
    if facts.return_refused:
        said.append(Said(Cause.RETURN_REFUSED))
    return tuple(said)


def _held_causes(facts: RefundFacts) -> tuple[Said, ...]:
    if facts.amount_minor <= 0 or (facts.left_quantity > 0 and facts.held_minor < facts.amount_minor):
        return ()
    if facts.held_by is None:
        return (Said(Cause.QUANTITY_USED_UP, {"claimed": facts.held_quantity, "refunded": facts.quantity, "left": 0}),)
    code = Cause.ALREADY_DECIDED if facts.held_by.decided_at else Cause.ALREADY_CLAIMED
    return (Said(code, {"claim_id": facts.held_by.claim_id, "day": facts.held_by.decided_at}),)


def _timing_cause(facts: RefundFacts, found: Window | None, reason: Reason | None, now: datetime) -> Said | None:
    if found is None:
        return Said(Cause.NO_RULE, {"refunded_at": facts.dates.refunded_at})
    params = {"reason": reason, "opens": found.opens_at, "closes": found.closes_at, "rule": found.rule, "window": found}
    if found.missing or found.opens_at is None or found.closes_at is None:
        return Said(Cause.DATE_MISSING, {**params, "date": found.missing})
    if now < found.opens_at:
        return Said(Cause.TOO_EARLY, params)
    if now > found.closes_at:
        return Said(Cause.TOO_LATE, params)
    return None


def _warnings(facts: RefundFacts) -> tuple[Said, ...]:
    said = []
    if facts.issuer is None:
        said.append(Said(Cause.ISSUER_UNKNOWN))
    if facts.fulfilment is None:
        said.append(Said(Cause.FULFILMENT_UNKNOWN))
    if facts.program is None:
        said.append(Said(Cause.PROGRAM_UNKNOWN))
    if facts.chargeback is None:
        said.append(Said(Cause.CHARGEBACK_UNKNOWN))
    return tuple(said)


def _state(
    causes: tuple[Said, ...], held: tuple[Said, ...], timing: Said | None, found: Window | None, now: datetime
) -> State:
    if held:
        return State.CLAIMED
    if causes or (timing and timing.code is Cause.NO_RULE):
        return State.NOT_CLAIMABLE
    if timing:
        return State.TOO_LATE if timing.code is Cause.TOO_LATE else State.TOO_EARLY
    assert found is not None and found.closes_at is not None
    return State.CLOSING_SOON if (found.closes_at - now).days < CLOSING_SOON_DAYS else State.OPEN
