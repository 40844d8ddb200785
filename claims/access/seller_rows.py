"""The access check: turns an id in an address into a row of the signed-in person's sellers, or 404.

"Not yours" and "not there" are the same answer. Views can't get a row any other way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.access import Membership as Membership
from accounts.access import member_page, memberships, person, switch_current
from claims.files.visibility import withheld_from
from claims.models import Attachment as Attachment
from claims.models import Batch as Batch
from claims.models import Claim as Claim
from claims.models import Draft as Draft
from claims.rules.lifecycle import Party

P = ParamSpec("P")
SAFE = ("GET", "HEAD")

# What views need of a row beside the row itself: they have the models for annotations alone.
DraftGone = Draft.DoesNotExist
DraftPurpose = Draft.Purpose


def _membership_in(request: HttpRequest, seller_id: int) -> Membership:
    """The person's membership in this seller. A GET makes that seller the current one, and the page says so."""
    for each in memberships(request):
        if each.seller_id == seller_id:
            if request.method in SAFE:
                switch_current(request, each.seller)
            return each
    raise Http404


def claim_of(request: HttpRequest, claim_id: str) -> tuple[Claim, Membership]:
    """The claim with this public id among the person's sellers, and who they are in it; Http404 where there is none."""
    mine = [each.seller_id for each in memberships(request)]
    claims = Claim.objects.filter(claim_id=claim_id, seller_id__in=mine)
    claim = claims.select_related("seller", "order", "clock_rule", "policy_rule", "updated_by").first()
    if claim is None:
        raise Http404
    return claim, _membership_in(request, claim.seller_id)


def draft_of(request: HttpRequest, uuid: UUID) -> tuple[Draft, Membership]:
    """The person's own draft with this id, while they are a member of its seller; Http404 where there is none."""
    mine = [each.seller_id for each in memberships(request)]
    drafts = Draft.objects.filter(uuid=uuid, user=person(request), seller_id__in=mine)
    draft = drafts.select_related("refund__order", "claim", "seller").first()
    if draft is None:
        raise Http404
    return draft, _membership_in(request, draft.seller_id)


def claim_filed_from(request: HttpRequest, uuid: UUID) -> Claim | None:
    """The claim this person filed from the draft that had this id, while they are a member of its seller."""
    mine = [each.seller_id for each in memberships(request)]
    return Claim.objects.filter(draft_uuid=uuid, filed_by=person(request), seller_id__in=mine).first()


def attachment_of(request: HttpRequest, uuid: UUID) -> Attachment:
    """A file of a claim of theirs that was shown, or of their own draft; Http404 where there is none.

    What came from the desk is there once nothing keeps it from sellers; what failed the virus check for nobody.
    """
    mine = [each.seller_id for each in memberships(request)]
    allowed = Q(claim__isnull=False, shown_at__isnull=False) | Q(draft__user=person(request))
    attachment = Attachment.objects.filter(allowed, uuid=uuid, seller_id__in=mine).first()
    if attachment is None or withheld_from(attachment, Party.SELLER):
        raise Http404
    return attachment


def seller_claim(
    view: Callable[Concatenate[HttpRequest, Claim, Membership, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Hand the view the claim that `claim_id` in the address names, with the person's membership in its seller."""

    @wraps(view)
    def checked(request: HttpRequest, claim_id: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        claim, membership = claim_of(request, claim_id)
        return view(request, claim, membership, *args, **kwargs)

    return member_page(checked)


def own_draft(
    view: Callable[Concatenate[HttpRequest, Draft, Membership, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Hand the view the person's own draft that `uuid` in the address names, with their membership in its seller."""

    @wraps(view)
    def checked(request: HttpRequest, uuid: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        draft, membership = draft_of(request, uuid)
        return view(request, draft, membership, *args, **kwargs)

    return member_page(checked)


def own_batch(
    view: Callable[Concatenate[HttpRequest, Batch, Membership, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Hand the view the person's own batch that `uuid` in the address names, with their membership in its seller."""

    @wraps(view)
    def checked(request: HttpRequest, uuid: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        mine = [each.seller_id for each in memberships(request)]
        batch = Batch.objects.filter(uuid=uuid, user=person(request), seller_id__in=mine).first()
        if batch is None:
            raise Http404
        return view(request, batch, _membership_in(request, batch.seller_id), *args, **kwargs)

    return member_page(checked)


def shown_attachment(
    view: Callable[Concatenate[HttpRequest, Attachment, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Hand the view the file that `uuid` in the address names, where this person may see it."""

    @wraps(view)
    def checked(request: HttpRequest, uuid: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, attachment_of(request, uuid), *args, **kwargs)

    return member_page(checked)
