"""The evidence pack of a claim: asked for, watched while it is made, downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import zone_of
from accounts.budgets import Budget, is_poll, is_post, limited
from claims.access.seller_rows import seller_claim
from claims.access.visits import Taken, put_on_record
from claims.claim_page.head import head
from claims.claim_page.snapshot import load_snapshot
from claims.files import serve
from messaging import packs
from messaging.packs.request import Reader

if TYPE_CHECKING:
    from claims.access.seller_rows import Claim, Membership


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@seller_claim
@limited(Budget.PACKS, is_post)
@limited(Budget.LIVE, is_poll)
def pack(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """The state of the pack on GET; a POST asks for it. Who may read the claim may take it away, viewers too."""
    here = reverse("messaging:pack", args=[claim.claim_id])
    now, zone = timezone.now(), str(zone_of(request.user, membership))
    if request.method == "POST":
        try:
            packs.ask(claim, reader=Reader.SELLER, user_id=membership.user_id, now=now)
        except packs.NotMade as error:
            messages.warning(request, packs.refused_words(error, zone))
        return redirect(here)
    shown = packs.shown(claim, reader=Reader.SELLER, zone=zone, now=now)
    context = {
        "head": head(claim, load_snapshot(claim)),
        "pack": shown,
        "again": here,
        "download": reverse("messaging:pack_file", args=[claim.claim_id, shown.uuid]) if shown.is_ready else "",
    }
    return render(request, "messaging/pack.html", context)


@require_safe
@seller_claim
@limited(Budget.EXPORTS)
def pack_file(request: HttpRequest, claim: Claim, membership: Membership, uuid: UUID) -> HttpResponse:
    """The pack as a download."""
    pack = packs.of_claim(claim, uuid, reader=Reader.SELLER)
    if pack is None:
        raise Http404
    put_on_record(request, claim.pk, claim.seller_id, Taken.PACK)
    return serve.pack(pack, claim.claim_id)  # type: ignore[return-value]
