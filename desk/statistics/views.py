"""How the desk decides: for those who answer for it."""

from __future__ import annotations

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.groups import AUDITOR, SENIOR_HANDLER, groups_of
from accounts.models import User
from claims.statistics import page as statistics_page


@require_safe
def insight(request: HttpRequest) -> HttpResponseBase:
    """Pace, grants by reason, appeals, and a warning where one reason is denied too often. Seniors and auditors."""

    def answer(request: HttpRequest) -> HttpResponse:
        user = request.user
        assert isinstance(user, User)
        if not (user.is_superuser or groups_of(user) & {SENIOR_HANDLER, AUDITOR}):
            raise Http404
        span = statistics_page.span_of(request.GET.get("days", ""))
        context = {
            **admin.site.each_context(request),
            "title": _("Insight"),
            "insight": statistics_page.read(None, span, timezone.now().date()),
            "spans": statistics_page.SPANS,
            "width": statistics_page.WIDTH,
            "height": statistics_page.HEIGHT,
        }
        return render(request, "admin/claims/insight.html", context)

    return admin.site.admin_view(answer)(request)
