"""The positions of a claim, what can be done to it, and the one table of what leads where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    UNDER_INVESTIGATION = "UNDER_INVESTIGATION"
    AWAITING_SELLER = "AWAITING_SELLER"
    GRANTED = "GRANTED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"


RESOLVED = frozenset({Status.GRANTED, Status.DENIED, Status.WITHDRAWN})
DECIDED = frozenset({Status.GRANTED, Status.DENIED})


class Stage(StrEnum):
    FIRST = "FIRST"
    APPEAL = "APPEAL"


class Party(StrEnum):
    SELLER = "SELLER"
    DESK = "DESK"
    SYSTEM = "SYSTEM"
    OUTSIDE = "OUTSIDE"


class Verb(StrEnum):
    """What can be done to a claim. Those in TRANSITIONS move it; the rest leave it where it is."""

    FILE = "FILE"
    REQUEST_INFORMATION = "REQUEST_INFORMATION"
    REPLY = "REPLY"
    GRANT = "GRANT"
    DENY = "DENY"
    LAPSE = "LAPSE"
    APPEAL = "APPEAL"
    WITHDRAW = "WITHDRAW"
    IMPORT = "IMPORT"
    SEND_MESSAGE = "SEND_MESSAGE"
    ADD_NOTE = "ADD_NOTE"
    TAKE = "TAKE"
    RELEASE = "RELEASE"
    ASSIGN = "ASSIGN"
    CONFIRM = "CONFIRM"
    SEND_BACK = "SEND_BACK"
    CORRECT = "CORRECT"
    RELEASE_APPEAL = "RELEASE_APPEAL"
    REDACT = "REDACT"
    EXTEND = "EXTEND"
    ACCEPT_MAIL = "ACCEPT_MAIL"


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a claim. None as a Position means: not in the portal yet."""

    status: Status
    stage: Stage


@dataclass(frozen=True, slots=True)
class Transition:
    verb: Verb
    party: Party
    source: Position | None
    target: Position


def _table() -> tuple[Transition, ...]:
    first = {status: Position(status, Stage.FIRST) for status in Status}
    appeal = {status: Position(status, Stage.APPEAL) for status in Status}
    rows = [Transition(Verb.FILE, Party.SELLER, None, first[Status.UNDER_INVESTIGATION])]
    rows += [Transition(Verb.IMPORT, Party.OUTSIDE, None, first[status]) for status in Status]
    for at in (first, appeal):
        investigated, awaited = at[Status.UNDER_INVESTIGATION], at[Status.AWAITING_SELLER]
        rows += [
            Transition(Verb.REQUEST_INFORMATION, Party.DESK, investigated, awaited),
            Transition(Verb.REQUEST_INFORMATION, Party.DESK, awaited, awaited),  # asked again, for something else
            Transition(Verb.REPLY, Party.SELLER, awaited, investigated),
            # An old e-mail of the seller, imported, was the reply: a handler says so.
            Transition(Verb.ACCEPT_MAIL, Party.DESK, awaited, investigated),
            Transition(Verb.GRANT, Party.DESK, investigated, at[Status.GRANTED]),
            Transition(Verb.DENY, Party.DESK, investigated, at[Status.DENIED]),
            Transition(Verb.LAPSE, Party.SYSTEM, awaited, at[Status.DENIED]),
        ]
    # An appeal that ends without a reply restores the first decision, which may have been a grant.
    rows.append(Transition(Verb.LAPSE, Party.SYSTEM, appeal[Status.AWAITING_SELLER], appeal[Status.GRANTED]))
    rows += [
        Transition(Verb.APPEAL, Party.SELLER, first[status], appeal[Status.UNDER_INVESTIGATION])
        for status in (Status.GRANTED, Status.DENIED)
    ]
    # A correction only raises, so it always ends in a grant; the appeal stays what it was.
    rows += [
        Transition(Verb.CORRECT, Party.DESK, first[status], first[Status.GRANTED])
        for status in (Status.GRANTED, Status.DENIED)
    ]
    rows += [
        Transition(Verb.WITHDRAW, Party.SELLER, first[status], first[Status.WITHDRAWN])
        for status in (Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER)
    ]
    return tuple(rows)


TRANSITIONS: tuple[Transition, ...] = _table()


def transition(verb: Verb, source: Position | None, status: Status) -> Transition | None:
    """Return the row that lets `verb` lead from `source` to `status`, or None when there is none."""
    for row in TRANSITIONS:
        if row.verb is verb and row.source == source and row.target.status is status:
            return row
    return None


def leads_from(verb: Verb, source: Position) -> bool:
    """Whether the table has any row for `verb` for the position of the claim."""
    return any(row.verb is verb and row.source == source for row in TRANSITIONS)
