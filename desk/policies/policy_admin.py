"""Policy in the admin: operators read every version, and make a new one by a form that is held to the same checks as a
file. Nothing that claims rest on is ever changed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import marketplaces
from accounts.groups import OPERATOR, groups_of
from accounts.models import User
from accounts.values import WholeField, plain_text
from claims.models import ClockRule, Outage, PolicyRule
from claims.policy_loading import load
from claims.rules.lifecycle import SUB_REASONS, Reason, Slot
from claims.text import reason_label, slot_title, sub_reason_label
from desk.read_only_admin import ReadOnlyAdmin

ANY = [("", gettext_lazy("any"))]
UNITS = [("CALENDAR", gettext_lazy("all days")), ("BUSINESS", gettext_lazy("business days"))]


def _places() -> list[tuple[str, Any]]:
    return [*ANY, *((place.code, place.name) for place in marketplaces.by_code().values())]


def _regions() -> list[tuple[str, Any]]:
    return [*ANY, *((region, region) for region in sorted({p.region for p in marketplaces.by_code().values()}))]


def _reasons() -> list[tuple[str, Any]]:
    return [*ANY, *((reason.value, reason_label(reason)) for reason in Reason)]


def _cases() -> list[tuple[str, Any]]:
    groups = [
        (reason_label(reason), [(case.value, sub_reason_label(case)) for case in cases])
        for reason, cases in SUB_REASONS.items()
    ]
    return [*ANY, *groups]


def _slots() -> list[tuple[str, Any]]:
    return [(slot.value, slot_title(slot)) for slot in Slot]


class VersionForm(forms.ModelForm):
    """The columns of a new version. `clean` asks the same question as the save: would it be taken?"""

    model: ClassVar[type[PolicyRule] | type[ClockRule]]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None:  # a character that neither a page nor the database can hold is left out
            data = data.copy()
            for name, typed in data.lists():
                data.setlist(name, [plain_text(one) for one in typed])
        super().__init__(data, *args, **kwargs)

    def values(self) -> dict[str, Any]:
        """Return the row that was typed, as a file would have it."""
        typed = dict(self.cleaned_data)
        if self.instance.pk:
            typed["key"] = self.instance.key
        return {key: value for key, value in typed.items() if key in self._columns()}

    def _columns(self) -> set[str]:
        return {field.name for field in self.model._meta.get_fields()} - {"id", "version", "loaded_at"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and (wrong := load.would_be_wrong(self.model, self.values())):
            raise ValidationError([capfirst(sentence) for sentence in wrong])
        return cleaned

    def _post_clean(self) -> None:
        """The row that is shown stays as it is: what is typed makes another one."""


class RuleForm(VersionForm):
    model = PolicyRule
    marketplace = forms.ChoiceField(label=gettext_lazy("Marketplace"), choices=_places, required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), choices=_regions, required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=_reasons, required=False)
    sub_reason = forms.ChoiceField(label=gettext_lazy("Case of the reason"), choices=_cases, required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Days are"), choices=UNITS)
    own_evidence = forms.BooleanField(
        label=gettext_lazy("This rule names its own evidence"),
        required=False,
        help_text=gettext_lazy("Otherwise the reason's usual evidence is asked for."),
    )
    required = forms.MultipleChoiceField(
        label=gettext_lazy("Required evidence"),
        choices=_slots,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    recommended = forms.MultipleChoiceField(
        label=gettext_lazy("Helpful evidence"), choices=_slots, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PolicyRule
        fields = (
            "key", "name", "marketplace", "region", "program", "reason", "sub_reason", "effective_from",
            "effective_to", "trigger", "opens_after", "closes_after", "unit", "covered", "order_cap_minor",
            "order_cap_currency", "percent_cap", "after_automatic", "component", "own_evidence", "required",
            "recommended", "clause", "source", "note",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("effective_from", "effective_to", "component"):
            self.fields[name].required = False
        if self.instance.pk and self.instance.required is not None:
            self.initial.setdefault("own_evidence", True)
        if self.instance.pk and self.instance.recommended is not None:
            self.initial.setdefault("own_evidence", True)

    def values(self) -> dict[str, Any]:
        row = super().values()
        if not self.cleaned_data.get("own_evidence"):
            row["required"] = row["recommended"] = None
        return row


class ClockForm(VersionForm):
    model = ClockRule
    marketplace = forms.ChoiceField(label=gettext_lazy("Marketplace"), choices=_places, required=False)
    reply_unit = forms.ChoiceField(label=gettext_lazy("Days to reply are"), choices=UNITS)
    appeal_unit = forms.ChoiceField(label=gettext_lazy("Days to appeal are"), choices=UNITS)
    answer_unit = forms.ChoiceField(label=gettext_lazy("Days to answer are"), choices=UNITS)

    class Meta:
        model = ClockRule
        fields = (
            "key", "name", "marketplace", "program", "reply_days", "reply_unit", "appeal_days", "appeal_unit",
            "answer_days", "answer_unit", "appeals", "appeal_needs_senior", "four_eyes_above_minor",
            "four_eyes_currency", "four_eyes_by_currency", "source", "note",
        )  # fmt: skip

    def values(self) -> dict[str, Any]:
        row = super().values()
        row["four_eyes_by_currency"] = row["four_eyes_by_currency"] or {}
        return row


class VersionedAdmin(ReadOnlyAdmin):
    """Versions to read; for operators, a form that makes the next version of a key or the first of a new one."""

    list_per_page = 100
    ordering = ("key", "-version")
    model_form: ClassVar[type[VersionForm]]
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        field: {"form_class": WholeField} for field in (models.PositiveSmallIntegerField, models.BigIntegerField)
    }

    def _may_write(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and (user.is_superuser or OPERATOR in groups_of(user))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_write(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self._may_write(request):
            kwargs["form"] = self.model_form
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key", "version", "loaded_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        row = load.new_version(form.model, form.values())
        obj.pk, obj.key, obj.version, obj.name = row.pk, row.key, row.version, row.name
        messages.info(
            request,
            _(
                "Claims that are under way keep the version they were filed under. "
                "Lists of refunds follow within minutes."
            ),
        )


@admin.register(PolicyRule)
class PolicyRuleAdmin(VersionedAdmin):
    model_form = RuleForm
    list_display = (
        "name", "key", "version", "marketplace", "region", "program", "reason", "sub_reason", "effective_from",
        "effective_to", "trigger", "opens_after", "closes_after", "unit", "covered", "percent_cap",
    )  # fmt: skip


@admin.register(ClockRule)
class ClockRuleAdmin(VersionedAdmin):
    model_form = ClockForm
    list_display = (
        "name", "key", "version", "marketplace", "program", "reply_days", "reply_unit", "appeal_days", "appeal_unit",
        "answer_days", "appeals", "four_eyes_above_minor", "four_eyes_by_currency",
    )  # fmt: skip


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    list_display = ("starts_at", "ends_at", "reason", "by", "at")
    list_select_related = ("by",)
    ordering = ("-starts_at",)
