"""Every kind of e-mail with real data: the newest of each that its reader may get, written as it would be sent now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from messaging.models import OutgoingEmail
from messaging.notifications import render_email
from messaging.notifications.kinds import NAMES, SECTIONS, Kind
from messaging.notifications.recipients import Recipient, recipient_of

TRIED = 20
REST = (
    (Kind.DIGEST, _("Daily digest")),
    (Kind.INVITATION, _("Invitation")),
    (Kind.CONFIRM_ADDRESS, _("Question whether an address wants copies")),
    (Kind.FACTOR_CHANGED, _("Two-step verification was changed")),
)


@dataclass(frozen=True, slots=True)
class EmailOfKind:
    """A kind and its newest e-mail; `said` is nothing where there is none yet."""

    kind: str
    name: str
    to: str = ""
    said: render_email.Rendered | None = None

    @property
    def first(self) -> str:
        return self.said.text.partition("\n")[0] if self.said else ""


@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    """The list: what each kind says first."""
    now = timezone.now()
    sections = [
        *((section.title, [_row(kind, str(name), now) for kind, name in section.kinds]) for section in SECTIONS),
        (_("Others"), [_row(kind, str(name), now) for kind, name in REST]),
    ]
    return render(request, "demo/mail_kinds.html", {"sections": sections})


@require_safe
def look(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind as a mail program shows it, or with ?as=text its text."""
    names = {**NAMES, **dict(REST)}
    email = _row(Kind(kind), str(names[Kind(kind)]), timezone.now()) if kind in set(names) else None
    if email is None or email.said is None:
        raise Http404
    if request.GET.get("as") == "text":
        return HttpResponse(email.said.text, content_type="text/plain; charset=utf-8")
    response = HttpResponse(email.said.html)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return response


def _row(kind: Kind, name: str, now: datetime) -> EmailOfKind:
    rows = OutgoingEmail.objects.filter(kind=kind).exclude(state="SUPPRESSED")
    rows = rows.select_related("claim__seller", "claim__order", "user", "seller")
    for email in rows.order_by(F("extra_address").asc(nulls_first=True), "-pk")[:TRIED]:
        reader = recipient_of(email, now)
        if isinstance(reader, Recipient):
            return EmailOfKind(kind, name, reader.address, render_email.render(email, reader.membership, now))
    return EmailOfKind(kind, name)
