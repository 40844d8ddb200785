"""The queue: which claims wait, what can be done to several at once, and the filters a handler keeps."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.budgets import Budget, asks, limited
from accounts.groups import is_handler, is_senior
from accounts.models import User
from accounts.values import ids, single_line
from claims.models import Claim
from claims.rules.lifecycle import Verb
from claims.workflow import desk_actions
from claims.workflow.transitions import TransitionRefused
from desk import claim_rows
from desk.access import ZONE, refused_words, site_context, staff
from desk.models import SavedFilter
from desk.queue import list as queue
from desk.queue import queue_rows

_PICK = re.compile(rf"^({ids.CLAIM_ID})\.([0-9]{{1,9}})$", re.MULTILINE)
"""What a tick box of the queue sends: the claim and the version it was shown at."""


@limited(Budget.SEARCHES, asks("q"))
def page(request: HttpRequest) -> HttpResponse:
    """One view of the queue. The admin's own access check comes before."""
    user = request.user
    assert isinstance(user, User)
    now, zone = timezone.now(), user.zone or ZONE
    asked = queue.wanted(request.GET, user, view="mine" if is_handler(user) else "all")
    counted = queue.counts(asked, user, now, zone)
    queue_page = queue.page_of(asked, user, request.GET.get("cursor", ""), now, zone)
    shown = {
        **site_context(request),
        "title": _("Queue"),
        "opts": Claim._meta,
        "asked": asked,
        "tabs": queue_rows.tabs(asked, counted),
        "rows": queue_rows.rows(queue_page.claims, user, now, zone),
        "newer": asked.address(cursor=queue_page.newer) if queue_page.newer else "",
        "older": asked.address(cursor=queue_page.older) if queue_page.older else "",
        "choices": queue_rows.choices(asked),
        "saved": [(each, f"?{urlencode(each.query)}") for each in queue_rows.saved(user)],
        "back": asked.address(),
        "may_handle": is_handler(user),
        "may_assign": is_senior(user),
        "nothing": None if queue_page.claims else queue_rows.nothing(asked, counted, now, zone),
        "due_label": _("Reply by") if asked.view == "awaiting" else _("Answer due"),
    }
    return render(request, "admin/desk/queue.html", shown)


def _back(request: HttpRequest) -> HttpResponse:
    """Lead back to the view the form was on; of the address it names only the queue's own parameters are kept."""
    assert isinstance(request.user, User)
    given = dict(parse_qsl(request.POST.get("back", "").lstrip("?")[:2000]))
    asked = queue.wanted(given, request.user, view="mine")
    return redirect(reverse("admin:claims_claim_changelist") + asked.address())


@require_POST
@staff
def bulk(request: HttpRequest) -> HttpResponse:
    """Take, release or assign the ticked claims. Each is a verb of its own: one that is refused stops no other."""
    user = request.user
    assert isinstance(user, User)
    now = timezone.now()
    acts: dict[str, tuple[Verb, str]] = {
        "take": (Verb.TAKE, "take"),
        "release": (Verb.RELEASE, "release"),
        "assign": (Verb.ASSIGN, "assign"),
    }
    chosen = acts.get(request.POST.get("act", ""))
    picked = dict(_PICK.findall("\n".join(request.POST.getlist("claim")[: queue.PAGE])))
    if chosen is None or not picked:
        messages.error(request, _("Tick the claims first, then choose what to do."))
        return _back(request)
    verb = chosen[0]
    to, known = _assignee(request.POST.get("to", ""))
    if verb is Verb.ASSIGN and not known:
        messages.error(request, _("Choose whom to give them to."))
        return _back(request)
    done = 0
    for claim in Claim.objects.filter(claim_id__in=list(picked)).order_by("pk"):
        version = int(picked[claim.claim_id])
        try:
            if verb is Verb.ASSIGN:
                desk_actions.assign(claim.pk, to=to, user=user, now=now, version=version)
            elif verb is Verb.TAKE:
                desk_actions.take(claim.pk, user=user, now=now, version=version)
            else:
                desk_actions.release(claim.pk, user=user, now=now, version=version)
            done += 1
        except TransitionRefused as error:
            messages.error(request, f"{claim.claim_id}: {refused_words(error, claim, user, verb)}")
    if done:
        messages.success(request, _done(verb, done, to))
    return _back(request)


def _assignee(text: str) -> tuple[User | None, bool]:
    """Return whom the form names and whether it names anybody it may; "nobody" is a choice too."""
    if text == "nobody":
        return None, True
    found = next((each for each in claim_rows.handlers() if str(each.pk) == text), None)
    return found, found is not None


def _done(verb: Verb, n: int, to: User | None) -> str:
    if verb is Verb.TAKE:
        return ngettext("%(n)s claim is yours.", "%(n)s claims are yours.", n) % {"n": n}
    if verb is Verb.RELEASE or to is None:
        return ngettext("%(n)s claim is nobody's now.", "%(n)s claims are nobody's now.", n) % {"n": n}
    return ngettext("%(n)s claim is %(name)s's now.", "%(n)s claims are %(name)s's now.", n) % {"n": n, "name": to}


@require_POST
@staff
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the view under a name; the same name again replaces it."""
    user = request.user
    assert isinstance(user, User)
    name = single_line(request.POST.get("name", ""))[:60]
    given = dict(parse_qsl(request.POST.get("back", "").lstrip("?")[:2000]))
    if not name:
        messages.error(request, _("Give the view a name."))
        return _back(request)
    query = queue.wanted(given, user, view="mine").query
    with transaction.atomic():
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)  # one after the other, for the count
        if not SavedFilter.objects.filter(user=user, name=name).update(query=query):
            if SavedFilter.objects.filter(user=user).count() >= queue_rows.MOST_SAVED:
                messages.error(
                    request, _("At most %(n)s views can be saved. Remove one first.") % {"n": queue_rows.MOST_SAVED}
                )
                return _back(request)
            SavedFilter.objects.create(user=user, name=name, query=query)
    messages.success(request, _("View “%(name)s” is saved.") % {"name": name})
    return _back(request)


@require_POST
@staff
def remove_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a saved view of one's own; another handler's is as good as not there."""
    removed, _rows = SavedFilter.objects.filter(user=request.user.pk, pk=pk).delete()
    if not removed:
        raise Http404
    return _back(request)
