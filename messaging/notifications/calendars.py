"""A person's deadlines as a calendar under a secret address, for the calendar program they use anyway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import secret_links
from accounts.access import memberships_of
from accounts.models import Membership, User
from claims.models import Claim
from claims.refunds import claimable
from claims.rules.lifecycle import DECIDED, Status
from claims.text import formats
from messaging.models import CalendarFeed
from messaging.notifications.links import CALENDAR

if TYPE_CHECKING:
    from icalendar import Event  # 80 modules, imported where a calendar is written

BEFORE = timedelta(minutes=30)
"""A deadline is in the calendar as the half hour that ends with it."""
MOST_EVENTS = 500
"""Of a kind and seller account: the soonest."""


def feed_of(user: User) -> CalendarFeed | None:
    """Return the person's calendar in force. One query."""
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).first()


def renew(user: User, now: datetime) -> CalendarFeed:
    """Give the person a calendar under a new address; the one before no longer works."""
    with transaction.atomic():
        revoke(user, now)
        return CalendarFeed.objects.create(user=user, created_at=now)


def revoke(user: User, now: datetime) -> None:
    """Switch the person's calendar off. The person is locked: two clicks at once leave one calendar."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now)


def find(token: str) -> CalendarFeed | None:
    """Return the calendar in force whose address this is. One query."""
    rows = CalendarFeed.objects.filter(uuid__in=secret_links.uuids_of(CALENDAR, token), revoked_at__isnull=True)
    return rows.select_related("user").first()


def written(feed: CalendarFeed, now: datetime) -> bytes:
    """Return the calendar's file: the deadlines of all seller accounts the person belongs to now.

    Three queries a seller account. Empty for who is no longer a member of any.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//SAFE-T portal//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{settings.MARKETPLACE_NAME} SAFE-T")
    mine = memberships_of(feed.user)
    for membership in mine:
        for event in _events(membership, now, several=len(mine) > 1):
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(membership: Membership, now: datetime, *, several: bool) -> Iterator[Event]:
    prefix = f"[{membership.seller.name}] " if several else ""
    claims = Claim.objects.filter(seller_id=membership.seller_id).select_related("order")
    awaiting = claims.filter(status=Status.AWAITING_SELLER, reply_by__gte=now).order_by("reply_by", "id")
    for claim in awaiting[:MOST_EVENTS]:
        words = _("Reply by: SAFE-T claim %(claim_id)s") % {"claim_id": claim.claim_id}
        yield _event(f"reply-by-{claim.claim_id}", claim.reply_by, prefix + words, _link_to(claim), now)
    decided = claims.filter(appeal_by__gte=now, granted_minor__lt=F("claimed_minor"), status__in=list(DECIDED))
    for claim in decided.order_by("appeal_by", "id")[:MOST_EVENTS]:
        words = _("Appeal by: SAFE-T claim %(claim_id)s") % {"claim_id": claim.claim_id}
        yield _event(f"appeal-by-{claim.claim_id}", claim.appeal_by, prefix + words, _link_to(claim), now)
    if membership.role == "viewer":
        return
    lines = claimable.lines_of(membership.seller_id, now)
    ends = lines.values_list("first_closes_at", "currency").annotate(
        n=Count("pk"), total=Sum(F("amount_minor") - F("held_minor"))
    )
    for closes, currency, n, total in ends.order_by("first_closes_at", "currency")[:MOST_EVENTS]:
        words = ngettext(
            "Last moment to claim %(n)s refund, %(amount)s", "Last moment to claim %(n)s refunds, %(amount)s", n
        ) % {"n": n, "amount": formats.money(total, currency)}
        uid = f"refunds-{membership.seller.slug}-{closes:%Y%m%dT%H%M%SZ}-{currency}"
        yield _event(uid, closes, prefix + words, settings.SITE_URL + reverse("claims:refunds"), now)


def _event(uid: str, at: datetime | None, summary: str, link: str, now: datetime) -> Event:
    assert at is not None
    from icalendar import Event

    event = Event()
    event.add("uid", f"{uid}@safe-t")
    event.add("dtstamp", now.replace(microsecond=0))
    event.add("dtstart", (at - BEFORE).replace(microsecond=0))
    event.add("dtend", at.replace(microsecond=0))
    event.add("summary", summary)
    event.add("url", link)
    event.add("description", link)
    event.add("transp", "TRANSPARENT")
    return event


def _link_to(claim: Claim) -> str:
    return settings.SITE_URL + reverse("messaging:thread", args=[claim.claim_id])
