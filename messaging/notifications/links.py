"""Links of e-mails that work without signing in: stop a kind of e-mail, confirm or stop copies, read a calendar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts import secret_links
from accounts.models import Membership
from messaging.models import CalendarFeed, ExtraAddress, OutgoingEmail
from messaging.notifications import preferences
from messaging.notifications.kinds import CHOOSABLE, TO_STRANGERS, Kind

CONFIRM, STOP_COPIES, CALENDAR = "extra address", "copies of e-mail", "calendar"


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link to stop e-mails is about."""

    user_id: int
    seller_id: int
    kind: Kind


def stop(email: OutgoingEmail, membership: Membership | None, kept: Collection[Kind] | None = None) -> str:
    """Return the link that stops e-mails like this one for its reader with one click, "" where they can't be stopped.

    `kept`: the kinds this member can't stop, where they are known. At most one query.
    """
    if membership is not None:
        kind = Kind(email.kind)
        kept = preferences.kept_kinds(membership) if kept is None else kept
        if kind not in CHOOSABLE or kind in kept:
            return ""
        token = _signer().sign(f"{membership.user_id}.{membership.seller_id}.{kind}")
        return settings.SITE_URL + reverse("messaging:stop", args=[token])
    if email.kind in TO_STRANGERS:
        return ""
    address = ExtraAddress.objects.filter(
        seller_id=email.seller_id or 0, email=email.extra_address or "", removed_at__isnull=True
    ).first()
    return stop_copies(address) if address else ""


def stop_of(token: str) -> Stop | None:
    """Return what a link to stop e-mails is about, None for one that the portal never made."""
    try:
        user_id, seller_id, kind = _signer().unsign(token).split(".")
        return Stop(int(user_id), int(seller_id), Kind(kind))
    except (BadSignature, ValueError):
        return None


def stop_copies(address: ExtraAddress) -> str:
    return settings.SITE_URL + reverse("messaging:stop_copies", args=[secret_links.token(STOP_COPIES, address.uuid)])


def confirm(address: ExtraAddress) -> str:
    """Return the link by which the address says that it wants the copies."""
    return settings.SITE_URL + reverse("messaging:confirm_address", args=[secret_links.token(CONFIRM, address.uuid)])


def calendar(feed: CalendarFeed) -> str:
    return settings.SITE_URL + reverse("messaging:calendar", args=[secret_links.token(CALENDAR, feed.uuid)])


def _signer() -> Signer:
    return Signer(salt="link of stop", sep=":")
