"""What the sign-in pages say and allow: nobody signs up alone, and links carry the portal's own address."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

WRONG_CODE = _("The code is wrong or has expired.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is switched off."),
        "email_password_mismatch": _("That e-mail and password don't go together."),
        "enter_current_password": _("That isn't your password of now."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("That isn't your password."),
        "invalid_or_expired_key": _("This link was used already, or has expired."),
        "invalid_login": _("That e-mail and password don't go together."),
        "invalid_password_reset": _("This link was used already, or has expired."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes."),
        "rate_limited": _("Too many tries. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: people come in by an owner's invitation or an operator's import."""
        return False

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: object) -> str:
        return urljoin(settings.SITE_URL, urlsplit(super().get_email_confirmation_url(request, emailconfirmation)).path)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom the rate limits count: the proxy's word where one is trusted and gave it, else the peer."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:  # fewer addresses in X-Forwarded-For than we have proxies: a request past them
            return str(request.META["REMOTE_ADDR"])


class MFAAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("The second factor can't be switched off for this account."),
        "cannot_generate_recovery_codes": _("Switch the second factor on first; recovery codes belong to it."),
        "incorrect_code": WRONG_CODE,
        "unverified_email": _("Confirm your e-mail address first; then the second factor can be switched on."),
    }
