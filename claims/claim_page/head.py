"""The head of a claim's pages: which claim, its status, what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Claim
from claims.text import Badge, badge, formats


@dataclass(frozen=True, slots=True)
class ClaimHead:
    claim_id: str
    order_id: str
    badge: Badge
    item: str
    claimed: str


def head(claim: Claim, snapshot: ClaimSnapshot) -> ClaimHead:
    """Return the head of both pages of a claim. Needs `claim.order`."""
    return ClaimHead(
        claim_id=claim.claim_id,
        order_id=claim.order.order_id,
        badge=badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed),
        item=_item(snapshot),
        claimed=_("%(amount)s claimed") % {"amount": formats.money(claim.claimed_minor, claim.currency)},
    )


def _item(snapshot: ClaimSnapshot) -> str:
    if not snapshot.lines:
        return ""
    first = snapshot.lines[0].title or snapshot.lines[0].sku
    more = len(snapshot.lines) - 1
    if not first or not more:
        return first
    return ngettext("%(item)s and %(n)s more item", "%(item)s and %(n)s more items", more) % {"item": first, "n": more}
