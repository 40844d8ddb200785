"""See what a seller sees: asked for with a reason, on record, ended by a button or by the clock."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import unsent, view_as_seller
from accounts.budgets import Budget, limited
from accounts.values import single_line
from claims.models import Claim
from desk.access import context, desk_claim

WHY_MAX = 300


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def view_as(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Say why, then look at the claim and the other pages of its seller for half an hour."""
    if not view_as_seller.may_view(request.user):
        raise Http404
    why = single_line(unsent.typed(request).get("why", ""))
    wrong: list[str] = []
    if request.method == "POST":
        if not why:
            wrong.append(_("Say why; the reason is recorded."))
        elif len(why) > WHY_MAX:
            wrong.append(_("The reason is too long; at most %(n)s characters.") % {"n": WHY_MAX})
        else:
            view_as_seller.begin(request, claim.seller, why, timezone.now())
            return redirect("claims:details", claim.claim_id)
    shown = {
        **context(request, claim, _("View as seller")),
        "why": why,
        "why_max": WHY_MAX,
        "wrong": wrong,
        "minutes": int(view_as_seller.LASTS.total_seconds() // 60),
    }
    return render(request, "admin/claims/claim/view_as.html", shown)


@require_POST
@limited(Budget.DESK)
def stop_viewing(request: HttpRequest) -> HttpResponseBase:
    """Go back to the desk."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if view_as_seller.end(request):
            messages.info(request, _("You are back at the desk."))
        return redirect("admin:claims_claim_changelist")

    return admin.site.admin_view(answer)(request)
