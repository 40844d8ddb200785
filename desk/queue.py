"""The handlers' queue: which claims wait for whom, by the desk's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from claims.lifecycle import Stage, Status
from claims.models import Claim

MOST_COUNTED = 1000


class CappedPaginator(Paginator):
    """Counts to 1,000 and no further: how many more there are is worth no scan of the table."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:MOST_COUNTED].count()) if isinstance(rows, QuerySet) else len(rows)


class QueueFilter(admin.SimpleListFilter):
    title = _("queue")
    parameter_name = "queue"
    template = "admin/claims/claim/queue_filter.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [
            ("", _("Waiting for the desk")),
            ("mine", _("Mine")),
            ("unassigned", _("Unassigned")),
            ("appeals", _("Appeals")),
            ("due", _("Due today")),
            ("late", _("Late")),
            ("awaiting", _("Awaiting seller")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        waiting = queryset.filter(status=Status.UNDER_INVESTIGATION)
        match self.value():
            case "mine":
                return queryset.filter(
                    assigned_to_id=request.user.pk, status__in=[Status.UNDER_INVESTIGATION, Status.AWAITING_SELLER]
                )
            case "unassigned":
                return waiting.filter(assigned_to__isnull=True)
            case "appeals":
                return waiting.filter(stage=Stage.APPEAL)
            case "due":
                return waiting.filter(answer_due_at__lte=now + timedelta(hours=24))
            case "late":
                return waiting.filter(answer_due_at__lt=now)
            case "awaiting":
                return queryset.filter(status=Status.AWAITING_SELLER)
            case "all":
                return queryset
        return waiting

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "") == str(value),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }


def in_order(queryset: QuerySet[Claim]) -> QuerySet[Claim]:
    """Return the claims by when the desk owes its next act."""
    return queryset.order_by(F("answer_due_at").asc(nulls_last=True), "pk")
