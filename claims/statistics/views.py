"""How the seller's claims were decided."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import current_membership, member_page
from claims.statistics import page as statistics_page


@require_safe
@member_page
def insight(request: HttpRequest) -> HttpResponse:
    """Pace, grants by reason and appeals of the seller's own claims, as a picture and as tables."""
    membership = current_membership(request)
    assert membership is not None
    span = statistics_page.span_of(request.GET.get("days", ""))
    context = {
        "insight": statistics_page.read(membership.seller_id, span, timezone.now().date()),
        "spans": statistics_page.SPANS,
        "width": statistics_page.WIDTH,
        "height": statistics_page.HEIGHT,
    }
    return render(request, "claims/insight.html", context)
