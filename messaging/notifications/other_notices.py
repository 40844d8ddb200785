"""E-mails that are not about a claim: refunds and drafts whose window closes, invitations, addresses to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import has_account
from accounts.models import Invitation
from claims.filing import draft_check
from claims.models import Draft, RefundLine
from claims.refunds import claimable
from claims.text import formats, slot_name
from messaging.models import ExtraAddress, OutgoingEmail
from messaging.notifications import links
from messaging.notifications.email_content import Notice
from messaging.notifications.kinds import Kind
from messaging.notifications.words import one_line, plain_name, say

LISTED = 10


def deadline_of(email: OutgoingEmail) -> datetime:
    """Return the instant a reminder speaks of."""
    return datetime.fromisoformat(email.params["deadline"])


def open_lines(email: OutgoingEmail, now: datetime) -> QuerySet[RefundLine]:
    """Return the refund lines that a reminder is about and that can still be claimed by its reader.

    A refund the reader has a draft for is left out: the draft has its own reminder.
    """
    lines = claimable.lines_of(email.seller_id or 0, now).filter(first_closes_at=deadline_of(email))
    begun = Draft.objects.filter(user_id=email.user_id or 0, purpose=Draft.Purpose.FILE).values("refund_id")
    return lines.exclude(refund_id__in=begun)


def refunds(email: OutgoingEmail, zone: str, now: datetime) -> Notice:
    """Return the reminder that the window of one refund, or of several with the same end, closes. Two queries."""
    lines = open_lines(email, now).select_related("refund", "order").order_by("-amount_minor", "pk")
    listed = list(lines[:1000])
    orders = {line.order.order_id for line in listed}
    closes = deadline_of(email)
    values = {
        "left": formats.left_bare(closes, now),
        "amount": formats.sums((line.amount_minor - line.held_minor, line.currency) for line in listed),
        "closes": formats.moment_full(closes, zone),
        "refunds": ngettext("%(n)s refund", "%(n)s refunds", len(listed)) % {"n": len(listed)},
        "order_id": min(orders, default=""),
        "day": formats.day(listed[0].refund.refunded_at, zone) if listed else "",
    }
    if len(orders) == 1:
        subject, first, button = say(Kind.REMINDER_REFUND, values)
        link = f"{reverse('claims:new')}?{urlencode({'order': values['order_id']})}"
        return _window_notice(subject, first, button, link, closes, zone, now, about=_about(listed))
    subject, first, button = say("reminder-refund, several", values)
    link = reverse("claims:refunds")
    return _window_notice(subject, first, button, link, closes, zone, now, items=_listed(listed))


def draft(email: OutgoingEmail, zone: str, now: datetime) -> Notice:
    """Return the reminder to submit a draft: which evidence it still lacks, and until when. At most nine queries."""
    kept = Draft.objects.get(pk=email.params["draft"], user_id=email.user_id or 0)
    review = draft_check.review(kept, now)
    lines = sorted((chosen.line for chosen in review.lines), key=lambda line: line.pk)
    closes = deadline_of(email)
    values = {
        "left": formats.left_bare(closes, now),
        "closes": formats.moment_full(closes, zone),
        "order_id": lines[0].order.order_id if lines else "",
        "missing": formats.and_list([slot_name(slot) for slot in review.missing_slots]),
    }
    subject, first, button = say("reminder-draft, missing" if values["missing"] else Kind.REMINDER_DRAFT, values)
    link = reverse("claims:new_step", args=[kept.uuid, "what"])
    return _window_notice(subject, first, button, link, closes, zone, now, about=_about(lines))


def invitation(email: OutgoingEmail, zone: str) -> Notice:
    """Return the invitation to join a seller account. Names in it are as strangers may read them. Two queries."""
    offered = Invitation.objects.select_related("seller", "invited_by").get(pk=email.params["invitation"])
    values = {
        "inviter": plain_name(str(offered.invited_by or "")),
        "seller": plain_name(offered.seller.name),
        "marketplace": settings.MARKETPLACE_NAME,
        "expires": formats.moment_full(offered.expires_at, zone),
        "role": str(offered.get_role_display()).lower(),
    }
    row = "invitation, by nobody" if offered.invited_by is None else Kind.INVITATION.value
    if offered.invited_by is not None and has_account(offered.email):
        row = "invitation, known"
    subject, first, button = say(row, values)
    link = settings.SITE_URL + reverse("join", args=[offered.token])
    return Notice(subject, first, button, link, stranger=True)


def confirm(email: OutgoingEmail, zone: str) -> Notice:
    """Return the question whether an address wants copies of a seller's e-mail. One query."""
    address = ExtraAddress.objects.select_related("seller", "added_by").get(pk=email.params["address"])
    values = {
        "inviter": plain_name(str(address.added_by)),
        "seller": plain_name(address.seller.name),
        "expires": formats.moment_full(address.expires_at, zone),
    }
    subject, first, button = say(Kind.CONFIRM_ADDRESS, values)
    return Notice(subject, first, button, links.confirm(address), stranger=True)


def factor_changed(email: OutgoingEmail) -> Notice:
    """Return what happened to the reader's second factor, and what to do if it wasn't they. One query."""
    assert email.user is not None
    values = {
        "at": formats.moment_full(datetime.fromisoformat(email.params["at"]), email.user.zone or "UTC"),
        "marketplace": settings.MARKETPLACE_NAME,
    }
    subject, first, button = say(f"{Kind.FACTOR_CHANGED}, {email.params['change']}", values)
    until = _("If this wasn't you, set a new password and tell whoever runs the portal.")
    link = settings.SITE_URL + reverse("mfa_index")
    return Notice(subject, first, button, link, until=until, account=True)


def of_library(email: OutgoingEmail) -> Notice:
    """Return what the sign-in library wrote, as it wrote it. No query."""
    first, *rest = [part.strip() for part in str(email.params["text"]).split("\n\n") if part.strip()] or [""]
    link = settings.SITE_URL + reverse("account_login")
    return Notice(email.params["subject"], first, _("Sign in"), link, items=tuple(rest), tone="quiet", account=True)


def _window_notice(
    subject: str,
    first: str,
    button: str,
    link: str,
    closes: datetime,
    zone: str,
    now: datetime,
    *,
    items: tuple[str, ...] = (),
    about: str = "",
) -> Notice:
    until = _("File by %(moment)s (%(left)s).") % {
        "moment": formats.moment_full(closes, zone),
        "left": formats.left(closes, now),
    }
    link = settings.SITE_URL + link
    return Notice(subject, first, button, link, until=until, tone="you", items=items, about=about)


def _about(lines: Sequence[RefundLine]) -> str:
    if not lines:
        return ""
    names = ", ".join(line.title or line.sku for line in lines[:3])
    return one_line(_("Order %(order_id)s · %(names)s") % {"order_id": lines[0].order.order_id, "names": names})


def _listed(lines: Sequence[RefundLine]) -> tuple[str, ...]:
    shown = [
        one_line(
            f"{line.order.order_id} · {line.title or line.sku} · "
            f"{formats.money(line.amount_minor - line.held_minor, line.currency)}"
        )
        for line in lines[:LISTED]
    ]
    more = len(lines) - LISTED
    return (*shown, *([_("and %(n)s more") % {"n": more}] if more > 0 else []))
