"""Claimable refunds: what can still be claimed, until when, and what can't be, with its cause."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import current_membership, member_page, zone_of
from claims.access import refunds_list
from claims.views.empty import Nothing, no_claim_ever


@require_safe
@member_page
def refunds(request: HttpRequest) -> HttpResponse:
    """The seller's refunds by the days left, or those whose window has ended."""
    membership = current_membership(request)
    assert membership is not None
    now, zone = timezone.now(), zone_of(request.user, membership)
    view = "closed" if request.GET.get("view") == "closed" else "open"
    page = refunds_list.page_of(membership, view, request.GET.get("cursor", ""), zone, now)
    nothing = None
    if not page.rows:
        nothing = _nothing(view, refunds_list.has_refunds(membership))
    context = {
        "page": page,
        "view": view,
        "summary": refunds_list.summary(membership, now) if view == "open" else "",
        "older": "?" + urlencode({"view": view, "cursor": page.older}) if page.older else "",
        "nothing": nothing,
        "may_act": membership.role != "viewer",
    }
    return render(request, "claims/refunds.html", context)


def _nothing(view: str, has_refunds: bool) -> Nothing:
    if not has_refunds:
        return no_claim_ever(0, has_refunds=False)
    if view == "closed":
        return Nothing(_("Nothing missed"), _("Refunds whose window ended without a claim would be here."))
    return Nothing(_("No refund can be claimed now"), _("The windows of all your refunds have ended."))
