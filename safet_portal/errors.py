"""The pages of last resort. Their words are templates; each says what happened to what the person sent."""

import sys

import structlog
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.defaults import bad_request as django_bad_request

from accounts import unsent
from accounts.access import current_membership, zone_of
from accounts.budgets import UsedUp, is_poll
from accounts.database import is_away
from accounts.sign_in import security_events
from claims.files.bucket import StorageAway
from claims.files.serve import RETRY_SECONDS
from claims.text import not_kept_by_itself
from claims.text import used_up as used_up_words
from safet_portal.logs import is_draft_kept, request_id

log = structlog.get_logger(__name__)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that could not prove it was this person's. Words of a form that was theirs wait in it."""
    security_events.note(security_events.Kind.CSRF_FAILED)
    return held(request) or render(request, "403_csrf.html", status=403)


def held(request: HttpRequest) -> HttpResponse | None:
    """Keep the words of a form that can't be acted on, and lead its person to where they are again.

    None where it isn't a form that was made for this person.
    """
    try:
        page = unsent.hold(request)
    except unsent.TooLong:
        return too_large(request, signed_out_words())
    if page is None:
        return None
    if request.user.is_authenticated:
        return redirect(page)
    messages.info(request, _("You were signed out. Your text is kept; sign in to go on."))
    return redirect_to_login(page)


def signed_out_words() -> str:
    """Return what is said of a form that is more than is kept, or taken, of who isn't signed in."""
    return _(
        "You are signed out, and this is more than can be kept for you. Nothing was sent. "
        "Go back in your browser and copy your text, then sign in and send it again."
    )


def too_large(request: HttpRequest, words: str = "") -> HttpResponse:
    """413 with a sentence of what would not have been; without one, for more than ten files of ten megabytes."""
    return render(request, "413.html", {"said": words}, status=413)


def cut_off(request: HttpRequest) -> HttpResponse:
    """408 for a request that ended before all of it was here."""
    return render(request, "408.html", status=408)


def used_up(request: HttpRequest, error: UsedUp) -> HttpResponse:
    """429 for who did something as often as may be in an hour: what, and from when again. What was typed comes back."""
    zone = zone_of(request.user, current_membership(request))
    posted = request.POST if request.method == "POST" else QueryDict()
    by_script = "auto" in posted or posted.get("act") == "auto" or request.headers.get("Accept") == "application/json"
    if by_script:
        words = not_kept_by_itself(error.again, zone)
        response: HttpResponse = JsonResponse({"words": words, "again": error.seconds}, status=429)
    elif is_poll(request):
        response = HttpResponse(status=429)
    else:
        context = {
            "words": used_up_words(error.budget, error.limit, error.again, zone),
            "fields": _typed(posted) if request.user.is_authenticated else [],
            "has_files": bool(request.method == "POST" and request.FILES),
            "here": request.get_full_path(),
        }
        response = render(request, "used_up.html", context, status=429)
    response["Retry-After"] = str(error.seconds)
    response["Cache-Control"] = "no-store"
    return response


def _typed(posted: QueryDict) -> list[tuple[str, str]]:
    """Return the fields of a form, to be sent again as they are; what proves who somebody is isn't shown to them."""
    kept = [name for name in posted if not any(word in name for word in ("csrfmiddlewaretoken", "password", "code"))]
    return [(name, value) for name in kept for value in posted.getlist(name)]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when the request was refused for its size."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return too_large(request)
    return django_bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where database or storage is away, which may have passed in a minute; else 500, with the id by which the logs
    know this request. Asks nothing of database or session: they may be why.
    """
    error = sys.exc_info()[1]
    said = {"request_id": request_id(), "was_sent": request.method == "POST", "draft_kept": is_draft_kept()}
    files_away = isinstance(error, StorageAway)
    if not files_away and not is_away(error):
        return render(None, "500.html", said, status=500)
    log.error("database_away" if not files_away else "storage_away", error=repr(error))
    response = render(None, "503.html", {**said, "files": files_away}, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
