"""Words that were sent from a page that could no longer send: its person was signed out, or its proof was old.

They are kept for that person alone, one form's at a time, and are in the form again after the sign-in. What is kept
comes from a form that the portal made for this person and this address in the last two weeks: the form carries a
signed and dated proof of it. Who has none writes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import UNSENT_BYTES, UnsentWords, User
from accounts.values import plain_text

FIELD = "unsent"
"""The field of a form that carries its proof; a form that can go to two addresses has two."""
LASTS = timedelta(days=14)
"""How old a page may be whose words are kept, and how long they are: as long as a session lives."""
SHOWN_FOR = timedelta(hours=1)
"""How long words stay in a form that was opened with them, so that a reload loses nothing."""
_SALT = "accounts.unsent"
_SESSION = "unsent"
_MOST_FIELDS = 500
_BY_A_SCRIPT = ("auto", "upload")


class TooLong(Exception):
    """The form holds more than is kept for anybody."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form's fields as they were posted to `action`, and when. `had_files`: some were chosen, which are gone."""

    action: str
    fields: QueryDict
    had_files: bool
    kept_at: datetime


def proof(user_id: int, action: str, page: str = "") -> str:
    """Return what a form carries to show that it was made for this person.

    `action` is the path it is posted to, `page` the address of its page where a GET of `action` doesn't show it.
    """
    return signing.dumps([user_id, action, page or action], salt=_SALT)


def hold(request: HttpRequest) -> str | None:
    """Keep what this post holds for the person its form was made for; return the address of its page.

    None, and nothing is kept, where the form has no proof for this address, an old one or another person's. What a
    script sends by itself isn't kept either: it sends it again. Raises TooLong.
    """
    user_id, page = _proven(request)
    if user_id is None or _is_by_a_script(request):
        return None
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        return None
    had_files = bool(request.FILES) or getattr(request, "had_files", False)
    kept = UnsentWords(
        user_id=user_id,
        action=request.path,
        page=page,
        fields=_written(request.POST),
        had_files=had_files,
        kept_at=timezone.now(),
        shown_at=None,
    )
    UnsentWords.objects.bulk_create(
        [kept],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["action", "page", "fields", "had_files", "kept_at", "shown_at"],
    )
    if request.user.is_authenticated:
        request.session[_SESSION] = _path(page)
    return page


def note_at_sign_in(request: HttpRequest, user: User, **_of_signal: object) -> None:
    """Note in a new session on which page this person's words wait, so that no other page has to ask."""
    page = UnsentWords.objects.filter(user_id=user.pk).values_list("page", flat=True).first()
    if page:
        request.session[_SESSION] = _path(page)


def waiting(request: HttpRequest) -> Unsent | None:
    """Return this person's words that wait on this page, for a page that keeps them itself: then it calls `kept`."""
    found = _waiting(request)
    return _read(found) if found else None


def kept(request: HttpRequest, words: Unsent) -> None:
    """Delete words that are kept elsewhere now. Not before: a process that ends between the two loses nothing."""
    assert isinstance(request.user, User)
    UnsentWords.objects.filter(user_id=request.user.pk, kept_at=words.kept_at).delete()
    request.session.pop(_SESSION, None)


def look(request: HttpRequest) -> Unsent | None:
    """Return this person's words that wait on this page, and tell them so; they stay for an hour, or until `forget`."""
    row = _waiting(request)
    if row is None:
        return None
    if row.shown_at is None:
        UnsentWords.objects.filter(pk=row.pk).update(shown_at=timezone.now())
    messages.warning(request, came_back_words(had_files=row.had_files))
    return _read(row)


def typed(request: HttpRequest) -> QueryDict:
    """Return what a form's fields hold: what is posted now, else what waits unsent on this page, else nothing."""
    if request.method == "POST":
        forget(request)
        return request.POST
    words = look(request)
    return words.fields if words else QueryDict()


def forget(request: HttpRequest) -> None:
    """Delete what waits for this form: it was posted once more, by its person."""
    page = request.session.get(_SESSION)
    if page and request.user.is_authenticated and page in {request.path, _path(_proven(request)[1])}:
        assert isinstance(request.user, User)
        # Words of another page that wait for this person meanwhile stay.
        of_page = Q(page=page) | Q(page__startswith=f"{page}?")
        UnsentWords.objects.filter(of_page, user_id=request.user.pk).delete()
        del request.session[_SESSION]


def came_back_words(*, had_files: bool) -> str:
    """Return what is said above a form that has its words back."""
    if had_files:
        return _(
            "That page was too old to send from. Nothing was sent: read what you wrote, and send it again. "
            "Choose the files again."
        )
    return _("That page was too old to send from. Nothing was sent: read what you wrote, and send it again.")


def purge(now: datetime) -> int:
    """Delete the words that nobody came back for in two weeks, or were shown an hour ago; return of how many people."""
    past = Q(kept_at__lt=now - LASTS) | Q(shown_at__lt=now - SHOWN_FOR)
    return UnsentWords.objects.filter(past).delete()[0]


def _waiting(request: HttpRequest) -> UnsentWords | None:
    user = request.user
    if request.method != "GET" or not isinstance(user, User) or request.session.get(_SESSION) != request.path:
        return None
    now = timezone.now()
    fresh = Q(shown_at=None) | Q(shown_at__gte=now - SHOWN_FOR)
    row = UnsentWords.objects.filter(fresh, user_id=user.pk, kept_at__gte=now - LASTS).first()
    if row is None or _path(row.page) != request.path:
        del request.session[_SESSION]
        return None
    return row


def _read(row: UnsentWords) -> Unsent:
    fields = QueryDict(mutable=True)
    for name, values in json.loads(row.fields).items():
        fields.setlist(name, values)
    return Unsent(row.action, fields, row.had_files, row.kept_at)


def _proven(request: HttpRequest) -> tuple[int | None, str]:
    """Return the person for whom this post's form was made, and its page; no person where it doesn't show it."""
    for given in request.POST.getlist(FIELD)[:2]:
        try:
            user_id, action, page = signing.loads(given[:1000], salt=_SALT, max_age=LASTS)
        except (signing.BadSignature, ValueError):
            continue
        if action == request.path and (not request.user.is_authenticated or request.user.pk == user_id):
            return user_id, page
    return None, ""


def _is_by_a_script(request: HttpRequest) -> bool:
    posted = request.POST
    return posted.get("act") in _BY_A_SCRIPT or any(name in posted for name in _BY_A_SCRIPT)


def _written(posted: QueryDict) -> str:
    """Return the form's fields as they are kept. Raises TooLong."""
    fields = {
        _plain(name): [_plain(value) for value in values]
        for name, values in posted.lists()
        if name not in (FIELD, "csrfmiddlewaretoken") and "password" not in name
    }
    words = json.dumps(fields, ensure_ascii=False)
    if len(fields) > _MOST_FIELDS or len(words.encode()) > UNSENT_BYTES:
        raise TooLong
    return words


def _plain(text: str) -> str:
    """Return the text without what the database holds in no column."""
    return plain_text(text.encode("utf-8", "replace").decode())


def _path(page: str) -> str:
    return page.partition("?")[0]
