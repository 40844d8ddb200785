"""The facts of a claim for its details page: what is claimed, the evidence, the money, the dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.claim_page.decision_cards import DecisionCard, decision_cards
from claims.claim_page.file_chips import FileChip, chip
from claims.claim_page.links import linked
from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Attachment, Claim, Redaction
from claims.models.policy import evidence_needed
from claims.rules.lifecycle import DECIDED, Party
from claims.text import decision_reason, formats, reason_label, slot_title


@dataclass(frozen=True, slots=True)
class LineRow:
    item: str
    sub: str
    reason: str
    refunded: str
    claimed: str
    granted: str
    paid: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceSlot:
    """One place for a proof. `need` says whether it is required, helpful or was asked for; `state` what is there.
    `removed` says of each file that the SAFE-T team redacted when, and why."""

    title: str
    need: str
    state: str
    missing: bool
    files: tuple[FileChip, ...]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """A label and its value; `iso` where the value is a moment or a day."""

    label: str
    value: str
    iso: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """All of the page, ready to show. `decisions` come newest first; `other_files` are in no evidence slot, nor were
    those that `removed` tells of. `paid_note` says how the items' share in a payment came about."""

    lines: tuple[LineRow, ...]
    paid_note: str
    evidence: tuple[EvidenceSlot, ...]
    other_files: tuple[FileChip, ...]
    removed: tuple[str, ...]
    statement: SafeString
    statement_removed: str
    source: str
    decisions: tuple[DecisionCard, ...]
    money: tuple[ClaimFact, ...]
    dates: tuple[ClaimFact, ...]
    rule: str
    rule_href: str


def details(claim: Claim, snapshot: ClaimSnapshot, *, zone: str, now: datetime) -> Details:
    """Return the details of a claim. One query, and those of `claim.refund` and `claim.policy_rule` if not loaded."""
    files, gone = _files(claim, zone)
    evidence = _evidence(claim, snapshot, files, gone, zone)
    shown = {file.uuid for slot in evidence for file in slot.files}
    rule = claim.policy_rule
    removed = claim.statement_erased_at
    return Details(
        lines=tuple(_line(claim, snapshot, at, zone) for at in range(len(snapshot.lines))),
        paid_note=_("A payment is for the whole claim; each item shows its share by what it was granted.")
        if claim.paid_minor and len(snapshot.lines) > 1
        else "",
        evidence=evidence,
        other_files=tuple(file for file in files if file.uuid not in shown),
        removed=tuple(gone.get("", ())),
        statement=linked(claim.statement),
        statement_removed=_("Removed on %(day)s.") % {"day": formats.day(removed, zone)} if removed else "",
        source=_("Imported from %(source)s") % {"source": claim.source or _("elsewhere")}
        if claim.origin == Claim.Origin.IMPORTED
        else "",
        decisions=tuple(reversed(decision_cards(claim, snapshot, zone=zone, now=now).values())),
        money=_money(claim, snapshot, zone),
        dates=_dates(claim, snapshot, zone),
        rule=str(rule) if rule else "",
        rule_href=reverse("claims:policy", args=[rule.key, rule.version]) if rule else "",
    )


def _files(claim: Claim, zone: str) -> tuple[list[FileChip], dict[str, list[str]]]:
    """Return the claim's files, and by evidence slot a sentence for each file of the seller's that was redacted."""
    redactions = Redaction.objects.filter(attachment=OuterRef("pk"))
    rows = Attachment.objects.filter(claim=claim).filter(
        Q(shown_at__isnull=False) | Q(erased_at__isnull=False, party=Party.SELLER)
    )
    rows = rows.annotate(
        was_in=Subquery(redactions.values("slot")[:1]), why_removed=Subquery(redactions.values("why")[:1])
    )
    files: list[FileChip] = []
    gone: dict[str, list[str]] = {}
    for file in rows.order_by("pk"):
        if file.erased_at is None:
            files.append(chip(file))
            continue
        values = {"day": formats.day(file.erased_at, zone), "why": file.why_removed or ""}
        said = _("The SAFE-T team removed a file here on %(day)s: %(why)s") % values
        gone.setdefault(file.was_in or "", []).append(said)
    return files, gone


def _line(claim: Claim, snapshot: ClaimSnapshot, at: int, zone: str) -> LineRow:
    line = snapshot.lines[at]
    decision = snapshot.last_decision if claim.status in DECIDED else None
    decided = decision.lines[at] if decision and at < len(decision.lines) else None
    quantity = _("Qty %(n)s") % {"n": line.quantity}
    # Payments name the claim, not its lines: what is shown of each is its share.
    shares = formats.pro_rata(claim.paid_minor, [one.granted_minor for one in snapshot.lines])
    return LineRow(
        item=line.title or line.sku or _("Item"),
        sub=" · ".join(part for part in (line.asin, line.sku if line.title else "", quantity) if part),
        reason=reason_label(line.reason),
        refunded=_("Not known") if line.refunded_minor is None else formats.money(line.refunded_minor, claim.currency),
        claimed=formats.money(line.claimed_minor, claim.currency),
        granted=formats.money(line.granted_minor, claim.currency) if claim.status in DECIDED else _("Not decided"),
        paid=formats.money(shares[at], claim.currency) if claim.paid_minor or claim.granted_minor else "–",
        why=tuple(decision_reason(code, params, zone).why for code, params in decided.reasons) if decided else (),
    )


def _evidence(
    claim: Claim, snapshot: ClaimSnapshot, files: list[FileChip], gone: dict[str, list[str]], zone: str
) -> tuple[EvidenceSlot, ...]:
    """Return the slots the claim's reason names, then those asked for, then any other a file was put in."""
    need: dict[str, str] = {}
    if claim.reason:
        wanted = evidence_needed(claim.policy_rule, claim.reason)
        need = {slot: _("Required") for slot in wanted.required}
        need |= {slot: _("Helpful") for slot in wanted.recommended}
    waits: set[str] = set()
    if snapshot.asked:
        asked_on = _("Asked for on %(day)s") % {"day": formats.day(snapshot.asked.at, zone)}
        for slot, _words, _done in snapshot.asked.items:
            if slot:
                need[slot] = asked_on
                waits.add(slot)
    for slot in [*(file.slot for file in files), *gone]:
        if slot:
            need.setdefault(slot, "")
    made = []
    for slot, words in need.items():
        own = tuple(file for file in files if file.slot == slot)
        state = ngettext("Have %(n)s file", "Have %(n)s files", len(own)) % {"n": len(own)} if own else _("Missing")
        missing = not own and (words == _("Required") or slot in waits)
        removed = tuple(gone.get(slot, ()))
        if own or missing or removed or not claim.decided_at:
            made.append(EvidenceSlot(slot_title(slot), words, state, missing, own, removed))
    return tuple(made)


def _money(claim: Claim, snapshot: ClaimSnapshot, zone: str) -> tuple[ClaimFact, ...]:
    facts = [ClaimFact(_("Claimed"), formats.money(claim.claimed_minor, claim.currency))]
    granted = formats.money(claim.granted_minor, claim.currency) if claim.status in DECIDED else _("Not decided")
    facts.append(ClaimFact(_("Granted"), granted))
    for payment in snapshot.payments:
        label = _("Paid") if payment.amount_minor > 0 else _("Taken back")
        words = _("%(amount)s on %(day)s") % {
            "amount": formats.money(abs(payment.amount_minor), payment.currency),
            "day": formats.day(payment.at, zone),
        }
        if payment.reference:
            words = _("%(words)s, reference %(reference)s") % {"words": words, "reference": payment.reference}
        facts.append(ClaimFact(label, words))
    if not snapshot.payments:
        facts.append(ClaimFact(_("Paid"), _("Not paid yet") if claim.granted_minor else _("Nothing")))
    return tuple(facts)


def _dates(claim: Claim, snapshot: ClaimSnapshot, zone: str) -> tuple[ClaimFact, ...]:
    facts = []
    if claim.refund:
        facts.append(_day(_("Refunded"), claim.refund.refunded_at, zone))
    facts.append(_day(_("Filed"), claim.filed_at, zone))
    if claim.answer_due_at:
        facts.append(_moment(_("Answer expected by"), claim.answer_due_at, zone))
    if claim.reply_by:
        facts.append(_moment(_("Reply by"), claim.reply_by, zone))
    if snapshot.appealed_at:
        facts.append(_day(_("Appealed"), snapshot.appealed_at, zone))
    if claim.decided_at:
        facts.append(_day(_("Decided"), claim.decided_at, zone))
    if claim.appeal_by and not claim.granted_in_full:
        facts.append(_moment(_("Appeal by"), claim.appeal_by, zone))
    return tuple(facts)


def _day(label: str, at: date | datetime, zone: str) -> ClaimFact:
    return ClaimFact(label, formats.day(at, zone), formats.iso(at) if isinstance(at, datetime) else at.isoformat())


def _moment(label: str, at: datetime, zone: str) -> ClaimFact:
    return ClaimFact(label, formats.moment_short(at, zone), formats.iso(at))
