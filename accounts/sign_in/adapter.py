"""What the sign-in pages say and allow: nobody signs up alone, and links carry the portal's own address."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_reset
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import client, returned_mail, signals
from accounts.models import User
from accounts.sign_in import devices, field_keys, limits, security_events
from accounts.sign_in.limits import GuessedSecret
from accounts.sign_in.security_events import Kind
from accounts.values import emails

WRONG_CODE = _("The code is wrong or has expired.")
TOO_MANY_TRIES = _("Too many attempts. Wait a few minutes.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is switched off."),
        "email_password_mismatch": _("That e-mail and password don't go together."),
        "enter_current_password": _("That isn't your current password."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("That isn't your password."),
        "invalid_or_expired_key": _("This link was used already, or has expired."),
        "invalid_login": _("That e-mail and password don't go together."),
        "invalid_password_reset": _("This link was used already, or has expired."),
        "too_many_login_attempts": TOO_MANY_TRIES,
        "rate_limited": TOO_MANY_TRIES,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: people come in by an owner's invitation or an operator's import."""
        return False

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: object) -> str:
        return urljoin(settings.SITE_URL, urlsplit(super().get_email_confirmation_url(request, emailconfirmation)).path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Owe an e-mail of the library like every other: it is kept until it is sent, and no page waits for it."""
        message = self.render_mail(template_prefix, email, context)
        subject, text = str(message.subject), str(message.body)
        signals.library_wrote.send(AccountAdapter, address=email.lower(), subject=subject, text=text, at=timezone.now())

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom allauth's own limits count."""
        return client.address_of(request) or "unknown"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose e-mail and password these are, or None. Wrong ones are counted and noted; see `limits`.

        Raises ValidationError where there were too many, before the password is looked at.
        """
        account = emails.normal(str(credentials.get("email", "")))
        attempt = limits.begin(
            request, GuessedSecret.PASSWORD, account, devices.device_name_for_account(request, account)
        )
        if attempt is None:
            security_events.note(Kind.THROTTLED, account)
            raise ValidationError(TOO_MANY_TRIES, code="too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        if user is None:
            failed = Kind.REAUTHENTICATION_FAILED if request.user.is_authenticated else Kind.SIGN_IN_FAILED
            security_events.note(failed, account)
        else:
            attempt.was_right()
        return user

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Lead who is switched off to the page that says so, and note the sign-in."""
        security_events.note(Kind.SIGN_IN_SWITCHED_OFF, user.email)
        return super().respond_user_inactive(request, user)


@receiver(password_reset, dispatch_uid="a new password, new counts")
def _forget_tries(request: HttpRequest, user: User, **_: Any) -> None:
    limits.forget(request, emails.normal(user.email))
    returned_mail.lift([user.email], None, timezone.now())  # the link was in an e-mail


class MFAAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("Two-step verification can't be switched off for this account."),
        "cannot_generate_recovery_codes": _("Set up two-step verification first. Recovery codes come with it."),
        "incorrect_code": WRONG_CODE,
        "unverified_email": _("Confirm your e-mail address first. Then you can set up two-step verification."),
    }

    def encrypt(self, text: str) -> str:
        """What the database keeps of a factor's secret."""
        return field_keys.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again. Raises field_keys.Unreadable, which becomes a page that says so."""
        return field_keys.decrypt(encrypted_text)
