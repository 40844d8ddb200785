"""allauth's sign-in forms with the portal's words on their fields."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import memberships
from accounts.sign_in import security_events
from accounts.values import emails

# Field: its label and what is said when it is left empty.
Words = dict[str, tuple[Any, Any]]

NOW: Words = {"oldpassword": (_("Password of now"), _("Enter your current password."))}
NEW: Words = {
    "password1": (_("New password"), _("Enter a new password.")),
    "password2": (_("New password again"), _("Enter the new password once more.")),
}


class RelabelledForm(Form):
    """A form of allauth's with our labels, and our sentence for each field that was left empty."""

    words: ClassVar[Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, missing) in self.words.items():
            field = self.fields[name]
            field.label = label
            field.help_text = ""
            field.error_messages["required"] = missing
        if "password1" in self.words:
            self.fields["password1"].help_text = _(
                "At least 10 characters; not a common password, and not words of this portal."
            )


class LoginForm(RelabelledForm, allauth.LoginForm):
    words: ClassVar[Words] = {
        "login": (_("E-mail"), _("Enter your e-mail address.")),
        "password": (_("Password"), _("Enter your password.")),
        "remember": (_("Stay signed in on this device"), ""),
    }


class ResetPasswordForm(RelabelledForm, allauth.ResetPasswordForm):
    """Takes an address and asks for the link. Whether anybody signs in with it is looked up when it is sent."""

    words: ClassVar[Words] = {"email": (_("E-mail"), _("Enter your e-mail address."))}

    def clean_email(self) -> str:
        address = emails.normal(str(self.cleaned_data["email"]))
        if len(address) > memberships.LONGEST_ADDRESS:
            raise ValidationError(_("The address is longer than an e-mail address can be."))
        return address

    def save(self, request: HttpRequest, **_: object) -> str:
        address = str(self.cleaned_data["email"])
        memberships.ask_password_reset(address, timezone.now())
        return address


class ChangePasswordForm(RelabelledForm, allauth.ChangePasswordForm):
    words: ClassVar[Words] = {**NOW, **NEW}

    def clean_oldpassword(self) -> str:
        """The password of now; a wrong one is noted."""
        try:
            return str(super().clean_oldpassword())
        except ValidationError:
            security_events.note(security_events.Kind.REAUTHENTICATION_FAILED)
            raise


class NewPasswordForm(RelabelledForm, allauth.ResetPasswordKeyForm):
    words: ClassVar[Words] = NEW


class ReauthenticateForm(RelabelledForm, allauth.ReauthenticateForm):
    words: ClassVar[Words] = {"password": (_("Password"), _("Enter your password."))}
