"""Access to seller accounts: which of them a signed-in user is a member of, in which role, and which one a page shows.

Views get people, memberships and invitations here and nowhere else. "Not yours" and "not there" are the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import budgets, marketplaces, returned_mail, secret_links, view_as_seller
from accounts.budgets import Budget
from accounts.models import Invitation, Role, Seller
from accounts.models import Membership as Membership
from accounts.models import User as User
from accounts.values import emails

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)

# The id of the seller account a person works in. Read by GETs only: what is posted names its seller itself.
CURRENT = "seller"


def memberships_of(user: User | AnonymousUser) -> list[Membership]:
    """Return the person's memberships in force, with their sellers, by the seller's name. Staff have none."""
    if not isinstance(user, User) or not user.is_active or user.is_staff:
        return []
    mine = Membership.objects.filter(user=user, is_active=True).select_related("seller")
    mine = returned_mail.with_returned(mine, "user__email")
    return list(mine.order_by("seller__name", "seller_id"))


def memberships(request: HttpRequest) -> list[Membership]:
    """The memberships of the person who makes the request, read once a request."""
    own: list[Membership] | None = getattr(request, "_memberships", None)
    if own is None:
        viewed = view_as_seller.current(request)
        assert viewed is None or isinstance(request.user, User)
        own = [view_as_seller.membership(viewed, request.user)] if viewed else memberships_of(request.user)  # type: ignore[arg-type]
        request._memberships = own  # type: ignore[attr-defined]
    return own


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership the page speaks of: the one chosen last while it is in force, else the first by name."""
    mine = memberships(request)
    chosen = request.session.get(CURRENT) if len(mine) > 1 else None
    return next((each for each in mine if each.seller_id == chosen), mine[0] if mine else None)


def switch_current(request: HttpRequest, seller: Seller) -> bool:
    """Make this seller account the current one, and say so where it was another. Returns whether it was."""
    now = current_membership(request)
    if now is not None and now.seller_id == seller.pk:
        return False
    if all(each.seller_id != seller.pk for each in memberships(request)):
        return False
    request.session[CURRENT] = seller.pk
    messages.info(request, _("You are now in %(seller)s.") % {"seller": seller.name})
    return True


def posted_membership(request: HttpRequest) -> Membership:
    """The membership in the seller account whose short name the form carries; 404 where the person has none."""
    slug = request.POST.get("seller", "")
    for each in memberships(request):
        if each.seller.slug == slug:
            return each
    raise Http404


def person(request: HttpRequest) -> User:
    """The signed-in user of a view that only signed-in users reach."""
    assert isinstance(request.user, User)
    return request.user


def zone_of(user: User | AnonymousUser, membership: Membership | None) -> ZoneInfo:
    """The zone a person reads moments in: their own, else their marketplace's, else UTC."""
    own = user.zone if isinstance(user, User) else ""
    return ZoneInfo(own or (marketplaces.zone(membership.seller.marketplace) if membership else "UTC"))


# Access checks for views


def member_page(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R | HttpResponse]:
    """Let in members of a seller account. Somebody who is a member of none reads that on a page of its own.

    Staff get 404, except while they view the pages as a seller, on record: then they read what a viewer does and
    can change nothing. Where the view has no budget of its own, a form counts against the hour's forms.
    """

    own = budgets.of_view(view)

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
        if isinstance(request.user, User) and request.user.is_staff:
            if view_as_seller.current(request) is None:
                raise Http404
            if request.method not in view_as_seller.SAFE:
                return render(request, "accounts/only_looking.html", status=403)
        if not memberships(request):
            return render(request, "accounts/no_seller.html", status=403)
        if request.method == "POST" and own is None:
            budgets.spend(request, Budget.FORMS)
        return view(request, *args, **kwargs)

    return login_required(budgets.spends(*(own or (Budget.FORMS,)))(checked))


def owner_page(
    view: Callable[Concatenate[HttpRequest, Membership, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a POST through to who owns the seller account it names, with that membership as the second argument.

    404 for who does not belong to it; who belongs to it as something else reads who could.
    """

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        membership = posted_membership(request)
        if membership.role != Role.OWNER:
            return render(request, "accounts/owners_only.html", {"owners": owners_of(membership.seller)}, status=403)
        return view(request, membership, *args, **kwargs)

    return require_POST(member_page(checked))


# Rows of the pages


def members_of(seller: Seller) -> list[Membership]:
    """Who belongs to the seller account, owners first, then by name."""
    rank = {Role.OWNER.value: 0, Role.MEMBER.value: 1, Role.VIEWER.value: 2}
    everybody = Membership.objects.filter(seller=seller, is_active=True).select_related("user")
    everybody = returned_mail.with_returned(everybody, "user__email")
    return sorted(everybody, key=lambda each: (rank[each.role], str(each.user).casefold(), each.pk))


def owners_of(seller: Seller) -> list[str]:
    """The names of the owners, for "{owner_names} can."."""
    return owners_among(members_of(seller))


def owners_among(members: Iterable[Membership]) -> list[str]:
    """What `owners_of` returns, of members read already."""
    return [str(each.user) for each in members if each.role == Role.OWNER]


def member_of(seller: Seller, pk: int) -> Membership:
    """The membership in force with this number in this seller account; 404 where there is none."""
    member = Membership.objects.filter(seller=seller, pk=pk, is_active=True).select_related("user", "seller").first()
    if member is None:
        raise Http404
    return member


def open_invitations(seller: Seller, now: datetime) -> list[Invitation]:
    """Invitations nobody accepted or took back and that have not expired, newest first."""
    waiting = Invitation.objects.filter(
        seller=seller, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gte=now
    )
    return list(waiting.select_related("invited_by").order_by("-created_at", "-pk"))


def invitation_of(seller: Seller, pk: int) -> Invitation:
    """The invitation with this number of this seller account; 404 where there is none."""
    invitation = Invitation.objects.filter(seller=seller, pk=pk).select_related("seller").first()
    if invitation is None:
        raise Http404
    return invitation


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation a link leads to, whatever became of it; none for a link nobody made."""
    return (
        Invitation.objects.filter(uuid__in=secret_links.uuids_of("invitation", token))
        .select_related("seller", "invited_by", "accepted_by")
        .first()
    )


def has_account(email: str) -> bool:
    """Whether a user signs in with this address."""
    return User.objects.filter(email__in=emails.spellings(email)).exists()
