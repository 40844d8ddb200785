"""Decisions that wait for a second handler: kept as proposed, until one confirms them or sends them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from claims.decisions.checks import LineDecision
from claims.models import Claim, ProposedDecision
from claims.rules.lifecycle import Actor, DecisionReason, Stage, Verb
from claims.workflow import deadlines
from claims.workflow.transitions import guard, lock


@dataclass(frozen=True, slots=True)
class Proposed:
    """A decision that waits: above `proposal.limit_minor` a second handler confirms."""

    claim: Claim
    proposal: ProposedDecision


def needs_second(claim: Claim, total: int) -> int | None:
    """Return the amount that `total` passes so that two people decide, None where one may. An appeal that adds
    nothing repeats what was decided already and needs no second pair of eyes."""
    limit = deadlines.four_eyes_above(claim)
    if limit is None or total <= limit or (claim.stage == Stage.APPEAL and total <= claim.granted_minor):
        return None
    return limit


def propose(
    claim: Claim,
    verb: Verb,
    by: Actor,
    now: datetime,
    lines: Mapping[int, LineDecision],
    words: str,
    limit: int,
) -> Proposed:
    """Keep a decision of the locked claim until a second handler confirms it; what was proposed before is replaced."""
    assert by.user_id is not None, "a person proposes"
    proposal, _new = ProposedDecision.objects.update_or_create(
        claim=claim,
        defaults={
            "seller_id": claim.seller_id,
            "by_id": by.user_id,
            "at": now,
            "verb": verb,
            "lines": [_kept(pk, one) for pk, one in lines.items()],
            "words": words.strip(),
            "granted_minor": sum(one.amount_minor for one in lines.values()),
            "limit_minor": limit,
            "sent_back_at": None,
            "sent_back_by": None,
            "sent_back_why": "",
            "sent_back_redacted": False,
        },
    )
    claim.proposed_by_id = by.user_id
    claim.version += 1
    claim.save(update_fields=["proposed_by", "version"])
    return Proposed(claim, proposal)


def _kept(line_pk: int, decision: LineDecision) -> dict[str, Any]:
    reasons = [[code, dict(named)] for code, named in decision.reasons]
    return {"line": line_pk, "amount": decision.amount_minor, "reasons": reasons}


def lines_of(proposal: ProposedDecision) -> dict[int, LineDecision]:
    """Return what a proposal gives each claim line."""
    return {
        row["line"]: LineDecision(row["amount"], tuple((DecisionReason(code), named) for code, named in row["reasons"]))
        for row in proposal.lines
    }


def send_back(claim_pk: int, *, by: Actor, now: datetime, why: str, version: int | None = None) -> ProposedDecision:
    """Give what another handler proposed back to them, with the reason; return it. Raises TransitionRefused."""
    with transaction.atomic():
        claim = lock(claim_pk, version=version)
        guard(Verb.SEND_BACK, claim, by, now)
        proposal = ProposedDecision.objects.select_related("by").get(claim=claim)
        proposal.sent_back_at, proposal.sent_back_by_id, proposal.sent_back_why = now, by.user_id, why.strip()
        proposal.save()
        claim.proposed_by_id = None
        claim.version += 1
        claim.save(update_fields=["proposed_by", "version"])
        return proposal
