"""The record of what staff saw and did: each request to the admin, each page looked at as a seller.

Written before the answer leaves: who can't be put on record gets no page. What happens to claims and accounts is
recorded by the database itself, whoever writes (see `migrations/sql/record.sql`).
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.signals import user_logged_in
from django.db import DatabaseError, connection
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import view_as_seller
from accounts.models import User
from accounts.values import plain_text
from desk.models import Record

GetResponse = Callable[[HttpRequest], HttpResponse]
SILENT = frozenset({"desk:here", "admin:jsi18n", "desk:preview"})
"""Routes that a page asks for by itself while it is open."""


NAMED_ALREADY = ("/claims/", "/refunds/", "/drafts/", "/attachments/", "/admin/desk/")
"""Pages whose every change says itself who made it, in a column of its row: the database need not be told."""


def name_actor(get_response: GetResponse) -> GetResponse:
    """Tell the database who is acting while a request changes people, accounts or settings.

    Triggers put the changes on record; without this they would not know whose they are.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in view_as_seller.SAFE or request.path.startswith(NAMED_ALREADY):
            return get_response(request)
        user = request.user
        if not isinstance(user, User):
            return get_response(request)
        _act_as(str(user.pk))
        try:
            return get_response(request)
        finally:
            _forget()

    return middleware


def _act_as(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('safet.actor', %s, false)", [name])


def _forget() -> None:
    """Nobody acts from here on. A connection on which that can't be said is not used again."""
    try:
        _act_as("")
    except DatabaseError:
        connection.close()


@receiver(user_logged_in, dispatch_uid="put sign-ins on record")
def record_sign_in(request: HttpRequest, user: User, **_: object) -> None:
    """Put a sign-in on record, a member's too, once it is complete: after the second factor where there is one."""
    Record.objects.create(at=timezone.now(), action=Record.Action.DID, user=user, what="sign in")


def record_staff(get_response: GetResponse) -> GetResponse:
    """Put on record what staff ask of the admin, and which pages they look at as a seller."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        at_desk = request.path.startswith("/admin/")
        if not at_desk and not (hasattr(request, "session") and view_as_seller.begun(request)):
            return response
        user = request.user
        if isinstance(user, User) and user.is_staff and response.status_code < 500:
            _write(request, response, user, at_desk)
        return response

    return middleware


def about(request: HttpRequest, seller_id: int, claim_id: str) -> None:
    """Note which claim of which seller this request shows or changes, for its row in the record."""
    request._on_record = (seller_id, claim_id)  # type: ignore[attr-defined]


def note(request: HttpRequest, **detail: str | int) -> None:
    """Note what this request began, for its row in the record: ids and numbers, no names or texts of anybody."""
    request._noted = detail  # type: ignore[attr-defined]


def _write(request: HttpRequest, response: HttpResponse, user: User, at_desk: bool) -> None:
    match = request.resolver_match
    route = match.view_name if match else ""
    if route in SILENT:
        return
    arguments = match.kwargs if match else {}
    seller_id, claim_id = getattr(request, "_on_record", (None, str(arguments.get("claim_id", ""))[:19]))
    looked = request.method in view_as_seller.SAFE
    viewed = None if at_desk else view_as_seller.current(request)
    if at_desk:
        action = Record.Action.SAW if looked else Record.Action.DID
    elif viewed:
        action = Record.Action.SAW_AS
    else:
        return
    path = plain_text(request.path)[:300]  # no jsonb holds that character
    detail: dict[str, object] = {"path": path, "status": response.status_code}
    detail |= getattr(request, "_noted", {})
    if not looked:
        detail["method"] = str(request.method)[:10]
    if viewed:
        detail["why"] = viewed.why
    Record.objects.create(
        at=timezone.now(),
        action=action,
        user=user,
        seller_id=viewed.seller.pk if viewed else seller_id,
        claim_id=claim_id,
        what=(route or "nowhere")[:80],
        detail=detail,
    )
