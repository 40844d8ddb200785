"""The facts of a claim as the desk reads them: its lines, the refund, why it may be claimed, the money, the seller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Claim, Return
from claims.rules.eligibility import Fulfilment, Issuer
from claims.rules.lifecycle import DECIDED
from claims.text import formats, reason_label
from messaging.models import OutgoingEmail

RECORD = 1000
"""The seller's record is told of so many claims, the newest: more would cost and say no more."""


@dataclass(frozen=True, slots=True)
class DeskLineRow:
    item: str
    sub: str
    reason: str
    refunded: str
    claimed: str
    cap: str
    granted: str


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """A label and its value. `mark` is "ok", "unknown" or "bad" for what a rule asks; `href` where the value leads."""

    label: str
    value: str
    href: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FactBox:
    title: str
    facts: tuple[ClaimFact, ...]
    note: str = ""


def lines(claim: Claim, snapshot: ClaimSnapshot, zone: str) -> list[DeskLineRow]:
    """Return what is claimed, a line each. One query."""
    caps = dict(claim.lines.values_list("pk", "cap_minor"))
    decided = claim.status in DECIDED
    return [
        DeskLineRow(
            item=line.title or line.sku or _("Item"),
            sub=" · ".join(part for part in (line.asin, line.sku, _("Qty %(n)s") % {"n": line.quantity}) if part),
            reason=reason_label(line.reason or claim.reason),
            refunded=_("Not known")
            if line.refunded_minor is None
            else formats.money(line.refunded_minor, claim.currency),
            claimed=formats.money(line.claimed_minor, claim.currency),
            cap=formats.money(cap, claim.currency) if (cap := caps.get(line.pk)) is not None else "",
            granted=formats.money(line.granted_minor, claim.currency) if decided else "",
        )
        for line in snapshot.lines
    ]


def of(claim: Claim, snapshot: ClaimSnapshot, zone: str, now: datetime) -> list[FactBox]:
    """Return the boxes beside the claim. Six queries."""
    return [
        _refund(claim, zone),
        _policy(claim, snapshot, zone),
        _money(claim, snapshot, zone),
        _seller(claim),
        _emails(claim),
    ]


def _refund(claim: Claim, zone: str) -> FactBox:
    order = claim.order
    made = [ClaimFact(_("Order"), order.order_id)]
    if order.ordered_on:
        made.append(ClaimFact(_("Ordered"), formats.day(order.ordered_on)))
    if order.amount_minor is not None and order.currency:
        made.append(ClaimFact(_("Order amount"), formats.money(order.amount_minor, order.currency)))
    if claim.refund:
        made.append(ClaimFact(_("Refunded"), formats.moment_short(claim.refund.refunded_at, zone)))
    for back in Return.objects.filter(order_id=claim.order_id).order_by("pk")[:5]:
        parts = [
            words % {"day": formats.day(at)}
            for words, at in (
                (_("asked for %(day)s"), back.requested_on),
                (_("delivered %(day)s"), back.delivered_on),
                (_("last scan %(day)s"), back.last_scan_on if not back.delivered_on else None),
            )
            if at
        ]
        tracking = " ".join(part for part in (back.carrier, back.tracking_id) if part)
        parts += [part for part in (tracking, back.reason_code) if part]
        made.append(ClaimFact(_("Return"), formats.comma_list(parts) or back.identity))
    return FactBox(_("Refund"), tuple(made))


def _policy(claim: Claim, snapshot: ClaimSnapshot, zone: str) -> FactBox:
    """Which rule the claim was filed under, and each thing the rules ask with what is known of it."""
    made: list[ClaimFact] = []
    if claim.policy_rule:
        rule = claim.policy_rule
        made.append(ClaimFact(_("Rule"), str(rule), reverse("claims:policy", args=[rule.key, rule.version])))
    for opens, closes in sorted({(a, b) for a, b in claim.lines.values_list("opens_at", "closes_at") if a and b}):
        span = f"{formats.day(opens, zone)} – {formats.moment_short(closes, zone)}"
        inside = opens <= claim.filed_at <= closes
        made.append(ClaimFact(_("Window"), span, mark="ok" if inside else "bad"))
        day = (claim.filed_at - opens).days + 1
        made.append(
            ClaimFact(
                _("Filed"), _("%(day)s, day %(n)s") % {"day": formats.day(claim.filed_at, zone), "n": max(day, 1)}
            )
        )
    if not made or made[-1].label != _("Filed"):
        made.append(ClaimFact(_("Filed"), formats.moment_short(claim.filed_at, zone)))
    issuer = claim.refund.issuer if claim.refund else None
    either = {"SELLER": _("the seller"), "MARKETPLACE": _("the marketplace"), "AUTOMATIC": _("automatic")}
    yes_or_none = {True: _("yes"), False: _("none")}
    made += [
        _asked(_("Refunded by"), issuer, Issuer.MARKETPLACE, either),
        _asked(_("Fulfilled by"), claim.order.fulfilment, Fulfilment.SELLER, either),
        _asked(_("A-to-z claim"), claim.order.a_to_z, False, yes_or_none),
        _asked(_("Chargeback"), claim.order.chargeback, False, yes_or_none),
    ]
    clause = claim.policy_rule.clause if claim.policy_rule else ""
    return FactBox(_("Policy: why it may be claimed"), tuple(made), clause)


def _asked(label: str, value: Any, good: object, words: Mapping[Any, str]) -> ClaimFact:
    if value is None or value == "":
        return ClaimFact(label, _("not known"), mark="unknown")
    return ClaimFact(label, words.get(value, str(value)), mark="ok" if value == good else "bad")


def _money(claim: Claim, snapshot: ClaimSnapshot, zone: str) -> FactBox:
    made = [
        ClaimFact(_("Claimed"), formats.money(claim.claimed_minor, claim.currency)),
        ClaimFact(_("Granted"), formats.money(claim.granted_minor, claim.currency)),
        ClaimFact(_("Paid"), formats.money(claim.paid_minor, claim.currency)),
    ]
    for payment in snapshot.payments[-5:]:
        words = f"{formats.money(payment.amount_minor, payment.currency)}, {formats.day(payment.at, zone)}"
        made.append(ClaimFact(_("Payment"), f"{words}, {payment.reference}" if payment.reference else words))
    return FactBox(_("Money"), tuple(made))


_RECORD_SQL = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM claims_claim WHERE seller_id = %(seller)s LIMIT %(most)s) AS a),
       count(*), count(*) FILTER (WHERE status = 'GRANTED'),
       count(*) FILTER (WHERE stage = 'APPEAL' AND granted_minor > coalesce(first_granted_minor, granted_minor))
  FROM (SELECT status, stage, granted_minor, first_granted_minor FROM (
          (SELECT status, stage, granted_minor, first_granted_minor, updated_at FROM claims_claim
            WHERE seller_id = %(seller)s AND status = 'GRANTED' ORDER BY updated_at DESC, id DESC LIMIT %(most)s)
          UNION ALL
          (SELECT status, stage, granted_minor, first_granted_minor, updated_at FROM claims_claim
            WHERE seller_id = %(seller)s AND status = 'DENIED' ORDER BY updated_at DESC, id DESC LIMIT %(most)s)
        ) AS decided ORDER BY updated_at DESC LIMIT %(most)s) AS newest
"""


def _seller(claim: Claim) -> FactBox:
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_SQL, {"seller": claim.seller_id, "most": RECORD})
        total, decided, granted, raised = cursor.fetchone()
    made = [
        ClaimFact(_("Account"), claim.seller.name),
        ClaimFact(_("Claims"), _("%(n)s or more") % {"n": formats.number(RECORD)} if total >= RECORD else str(total)),
    ]
    if decided:
        share = {"granted": granted, "decided": decided, "share": granted * 100 // decided}
        made.append(ClaimFact(_("Granted"), _("%(granted)s of %(decided)s, %(share)s%%") % share))
    if raised:
        made.append(ClaimFact(_("Raised on appeal"), str(raised)))
    others = Claim.objects.filter(order_id=claim.order_id).exclude(pk=claim.pk).order_by("-pk")
    for other in others.values_list("claim_id", flat=True)[:10]:
        made.append(ClaimFact(_("Same order"), other, reverse("desk:claim", args=[other])))
    return FactBox(_("Seller"), tuple(made))


def _emails(claim: Claim) -> FactBox:
    states = OutgoingEmail.objects.filter(claim=claim).values_list("state").annotate(n=Count("pk")).order_by("state")
    names = dict(OutgoingEmail.State.choices)
    made = tuple(ClaimFact(str(names[state]), str(n)) for state, n in states)
    return FactBox(_("E-mail"), made or (ClaimFact(_("None"), "0"),))
