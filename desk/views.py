"""The verbs of the desk as form pages: each translates, makes one call, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.groups import groups_of
from accounts.models import User
from claims import display, wording
from claims.attachments import serve
from claims.lifecycle import EVIDENCE, Reason, Refusal, Slot, Verb
from claims.models import Claim
from claims.operations import clocks, investigating
from claims.operations.deciding import NotDecided, problems_of
from claims.operations.moving import Refused
from claims.turn import desk_card
from desk import forms, rows
from messaging import operations
from messaging.operations import NotSent
from messaging.thread import entries

ZONE = "UTC"


def may_read(user: Any) -> bool:
    """Whether this person works at the desk: in one of its groups, or as superuser."""
    return isinstance(user, User) and user.is_active and user.is_staff and (user.is_superuser or bool(groups_of(user)))


def zone_of(user: User, claim: Claim | None = None) -> str:
    """Return the zone a member of staff reads moments in: their own, else the claim's marketplace's."""
    return user.zone or (str(clocks.zone_of(claim)) if claim else ZONE)


def desk_claim(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hand the view the claim that `claim_id` names. Staff of the desk only; everybody else signs in or gets 404."""

    @wraps(view)
    def door(request: HttpRequest, claim_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read(request.user):
            raise Http404
        claim = rows.claims().filter(claim_id=claim_id).first()
        if claim is None:
            raise Http404
        return view(request, claim, *args, **kwargs)

    return admin.site.admin_view(door)


def _context(request: HttpRequest, claim: Claim, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "claim": claim, "opts": Claim._meta}


def to_claim(claim: Claim) -> HttpResponse:
    return redirect("desk:claim", claim.claim_id)


def refused_words(error: Refused, claim: Claim, user: User, verb: Verb) -> str:
    """Return why a verb was refused, all reasons, as the desk reads them."""
    claim = rows.claims().get(pk=claim.pk)
    zone, now = zone_of(user, claim), timezone.now()
    if Refusal.CHANGED_MEANWHILE in error.codes:
        changed = rows.what_changed(claim, zone, now)
        return f"{changed} " + _("Your input is kept; check it and send again.")
    values = {
        "assignee": str(claim.assigned_to) if claim.assigned_to else _("Someone else"),
        "verb": wording.verb_label(verb),
        "status_words": wording.badge(claim.status, claim.stage).words,
    }
    return " ".join(wording.refusal(code, **values) for code in error.codes)


@require_safe
@desk_claim
def claim_page(request: HttpRequest, claim: Claim) -> HttpResponse:
    """The claim on one page: whose turn, the verbs, evidence, thread with notes, and the facts beside it."""
    assert isinstance(request.user, User)
    zone, now = zone_of(request.user, claim), timezone.now()
    before = request.GET.get("before", "")
    card = desk_card(claim, user=request.user, zone=zone, now=now)
    context = {
        **_context(request, claim, _("Claim %(id)s") % {"id": claim.claim_id}),
        "card": card,
        "can": {verb.value: verb in card.verbs for verb in Verb},
        "refused": [{"label": wording.verb_label(verb), "why": why} for verb, why in card.refused.items()],
        "badge": wording.badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed),
        "is_mine": claim.assigned_to_id == request.user.pk,
        "reason": wording.reason_label(claim.reason),
        "proofs": rows.proofs(claim),
        "page": entries(
            claim,
            viewer="desk",
            zone=zone,
            now=now,
            before=int(before) if before.isdecimal() and len(before) < 9 else None,
        ),
        "facts": rows.facts(claim, zone, now),
    }
    return render(request, "admin/claims/claim/page.html", context)


@require_safe
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """A file of a claim: pictures in place with ?show=1, everything else as a download."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        found = rows.file_of_claim(uuid) if may_read(request.user) else None
        if found is None:
            raise Http404
        response = serve.response(found)
        if request.GET.get("show") and found.media_type in rows.INLINE:
            response["Content-Disposition"] = "inline"
        return response

    return admin.site.admin_view(answer)(request)


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


def _after(request: HttpRequest, claim: Claim, said: str) -> HttpResponse:
    """Say what was done and lead on: to the next claim where that button was pressed."""
    assert isinstance(request.user, User)
    messages.success(request, said)
    if "next" in request.POST:
        following = investigating.take_next(user=request.user, now=timezone.now())
        if following is None:
            messages.info(request, _("Nothing else is waiting."))
            return redirect("admin:claims_claim_changelist")
        return to_claim(following)
    return to_claim(claim)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def request_information(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Ask the seller for evidence slots and other things."""
    assert isinstance(request.user, User)
    zone, now = zone_of(request.user, claim), timezone.now()
    posted = request.POST
    chosen = [slot for slot in Slot if posted.get(f"slot-{slot}")]
    own = [posted.get(f"own-{n}", "").replace("\x00", "")[:500] for n in range(3)]
    text = posted.get("text", "").replace("\x00", "")
    wrong: list[str] = []
    if request.method == "POST":
        try:
            operations.request_information(
                claim_pk=claim.pk,
                user=request.user,
                slots=chosen,
                own_words=own,
                text=text,
                now=now,
                version=forms.version_of(posted),
            )
        except Refused as error:
            wrong.append(refused_words(error, claim, request.user, Verb.REQUEST_INFORMATION))
        except NotSent as error:
            wrong.append(wording.unsendable(error.code, **error.params))
        else:
            return _after(request, claim, _("Sent. It is the seller's turn."))
    needs = EVIDENCE[Reason(claim.reason)] if claim.reason else EVIDENCE[Reason.NOT_RETURNED]
    first = [*needs.required, *needs.recommended]
    slots = [*first, *(slot for slot in Slot if slot not in first and slot is not Slot.OTHER)]
    context = {
        **_context(request, claim, _("Request information")),
        "slots": [{"code": s.value, "title": wording.slot_title(s), "chosen": s in chosen} for s in slots],
        "own": own,
        "text": text,
        "wrong": wrong,
        "version": _version(claim),
        "reply_by": display.moment_full(clocks.reply_by(claim, now), zone),
    }
    return render(request, "admin/claims/claim/request.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def decide(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Grant or deny, line by line, with a preview of what the seller will read."""
    assert isinstance(request.user, User)
    zone, now = zone_of(request.user, claim), timezone.now()
    posted = request.POST if request.method == "POST" else None
    lines = rows.lines_to_decide(claim)
    typed = forms.read_decision(posted, lines, claim.currency)
    wrong, preview = list(typed.wrong) if posted else [], None
    if posted and not wrong:
        if "preview" in posted:
            found = problems_of(claim, list(claim.lines.order_by("pk")), typed.lines)
            wrong += _contradictions(found, lines, claim)
            preview = _preview(typed, claim, zone)
        else:
            try:
                operations.decide(
                    claim_pk=claim.pk,
                    user=request.user,
                    verb=typed.verb,
                    lines=typed.lines,
                    words=typed.words,
                    now=now,
                    version=forms.version_of(posted),
                )
            except Refused as error:
                wrong.append(refused_words(error, claim, request.user, typed.verb))
            except NotDecided as error:
                wrong += _contradictions(error.problems, lines, claim)
            except NotSent as error:
                wrong.append(wording.unsendable(error.code, **error.params))
            else:
                return _after(request, claim, _("The decision is sent."))
    context = {
        **_context(request, claim, _("Decide the appeal") if claim.stage == "APPEAL" else _("Decide")),
        "rows": typed.rows,
        "words": typed.words,
        "wrong": list(dict.fromkeys(wrong)),
        "preview": preview,
        "version": _version(claim),
        "first_result": rows.first_result(claim),
        "currency": claim.currency,
    }
    return render(request, "admin/claims/claim/decide.html", context)


def _contradictions(problems: Any, lines: list[dict[str, Any]], claim: Claim) -> list[str]:
    items = {line["pk"]: line["item"] for line in lines}
    return [
        wording.contradiction(problem, item=items.get(problem.line_pk, ""), currency=claim.currency)
        for problem in problems
    ]


def _preview(typed: forms.DecisionInput, claim: Claim, zone: str) -> dict[str, Any]:
    """What the seller will read: result, amounts and sentences."""
    total = sum(one.amount_minor for one in typed.lines.values())
    status = "GRANTED" if total else "DENIED"
    named = {"order_id": claim.order.order_id, "reason": claim.reason}
    return {
        "badge": wording.badge(status, claim.stage, granted_in_full=total == claim.claimed_minor),
        "lines": [
            {
                "item": row["item"],
                "granted": display.money(typed.lines[row["pk"]].amount_minor, claim.currency),
                "claimed": row["claimed"],
                "why": [
                    wording.decision_reason(code, {**named, **params}, zone)
                    for code, params in typed.lines[row["pk"]].reasons
                ],
            }
            for row in typed.rows
            if row["pk"] in typed.lines
        ],
        "words": typed.words,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def send_message(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Write to the seller; it changes nothing else."""
    return _write(request, claim, Verb.SEND_MESSAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def add_note(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Write an internal note; only the desk reads it."""
    return _write(request, claim, Verb.ADD_NOTE)


def _write(request: HttpRequest, claim: Claim, verb: Verb) -> HttpResponse:
    assert isinstance(request.user, User)
    is_note = verb is Verb.ADD_NOTE
    text = request.POST.get("note" if is_note else "message", "").replace("\x00", "")
    wrong: list[str] = []
    if request.method == "POST":
        now = timezone.now()
        try:
            if is_note:
                operations.add_note(claim_pk=claim.pk, user=request.user, text=text, now=now)
            else:
                version = forms.version_of(request.POST)
                operations.send_desk_message(claim_pk=claim.pk, user=request.user, text=text, now=now, version=version)
        except Refused as error:
            wrong.append(refused_words(error, claim, request.user, verb))
        except NotSent as error:
            wrong.append(wording.unsendable(error.code, **error.params))
        else:
            return _after(request, claim, _("Note added.") if is_note else _("Message sent."))
    context = {
        **_context(request, claim, _("Add internal note") if is_note else _("Send message")),
        "is_note": is_note,
        "text": text,
        "wrong": wrong,
        "version": _version(claim),
        "back": reverse("desk:claim", args=[claim.claim_id]),
    }
    return render(request, "admin/claims/claim/write.html", context)


def _version(claim: Claim) -> int:
    """The version a form is made from: after a conflict the new one, so that sending again is a choice."""
    return Claim.objects.values_list("version", flat=True).get(pk=claim.pk)
