"""Old e-mails at the desk: what waits in quarantine is read, and put into the thread of a claim by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.budgets import Budget, is_post, limited, spends
from accounts.groups import is_handler
from accounts.models import User
from accounts.values import plain_text
from claims.files import serve
from claims.models import Claim
from claims.rules.lifecycle import Refusal
from claims.text import badge, formats, refusal
from claims.workflow.transitions import TransitionRefused
from desk.access import may_read, zone_of
from messaging.correspondence import quarantine
from messaging.correspondence.causes import cause_words
from messaging.correspondence.matcher import Kind, Side
from messaging.correspondence.quarantine import Danger, MatchRefusal, NotMatched
from messaging.models import OriginalMail

WORDS: dict[MatchRefusal, str | Promise] = {
    MatchRefusal.NO_CLAIM_ID: gettext_lazy("Enter the id of the claim it belongs to."),
    MatchRefusal.UNKNOWN_CLAIM: gettext_lazy("There is no claim with that id. It has 5, 5 and 7 digits."),
    MatchRefusal.NOT_WAITING: gettext_lazy("This e-mail no longer waits: it is in a thread."),
    MatchRefusal.GONE: gettext_lazy("Its bytes are no longer in storage, so it can't be read. Tell an operator."),
    MatchRefusal.UNREADABLE: gettext_lazy("It can't be opened. The original can be downloaded."),
}


_SIDES: dict[Side, str | Promise] = {
    Side.DESK: gettext_lazy("the SAFE-T team"),
    Side.SELLER: gettext_lazy("the seller"),
    Side.MACHINE: gettext_lazy("nobody: a program made it"),
}
DANGERS: dict[Danger, str | Promise] = {
    Danger.INFECTED: gettext_lazy("The original has a file that failed the virus check: %(names)s. Don't open it."),
    Danger.BEING_CHECKED: gettext_lazy("The original has files that are still being checked for viruses: %(names)s."),
    Danger.NOT_SCANNED: gettext_lazy("The original has files that were not scanned for viruses: %(names)s."),
    Danger.UNKNOWN: gettext_lazy("The original can't be opened, so nothing in it was scanned for viruses."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@spends(Budget.DESK)
def mail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One old e-mail: what it says, and, while it waits, the form that puts it into a thread."""
    return admin.site.admin_view(_mail)(request, pk)


@limited(Budget.DESK, is_post)
def _mail(request: HttpRequest, pk: int) -> HttpResponse:
    original = _original(request, pk)
    assert isinstance(request.user, User)
    wrong: list[str] = []
    claim_id = plain_text(request.POST.get("claim_id", ""))[:40]
    written_by = request.POST.get("written_by", "")
    look, claim = None, None
    try:
        look = quarantine.look(original)
        if request.method == "POST":
            claim = quarantine.claim_of(claim_id)
            if "match" in request.POST and written_by in set(Side):
                return _match(request, original, claim, Side(written_by))
    except NotMatched as error:
        wrong.append(str(WORDS[error.code]))
    except TransitionRefused as error:
        wrong += [refusal(code) for code in error.codes]
    waits = original.state == OriginalMail.State.QUARANTINED and look is not None
    zone = zone_of(request.user)
    context = {
        **admin.site.each_context(request),
        "title": original.subject or _("E-mail without a subject"),
        "opts": OriginalMail._meta,
        "original": original,
        "state": original.get_state_display(),
        "cause": cause_words(original.cause),
        "sent": formats.moment_short(original.sent_at, zone) if original.sent_at else _("date unknown"),
        "size": formats.size(original.size),
        "look": look,
        "erased": original.erased_at is not None,
        "dangers": _dangers(original, look),
        "waits": waits and is_handler(request.user),
        "why_not": refusal(Refusal.NOT_A_HANDLER) if waits and not is_handler(request.user) else "",
        "sides": [(side.value, _SIDES[side]) for side in Side],
        "chosen": written_by or (look.side.value if look else ""),
        "claim_id": claim_id or _proposed(look),
        "kind": OriginalMail.Kind(look.kind.value).label if look and look.kind is not Kind.MAIL else "",
        "found": _found(claim, look) if claim and look else None,
        "wrong": wrong,
    }
    return render(request, "admin/messaging/originalmail/page.html", context)


def _proposed(look: quarantine.MailPreview | None) -> str:
    """Return the claim id the form begins with: the one the e-mail names, else that of the e-mails it answers."""
    if look is None:
        return ""
    named = look.ids if look.ids else look.answers
    return named[0] if len(named) == 1 else ""


def _dangers(original: OriginalMail, look: quarantine.MailPreview | None) -> list[str]:
    if original.erased_at:
        return []
    found = quarantine.dangers(original, look)
    return [str(DANGERS[danger]) % {"names": ", ".join(names)} for danger, names in found]


def _match(request: HttpRequest, original: OriginalMail, claim: Claim, written_by: Side) -> HttpResponse:
    assert isinstance(request.user, User)
    message = quarantine.match(
        original_pk=original.pk,
        claim_id=claim.claim_id,
        written_by=written_by,
        user=request.user,
        now=timezone.now(),
    )
    messages.success(request, _("The e-mail is in the thread of claim %(id)s.") % {"id": claim.claim_id})
    response = redirect("desk:claim", claim.claim_id)
    response["Location"] += f"#e{message.position}"
    return response


def _found(claim: Claim, look: quarantine.MailPreview) -> dict[str, Any]:
    """What tells the handler whether it is the right claim."""
    return {
        "claim_id": claim.claim_id,
        "seller": claim.seller.name,
        "order_id": claim.order.order_id,
        "claimed": formats.money(claim.claimed_minor, claim.currency),
        "status": badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full).words,
        "of_others": look.is_of_others(claim.seller_id),
    }


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The e-mail byte for byte, as a download."""
    return admin.site.admin_view(_download)(request, pk)


def _download(request: HttpRequest, pk: int) -> HttpResponseBase:
    original = _original(request, pk)
    if original.erased_at:
        raise Http404
    name, media_type = quarantine.download_name(original)
    return serve.kept(original.storage_key, name, media_type)


def _original(request: HttpRequest, pk: int) -> OriginalMail:
    rows = OriginalMail.objects.select_related("seller", "claim", "message", "matched_by")
    original = rows.filter(pk=pk).first() if may_read(request.user) and pk < 2**63 else None
    if original is None:
        raise Http404
    return original
