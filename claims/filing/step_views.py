"""File a new SAFE-T claim: find the order, then what, why, proof and review, each a plain form.

Every submit is kept in the draft first, so that neither an error nor a step back loses anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import unsent, values
from accounts.access import current_membership, member_page, memberships, owners_of, posted_membership, zone_of
from accounts.bodies import takes_files
from accounts.budgets import Budget, asks, is_post, limited, spend, spends
from accounts.values import ids, plain_text
from accounts.values.amounts import typed as typed_amount
from accounts.values.text import Unreadable
from claims.access.seller_rows import DraftGone, DraftPurpose, claim_filed_from, draft_of
from claims.access.visits import is_visit
from claims.filing import draft_check, drafts, file_claim, order_lookup
from claims.filing.draft_card import STEPS
from claims.filing.file_claim import NotFiled
from claims.filing.order_lookup import OrderKey
from claims.filing.step_pages import ToFix, parts, to_fix
from claims.refunds.list import ctx_of
from claims.rules.lifecycle import Reason, Refusal, Slot, SubReason
from claims.text import cause, filing_problem, formats, refusal
from claims.workflow.transitions import TransitionRefused

if TYPE_CHECKING:
    from claims.access.seller_rows import Draft, Membership


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@limited(Budget.DRAFTS, is_post)
@limited(Budget.SEARCHES, asks("order"))
def new(request: HttpRequest) -> HttpResponse:
    """Find an order and see what of it can be claimed; POST starts the draft for one of its refunds."""
    if request.method == "POST":
        return _begin(request)
    membership = current_membership(request)
    assert membership is not None
    zone, now = zone_of(request.user, membership), timezone.now()
    kind = request.GET.get("kind", "order")
    kind = kind if kind in set(OrderKey) else "order"
    value = request.GET.get("order", "")
    order = problem = None
    if "order" in request.GET:
        if not value.strip():
            problem = _("Enter an order id.")
        elif kind == "order" and (why := _not_an_order(value)):
            problem = why
        else:
            order = order_lookup.find(membership, memberships(request), kind, value, zone, now)
    context = {
        "kind": kind,
        "value": plain_text(value[:64]),
        "problems": [{"field": "order", "words": problem}] if problem else [],
        "found": order,
        "may_act": membership.role != "viewer",
        "viewer_why": viewer_why(membership),
    }
    return render(request, "claims/new.html", context)


def viewer_why(membership: Membership) -> str:
    """Return why a viewer can't file, "" for who can."""
    if membership.role != "viewer":
        return ""
    return refusal(Refusal.ROLE_VIEWER, owner_names=formats.and_list(owners_of(membership.seller)))


def _begin(request: HttpRequest) -> HttpResponse:
    membership = posted_membership(request)
    if "file" in request.POST:
        return _begin_prefilled(request, membership)
    refund = order_lookup.refund_of(membership, request.POST.get("order", ""), request.POST.get("refund", ""))
    if refund is None:
        raise Http404
    try:
        draft = drafts.begin_filing(membership=membership, refund=refund, now=timezone.now())
    except TransitionRefused:
        messages.warning(request, viewer_why(membership))
        return redirect(f"{reverse('claims:new')}?order={request.POST.get('order', '')}")
    return redirect("claims:new_step", draft.uuid, "what")


def _begin_prefilled(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Begin with one line of the list of refunds, all that is left of it chosen: straight on to the reason."""
    line = order_lookup.line_of(membership, request.POST["file"])
    if line is None:
        raise Http404
    try:
        draft = drafts.begin_filing(membership=membership, refund=line.refund, now=timezone.now(), line=line)
    except TransitionRefused:
        messages.warning(request, viewer_why(membership))
        return redirect("claims:refunds")
    return redirect("claims:new_step", draft.uuid, "why")


@takes_files(settings.LARGEST_BODY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
@spends(Budget.SAVES, Budget.UPLOADS, Budget.FILINGS)
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
        if "auto" in request.POST:
            return _gone()
        messages.info(request, _("This claim was already filed. This is it."))
        return redirect("claims:details", claim.claim_id)
    _spend(request, step)
    if step not in STEPS or draft.purpose != DraftPurpose.FILE:
        raise Http404
    if request.method != "POST":
        return _shown(request, draft, membership, step)
    if why := viewer_why(membership):
        return _show(request, draft, membership, step, [ToFix("", step, why)])
    if step == "review":
        return _submit(request, draft, membership)
    try:
        draft, refused = _keep_step(request, draft, step)
    except DraftGone:  # filed or deleted in another tab this very moment: the next look says which
        return _gone() if "auto" in request.POST else redirect(request.path)
    except drafts.Overtaken as overtaken:
        return JsonResponse({"n": overtaken.n})
    if "auto" in request.POST:
        return _kept(request, draft, membership)
    if "back" in request.POST:
        return redirect("claims:new_step", draft.uuid, STEPS[max(STEPS.index(step) - 1, 0)])
    problems = [ToFix("", step, words) for words in refused]
    if "stay" in request.POST or "upload" in request.POST or any(name.startswith("remove-") for name in request.POST):
        return _show(request, draft, membership, step, problems) if problems else redirect(request.path)
    problems += to_fix(draft_check.review(draft, timezone.now()), step)
    if problems:
        return _show(request, draft, membership, step, problems)
    return redirect("claims:new_step", draft.uuid, STEPS[STEPS.index(step) + 1])


def _spend(request: HttpRequest, step: str) -> None:
    """Count what this form costs. Words that are on the page come back with the answer where the hour is used up."""
    if request.method != "POST":
        return None
    if step == "review":
        return spend(request, Budget.SAVES if "back" in request.POST else Budget.FILINGS)
    spend(request, Budget.UPLOADS, sum(len(files) for _name, files in request.FILES.lists()))
    return spend(request, Budget.SAVES)


def _kept(request: HttpRequest, draft: Draft, membership: Membership) -> JsonResponse:
    """The answer to what a page keeps by itself while the member writes."""
    at = formats.clock(draft.updated_at, zone_of(request.user, membership))
    words = [_("Draft saved %(time)s. Only you can see it.") % {"time": at}]
    if problem := draft_check.too_long(draft.text):
        words.append(filing_problem(problem))
    return JsonResponse({"words": formats.paragraph(*words)})


def _gone() -> JsonResponse:
    words = _("Not saved: this draft was filed or deleted in another tab.")
    return JsonResponse({"words": words}, status=409)


def _keep_step(request: HttpRequest, draft: Draft, step: str) -> tuple[Draft, list[str]]:
    """Keep what the form of a step carried; return the draft and why files were not accepted. Raises Overtaken."""
    match step:
        case "what":
            return _keep_what(draft, request.POST), []
        case "why":
            return _keep_why(draft, request.POST), []
    return _keep_proof(request, draft)


def _written(posted: QueryDict) -> dict[str, Any]:
    """Return which page wrote this; what it keeps by itself is kept in the order it was written in."""
    tab, n = plain_text(posted.get("tab", ""))[:40], posted.get("n", "")
    written = drafts.PageSequence(tab, values.whole(n) or 0)
    return {"now": timezone.now(), "written": written, "in_order": "auto" in posted}


def _not_an_order(value: str) -> str:
    """Return the sentence for what is typed and names no order, or several; "" where it names one."""
    try:
        ids.order_id(value.strip()[:64])
    except Unreadable as problem:
        return f"{problem}."
    return ""


def _keep_what(draft: Draft, posted: QueryDict) -> Draft:
    """Keep quantities and amounts. An amount left as it was shown is not one that was typed."""
    old = draft.choices.get("quantities") or {}
    quantities: dict[str, int] = {}
    amounts: dict[str, int | str] = {}
    asked: set[str] = set()
    currency = draft.refund.currency if draft.refund else ""
    for name, value in posted.items():
        number = values.whole(str(value).strip(), digits=6)
        if name.startswith("quantity-") and number is not None:
            quantities[_sku(name, "quantity-")] = number
    for name, value in posted.items():
        if not name.startswith("amount-"):
            continue
        sku, written = _sku(name, "amount-"), plain_text(str(value)).strip()[:32]
        asked.add(sku)
        kept = (draft.choices.get("amounts") or {}).get(sku)
        if written == posted.get(f"was-{sku}", "").strip():
            if kept is not None and quantities.get(sku) == old.get(sku):
                amounts[sku] = kept
        elif written:
            read = typed_amount(written, currency)
            amounts[sku] = written if read is None else read
    others = {sku: amount for sku, amount in (draft.choices.get("amounts") or {}).items() if sku not in asked}
    return drafts.save(draft, quantities=old | quantities, amounts=others | amounts, **_written(posted))


def _sku(name: str, prefix: str) -> str:
    return plain_text(name.removeprefix(prefix)[:64])


def _keep_why(draft: Draft, posted: QueryDict) -> Draft:
    reason = posted.get("reason", "")
    if reason not in set(Reason):
        return draft
    same = draft.choices.get("reason") == reason
    case = posted.get(f"case-{reason}", draft.choices.get("sub_reason", "") if same else "")
    case = case if case in set(SubReason) else ""
    return drafts.save(draft, reason=reason, sub_reason=case, **_written(posted))


def _keep_proof(request: HttpRequest, draft: Draft) -> tuple[Draft, list[str]]:
    """Keep the words and the files; return the draft and why files were not accepted.

    An upload brings files and no words: those on the page are newer than the ones it began with.
    """
    now = timezone.now()
    if "upload" not in request.POST:
        draft = _keep_statement(draft, request.POST)
    for name in request.POST:
        if name.startswith("remove-"):
            _remove(draft, name.removeprefix("remove-"))
    chosen: list[tuple[str, Any]] = []
    for name in request.FILES:
        slot = name.removeprefix("file-")
        if name.startswith("file-") and slot in set(Slot):
            chosen += [(slot, file) for file in request.FILES.getlist(name) if isinstance(file, UploadedFile)]
    _number, refused = drafts.add_files(draft, chosen, now=now)
    return draft, [str(error) for error in refused]


def _keep_statement(draft: Draft, posted: QueryDict) -> Draft:
    if "statement" not in posted:
        return draft
    return drafts.save(draft, text=_statement(posted), **_written(posted))


def _statement(posted: QueryDict) -> str:
    return plain_text(str(posted["statement"])).replace("\r\n", "\n")


def _remove(draft: Draft, uuid: str) -> None:
    for file in order_lookup.files_of(draft):
        if file.uuid == uuid:
            drafts.remove_file(draft, file.uuid)


def _submit(request: HttpRequest, draft: Draft, membership: Membership) -> HttpResponse:
    if "back" in request.POST:
        return redirect("claims:new_step", draft.uuid, "proof")
    ticked = order_lookup.rule_named(request.POST.get("accepted", ""))
    now = request.arrived_at  # type: ignore[attr-defined]
    try:
        claim, new = file_claim.file_claim(
            draft_uuid=draft.uuid, membership=membership, now=now, accepted_rule=ticked.pk if ticked else None
        )
    except NotFiled as error:
        ctx = ctx_of(membership, zone_of(request.user, membership), now)
        problems = to_fix(draft_check.review(draft, now), problems=error.problems)
        sentences = dict.fromkeys(cause(said, ctx).sentence for said in error.causes)
        problems += [ToFix("", "what", words) for words in sentences]
        problems = problems or [ToFix("", "review", viewer_why(membership))]
        return _show(request, draft, membership, "review", problems)
    if not new:
        messages.info(request, _("This claim was already filed. This is it."))
        return redirect("claims:details", claim.claim_id)
    return redirect("claims:receipt", claim.claim_id)


_KEEPS = {"what": _keep_what, "why": _keep_why, "proof": _keep_statement}


def _shown(request: HttpRequest, draft: Draft, membership: Membership, step: str) -> HttpResponse:
    """Show a step that was opened. What was sent after the session had ended is put into the draft first.

    A draft that was kept later than that stays as it is: then the older statement is on the page alone.
    """
    words = unsent.waiting(request) if is_visit(request) and membership.role != "viewer" else None
    if words is None:
        return _show(request, draft, membership, step)
    page = _restored(request, draft, membership, step, words)
    unsent.kept(request, words)
    return page


def _restored(
    request: HttpRequest, draft: Draft, membership: Membership, step: str, words: unsent.Unsent
) -> HttpResponse:
    messages.warning(request, unsent.came_back_words(had_files=words.had_files))
    if draft.updated_at <= words.kept_at and step in _KEEPS:
        return _show(request, _KEEPS[step](draft, words.fields), membership, step)
    if "statement" in words.fields and _statement(words.fields).strip() != draft.text.strip():
        messages.warning(request, _("The draft was changed since. It keeps those words until you save these."))
        return _show(request, draft, membership, step, statement=_statement(words.fields))
    return _show(request, draft, membership, step)


def _show(
    request: HttpRequest,
    draft: Draft,
    membership: Membership,
    step: str,
    problems: list[ToFix] | None = None,
    *,
    statement: str | None = None,
) -> HttpResponse:
    now, zone = timezone.now(), zone_of(request.user, membership)
    review = draft_check.review(draft, now)
    context = parts(draft, review, step, ctx_of(membership, zone, now), problems or [])
    if statement is not None:
        context |= {"statement": statement, "length": len(statement.strip())}
    return render(request, f"claims/new_{step}.html", context)
