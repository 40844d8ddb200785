"""What an e-mail says: subject, first line, until when, one button; as text and as HTML.

The words are about the occasion, not about today: what was asked, decided and until when is read from the rows of the
change itself, so that an e-mail sent late still says what happened then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from claims import display, policy, wording
from claims.lifecycle import Stage, Status
from claims.models import Claim, Decision, InformationRequest, StatusChange
from claims.turn import things_asked
from messaging.models import Message, OutgoingEmail

Kind = OutgoingEmail.Kind
EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Said:
    """The parts of one e-mail. `until` is the turn card's line, "" where no clock runs."""

    subject: str
    first: str
    until: str
    button: str


def render(email: OutgoingEmail, membership: Membership, now: datetime) -> Rendered:
    """Return the e-mail as its recipient reads it, in their zone. At most eight queries."""
    claim = email.claim
    assert claim is not None
    zone = zone_of(membership)
    said = _say(email, claim, zone, now)
    several = Membership.objects.filter(user_id=membership.user_id, is_active=True).count() > 1
    prefix = f"[{claim.seller.name}] " if several else ""
    context = {
        "said": said,
        "claim": claim,
        "item": _item(claim),
        "link": link_to(claim, email.position),
        "portal_link": f"{settings.SITE_URL}/claims/",
        "settings_link": settings.SITE_URL + reverse("settings"),
        "role": membership.get_role_display(),
        "seller": claim.seller.name,
        "marketplace_name": settings.MARKETPLACE_NAME,
    }
    html = render_to_string("emails/claim-body-html.html", context)
    return Rendered(
        " ".join((prefix + said.subject).split()),
        render_to_string("emails/claim-body-text.txt", context),
        css_inline.inline(html, load_remote_stylesheets=False, keep_style_tags=True),
    )


def link_to(claim: Claim, position: int | None) -> str:
    """Return the deep link to an entry of the thread. The query survives a sign-in, the fragment alone does not."""
    path = reverse("messaging:thread", args=[claim.claim_id])
    return f"{settings.SITE_URL}{path}?at={position}#e{position}" if position else f"{settings.SITE_URL}{path}"


def zone_of(membership: Membership) -> str:
    """Return the zone a member reads moments in: their own, or the marketplace's."""
    return membership.user.zone or policy.marketplaces()[membership.seller.marketplace].zone


def _item(claim: Claim) -> str:
    return ", ".join(line.title or line.sku for line in claim.lines.order_by("pk")[:3])


def _say(email: OutgoingEmail, claim: Claim, zone: str, now: datetime) -> _Said:
    if email.kind == Kind.MESSAGE:
        return _about_message(email, claim)
    change = StatusChange.objects.select_related("actor").get(claim=claim, position=email.position or 0)
    values: dict[str, Any] = {
        "actor": str(change.actor) if change.actor else _("The portal"),
        "claimed": display.money(claim.claimed_minor, claim.currency),
        "reply_by": display.moment_full(change.reply_by, zone) if change.reply_by else "",
        "appeal_by": display.moment_full(change.appeal_by, zone) if change.appeal_by else "",
        "claim_id": claim.claim_id,
        "order_id": claim.order.order_id,
        "moment": display.moment_short(change.at, zone),
    }
    match email.kind:
        case Kind.INFORMATION_REQUESTED | Kind.LAPSED | Kind.APPEAL_LAPSED:
            values |= _asked(claim, change, zone)
    match email.kind:
        case Kind.APPEAL_FILED | Kind.APPEAL_RAISED | Kind.APPEAL_CONFIRMED | Kind.APPEAL_LAPSED:
            values |= {"first_result": _first_result(claim)}
    decision = Decision.objects.filter(claim=claim, position=(email.position or 0) - 1).first()
    if decision:
        values |= _decided(decision, claim, zone)
    values["short_day"] = _short_day(change.reply_by, zone, now)
    due = email.params.get("answer_due")
    values["answer_due"] = display.moment_full(datetime.fromisoformat(due), zone) if due else ""
    subject, first, button = _WORDS[Kind(email.kind)]
    return _Said(_(subject) % values, _(first) % values, _until(email, change, claim, values, now), _(button))


def _short_day(at: datetime | None, zone: str, now: datetime) -> str:
    return display.short_day(at, zone) if at else ""


def _about_message(email: OutgoingEmail, claim: Claim) -> _Said:
    message = Message.objects.get(claim=claim, position=email.position or 0)
    words = " ".join(message.text.split())
    excerpt = words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + " …"
    subject, first, button = _WORDS[Kind.MESSAGE]
    values = {"claim_id": claim.claim_id, "order_id": claim.order.order_id, "excerpt": excerpt}
    return _Said(_(subject) % values, _(first) % values, _("You don't have to reply."), _(button))


def _asked(claim: Claim, change: StatusChange, zone: str) -> dict[str, Any]:
    request = (
        InformationRequest.objects.filter(claim=claim, at__lte=change.at)
        .order_by("-at", "-pk")
        .prefetch_related("items")
    ).first()
    asked = things_asked(request)
    return {
        "asked": display.and_list(list(asked)) or _("a reply"),
        "things": wording.things(len(asked)),
        "reply_by": display.moment_full(request.reply_by, zone) if request else "",
    }


def _decided(decision: Decision, claim: Claim, zone: str) -> dict[str, str]:
    why: list[str] = []
    for line in decision.lines.prefetch_related("reasons").order_by("pk"):
        why += [wording.decision_reason(reason.code, reason.params, zone).why for reason in line.reasons.all()]
    return {"approved": display.money(decision.approved_minor, claim.currency), "why": " ".join(dict.fromkeys(why))}


def _first_result(claim: Claim) -> str:
    first = Decision.objects.filter(claim=claim, stage=Stage.FIRST).order_by("-number").first()
    status, amount = (
        (first.status, first.approved_minor) if first else (claim.first_status, claim.first_approved_minor or 0)
    )
    if status == Status.GRANTED:
        return _("granted, %(amount)s") % {"amount": display.money(amount, claim.currency)}
    return _("denied")


def _until(email: OutgoingEmail, change: StatusChange, claim: Claim, values: dict[str, Any], now: datetime) -> str:
    if change.reply_by:
        return _("Reply by %(moment)s (%(left)s).") % {
            "moment": values["reply_by"],
            "left": display.left(change.reply_by, now),
        }
    if change.appeal_by:
        return _("Appeal by %(moment)s (%(left)s).") % {
            "moment": values["appeal_by"],
            "left": display.left(change.appeal_by, now),
        }
    if values["answer_due"]:
        return _("Answer expected by %(moment)s.") % {"moment": values["answer_due"]}
    return ""


def _n(text: str) -> str:
    """Mark a text for translation; it is looked up when the e-mail is rendered."""
    return text


_IDS = "SAFE-T claim %(claim_id)s, order %(order_id)s"
_WORDS: dict[Kind, tuple[str, str, str]] = {
    # kind: (subject, first line, button)
    Kind.FILED: (
        _n(f"Filed: {_IDS}"),
        _n("%(actor)s filed a claim for %(claimed)s. It is with the SAFE-T team."),
        _n("See the claim"),
    ),
    Kind.INFORMATION_REQUESTED: (
        _n(f"Reply by %(short_day)s: {_IDS}"),
        _n(
            "The SAFE-T team needs %(things)s from you: %(asked)s. Without a reply by %(reply_by)s the claim is denied."
        ),
        _n("Reply"),
    ),
    Kind.REPLY_RECEIVED: (
        _n(f"Reply sent: {_IDS}"),
        _n("%(actor)s replied %(moment)s. The claim is under investigation again."),
        _n("See the claim"),
    ),
    Kind.GRANTED: (
        _n(f"Granted, %(approved)s: {_IDS}"),
        _n("The SAFE-T team granted all you claimed: %(approved)s. The payment is booked separately."),
        _n("See the decision"),
    ),
    Kind.PARTLY_GRANTED: (
        _n(f"Granted in part, %(approved)s of %(claimed)s: {_IDS}"),
        _n("The SAFE-T team granted %(approved)s of %(claimed)s. %(why)s You can appeal once, until %(appeal_by)s."),
        _n("See the decision"),
    ),
    Kind.DENIED: (
        _n(f"Denied: {_IDS}"),
        _n("The SAFE-T team denied the claim. %(why)s You can appeal once, until %(appeal_by)s."),
        _n("See the decision"),
    ),
    Kind.LAPSED: (
        _n(f"Denied, no reply: {_IDS}"),
        _n(
            "No reply arrived by %(reply_by)s, so the claim was denied. You can appeal once, until %(appeal_by)s, "
            "with what was asked for: %(asked)s."
        ),
        _n("Appeal"),
    ),
    Kind.APPEAL_FILED: (
        _n(f"Appeal filed: {_IDS}"),
        _n("%(actor)s appealed. Someone who did not make the first decision looks at it."),
        _n("See the claim"),
    ),
    Kind.APPEAL_RAISED: (
        _n(f"Appeal granted, %(approved)s of %(claimed)s: {_IDS}"),
        _n(
            "On appeal %(approved)s of %(claimed)s is granted; the first decision was: %(first_result)s. "
            "This decision is final."
        ),
        _n("See the decision"),
    ),
    Kind.APPEAL_CONFIRMED: (
        _n(f"Appeal decided, no change: {_IDS}"),
        _n("The first decision stands: %(first_result)s. %(why)s This decision is final."),
        _n("See the decision"),
    ),
    Kind.APPEAL_LAPSED: (
        _n(f"Appeal ended, no reply: {_IDS}"),
        _n("No reply arrived by %(reply_by)s, so the first decision stands: %(first_result)s. This is final."),
        _n("See the claim"),
    ),
    Kind.WITHDRAWN: (
        _n(f"Withdrawn: {_IDS}"),
        _n("%(actor)s withdrew the claim. The items can be claimed again while their filing window is open."),
        _n("See the claim"),
    ),
    Kind.MESSAGE: (
        _n(f"New message: {_IDS}"),
        _n('The SAFE-T team wrote: "%(excerpt)s"'),
        _n("Read the message"),
    ),
}
