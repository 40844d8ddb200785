"""What is shown beside a decision form: what the seller will read, the first decision and what came since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from claims.claim_page import turn_facts
from claims.claim_page.decision_cards import DecisionCard, decision_card
from claims.claim_page.snapshot import ClaimSnapshot, Decided, DecidedLine
from claims.decisions.checks import LineDecision
from claims.decisions.propose import lines_of
from claims.models import Claim, Return
from claims.models.desk_work import proposal_of
from claims.records.files_opened import opened_by
from claims.rules.lifecycle import DECIDED, Stage, Status, Verb
from claims.text import formats, sent_back_why
from desk import claim_rows
from desk.forms import DecisionInput
from messaging.thread import Entry, entries


def outcomes(claim: Claim) -> list[tuple[str, str, str]]:
    """Return what can be chosen: (value, words, what it does)."""
    if claim.stage == Stage.APPEAL:
        keeps = _("Every item keeps what the first decision gave it.")
        return [
            (Verb.DENY, _("Confirm the first decision"), keeps),
            (Verb.GRANT, _("Raise it"), _("Each item gets the amount below, never less than before.")),
        ]
    return [
        (Verb.GRANT, _("Grant"), _("Each item gets the amount below.")),
        (Verb.DENY, _("Deny"), _("Nothing is paid; the amounts below are ignored.")),
    ]


def preview(
    claim: Claim,
    snapshot: ClaimSnapshot,
    lines: Mapping[int, LineDecision],
    words: str,
    *,
    looked: set[int],
    zone: str,
    now: datetime,
) -> DecisionCard:
    """Return the decision as the seller will read it, from the same card the thread will show; `looked` are the people
    whose opened files count. Five queries."""
    total = sum(line.amount_minor for line in lines.values())
    missing = claim_rows.missing_of(claim)
    named = {"order_id": claim.order.order_id}
    made = Decided(
        number=len(snapshot.decisions) + 1,
        position=0,
        at=now,
        stage=claim.stage,
        status=Status.GRANTED if total else Status.DENIED,
        by="-",
        granted_minor=total,
        words=words,
        erased_at=None,
        rule_key=claim.policy_rule.key if claim.policy_rule else "",
        rule_version=claim.policy_rule.version if claim.policy_rule else 0,
        rule_name=claim.policy_rule.name if claim.policy_rule else "",
        lines=tuple(
            DecidedLine(
                title=line.title,
                sku=line.sku,
                quantity=line.quantity,
                claimed_minor=line.claimed_minor,
                granted_minor=lines[line.pk].amount_minor if line.pk in lines else 0,
                reasons=tuple(
                    (code.value, {**named, "reason": line.reason, "slots": missing.get(line.pk) or [], **params})
                    for code, params in (lines[line.pk].reasons if line.pk in lines else ())
                    if lines[line.pk].amount_minor < line.claimed_minor
                ),
            )
            for line in snapshot.lines
        ),
        looked_at=tuple(claim.attachments.filter(pk__in=opened_by(claim, looked)).values_list("name", flat=True)),
    )
    return decision_card(claim, made, snapshot, zone=zone, now=now)


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """The first decision and what came after it, side by side for the handler who decides the appeal."""

    card: DecisionCard | None
    result: str
    since: tuple[Entry, ...]


def first(claim: Claim, snapshot: ClaimSnapshot, zone: str, now: datetime) -> FirstDecision | None:
    """Return the first decision and what is new since, None for a claim that is not on appeal. Three queries."""
    if claim.stage != Stage.APPEAL:
        return None
    decided = _first(snapshot)
    card = decision_card(claim, decided, snapshot, zone=zone, now=now, names=True) if decided else None
    page = entries(claim, viewer="desk", zone=zone, now=now, snapshot=snapshot)
    since = tuple(e for e in page.entries if e.kind in ("post", "note") and (not decided or e.at > decided.at))
    return FirstDecision(card, turn_facts.first_result(claim), since)


def in_force(claim: Claim, snapshot: ClaimSnapshot, zone: str, now: datetime) -> DecisionCard | None:
    """Return the decision that stands while a correction of it waits, None where the claim is not decided."""
    last = snapshot.last_decision
    if claim.status not in DECIDED or last is None:
        return None
    return decision_card(claim, last, snapshot, zone=zone, now=now, names=True)


@dataclass(frozen=True, slots=True)
class SentBack:
    """A proposed decision that the form is filled in with: `by` sent it back for the reason `why`. Without a `why`,
    `by` proposed it and the claim changed before anybody confirmed it."""

    by: str
    why: str
    when: str


def sent_back(claim: Claim, zone: str, now: datetime) -> SentBack | None:
    """Return what became of a proposed decision that no longer waits, None where none is."""
    proposal = proposal_of(claim)
    if proposal is None or claim.proposed_by_id is not None:
        return None
    if proposal.sent_back_at is None:
        return SentBack(str(proposal.by), "", formats.ago(proposal.at, now, zone))
    why = sent_back_why(proposal.sent_back_why, redacted=proposal.sent_back_redacted)
    return SentBack(str(proposal.sent_back_by), why, formats.ago(proposal.sent_back_at, now, zone))


def take_up(typed: DecisionInput, claim: Claim, snapshot: ClaimSnapshot) -> None:
    """Fill in the form with what was proposed before, or on appeal with the reasons of the first decision, so that
    nobody types them twice."""
    proposal = proposal_of(claim)
    if proposal is None:
        first = _first(snapshot) if claim.stage == Stage.APPEAL else None
        for row, line in zip(typed.rows, first.lines if first else (), strict=False):
            _choose(row, dict(line.reasons))
        return
    typed.words, typed.outcome, typed.lines = proposal.words, proposal.verb, lines_of(proposal)
    for row in typed.rows:
        decision = typed.lines.get(row["pk"])
        if decision is None:
            continue
        row["typed"] = formats.amount(decision.amount_minor, claim.currency).replace(",", "")
        _choose(row, {code.value: params for code, params in decision.reasons})


def _choose(row: dict[str, Any], chosen: Mapping[str, Mapping[str, Any]]) -> None:
    for reason in row["reasons"]:
        reason["chosen"] = reason["code"] in chosen
        reason["detail"] = str(chosen.get(reason["code"], {}).get("detail", ""))


def _first(snapshot: ClaimSnapshot) -> Decided | None:
    return next((one for one in reversed(snapshot.decisions) if one.stage == Stage.FIRST), None)


def suggestions(claim: Claim) -> dict[str, list[str]]:
    """Return what may be filled in for reasons: files, other claims of the order, tracking ids. Three queries."""
    files = claim.attachments.filter(shown_at__isnull=False, erased_at=None).order_by("pk")
    others = Claim.objects.filter(order_id=claim.order_id).exclude(pk=claim.pk)
    backs = Return.objects.filter(order_id=claim.order_id).exclude(tracking_id="")
    return {
        "files": list(dict.fromkeys(files.values_list("name", flat=True)[:50])),
        "claims": list(others.values_list("claim_id", flat=True)[:20]),
        "tracking": list(dict.fromkeys(backs.values_list("tracking_id", flat=True)[:20])),
    }
