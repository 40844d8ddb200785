"""What a member chooses about e-mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.forms import EmailField
from messaging.notifications.kinds import NAMES, SECTIONS, Choice, Kind

_ERRORS = {"required": _("Choose one from the list."), "invalid_choice": _("Choose one from the list.")}


class PreferencesForm(forms.Form):
    """One field a kind, named as the kind. `kept` kinds can't be changed now and have no field."""

    def __init__(self, data: Any = None, *, chosen: Mapping[Kind, Choice], kept: frozenset[Kind]) -> None:
        super().__init__(data)
        self.kept = kept
        daily = [
            (Choice.AT_ONCE.value, _("Every morning at 8, when there is something to tell")),
            (Choice.OFF.value, Choice.OFF.label),
        ]
        self.fields[Kind.DIGEST] = forms.ChoiceField(
            label=_("Daily digest"),
            choices=daily,
            initial=chosen[Kind.DIGEST],
            error_messages=_ERRORS,
            help_text=_(
                "What waits for your answer and what closes soon, in your time zone. What you chose to get in the "
                "digest comes in any case."
            ),
        )
        for kind, name in NAMES.items():
            if kind not in kept:
                self.fields[kind] = forms.ChoiceField(
                    label=str(name), choices=Choice.choices, initial=chosen[kind], error_messages=_ERRORS
                )

    def wanted(self) -> dict[Kind, Choice]:
        """Return what was chosen of each kind that could be."""
        return {Kind(name): Choice(value) for name, value in self.cleaned_data.items()}

    def sections(self) -> Iterator[tuple[object, list[tuple[object, BoundField | None]]]]:
        """Yield (title, [(name of the kind, its field, or nothing where it can't be changed)])."""
        for section in SECTIONS:
            yield section.title, [(name, None if kind in self.kept else self[kind]) for kind, name in section.kinds]

    def add_error(self, field: str | None, error: Any) -> None:
        # What is kept since the page was shown has no field: it is said for the whole form.
        super().add_error(field if field in self.fields else None, error)


class AddressForm(forms.Form):
    email = EmailField(
        label=_("Address for copies"),
        help_text=_("It is asked first. It gets nothing more until it has confirmed."),
        error_messages={"required": _("Enter the e-mail address that should get copies.")},
    )
