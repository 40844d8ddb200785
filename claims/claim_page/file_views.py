"""A file and its previews, to those who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.page_addresses import PageName, page_address
from claims.access.seller_rows import shown_attachment
from claims.access.visits import Taken, put_on_record
from claims.claim_page.file_chips import chip
from claims.files import serve
from claims.rules.lifecycle import Party

if TYPE_CHECKING:
    from claims.access.seller_rows import Attachment


@require_safe
@shown_attachment
def download(request: HttpRequest, attachment: Attachment) -> HttpResponse:
    """The file as a download; never as active content."""
    put_on_record(request, attachment.claim_id, attachment.seller_id, Taken.FILE)
    return serve.response(attachment, to=Party.SELLER)  # type: ignore[return-value]


@require_safe
@shown_attachment
def look(request: HttpRequest, attachment: Attachment) -> HttpResponse:
    """A page with all that can be shown of the file, to look at it without downloading it."""
    put_on_record(request, attachment.claim_id, attachment.seller_id, Taken.FILE)
    file = chip(attachment)
    claim = attachment.claim
    context = {
        "file": file,
        "shown": file.previews,
        "more_pages": (attachment.pages or 0) > file.previews,
        "back": f"{page_address(PageName.THREAD, claim.claim_id)}?at={file.at}#{file.anchor}" if claim else "",
    }
    return render(request, "claims/file.html", context)


@require_safe
@shown_attachment
def preview(request: HttpRequest, attachment: Attachment, page: int) -> HttpResponse:
    """A picture of the file, made by us: 0 the thumbnail, then its pages."""
    return serve.preview(attachment, page)  # type: ignore[return-value]
