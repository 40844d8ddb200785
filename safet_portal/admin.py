"""Tasks that failed in the admin: what they were to work on, why they failed, and a way to have them run again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.groups import OPERATOR, groups_of
from accounts.models import User
from desk.read_only_admin import ReadOnlyAdmin
from safet_portal import task_records
from safet_portal.celery import app
from safet_portal.models import FailedTask


def may_operate(user: object) -> bool:
    return isinstance(user, User) and (user.is_superuser or OPERATOR in groups_of(user))


@admin.register(FailedTask)
class FailedTaskAdmin(ReadOnlyAdmin):
    """For operators. A row goes by itself when the same work goes well."""

    list_display = ("task", "arguments", "times", "first_at", "last_at", "given_up", "why")
    list_display_links = None
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-last_at", "-pk")
    sortable_by = ()
    actions = ("run_again", "forget")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_operate(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_operate(request.user)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return may_operate(request.user)

    @admin.display(description=_("Cause"))
    def why(self, row: FailedTask) -> str:
        return task_records.cause_words(row.cause)

    @admin.action(description=_("Run again"), permissions=["operate"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[FailedTask]) -> None:
        """Ask a worker for it once more. Its row stays until it went well."""
        asked, rows = 0, list(queryset)
        for row in rows:
            try:
                args, kwargs = json.loads(row.arguments)
                app.send_task(row.task, args, kwargs)
                asked += 1
            except Exception as error:  # cut arguments, or whatever the queue raises
                messages.error(
                    request, gettext("%(task)s can't be asked for: %(error)s") % {"task": row, "error": error}
                )
        self._log(request, rows, "Run again.")
        words = ngettext("%(n)d task is asked for again.", "%(n)d tasks are asked for again.", asked)
        messages.info(request, words % {"n": asked})

    @admin.action(description=_("Forget: nothing more is to be done"), permissions=["operate"])
    def forget(self, request: HttpRequest, queryset: QuerySet[FailedTask]) -> None:
        rows = list(queryset)
        self._log(request, rows, "Forgotten.")
        FailedTask.objects.filter(pk__in=[row.pk for row in rows]).delete()
        words = ngettext("%(n)d task is forgotten.", "%(n)d tasks are forgotten.", len(rows))
        messages.info(request, words % {"n": len(rows)})

    def _log(self, request: HttpRequest, rows: list[FailedTask], said: str) -> None:
        assert isinstance(request.user, User)
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, change_message=said)
