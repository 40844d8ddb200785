"""Put right what went wrong: correct a decision, redact a text or a file, release an appeal."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.values import plain_text
from accounts.values.text import Unreadable
from claims.claim_page.snapshot import load_snapshot
from claims.decisions.checks import NotDecided
from claims.models import Claim
from claims.models.desk_work import proposal_of
from claims.records.redact import WHY_MAX, NotRedacted
from claims.rules.lifecycle import Refusal, Verb
from claims.text import formats, redaction_problem, refusal
from claims.workflow import deadlines, move_deadline
from claims.workflow.transitions import TransitionRefused, desk_actor
from desk import claim_rows, forms
from desk.access import desk_claim
from desk.decisions import decision_page
from desk.decisions.views import contradictions, waits
from desk.repairs import redactable
from desk.verb_form import VerbForm
from messaging import redact_message
from messaging.compose import verbs
from messaging.compose.verbs import NotSent
from messaging.models import InternalNote


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def correct(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Raise what was granted, before anybody appeals; what was typed is kept when it can't be done."""
    form = VerbForm(request, claim)
    lines = claim_rows.lines_to_decide(claim, raising=True)
    typed = forms.read_decision(form.typed, lines, claim.currency)
    if not request.POST:
        form.warn(Verb.CORRECT)
    elif typed.wrong:
        form.wrong += typed.wrong
    elif response := _correct(form, typed, lines):
        return response
    if not form.is_posted and not form.typed and proposal_of(claim):
        decision_page.take_up(typed, claim, load_snapshot(claim))
    return form.page(
        "admin/claims/claim/correct.html",
        _("Correct this decision"),
        rows=typed.rows,
        words=typed.words,
        waits=waits(claim, typed.lines),
        proposal=decision_page.sent_back(claim, form.zone, form.now),
        currency=claim.currency,
    )


def _correct(form: VerbForm, typed: forms.DecisionInput, lines: list[dict[str, Any]]) -> HttpResponse | None:
    """Raise what was granted, or propose it where a second handler confirms; None where it was refused."""
    try:
        sent = verbs.correct(
            claim_pk=form.claim.pk,
            user=form.user,
            lines=typed.lines,
            words=typed.words,
            now=form.now,
            version=form.version,
        )
    except NotDecided as error:
        form.wrong += contradictions(error.problems, lines, form.claim)
    except (TransitionRefused, NotSent) as error:
        form.refuse(error, Verb.CORRECT)
    else:
        waiting = _("Proposed. A second handler confirms it.")
        return form.done(waiting if sent.waits else _("The decision is corrected."))
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def extend(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Give the seller until the end of a later day to reply, or to appeal, with the reason they read."""
    form = VerbForm(request, claim)
    day, why = form.typed.get("day", "")[:20], plain_text(form.typed.get("why", ""))
    if not form.is_posted:
        form.warn(Verb.EXTEND)
    elif response := _extend(form, day, why):
        return response
    deadline = claim.reply_by or claim.appeal_by
    return form.page(
        "admin/claims/claim/extend.html",
        _("Extend reply-by") if claim.reply_by else _("Extend appeal-by"),
        day=day,
        why=why,
        why_max=move_deadline.WHY_MAX,
        old=formats.moment_full(deadline, form.zone) if deadline else "",
        zone_name=str(deadlines.zone_of(claim)),
    )


def _extend(form: VerbForm, day: str, why: str) -> HttpResponse | None:
    """Move the deadline to the end of that day; None where it was refused."""
    try:
        move_deadline.move_deadline(
            form.claim.pk,
            to=forms.last_moment(day, deadlines.zone_of(form.claim)),
            why=why,
            by=desk_actor(form.user),
            now=form.now,
            version=form.version,
        )
    except Unreadable:
        form.wrong.append(_("Choose a day, as in 2026-12-24."))
    except TransitionRefused as error:
        if Refusal.NOT_LATER in error.codes:
            old = formats.moment_full(max(error.params["old"], form.now), form.zone)
            form.wrong.append(refusal(Refusal.NOT_LATER, old=old))
        else:
            form.refuse(error, Verb.EXTEND)
    else:
        return form.done(_("The seller has more time, and reads why."))
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def redact(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Redact one text, file or note of the claim, for good, with the reason that is read in its place."""
    _keeper_only(request, Verb.REDACT)
    form = VerbForm(request, claim)
    what, why = plain_text(form.typed.get("what", ""))[:40], plain_text(form.typed.get("why", ""))
    if form.is_posted and (response := _redact(form, what, why)):
        return response
    return form.page(
        "admin/claims/claim/redact.html",
        _("Redact a text or a file"),
        choices=redactable.choices(claim, form.zone),
        chosen=what,
        why=why,
        why_max=WHY_MAX,
    )


def _redact(form: VerbForm, what: str, why: str) -> HttpResponse | None:
    """Redact what was chosen; None where it was refused."""
    try:
        gone = redactable.redact_chosen(form.claim, what, by=form.user, why=why, now=form.now, version=form.version)
    except redactable.NothingChosen:
        form.wrong.append(_("Choose what to redact."))
    except TransitionRefused as error:
        form.refuse(error, Verb.REDACT)
    except NotRedacted as error:
        form.wrong.append(redaction_problem(error.code))
    else:
        if isinstance(gone, InternalNote):
            return form.done(_("Redacted. The desk sees that it was, and why."))
        return form.done(_("Redacted. The seller sees that it was, and why."))
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def release_appeal(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Let a handler decide an appeal that nobody else is left to decide."""
    _keeper_only(request, Verb.RELEASE_APPEAL)
    form = VerbForm(request, claim)
    handlers = claim_rows.handlers()
    chosen = form.typed.get("to", "")
    to = next((handler for handler in handlers if str(handler.pk) == chosen), None)
    why = plain_text(form.typed.get("why", ""))
    if not form.is_posted:
        form.warn(Verb.RELEASE_APPEAL)
    elif response := _release_appeal(form, to, why):
        return response
    return form.page(
        "admin/claims/claim/release_appeal.html",
        _("Release the appeal"),
        handlers=[{"pk": each.pk, "name": str(each), "chosen": each is to} for each in handlers],
        why=why,
        why_max=WHY_MAX,
    )


def _release_appeal(form: VerbForm, to: User | None, why: str) -> HttpResponse | None:
    """Let `to` decide the appeal; None where that was refused."""
    try:
        if to is None:
            raise TransitionRefused(Refusal.CANT_BE_RELEASED_TO)
        redact_message.release_appeal(form.claim.pk, by=form.user, to=to, why=why, now=form.now, version=form.version)
    except TransitionRefused as error:
        form.refuse(error, Verb.RELEASE_APPEAL)
    except NotRedacted as error:
        form.wrong.append(redaction_problem(error.code))
    else:
        return form.done(_("Released to %(name)s.") % {"name": to})
    return None


def _keeper_only(request: HttpRequest, verb: Verb) -> None:
    """Answer as if there were no such page to those who never have this verb."""
    assert isinstance(request.user, User)
    actor = desk_actor(request.user)
    if not (actor.is_superuser or (verb is Verb.REDACT and actor.may_act and actor.is_senior)):
        raise Http404
