"""Looking at the portal as a seller sees it: for some of the desk, read-only, for half an hour, on record.

What is kept is in the session and names one seller account. It gives nobody a membership: the access check makes one
for the request, of a viewer, and lets no method through that could change anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from accounts.groups import AUDITOR, OPERATOR, SENIOR_HANDLER, groups_of
from accounts.models import Membership, Role, Seller, User

KEY = "viewing"
LASTS = timedelta(minutes=30)
SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class SellerView:
    """Whose pages a member of staff looks at, until when, and why they said they do."""

    seller: Seller
    until: datetime
    why: str


def may_view(user: object) -> bool:
    """Whether this person may look at sellers' pages: senior handlers, operators, auditors and superusers."""
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or bool(groups_of(user) & {SENIOR_HANDLER, OPERATOR, AUDITOR})


def begin(request: HttpRequest, seller: Seller, why: str, now: datetime) -> None:
    """Look at this seller's pages from now on. The caller has asked `may_view` and put it on record."""
    request.session[KEY] = {"seller": seller.pk, "until": (now + LASTS).isoformat(), "why": why}


def end(request: HttpRequest) -> bool:
    """Stop looking; whether there was anything to stop."""
    return request.session.pop(KEY, None) is not None


def begun(request: HttpRequest) -> bool:
    """Whether this session has been looking at a seller's pages, in time or not. Reads no row."""
    return KEY in request.session


def current(request: HttpRequest) -> SellerView | None:
    """What the request's person looks at, read once a request; None once the time is up or they may no longer."""
    if not hasattr(request, "_viewing"):
        request._viewing = _read(request)  # type: ignore[attr-defined]
    found: SellerView | None = request._viewing  # type: ignore[attr-defined]
    return found


def membership(viewing: SellerView, user: User) -> Membership:
    """Return who they are for the page: a viewer, in no table."""
    return Membership(user=user, seller=viewing.seller, role=Role.VIEWER, is_active=True)


def _read(request: HttpRequest) -> SellerView | None:
    kept = getattr(request, "session", {}).get(KEY)
    if not kept or not may_view(request.user):
        return None
    until = datetime.fromisoformat(kept["until"])
    if timezone.now() >= until:
        return None
    seller = Seller.objects.filter(pk=kept["seller"]).first()
    return SellerView(seller, until, kept["why"]) if seller else None
