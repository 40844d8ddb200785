"""The evidence pack of a claim at the desk: the seller's, and the internal notes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.budgets import Budget, is_poll, is_post, limited
from accounts.models import User
from claims.files import serve
from claims.models import Claim
from desk.access import context, desk_claim, zone_of
from messaging import packs
from messaging.packs.request import Reader


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
@limited(Budget.PACKS, is_post)
@limited(Budget.LIVE, is_poll)
def pack(request: HttpRequest, claim: Claim) -> HttpResponseBase:
    """The state of the pack on GET; a POST asks for it."""
    assert isinstance(request.user, User)
    here = reverse("desk:pack", args=[claim.claim_id])
    now, zone = timezone.now(), zone_of(request.user, claim)
    if request.method == "POST":
        try:
            packs.ask(claim, reader=Reader.DESK, user_id=request.user.pk, now=now)
        except packs.NotMade as error:
            messages.error(request, packs.refused_words(error, zone))
        return redirect(here)
    shown = packs.shown(claim, reader=Reader.DESK, zone=zone, now=now)
    page = {
        **context(request, claim, _("Evidence pack")),
        "pack": shown,
        "again": here,
        "download": reverse("desk:pack_file", args=[claim.claim_id, shown.uuid]) if shown.is_ready else "",
    }
    return render(request, "admin/claims/claim/pack.html", page)


@require_safe
@desk_claim
@limited(Budget.EXPORTS)
def pack_file(request: HttpRequest, claim: Claim, uuid: UUID) -> HttpResponseBase:
    """The pack as a download."""
    pack = packs.of_claim(claim, uuid, reader=Reader.DESK)
    if pack is None:
        raise Http404
    return serve.pack(pack, claim.claim_id)
