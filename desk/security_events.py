"""Security events in the admin: what failed or was refused, by hour, newest first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.client import account_hashes
from accounts.models import SecurityEvent
from accounts.values import plain_text
from desk.audit.audit_log import may_read_record
from desk.read_only_admin import ReadOnlyAdmin


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """For who reads the record. An account is found by its e-mail address, which no row holds."""

    list_display = ("since", "kind", "count", "last_at", "address", "account")
    list_display_links = None
    list_filter = ("kind",)
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("account",)
    search_help_text = _("A whole e-mail address, or a client address as it is written here")
    ordering = ("-since", "-pk")
    sortable_by = ()
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_read_record(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_read_record(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SecurityEvent], search_term: str
    ) -> tuple[QuerySet[SecurityEvent], bool]:
        term = plain_text(search_term.strip())
        if not term:
            return queryset, False
        if "@" in term:
            return queryset.filter(account__in=account_hashes(term)), False
        return queryset.filter(address=term), False
