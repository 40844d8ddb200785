"""The lifecycle of a claim: one table of transitions, and one answer to "may I, and if not, why".

Everything that depends on where a claim stands is computed from here: the guard of the verbs, the seller's and the
handlers' buttons, the constraint on status changes, the tests' matrix and the diagram in docs/lifecycle.md.

Plain Python: no Django, no clock. The caller passes the moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
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
    ADOPT = "ADOPT"
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
    """Where a claim stands. None as a Position means: not in the portal yet."""

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
    rows += [Transition(Verb.ADOPT, Party.OUTSIDE, None, first[status]) for status in Status]
    for at in (first, appeal):
        investigated, awaited = at[Status.UNDER_INVESTIGATION], at[Status.AWAITING_SELLER]
        rows += [
            Transition(Verb.REQUEST_INFORMATION, Party.DESK, investigated, awaited),
            Transition(Verb.REQUEST_INFORMATION, Party.DESK, awaited, awaited),  # asked again, for something else
            Transition(Verb.REPLY, Party.SELLER, awaited, investigated),
            # An old e-mail of the seller, brought over, was the reply: a handler says so.
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
    """Whether the table has any row for `verb` where the claim stands."""
    return any(row.verb is verb and row.source == source for row in TRANSITIONS)


class Refusal(StrEnum):
    """Why a thing can't be done. One code has one sentence, in wording."""

    ROLE_VIEWER = "ROLE_VIEWER"
    NOT_ASKED = "NOT_ASKED"
    REPLY_BY_PASSED = "REPLY_BY_PASSED"
    APPEAL_BY_PASSED = "APPEAL_BY_PASSED"
    ALREADY_APPEALED = "ALREADY_APPEALED"
    GRANTED_IN_FULL = "GRANTED_IN_FULL"
    RESOLVED = "RESOLVED"
    WITHDRAWN = "WITHDRAWN"
    APPEAL_STAGE = "APPEAL_STAGE"
    NO_APPEAL_DATE = "NO_APPEAL_DATE"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    OWN_DECISION = "OWN_DECISION"
    NEEDS_SENIOR = "NEEDS_SENIOR"
    ASSIGNED_TO_OTHER = "ASSIGNED_TO_OTHER"
    NOT_ALLOWED_NOW = "NOT_ALLOWED_NOW"
    NOT_A_HANDLER = "NOT_A_HANDLER"
    NEEDS_SECOND = "NEEDS_SECOND"
    SENIOR_ASSIGNS = "SENIOR_ASSIGNS"
    CANT_BE_THEIRS = "CANT_BE_THEIRS"
    SENIOR_CORRECTS = "SENIOR_CORRECTS"
    NOTHING_TO_RAISE = "NOTHING_TO_RAISE"
    APPEALED = "APPEALED"
    SENIOR_REDACTS = "SENIOR_REDACTS"
    SUPERUSER_RELEASES = "SUPERUSER_RELEASES"
    OTHERS_CAN_DECIDE = "OTHERS_CAN_DECIDE"
    NO_SECOND_HANDLER = "NO_SECOND_HANDLER"
    CANT_BE_RELEASED_TO = "CANT_BE_RELEASED_TO"
    NOT_LATER = "NOT_LATER"
    TOO_FAR = "TOO_FAR"
    WHY_MISSING = "WHY_MISSING"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants to act: a member of the claim's seller, a handler, or the portal itself."""

    party: Party
    user_id: int | None = None
    may_act: bool = True
    is_senior: bool = False
    is_superuser: bool = False


SYSTEM = Actor(Party.SYSTEM)


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What the rules need to know of a claim. Instants are aware; None means there is no such date."""

    status: Status
    stage: Stage
    reply_by: datetime | None = None
    appeal_by: datetime | None = None
    granted_in_full: bool = False
    decided_by: frozenset[int] = field(default_factory=frozenset)
    assigned_to: int | None = None
    proposed_by: int | None = None
    appeal_needs_senior: bool = True
    mail_reply_at: datetime | None = None
    released_to: frozenset[int] = field(default_factory=frozenset)
    others_can_decide: bool = True

    @property
    def position(self) -> Position:
        return Position(self.status, self.stage)


PARTY_OF: dict[Verb, Party] = {row.verb: row.party for row in TRANSITIONS}
_DESK_VERBS = frozenset({Verb.REQUEST_INFORMATION, Verb.GRANT, Verb.DENY})


def refusals(verb: Verb, claim: ClaimFacts, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    """Return every reason why `actor` may not do `verb` at `now`; empty means: go ahead.

    The verbs refuse with these codes, the pages show them, the e-mails quote them. `now` is the moment the act
    counts from (for a reply: when its request began). The end of a window is inclusive.
    """
    match verb:
        case Verb.REPLY | Verb.APPEAL | Verb.WITHDRAW:
            return _seller_refusals(verb, claim, actor, now)
        case Verb.LAPSE:
            return _lapse_refusals(claim, actor, now)
        case Verb.SEND_MESSAGE:
            return _message_refusals(claim, actor)
        case Verb.CORRECT:
            return _correct_refusals(claim, actor)
        case Verb.RELEASE_APPEAL | Verb.REDACT:
            return _keeper_refusals(verb, claim, actor)
        case Verb.EXTEND:
            return _extend_refusals(claim, actor)
        case Verb.ACCEPT_MAIL:
            return _mail_refusals(claim, actor)
        case _:
            return _desk_refusals(verb, claim, actor)


def _seller_refusals(verb: Verb, claim: ClaimFacts, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    why: list[Refusal] = []
    if actor.party is not Party.SELLER:
        return (Refusal.NOT_ALLOWED_NOW,)
    if not actor.may_act:
        why.append(Refusal.ROLE_VIEWER)
    if leads_from(verb, claim.position):
        if verb is Verb.REPLY and claim.reply_by is not None and now > claim.reply_by:
            why.append(Refusal.REPLY_BY_PASSED)
        if verb is Verb.APPEAL:
            if claim.granted_in_full:
                why.append(Refusal.GRANTED_IN_FULL)
            elif claim.appeal_by is None:
                why.append(Refusal.NO_APPEAL_DATE)
            elif now > claim.appeal_by:
                why.append(Refusal.APPEAL_BY_PASSED)
        return tuple(why)
    if claim.status is Status.WITHDRAWN:
        why.append(Refusal.WITHDRAWN)
    elif verb is Verb.REPLY:
        why.append(Refusal.RESOLVED if claim.status in DECIDED else Refusal.NOT_ASKED)
    elif verb is Verb.APPEAL:
        why.append(Refusal.ALREADY_APPEALED if claim.stage is Stage.APPEAL else Refusal.NOT_ALLOWED_NOW)
    elif claim.status in DECIDED:
        why.append(Refusal.RESOLVED)
    else:
        why.append(Refusal.APPEAL_STAGE)
    return tuple(why)


def _lapse_refusals(claim: ClaimFacts, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    if actor.party is not Party.SYSTEM or not leads_from(Verb.LAPSE, claim.position):
        return (Refusal.NOT_ALLOWED_NOW,)
    if claim.reply_by is None or now <= claim.reply_by:
        return (Refusal.NOT_ALLOWED_NOW,)
    return ()


def _message_refusals(claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    if not actor.may_act:
        return (Refusal.ROLE_VIEWER if actor.party is Party.SELLER else Refusal.NOT_A_HANDLER,)
    if claim.status is Status.WITHDRAWN:
        return (Refusal.WITHDRAWN,)
    if actor.party is Party.SELLER and claim.status is Status.AWAITING_SELLER:
        return (Refusal.NOT_ALLOWED_NOW,)  # what the seller writes now is the reply
    return ()


def _mail_refusals(claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    """Why an old e-mail can't be taken as the reply: there has to be one, and a claim that waits for it."""
    if actor.party is Party.DESK and not actor.may_act:
        return (Refusal.NOT_A_HANDLER,)
    waits = leads_from(Verb.ACCEPT_MAIL, claim.position) and claim.mail_reply_at is not None
    return () if actor.party is Party.DESK and waits else (Refusal.NOT_ALLOWED_NOW,)


def _extend_refusals(claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    """Why a deadline of the seller's can't be moved: by handlers and the portal, while the claim has one.

    One that has passed may be moved as long as nothing came of it: a reply-by not lapsed yet, an appeal not filed.
    """
    if actor.party is Party.DESK and not actor.may_act:
        return (Refusal.NOT_A_HANDLER,)
    if actor.party not in (Party.DESK, Party.SYSTEM):
        return (Refusal.NOT_ALLOWED_NOW,)
    if claim.status is Status.WITHDRAWN:
        return (Refusal.WITHDRAWN,)
    appealable = claim.appeal_by is not None and not claim.granted_in_full
    if claim.reply_by is None and not appealable:
        return (Refusal.NOT_ALLOWED_NOW,)
    return ()


def _desk_refusals(verb: Verb, claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    if actor.party is not Party.DESK:
        return (Refusal.NOT_ALLOWED_NOW,)
    if not actor.may_act:
        return (Refusal.NOT_A_HANDLER,)
    why: list[Refusal] = []
    if verb in _DESK_VERBS and not leads_from(verb, claim.position):
        return (Refusal.WITHDRAWN if claim.status is Status.WITHDRAWN else Refusal.NOT_ALLOWED_NOW,)
    if verb in (Verb.TAKE, Verb.RELEASE, Verb.ASSIGN) and claim.status in RESOLVED:
        return (Refusal.NOT_ALLOWED_NOW,)
    if verb in (Verb.CONFIRM, Verb.SEND_BACK):
        return _second_refusals(claim, actor)
    if verb is Verb.ASSIGN and not actor.is_senior:
        why.append(Refusal.SENIOR_ASSIGNS)
    if verb is Verb.RELEASE and claim.assigned_to != actor.user_id:
        why.append(Refusal.ASSIGNED_TO_OTHER)
    if verb in _DESK_VERBS or verb is Verb.TAKE:
        why += _appeal_refusals(claim, actor)
    if verb in _DESK_VERBS and claim.assigned_to not in (None, actor.user_id):
        why.append(Refusal.ASSIGNED_TO_OTHER)
    return tuple(why)


def _appeal_refusals(claim: ClaimFacts, actor: Actor) -> list[Refusal]:
    """Why this handler can't be the one to decide an appeal: it takes another one, and a senior one by policy."""
    if claim.stage is not Stage.APPEAL or actor.user_id in claim.released_to:
        return []
    why = []
    if actor.user_id in claim.decided_by:
        why.append(Refusal.OWN_DECISION)
    if claim.appeal_needs_senior and not actor.is_senior:
        why.append(Refusal.NEEDS_SENIOR)
    return [Refusal.NO_SECOND_HANDLER] if why and not claim.others_can_decide else why


def _second_refusals(claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    """The second pair of eyes: any handler but the one who proposed and, on appeal, who decided first."""
    if claim.proposed_by is None:
        return (Refusal.NOT_ALLOWED_NOW,)
    why: list[Refusal] = []
    if claim.proposed_by == actor.user_id:
        why.append(Refusal.NEEDS_SECOND)
    if claim.stage is Stage.APPEAL and actor.user_id in claim.decided_by - claim.released_to:
        why.append(Refusal.OWN_DECISION)
    return tuple(why)


def _correct_refusals(claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    """A decision is corrected by a senior handler, upwards, and only while nobody has appealed it."""
    if actor.party is not Party.DESK:
        return (Refusal.NOT_ALLOWED_NOW,)
    if not actor.may_act:
        return (Refusal.NOT_A_HANDLER,)
    if claim.status in DECIDED and claim.stage is Stage.APPEAL:
        return (Refusal.APPEALED,)
    if not leads_from(Verb.CORRECT, claim.position):
        return (Refusal.WITHDRAWN if claim.status is Status.WITHDRAWN else Refusal.NOT_ALLOWED_NOW,)
    why = []
    if claim.granted_in_full:
        why.append(Refusal.NOTHING_TO_RAISE)
    if not actor.is_senior:
        why.append(Refusal.SENIOR_CORRECTS)
    return tuple(why)


def _keeper_refusals(verb: Verb, claim: ClaimFacts, actor: Actor) -> tuple[Refusal, ...]:
    """What a superuser may do without being a handler: let an appeal be decided at all, and take words or files out."""
    if actor.party is not Party.DESK:
        return (Refusal.NOT_ALLOWED_NOW,)
    if verb is Verb.REDACT:
        return () if actor.is_superuser or (actor.may_act and actor.is_senior) else (Refusal.SENIOR_REDACTS,)
    if claim.stage is not Stage.APPEAL or claim.status in RESOLVED:
        return (Refusal.NOT_ALLOWED_NOW,)
    if not actor.is_superuser:
        return (Refusal.SUPERUSER_RELEASES,)
    return (Refusal.OTHERS_CAN_DECIDE,) if claim.others_can_decide else ()


class Ground(StrEnum):
    """What a seller says is wrong with what a decision gave an item."""

    FACTS = "FACTS"
    FILES = "FILES"
    NEW_EVIDENCE = "NEW_EVIDENCE"
    POLICY = "POLICY"
    AMOUNT = "AMOUNT"


class DecisionReason(StrEnum):
    """Why a line gets less than was claimed; unique within the line."""

    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    EVIDENCE_UNREADABLE = "EVIDENCE_UNREADABLE"
    EVIDENCE_OTHER_ORDER = "EVIDENCE_OTHER_ORDER"
    EVIDENCE_REUSED = "EVIDENCE_REUSED"
    EVIDENCE_TOO_OLD = "EVIDENCE_TOO_OLD"
    RETURN_IN_ORDER = "RETURN_IN_ORDER"
    SELLER_FAULT = "SELLER_FAULT"
    RETURN_DELIVERED = "RETURN_DELIVERED"
    NOT_DELIVERED = "NOT_DELIVERED"
    NO_AGREEMENT = "NO_AGREEMENT"
    REFUND_WAS_DUE = "REFUND_WAS_DUE"
    NOT_COVERED = "NOT_COVERED"
    ALREADY_REIMBURSED = "ALREADY_REIMBURSED"
    DUPLICATE = "DUPLICATE"
    NO_RESPONSE = "NO_RESPONSE"
    LESS_ORDER_CAP = "LESS_ORDER_CAP"
    LESS_PERCENT_CAP = "LESS_PERCENT_CAP"
    LESS_RESALE = "LESS_RESALE"
    LESS_FEE_KEPT = "LESS_FEE_KEPT"
    LESS_SHIPPING = "LESS_SHIPPING"


SYSTEM_REASONS = frozenset({DecisionReason.NO_RESPONSE})
PARTIAL_REASONS = frozenset(reason for reason in DecisionReason if reason.startswith("LESS_"))
"""Reasons that only explain a lower amount; a denial needs another one."""


class Slot(StrEnum):
    """A named place for one proof."""

    ITEM_PHOTO = "ITEM_PHOTO"
    LABEL_PHOTO = "LABEL_PHOTO"
    SERIAL_PHOTO = "SERIAL_PHOTO"
    SHIPPED = "SHIPPED"
    WEIGHT = "WEIGHT"
    ALL_PARTS_PHOTO = "ALL_PARTS_PHOTO"
    MISSING_LIST = "MISSING_LIST"
    ABUSE_PROOF = "ABUSE_PROOF"
    BUYER_MESSAGES = "BUYER_MESSAGES"
    BUYER_AGREEMENT = "BUYER_AGREEMENT"
    DELIVERY_TRACKING = "DELIVERY_TRACKING"
    LABEL_INVOICE = "LABEL_INVOICE"
    OTHER = "OTHER"


class Reason(StrEnum):
    """Why the seller claims."""

    DAMAGED = "DAMAGED"
    DIFFERENT = "DIFFERENT"
    PARTS = "PARTS"
    NOT_RETURNED = "NOT_RETURNED"
    ABUSE = "ABUSE"
    NO_RETURN_ASKED = "NO_RETURN_ASKED"
    REPLACED = "REPLACED"
    DELIVERED = "DELIVERED"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    SHIPPING = "SHIPPING"


class SubReason(StrEnum):
    """Which case of a reason it is, where policy or the desk tells them apart. Choosing one is never needed."""

    BROKEN = "BROKEN"
    USED = "USED"
    OUTER_PACKAGE = "OUTER_PACKAGE"
    DAMAGED_IN_RETURN = "DAMAGED_IN_RETURN"
    OTHER_ITEM = "OTHER_ITEM"
    EMPTY_BOX = "EMPTY_BOX"
    NEVER_SENT = "NEVER_SENT"
    LOST_IN_RETURN = "LOST_IN_RETURN"
    FREE_RENTAL = "FREE_RENTAL"
    FALSE_REASON = "FALSE_REASON"


SUB_REASONS: dict[Reason, tuple[SubReason, ...]] = {
    Reason.DAMAGED: (SubReason.BROKEN, SubReason.USED, SubReason.OUTER_PACKAGE, SubReason.DAMAGED_IN_RETURN),
    Reason.DIFFERENT: (SubReason.OTHER_ITEM, SubReason.EMPTY_BOX),
    Reason.NOT_RETURNED: (SubReason.NEVER_SENT, SubReason.LOST_IN_RETURN),
    Reason.ABUSE: (SubReason.FREE_RENTAL, SubReason.FALSE_REASON),
}
"""The cases of each reason; a reason that isn't here has none."""


@dataclass(frozen=True, slots=True)
class Evidence:
    required: tuple[Slot, ...] = ()
    recommended: tuple[Slot, ...] = ()


EVIDENCE: dict[Reason, Evidence] = {
    Reason.DAMAGED: Evidence((Slot.ITEM_PHOTO, Slot.LABEL_PHOTO), (Slot.SERIAL_PHOTO, Slot.SHIPPED)),
    Reason.DIFFERENT: Evidence((Slot.ITEM_PHOTO, Slot.LABEL_PHOTO), (Slot.WEIGHT, Slot.SERIAL_PHOTO)),
    Reason.PARTS: Evidence((Slot.ALL_PARTS_PHOTO, Slot.LABEL_PHOTO), (Slot.MISSING_LIST,)),
    Reason.NOT_RETURNED: Evidence(),
    Reason.ABUSE: Evidence((Slot.ABUSE_PROOF,), (Slot.BUYER_MESSAGES,)),
    Reason.NO_RETURN_ASKED: Evidence(),
    Reason.REPLACED: Evidence((Slot.BUYER_AGREEMENT, Slot.DELIVERY_TRACKING)),
    Reason.DELIVERED: Evidence((Slot.DELIVERY_TRACKING,)),
    Reason.OUTSIDE_WINDOW: Evidence(),
    Reason.SHIPPING: Evidence((), (Slot.LABEL_INVOICE,)),
}
"""The evidence a reason needs where no policy rule says otherwise: ask `eligibility.evidence_of`, which knows both."""
