"""The words files have for the status of a claim, and the status each means."""

from __future__ import annotations

from accounts.values.text import Unreadable, shown
from claims.imports import values
from claims.imports.records import NamedClaim
from claims.rules.lifecycle import Reason, Status

_WORDS: dict[Status, tuple[str, ...]] = {
    Status.GRANTED: ("Approved", "Granted", "Reimbursed", "Partially approved", "Granted in part"),
    Status.DENIED: ("Denied", "Rejected", "Declined", "Denied: no reply"),
    Status.UNDER_INVESTIGATION: ("Pending", "Under investigation", "Under review", "In review", "Submitted"),
    Status.AWAITING_SELLER: (
        "Awaiting seller response",
        "Awaiting seller",
        "Waiting for seller",
        "Waiting for the seller",
        "Waiting for seller response",
        "Pending seller response",
        "Pending seller action",
        "Seller action required",
        "More information required",
    ),
    Status.WITHDRAWN: ("Withdrawn",),
}
STATUSES: dict[str, Status] = {
    values.letters(word): status for status, words in _WORDS.items() for word in (status.value, *words)
}
REASON_WORDS = tuple(reason.lower() for reason in Reason)
_REASONS: dict[str, Reason] = {values.letters(reason): reason for reason in Reason}


def status(claim: NamedClaim) -> Status:
    """Return the status that the file's word means. Raises Unreadable for a word that isn't known."""
    found = STATUSES.get(values.letters(claim.state))
    if found is None:
        word = shown(claim.state) if claim.state else "that is empty"
        raise Unreadable(f"claim {claim.claim_id} has a state {word}, which isn't known")
    return found


def reason(claim: NamedClaim) -> str:
    """Return the reason's code, or "" where the file's word isn't one of ours: it is never guessed."""
    return _REASONS.get(values.letters(claim.reason or ""), "")


def check(claim: NamedClaim) -> None:
    """Raise Unreadable for a claim that says too little of itself, or contradicts itself, to be imported."""
    found = status(claim)
    name = f"claim {claim.claim_id}"
    if claim.filed_at is None:
        raise Unreadable(f"{name} doesn't say when it was filed")
    if claim.decided_at is not None and claim.decided_at < claim.filed_at:
        raise Unreadable(f"{name} was decided before it was filed")
    if not claim.claimed or not claim.currency:
        raise Unreadable(f"{name} doesn't say what was claimed")
    approved = claim.approved or 0
    if claim.claimed < 0 or approved < 0:
        raise Unreadable(f"{name} has an amount below zero")
    if approved > claim.claimed:
        raise Unreadable(f"{name} was granted more than was claimed")
    if found is Status.GRANTED and not approved:
        raise Unreadable(f"{name} is granted, but the granted amount is missing")
    if found in (Status.DENIED, Status.WITHDRAWN) and approved:
        raise Unreadable(f"{name} is {found.lower()}, but has a granted amount")
