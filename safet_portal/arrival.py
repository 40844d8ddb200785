"""When a request began: what a deadline asks, however long its files were on their way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from claims.workflow.seller_actions import LAPSE_GRACE, counts_from

GetResponse = Callable[[HttpRequest], HttpResponse]
_NAMED = re.compile(r"(?:t=)?(?:(\d{10}(?:\.\d{1,9})?)|(\d{13}(?:\.\d{1,6})?)|(\d{16}))", re.ASCII)
"""Seconds, milliseconds or microseconds since 1970, told apart by their digits: of this century all have as many."""


def stamp_arrival(get_response: GetResponse) -> GetResponse:
    """Set ``request.arrived_at``: when the request began, by a proxy of ours in front or else by our own clock.

    `settle_arrival` makes it the moment the act counts from once the body is here; views ask no earlier.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        request.arrived_at = began(request.headers.get("X-Request-Start", ""), now)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def began(named: str, now: datetime) -> datetime:
    """Return when a request began whose header X-Request-Start says `named` and which came to us at `now`.

    A proxy that buffers hands a request on when its body is complete; its word is believed where TRUSTED_PROXY_COUNT
    says there is one. Never later than `now`; more than the lapse's grace ago counts as `now`.
    """
    parts = _NAMED.fullmatch(named.strip()) if settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0 else None
    if parts is None:
        return now
    seconds, milliseconds, microseconds = parts.groups()
    stamp = float(seconds) if seconds else float(milliseconds) / 1e3 if milliseconds else float(microseconds) / 1e6
    try:
        moment = datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, ValueError, OSError):
        return now
    return moment if now - LAPSE_GRACE <= moment <= now else now


def settle_arrival(request: HttpRequest) -> None:
    """Make ``request.arrived_at`` the moment the act counts from, now that the body is here."""
    request.arrived_at = counts_from(request.arrived_at, timezone.now())  # type: ignore[attr-defined]
