"""Devices a person has signed in from: a signed cookie says so, for as long as the password stays what it was.

What it is for: guessing at an account from elsewhere doesn't keep its owner out (see `limits`). It opens nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.signals import password_changed, password_set
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
LASTS = 180 * 24 * 3600
"""Seconds a device is known after the last sign-in from it."""
MOST = 5
"""People of one device; the one who signed in longest ago is forgotten."""
SALT = "devices people sign in from"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person who signed in on this device, a random name for the two, and a proof of the password they had then."""

    user_pk: int
    name: str
    proof: str


def device_name(request: HttpRequest, user: User) -> str | None:
    """Return this device's name for the person, who signed in from it with the password they have now; else None."""
    for one in _read(request):
        if one.user_pk == user.pk and any(constant_time_compare(one.proof, proof) for proof in _proofs(user)):
            return one.name
    return None


def device_name_for_account(request: HttpRequest, account: str) -> str | None:
    """Return what `device_name` does, for the person with this address. No query where the cookie names nobody."""
    pks = [one.user_pk for one in _read(request)]
    user = User.objects.filter(pk__in=pks, email=account).first() if pks else None
    return device_name(request, user) if user else None


def remember_device(get_response: GetResponse) -> GetResponse:
    """Write the cookie with the answer to whoever has signed in, or has a new password, by this request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        user = getattr(request, "_signed_in", None)
        if isinstance(user, User):
            _write(request, response, user)
        return response

    return middleware


@receiver([user_logged_in, password_changed, password_set], dispatch_uid="know the device again")
def _signed_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    if request is not None:
        request._signed_in = user  # type: ignore[attr-defined]


def _write(request: HttpRequest, response: HttpResponse, user: User) -> None:
    others = [one for one in _read(request) if one.user_pk != user.pk][: MOST - 1]
    new = KnownPerson(user.pk, secrets.token_urlsafe(12), _proofs(user)[0])
    rows = [[one.user_pk, one.name, one.proof] for one in (new, *others)]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(rows, salt=SALT, compress=True),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> list[KnownPerson]:
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not cookie:
        return []
    try:
        return [KnownPerson(*row) for row in signing.loads(cookie, salt=SALT, max_age=LASTS)]
    except (signing.BadSignature, TypeError, ValueError):
        return []


def _proofs(user: User) -> list[str]:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    made = (salted_hmac(SALT, f"{user.pk}|{user.password}", key, algorithm="sha256") for key in keys)
    return [one.hexdigest()[:32] for one in made]
