"""What a turn card tells of a claim besides its own row, loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from claims.claim_page.snapshot import ClaimSnapshot, DeadlineMoved, Decided, load_snapshot
from claims.models import Claim, InformationRequest
from claims.rules.lifecycle import DECIDED, Stage, Status, Verb
from claims.text import asked_things, decision_reason, formats


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """What the card needs beside the claim's row: read once, by `read_turn_facts`. `answered` counts of `asked`."""

    asked: tuple[str, ...] = ()
    asked_at: datetime | None = None
    answered: int = 0
    why: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()
    first_result: str = ""
    replied_at: datetime | None = None
    appealed_on: datetime | None = None
    withdrawn_by: str = ""
    last_reply_by: datetime | None = None
    refile_until: datetime | None = None
    deadline_moved: DeadlineMoved | None = None


def things_asked(request: InformationRequest | None) -> tuple[str, ...]:
    """Return the names of what a request asked for, in its order. The items come prefetched or cost one query."""
    if request is None:
        return ()
    return tuple(asked_things([(item.slot, item.words) for item in request.items.all()]))


def read_turn_facts(claim: Claim, zone: str, snapshot: ClaimSnapshot | None = None) -> TurnFacts:
    """Return what the card needs beyond the claim's row, from the snapshot if the caller has it, else one query."""
    snapshot = snapshot or load_snapshot(claim)
    decision = snapshot.last_decision if claim.decided_at and claim.status in DECIDED else None
    why, would_change = reasons_of(decision, zone) if decision else ((), ())
    return TurnFacts(
        asked=tuple(asked_things([(slot, words) for slot, words, _done in snapshot.asked.items]))
        if snapshot.asked
        else (),
        asked_at=snapshot.asked.at if snapshot.asked else None,
        answered=sum(done for _slot, _words, done in snapshot.asked.items) if snapshot.asked else 0,
        why=why,
        would_change=would_change,
        first_result=first_result(claim),
        replied_at=snapshot.moved_at if snapshot.moved_verb == Verb.REPLY else None,
        appealed_on=snapshot.appealed_at if claim.stage == Stage.APPEAL else None,
        withdrawn_by=snapshot.moved_by if snapshot.moved_verb == Verb.WITHDRAW else "",
        last_reply_by=snapshot.asked.reply_by if snapshot.asked else None,
        refile_until=_refile_until(snapshot) if claim.status == Status.WITHDRAWN else None,
        deadline_moved=_still_runs(claim, snapshot.deadline_moved),
    )


def _refile_until(snapshot: ClaimSnapshot) -> datetime | None:
    """Return until when a withdrawn claim's refund can be claimed, None where all of it was claimed again."""
    return min((line.closes_at for line in snapshot.lines if line.closes_at and line.is_free), default=None)


def _still_runs(claim: Claim, moved: DeadlineMoved | None) -> DeadlineMoved | None:
    """Return the move if the date it led to is the one that runs now."""
    return moved if moved and moved.now_is in (claim.reply_by, claim.appeal_by) else None


def moved_line(facts: TurnFacts, zone: str) -> str:
    """Return "Reply-by was moved from … to …: why." while the moved date runs; "" else."""
    moved = facts.deadline_moved
    if moved is None:
        return ""
    values = {
        "was": formats.moment_short(moved.was, zone),
        "now_is": formats.moment_short(moved.now_is, zone),
        "why": moved.why.rstrip("."),
    }
    if moved.deadline == "REPLY_BY":
        return _("Reply-by was moved from %(was)s to %(now_is)s: %(why)s.") % values
    return _("Appeal-by was moved from %(was)s to %(now_is)s: %(why)s.") % values


def reasons_of(decision: Decided, zone: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return why a decision gave less than was claimed, and what would change it, each sentence once."""
    said = [decision_reason(code, params, zone) for line in decision.lines for code, params in line.reasons]
    would_change = [one.would_change for one in said if one.would_change]
    return tuple(dict.fromkeys(one.why for one in said)), tuple(dict.fromkeys(would_change))


def first_result(claim: Claim) -> str:
    """Return "denied", or "granted, 40.00 USD": how the first decision ended; "" before any appeal."""
    if not claim.first_status:
        return ""
    if claim.first_status == Status.DENIED:
        return _("denied")
    return _("granted, %(amount)s") % {"amount": formats.money(claim.first_granted_minor or 0, claim.currency)}
