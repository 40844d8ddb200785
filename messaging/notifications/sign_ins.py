"""The e-mails about how people sign in: links to set a password, changed addresses, what a superuser asked for others.

A link is made here, when the e-mail is written for sending, and kept nowhere.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import memberships
from accounts.models import SignInChange, User
from claims.text import formats
from messaging.models import OutgoingEmail
from messaging.notifications.email_content import Notice
from messaging.notifications.kinds import Kind
from messaging.notifications.words import plain_name, say


def notice(email: OutgoingEmail, zone: str) -> Notice:
    """Return what an e-mail about a sign-in says. At most one query."""
    match Kind(email.kind):
        case Kind.PASSWORD_RESET:
            return _reset(User.objects.get(email=email.extra_address or "", is_active=True))
        case Kind.ADDRESS_CHANGED:
            return _changed(email, zone)
    rows = SignInChange.objects.select_related("user", "asked_by", "confirmed_by", "cancelled_by")
    change = rows.get(pk=email.params["change"])
    return _link(email, change) if email.kind == Kind.PASSWORD_LINK else _moved(email, change, zone)


def _reset(person: User) -> Notice:
    subject, first, button = say(Kind.PASSWORD_RESET, {"marketplace": settings.MARKETPLACE_NAME, "left": _lasts()})
    until = _("If it wasn't you, do nothing: your password stays as it is.")
    return Notice(subject, first, button, memberships.password_link(person), until=until, tone="quiet", account=True)


def _link(email: OutgoingEmail, change: SignInChange) -> Notice:
    assert email.user is not None
    values = {"marketplace": settings.MARKETPLACE_NAME, "left": _lasts(), "actor": plain_name(str(change.asked_by))}
    subject, first, button = say(Kind.PASSWORD_LINK, values)
    until = _("Until you use it, the password you have stays as it is.")
    # Of the very row whose address the e-mail goes to: a link that reaches a former address is of that one, and void.
    link = memberships.password_link(email.user)
    return Notice(subject, first, button, link, until=until, tone="quiet", account=True)


def _changed(email: OutgoingEmail, zone: str) -> Notice:
    is_old = email.params["which"] == "old"
    values = {
        "marketplace": settings.MARKETPLACE_NAME,
        "old": email.extra_address or "",
        "moment": formats.moment_full(email.created_at, zone),
    }
    subject, first, button = say(f"address-changed, {email.params['which']}", values)
    until = _("If you didn't expect this, contact help at once.") if is_old else ""
    link = urljoin(f"{settings.SITE_URL}/", settings.HELP_URL) if is_old else _sign_in()
    return Notice(subject, first, button, link, until=until, tone="quiet", account=True)


def _moved(email: OutgoingEmail, change: SignInChange, zone: str) -> Notice:
    step, own = email.params["step"], email.params.get("own", False)
    alone = change.due_at is not None and change.confirmed_at is None and step == "asked"
    values = {
        "name": plain_name(str(change.user)),
        "old": change.user.email,
        "new": change.email,
        "actor": plain_name(str(change.asked_by)),
        "moment": formats.moment_full(email.created_at, zone),
    }
    subject, first, button = say(f"sign-in-change, {change.kind}, {step}{', alone' if alone else ''}", values)
    link = settings.SITE_URL + reverse("admin:auth_user_password_change", args=[change.user_id])
    if own:
        button, link = _("Sign in"), _sign_in()
    until = _then(change, step, alone=alone, zone=zone)
    return Notice(subject, first, button, link, until=until, tone="quiet", account=True)


def _then(change: SignInChange, step: str, *, alone: bool, zone: str) -> str:
    """Return what comes of it, or who decided it."""
    if step == "asked" and alone and change.due_at:
        due = formats.moment_full(change.due_at, zone)
        return _("It is done at %(due)s, unless a superuser cancels it before.") % {"due": due}
    if step == "asked":
        return _("It is done when another superuser confirms it.")
    if step == "done" and change.confirmed_by:
        return _("%(by)s confirmed it.") % {"by": change.confirmed_by}
    if step == "cancelled" and change.cancelled_by:
        return _("%(by)s cancelled it.") % {"by": change.cancelled_by}
    return ""


def _lasts() -> str:
    """Return how long a link works, in words."""
    hours = round(timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) / timedelta(hours=1))
    if hours % 24:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}


def _sign_in() -> str:
    return settings.SITE_URL + reverse("account_login")
