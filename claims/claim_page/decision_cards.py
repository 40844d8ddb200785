"""A decision as its card tells it: amounts and reasons a line, policy, the handler's words, what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from claims.claim_page import turn_card, turn_facts
from claims.claim_page.links import linked
from claims.claim_page.snapshot import ClaimSnapshot, Decided
from claims.models import Claim
from claims.rules.lifecycle import DECIDED, DecisionReason, Stage
from claims.text import badge, decision_reason, formats


@dataclass(frozen=True, slots=True)
class DecisionRow:
    item: str
    sub: str
    claimed: str
    granted: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """`position` is the decision's place in the thread; that of its status change is the next one.

    `words` are the handler's own, ready to show; `removed` takes their place once they were redacted.
    """

    position: int
    tone: str
    icon: str
    title: str
    at: datetime
    when: str
    rows: tuple[DecisionRow, ...]
    policy: str
    policy_href: str
    words: SafeString
    removed: str
    would_change: tuple[str, ...]
    looked_at: str
    decided_by: str
    appeal_line: str

    @property
    def iso(self) -> str:
        return formats.iso(self.at)

    @property
    def anchors(self) -> tuple[int, int]:
        return self.position, self.position + 1


def decision_cards(
    claim: Claim, snapshot: ClaimSnapshot, *, zone: str, now: datetime, names: bool = False
) -> dict[int, DecisionCard]:
    """Return the cards of all the claim's decisions by their place in the thread, in order. `names`: for the desk."""
    return {
        one.position: decision_card(claim, one, snapshot, zone=zone, now=now, names=names) for one in snapshot.decisions
    }


def decision_card(
    claim: Claim, decision: Decided, snapshot: ClaimSnapshot, *, zone: str, now: datetime, names: bool = False
) -> DecisionCard:
    """Return the card of one decision. The appeal line is on the one that is in force."""
    no_reply = _no_reply(decision)
    look = badge(
        decision.status,
        decision.stage,
        granted_in_full=decision.granted_minor == claim.claimed_minor,
        lapsed=bool(no_reply),
    )
    in_force = claim.status in DECIDED and snapshot.last_decision is decision
    change = turn_facts.reasons_of(decision, zone)[1] if decision.stage == Stage.FIRST else ()
    return DecisionCard(
        position=decision.position,
        tone=look.tone,
        icon="hourglass" if no_reply else look.icon,
        title=_title(claim, decision, look.words, no_reply, zone),
        at=decision.at,
        when=formats.moment_short(decision.at, zone),
        rows=tuple(_row(claim, decision, at, zone) for at in range(len(decision.lines))),
        policy=_("%(rule)s, version %(version)s") % {"rule": decision.rule_name, "version": decision.rule_version}
        if decision.rule_key
        else "",
        policy_href=reverse("claims:policy", args=[decision.rule_key, decision.rule_version])
        if decision.rule_key
        else "",
        words=linked(decision.words),
        removed=_("Removed on %(day)s.") % {"day": formats.day(decision.erased_at, zone)} if decision.erased_at else "",
        would_change=change,
        looked_at=formats.and_list([name or _("a file that was removed since") for name in decision.looked_at]),
        decided_by=_decided_by(decision, names),
        appeal_line=turn_card.appeal_line(claim, zone, now) if in_force else "",
    )


def _no_reply(decision: Decided) -> str | None:
    """Return the reply-by that passed, in ISO form, where the portal ended the wait; None for a handler's decision."""
    for line in decision.lines:
        for code, params in line.reasons:
            if code == DecisionReason.NO_RESPONSE:
                return str(params.get("reply_by") or "") or None
    return None


def _title(claim: Claim, decision: Decided, words: str, no_reply: str | None, zone: str) -> str:
    values = {"result": words, "moment": ""}
    if no_reply:
        values["moment"] = formats.moment_full(datetime.fromisoformat(no_reply), zone)
    if decision.stage == Stage.APPEAL:
        if decision.by:
            return _("Decided on appeal: %(result)s") % values
        return _("Appeal ended: no reply arrived by %(moment)s") % values if no_reply else _("Appeal ended: no reply")
    if decision.number > 1:
        return _("Decision corrected: %(result)s") % values
    return _("Denied: no reply arrived by %(moment)s") % values if no_reply else words


def _row(claim: Claim, decision: Decided, at: int, zone: str) -> DecisionRow:
    line = decision.lines[at]
    return DecisionRow(
        item=line.title or line.sku or _("Item"),
        sub=" · ".join(
            part for part in (line.sku if line.title else "", _("Qty %(n)s") % {"n": line.quantity}) if part
        ),
        claimed=formats.money(line.claimed_minor, claim.currency),
        granted=formats.money(line.granted_minor, claim.currency),
        why=tuple(decision_reason(code, params, zone).why for code, params in line.reasons),
    )


def _decided_by(decision: Decided, names: bool) -> str:
    if not decision.by:
        return _("Decided automatically: no reply arrived in time")
    if not names:
        return _("Decided by a case handler")
    if decision.confirmed_by:
        return _("Decided by %(name)s, confirmed by %(second)s") % {
            "name": decision.by,
            "second": decision.confirmed_by,
        }
    return _("Decided by %(name)s") % {"name": decision.by}
