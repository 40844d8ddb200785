"""Finding words in the thread of a claim, or in all threads of the seller account the person is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import current_membership, member_page, zone_of
from accounts.budgets import Budget, asks, limited
from claims.access.seller_rows import seller_claim
from messaging.search import find as search

if TYPE_CHECKING:
    from claims.access.seller_rows import Claim, Membership


@never_cache
@require_safe
@member_page
@limited(Budget.SEARCHES, asks("q"))
def everywhere(request: HttpRequest) -> HttpResponse:
    """What was said with these words on any claim of the current seller account."""
    membership = current_membership(request)
    assert membership is not None
    return _page(request, membership, {})


@never_cache
@require_safe
@seller_claim
@limited(Budget.SEARCHES, asks("q"))
def in_thread(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """What was said with these words on this claim."""
    return _page(request, membership, {"claim": claim})


def _page(request: HttpRequest, membership: Membership, context: dict[str, Any]) -> HttpResponse:
    words = search.understood(request.GET.get("q", ""))
    cursor = request.GET.get("cursor", "")
    results = search.find(
        words,
        seller_id=membership.seller_id,
        zone=str(zone_of(request.user, membership)),
        claim=context.get("claim"),
        cursor=cursor,
    )
    context |= {
        "words": words,
        "hits": results.hits,
        "older": "?" + urlencode({"q": words.text, "cursor": results.older}) if results.older else "",
        "newer": "?" + urlencode({"q": words.text}) if cursor else "",
        "seller": membership.seller,
    }
    return render(request, "messaging/search.html", context)
