"""Decide a claim, line by line, with a preview of what the seller will read; confirm what a colleague proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.models import User
from accounts.values import plain_text
from claims.claim_page.decision_cards import DecisionCard
from claims.claim_page.snapshot import ClaimSnapshot, load_snapshot
from claims.decisions.checks import DecisionProblem, LineDecision, NotDecided
from claims.decisions.checks import contradictions as speaks_against
from claims.decisions.propose import lines_of, needs_second
from claims.models import Claim, ProposedDecision
from claims.models.desk_work import proposal_of
from claims.rules.lifecycle import Stage, Verb
from claims.text import contradiction, formats, unsendable
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
    to_claim,
    zone_of,
)
from desk.decisions import decision_page
from desk.macros import fill
from messaging.compose import verbs
from messaging.compose.verbs import NotSent, Unsendable


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def decide(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Grant or deny, line by line, with a preview of what the seller will read."""
    user = request.user
    assert isinstance(user, User)
    zone, now = zone_of(user, claim), timezone.now()
    posted = request.POST if request.method == "POST" else None
    kept = unsent.typed(request)
    lines = claim_rows.lines_to_decide(claim)
    typed = forms.read_decision(kept or posted, lines, claim.currency, chooses=True)
    snapshot = load_snapshot(claim)
    at_hand = fill.available(claim, user, (Verb.GRANT, Verb.DENY))
    canned = fill.canned(claim, at_hand, zone, now)
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    preview = None
    asked_macro = request.GET.get("macro", "") if posted is None else posted.get("macro", "") if "use" in posted else ""
    if posted is None and not kept:
        decision_page.take_up(typed, claim, snapshot)
    if asked_macro or (posted and "use" in posted):
        macro = fill.named(asked_macro, at_hand)
        if macro:
            typed.take_in(macro, fill.text_of(macro, claim, zone, now))
        else:
            wrong.append(fill.nothing_called(asked_macro))
    elif posted and typed.wrong:
        wrong += typed.wrong
    elif posted and "preview" in posted:
        found = speaks_against(
            claim, list(claim.lines.order_by("pk")), typed.lines, verb=typed.verb, words=typed.words, canned=canned
        )
        wrong += contradictions(found, lines, claim)
        preview = decision_page.preview(claim, snapshot, typed.lines, typed.words, looked={user.pk}, zone=zone, now=now)
    elif posted:
        try:
            sent = verbs.decide(
                claim_pk=claim.pk,
                user=user,
                verb=typed.verb,
                lines=typed.lines,
                words=typed.words,
                now=now,
                version=made_from(posted).version,
                canned=canned,
            )
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, user, typed.verb))
            changes = overtaken(error, request, claim)
        except NotDecided as error:
            wrong += contradictions(error.problems, lines, claim)
        except NotSent as error:
            wrong.append(unsendable(error.code, **error.params))
        else:
            said = _("Proposed. A second handler confirms it.") if sent.waits else _("The decision is sent.")
            return after(request, claim, said)
    shown = {
        **context(request, claim, _("Decide the appeal") if claim.stage == Stage.APPEAL else _("Decide")),
        **form_state(claim),
        "rows": typed.rows,
        "words": typed.words,
        "outcome": typed.outcome,
        "outcomes": decision_page.outcomes(claim),
        "wrong": list(dict.fromkeys(wrong)) or _standing(posted, claim, user, now),
        "changes": changes,
        "preview": preview,
        "waits": waits(claim, typed.lines),
        "first": decision_page.first(claim, snapshot, zone, now),
        "proposal": decision_page.sent_back(claim, zone, now),
        "evidence": claim_rows.evidence_files(claim, user),
        "suggestions": decision_page.suggestions(claim),
        "macros": at_hand,
        "currency": claim.currency,
        "clause": claim.policy_rule.clause if claim.policy_rule else "",
        "rule": claim.policy_rule,
    }
    return render(request, "admin/claims/claim/decide.html", shown)


def _standing(posted: Any, claim: Claim, user: User, now: datetime) -> list[str]:
    """Return, on a page that was only opened, why this person can't decide the claim: before they type, not after."""
    if posted is not None:
        return []
    codes = check(Verb.GRANT, claim, desk_actor(user), now)
    return [refused_words(TransitionRefused(*codes), claim, user, Verb.GRANT)] if codes else []


def waits(claim: Claim, lines: dict[int, LineDecision]) -> str:
    """Return the amount above which two people decide, where this decision passes it."""
    limit = needs_second(claim, sum(one.amount_minor for one in lines.values()))
    return "" if limit is None else formats.money(limit, claim.currency)


def contradictions(problems: Sequence[DecisionProblem], lines: list[dict[str, Any]], claim: Claim) -> list[str]:
    """Return what is wrong with a decision as entered, one sentence a problem."""
    items = {line["pk"]: line["item"] for line in lines}
    return [
        contradiction(problem, item=items.get(problem.line_pk, ""), currency=claim.currency) for problem in problems
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def confirm(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Read what a colleague proposed as the seller will; confirm it, or send it back with a reason."""
    user = request.user
    assert isinstance(user, User)
    zone, now = zone_of(user, claim), timezone.now()
    posted, kept = request.POST, unsent.typed(request)
    why = plain_text(kept.get("why", ""))
    verb = Verb.SEND_BACK if "back" in posted else Verb.CONFIRM
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    if request.method == "POST":
        version = made_from(posted).version
        try:
            if verb is Verb.SEND_BACK:
                verbs.send_back_decision(claim_pk=claim.pk, user=user, why=why, now=now, version=version)
                messages.success(request, _("Sent back."))
                return to_claim(claim)
            verbs.confirm_decision(claim_pk=claim.pk, user=user, now=now, version=version)
            return after(request, claim, _("The decision is sent."))
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, user, verb))
            changes = overtaken(error, request, claim)
        except NotDecided as error:
            wrong += contradictions(error.problems, claim_rows.lines_to_decide(claim), claim)
        except NotSent as error:
            unsaid = error.code is Unsendable.EMPTY
            wrong.append(_("Say why you send it back.") if unsaid else unsendable(error.code, **error.params))
    proposal = proposal_of(claim) if claim.proposed_by_id else None
    if request.method != "POST":
        codes = check(Verb.CONFIRM, claim, desk_actor(user), now)
        wrong += [refused_words(TransitionRefused(*codes), claim, user, Verb.CONFIRM)] if codes else []
    snapshot = load_snapshot(claim)
    shown = {
        **context(request, claim, _("Confirm a decision")),
        **form_state(claim),
        "wrong": wrong,
        "changes": changes,
        "why": why,
        "proposer": str(claim.proposed_by) if claim.proposed_by else "",
        "limit": claim_rows.limit_of(claim),
        "preview": _proposed(claim, snapshot, proposal, user, zone, now) if proposal else None,
        "evidence": claim_rows.evidence_files(claim, user),
        "first": decision_page.first(claim, snapshot, zone, now),
        "in_force": decision_page.in_force(claim, snapshot, zone, now),
    }
    return render(request, "admin/desk/confirm.html", shown)


def _proposed(
    claim: Claim, snapshot: ClaimSnapshot, proposal: ProposedDecision, user: User, zone: str, now: datetime
) -> DecisionCard:
    looked = {user.pk, proposal.by_id}
    return decision_page.preview(claim, snapshot, lines_of(proposal), proposal.words, looked=looked, zone=zone, now=now)
