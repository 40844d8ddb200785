"""Tables of the admin that are only looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts import unsent
from accounts.values import has_nul
from desk import access
from desk.queue.list import MOST_COUNTED


class CappedPaginator(Paginator):
    """Counts to 1,000 and no further: how many more there are is worth no scan of the table."""

    @cached_property
    def count(self) -> int:
        found: Any = self.object_list
        return int(found[:MOST_COUNTED].count()) if isinstance(found, QuerySet) else len(found)


class TableAdmin(admin.ModelAdmin):
    """A table of the admin whose list is counted to 1,000, and asks the database for nothing that it can't hold.

    What was typed in its form when the session had ended is in it again after the sign-in.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    keeps_unsent = True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        if kwargs.get("fields") is None:  # asked for its fields alone
            return made
        kept = unsent.typed(request)
        if request.method != "GET" or not kept:
            return made
        values = {
            name: field.bound_data(field.widget.value_from_datadict(kept, {}, name), None)
            for name, field in made.base_fields.items()
        }

        def filled(*args: Any, **kwargs: Any) -> Any:
            return made(*args, **{**kwargs, "initial": {**kwargs.get("initial", {}), **values}})

        filled.base_fields = made.base_fields  # type: ignore[attr-defined]
        return filled

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        asked = [value for name, values in request.GET.lists() if name != SEARCH_VAR for value in values]
        if any(has_nul(value) for value in asked):
            raise IncorrectLookupParameters  # the admin leads to the list without what was asked
        return super().get_changelist_instance(request)


class ReadOnlyAdmin(TableAdmin):
    """A table to look at: no row is added, changed or deleted here."""

    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_read(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may_read(request.user)
