"""Who may read what the portal tells of its inside: ``/metrics`` and ``/status``."""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest


def may_look_inside(request: HttpRequest) -> bool:
    """Return whether a request comes from this machine without a proxy, or brings ``METRICS_TOKEN``."""
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN and hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return True
    # A proxy on this machine has a loopback address too: what it passes on carries one of these.
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
