"""Whose claim it is: take, release, assign, and take the next one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from claims.models import Claim
from claims.rules.lifecycle import Verb
from claims.workflow import desk_actions, reply_by_email
from claims.workflow.transitions import TransitionRefused, desk_actor
from desk import claim_rows
from desk.access import desk_claim, made_from, refused_words, staff, to_claim
from desk.verb_form import VerbForm


@require_POST
@desk_claim
def take(request: HttpRequest, claim: Claim) -> HttpResponse:
    return _turn_over(request, claim, Verb.TAKE)


@require_POST
@desk_claim
def release(request: HttpRequest, claim: Claim) -> HttpResponse:
    return _turn_over(request, claim, Verb.RELEASE)


@require_POST
@desk_claim
def accept_mail(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Take the seller's old e-mail as the reply to what was asked."""
    assert isinstance(request.user, User)
    try:
        reply_by_email.accept_mail(
            claim.pk, by=desk_actor(request.user), now=timezone.now(), version=made_from(request.POST).version
        )
    except TransitionRefused as error:
        messages.error(request, refused_words(error, claim, request.user, Verb.ACCEPT_MAIL))
    return to_claim(claim)


def _turn_over(request: HttpRequest, claim: Claim, verb: Verb) -> HttpResponse:
    assert isinstance(request.user, User)
    act = desk_actions.take if verb is Verb.TAKE else desk_actions.release
    try:
        act(claim.pk, user=request.user, now=timezone.now(), version=made_from(request.POST).version)
    except TransitionRefused as error:
        messages.error(request, refused_words(error, claim, request.user, verb))
    return to_claim(claim)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def assign(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Give the claim to another handler, or to nobody."""
    form = VerbForm(request, claim)
    people = claim_rows.handlers()
    asked = request.POST.get("to", "")
    to = next((each for each in people if str(each.pk) == asked), None)
    if form.is_posted and to is None and asked != "nobody":
        form.wrong.append(_("Choose whom to give it to."))
    elif form.is_posted:
        try:
            desk_actions.assign(claim.pk, to=to, user=form.user, now=form.now, version=form.version)
        except TransitionRefused as error:
            form.refuse(error, Verb.ASSIGN)
        else:
            sentence = _("%(name)s has this claim now.") % {"name": to} if to else _("Nobody has this claim now.")
            messages.success(request, sentence)
            return to_claim(claim)
    return form.page(
        "admin/desk/assign.html",
        _("Assign to…"),
        people=[(str(each.pk), str(each), str(each.pk) == asked) for each in people],
        nobody=asked == "nobody",
    )


@require_POST
@staff
def take_next(request: HttpRequest) -> HttpResponse:
    """Give this handler the claim whose answer is due first, and open it."""
    assert isinstance(request.user, User)
    claim = desk_actions.take_next(user=request.user, now=timezone.now())
    if claim is None:
        messages.info(request, _("Nothing is waiting that you can take."))
        return redirect("admin:claims_claim_changelist")
    return to_claim(claim)
