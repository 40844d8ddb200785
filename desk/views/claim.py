"""The claim on one page, and its files."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from claims import wording
from claims.attachments import serve
from claims.models import Claim
from claims.turn import desk_card
from desk import rows
from desk.bar import buttons
from desk.door import context, desk_claim, may_read, zone_of
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


@require_safe
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """A file of a claim: pictures in place with ?show=1, everything else as a download."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        found = rows.file_of_claim(uuid) if may_read(request.user) else None
        if found is None:
            raise Http404
        response = serve.response(found)
        if request.GET.get("show") and found.media_type in rows.INLINE:
            response["Content-Disposition"] = "inline"
        return response

    return admin.site.admin_view(answer)(request)
