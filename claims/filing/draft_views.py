"""A person's unfinished claims."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import current_membership, member_page, zone_of
from claims.access.seller_rows import own_draft
from claims.filing import drafts, drafts_list

if TYPE_CHECKING:
    from claims.access.seller_rows import Draft, Membership


@require_safe
@member_page
def draft_list(request: HttpRequest) -> HttpResponse:
    """The person's unfinished claims, the last saved first, each with what it lacks and until when it can be filed."""
    membership = current_membership(request)
    assert membership is not None
    zone, now = zone_of(request.user, membership), timezone.now()
    page = drafts_list.page_of(membership, request.GET.get("cursor", ""), zone, now)
    context = {
        "page": page,
        "rows": page.rows,
        "older": "?" + urlencode({"cursor": page.older}) if page.older else "",
        "newer": "?" + urlencode({"cursor": page.newer}) if page.newer else "",
        "complete": sum(row.is_complete for row in page.rows),
        "rules": list(dict.fromkeys(row.rule for row in page.rows if row.rule)),
        "key": str(uuid4()),
        "may_act": membership.role != "viewer",
    }
    return render(request, "claims/drafts.html", context)


@require_POST
@own_draft
def delete_draft(request: HttpRequest, draft: Draft, membership: Membership) -> HttpResponse:
    """Delete an unfinished claim with its files."""
    drafts.delete(draft)
    messages.info(request, _("The draft was deleted."))
    return redirect("claims:drafts")
