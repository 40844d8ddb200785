"""After filing: what was filed, whose turn it is, until when; and the policy the seller accepted."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import member_page, person, zone_of
from claims import display, wording
from claims.access import filing_rows, seller_claim
from claims.access.doors import Claim, Membership


@require_safe
@seller_claim
def receipt(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """The receipt of a claim filed here, to read or to print."""
    zone = zone_of(request.user, membership)
    due = claim.answer_due_at
    context = {
        "claim": claim,
        "claimed": display.money(claim.claimed_minor, claim.currency),
        "filed": display.moment_full(claim.filed_at, zone),
        "reason": wording.reason_label(claim.reason),
        "lines": [
            {
                "item": line.title or line.sku,
                "quantity": line.quantity,
                "amount": display.money(line.claimed_minor, claim.currency),
            }
            for line in claim.lines.order_by("pk")
        ],
        "answer": _("Answer expected by %(moment)s.") % {"moment": display.moment_full(due, zone)} if due else "",
        "address": person(request).email,
    }
    return render(request, "claims/receipt.html", context)


@require_safe
@member_page
def policy(request: HttpRequest, rule: str, version: int) -> HttpResponse:
    """What the seller accepts when filing: one version of one rule."""
    found = filing_rows.policy_rule(rule, version)
    if found is None:
        raise Http404
    return render(request, "claims/policy.html", {"rule": found})
