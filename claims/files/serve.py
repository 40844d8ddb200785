"""A kept file on its way out. Who may have it was decided before; here it is only made harmless."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from claims.files import store
from claims.files.bucket import StorageAway
from claims.files.check import KINDS
from claims.files.visibility import withheld_from
from claims.models import Attachment, EvidencePack
from claims.rules.lifecycle import Party

logger = logging.getLogger(__name__)

_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
RETRY_SECONDS = 60
_LATER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64" fill="none" stroke="#6c757d"'
    ' stroke-width="3" stroke-linecap="round"><rect x="6" y="6" width="52" height="52" rx="4" stroke-dasharray="5 6"/>'
    '<path d="M32 20v13l8 6"/></svg>'
)
"""A clock in the place of a picture that can't be had now."""


def response(attachment: Attachment, *, to: Party) -> HttpResponseBase:
    """Return the file as a download that no browser opens in place, guesses about or keeps.

    Http404 where it is gone, or kept from this side (`claims.files.visibility`). Sellers get a picture as the copy
    without metadata, their own before that is made as it came; the desk gets everything as it came. Where the storage
    can sign links, the answer leads to one that ends within a minute.
    """
    if withheld_from(attachment, to):
        raise Http404
    copied = attachment.served_type and to != Party.DESK
    key, name, media_type, size = _copy(attachment) if copied else _as_came(attachment)
    if settings.ATTACHMENTS_LINK_SECONDS:
        return _signed_link(key, name, media_type)
    return _answer(key, attachment.uuid, media_type, size, filename=name, as_attachment=True)


def preview(attachment: Attachment, page: int) -> HttpResponseBase:
    """Return one of the pictures we made of the file, to be shown in place: 0 the thumbnail, then the pages from 1.

    Http404 where there is none of that number; a picture that says to wait (503) while the storage is away.
    """
    if not 0 <= page <= attachment.previews or not attachment.made_key:
        raise Http404
    try:
        return _answer(store.made(attachment.made_key, f"{page}.png"), attachment.uuid, "image/png", None)
    except StorageAway:
        answer = HttpResponse(_LATER, content_type="image/svg+xml", status=503)
        for header, value in {**_HARMLESS, "Retry-After": str(RETRY_SECONDS)}.items():
            answer[header] = value
        return answer


def pack(pack: EvidencePack, claim_id: str) -> HttpResponseBase:
    """Return an evidence pack as a download; Http404 if it is gone."""
    name = f"SAFE-T-claim-{claim_id}-evidence.zip"
    if settings.ATTACHMENTS_LINK_SECONDS:
        return _signed_link(pack.storage_key, name, "application/zip")
    return _answer(pack.storage_key, pack.uuid, "application/zip", pack.size, filename=name, as_attachment=True)


def kept(key: str, name: str, media_type: str) -> HttpResponseBase:
    """Return what is kept under the key, byte for byte, as a download like any file; Http404 if it is gone."""
    if settings.ATTACHMENTS_LINK_SECONDS:
        return _signed_link(key, name, media_type)
    try:
        answer = FileResponse(store.read(key), content_type=media_type, filename=name, as_attachment=True)
    except FileNotFoundError as error:
        raise Http404 from error
    for header, value in _HARMLESS.items():
        answer[header] = value
    return answer


def _as_came(attachment: Attachment) -> tuple[str, str, str, int]:
    media_type = attachment.media_type if attachment.media_type in KINDS else "application/octet-stream"
    return attachment.storage_key, attachment.name, media_type, attachment.size


def _copy(attachment: Attachment) -> tuple[str, str, str, int]:
    """The copy of a picture without metadata, under the picture's name with the copy's extension."""
    extension = KINDS[attachment.served_type].extensions
    name = PurePath(attachment.name)
    if name.suffix.lstrip(".").lower() not in extension:
        name = name.with_suffix(f".{extension[0]}")
    return store.made(attachment.made_key, "copy"), str(name), attachment.served_type, attachment.served_size or 0


def _answer(key: str, uuid: UUID, media_type: str, size: int | None, **how: Any) -> FileResponse:
    try:
        file = store.read(key)
    except FileNotFoundError as error:
        logger.error("file %s has no bytes in storage", uuid)
        raise Http404 from error
    answer = FileResponse(file, content_type=media_type, **how)
    if size is not None:
        answer["Content-Length"] = str(size)
    for name, value in _HARMLESS.items():
        answer[name] = value
    return answer


def _signed_link(key: str, name: str, media_type: str) -> HttpResponseRedirect:
    """Lead to the storage itself, which is told how to answer: as a download of this name and type."""
    headers = {
        "ResponseContentDisposition": content_disposition_header(True, name),
        "ResponseContentType": media_type,
        "ResponseCacheControl": "private, no-store",
    }
    storage: Any = store.storage()
    link = storage.url(key, parameters=headers, expire=settings.ATTACHMENTS_LINK_SECONDS)
    answer = HttpResponseRedirect(link)
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
