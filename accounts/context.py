"""What every page of the portal knows of its reader: {membership, memberships, theme, zone}."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import access, view_as_seller

THEMES = ("light", "dark")


def reader(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Rows are read only by pages that use them.

    `viewing` is the seller account a member of staff looks at. `membership` is the current one (or nothing),
    `memberships` all of them, `zone` the zone moments are shown in,
    `theme` "light" or "dark" where the reader chose one, else empty: as the device.
    """
    if not hasattr(request, "user") or not hasattr(request, "session"):
        return {"memberships": [], "membership": None, "theme": _theme(request), "zone": "UTC"}
    return {
        "memberships": SimpleLazyObject(lambda: access.memberships(request)),
        "membership": SimpleLazyObject(lambda: access.current_membership(request)),
        "viewing": SimpleLazyObject(lambda: view_as_seller.current(request)) if view_as_seller.begun(request) else None,
        "theme": lambda: _theme(request),
        # Templates call it. A lazy object won't do: datetime takes nothing but a real tzinfo.
        "zone": lambda: access.zone_of(request.user, access.current_membership(request)),
    }


def _theme(request: HttpRequest) -> str:
    """What this browser keeps, else what the person chose elsewhere."""
    chosen = request.COOKIES.get("theme") or getattr(getattr(request, "user", None), "theme", "")
    return chosen if chosen in THEMES else ""
