"""Pages about e-mail: what a member wants to get, where copies go, the calendar, and links that work unsigned."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, returned_mail
from accounts.access import member_page, owner_page, person
from accounts.budgets import Budget, limited_by_link, spend, spends
from messaging.notifications import addresses, bounce_hook, bounces, calendars, links, preferences, unsubscribe
from messaging.notifications.forms import AddressForm, PreferencesForm
from messaging.notifications.unsent_causes import unsent_words

if TYPE_CHECKING:
    from accounts.access import Membership

ANCHORS = {"addresses": "#copies", "calendar": "#calendar"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def email_settings(request: HttpRequest) -> HttpResponse:
    """What the member gets of each kind of e-mail of one seller account, and when."""
    if request.method != "POST":
        membership = access.current_membership(request)
        assert membership is not None
        return _page(request, membership)
    membership = access.posted_membership(request)
    access.switch_current(request, membership.seller)
    form = PreferencesForm(request.POST, **_standing(membership))
    if form.is_valid():
        try:
            preferences.choose(membership, form.wanted())
        except preferences.PreferenceRefused as refused:
            form.add_error(refused.kind, str(refused))
        else:
            messages.success(request, _("E-mail settings of %(seller)s saved.") % {"seller": membership.seller})
            return redirect("messaging:email_settings")
    return _page(request, membership, preferences_form=form, status=422)


@owner_page
def add_address(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Ask an address whether it wants copies."""
    access.switch_current(request, membership.seller)
    form = AddressForm(request.POST)
    if form.is_valid():
        try:
            asked = addresses.ask(membership, form.cleaned_data["email"], timezone.now())
        except addresses.AddressRefused as refused:
            form.add_error("email", str(refused))
        else:
            words = _("%(email)s was asked. Copies go there once it has confirmed.") % {"email": asked.email}
            messages.success(request, words)
            return _back("addresses")
    return _page(request, membership, address_form=form, status=422)


@owner_page
def remove_address(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    """Stop copies to an address."""
    access.switch_current(request, membership.seller)
    try:
        removed = addresses.remove(membership, pk, timezone.now())
    except addresses.AddressRefused as refused:
        messages.error(request, str(refused))
        return _back("addresses")
    if removed is None:
        return render(request, "404.html", status=404)
    messages.success(request, _("%(email)s no longer gets copies.") % {"email": removed.email})
    return _back("addresses")


@require_POST
@member_page
def send_to_me_again(request: HttpRequest) -> HttpResponse:
    """Write to the address again that the member signs in with, though mail to it came back."""
    me = person(request)
    returned_mail.lift([me.email], me, timezone.now())
    messages.success(request, _("E-mail goes to %(email)s again.") % {"email": me.email})
    return redirect("messaging:email_settings")


@require_POST
@member_page
def change_calendar(request: HttpRequest) -> HttpResponse:
    """Make a calendar under a new address, or take the one there is back."""
    now = timezone.now()
    if request.POST.get("act") == "revoke":
        calendars.revoke(person(request), now)
        messages.success(request, _("The old calendar link no longer works."))
    else:
        calendars.renew(person(request), now)
        messages.success(request, _("Your calendar has a new link. The old one no longer works."))
    return _back("calendar")


def _standing(membership: Membership) -> dict[str, Any]:
    return {"chosen": preferences.choices_of(membership), "kept": preferences.kept_kinds(membership)}


def _page(
    request: HttpRequest,
    membership: Membership,
    *,
    preferences_form: PreferencesForm | None = None,
    address_form: AddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    feed = calendars.feed_of(person(request))
    returned = returned_mail.of(person(request).email) if returned_mail.has_returned(membership) else None
    failed = next((form for form in (preferences_form, address_form) if form and form.errors), None)
    context = {
        "seller": membership.seller,
        "form": failed,
        "preferences_form": preferences_form or PreferencesForm(**_standing(membership)),
        "address_form": address_form or AddressForm(),
        "owns": membership.role == "owner",
        "addresses": addresses.standing_of(membership.seller, timezone.now()),
        "calendar": links.calendar(feed) if feed else "",
        "returned": returned,
        "returned_why": unsent_words(returned.cause) if returned else "",
    }
    return render(request, "messaging/email_settings.html", context, status=status)


def _back(where: str) -> HttpResponse:
    response = redirect("messaging:email_settings")
    response["Location"] += ANCHORS[where]
    return response


# Links in e-mails: who holds one is who it was sent to. A GET changes nothing, because mail programs follow links.


@csrf_exempt  # mail providers post here, and prove themselves by a token
@never_cache
@require_POST
@spends(Budget.VISITORS)
def returned(request: HttpRequest) -> HttpResponse:
    """What a mail provider tells of mail that came back.

    404 to who doesn't bring BOUNCE_TOKEN; 400 with what is wrong.
    """
    if not _is_provider(request):
        spend(request, Budget.VISITORS)
        raise Http404
    try:
        told = bounce_hook.returned_of(request.body)
    except bounce_hook.NotUnderstood as error:
        return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
    noted = sum(bounces.take(one, timezone.now(), trusted=True) for one in told)
    return JsonResponse({"told": len(told), "noted": noted})


def _is_provider(request: HttpRequest) -> bool:
    """Whether the token is there: as a bearer, as the password of Basic, or in the address (`?token=`)."""
    given = [request.headers.get("Authorization", "").partition(" ")[2], request.GET.get("token", "")]
    with suppress(ValueError):
        given.append(b64decode(given[0], validate=True).decode().partition(":")[2])
    known = settings.BOUNCE_TOKEN
    return bool(known) and any(compare_digest(each.encode(), known.encode()) for each in given)


@csrf_exempt  # mail programs post here for their reader (RFC 8058), without a page of ours before it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited_by_link(Budget.VISITORS)
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of e-mail for one member, with one click in the mail program or one button here."""
    asked = links.stop_of(token)
    stopped = unsubscribe.of(asked) if asked else None
    if stopped is None:
        return _closed(request, addresses.AddressRefusal.UNKNOWN.label, 404)
    if request.method == "POST":
        try:
            unsubscribe.stop(stopped)
        except preferences.PreferenceRefused as refused:
            return render(request, "messaging/stop.html", {"found": stopped, "refusal": str(refused)}, status=409)
    return render(request, "messaging/stop.html", {"found": stopped, "done": request.method == "POST"})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited_by_link(Budget.VISITORS)
def stop_copies(request: HttpRequest, token: str) -> HttpResponse:
    """Stop copies to an extra address, with one click."""
    address = addresses.find_to_stop(token)
    if address is None:
        return _closed(request, addresses.AddressRefusal.UNKNOWN.label, 404)
    if request.method == "POST":
        addresses.stop(address, timezone.now())
    done = request.method == "POST" or address.removed_at is not None
    return render(request, "messaging/stop_copies.html", {"address": address, "done": done})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited_by_link(Budget.VISITORS)
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Let an address say that it wants the copies."""
    now = timezone.now()
    address = addresses.find(token)
    if why := addresses.why_not(address, now):
        return _closed(request, str(why.label), 404 if address is None else 410)
    if request.method == "POST":
        try:
            address = addresses.confirm(token, now)
        except addresses.AddressRefused as refused:
            return _closed(request, str(refused), 410)
    return render(request, "messaging/confirm_address.html", {"address": address, "stop_link": _stop_link(address)})


def _stop_link(address: Any) -> str:
    return links.stop_copies(address) if address and address.confirmed_at else ""


@require_safe
@limited_by_link(Budget.CALENDARS)
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A person's deadlines for their calendar program, which knows nothing but the address."""
    feed = calendars.find(token)
    if feed is None:
        return HttpResponse(_("This calendar link no longer works."), status=404, content_type="text/plain")
    response = HttpResponse(calendars.written(feed, timezone.now()), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Disposition"] = 'inline; filename="safe-t.ics"'
    response["Referrer-Policy"] = "no-referrer"
    return response


def _closed(request: HttpRequest, why: object, status: int) -> HttpResponse:
    context = {"why": why, "help_url": settings.HELP_URL}
    return render(request, "messaging/link_closed.html", context, status=status)
