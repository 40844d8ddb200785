"""What happens to every request before the portal looks at it."""

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from accounts.budgets import Budget, UsedUp, asks, of_view, spend
from accounts.models import User
from accounts.sign_in.field_keys import Unreadable
from safet_portal.errors import used_up

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


def general_budget(request: HttpRequest, view: Any) -> Budget | None:
    """Return what a request costs that no view counts itself, None for nothing. Signed out, the sign-in pages count."""
    is_form, is_search = request.method == "POST", asks("q", "term")(request)
    if of_view(view) or not (is_form or is_search) or not request.user.is_authenticated:
        return None
    if is_search and not is_form:
        return Budget.SEARCHES
    return Budget.DESK if isinstance(request.user, User) and request.user.is_staff else Budget.FORMS


class Budgets:
    """Counts the forms and searches of who is signed in where the view has no budget of its own: in the admin, and on
    the pages of the account. Answers for every request that is past a budget of the hour.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        budget = general_budget(request, view)
        if budget is None:
            return None
        try:
            spend(request, budget)
        except UsedUp as error:
            return used_up(request, error)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return used_up(request, exception) if isinstance(exception, UsedUp) else None


def speak(get_response: GetResponse) -> GetResponse:
    """Answer in the portal's language. Named once a request: to look it up where none is active takes thrice as long,
    and a page asks for hundreds of sentences, days and amounts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        translation.activate(settings.LANGUAGE_CODE)
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
