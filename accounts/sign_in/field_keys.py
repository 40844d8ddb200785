"""Secrets of people as the database holds them: encrypted with FIELD_KEYS, so that its rows alone open nothing.

The first key encrypts, every key decrypts. Where none is given, the key is derived from SECRET_KEY; what was encrypted
so stays readable after FIELD_KEYS is set, until `rotate_field_keys` has written it anew.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SHORTEST_KEY = 32
"""Characters of a key: 32 of `secrets.token_urlsafe` are 192 bits."""
MARK = "f1:"
"""What encrypted values begin with: the way they are encrypted, so that another can follow."""
# As allauth makes them: the 32 base32 characters of an app's secret, the 80 hex digits behind recovery codes.
CLEAR = re.compile(r"[A-Z2-7]{32}|[0-9a-f]{80}")


class Unreadable(Exception):
    """A value was encrypted with a key that isn't among FIELD_KEYS, or was changed since."""


def encrypt(text: str) -> str:
    """Return the text encrypted with the first key, different each time."""
    return MARK + _keys().encrypt(text.encode()).decode()


def decrypt(value: str) -> str:
    """Return the text. A secret that was stored before secrets were encrypted is returned as it is. Raises Unreadable.

    Who can write such a value into the database could as well delete the row: reading it gives nobody more.
    """
    if is_clear(value):
        return value
    try:
        return _keys().decrypt(_token(value)).decode()
    except (InvalidToken, UnicodeDecodeError) as error:
        raise Unreadable("none of FIELD_KEYS opens this value") from error


def is_clear(value: str) -> bool:
    """Whether this is a secret as it was stored before secrets were encrypted."""
    return CLEAR.fullmatch(value) is not None


def is_current(value: str) -> bool:
    """Whether the first key opens the value."""
    if is_clear(value):
        return False
    try:
        _fernets()[0].decrypt(_token(value))
    except (InvalidToken, Unreadable):
        return False
    return True


def _token(value: str) -> bytes:
    if not value.startswith(MARK):
        raise Unreadable("this value is not encrypted as the portal does it")
    return value.removeprefix(MARK).encode()


def _keys() -> MultiFernet:
    return MultiFernet(_fernets())


def _fernets() -> list[Fernet]:
    derived = [f"SECRET_KEY {key}" for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return [_fernet(key) for key in (*settings.FIELD_KEYS, *derived)]


@cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=b"safet-portal", info=b"secrets of people").derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
