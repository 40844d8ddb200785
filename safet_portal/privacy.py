"""What a person saw while signed in stays in no cache, and goes from the browser when they sign out."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
CLEARED = '"cache", "storage"'
"""What a browser forgets at sign-out. Not its cookies: the theme is one, and Django ends the session's itself."""


def keep_private(get_response: GetResponse) -> GetResponse:
    """Have nobody store the answer to a request that came with a session, or that began one.

    Whether the session is still good isn't asked: that would cost pages without one a query.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _is_personal(request) and "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        if getattr(request, "signs_out", False):
            response["Clear-Site-Data"] = CLEARED
        return response

    return middleware


def _is_personal(request: HttpRequest) -> bool:
    begun = hasattr(request, "session") and request.session.modified
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers or begun


@receiver(user_logged_out, dispatch_uid="clear the browser at sign-out")
def note_sign_out(request: HttpRequest | None, **_of_signal: object) -> None:
    """Have the answer to this request clear the browser."""
    if request is not None:
        request.signs_out = True  # type: ignore[attr-defined]
