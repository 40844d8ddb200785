"""What people type about themselves and about who belongs to their seller account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Theme, User
from accounts.values import emails
from accounts.values.text import Unreadable
from accounts.zones import zone_choices, zones


class EmailField(forms.EmailField):
    """An e-mail address in lower case. Its error quotes what was typed."""

    default_validators: list[Any] = []  # clean() says it in its own words

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)
        self.error_messages["max_length"] = _("The address is longer than an e-mail address can be.")
        self.widget.attrs["autocomplete"] = "off"  # it is another person's address

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        try:
            return emails.address(typed)
        except Unreadable:
            raise ValidationError(
                _("“%(typed)s” isn't an e-mail address. One looks like name@example.com."),
                params={"typed": emails.normal(typed)},
            ) from None


class InviteForm(forms.Form):
    email = EmailField(label=_("E-mail"), error_messages={"required": _("Enter the e-mail address to invite.")})
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.MEMBER,
        help_text=_("Viewers read. Members also file, reply and appeal. Owners also invite and remove members."),
        error_messages={"required": _("Choose a role."), "invalid_choice": _("Choose owner, member or viewer.")},
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        error_messages={"required": _("Choose a role."), "invalid_choice": _("Choose owner, member or viewer.")},
    )


class JoinForm(forms.Form):
    """A new person's name and password. `email` is where they were invited: the password must not resemble it."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("The people of your seller account see it. The SAFE-T team too."),
        error_messages={
            "required": _("Enter your name."),
            "max_length": _("The name is %(show_value)s characters long; at most %(limit_value)s."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        help_text=_("At least 10 characters, and not one that is in every list of passwords."),
        error_messages={"required": _("Choose a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if password := cleaned.get("password"):
            person = User(email=self.email, name=cleaned.get("name", ""))
            try:
                password_validation.validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class SettingsForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        required=False,
        help_text=_("Empty: your e-mail address is shown instead."),
        error_messages={"max_length": _("The name is %(show_value)s characters long; at most %(limit_value)s.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Every date and time is shown in it. Deadlines don't move: only how they are written."),
        error_messages={"invalid_choice": _("Choose a time zone from the list.")},
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=Theme.choices,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose a theme from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = zone_choices()
        if (kept := self.initial.get("zone")) and kept not in zones():
            choices.insert(0, (kept, kept))
        self.fields["zone"].choices = [("", _("The marketplace's")), *choices]  # type: ignore[attr-defined]
