"""Secrets of links: made from a row's uuid and the portal's secret key, so that the database alone opens nothing.

A rotated key keeps old links working while it stands in `SECRET_KEY_FALLBACKS`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.http import int_to_base36


def token(purpose: str, uuid: UUID) -> str:
    """Return the secret of the link to the row with this uuid. A secret of one purpose is none of another."""
    return _signer(purpose).sign(uuid.hex)


def uuids_of(purpose: str, token: str) -> list[UUID]:
    """Return whose secret this is: one uuid, or none for a secret the portal never gave out."""
    try:
        return [UUID(_signer(purpose).unsign(token))]
    except (BadSignature, ValueError):
        return []


def set_password(user: Any) -> str:
    """Return the address at which this person sets a new password, on SITE_URL.

    It works once, for `PASSWORD_RESET_TIMEOUT` seconds from now, and no longer than the person keeps password and
    address and doesn't sign in. Make it when it is sent: it is a secret that is kept nowhere.
    """
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[int_to_base36(user.pk), key])
    return f"{settings.SITE_URL}{path}"


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"link of {purpose}", sep=".")
