"""After filing: what was filed, whose turn it is, until when; and the policy the seller accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import member_page, owners_of, person, zone_of
from claims.access.seller_rows import seller_claim
from claims.claim_page import turn_card
from claims.filing import order_lookup
from claims.text import formats, reason_label, sub_reason_label
from claims.workflow.transitions import seller_actor

if TYPE_CHECKING:
    from claims.access.seller_rows import Claim, Membership


@require_safe
@seller_claim
def receipt(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """The receipt of a claim filed here, to read or to print: what was claimed, with which proof, under which policy,
    and whose turn it is now.
    """
    zone, now = zone_of(request.user, membership), request.arrived_at  # type: ignore[attr-defined]
    owners = "" if seller_actor(membership).may_act else formats.and_list(owners_of(membership.seller))
    card = turn_card.card(
        claim,
        membership=membership,
        zone=str(zone),
        now=now,
        owner_names=owners,
        seller_name=membership.seller.name,
    )
    rule = claim.policy_rule
    context = {
        "claim": claim,
        "card": card,
        "claimed": formats.money(claim.claimed_minor, claim.currency),
        "filed": claim.filed_at,
        "accepted": claim.policy_accepted_at,
        "printed": now,
        "rule": {"key": rule.key, "version": rule.version, "name": str(rule)} if rule else None,
        "reason": reason_label(claim.reason),
        "case": sub_reason_label(claim.sub_reason) if claim.sub_reason else "",
        "lines": order_lookup.claimed_lines(claim, str(zone)),
        "files": order_lookup.filed_with(claim),
        "address": person(request).email,
    }
    return render(request, "claims/receipt.html", context)


@require_safe
@member_page
def policy(request: HttpRequest, rule: str, version: int) -> HttpResponse:
    """What the seller accepts when filing: one version of one rule."""
    policy_rule = order_lookup.policy_rule(rule, version)
    if policy_rule is None:
        raise Http404
    return render(request, "claims/policy.html", {"rule": policy_rule})
