"""What the desk's claim page shows, as ready values. Staff see claims of every seller and drafts of none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER
from accounts.models import User
from claims import display, turn, wording
from claims.attachments.serve import SERVED
from claims.lifecycle import EVIDENCE, Party, Reason, Stage, Status
from claims.models import Attachment, Claim
from claims.sheet import FileChip, chip
from messaging.models import OutgoingEmail


def claims() -> QuerySet[Claim]:
    """Return all claims with what a page of the desk reads of each."""
    return Claim.objects.select_related("seller", "order", "refund", "assigned_to", "clock_rule", "policy_rule")


def file_of_claim(uuid: UUID) -> Attachment | None:
    """Return a file of a claim, or None: what a seller sent only once it passed the virus check.

    Files of drafts are nobody's but their writer's.
    """
    checked = Q(party=Party.DESK) & ~Q(scan=Attachment.Scan.INFECTED) | Q(scan__in=SERVED)
    return Attachment.objects.filter(checked, uuid=uuid, claim__isnull=False, erased_at=None).first()


@dataclass(frozen=True, slots=True)
class Proof:
    """One evidence slot of the claim. `files` pairs each chip with whether it is a picture to show in place."""

    title: str
    need: str
    files: list[tuple[FileChip, bool]]


def proofs(claim: Claim) -> list[Proof]:
    """Return the evidence of the claim by slot, the required ones first, other files last. One query."""
    needs = EVIDENCE[Reason(claim.reason)] if claim.reason else EVIDENCE[Reason.NOT_RETURNED]
    by_slot: dict[str, list[tuple[FileChip, bool]]] = {}
    for file in Attachment.objects.filter(claim=claim, erased_at=None).order_by("position", "pk")[:200]:
        shown = chip(file, "desk")
        by_slot.setdefault(shown.slot, []).append((shown, bool(shown.thumb)))
    made = [Proof(wording.slot_title(slot), _("Required"), by_slot.pop(slot, [])) for slot in needs.required]
    made += [Proof(wording.slot_title(slot), _("Helpful"), by_slot.pop(slot, [])) for slot in needs.recommended]
    for slot, files in sorted(by_slot.items()):
        made.append(Proof(wording.slot_title(slot) if slot else _("Other files"), "", files))
    return made


def facts(claim: Claim, zone: str, now: datetime) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the facts beside the claim: pairs of a title and its (label, value) pairs. Four queries."""
    lines = list(claim.lines.select_related("refund_line__refund").order_by("pk"))
    refund: list[tuple[str, str]] = [(_("Order"), claim.order.order_id)]
    for line in lines:
        refund.append((_("Item"), f"{line.title or line.sku} × {line.quantity}"))
        if line.refund_line:
            at = line.refund_line.refund.refunded_at
            amount = display.money(line.refund_line.amount_minor, claim.currency)
            refund.append((_("Refunded"), f"{amount}, {display.day(at, zone)}"))
            if line.refund_line.return_delivered_on:
                refund.append((_("Return"), _("delivered %s") % display.day(line.refund_line.return_delivered_on)))
    refund.append((_("Fulfilled by"), claim.order.fulfilment or _("not known")))
    known = {True: _("yes"), False: _("no"), None: _("not known")}
    refund.append((_("A-to-z claim"), known[claim.order.a_to_z]))
    refund.append((_("Chargeback"), known[claim.order.chargeback]))
    policy: list[tuple[str, str]] = []
    if claim.policy_rule:
        policy.append((_("Rule"), str(claim.policy_rule)))
    for line in lines:
        if line.opens_at and line.closes_at:
            span = f"{display.day(line.opens_at, zone)} – {display.moment_short(line.closes_at, zone)}"
            policy.append((_("Window"), span))
    policy.append((_("Filed"), display.moment_short(claim.filed_at, zone)))
    money = [
        (_("Claimed"), display.money(claim.claimed_minor, claim.currency)),
        (_("Granted"), display.money(claim.approved_minor, claim.currency)),
        (_("Paid"), display.money(claim.paid_minor, claim.currency)),
    ]
    return [
        (_("Refund"), refund),
        (_("Policy"), policy),
        (_("Money"), money),
        (_("Seller"), _seller(claim)),
        (_("E-mail"), _emails(claim)),
    ]


def _seller(claim: Claim) -> list[tuple[str, str]]:
    record = Claim.objects.filter(seller_id=claim.seller_id).aggregate(
        all=Count("pk"),
        decided=Count("pk", filter=Q(status__in=[Status.GRANTED, Status.DENIED])),
        granted=Count("pk", filter=Q(status=Status.GRANTED)),
    )
    share = f", {record['granted'] * 100 // record['decided']}%" if record["decided"] else ""
    others = Claim.objects.filter(order_id=claim.order_id).exclude(pk=claim.pk).values_list("claim_id", flat=True)
    rows = [
        (_("Account"), claim.seller.name),
        (_("Claims"), str(record["all"])),
        (_("Granted"), f"{record['granted']} / {record['decided']}{share}"),
    ]
    return rows + [(_("Same order"), other) for other in others[:10]]


def _emails(claim: Claim) -> list[tuple[str, str]]:
    states = OutgoingEmail.objects.filter(claim=claim).values_list("state").annotate(n=Count("pk")).order_by("state")
    names = dict(OutgoingEmail.State.choices)
    return [(str(names[state]), str(n)) for state, n in states] or [(_("None"), "0")]


def lines_to_decide(claim: Claim, *, raising: bool = False) -> list[dict[str, Any]]:
    """Return the claim's lines as the decision form shows them; `raising`: with what was granted, to be corrected."""
    floor = raising or claim.stage == Stage.APPEAL
    return [
        {
            "pk": line.pk,
            "item": line.title or line.sku or _("Item"),
            "quantity": line.quantity,
            "claimed_minor": line.claimed_minor,
            "claimed": display.money(line.claimed_minor, claim.currency),
            "first": display.money(line.approved_minor, claim.currency) if floor else "",
            "plain": display.amount(line.claimed_minor, claim.currency).replace(",", ""),
        }
        for line in claim.lines.order_by("pk")
    ]


def what_changed(claim: Claim, zone: str, now: datetime) -> str:
    """Return who changed the claim last, and how long ago, for a form that was overtaken."""
    who = {"DESK": _("A colleague"), "SELLER": _("The seller")}.get(claim.updated_by_party, _("The portal"))
    words = wording.badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed).words
    return _("%(who)s changed this claim %(ago)s: it is now %(status)s.") % {
        "who": str(claim.updated_by) if claim.updated_by else who,
        "ago": display.ago(claim.updated_at, now, zone),
        "status": words,
    }


def first_result(claim: Claim) -> str:
    return turn.first_result(claim) if claim.stage == Stage.APPEAL else ""


def handlers() -> list[User]:
    """Return the case handlers and senior handlers, by name. One query."""
    groups = [CASE_HANDLER, SENIOR_HANDLER]
    return list(
        User.objects.filter(is_active=True, is_staff=True, groups__name__in=groups).distinct().order_by("name", "pk")
    )
