"""What became of a claim while its page is open: asked every few seconds, answered only where something changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import zone_of
from accounts.budgets import Budget, spend, spends
from claims.access import claim_etag
from claims.access.seller_rows import seller_claim
from claims.text import files_settled, formats
from messaging import thread
from messaging.communication_page.views import page_context, position
from messaging.thread import CheckedFiles, Entry, settled

if TYPE_CHECKING:
    from claims.access.seller_rows import Claim, Membership


@require_safe
@spends(Budget.LIVE)
def live(request: HttpRequest, claim_id: str) -> HttpResponse:
    """304 while the claim is as If-None-Match says; else the entries that were added after the position `since`.

    The script of a page whose session ended gets 401 instead of the sign-in page, and says so beside the words.
    """
    if not request.user.is_authenticated:
        asks = request.headers.get("HX-Request")
        response = HttpResponse(status=401) if asks else redirect_to_login(request.get_full_path())
    else:
        spend(request, Budget.LIVE)
        tag = claim_etag.tag_asked(request, claim_id)
        if request.headers.get("If-None-Match") == tag:
            response = HttpResponse(status=304)
        else:
            response = _news(request, claim_id=claim_id)
        response["ETag"] = tag
    response["Cache-Control"] = "no-store"  # no browser keeps what a person may be signed out of
    return response


@seller_claim
def _news(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    since = position(request.GET.get("since")) or 0
    context = page_context(request, claim, membership, visit=request.GET.get("seen") == "1", since=since)
    page = context["page"]
    moved = request.GET.get("stands", "") != context["composer"].stands
    news = [entry for entry in page.entries if entry.anchors and entry.person_id != membership.user_id]
    files = settled(claim, request.GET.get("files", ""))
    removed = thread.removed(
        claim,
        since=since,
        first=position(request.GET.get("first")) or 0,
        zone=str(zone_of(request.user, membership)),
        now=timezone.now(),
        snapshot=context["snapshot"],
        deliveries=thread.own(membership.user_id, str(zone_of(request.user, membership))),
    )
    sentences = _said(news, context["head"].badge.words if moved else "", files)
    context |= {
        "is_update": True,
        "moved": moved,
        "said": sentences,
        "settled": files,
        "removed": removed,
        "has_news": bool(sentences and page.entries),
        "has_files": files.beside or removed.is_any or any(entry.anchors and entry.files for entry in page.entries),
        "since": max(page.last or 0, since),
        "tag": "" if page.newer else context["tag"],  # more than a page of news: ask again at once
    }
    return render(request, "messaging/live.html", context)


def _said(news: list[Entry], status: str, files: CheckedFiles) -> str:
    """Return what a screen reader is told, in a sentence or a few; "" where there is nothing to tell."""
    sentences = []
    if posts := sum(entry.kind == "post" for entry in news):
        sentences.append(ngettext("%(n)s new message.", "%(n)s new messages.", posts) % {"n": posts})
    if status:
        sentences.append(_("This claim is now: %(status)s.") % {"status": status})
    elif news and not posts and not files.refused:
        sentences.append(_("There is something new in this thread."))
    sentences += files_settled(files.checked, files.refused)
    return formats.paragraph(*sentences)
