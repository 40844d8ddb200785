"""Macros in the admin: seniors write them, the desk reads them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER, is_senior
from accounts.models import User
from claims.rules.lifecycle import Slot
from claims.text import decision_reason_name, slot_title
from desk import access
from desk.forms import CHOICES
from desk.macros import fill
from desk.models import Macro
from desk.read_only_admin import TableAdmin


def decision_choices() -> list[tuple[str, str]]:
    return [(code.value, decision_reason_name(code)) for code in CHOICES]


def slot_choices() -> list[tuple[str, str]]:
    return [(slot.value, slot_title(slot)) for slot in Slot if slot is not Slot.OTHER]


class MacroForm(forms.ModelForm):
    """A macro as seniors write it: codes chosen by their words, variables checked."""

    reasons = forms.MultipleChoiceField(
        label=_("Decision reasons"), required=False, widget=forms.CheckboxSelectMultiple, choices=decision_choices
    )
    slots = forms.MultipleChoiceField(
        label=_("Asks for"), required=False, widget=forms.CheckboxSelectMultiple, choices=slot_choices
    )

    class Meta:
        model = Macro
        fields = ("name", "verb", "team", "reason", "text", "reasons", "slots", "is_active")

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n").strip()
        if unknown := fill.unknown_variables(text):
            raise ValidationError(
                _("%(names)s means nothing. Known: %(known)s.")
                % {
                    "names": ", ".join(f"{{{name}}}" for name in unknown),
                    "known": ", ".join(f"{{{name}}}" for name in fill.VARIABLES),
                }
            )
        return text


@admin.register(Macro)
class MacroAdmin(TableAdmin):
    """Texts made beforehand. Seniors and superusers write them, the rest of the desk reads them."""

    form = MacroForm
    list_display = ("name", "verb", "team", "reason", "is_active", "changed_by", "changed_at")
    list_filter = ("verb", "is_active")
    list_select_related = ("team", "changed_by")
    search_fields = ("name", "text")
    ordering = ("name",)

    def _may_write(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and access.may_read(user) and (user.is_superuser or is_senior(user))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may_read(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_read(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # switched off instead: decisions were made with it

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "team":
            kwargs["queryset"] = Group.objects.filter(name__in=(CASE_HANDLER, SENIOR_HANDLER))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Macro, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.changed_by, obj.changed_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
