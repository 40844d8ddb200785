"""Ask the seller for what is missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.models import User
from accounts.values import plain_text
from claims.models import Claim
from claims.models.policy import evidence_needed
from claims.rules.lifecycle import Slot, Status, Verb
from claims.text import formats, slot_title, unsendable
from claims.workflow import deadlines
from claims.workflow.desk_actions import open_request
from claims.workflow.transitions import TransitionRefused
from desk import forms
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
from desk.macros import fill
from messaging.compose import verbs
from messaging.compose.verbs import NotSent


class NotLater(Exception):
    """The day that was chosen ends before the seller's time does anyway."""


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def request_information(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Ask the seller for evidence slots and other things."""
    assert isinstance(request.user, User)
    zone, now = zone_of(request.user, claim), timezone.now()
    posted, kept = request.POST, unsent.typed(request)
    chosen = [slot for slot in Slot if kept.get(f"slot-{slot}")]
    own = [plain_text(kept.get(f"own-{n}", ""))[:500] for n in range(3)]
    text, day = plain_text(kept.get("text", "")), kept.get("day", "").strip()[:20]
    soonest = max(deadlines.reply_by(claim, now), claim.reply_by or now)
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    at_hand = fill.available(claim, request.user, (Verb.REQUEST_INFORMATION,))
    asked_macro = posted.get("macro", "") if "use" in posted else request.GET.get("macro", "")
    if request.method != "POST" and not kept and (asked := open_request(claim)):
        # What is asked already is in the form, a macro or not: sending takes its place.
        items = list(asked.items.all())
        chosen = [slot for slot in Slot if any(item.slot == slot for item in items)]
        own = ([item.words for item in items if item.words] + own)[:3]
    if "use" in posted or (request.method != "POST" and asked_macro):
        macro = fill.named(asked_macro, at_hand)
        if macro:
            text = f"{text.rstrip()}\n\n{fill.text_of(macro, claim, zone, now)}".strip()
            chosen = [slot for slot in Slot if slot in chosen or slot in macro.slots]
        else:
            wrong.append(fill.nothing_called(asked_macro))
    elif request.method == "POST":
        try:
            later = forms.last_moment(day, deadlines.zone_of(claim)) if day else soonest
            if later < soonest:
                raise NotLater
            verbs.request_information(
                claim_pk=claim.pk,
                user=request.user,
                slots=chosen,
                own_words=own,
                text=text,
                now=now,
                version=made_from(posted).version,
                reply_by=later,
            )
        except ValueError:
            wrong.append(_("Choose a day, as in 2026-12-24."))
        except NotLater:
            moment = formats.moment_full(soonest, zone)
            wrong.append(_("Reply-by can be later than %(moment)s, never earlier.") % {"moment": moment})
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, request.user, Verb.REQUEST_INFORMATION))
            changes = overtaken(error, request, claim)
        except NotSent as error:
            wrong.append(unsendable(error.code, **error.params))
        else:
            return after(request, claim, _("Sent. It is the seller's turn."))
    asking_again = claim.status == Status.AWAITING_SELLER
    needs = evidence_needed(claim.policy_rule, claim.reason)
    first = [*needs.required, *needs.recommended]
    slots = [*first, *(slot for slot in Slot if slot not in first and slot is not Slot.OTHER)]
    shown = {
        **context(request, claim, _("Ask again") if asking_again else _("Request information")),
        **form_state(claim),
        "asking_again": asking_again,
        "slots": [{"code": s.value, "title": slot_title(s), "chosen": s in chosen} for s in slots],
        "own": own,
        "text": text,
        "macros": at_hand,
        "wrong": wrong,
        "changes": changes,
        "reply_by": formats.moment_full(soonest, zone),
        "day": day,
        "zone_name": str(deadlines.zone_of(claim)),
    }
    return render(request, "admin/claims/claim/request.html", shown)
