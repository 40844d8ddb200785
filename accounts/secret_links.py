"""Secrets of links: made from a row's uuid and the portal's secret key, so that the database alone opens nothing.

A rotated key keeps old links working while it is in `SECRET_KEY_FALLBACKS`.
"""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer


def token(purpose: str, uuid: UUID) -> str:
    """Return the secret of the link to the row with this uuid. A secret of one purpose is none of another."""
    return _signer(purpose).sign(uuid.hex)


def uuids_of(purpose: str, token: str) -> list[UUID]:
    """Return whose secret this is: one uuid, or none for a secret the portal never gave out."""
    try:
        return [UUID(_signer(purpose).unsign(token))]
    except (BadSignature, ValueError):
        return []


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"link of {purpose}", sep=".")
