"""Which proofs a claim needs: the governing rule's word, else the reason's own."""

from __future__ import annotations

from claims.rules.lifecycle import EVIDENCE, Evidence, Reason, Slot
from claims.rules.policy import Rule


def evidence_of(rule: Rule | None, reason: Reason | str | None) -> Evidence:
    """Return the required and the recommended evidence slots for a reason under the rule that governs it.

    The one place that knows: filing, claim page, desk and turn card ask here. An imported claim has no reason and needs
    nothing.
    """
    own = EVIDENCE[Reason(reason)] if reason else Evidence()
    if rule is None:
        return own
    required = own.required if rule.required is None else tuple(Slot(slot) for slot in rule.required)
    recommended = own.recommended if rule.recommended is None else tuple(Slot(slot) for slot in rule.recommended)
    return Evidence(required, tuple(slot for slot in recommended if slot not in required))
