"""The case handlers' admin: the queue, and what operators may look at. Nothing is edited as a field."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.groups import OPERATOR, groups_of
from accounts.models import User
from claims import display, turn, wording
from claims.access.searching import understood
from claims.models import Claim, ClockRule, PolicyRule, UnmatchedPayment
from desk import door, rows
from desk.queue import CappedPaginator, QueueFilter, in_order
from messaging.models import OriginalMail, OutgoingEmail
from messaging.notifications import delivery

admin.site.site_title = _("SAFE-T desk")
admin.site.site_header = _("SAFE-T desk")
admin.site.index_title = _("SAFE-T desk")
admin.site.enable_nav_sidebar = False


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

    list_display = ("number", "of_seller", "why", "amount", "whose_turn", "due", "assigned_to", "updated")
    list_display_links = None
    list_filter = (QueueFilter,)
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("seller", "order", "assigned_to", "clock_rule")
    search_fields = ("claim_id",)
    search_help_text = _("A whole claim id or order id")
    change_list_template = "admin/claims/claim/change_list.html"
    actions = None
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return rows.claims()

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return []

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        now = timezone.now()
        for claim in changelist.result_list:
            claim.reader, claim.read_at = request.user, now
        return changelist

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str
    ) -> tuple[QuerySet[Claim], bool]:
        if not search_term.strip():
            return in_order(queryset), False
        ids = [value for _shape, value in understood(search_term).ids]
        found = rows.claims().filter(claim_id__in=ids) | rows.claims().filter(order__order_id__in=ids)
        return found.order_by("-updated_at", "-pk"), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        claim = rows.claims().filter(pk=object_id).first() if object_id.isdecimal() else None
        if claim is None or not self.has_view_permission(request):
            return redirect("admin:claims_claim_changelist")
        return door.to_claim(claim)

    @admin.display(description=_("Claim"))
    def number(self, claim: Claim) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("desk:claim", args=[claim.claim_id]), claim.claim_id)

    @admin.display(description=_("Seller"))
    def of_seller(self, claim: Claim) -> str:
        return claim.seller.name

    @admin.display(description=_("Reason"))
    def why(self, claim: Claim) -> str:
        return wording.reason_label(claim.reason)

    @admin.display(description=_("Claimed"))
    def amount(self, claim: Claim) -> str:
        return display.money(claim.claimed_minor, claim.currency)

    @admin.display(description=_("Whose turn"))
    def whose_turn(self, claim: Any) -> str:
        return turn.whose_turn(claim, claim.reader, claim.read_at)

    @admin.display(description=_("Answer due"))
    def due(self, claim: Any) -> str:
        at = claim.answer_due_at
        if at is None:
            return ""
        return f"{display.moment_short(at, door.zone_of(claim.reader, claim))} ({display.left(at, claim.read_at)})"

    @admin.display(description=_("Last update"))
    def updated(self, claim: Any) -> str:
        return display.ago(claim.updated_at, claim.read_at, door.zone_of(claim.reader, claim))


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


@admin.register(OriginalMail)
class OriginalMailAdmin(ReadOnly):
    list_display = ("subject", "seller", "sent_at", "state", "cause", "claim")
    list_filter = ("state",)
    list_select_related = ("seller", "claim")
    ordering = ("-pk",)
    fields = ("subject", "seller", "mail_id", "sent_at", "state", "cause", "source", "claim", "size", "imported_at")


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
