"""File a new SAFE-T claim: find the order, then what, why, proof and review, each a plain form.

Every submit is kept in the draft first, so that neither an error nor a step back loses anything.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import current_membership, member_page, memberships, owners_of, posted_membership, zone_of
from claims import display, wording
from claims.access import filing_rows, own_draft, searching
from claims.access.doors import Draft, Membership, claim_filed_from, draft_of
from claims.access.filing_rows import Kind
from claims.access.refunds_list import ctx_of
from claims.eligibility import evidence_of
from claims.lifecycle import Reason, Refusal, Slot
from claims.operations import drafts, filing
from claims.operations.filing import NotFiled, Review
from claims.operations.moving import Refused

STEPS = ("what", "why", "proof", "review")
STEP_OF = {
    "lines": "what",
    "quantity": "what",
    "amount": "what",
    "reason": "why",
    "slot": "proof",
    "statement": "proof",
    "policy": "review",
}


def _labels() -> dict[str, str]:
    return {"what": _("What"), "why": _("Why"), "proof": _("Proof"), "review": _("Review")}


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def new(request: HttpRequest) -> HttpResponse:
    """Find an order and see what of it can be claimed; POST starts the draft for one of its refunds."""
    if request.method == "POST":
        return _begin(request)
    membership = current_membership(request)
    assert membership is not None
    zone, now = zone_of(request.user, membership), timezone.now()
    kind = request.GET.get("kind", "order")
    kind = kind if kind in set(Kind) else "order"
    value = request.GET.get("order", "")
    found = problem = None
    if "order" in request.GET:
        if not value.strip():
            problem = _("Enter an order id.")
        elif kind == "order" and searching.as_order_id("".join(value.split())) is None:
            problem = _('"%(value)s" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667.') % {
                "value": value.strip()[:64]
            }
        else:
            found = filing_rows.find(membership, memberships(request), kind, value, zone, now)
    context = {
        "kind": kind,
        "value": value[:64].replace("\x00", ""),
        "problems": [{"field": "order", "words": problem}] if problem else [],
        "found": found,
        "may_act": membership.role != "viewer",
        "viewer_why": _viewer_why(membership),
    }
    return render(request, "claims/new.html", context)


def _viewer_why(membership: Membership) -> str:
    if membership.role != "viewer":
        return ""
    return wording.refusal(Refusal.ROLE_VIEWER, owner_names=display.and_list(owners_of(membership.seller)))


def _begin(request: HttpRequest) -> HttpResponse:
    membership = posted_membership(request)
    refund = filing_rows.refund_of(membership, request.POST.get("order", ""), request.POST.get("refund", ""))
    if refund is None:
        raise Http404
    try:
        draft = drafts.begin_filing(membership=membership, refund=refund, now=timezone.now())
    except Refused:
        messages.warning(request, _viewer_why(membership))
        return redirect(f"{reverse('claims:new')}?order={request.POST.get('order', '')}")
    return redirect("claims:new_step", draft.uuid, "what")


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def step(request: HttpRequest, uuid: UUID, step: str) -> HttpResponse:
    """One step of filing. A POST keeps what came, then goes on, back, or stays and says what is to fix.

    A draft that was filed (double click, second tab, the browser's back button) leads to its claim.
    """
    try:
        draft, membership = draft_of(request, uuid)
    except Http404:
        claim = claim_filed_from(request, uuid)
        if claim is None:
            raise
        messages.info(request, _("This claim was already filed. This is it."))
        return redirect("claims:details", claim.claim_id)
    if step not in STEPS or draft.purpose != Draft.Purpose.FILE:
        raise Http404
    if request.method != "POST":
        return _show(request, draft, membership, step)
    if why := _viewer_why(membership):
        return _show(request, draft, membership, step, [{"field": "", "words": why}])
    now = timezone.now()
    problems: list[dict[str, str]] = []
    match step:
        case "what":
            draft = _keep_what(request, draft)
        case "why":
            reason = request.POST.get("reason", "")
            if reason in set(Reason):
                draft = drafts.save(draft, now=now, reason=reason)
        case "proof":
            draft, problems = _keep_proof(request, draft)
        case "review":
            return _submit(request, draft, membership)
    if "back" in request.POST:
        return redirect("claims:new_step", draft.uuid, STEPS[max(STEPS.index(step) - 1, 0)])
    if "stay" in request.POST or any(name.startswith("remove-") for name in request.POST):
        return _show(request, draft, membership, step, problems) if problems else redirect(request.path)
    review = filing.review(draft, now)
    problems += _problems_of(review, step)
    if problems:
        return _show(request, draft, membership, step, problems)
    return redirect("claims:new_step", draft.uuid, STEPS[STEPS.index(step) + 1])


def _keep_what(request: HttpRequest, draft: Draft) -> Draft:
    quantities: dict[str, int] = {}
    for name, value in request.POST.items():
        if name.startswith("quantity-") and str(value).strip().isdecimal() and len(str(value)) < 7:
            quantities[name.removeprefix("quantity-")[:64].replace("\x00", "")] = int(str(value))
    return drafts.save(draft, now=timezone.now(), quantities=quantities)


def _keep_proof(request: HttpRequest, draft: Draft) -> tuple[Draft, list[dict[str, str]]]:
    now = timezone.now()
    text = request.POST.get("statement", "").replace("\x00", "").replace("\r\n", "\n")
    draft = drafts.save(draft, now=now, text=text)
    for name in request.POST:
        if name.startswith("remove-"):
            _remove(draft, name.removeprefix("remove-"))
    chosen: list[tuple[str, Any]] = []
    for name in request.FILES:
        slot = name.removeprefix("file-")
        if name.startswith("file-") and slot in set(Slot):
            chosen += [(slot, file) for file in request.FILES.getlist(name) if isinstance(file, UploadedFile)]
    _kept, refused = drafts.add_files(draft, chosen, now=now)
    return draft, [{"field": "", "words": str(error)} for error in refused]


def _remove(draft: Draft, uuid: str) -> None:
    for file in filing_rows.files_of(draft):
        if file.uuid == uuid:
            drafts.remove_file(draft, file.uuid)


def _problems_of(review: Review, step: str | None = None) -> list[dict[str, str]]:
    """The things to fix, each with the step and field that mends it; of one step, or of all."""
    found = []
    for problem in review.problems:
        where = STEP_OF[problem.field.partition("-")[0]]
        if step in (None, where):
            found.append({"field": problem.field, "step": where, "words": wording.filing_problem(problem)})
    return found


def _submit(request: HttpRequest, draft: Draft, membership: Membership) -> HttpResponse:
    if "back" in request.POST:
        return redirect("claims:new_step", draft.uuid, "proof")
    key, _slash, version = request.POST.get("accepted", "").partition("/")
    ticked = filing_rows.policy_rule(key[:64], int(version)) if version.isdecimal() and len(version) < 6 else None
    try:
        claim, new = filing.file_claim(
            draft_uuid=draft.uuid,
            membership=membership,
            now=timezone.now(),
            accepted_rule=ticked.pk if ticked else None,
        )
    except NotFiled as error:
        problems = [
            {"field": p.field, "step": STEP_OF[p.field.partition("-")[0]], "words": wording.filing_problem(p)}
            for p in error.problems
        ]
        ctx = ctx_of(membership, zone_of(request.user, membership), timezone.now())
        problems += [{"field": "", "step": "what", "words": wording.cause(said, ctx).sentence} for said in error.causes]
        if not problems:
            problems = [{"field": "", "step": "review", "words": _viewer_why(membership)}]
        return _show(request, draft, membership, "review", problems)
    if not new:
        messages.info(request, _("This claim was already filed. This is it."))
        return redirect("claims:details", claim.claim_id)
    return redirect("claims:receipt", claim.claim_id)


def _show(
    request: HttpRequest,
    draft: Draft,
    membership: Membership,
    step: str,
    problems: list[dict[str, str]] | None = None,
) -> HttpResponse:
    now, zone = timezone.now(), zone_of(request.user, membership)
    review = filing.review(draft, now)
    ctx = ctx_of(membership, zone, now)
    labels = _labels()
    at = STEPS.index(step)
    for problem in problems or []:
        if problem.get("step", step) != step:
            address = reverse("claims:new_step", args=[draft.uuid, problem["step"]])
            problem["href"] = f"{address}#{problem['field']}"
    closes = review.closes_at
    context = {
        "draft": draft,
        "step": step,
        "number": at + 1,
        "title": labels[step],
        "steps": [
            {
                "label": labels[name],
                "state": "current" if name == step else "done" if index < at else "ahead",
                "href": reverse("claims:new_step", args=[draft.uuid, name]) if index < at else "",
            }
            for index, name in enumerate(STEPS)
        ],
        "problems": problems or [],
        "saved": display.clock(draft.updated_at, zone),
        "file_by": _("File by %(moment)s (%(left)s).")
        % {"moment": display.moment_full(closes, zone), "left": display.left(closes, now)}
        if closes and now <= closes
        else "",
        "causes": [wording.cause(said, ctx) for said in review.causes],
        "order_id": draft.refund.order.order_id if draft.refund else "",
        **_parts(review, draft, step, ctx, zone.key),
    }
    return render(request, f"claims/new_{step}.html", context)


def _parts(review: Review, draft: Draft, step: str, ctx: wording.Ctx, zone: str) -> dict[str, Any]:
    """What the template of each step needs besides the frame."""
    lines = [
        {
            "sku": one.line.sku,
            "item": one.line.title or one.line.sku,
            "asin": one.line.asin,
            "quantity": one.quantity,
            "left": max(one.left, 0),
            "total": one.line.quantity,
            "refunded": display.money(one.line.amount_minor, one.line.currency),
            "refunded_on": display.day(one.line.refund.refunded_at, zone),
            "amount": display.money(one.amount_minor, one.line.currency),
            "causes": [] if one.assessment.eligible else [wording.cause(s, ctx) for s in one.assessment.causes],
            "choices": list(range(max(one.left, 0) + 1)),
        }
        for one in review.lines
    ]
    match step:
        case "what":
            return {"lines": lines}
        case "why":
            return {"reasons": [_reason(reason, review) for reason in Reason]}
        case "proof":
            return {"slots": _slots(review, draft), "statement": draft.text, "max": filing.STATEMENT_MAX}
    currency = review.lines[0].line.currency if review.lines else ""
    return {
        "lines": [line for line in lines if line["quantity"]],
        "total": display.money(review.total_minor, currency) if currency else "",
        "reason": wording.reason_label(review.reason) if review.reason else "",
        "slots": _slots(review, draft),
        "statement": draft.text,
        "rule": review.rule,
        "still": _problems_of(review),
    }


def _reason(reason: Reason, review: Review) -> dict[str, Any]:
    needs = evidence_of(review.rule_for(reason), reason)
    return {
        "code": reason.value,
        "label": wording.reason_label(reason),
        "help": wording.reason_help(reason),
        "chosen": reason is review.reason,
        "needs": display.and_list([wording.slot_name(slot) for slot in needs.required]),
        "helps": display.and_list([wording.slot_name(slot) for slot in needs.recommended]),
    }


def _slots(review: Review, draft: Draft) -> list[dict[str, Any]]:
    """The evidence slots of the reason, each with its files; then the place for any other file."""
    needs = review.evidence
    files: dict[str, list[Any]] = {}
    for file in filing_rows.files_of(draft):
        files.setdefault(file.slot, []).append(file)
    known = [(slot, True) for slot in needs.required] + [(slot, False) for slot in needs.recommended]
    # Files of a reason chosen earlier stay: nothing that was uploaded is lost by a step back.
    rest = [row for slot, rows in files.items() if slot not in {s for s, _r in known} for row in rows]
    slots = [
        {
            "code": slot.value,
            "title": wording.slot_title(slot),
            "required": required,
            "files": files.get(slot, []),
            "is_photo": "PHOTO" in slot.value,
        }
        for slot, required in known
    ]
    return [*slots, {"code": "OTHER", "title": _("Other files"), "required": False, "files": rest, "is_photo": False}]


@require_safe
@member_page
def draft_list(request: HttpRequest) -> HttpResponse:
    """The person's unfinished claims."""
    membership = current_membership(request)
    assert membership is not None
    rows = filing_rows.draft_rows(membership, zone_of(request.user, membership), timezone.now())
    return render(request, "claims/drafts.html", {"rows": rows, "may_act": membership.role != "viewer"})


@require_POST
@own_draft
def delete_draft(request: HttpRequest, draft: Draft, membership: Membership) -> HttpResponse:
    """Delete an unfinished claim with its files."""
    drafts.delete(draft)
    messages.info(request, _("The draft was deleted."))
    return redirect("claims:drafts")
