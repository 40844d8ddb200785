"""The Details page of a claim, and taking the claim back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import zone_of
from claims.access.seller_rows import seller_claim
from claims.access.visits import is_visit
from claims.claim_page import head, refusals, turn_card, turn_facts
from claims.claim_page.details import details as claim_details
from claims.claim_page.snapshot import load_snapshot
from claims.records import read_marks
from claims.rules.lifecycle import Verb
from claims.workflow import seller_actions
from claims.workflow.transitions import TransitionRefused, check, seller_actor

if TYPE_CHECKING:
    from claims.access.seller_rows import Claim, Membership


@never_cache
@require_safe
@seller_claim
def details(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """What is claimed, the evidence, the decision, the money and the dates."""
    now, zone = timezone.now(), str(zone_of(request.user, membership))
    snapshot = load_snapshot(claim)
    seen = read_marks.open_details(claim, membership.user_id) if is_visit(request) else 0
    owners = snapshot.owners
    card = turn_card.card(
        claim,
        membership=membership,
        zone=zone,
        now=now,
        facts=turn_facts.read_turn_facts(claim, zone, snapshot),
        owner_names=owners,
        seller_name=membership.seller.name,
    )
    context = {
        "head": head.head(claim, snapshot),
        "card": card,
        "details": claim_details(claim, snapshot, zone=zone, now=now),
        "has_new": 0 < seen < claim.next_position - 1,
    }
    return render(request, "claims/details.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@seller_claim
def withdraw(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """Ask once more on GET; on POST take the claim back, or say why that can't be."""
    now: datetime = request.arrived_at  # type: ignore[attr-defined]
    zone, actor = str(zone_of(request.user, membership)), seller_actor(membership)
    if request.method == "POST":
        try:
            seller_actions.withdraw(claim.pk, by=actor, now=now)
        except TransitionRefused as refused:
            claim.refresh_from_db()
            codes = refused.codes
        else:
            messages.success(request, _("The claim is withdrawn."))
            return redirect("claims:details", claim_id=claim.claim_id)
    else:
        codes = check(Verb.WITHDRAW, claim, actor, now)
    snapshot = load_snapshot(claim)
    owners = snapshot.owners
    context = {
        "head": head.head(claim, snapshot),
        "refused": refusals.refusal_words(codes, claim, snapshot, zone=zone, verb=Verb.WITHDRAW, owner_names=owners),
        "then": refusals.after_withdrawal(snapshot, zone=zone, now=now),
    }
    return render(request, "claims/withdraw.html", context)
