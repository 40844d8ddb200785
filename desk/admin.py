"""The case handlers' admin: the queue, and what operators may look at. Nothing is edited as a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.groups import OPERATOR, groups_of
from accounts.models import User
from claims.models import Claim, ClockRule, PolicyRule, UnmatchedPayment
from desk import door, rows
from desk.queue import MOST_COUNTED
from desk.views import queue
from messaging.correspondence.causes import cause_words
from messaging.models import OriginalMail, OutgoingEmail
from messaging.notifications import delivery

admin.site.site_title = _("SAFE-T desk")
admin.site.site_header = _("SAFE-T desk")
admin.site.index_title = _("SAFE-T desk")
admin.site.enable_nav_sidebar = False
admin.site.site_url = None


class CappedPaginator(Paginator):
    """Counts to 1,000 and no further: how many more there are is worth no scan of the table."""

    @cached_property
    def count(self) -> int:
        found: Any = self.object_list
        return int(found[:MOST_COUNTED].count()) if isinstance(found, QuerySet) else len(found)


class ReadOnly(admin.ModelAdmin):
    """A table to look at: no row is added, changed or deleted here."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return door.may_read(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return door.may_read(request.user)


@admin.register(Claim)
class ClaimAdmin(ReadOnly):
    """The queue. A claim opens on its own page."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return queue.page(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        claim = rows.claims().filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None
        if claim is None or not self.has_view_permission(request):
            return redirect("admin:claims_claim_changelist")
        return door.to_claim(claim)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnly):
    list_display = ("kind", "claim", "user", "state", "cause", "attempts", "created_at", "sent_at")
    list_filter = ("state", "kind")
    list_select_related = ("claim", "user")
    ordering = ("-pk",)
    fields = ("kind", "occasion", "claim", "user", "address", "state", "cause", "attempts", "created_at", "sent_at")
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and (user.is_superuser or OPERATOR in groups_of(user))

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        count = delivery.send_again(list(queryset.values_list("pk", flat=True)), timezone.now())
        messages.info(request, _("%(n)s e-mails are queued again.") % {"n": count})


class MailFilter(admin.SimpleListFilter):
    """What became of an old e-mail; those that wait for a handler unless asked otherwise."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("", _("Waiting for a handler")), *OriginalMail.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value() or OriginalMail.State.QUARANTINED)

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            if value != OriginalMail.State.QUARANTINED:
                yield {
                    "selected": (self.value() or "") == value,
                    "query_string": changelist.get_query_string({self.parameter_name: value}),
                    "display": title,
                }


@admin.register(OriginalMail)
class OriginalMailAdmin(ReadOnly):
    """Old e-mails, those that wait for a handler first. Each opens on its own page."""

    list_display = ("about", "seller", "sent_at", "state", "why", "claim", "matched_by")
    list_display_links = None
    list_filter = (MailFilter,)
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("seller", "claim", "matched_by")
    ordering = ("-pk",)
    sortable_by = ()
    actions = None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not object_id.isdecimal() or not self.has_view_permission(request):
            return redirect("admin:messaging_originalmail_changelist")
        return redirect("desk:mail", int(object_id))

    @admin.display(description=_("Subject"))
    def about(self, mail: OriginalMail) -> SafeString:
        subject = mail.subject[:120] or gettext("(no subject)")
        return format_html('<a href="{}">{}</a>', reverse("desk:mail", args=[mail.pk]), subject)

    @admin.display(description=_("Why"))
    def why(self, mail: OriginalMail) -> str:
        return cause_words(mail.cause)


@admin.register(PolicyRule)
class PolicyRuleAdmin(ReadOnly):
    list_display = ("name", "version", "marketplace", "region", "program", "reason", "trigger", "closes_after")


@admin.register(ClockRule)
class ClockRuleAdmin(ReadOnly):
    list_display = ("name", "version", "marketplace", "program", "reply_days", "appeal_days", "answer_days")


@admin.register(UnmatchedPayment)
class UnmatchedPaymentAdmin(ReadOnly):
    list_display = ("claim_id", "seller", "amount_minor", "currency", "at", "matched_at")
    list_select_related = ("seller",)
    ordering = ("-pk",)
