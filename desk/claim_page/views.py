"""The claim on one page, and who else has it open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import values, view_as_seller
from accounts.models import User
from claims.claim_page import links, turn_facts
from claims.claim_page.desk_card import desk_card
from claims.claim_page.snapshot import load_snapshot
from claims.models import Claim
from claims.rules.lifecycle import Verb
from claims.text import badge, reason_label, verb_label
from desk import claim_rows, presence
from desk.access import context, desk_claim, form_state, made_from, zone_of
from desk.claim_page import claim_facts
from desk.claim_page.verb_bar import buttons, macro_links
from desk.macros import fill
from desk.queue import list as queue
from messaging.thread import entries, everybodys


@require_safe
@desk_claim
def claim_page(request: HttpRequest, claim: Claim) -> HttpResponse:
    """The claim on one page: whose turn, the verbs, evidence, thread with notes, and the facts beside it."""
    user = request.user
    assert isinstance(user, User)
    zone, now = zone_of(user, claim), timezone.now()
    before = request.GET.get("before", "")
    snapshot = load_snapshot(claim)
    facts, since = turn_facts.read_turn_facts(claim, zone, snapshot), claim_rows.since_first(claim, snapshot)
    card = desk_card(claim, user=user, zone=zone, now=now, facts=facts, since=since)
    presence.mark(claim.pk, user, now)
    shown = {
        **context(request, claim, _("Claim %(id)s") % {"id": claim.claim_id}),
        **form_state(claim),
        "card": card,
        "may_view_as": view_as_seller.may_view(user),
        "bar": buttons(claim, card.verbs),
        "standing": queue.standing(user, now),
        "here": presence.sentence(claim.pk, user, now),
        "beat_seconds": presence.BEAT_SECONDS,
        "refused": [{"label": verb_label(verb), "why": why} for verb, why in card.refused.items()],
        "badge": badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed),
        "reason": reason_label(claim.reason),
        "lines": claim_facts.lines(claim, snapshot, zone),
        "statement": links.linked(claim.statement),
        "evidence": claim_rows.evidence_files(claim, user),
        "page": claim_rows.with_originals(
            claim,
            entries(
                claim,
                viewer="desk",
                zone=zone,
                now=now,
                deliveries=everybodys(),
                before=values.whole(before, digits=8),
                snapshot=snapshot,
            ),
        ),
        "facts": claim_facts.of(claim, snapshot, zone, now),
        "macros": macro_links(claim, fill.available(claim, user), card.verbs),
        "may_message": Verb.SEND_MESSAGE in card.verbs,
        "may_note": Verb.ADD_NOTE in card.verbs,
    }
    return render(request, "admin/claims/claim/page.html", shown)


@require_POST
@desk_claim
def here(request: HttpRequest, claim: Claim) -> HttpResponse:
    """A sign that a handler still has the claim open; says who else has, and whether it changed meanwhile."""
    user = request.user
    assert isinstance(user, User)
    now = timezone.now()
    if "left" in request.POST:
        presence.leave(claim.pk, user)
        return HttpResponse(status=204)
    presence.mark(claim.pk, user, now, writing="writing" in request.POST)
    changed = made_from(request.POST).version not in (-1, claim.version)
    return JsonResponse(
        {
            "here": presence.sentence(claim.pk, user, now),
            "changed": claim_rows.what_changed(claim, zone_of(user, claim), now) if changed else "",
        }
    )
