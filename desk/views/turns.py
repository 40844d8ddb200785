"""Whose claim it is: take, release, and take the next one."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from claims.lifecycle import Verb
from claims.models import Claim
from claims.operations import investigating
from claims.operations.moving import Refused
from desk.door import desk_claim, may_read, refused_words, to_claim


@require_POST
@desk_claim
def take(request: HttpRequest, claim: Claim) -> HttpResponse:
    return _turn_over(request, claim, Verb.TAKE)


@require_POST
@desk_claim
def release(request: HttpRequest, claim: Claim) -> HttpResponse:
    return _turn_over(request, claim, Verb.RELEASE)


def _turn_over(request: HttpRequest, claim: Claim, verb: Verb) -> HttpResponse:
    assert isinstance(request.user, User)
    act = investigating.take if verb is Verb.TAKE else investigating.release
    try:
        act(claim.pk, user=request.user, now=timezone.now())
    except Refused as error:
        messages.error(request, refused_words(error, claim, request.user, verb))
    return to_claim(claim)


@require_POST
def take_next(request: HttpRequest) -> HttpResponseBase:
    """Give this handler the claim whose answer is due first, and open it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not may_read(request.user):
            raise Http404
        assert isinstance(request.user, User)
        claim = investigating.take_next(user=request.user, now=timezone.now())
        if claim is None:
            messages.info(request, _("Nothing is waiting that you can take."))
            return redirect("admin:claims_claim_changelist")
        return to_claim(claim)

    return admin.site.admin_view(answer)(request)
