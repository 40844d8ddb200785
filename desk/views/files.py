"""A claim's files at the desk: as they came, and the pictures we made of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from claims.attachments import serve
from claims.models import Attachment
from desk import rows
from desk.door import may_read


@require_safe
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file as it came, with its metadata, as a download."""
    return admin.site.admin_view(lambda asked: serve.response(_file(asked, uuid), original=True))(request)


@require_safe
def preview(request: HttpRequest, uuid: UUID, page: int) -> HttpResponseBase:
    """A picture of the file, made by us: 0 the thumbnail, then its pages."""
    return admin.site.admin_view(lambda asked: serve.preview(_file(asked, uuid), page))(request)


def _file(request: HttpRequest, uuid: UUID) -> Attachment:
    found = rows.file_of_claim(uuid) if may_read(request.user) else None
    if found is None:
        raise Http404
    return found
