"""Where a request comes from, and whom it says it is: one reader for rate limits, the log and security events."""

from __future__ import annotations

import ipaddress

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.values import emails

IPV6_PREFIX = 64
"""Bits of an IPv6 address that are one customer's: the other 64 are theirs to choose, anew for each request."""


def address_of(request: HttpRequest) -> str:
    """Return the client's address: what our own proxies say (TRUSTED_PROXY_COUNT), else the peer's; "" where unknown.

    An IPv4 address that is written as an IPv6 one is returned as IPv4. What is no address is returned as it came.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    try:
        given = str(get_client_ip(request) or peer).strip()
    except ImproperlyConfigured:  # fewer addresses in X-Forwarded-For than we have proxies: a request past them
        given = peer
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def network_of(request: HttpRequest) -> str:
    """Return the client's address as it is counted and kept: IPv4 whole, IPv6 as its /64; "" for what is no address."""
    try:
        address = ipaddress.ip_address(address_of(request))
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address)


def account_hash(email: str, secret: str | None = None) -> str:
    """Return what security events call an account: without the portal's SECRET_KEY nobody finds the address in it."""
    name = emails.normal(email)
    if not name:
        return ""
    digest = salted_hmac("account of a security event", name, secret or settings.SECRET_KEY, algorithm="sha256")
    return digest.hexdigest()[:32]


def account_hashes(email: str) -> list[str]:
    """Return every name an account has in events: one a key, of now and of SECRET_KEY_FALLBACKS."""
    return [account_hash(email, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
