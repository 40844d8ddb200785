"""A kept file on its way out. Who may have it was decided before; here it is only made harmless."""

from __future__ import annotations

import logging

from django.http import FileResponse, Http404

from claims.attachments import store
from claims.attachments.check import KINDS
from claims.models import Attachment

logger = logging.getLogger(__name__)


def response(attachment: Attachment) -> FileResponse:
    """Return the file as a download that no browser opens in place, guesses about or keeps; Http404 if it is gone."""
    try:
        file = store.read(attachment.storage_key)
    except FileNotFoundError as error:
        logger.error("attachment %s has no bytes in storage", attachment.uuid)
        raise Http404 from error
    media_type = attachment.media_type if attachment.media_type in KINDS else "application/octet-stream"
    answer = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=media_type)
    answer["Content-Length"] = str(attachment.size)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer
