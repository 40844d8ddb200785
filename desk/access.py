"""The access check of the desk: who may use it, the claim an address names, and what all its pages need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import values
from accounts.budgets import Budget, spend, spends
from accounts.groups import groups_of
from accounts.models import User
from claims.models import Claim
from claims.rules.lifecycle import Refusal, Verb
from claims.text import badge, formats, refusal, verb_label
from claims.workflow import deadlines
from claims.workflow.transitions import TransitionRefused
from desk import claim_rows
from desk.audit import audit_middleware

ZONE = "UTC"


def may_read(user: Any) -> bool:
    """Whether this person works at the desk: in one of its groups, or as superuser."""
    return isinstance(user, User) and user.is_active and user.is_staff and (user.is_superuser or bool(groups_of(user)))


def zone_of(user: User, claim: Claim | None = None) -> str:
    """Return the zone a member of staff reads moments in: their own, else the claim's marketplace's."""
    return user.zone or (str(deadlines.zone_of(claim)) if claim else ZONE)


def desk_claim(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hand the view the claim that `claim_id` names. Staff of the desk only; everybody else signs in or gets 404."""

    @wraps(view)
    def checked(request: HttpRequest, claim_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read(request.user):
            raise Http404
        _count(request)
        claim = claim_rows.claims().filter(claim_id=claim_id).first()
        if claim is None:
            raise Http404
        audit_middleware.about(request, claim.seller_id, claim.claim_id)
        return view(request, claim, *args, **kwargs)

    return admin.site.admin_view(spends(Budget.DESK)(checked))


def _count(request: HttpRequest) -> None:
    if request.method == "POST":
        spend(request, Budget.DESK)


def context(request: HttpRequest, claim: Claim, title: str) -> dict[str, Any]:
    """Return what the frame of each page of a claim shows."""
    return {**admin.site.each_context(request), "title": title, "claim": claim, "opts": Claim._meta}


def site_context(request: HttpRequest) -> dict[str, Any]:
    """Return what the admin's frame shows, without its list of apps: no page of the desk has it, and it costs two
    queries."""
    return {
        "site_title": admin.site.site_title,
        "site_header": admin.site.site_header,
        "site_url": None,
        "has_permission": admin.site.has_permission(request),
        "is_popup": False,
        "is_nav_sidebar_enabled": False,
    }


def staff(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let in who works at the desk. Everybody else signs in or gets 404."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read(request.user):
            raise Http404
        _count(request)
        return view(request, *args, **kwargs)

    return admin.site.admin_view(spends(Budget.DESK)(checked))


def to_claim(claim: Claim) -> HttpResponse:
    return redirect("desk:claim", claim.claim_id)


WITHOUT_WORDS = (Verb.TAKE, Verb.RELEASE, Verb.ASSIGN)


def refused_words(error: TransitionRefused, claim: Claim, user: User, verb: Verb) -> str:
    """Return why a verb was refused, all reasons, as the desk reads them."""
    claim = claim_rows.claims().get(pk=claim.pk)
    zone, now = zone_of(user, claim), timezone.now()
    if Refusal.CHANGED_MEANWHILE in error.codes:
        changed = claim_rows.what_changed(claim, zone, now)
        if verb in WITHOUT_WORDS:
            return changed
        return formats.paragraph(changed, _("Your input is kept; check it and send again."))
    values = {
        "assignee": str(claim.assigned_to) if claim.assigned_to else _("Someone else"),
        "verb": verb_label(verb),
        "status_words": badge(claim.status, claim.stage).words,
        "limit": claim_rows.limit_of(claim),
        **error.params,
    }
    return " ".join(refusal(code, **values) for code in error.codes)


@dataclass(slots=True)
class FormState:
    """What a form was made from: the claim's version, and up to which entry of the thread its reader could see."""

    version: int
    seen: int


def made_from(posted: Mapping[str, Any]) -> FormState:
    """Return what the posted form was made from; -1, which is no version, where it doesn't say."""
    return FormState(*(_number(posted.get(name)) for name in ("version", "seen")))


def _number(text: Any) -> int:
    number = values.whole(text)
    return -1 if number is None else number


def form_state(claim: Claim) -> dict[str, int]:
    """Return the hidden fields of a form made now. One query: after a conflict they name the claim's state of now."""
    version, position = Claim.objects.values_list("version", "next_position").get(pk=claim.pk)
    return {"version": version, "seen": position}
