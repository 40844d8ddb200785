"""May this person do this now, and if not, why: one answer for verbs, buttons and e-mails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from claims.rules.lifecycle.table import (
    DECIDED,
    RESOLVED,
    TRANSITIONS,
    Party,
    Position,
    Stage,
    Status,
    Verb,
    leads_from,
)


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
