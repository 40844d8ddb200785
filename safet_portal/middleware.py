"""What happens to every request before the portal looks at it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.reading import KEY_DIGITS, whole
from safet_portal.errors import too_large

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
        if len(length) > KEY_DIGITS or (whole(length, digits=KEY_DIGITS) or 0) > settings.LARGEST_BODY:
            return too_large(request)
        return get_response(request)

    return middleware
