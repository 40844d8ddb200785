"""What every form of the desk has in common that does one verb to one claim."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import unsent
from accounts.models import User
from claims.models import Claim
from claims.rules.lifecycle import Refusal, Verb
from claims.text import unsendable
from claims.workflow import desk_actions, transitions
from claims.workflow.transitions import TransitionRefused, desk_actor
from desk import claim_rows
from desk.access import context, form_state, made_from, refused_words, to_claim, zone_of
from messaging.compose.verbs import NotSent


class VerbForm:
    """A handler's form on a claim, while one request shows it, fills it in or sends it.

    `typed` are its fields: what is posted now, or what could not be sent before. `wrong` is what has to be fixed, a
    sentence each; `changes` is what happened to the claim since the form was made. Both are shown above it.
    """

    def __init__(self, request: HttpRequest, claim: Claim) -> None:
        assert isinstance(request.user, User)
        self.request, self.claim, self.user = request, claim, request.user
        self.zone, self.now = zone_of(self.user, claim), timezone.now()
        self.is_posted = request.method == "POST"
        self.typed = unsent.typed(request)
        self.version = made_from(request.POST).version
        self.wrong: list[str] = []
        self.changes: list[claim_rows.ClaimChange] = []
        made = made_from(self.typed)
        if not self.is_posted and made.version not in (-1, claim.version):  # it waited unsent and is shown again
            self.changes = claim_rows.changes(claim, made.version, made.seen, self.zone, self.now)

    def warn(self, verb: Verb) -> None:
        """Say on a page that was only opened why this person can't do the verb now, so that nobody types in vain."""
        if codes := transitions.check(verb, self.claim, desk_actor(self.user), self.now):
            self.wrong.append(refused_words(TransitionRefused(*codes), self.claim, self.user, verb))

    def refuse(self, error: TransitionRefused | NotSent, verb: Verb) -> None:
        """Say why the verb was refused and, where the claim changed meanwhile, what happened to it."""
        if isinstance(error, NotSent):
            self.wrong.append(unsendable(error.code, **error.params))
            return
        self.wrong.append(refused_words(error, self.claim, self.user, verb))
        if Refusal.CHANGED_MEANWHILE in error.codes:
            fresh = claim_rows.claims().get(pk=self.claim.pk)
            made = made_from(self.request.POST)
            zone = zone_of(self.user, fresh)
            self.changes = claim_rows.changes(fresh, made.version, made.seen, zone, timezone.now())

    def done(self, sentence: str) -> HttpResponse:
        """Say what was done and lead on: to the next claim where that button was pressed, else back to this one."""
        messages.success(self.request, sentence)
        if "next" not in self.request.POST:
            return to_claim(self.claim)
        following = desk_actions.take_next(user=self.user, now=timezone.now())
        if following is None:
            messages.info(self.request, _("Nothing else is waiting."))
            return redirect("admin:claims_claim_changelist")
        return to_claim(following)

    def page(self, template: str, title: str, **shown: Any) -> HttpResponse:
        """Return the page with the form on it, made from the claim as it is now."""
        values = {
            **context(self.request, self.claim, title),
            **form_state(self.claim),
            "wrong": list(dict.fromkeys(self.wrong)),
            "changes": self.changes,
            **shown,
        }
        return render(self.request, template, values)
