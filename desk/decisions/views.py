"""Decide a claim, line by line, with a preview of what the seller will read; confirm what a colleague proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.values import plain_text
from claims.claim_page.decision_cards import DecisionCard
from claims.claim_page.snapshot import ClaimSnapshot, load_snapshot
from claims.decisions import checks
from claims.decisions.checks import DecisionProblem, LineDecision, NotDecided
from claims.decisions.confirm import confirm as confirm_proposal
from claims.decisions.propose import lines_of, needs_second
from claims.models import Claim, ProposedDecision
from claims.models.desk_work import proposal_of
from claims.rules.lifecycle import Stage, Verb
from claims.text import contradiction, formats
from claims.workflow.transitions import TransitionRefused, desk_actor
from desk import claim_rows, forms
from desk.access import desk_claim, to_claim
from desk.decisions import decision_page
from desk.macros import fill
from desk.verb_form import VerbForm
from messaging.compose import verbs
from messaging.compose.verbs import NotSent, Unsendable


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def decide(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Grant or deny, line by line, with a preview of what the seller will read."""
    form = DecisionForm(request, claim)
    macro_name = fill.asked(request)
    if macro_name is not None:
        form.take_in_macro(macro_name)
    elif request.POST and form.input.wrong:
        form.wrong += form.input.wrong
    elif "preview" in request.POST:
        form.preview_decision()
    elif request.POST and (response := form.send()):
        return response
    return form.decide_page()


class DecisionForm(VerbForm):
    """The form to decide a claim: `lines` are the claim's, `input` is what was typed for each."""

    def __init__(self, request: HttpRequest, claim: Claim) -> None:
        super().__init__(request, claim)
        self.lines = claim_rows.lines_to_decide(claim)
        self.input = forms.read_decision(self.typed, self.lines, claim.currency, chooses=True)
        self.snapshot = load_snapshot(claim)
        self.macros = fill.available(claim, self.user, (Verb.GRANT, Verb.DENY))
        self.canned = fill.canned(claim, self.macros, self.zone, self.now)
        self.preview: DecisionCard | None = None
        if not self.is_posted and not self.typed:
            decision_page.take_up(self.input, claim, self.snapshot)

    def take_in_macro(self, name: str) -> None:
        """Fill in what a macro brings, and send nothing."""
        macro = fill.named(name, self.macros)
        if macro:
            self.input.take_in(macro, fill.text_of(macro, self.claim, self.zone, self.now))
        else:
            self.wrong.append(fill.nothing_called(name))

    def preview_decision(self) -> None:
        """Show what the seller would read, and what speaks against the decision."""
        problems = checks.contradictions(
            self.claim,
            list(self.claim.lines.order_by("pk")),
            self.input.lines,
            verb=self.input.verb,
            words=self.input.words,
            canned=self.canned,
        )
        self.wrong += contradictions(problems, self.lines, self.claim)
        self.preview = decision_page.preview(
            self.claim,
            self.snapshot,
            self.input.lines,
            self.input.words,
            looked={self.user.pk},
            zone=self.zone,
            now=self.now,
        )

    def send(self) -> HttpResponse | None:
        """Decide, or propose it where a second handler confirms; None where it was refused."""
        try:
            sent = verbs.decide(
                claim_pk=self.claim.pk,
                user=self.user,
                verb=self.input.verb,
                lines=self.input.lines,
                words=self.input.words,
                now=self.now,
                version=self.version,
                canned=self.canned,
            )
        except NotDecided as error:
            self.wrong += contradictions(error.problems, self.lines, self.claim)
        except (TransitionRefused, NotSent) as error:
            self.refuse(error, self.input.verb)
        else:
            return self.done(_("Proposed. A second handler confirms it.") if sent.waits else _("The decision is sent."))
        return None

    def decide_page(self) -> HttpResponse:
        claim = self.claim
        if not self.is_posted and not self.wrong:
            self.warn(Verb.GRANT)
        return self.page(
            "admin/claims/claim/decide.html",
            _("Decide the appeal") if claim.stage == Stage.APPEAL else _("Decide"),
            rows=self.input.rows,
            words=self.input.words,
            outcome=self.input.outcome,
            outcomes=decision_page.outcomes(claim),
            preview=self.preview,
            waits=waits(claim, self.input.lines),
            first=decision_page.first(claim, self.snapshot, self.zone, self.now),
            proposal=decision_page.sent_back(claim, self.zone, self.now),
            evidence=claim_rows.evidence_files(claim, self.user),
            suggestions=decision_page.suggestions(claim),
            macros=self.macros,
            currency=claim.currency,
            clause=claim.policy_rule.clause if claim.policy_rule else "",
            rule=claim.policy_rule,
        )


def waits(claim: Claim, lines: dict[int, LineDecision]) -> str:
    """Return the amount above which two people decide, where this decision passes it."""
    limit = needs_second(claim, sum(line.amount_minor for line in lines.values()))
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
    form = VerbForm(request, claim)
    why = plain_text(form.typed.get("why", ""))
    if form.is_posted and (response := _send_back(form, why) if "back" in request.POST else _confirm(form)):
        return response
    proposal = proposal_of(claim) if claim.proposed_by_id else None
    if not form.is_posted:
        form.warn(Verb.CONFIRM)
    snapshot = load_snapshot(claim)
    return form.page(
        "admin/desk/confirm.html",
        _("Confirm a decision"),
        why=why,
        proposer=str(claim.proposed_by) if claim.proposed_by else "",
        limit=claim_rows.limit_of(claim),
        preview=_proposed(form, snapshot, proposal) if proposal else None,
        evidence=claim_rows.evidence_files(claim, form.user),
        first=decision_page.first(claim, snapshot, form.zone, form.now),
        in_force=decision_page.in_force(claim, snapshot, form.zone, form.now),
    )


def _confirm(form: VerbForm) -> HttpResponse | None:
    """Make what was proposed the decision; None where it was refused."""
    try:
        confirm_proposal(form.claim.pk, by=desk_actor(form.user), now=form.now, version=form.version)
    except TransitionRefused as error:
        form.refuse(error, Verb.CONFIRM)
    except NotDecided as error:
        form.wrong += contradictions(error.problems, claim_rows.lines_to_decide(form.claim), form.claim)
    else:
        return form.done(_("The decision is sent."))
    return None


def _send_back(form: VerbForm, why: str) -> HttpResponse | None:
    """Give the proposed decision back to whoever proposed it; None where it was refused."""
    try:
        verbs.send_back_decision(claim_pk=form.claim.pk, user=form.user, why=why, now=form.now, version=form.version)
    except (TransitionRefused, NotSent) as error:
        if isinstance(error, NotSent) and error.code is Unsendable.EMPTY:
            form.wrong.append(_("Say why you send it back."))
        else:
            form.refuse(error, Verb.SEND_BACK)
        return None
    messages.success(form.request, _("Sent back."))
    return to_claim(form.claim)


def _proposed(form: VerbForm, snapshot: ClaimSnapshot, proposal: ProposedDecision) -> DecisionCard:
    return decision_page.preview(
        form.claim,
        snapshot,
        lines_of(proposal),
        proposal.words,
        looked={form.user.pk, proposal.by_id},
        zone=form.zone,
        now=form.now,
    )
