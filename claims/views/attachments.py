"""A file, to those who may see it."""

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
    response: HttpResponse = serve.response(attachment)  # type: ignore[assignment]
    return response
