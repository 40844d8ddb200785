"""What only the demo has: becoming somebody else, and the e-mails as they look."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from safet_portal.demo.people import PEOPLE

_NAME = re.compile(r"^[0-9T.]+-[0-9a-f]+$")
SHOWN = 200


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people, without a password."""
    wanted = request.POST.get("email", "")
    if wanted not in {person.email for person in PEOPLE}:
        raise Http404
    user = get_object_or_404(User, email=wanted, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """The newest e-mails, newest first."""
    folder = Path(settings.MAIL_DIR)
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True) if folder.is_dir() else []
    mails = [(name, _read(name)) for name in names[:SHOWN]]
    rows = [{"name": name, "subject": mail["Subject"], "to": mail["To"], "date": mail["Date"]} for name, mail in mails]
    return render(request, "demo/mail_list.html", {"rows": rows, "more": len(names) > SHOWN, "folder": "var/mail"})


@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One e-mail: its head and its text."""
    mail = _read(name)
    head = [(key, mail[key]) for key in ("From", "To", "Subject", "Date", "Message-ID") if mail[key]]
    body = mail.get_body(("plain",))
    context = {"name": name, "head": head, "text": body.get_content() if body else "", "has_html": _html(mail)}
    return render(request, "demo/mail_detail.html", context)


@require_safe
def mail_look(request: HttpRequest, name: str) -> HttpResponse:
    """The e-mail's HTML as a mail program shows it. Its styles are inline, so it has a policy of its own: no script."""
    html = _html(_read(name))
    if not html:
        raise Http404
    response = HttpResponse(html)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return response


def _read(name: str) -> EmailMessage:
    path = Path(settings.MAIL_DIR) / f"{name}.eml"
    if not _NAME.match(name) or not path.is_file():
        raise Http404
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def _html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    return str(body.get_content()) if body else ""
