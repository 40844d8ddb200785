"""Write: to the seller, or a note for the desk."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.bodies import takes_files
from accounts.values import plain_text
from claims.files.check import Accepted, examine
from claims.files.refusals import FileNotAccepted
from claims.models import Claim
from claims.rules.lifecycle import Verb
from claims.workflow.transitions import TransitionRefused
from desk.access import desk_claim
from desk.macros import fill
from desk.verb_form import VerbForm
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
    form = VerbForm(request, claim)
    is_note = verb is Verb.ADD_NOTE
    keep = form.typed.get("keep", "")
    box = (keep if keep in KEPT else "note") if is_note else "message"
    text = plain_text(form.typed.get(box, ""))
    macros = fill.available(claim, form.user, (verb,))
    macro_name = fill.asked(request)
    if macro_name is not None:
        macro = fill.named(macro_name, macros)
        if macro:
            text = f"{text.rstrip()}\n\n{fill.text_of(macro, claim, form.zone, form.now)}".strip()
        else:
            form.wrong.append(fill.nothing_called(macro_name))
    elif form.is_posted and (response := _add_note(form, text) if is_note else _send_message(form, text)):
        return response
    return form.page(
        "admin/claims/claim/write.html",
        _("Add internal note") if is_note else _("Send message"),
        is_note=is_note,
        text=text,
        macros=macros,
        back=reverse("desk:claim", args=[claim.claim_id]),
    )


def _add_note(form: VerbForm, text: str) -> HttpResponse | None:
    """Keep the note; None where it was refused."""
    try:
        verbs.add_note(claim_pk=form.claim.pk, user=form.user, text=text, now=form.now)
    except (TransitionRefused, NotSent) as error:
        form.refuse(error, Verb.ADD_NOTE)
        return None
    return form.done(_("Note added."))


def _send_message(form: VerbForm, text: str) -> HttpResponse | None:
    """Send the words and the files that were chosen with them; None where they were refused."""
    try:
        verbs.send_desk_message(
            claim_pk=form.claim.pk,
            user=form.user,
            text=text,
            now=form.now,
            version=form.version,
            files=files_of(form.request),
        )
    except (TransitionRefused, NotSent) as error:
        form.refuse(error, Verb.SEND_MESSAGE)
    except FilesNotAccepted as error:
        form.wrong += error.sentences
    except FileNotAccepted as error:
        form.wrong.append(str(error))
    else:
        return form.done(_("Message sent."))
    if form.request.FILES:  # a browser sends chosen files once
        form.wrong.append(_("Nothing was sent. Choose the files again."))
    return None
