"""The e-mails of the portal in the admin: first those an operator has to look at, then whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.groups import OPERATOR, groups_of
from accounts.models import User
from accounts.values import emails, plain_text
from accounts.values.ids import Shape
from claims.access.search_terms import understood
from claims.text import formats
from desk.read_only_admin import ReadOnlyAdmin
from messaging.models import STUCK, OutgoingEmail
from messaging.notifications import outbox
from messaging.notifications.delivery import message_id
from messaging.notifications.kinds import ABOUT_SIGN_IN, NAMES
from messaging.notifications.unsent_causes import unsent_words

State = OutgoingEmail.State
LOOK, AGAIN, DUE, ASIDE, ALL = "", "again", "due", "aside", "all"


class EmailFilter(admin.SimpleListFilter):
    """Which e-mails: those to look at unless asked otherwise. Each is read by an index of its own."""

    title = _("what is shown")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [
            (AGAIN, _("Tried again later")),
            (DUE, _("Waiting for their turn")),
            (ASIDE, _("Set aside")),
            (ALL, _("All, newest first")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        match self.value():
            case "again":
                return queryset.filter(state=State.QUEUED, next_attempt_at__gt=now).order_by("next_attempt_at", "pk")
            case "due":
                return queryset.filter(state=State.QUEUED, next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
            case "aside":
                return queryset.filter(set_aside_at__isnull=False)
            case "all":
                return queryset
        return queryset if _term(request.GET.get("q", "")) else queryset.filter(STUCK)

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in [(LOOK, _("To look at: bounced or given up")), *self.lookup_choices]:
            yield {
                "selected": (self.value() or LOOK) == value,
                "query_string": changelist.get_query_string({self.parameter_name: value} if value else {}, ["show"]),
                "display": title,
            }


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    list_display = ("to", "what", "on_claim", "how_it_stands", "why", "attempts", "owed", "when")
    list_filter = (EmailFilter,)
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("claim", "user", "seller")
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("claim__claim_id",)
    search_help_text = _("A whole claim id, or a whole e-mail address")
    fields = (
        *("to", "what", "on_claim", "how_it_stands", "why", "attempts", "owed", "when", "occasion", "mail_id", "aside"),
    )
    readonly_fields = fields
    actions = ("send_again", "try_now", "set_them_aside")
    change_list_template = "admin/messaging/outgoingemail/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        """E-mails about sign-ins, which tell who has an account, are for those who look after the e-mails."""
        found: QuerySet[OutgoingEmail] = super().get_queryset(request)
        return found if self.has_send_permission(request) else found.exclude(kind__in=ABOUT_SIGN_IN)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = _term(search_term)
        if not term:
            return queryset, False
        if "@" in term:
            named_so = emails.spellings(term)
            people = list(User.objects.filter(email__in=named_so).values_list("pk", flat=True)[:10])
            return queryset.filter(Q(user__in=people) | Q(extra_address__in=named_so)), False
        named = [value for shape, value in understood(term).ids if shape is Shape.CLAIM]
        if not named:
            messages.warning(request, gettext("Search by a whole claim id (5-5-7 digits) or a whole e-mail address."))
        return queryset.filter(claim__claim_id__in=named), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        counts = outbox.outbox_counts(now := timezone.now())
        numbers = {
            "waiting": _capped(counts.waiting),
            "oldest": formats.ago(counts.oldest, now, "UTC") if counts.oldest else "",
            "stuck": _capped(counts.stuck),
            "may_send": self.has_send_permission(request),
        }
        return super().changelist_view(request, {**(extra_context or {}), "told": numbers, "title": _("E-mails")})

    def has_send_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and (user.is_superuser or OPERATOR in groups_of(user))

    # -- what is done

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        count = self._do(request, queryset, outbox.send_again, "Sent again.")
        words = ngettext("%(n)d e-mail is queued again.", "%(n)d e-mails are queued again.", count)
        messages.info(request, formats.paragraph(words % {"n": count}, self._rest(count)))

    @admin.action(description=_("Try now"), permissions=["send"])
    def try_now(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        count = self._do(request, queryset, outbox.try_now, "Tried at once.")
        words = ngettext("%(n)d e-mail is tried at once.", "%(n)d e-mails are tried at once.", count)
        messages.info(request, formats.paragraph(words % {"n": count}, self._rest(count)))

    @admin.action(description=_("Set aside: nothing more is to be done"), permissions=["send"])
    def set_them_aside(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        count = self._do(request, queryset, outbox.set_aside, "Set aside.")
        words = ngettext("%(n)d e-mail is set aside.", "%(n)d e-mails are set aside.", count)
        messages.info(request, formats.paragraph(words % {"n": count}, self._rest(count)))

    def _do(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail], verb: Any, record: str) -> int:
        emails = list(queryset)
        self._chosen = len(emails)
        count = int(verb([email.pk for email in emails], timezone.now()))
        assert isinstance(request.user, User)
        LogEntry.objects.log_actions(request.user.pk, emails, CHANGE, change_message=record)
        return count

    def _rest(self, count: int) -> str:
        left = self._chosen - count
        if not left:
            return ""
        return gettext("%(n)d are in another state by now and stay as they are.") % {"n": left}

    # -- what is seen

    @admin.display(description=_("To"))
    def to(self, email: OutgoingEmail) -> str:
        if email.user is None:
            return email.extra_address or ""
        now, sent = email.user.email, email.address
        where = now if not sent or sent == now else gettext("%(sent)s, now %(now)s") % {"sent": sent, "now": now}
        return f"{email.user} · {where}" if str(email.user) != where else where

    @admin.display(description=_("About"))
    def what(self, email: OutgoingEmail) -> str:
        return str(NAMES.get(OutgoingEmail.Kind(email.kind), email.get_kind_display()))

    @admin.display(description=_("Claim"))
    def on_claim(self, email: OutgoingEmail) -> str | SafeString:
        if email.claim is None:
            return str(email.seller or "")
        claim_id = email.claim.claim_id
        return format_html('<a class="nowrap" href="{}">{}</a>', reverse("desk:claim", args=[claim_id]), claim_id)

    @admin.display(description=_("State"))
    def how_it_stands(self, email: OutgoingEmail) -> str:
        return gettext("Sent, came back") if email.returned_at else str(email.get_state_display())

    @admin.display(description=_("What the mail server said"))
    def why(self, email: OutgoingEmail) -> str:
        return unsent_words(email.cause)

    @admin.display(description=_("Owed since"))
    def owed(self, email: OutgoingEmail) -> str:
        return formats.moment_short(email.created_at, "UTC")

    @admin.display(description=_("Next attempt, or sent"))
    def when(self, email: OutgoingEmail) -> str:
        if email.returned_at:
            return formats.moment_short(email.returned_at, "UTC")
        if email.state == State.SENT and email.sent_at:
            return formats.moment_short(email.sent_at, "UTC")
        return formats.moment_short(email.next_attempt_at, "UTC") if email.state == State.QUEUED else ""

    @admin.display(description=_("Message-ID"))
    def mail_id(self, email: OutgoingEmail) -> str:
        return message_id(email)

    @admin.display(description=_("Set aside"))
    def aside(self, email: OutgoingEmail) -> str:
        return formats.moment_short(email.set_aside_at, "UTC") if email.set_aside_at else ""


def _term(typed: str) -> str:
    return plain_text(typed).strip()


def _capped(count: int) -> str:
    return formats.number(min(count, outbox.MOST_COUNTED)) + ("+" if count >= outbox.MOST_COUNTED else "")
