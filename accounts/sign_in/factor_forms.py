"""allauth's forms of the second factor: with limits by account that known devices pass, and no secret in a session."""

from __future__ import annotations

import contextlib
from typing import Any

from allauth.core import context
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.sign_in import devices, field_keys, limits, security_events
from accounts.sign_in.adapter import TOO_MANY_TRIES
from accounts.sign_in.limits import GuessedSecret
from accounts.sign_in.security_events import Kind
from accounts.values import emails

SECRET_IN_SESSION = "mfa.totp.secret"


class CountedCodeForm:
    """A form with a code that can be guessed at: each wrong one is counted and noted."""

    user: User
    failed: Kind = Kind.CODE_FAILED

    def clean_code(self) -> str:
        request, account = context.request, emails.normal(self.user.email)
        attempt = limits.begin(request, GuessedSecret.CODE, account, devices.device_name(request, self.user))
        if attempt is None:
            security_events.note(Kind.THROTTLED, account)
            raise ValidationError(TOO_MANY_TRIES, code="too_many_login_attempts")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            security_events.note(self.failed, account)
            raise
        attempt.was_right()
        return code


class AuthenticateForm(CountedCodeForm, base.AuthenticateForm):
    """The code that is asked for after the password."""


class ReauthenticateForm(CountedCodeForm, base.ReauthenticateForm):
    """The code that is asked for again before a factor is changed."""

    failed = Kind.REAUTHENTICATION_FAILED


class ActivateTOTPForm(CountedCodeForm, totp.ActivateTOTPForm):
    """The first code of an app. Until then its secret waits in the session, encrypted as it will be in its row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        if kept := session.pop(SECRET_IN_SESSION, ""):
            with contextlib.suppress(field_keys.Unreadable):  # then a new secret is shown
                session[SECRET_IN_SESSION] = field_keys.decrypt(kept)
        super().__init__(*args, **kwargs)
        session[SECRET_IN_SESSION] = field_keys.encrypt(self.secret)
