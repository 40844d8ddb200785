"""Ask the seller for what is missing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.values import plain_text
from accounts.values.text import Unreadable
from claims.models import Claim
from claims.models.policy import evidence_needed
from claims.rules.lifecycle import Slot, Status, Verb
from claims.text import formats, slot_title
from claims.workflow import deadlines
from claims.workflow.desk_actions import open_request
from claims.workflow.transitions import TransitionRefused
from desk import forms
from desk.access import desk_claim
from desk.macros import fill
from desk.verb_form import VerbForm
from messaging.compose import verbs
from messaging.compose.verbs import NotSent


@require_http_methods(["GET", "HEAD", "POST"])
@desk_claim
def request_information(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Ask the seller for evidence slots and other things."""
    form = RequestForm(request, claim)
    macro_name = fill.asked(request)
    if macro_name is not None:
        form.take_in_macro(macro_name)
    elif form.is_posted and (response := form.send()):
        return response
    return form.request_page()


class RequestForm(VerbForm):
    """The form to ask for information: `slots` are the chosen evidence slots, `own` what is asked in words.

    `soonest` is the earliest reply-by that can be set: what policy gives, and never less than the seller has.
    """

    def __init__(self, request: HttpRequest, claim: Claim) -> None:
        super().__init__(request, claim)
        self.slots = [slot for slot in Slot if self.typed.get(f"slot-{slot}")]
        self.own = [plain_text(self.typed.get(f"own-{n}", ""))[:500] for n in range(3)]
        self.text = plain_text(self.typed.get("text", ""))
        self.day = self.typed.get("day", "").strip()[:20]
        self.soonest = max(deadlines.reply_by(claim, self.now), claim.reply_by or self.now)
        self.macros = fill.available(claim, self.user, (Verb.REQUEST_INFORMATION,))
        if not self.is_posted and not self.typed and (asked := open_request(claim)):
            # What is asked already is in the form, a macro or not: sending takes its place.
            items = list(asked.items.all())
            self.slots = [slot for slot in Slot if any(item.slot == slot for item in items)]
            self.own = ([item.words for item in items if item.words] + self.own)[:3]

    def take_in_macro(self, name: str) -> None:
        """Fill in what a macro brings, and send nothing."""
        macro = fill.named(name, self.macros)
        if macro:
            brought = fill.text_of(macro, self.claim, self.zone, self.now)
            self.text = f"{self.text.rstrip()}\n\n{brought}".strip()
            self.slots = [slot for slot in Slot if slot in self.slots or slot in macro.slots]
        else:
            self.wrong.append(fill.nothing_called(name))

    def send(self) -> HttpResponse | None:
        """Ask the seller; None where it was refused."""
        try:
            reply_by = forms.last_moment(self.day, deadlines.zone_of(self.claim)) if self.day else self.soonest
        except Unreadable:
            self.wrong.append(_("Choose a day, as in 2026-12-24."))
            return None
        if reply_by < self.soonest:
            moment = formats.moment_full(self.soonest, self.zone)
            self.wrong.append(_("Reply-by can be later than %(moment)s, never earlier.") % {"moment": moment})
            return None
        try:
            verbs.request_information(
                claim_pk=self.claim.pk,
                user=self.user,
                slots=self.slots,
                own_words=self.own,
                text=self.text,
                now=self.now,
                version=self.version,
                reply_by=reply_by,
            )
        except (TransitionRefused, NotSent) as error:
            self.refuse(error, Verb.REQUEST_INFORMATION)
            return None
        return self.done(_("Sent. It is the seller's turn."))

    def request_page(self) -> HttpResponse:
        asking_again = self.claim.status == Status.AWAITING_SELLER
        return self.page(
            "admin/claims/claim/request.html",
            _("Ask again") if asking_again else _("Request information"),
            asking_again=asking_again,
            slots=self._slot_boxes(),
            own=self.own,
            text=self.text,
            macros=self.macros,
            reply_by=formats.moment_full(self.soonest, self.zone),
            day=self.day,
            zone_name=str(deadlines.zone_of(self.claim)),
        )

    def _slot_boxes(self) -> list[dict[str, Any]]:
        """Return the boxes to tick, those that the claim's reason needs first."""
        needs = evidence_needed(self.claim.policy_rule, self.claim.reason)
        first = [*needs.required, *needs.recommended]
        slots = [*first, *(slot for slot in Slot if slot not in first and slot is not Slot.OTHER)]
        return [{"code": slot.value, "title": slot_title(slot), "chosen": slot in self.slots} for slot in slots]
