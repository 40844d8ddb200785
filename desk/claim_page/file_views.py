"""A claim's files at the desk: as they came, and the pictures we made of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from claims.files import serve
from claims.models import Attachment, Claim
from claims.records import files_opened
from claims.rules.lifecycle import Party, Verb
from claims.workflow.transitions import check, desk_actor
from desk import claim_rows
from desk.access import context, desk_claim, may_read
from desk.audit import audit_middleware
from desk.claim_page.verb_bar import buttons

AFTER_READING = (Verb.CONFIRM, Verb.GRANT, Verb.REQUEST_INFORMATION)
"""What follows from having looked at everything."""


@require_safe
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file as it came, with its metadata, as a download. Noted as opened by who gets it."""

    def answer(asked: HttpRequest) -> HttpResponseBase:
        found = _file(asked, uuid)
        response = serve.response(found, to=Party.DESK)
        _note(asked, found)
        return response

    return admin.site.admin_view(answer)(request)


@require_safe
def preview(request: HttpRequest, uuid: UUID, page: int) -> HttpResponseBase:
    """A picture of the file, made by us: 0 the thumbnail, then its pages. A page counts as opened, a thumbnail not."""

    def answer(asked: HttpRequest) -> HttpResponseBase:
        file = _file(asked, uuid)
        response = serve.preview(file, page)
        if page > 0 and response.status_code == 200:
            _note(asked, file)
        return response

    return admin.site.admin_view(answer)(request)


def _note(request: HttpRequest, file: Attachment) -> None:
    if request.method == "GET":
        assert isinstance(request.user, User)
        files_opened.opened(file, request.user, timezone.now())


def _file(request: HttpRequest, uuid: UUID) -> Attachment:
    file = claim_rows.file_of_claim(uuid) if may_read(request.user) else None
    if file is None:
        raise Http404
    assert file.claim is not None
    audit_middleware.about(request, file.seller_id, file.claim.claim_id)
    return file


@require_safe
@desk_claim
def evidence(request: HttpRequest, claim: Claim) -> HttpResponse:
    """All files of the claim at reading size, side by side; each that is shown counts as opened."""
    assert isinstance(request.user, User)
    actor, now = desk_actor(request.user), timezone.now()
    shown = {
        **context(request, claim, _("Evidence")),
        "evidence": claim_rows.evidence_files(claim, request.user),
        "ways": buttons(claim, [verb for verb in AFTER_READING if not check(verb, claim, actor, now)]),
    }
    return render(request, "admin/desk/evidence.html", shown)
