"""Put right what went wrong: correct a decision, redact a text or a file, release an appeal."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.models import User
from accounts.values import plain_text
from claims.claim_page.snapshot import load_snapshot
from claims.decisions.checks import NotDecided
from claims.models import Claim
from claims.models.desk_work import proposal_of
from claims.records import redact as records_redact
from claims.records.redact import NotRedacted
from claims.rules.lifecycle import Refusal, Verb
from claims.text import formats, redaction_problem, refusal, unsendable
from claims.workflow import deadlines, move_deadline
from claims.workflow.transitions import TransitionRefused, check, desk_actor
from desk import claim_rows, forms
from desk.access import (
    after,
    context,
    desk_claim,
    form_state,
    made_from,
    overtaken,
    refused_words,
    since_unsent,
    zone_of,
)
from desk.decisions import decision_page
from desk.decisions.views import contradictions, waits
from desk.repairs import redactable
from messaging import redact_message
from messaging.compose import verbs
from messaging.compose.verbs import NotSent
from messaging.models import InternalNote


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def correct(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Raise what was granted, before anybody appeals; what was typed is kept when it can't be done."""
    assert isinstance(request.user, User)
    posted, kept = request.POST if request.method == "POST" else None, unsent.typed(request)
    lines = claim_rows.lines_to_decide(claim, raising=True)
    typed = forms.read_decision(kept or posted, lines, claim.currency)
    zone, now = zone_of(request.user, claim), timezone.now()
    wrong = list(typed.wrong) if posted else _standing(request.user, claim, Verb.CORRECT)
    changes = since_unsent(request, claim, kept)
    if posted is None and not kept and proposal_of(claim):
        decision_page.take_up(typed, claim, load_snapshot(claim))
    if posted and not wrong:
        try:
            sent = verbs.correct(
                claim_pk=claim.pk,
                user=request.user,
                lines=typed.lines,
                words=typed.words,
                now=now,
                version=made_from(posted).version,
            )
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, request.user, Verb.CORRECT))
            changes = overtaken(error, request, claim)
        except NotDecided as error:
            wrong += contradictions(error.problems, lines, claim)
        except NotSent as error:
            wrong.append(unsendable(error.code, **error.params))
        else:
            waiting = _("Proposed. A second handler confirms it.")
            return after(request, claim, waiting if sent.waits else _("The decision is corrected."))
    shown = {
        **context(request, claim, _("Correct this decision")),
        "rows": typed.rows,
        "words": typed.words,
        "wrong": list(dict.fromkeys(wrong)),
        "changes": changes,
        "waits": waits(claim, typed.lines),
        "proposal": decision_page.sent_back(claim, zone, now),
        **form_state(claim),
        "currency": claim.currency,
    }
    return render(request, "admin/claims/claim/correct.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def extend(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Give the seller until the end of a later day to reply, or to appeal, with the reason they read."""
    assert isinstance(request.user, User)
    calendar, zone = deadlines.zone_of(claim), zone_of(request.user, claim)
    now = timezone.now()
    kept = unsent.typed(request)
    typed, why = kept.get("day", "")[:20], plain_text(kept.get("why", ""))
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    if request.method == "POST":
        try:
            move_deadline.move_deadline(
                claim.pk,
                to=forms.last_moment(typed, calendar),
                why=why,
                by=desk_actor(request.user),
                now=now,
                version=made_from(request.POST).version,
            )
        except ValueError:
            wrong.append(_("Choose a day, as in 2026-12-24."))
        except TransitionRefused as error:
            if Refusal.NOT_LATER in error.codes:
                old = formats.moment_full(max(error.params["old"], now), zone)
                wrong.append(refusal(Refusal.NOT_LATER, old=old))
            else:
                wrong.append(refused_words(error, claim, request.user, Verb.EXTEND))
                changes = overtaken(error, request, claim)
        else:
            return after(request, claim, _("The seller has more time, and reads why."))
    else:
        wrong = _standing(request.user, claim, Verb.EXTEND)
    deadline = claim.reply_by or claim.appeal_by
    shown = {
        **context(request, claim, _("Extend reply-by") if claim.reply_by else _("Extend appeal-by")),
        "day": typed,
        "why": why,
        "why_max": move_deadline.WHY_MAX,
        "wrong": wrong,
        "changes": changes,
        **form_state(claim),
        "old": formats.moment_full(deadline, zone) if deadline else "",
        "zone_name": str(calendar),
    }
    return render(request, "admin/claims/claim/extend.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def redact(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Redact one text, file or note of the claim, for good, with the reason that is read in its place."""
    assert isinstance(request.user, User)
    _keeper_only(request.user, claim, Verb.REDACT)
    kept = unsent.typed(request)
    what = plain_text(kept.get("what", ""))[:40]
    why = plain_text(kept.get("why", ""))
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    if request.method == "POST":
        try:
            version = made_from(request.POST).version
            gone = redactable.redact_chosen(claim, what, by=request.user, why=why, now=timezone.now(), version=version)
        except redactable.NothingChosen:
            wrong.append(_("Choose what to redact."))
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, request.user, Verb.REDACT))
            changes = overtaken(error, request, claim)
        except NotRedacted as error:
            wrong.append(redaction_problem(error.code))
        else:
            if isinstance(gone, InternalNote):
                return after(request, claim, _("Redacted. The desk sees that it was, and why."))
            return after(request, claim, _("Redacted. The seller sees that it was, and why."))
    shown = {
        **context(request, claim, _("Redact a text or a file")),
        "choices": redactable.choices(claim, zone_of(request.user, claim)),
        "chosen": what,
        "why": why,
        "why_max": records_redact.WHY_MAX,
        "wrong": wrong,
        "changes": changes,
        **form_state(claim),
    }
    return render(request, "admin/claims/claim/redact.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def release_appeal(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Let a handler decide an appeal that nobody else is left to decide."""
    assert isinstance(request.user, User)
    _keeper_only(request.user, claim, Verb.RELEASE_APPEAL)
    handlers = claim_rows.handlers()
    kept = unsent.typed(request)
    chosen = kept.get("to", "")
    to = next((one for one in handlers if str(one.pk) == chosen), None)
    why = plain_text(kept.get("why", ""))
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    if request.method == "POST":
        try:
            if to is None:
                raise TransitionRefused(Refusal.CANT_BE_RELEASED_TO)
            version = made_from(request.POST).version
            redact_message.release_appeal(
                claim.pk, by=request.user, to=to, why=why, now=timezone.now(), version=version
            )
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, request.user, Verb.RELEASE_APPEAL))
            changes = overtaken(error, request, claim)
        except NotRedacted as error:
            wrong.append(redaction_problem(error.code))
        else:
            return after(request, claim, _("Released to %(name)s.") % {"name": to})
    else:
        wrong = _standing(request.user, claim, Verb.RELEASE_APPEAL)
    shown = {
        **context(request, claim, _("Release the appeal")),
        "handlers": [{"pk": one.pk, "name": str(one), "chosen": one is to} for one in handlers],
        "why": why,
        "why_max": records_redact.WHY_MAX,
        "wrong": wrong,
        "changes": changes,
        **form_state(claim),
    }
    return render(request, "admin/claims/claim/release_appeal.html", shown)


def _standing(user: User, claim: Claim, verb: Verb) -> list[str]:
    """Return why the verb isn't possible now, so that nobody types for nothing."""
    codes: Any = check(verb, claim, desk_actor(user), timezone.now())
    return [refused_words(TransitionRefused(*codes), claim, user, verb)] if codes else []


def _keeper_only(user: User, claim: Claim, verb: Verb) -> None:
    """Answer as if there were no such page to those who never have this verb."""
    actor = desk_actor(user)
    if not (actor.is_superuser or (verb is Verb.REDACT and actor.may_act and actor.is_senior)):
        raise Http404
