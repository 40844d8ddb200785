"""The pages of last resort. Their words are templates; each says what happened to what the person sent."""

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.views.defaults import bad_request as django_bad_request

from accounts import security_events
from messaging import unsent
from safet_portal.logs import request_id


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that could not prove it was this person's. A message written on one waits in its box."""
    security_events.note(security_events.Kind.CSRF_FAILED)
    found = resolve(request.path_info)
    if found.view_name == "messaging:thread" and unsent.hold(request, found.kwargs["claim_id"]):
        return redirect(request.path)
    return render(request, "403_csrf.html", status=403)


def too_large(request: HttpRequest) -> HttpResponse:
    """413 for a message of more than ten files of ten megabytes."""
    return render(request, "413.html", status=413)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when the request was refused for its size."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return too_large(request)
    return django_bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with the id by which the logs know this request. Asks nothing of database or session: they may be why."""
    return render(None, "500.html", {"request_id": request_id()}, status=500)
