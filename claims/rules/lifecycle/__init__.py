"""The lifecycle of a claim: one table of transitions, and one answer to "may I, and if not, why".

Everything that depends on the status of a claim is computed from here: the guard of the verbs, the seller's and the
handlers' buttons, the constraint on status changes, the tests' matrix and the diagram in docs/lifecycle.md.

Plain Python: no Django, no clock. The caller passes the moment.
"""

from claims.rules.lifecycle.checks import PARTY_OF, SYSTEM, Actor, ClaimFacts, Refusal, refusals
from claims.rules.lifecycle.codes import (
    EVIDENCE,
    PARTIAL_REASONS,
    SUB_REASONS,
    SYSTEM_REASONS,
    DecisionReason,
    Evidence,
    Ground,
    Reason,
    Slot,
    SubReason,
)
from claims.rules.lifecycle.table import (
    DECIDED,
    RESOLVED,
    TRANSITIONS,
    Party,
    Position,
    Stage,
    Status,
    Transition,
    Verb,
    leads_from,
    transition,
)

__all__ = [
    "DECIDED",
    "EVIDENCE",
    "PARTIAL_REASONS",
    "PARTY_OF",
    "RESOLVED",
    "SUB_REASONS",
    "SYSTEM",
    "SYSTEM_REASONS",
    "TRANSITIONS",
    "Actor",
    "ClaimFacts",
    "DecisionReason",
    "Evidence",
    "Ground",
    "Party",
    "Position",
    "Reason",
    "Refusal",
    "Slot",
    "Stage",
    "Status",
    "SubReason",
    "Transition",
    "Verb",
    "leads_from",
    "refusals",
    "transition",
]
