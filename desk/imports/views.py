"""Imports at the desk: the list with its upload, the page of a run, and the rows it left out."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import marketplaces, values
from accounts.bodies import takes_files
from accounts.budgets import Budget, is_poll, is_post, limited
from accounts.models import Seller, User
from accounts.values import plain_text
from accounts.values.text import escaped
from claims.files import names
from claims.files.bucket import StorageAway
from claims.imports import runs
from claims.imports.run import WrongCall, find_marketplace, find_seller
from claims.models import ImportRun
from claims.text import formats
from claims.text.downloads import as_spreadsheet, download
from desk.access import site_context, staff, zone_of
from desk.audit import audit_middleware
from desk.imports import run_rows


@takes_files(settings.BYTES_AN_IMPORT + settings.LARGEST_FORM)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff
@limited(Budget.UPLOADS, is_post)
def imports(request: HttpRequest) -> HttpResponseBase:
    """The runs, newest first, and a form for a file; POST keeps the file and has it tried, or says why not."""
    user = _reader(request)
    if request.method == "POST":
        return _upload(request, user)
    return _list(request, user, [])


def _reader(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not runs.may_read(user):
        raise Http404
    return user


def _list(request: HttpRequest, user: User, wrong: list[str]) -> HttpResponseBase:
    found = run_rows.runs_page(request.GET.get("cursor", ""), zone_of(user))
    typed = request.POST
    kind = typed.get("kind") or ImportRun.Kind.REFUNDS
    context: dict[str, Any] = {
        **site_context(request),
        "title": _("Imports"),
        "rows": found.rows,
        "older": f"?cursor={found.older}" if found.older else "",
        "newer": f"?cursor={found.newer}" if found.newer else "",
        "may_import": runs.may_import(user),
        "wrong": wrong,
        "key": str(uuid4()),
        "kinds": [(value, words, value == kind) for value, words in ImportRun.Kind.choices],
        "places": [(place.code, place.name) for place in marketplaces.by_code().values()],
        "seller": plain_text(typed.get("seller", "")),
        "marketplace": typed.get("marketplace", ""),
        "most": formats.size(settings.BYTES_AN_IMPORT),
        "days": runs.FILE_KEPT.days,
    }
    return render(request, "admin/desk/imports/list.html", context)


def _upload(request: HttpRequest, user: User) -> HttpResponseBase:
    if not runs.may_import(user):
        raise Http404
    file = request.FILES.get("file")
    kind = request.POST.get("kind", "")
    wrong = []
    if kind not in ImportRun.Kind.values:
        wrong.append(_("Choose what the file holds."))
    if not isinstance(file, UploadedFile):
        wrong.append(_("Choose a file."))
    elif (file.size or 0) > settings.BYTES_AN_IMPORT:
        words = _("The file is larger than %(most)s. Import it with the command, or upload it in parts.")
        wrong.append(words % {"most": formats.size(settings.BYTES_AN_IMPORT)})
    seller, place = _owner(request, wrong)
    if wrong or not isinstance(file, UploadedFile):
        return _list(request, user, wrong)
    try:
        run = runs.begin(
            file,
            uuid=values.uuid_of(request.POST.get("key")) or uuid4(),
            kind=ImportRun.Kind(kind),
            name=names.clean_name(file.name),
            seller=seller,
            marketplace=place,
            by=user,
            now=timezone.now(),
        )
    except StorageAway:
        return _list(request, user, [_("The storage doesn't answer, so the file was not kept. Try again in a minute.")])
    _on_record(request, run)
    return redirect("desk:import_run", run.uuid)


def _owner(request: HttpRequest, wrong: list[str]) -> tuple[Seller | None, str]:
    """Return the seller and the marketplace that were typed; what is wrong with them is added to `wrong`."""
    seller, place = None, None
    try:
        seller = find_seller(request.POST.get("seller", "").strip()[:100] or None)
        place = find_marketplace(request.POST.get("marketplace", "").strip()[:100] or None)
    except WrongCall as error:
        wrong.append(escaped(str(error)))
    return seller, place.code if place else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff
@limited(Budget.UPLOADS, is_post)
@limited(Budget.LIVE, is_poll)
def import_run(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One run: how far it is, then what became of it; POST has the file of a dry run imported for good."""
    user = _reader(request)
    run = _run(uuid)
    if request.method == "POST":
        return _for_good(request, run, user)
    now = timezone.now()
    has_ended = run.ended_at is not None
    follower = ImportRun.objects.filter(tried_in=run).first() if run.is_dry_run else None
    rejects = run_rows.first_rejects(run) if run.left_out else []
    context: dict[str, Any] = {
        **site_context(request),
        "title": run.name,
        "run": run_rows.row_of(run, zone_of(user)),
        "is_going_on": not has_ended,
        "progress": "" if has_ended else run_rows.progress(run, now),
        "done": run.done,
        "total": run.total,
        "failure": run_rows.why_failed(run),
        "changes": run_rows.what_changes(run) if run.state == ImportRun.State.DONE else [],
        "notes": run.notes,
        "rejects": rejects,
        "more": formats.number(run.left_out - len(rejects)) if run.left_out > len(rejects) else "",
        "can_apply": follower is None and runs.can_be_applied(run) and runs.may_import(user),
        "file_is_gone": run.is_dry_run and not run.storage_key and bool(run.by_id) and follower is None,
        "for_good": follower,
        "tried_in": run.tried_in,
    }
    if rejects:
        context["as_spreadsheet"] = as_spreadsheet(f"{request.path}rejects/")
    return render(request, "admin/desk/imports/run.html", context)


def _for_good(request: HttpRequest, run: ImportRun, user: User) -> HttpResponseBase:
    if not runs.may_import(user):
        raise Http404
    try:
        begun = runs.for_good(run, by=user, now=timezone.now())
    except runs.NotBegun:
        messages.error(request, _("There is nothing to import: the dry run has not ended well, or its file is gone."))
        return redirect("desk:import_run", run.uuid)
    _on_record(request, begun)
    return redirect("desk:import_run", begun.uuid)


@require_safe
@staff
@limited(Budget.EXPORTS)
def import_rejects(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The rows that a run left out, as CSV or as a spreadsheet."""
    _reader(request)
    run = _run(uuid)
    return download(request, run_rows.rejects_csv(run), f"left-out-{run.begun_at:%Y-%m-%d}-{str(run.uuid)[:8]}.csv")


def _run(uuid: UUID) -> ImportRun:
    run = ImportRun.objects.select_related("by", "seller", "tried_in").filter(uuid=uuid).first()
    if run is None:
        raise Http404
    return run


def _on_record(request: HttpRequest, run: ImportRun) -> None:
    """Have the record say which run of which bytes this request began."""
    if run.seller_id:
        audit_middleware.about(request, run.seller_id, "")
    audit_middleware.note(request, run=str(run.uuid), sha256=run.sha256, dry_run=int(run.is_dry_run))
