"""The Communication page of a claim: all that was said and done on it, and the box to answer in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import unsent, values
from accounts.access import owners_of, zone_of
from accounts.bodies import takes_files
from accounts.budgets import Budget, UsedUp, spend, spends
from claims.access import claim_etag
from claims.access.seller_rows import seller_claim
from claims.access.visits import is_visit
from claims.claim_page import turn_card, turn_facts
from claims.claim_page.head import head
from claims.claim_page.snapshot import ClaimSnapshot, load_snapshot
from claims.filing.drafts import PageSequence
from claims.records import read_marks
from claims.text import formats
from claims.text import used_up as used_up_words
from messaging import thread
from messaging.compose import form, own_draft, submit
from messaging.compose.composer import composer

if TYPE_CHECKING:
    from claims.access.seller_rows import Claim, Membership

SENT = "sent"
"""The tag of a message that is said beside the composer, where the reader is, and not at the top of the page."""


@takes_files(settings.LARGEST_BODY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@spends(Budget.MESSAGES, Budget.SAVES, Budget.UPLOADS, Budget.FORMS)
@seller_claim
def communication(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    """The thread on GET; on POST the composer's form is kept as a draft or sent."""
    if request.method == "POST":
        return _receive(request, claim, membership)
    if is_visit(request) and (words := unsent.waiting(request)):
        return _restored(request, claim, membership, words)
    return _page(request, claim, membership)


def _restored(request: HttpRequest, claim: Claim, membership: Membership, words: unsent.Unsent) -> HttpResponse:
    """Put words that could not be sent into the draft, or beside the newer one there, and say so."""
    zone = str(zone_of(request.user, membership))
    words.fields["act"] = "save"
    posted = form.read_fields(words.fields)
    now = request.arrived_at  # type: ignore[attr-defined]
    outcome = submit.handle(claim, membership, posted, zone=zone, received_at=now)
    unsent.kept(request, words)
    if not outcome.before:
        messages.warning(request, unsent.came_back_words(had_files=words.had_files), extra_tags=SENT)
    return _page(request, claim, membership, posted if outcome.conflict or outcome.problems else None, outcome)


def _receive(request: HttpRequest, claim: Claim, membership: Membership) -> HttpResponse:
    zone = str(zone_of(request.user, membership))
    posted = form.read(request)
    received_at = request.arrived_at  # type: ignore[attr-defined]
    owners = "" if _may_act(membership) else formats.and_list(owners_of(membership.seller))
    posted, used_up = _within_budget(request, posted)
    outcome = submit.handle(claim, membership, posted, zone=zone, received_at=received_at, owner_names=owners)
    if used_up:
        return _not_now(request, claim, membership, posted, outcome, used_up)
    if posted.act == "auto" or request.headers.get("Accept") == "application/json":
        return _kept(claim, membership, posted.act, outcome, zone)
    if outcome.sent:
        messages.success(request, submit.sent_words(outcome.sent, zone), extra_tags=SENT)
        return redirect(_entry(claim, outcome.sent.position))
    if outcome.before:
        words = submit.sent_before_words(outcome.before, timezone.now(), zone)
        messages.info(request, words, extra_tags=SENT)
        return redirect(_entry(claim, outcome.before.position))
    if outcome.is_kept:
        return redirect(reverse("messaging:thread", args=[claim.claim_id]) + "#composer")
    claim.refresh_from_db()
    return _page(request, claim, membership, posted, outcome)


def _within_budget(request: HttpRequest, posted: form.Posted) -> tuple[form.Posted, UsedUp | None]:
    """Count what the form costs. Past the hour's messages its words are kept and not sent, past the hour's files they
    are kept without the files; raises UsedUp for words that a script keeps.
    """
    if posted.act == "auto":
        spend(request, Budget.SAVES)
        return posted, None
    used_up = None
    try:
        spend(request, Budget.UPLOADS, len(posted.uploads))
    except UsedUp as error:
        posted, used_up = replace(posted, uploads=()), error
    try:
        if not used_up and posted.act != "upload":
            spend(request, Budget.MESSAGES if posted.act == "send" else Budget.FORMS)
    except UsedUp as error:
        used_up = error
    if used_up and posted.act == "send":
        posted = replace(posted, act="save")
    return posted, used_up


def _not_now(
    request: HttpRequest,
    claim: Claim,
    membership: Membership,
    posted: form.Posted,
    outcome: submit.SubmissionOutcome,
    used_up: UsedUp,
) -> HttpResponse:
    """Show the box again with its words, and from when it can be sent."""
    zone = str(zone_of(request.user, membership))
    field = "files" if used_up.budget == Budget.UPLOADS else "text"
    problem = submit.Problem(field, used_up_words(used_up.budget, used_up.limit, used_up.again, zone))
    shown = replace(outcome, problems=(*outcome.problems, problem))
    claim.refresh_from_db()
    response = _page(request, claim, membership, posted, shown)
    response.status_code = 429
    response["Retry-After"] = str(used_up.seconds)
    return response


def _kept(claim: Claim, membership: Membership, act: str, outcome: submit.SubmissionOutcome, zone: str) -> HttpResponse:
    """Tell the page's script what became of the words it had kept while they are being written."""
    if outcome.overtaken:
        return JsonResponse({"n": outcome.overtaken})
    draft = own_draft.draft_of(claim, membership.user_id, zone)
    if outcome.is_kept:
        answer = {"words": own_draft.saved_words(draft), "kept_at": draft.kept_at}
        if draft.aside:
            answer["aside"] = own_draft.aside_words(draft)
        return JsonResponse(answer | ({"text": draft.text} if act in ("use", "back") else {}))
    words = [each.words for each in outcome.problems]
    if outcome.before:
        words.append(submit.not_kept_words(outcome.before, timezone.now(), zone))
    if not outcome.conflict:
        return JsonResponse({"words": formats.paragraph(*words)}, status=409)
    exists = _("A newer draft from %(time)s exists.") % {"time": draft.saved}
    other = {"words": exists, "text": draft.text, "kept_at": draft.kept_at}
    return JsonResponse({"words": formats.paragraph(*words, exists), "other": other}, status=409)


def _may_act(membership: Membership) -> bool:
    return membership.role != "viewer"


def _entry(claim: Claim, position: int) -> str:
    return reverse("messaging:thread", args=[claim.claim_id]) + f"?at={position}#e{position}"


def _page(
    request: HttpRequest,
    claim: Claim,
    membership: Membership,
    posted: form.Posted | None = None,
    outcome: submit.SubmissionOutcome | None = None,
) -> HttpResponse:
    context = page_context(request, claim, membership, posted, outcome, visit=is_visit(request))
    return render(request, "messaging/communication.html", context)


def page_context(
    request: HttpRequest,
    claim: Claim,
    membership: Membership,
    posted: form.Posted | None = None,
    outcome: submit.SubmissionOutcome | None = None,
    *,
    visit: bool,
    since: int | None = None,
) -> dict[str, Any]:
    """Return what the page shows, or with `since` what an open one that has all up to this position has not.

    `visit`: a person looks at it, so what is on it counts as seen from now on.
    """
    now = timezone.now()
    zone = str(zone_of(request.user, membership))
    snapshot = load_snapshot(claim)
    facts = turn_facts.read_turn_facts(claim, zone, snapshot)
    page = _thread_page(request, claim, membership, snapshot, zone, now, since)
    seen = read_marks.open_claim(claim, membership.user_id) if visit else 0
    if visit:
        page = thread.with_unread(page, seen=seen, user_id=membership.user_id)
    return {
        "claim": claim,
        "snapshot": snapshot,
        "head": head(claim, snapshot),
        "card": turn_card.card(
            claim,
            membership=membership,
            zone=zone,
            now=now,
            facts=facts,
            owner_names=snapshot.owners,
            seller_name=membership.seller.name,
        ),
        "page": page,
        "new": sum(entry.is_new for entry in page.entries),
        "first_new": next((entry.anchors[0] for entry in page.entries if entry.is_new), None),
        "stopped": seen if page.older and page.entries and page.entries[0].is_new else None,
        "people": snapshot.people,
        "tag": claim_etag.tag_of(claim, membership, page.unsettled),
        "since": page.last or 0,
        **_box_context(request, claim, membership, posted, outcome, snapshot, zone, now),
    }


def _thread_page(
    request: HttpRequest,
    claim: Claim,
    membership: Membership,
    snapshot: ClaimSnapshot,
    zone: str,
    now: datetime,
    since: int | None,
) -> thread.ThreadPage:
    """Return the page of the thread that the address asks for."""
    return thread.entries(
        claim,
        viewer="seller",
        zone=zone,
        now=now,
        snapshot=snapshot,
        deliveries=thread.own(membership.user_id, zone),
        at=position(request.GET.get("at")),
        before=position(request.GET.get("before")),
        after=position(request.GET.get("after")),
        since=since,
    )


def _box_context(
    request: HttpRequest,
    claim: Claim,
    membership: Membership,
    posted: form.Posted | None,
    outcome: submit.SubmissionOutcome | None,
    snapshot: ClaimSnapshot,
    zone: str,
    now: datetime,
) -> dict[str, Any]:
    """Return what the box to answer in shows: what was posted and did not go out, else the person's draft."""
    draft = own_draft.draft_of(claim, membership.user_id, zone) if _may_act(membership) else None
    files = draft.files if draft else ()
    words = posted.text if posted and posted.act not in ("use", "back") else None
    grounds = posted.grounds if posted and posted.chosen else draft.grounds if draft else ()
    box = composer(
        claim,
        membership,
        snapshot,
        zone=zone,
        now=now,
        files=files,
        owner_names=snapshot.owners,
        chosen=grounds,
    )
    in_slots = {thing.slot for thing in box.asked if thing.slot}
    return {
        "composer": box,
        "other_files": [file for file in files if file.slot not in in_slots],
        "draft": draft,
        "text": words if words is not None else draft.text if draft else "",
        "kind": posted.kind if posted and posted.chosen else _chosen(request, draft),
        "kept_at": posted.kept_at if posted and outcome and outcome.conflict else draft.kept_at if draft else "",
        "aside": own_draft.aside_words(draft) if draft else "",
        "written": posted.written if posted else PageSequence(uuid4().hex),
        "saved": own_draft.saved_words(draft) if draft else "",
        "problems": outcome.problems if outcome else (),
        "conflict": outcome.conflict if outcome else None,
    }


def _chosen(request: HttpRequest, draft: own_draft.DraftView | None) -> str:
    """Return what the words are meant to be: an appeal for who comes by its button, else what the draft says."""
    return "appeal" if request.GET.get("do") == "appeal" else draft.kind if draft else ""


def position(text: str | None) -> int | None:
    """Return the position an address names; None for what can't be one."""
    return values.whole(text)
