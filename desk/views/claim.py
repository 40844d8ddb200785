"""The claim on one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from claims import wording
from claims.models import Claim
from claims.turn import desk_card
from desk import rows
from desk.bar import buttons
from desk.door import context, desk_claim, zone_of
from messaging.thread import entries


@require_safe
@desk_claim
def claim_page(request: HttpRequest, claim: Claim) -> HttpResponse:
    """The claim on one page: whose turn, the verbs, evidence, thread with notes, and the facts beside it."""
    assert isinstance(request.user, User)
    zone, now = zone_of(request.user, claim), timezone.now()
    before = request.GET.get("before", "")
    card = desk_card(claim, user=request.user, zone=zone, now=now)
    shown = {
        **context(request, claim, _("Claim %(id)s") % {"id": claim.claim_id}),
        "card": card,
        "bar": buttons(claim, card.verbs),
        "refused": [{"label": wording.verb_label(verb), "why": why} for verb, why in card.refused.items()],
        "badge": wording.badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed),
        "reason": wording.reason_label(claim.reason),
        "proofs": rows.proofs(claim),
        "page": entries(
            claim,
            viewer="desk",
            zone=zone,
            now=now,
            before=int(before) if before.isdecimal() and len(before) < 9 else None,
        ),
        "facts": rows.facts(claim, zone, now),
    }
    return render(request, "admin/claims/claim/page.html", shown)
