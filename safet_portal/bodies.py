"""What requests carry: how much of it, for how long, and what becomes of it where nobody is signed in.

A route takes a form unless its view is marked with `accounts.bodies.takes_files`. Strangers may send little, and none
of their files is written anywhere. A browser on which a person was signed in lately may send what its form holds, so
that words outlive the session (see `accounts.unsent`): its files are read and thrown away.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core import signing
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accounts import bodies, unsent
from accounts.budgets import Budget, UsedUp, spend
from accounts.models import User
from accounts.values import KEY_DIGITS, whole
from claims.workflow.seller_actions import LAPSE_GRACE
from safet_portal import errors
from safet_portal.arrival import settle_arrival

GetResponse = Callable[[HttpRequest], HttpResponse]
KNOWN = "known"
"""The cookie of a browser on which a person was signed in: a dated number, good for larger requests only."""
_SALT = "safet_portal.bodies.known"
_RENEWED = timedelta(days=1)
SILENCE = 60.0
"""Seconds without a byte after which nobody waits for the rest of a body."""
LONGEST = 2 * LAPSE_GRACE
"""How long a body may take in all: one that took longer than the grace is still read, so that its words are kept."""
_PIECE = 64 * 1024
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def limit_bodies(get_response: GetResponse) -> GetResponse:
    """Answer 413 to a body larger than its route and sender may send, before a byte of it is read.

    A body that doesn't say its length is read up to the limit and no further.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not _has_body(request):
            return _remembered(request, get_response(request))
        most, signed_in = _most(request), request.user.is_authenticated
        length = request.META.get("CONTENT_LENGTH") or ""
        size = whole(length, digits=KEY_DIGITS)
        if length and (size is None or size > most):
            return _refused(request, most)
        if not signed_in:
            request.upload_handlers = [DropFiles(request)]
        with _in_time(request.META.get("gunicorn.socket")):
            if not length:
                try:
                    if not _take_whole(request, most):
                        return _refused(request, most)
                except OSError:
                    return errors.cut_off(request)
            return _remembered(request, get_response(request))

    return middleware


class ReadBodies:
    """Read a form to its end before anybody looks at it: then it is settled what it counts from.

    Where nobody is signed in, the words of a form that was made for a person are kept for them, and they are led to
    the sign-in and back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_of_view: object) -> HttpResponse | None:
        """Return an answer where the request goes no further."""
        if not _has_body(request):
            return None
        try:
            fields = request.POST
            if request.content_type not in _FORMS and int(request.META["CONTENT_LENGTH"]) <= settings.LARGEST_FORM:
                len(request.body)
        except UnreadablePostError:
            return errors.cut_off(request)
        settle_arrival(request)
        if request.user.is_authenticated or unsent.FIELD not in fields:
            return None
        try:
            spend(request, Budget.VISITORS)
        except UsedUp as error:
            return errors.used_up(request, error)
        return errors.held(request)


class DropFiles(FileUploadHandler):
    """Takes no file: what a stranger sends is written nowhere. Whether there was one is noted."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        assert self.request is not None
        self.request.had_files = True  # type: ignore[attr-defined]
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def _has_body(request: HttpRequest) -> bool:
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META


def _most(request: HttpRequest) -> int:
    """Return how many bytes this request may carry."""
    if not request.user.is_authenticated and not _is_known(request):
        return settings.LARGEST_OF_STRANGERS
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        view = None
    return bodies.largest_body(view, settings.LARGEST_FORM)


def _refused(request: HttpRequest, most: int) -> HttpResponse:
    if most == settings.LARGEST_BODY:
        return errors.too_large(request)
    if most == settings.LARGEST_OF_STRANGERS:
        return errors.too_large(request, errors.signed_out_words())
    return errors.too_large(request, _("This page takes %(n)s MB at most. Nothing was sent.") % {"n": most // 1024**2})


def _take_whole(request: HttpRequest, most: int) -> bool:
    """Read a body of unknown length, in pieces, and put it where Django looks for one; False where it is too large."""
    source, size = request.META["wsgi.input"], 0
    whole = SpooledTemporaryFile(max_size=_PIECE)  # noqa: SIM115 - lives as long as the request
    while piece := source.read(min(_PIECE, most + 1 - size)):
        size += len(piece)
        if size > most:
            whole.close()
            return False
        whole.write(piece)
    whole.seek(0)
    request.META["CONTENT_LENGTH"] = str(size)
    request._stream = cast(BinaryIO, whole)
    return True


@contextmanager
def _in_time(connection: socket.socket | None) -> Iterator[None]:
    """Let the rest of a request that stopped coming, or comes for ever, end like one that was cut off."""
    if connection is None:
        yield
        return
    before = connection.gettimeout()
    end = threading.Timer(LONGEST.total_seconds(), _hear_no_more, [connection])
    end.daemon = True
    connection.settimeout(SILENCE)
    end.start()
    try:
        yield
    finally:
        end.cancel()
        with suppress(OSError):
            connection.settimeout(before)


def _hear_no_more(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)


# -- browsers that are known ------------------------------------------------------------------------------------------


def _is_known(request: HttpRequest) -> bool:
    return _known_for(request, unsent.LASTS) is not None


def _known_for(request: HttpRequest, lately: timedelta) -> int | None:
    """Return the number of who was signed in on this browser so lately, None where that was nobody."""
    try:
        user_id = signing.loads(request.COOKIES.get(KNOWN, "")[:200], salt=_SALT, max_age=lately)
    except (signing.BadSignature, ValueError):
        return None
    return user_id if isinstance(user_id, int) else None


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Have the browser remember for two weeks that a person was signed in on it."""
    user = request.user
    if isinstance(user, User) and _known_for(request, _RENEWED) != user.pk:
        response.set_cookie(
            KNOWN,
            signing.dumps(user.pk, salt=_SALT),
            max_age=unsent.LASTS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
