"""Many claims at once: refunds ticked or listed in a file become drafts, and complete drafts are submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import marketplaces, values
from accounts.access import current_membership, member_page, posted_membership, zone_of
from accounts.bodies import takes_files
from accounts.budgets import Budget, is_poll, is_post, limited
from accounts.values import ids
from claims.access.seller_rows import DraftGone, own_batch
from claims.files import names
from claims.filing import batch_file as filing_batch_file
from claims.filing import batch_page as rows
from claims.filing import batches, order_lookup
from claims.filing.batch_file import UnusableFile
from claims.filing.batch_remarks import of_row
from claims.filing.batch_rows import ctx_of
from claims.filing.step_views import viewer_why
from claims.refunds import csv as refunds_csv
from claims.refunds.views import acting
from claims.rules.lifecycle import Reason
from claims.text import batch_file, formats, reason_label
from claims.text.downloads import download
from claims.workflow.transitions import TransitionRefused

if TYPE_CHECKING:
    from claims.access.seller_rows import Batch, Membership

_KEPT_AS = {"sub-reason": "case", "statement": "description"}
"""What rows that wait call these cells: the workers of an earlier version read them too."""
RESULTS = ("MADE", "CHANGED", "SAME", "REFUSED", "FILED", "FILED_BEFORE", "LEFT")


@takes_files(settings.BYTES_A_FILE + settings.LARGEST_FORM)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@limited(Budget.BATCHES, is_post)
def bulk(request: HttpRequest) -> HttpResponse:
    """The page to upload a file of refunds to claim; POST makes drafts of its rows, or says why it can't be used."""
    if request.method == "POST":
        return _upload(request, posted_membership(request))
    membership = current_membership(request)
    assert membership is not None
    return _page(request, membership, [])


def _page(request: HttpRequest, membership: Membership, problems: list[str]) -> HttpResponse:
    now = timezone.now()
    context = {
        "problems": [{"field": "file", "words": words} for words in problems],
        "key": str(uuid4()),
        "reasons": [{"code": reason.value.lower(), "label": reason_label(reason)} for reason in Reason],
        "batches": rows.batches_of(membership, str(zone_of(request.user, membership)), now),
        "most": formats.number(filing_batch_file.MOST_ROWS),
        **acting(membership),
    }
    return render(request, "claims/bulk.html", context)


def _upload(request: HttpRequest, membership: Membership) -> HttpResponse:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _page(request, membership, [batch_file("NO_FILE")])
    name = names.clean_name(file.name)
    if (file.size or 0) > settings.BYTES_A_FILE:
        return _page(request, membership, [batch_file("TOO_LARGE", name=name)])
    try:
        place = marketplaces.find(membership.seller.marketplace)
        charset, custom = (place.charset, place.days) if place else ("cp1252", "")
        parsed = filing_batch_file.parse(file.read(), charset=charset, custom=custom)
    except UnusableFile as error:
        return _page(request, membership, [batch_file(error.code, name=name, **error.params)])
    given = (_row(one) for one in parsed.rows)
    answer = _begin(request, membership, given, name)
    for note in parsed.notes:
        messages.warning(request, f"{name}: {note}.")
    if parsed.not_read:
        columns = ", ".join(parsed.not_read)
        messages.warning(request, _("These columns were ignored: %(columns)s.") % {"columns": columns})
    return answer


def _row(one: filing_batch_file.FileRow) -> dict[str, Any]:
    """One row of the file as a row of a batch: with what can't be read of it said at once."""
    cells = dict(one.cells)
    typed, sku = cells.pop("order id", ""), cells.pop("sku", "")
    order_id = ids.as_order_id(typed)
    row: dict[str, Any] = {"number": one.line, "order_id": (order_id or typed)[:64], "sku": sku[:64]}
    if one.unreadable:
        return {**row, "remarks": [of_row("UNREADABLE")], "order_id": _shown(row["order_id"]), "sku": ""}
    if one.cut:
        return {**row, "remarks": [of_row(one.cut[0], **one.cut[1])]}
    if not typed:
        return {**row, "remarks": [of_row("NO_ORDER")]}
    if order_id is None:
        return {**row, "remarks": [of_row("ORDER_FORM", value=typed[:40])]}
    if len(one.days) == 1:
        cells["refunded on"] = one.days[0].isoformat()
    given: dict[str, Any] = {_KEPT_AS.get(name, name.replace(" ", "_")): cell for name, cell in cells.items() if cell}
    if len(one.days) > 1:
        given["days"] = [day.isoformat() for day in one.days]
    return {**row, "given": given}


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "�" for each in text)


@require_POST
@member_page
@limited(Budget.BATCHES)
def selected(request: HttpRequest) -> HttpResponse:
    """Make drafts of the refunds that were ticked in the list."""
    membership = posted_membership(request)
    chosen = rows.chosen_lines(membership, request.POST.getlist("chosen"))
    if not chosen:
        messages.warning(request, _("Tick the refunds you want to claim first."))
        return redirect("claims:refunds")
    return _begin(request, membership, chosen, "")


def _begin(request: HttpRequest, membership: Membership, given: Any, name: str) -> HttpResponse:
    try:
        batch = batches.begin_drafts(
            membership=membership, uuid=_key(request), rows=given, name=name, now=timezone.now()
        )
    except TransitionRefused:
        messages.warning(request, viewer_why(membership))
        return redirect("claims:refunds")
    return _answer(batch)


def _key(request: HttpRequest) -> UUID:
    """The form's own id, so that a double click begins one batch; a made-up one counts as none."""
    return values.uuid_of(request.POST.get("key")) or uuid4()


def _answer(batch: Batch) -> HttpResponse:
    """Lead to the batch, whose rows are done by then where there are few."""
    if batch.total <= batches.AT_ONCE:
        batches.work(batch.pk, clock=timezone.now)
    return redirect("claims:batch", batch.uuid)


@never_cache
@require_safe
@own_batch
@limited(Budget.LIVE, is_poll)
def batch(request: HttpRequest, batch: Batch, membership: Membership) -> HttpResponse:
    """How far the batch is, what came of each row, and the complete drafts to submit."""
    result = request.GET.get("result", "")
    result = result if result in RESULTS else ""
    start = values.whole(request.GET.get("after")) or 0
    found, following = rows.rows_of(batch, result or None, start, ctx_of(membership, timezone.now()))
    standing = rows.progress_of(batch)
    context = {
        "batch": batch,
        "rows": found,
        "standing": standing,
        "is_done": batch.finished_at is not None or standing.done == batch.total,
        "result": result,
        "older": "?" + urlencode({"result": result, "after": following}) if following else "",
        "key": str(uuid4()),
        "is_submit": batch.kind == "SUBMIT",
        **acting(membership),
    }
    template = "claims/batch.html#progress" if request.headers.get("HX-Request") else "claims/batch.html"
    return render(request, template, context)


@require_safe
@own_batch
@limited(Budget.EXPORTS)
def batch_report(request: HttpRequest, batch: Batch, membership: Membership) -> HttpResponseBase:
    """What came of each row, as CSV."""
    return download(
        request, rows.report(batch, ctx_of(membership, timezone.now())), f"results-{batch.created_at:%Y-%m-%d}.csv"
    )


@require_POST
@own_batch
@limited(Budget.BATCHES)
def submit_batch(request: HttpRequest, batch: Batch, membership: Membership) -> HttpResponse:
    """Submit the drafts of the batch that were complete."""
    return _submit(request, membership, rows.complete_drafts(batch), reverse("claims:batch", args=[batch.uuid]))


@require_POST
@member_page
@limited(Budget.BATCHES)
def submit_drafts(request: HttpRequest) -> HttpResponse:
    """Submit the drafts that were ticked in the list of drafts."""
    named = (values.uuid_of(each) for each in request.POST.getlist("draft")[: rows.MOST_CHOSEN])
    chosen = [uuid for uuid in named if uuid]
    return _submit(request, posted_membership(request), chosen, reverse("claims:drafts"))


def _submit(request: HttpRequest, membership: Membership, chosen: list[UUID], back: str) -> HttpResponse:
    if not chosen:
        messages.warning(request, _("Tick the drafts you want to submit first."))
        return redirect(back)
    if request.POST.get("accepted") != "yes":
        messages.warning(request, _("Tick the box when you have read the policy."))
        return redirect(back)
    accepted = []
    for each in request.POST.getlist("rule")[:50]:
        rule = order_lookup.rule_named(each)
        accepted += [rule.pk] if rule else []
    try:
        begun = batches.begin_submit(
            membership=membership,
            uuid=_key(request),
            drafts=chosen,
            accepted=accepted,
            now=request.arrived_at,  # type: ignore[attr-defined]
        )
    except TransitionRefused:
        messages.warning(request, viewer_why(membership))
        return redirect(back)
    except DraftGone as error:
        raise Http404 from error
    return _answer(begun)


@require_safe
@member_page
@limited(Budget.EXPORTS)
def template(request: HttpRequest) -> HttpResponseBase:
    """The file to fill in, with the refunds that can be claimed now, or empty with `blank=1`."""
    membership = current_membership(request)
    assert membership is not None
    now, zone = timezone.now(), zone_of(request.user, membership)
    filled = request.GET.get("blank") != "1"
    content = refunds_csv.template(membership, zone, now, filled=filled)
    return download(request, content, "claims-to-file.csv")
