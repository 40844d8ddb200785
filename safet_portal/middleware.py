"""What happens to every request before the portal looks at it."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.field_keys import Unreadable
from safet_portal.errors import too_large

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


def stamp_arrival(get_response: GetResponse) -> GetResponse:
    """Set ``request.arrived_at``: a reply counts from the moment its request began, however long its files take."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.arrived_at = timezone.now()  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def refuse_large_bodies(get_response: GetResponse) -> GetResponse:
    """Answer 413 to a body larger than ten files may be, before a byte of it is read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.LARGEST_BODY:
            return too_large(request)
        return get_response(request)

    return middleware


class SayUnreadable:
    """Answer 503 with what to do where a person's secret can't be decrypted: a key is missing among FIELD_KEYS."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Unreadable):
            return None
        log.error("secret_unreadable", cause=str(error))
        return render(request, "mfa/unreadable.html", status=503)
