"""Decide a claim, line by line, with a preview of what the seller will read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from claims import display, wording
from claims.models import Claim
from claims.operations.deciding import NotDecided, problems_of
from claims.operations.moving import Refused
from desk import forms, rows
from desk.door import after, context, desk_claim, form_state, made_from, overtaken, refused_words, zone_of
from messaging import operations
from messaging.operations import NotSent


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
    changes: list[rows.Change] = []
    if posted and not wrong:
        if "preview" in posted:
            found = problems_of(claim, list(claim.lines.order_by("pk")), typed.lines)
            wrong += contradictions(found, lines, claim)
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
                    version=made_from(posted).version,
                )
            except Refused as error:
                wrong.append(refused_words(error, claim, request.user, typed.verb))
                changes = overtaken(error, request, claim)
            except NotDecided as error:
                wrong += contradictions(error.problems, lines, claim)
            except NotSent as error:
                wrong.append(wording.unsendable(error.code, **error.params))
            else:
                return after(request, claim, _("The decision is sent."))
    shown = {
        **context(request, claim, _("Decide the appeal") if claim.stage == "APPEAL" else _("Decide")),
        "rows": typed.rows,
        "words": typed.words,
        "wrong": list(dict.fromkeys(wrong)),
        "preview": preview,
        "changes": changes,
        **form_state(claim),
        "first_result": rows.first_result(claim),
        "currency": claim.currency,
    }
    return render(request, "admin/claims/claim/decide.html", shown)


def contradictions(problems: Any, lines: list[dict[str, Any]], claim: Claim) -> list[str]:
    """Return the sentences for what is wrong with a decision, each about its item."""
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
