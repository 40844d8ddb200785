"""Write: to the seller, or a note for the desk."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import unsent
from accounts.bodies import takes_files
from accounts.models import User
from accounts.values import plain_text
from claims.files.check import Accepted, examine
from claims.files.refusals import FileNotAccepted
from claims.models import Claim
from claims.rules.lifecycle import Verb
from claims.text import unsendable
from claims.workflow.transitions import TransitionRefused
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


@takes_files(settings.LARGEST_BODY)
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


KEPT = ("words", "text", "message")
"""Boxes of other forms whose text a note may keep, so that a form that was overtaken throws no words away."""


class FilesNotAccepted(Exception):
    """Files that can't be sent, a sentence each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def files_of(request: HttpRequest) -> list[tuple[UploadedFile, Accepted]]:
    """Return the files that were chosen with the form, all of them through the one gate. Raises FilesNotAccepted."""
    chosen = [file for file in request.FILES.getlist("files") if isinstance(file, UploadedFile)]
    passed, refused = [], []
    for file in chosen:
        try:
            passed.append((file, examine(file)))
        except FileNotAccepted as error:
            refused.append(str(error))
    if refused:
        raise FilesNotAccepted(refused)
    return passed


def _write(request: HttpRequest, claim: Claim, verb: Verb) -> HttpResponse:
    assert isinstance(request.user, User)
    is_note = verb is Verb.ADD_NOTE
    kept = unsent.typed(request)
    keep = kept.get("keep", "")
    box = (keep if keep in KEPT else "note") if is_note else "message"
    text = plain_text(kept.get(box, ""))
    wrong: list[str] = []
    changes = since_unsent(request, claim, kept)
    now = timezone.now()
    at_hand = fill.available(claim, request.user, (verb,))
    asked_macro = request.POST.get("macro", "") if "use" in request.POST else request.GET.get("macro", "")
    if "use" in request.POST or (request.method != "POST" and asked_macro):
        macro = fill.named(asked_macro, at_hand)
        if macro:
            made = fill.text_of(macro, claim, zone_of(request.user, claim), now)
            text = f"{text.rstrip()}\n\n{made}".strip()
        else:
            wrong.append(fill.nothing_called(asked_macro))
    elif request.method == "POST":
        try:
            if is_note:
                verbs.add_note(claim_pk=claim.pk, user=request.user, text=text, now=now)
            else:
                verbs.send_desk_message(
                    claim_pk=claim.pk,
                    user=request.user,
                    text=text,
                    now=now,
                    version=made_from(request.POST).version,
                    files=files_of(request),
                )
        except TransitionRefused as error:
            wrong.append(refused_words(error, claim, request.user, verb))
            changes = overtaken(error, request, claim)
        except NotSent as error:
            wrong.append(unsendable(error.code, **error.params))
        except FilesNotAccepted as error:
            wrong += error.sentences
        except FileNotAccepted as error:
            wrong.append(str(error))
        else:
            return after(request, claim, _("Note added.") if is_note else _("Message sent."))
        if request.FILES:  # a browser sends chosen files once
            wrong.append(_("Nothing was sent. Choose the files again."))
    shown = {
        **context(request, claim, _("Add internal note") if is_note else _("Send message")),
        **form_state(claim),
        "is_note": is_note,
        "text": text,
        "macros": at_hand,
        "wrong": wrong,
        "changes": changes,
        "back": reverse("desk:claim", args=[claim.claim_id]),
    }
    return render(request, "admin/claims/claim/write.html", shown)
