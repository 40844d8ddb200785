"""An e-mail as its reader gets it: what happened, until when, one button; as text and as HTML.

Words come from `words`, what they name from `template_values` (claims) and `other_notices` (refunds, drafts, the
digest, links to strangers). Here they become subject, headers and the two bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import marketplaces
from accounts.models import Membership, Seller
from claims.claim_page import turn_card
from claims.models import Claim
from claims.text.directions import ISOLATES, isolated
from messaging.models import OutgoingEmail
from messaging.notifications import digest, links, other_notices, preferences, sign_ins, template_values
from messaging.notifications.email_content import Notice
from messaging.notifications.kinds import Kind
from messaging.notifications.words import one_line, say

LONGEST_SUBJECT = 250


@dataclass(frozen=True, slots=True)
class Rendered:
    """`headers` are those beyond From, To, Subject and Message-ID."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class OccasionCache:
    """What a batch has read already and reads only once: the words of an occasion by zone, the same for all members;
    who is a member of several seller accounts; which kinds a membership can't stop."""

    notices: dict[tuple[str, str], Notice] = field(default_factory=dict)
    several: dict[int, bool] = field(default_factory=dict)
    kept: dict[int, frozenset[Kind]] = field(default_factory=dict)


def render(
    email: OutgoingEmail, membership: Membership | None, now: datetime, cache: OccasionCache | None = None
) -> Rendered:
    """Return the e-mail as its reader gets it, in their zone. At most twelve queries, however long the claim's history.

    Without a membership it is for an address outside (a copy, an invitation, a question to confirm the address) or
    about somebody's own account. What is in `cache` is not read again.
    """
    cache = cache or OccasionCache()
    zone = zone_of(membership, email.seller)
    notice = cache.notices.get((email.occasion, zone)) or _notice(email, membership, zone, now)
    cache.notices[email.occasion, zone] = notice
    prefix = f"[{email.seller.name}] " if membership and _several(membership, cache) and email.seller else ""
    stop = links.stop(email, membership, _kept(membership, cache) if membership else frozenset())
    context = {
        "notice": notice,
        "portal_link": f"{settings.SITE_URL}/claims/",
        "settings_link": settings.SITE_URL + reverse("messaging:email_settings"),
        "stop_link": stop,
        "role": membership.get_role_display() if membership else "",
        "seller": email.seller.name if email.seller else "",
        "marketplace_name": settings.MARKETPLACE_NAME,
    }
    name = "digest" if email.kind == Kind.DIGEST else "notice"
    html = render_to_string(f"emails/{name}-body-html.html", context)
    headers = {"Auto-Submitted": "auto-generated"}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return Rendered(
        one_line(isolated(one_line(prefix)) + " " + notice.subject, keep=ISOLATES)[:LONGEST_SUBJECT],
        render_to_string(f"emails/{name}-body-text.txt", context),
        _inliner().inline(html),
        headers,
    )


def zone_of(membership: Membership | None, seller: Seller | None) -> str:
    """Return the zone a reader reads moments in: their own, or the marketplace's."""
    if membership is not None:
        return membership.user.zone or marketplaces.by_code()[membership.seller.marketplace].zone
    return marketplaces.by_code()[seller.marketplace].zone if seller else "UTC"


def _notice(email: OutgoingEmail, membership: Membership | None, zone: str, now: datetime) -> Notice:
    match Kind(email.kind):
        case Kind.DIGEST:
            return digest.notice(email, membership, zone, now)
        case Kind.REMINDER_REFUND:
            return other_notices.refunds(email, zone, now)
        case Kind.REMINDER_DRAFT:
            return other_notices.draft(email, zone, now)
        case Kind.INVITATION:
            return other_notices.invitation(email, zone)
        case Kind.CONFIRM_ADDRESS:
            return other_notices.confirm(email, zone)
        case Kind.PASSWORD_RESET | Kind.PASSWORD_LINK | Kind.ADDRESS_CHANGED | Kind.SIGN_IN_CHANGE:
            return sign_ins.notice(email, zone)
        case Kind.FACTOR_CHANGED:
            return other_notices.factor_changed(email)
        case Kind.SIGN_IN_LIBRARY:
            return other_notices.of_library(email)
    assert email.claim is not None
    said = template_values.of_claim(email, email.claim, zone, now)
    return _about_claim(email, said, zone, now)


def _about_claim(email: OutgoingEmail, facts: template_values.ClaimEmailFacts, zone: str, now: datetime) -> Notice:
    claim = facts.claim
    subject, first, button = say(facts.row, facts.values)
    if facts.several:
        every = f"{settings.SITE_URL}{reverse('claims:manage')}?tab=under-investigation"
        return Notice(subject=subject, first=first, button=button, link=every, items=facts.items)
    card = turn_card.card(claim, membership=None, zone=zone, now=now) if facts.runs else None
    item = ", ".join(line.title or line.sku for line in claim.lines.order_by("pk")[:3])
    about = [
        _("Claim %(claim_id)s") % {"claim_id": claim.claim_id},
        _("Order %(order_id)s") % {"order_id": claim.order.order_id},
        isolated(one_line(item)),
    ]
    return Notice(
        subject=subject,
        first=first,
        button=button,
        link=link_to(claim, email.position),
        headline=card.headline if card else "",
        until=card.until if card else "",
        tone=card.tone if card else "them",
        items=facts.items,
        about=" · ".join(each for each in about if each),
    )


def link_to(claim: Claim, position: int | None) -> str:
    """Return the deep link to an entry of the thread. The query survives a sign-in, the fragment alone does not."""
    path = reverse("messaging:thread", args=[claim.claim_id])
    return f"{settings.SITE_URL}{path}?at={position}#e{position}" if position else f"{settings.SITE_URL}{path}"


def _several(membership: Membership, cache: OccasionCache) -> bool:
    if membership.user_id not in cache.several:
        mine = Membership.objects.filter(user_id=membership.user_id, is_active=True)
        cache.several[membership.user_id] = mine[:2].count() > 1
    return cache.several[membership.user_id]


def _kept(membership: Membership, cache: OccasionCache) -> frozenset[Kind]:
    if membership.pk not in cache.kept:
        cache.kept[membership.pk] = preferences.kept_kinds(membership)
    return cache.kept[membership.pk]


@cache
def _inliner() -> Any:
    # Styles for a dark screen can't be inline: they stay where they are.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
