"""Addresses whose mail came back, in the admin: why, since when, and a way to send to them again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import returned_mail
from accounts.groups import OPERATOR, groups_of
from accounts.models import ReturnedAddress, User
from desk.read_only_admin import ReadOnlyAdmin
from messaging.notifications.unsent_causes import unsent_words


@admin.register(ReturnedAddress)
class ReturnedAddressAdmin(ReadOnlyAdmin):
    """For operators: the list tells who has an account."""

    list_display = ("email", "returned_at", "times", "why", "lifted_at", "lifted_by")
    list_display_links = None
    list_select_related = ("lifted_by",)
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("=email",)
    search_help_text = _("A whole e-mail address")
    ordering = ("-returned_at", "-pk")
    sortable_by = ()
    actions = ("send_again",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_send_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_send_permission(request)

    def has_send_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and (user.is_superuser or OPERATOR in groups_of(user))

    @admin.display(description=_("What was said"))
    def why(self, row: ReturnedAddress) -> str:
        return unsent_words(row.cause)

    @admin.action(description=_("Send to them again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[ReturnedAddress]) -> None:
        rows = list(queryset)
        assert isinstance(request.user, User)
        count = returned_mail.lift([row.email for row in rows], request.user, timezone.now())
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, change_message="Sent to again.")
        words = ngettext("%(n)d address is sent to again.", "%(n)d addresses are sent to again.", count)
        words = ngettext("%(n)d address is sent to again.", "%(n)d addresses are sent to again.", count)
        messages.info(request, words % {"n": count})
