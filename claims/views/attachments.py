"""A file and its previews, to those who may see them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from claims.access import shown_attachment
from claims.access.doors import Attachment
from claims.attachments import serve


@require_safe
@shown_attachment
def download(request: HttpRequest, attachment: Attachment) -> HttpResponse:
    """The file as a download; never as active content."""
    return serve.response(attachment)  # type: ignore[return-value]


@require_safe
@shown_attachment
def preview(request: HttpRequest, attachment: Attachment, page: int) -> HttpResponse:
    """A picture of the file, made by us: 0 the thumbnail, then its pages."""
    return serve.preview(attachment, page)  # type: ignore[return-value]
