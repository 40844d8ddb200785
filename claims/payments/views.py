"""What was granted to the seller and isn't paid yet."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import current_membership, member_page, zone_of
from claims.components import EmptyList
from claims.payments import unpaid


@require_safe
@member_page
def granted_unpaid(request: HttpRequest) -> HttpResponse:
    """The seller's claims with more granted than paid, the longest waiting first."""
    membership = current_membership(request)
    assert membership is not None
    zone = str(zone_of(request.user, membership))
    page = unpaid.page_of(membership.seller_id, request.GET.get("cursor", ""), zone)
    nothing = EmptyList(_("Nothing is owed to you"), _("All that was granted is paid.")) if not page.rows else None
    context = {
        "page": page,
        "older": "?" + urlencode({"cursor": page.older}) if page.older else "",
        "nothing": nothing,
    }
    return render(request, "claims/unpaid.html", context)
