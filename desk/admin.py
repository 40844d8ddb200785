"""The case handlers' admin: the queue, and what operators may look at. Nothing is edited as a field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import values
from accounts.models import SignInChange, User
from accounts.values import plain_text
from claims.models import Claim, UnmatchedPayment
from desk import access, claim_rows, security_events
from desk.access import may_read
from desk.audit.audit_log import may_read_record
from desk.macros import macro_admin
from desk.mail import outgoing, returned
from desk.models import Record
from desk.policies import policy_admin
from desk.queue import views as queue_views
from desk.read_only_admin import ReadOnlyAdmin
from messaging.correspondence.causes import cause_words
from messaging.models import OriginalMail

__all__ = ["macro_admin", "outgoing", "policy_admin", "returned", "security_events"]

admin.site.site_title = _("SAFE-T desk")
admin.site.site_header = _("SAFE-T desk")
admin.site.index_title = _("SAFE-T desk")
admin.site.enable_nav_sidebar = False
admin.site.site_url = None


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """The queue. A claim opens on its own page."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return queue_views.page(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pk = values.key(object_id)
        claim = claim_rows.claims().filter(pk=pk).first() if pk is not None else None
        if claim is None or not self.has_view_permission(request):
            return redirect("admin:claims_claim_changelist")
        return access.to_claim(claim)


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
class OriginalMailAdmin(ReadOnlyAdmin):
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
        pk = values.key(object_id)
        if pk is None or not self.has_view_permission(request):
            return redirect("admin:messaging_originalmail_changelist")
        return redirect("desk:mail", pk)

    @admin.display(description=_("Subject"))
    def about(self, mail: OriginalMail) -> SafeString:
        subject = mail.subject[:120] or gettext("(no subject)")
        return format_html('<a href="{}">{}</a>', reverse("desk:mail", args=[mail.pk]), subject)

    @admin.display(description=_("Why"))
    def why(self, mail: OriginalMail) -> str:
        return cause_words(mail.cause)


@admin.register(UnmatchedPayment)
class UnmatchedPaymentAdmin(ReadOnlyAdmin):
    """All payments that files told of, settled or not. Those that wait are settled on their own page."""

    list_display = ("at", "seller", "source", "claim_id", "order_id", "amount_minor", "currency", "outcome")
    list_display_links = None
    list_filter = ("outcome", "source")
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("seller",)
    ordering = ("-pk",)
    sortable_by = ()
    change_list_template = "admin/claims/payments_list.html"


@admin.register(SignInChange)
class SignInChangeAdmin(ReadOnlyAdmin):
    """What superusers asked for others' sign-ins, newest first. Each is confirmed or cancelled on the person's page."""

    list_display = ("of", "kind", "asked_by", "asked_at", "due_at", "confirmed_by", "done_at", "cancelled_by")
    list_display_links = None
    list_filter = ("kind",)
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("user", "asked_by", "confirmed_by", "cancelled_by")
    ordering = ("-pk",)
    sortable_by = ()
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_read(request.user) and bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("For"))
    def of(self, change: SignInChange) -> SafeString:
        address = reverse("admin:auth_user_password_change", args=[change.user_id])
        return format_html('<a href="{}">{}</a>', address, change.user)


@admin.register(Record)
class RecordAdmin(ReadOnlyAdmin):
    """Who saw, did and changed what. Search by a person's address or a claim id, whole."""

    list_display = ("at", "action", "user", "what", "claim_id", "detail_words")
    list_display_links = None
    list_filter = ("action",)
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("user",)
    search_fields = ("claim_id",)
    search_help_text = _("A whole claim id, or a person's e-mail address")
    ordering = ("-pk",)
    sortable_by = ()
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_read_record(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_read_record(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Record], search_term: str
    ) -> tuple[QuerySet[Record], bool]:
        term = plain_text(search_term.strip())
        if not term:
            return queryset, False
        if "@" in term:
            person = User.objects.filter(email__iexact=term).first()
            return (queryset.filter(user=person) if person else queryset.none()), False
        return queryset.filter(claim_id=term), False

    @admin.display(description=_("Detail"))
    def detail_words(self, row: Record) -> str:
        return ", ".join(f"{name}: {value}" for name, value in row.detail.items())[:300]
