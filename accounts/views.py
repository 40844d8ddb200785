"""Pages about people: who belongs to a seller account, joining one, settings, switching, help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.views import PasswordResetView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, memberships
from accounts.access import member_page, owner_page, person
from accounts.budgets import Budget, is_post, limited, limited_by_link
from accounts.forms import InviteForm, JoinForm, RoleForm, SettingsForm
from accounts.page_addresses import PageName, page_address

if TYPE_CHECKING:
    from accounts.access import Membership

THEME_LASTS = 365 * 24 * 60 * 60


# People


@require_safe
@member_page
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    return _people(request, _current(request), InviteForm())


def _people(request: HttpRequest, membership: Membership, form: InviteForm, status: int = 200) -> HttpResponse:
    seller = membership.seller
    members = access.members_of(seller)
    context = {
        "seller": seller,
        "role": membership.get_role_display(),
        "may": membership.role == "owner",
        "members": members,
        "invitations": access.open_invitations(seller, timezone.now()),
        "owners": access.owners_among(members),
        "roles": RoleForm.base_fields["role"].choices,  # type: ignore[attr-defined]
        "form": form,
    }
    return render(request, "accounts/people.html", context, status=status)


@owner_page
def invite(request: HttpRequest, membership: Membership) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            memberships.invite(membership.seller, person(request), email, role, timezone.now())
        except memberships.MembershipRefused as refused:
            form.add_error("email", str(refused))
        else:
            words = _("%(email)s is invited: an e-mail with the link is on its way. It works once, for 7 days.")
            messages.success(request, words % {"email": email})
            return _back(request, membership)
    access.switch_current(request, membership.seller)
    return _people(request, membership, form, status=422)


@owner_page
def revoke(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    invitation = access.invitation_of(membership.seller, pk)
    try:
        memberships.revoke(invitation, person(request), timezone.now())
        messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": invitation.email})
    except memberships.MembershipRefused as refused:
        messages.error(request, str(refused))
    return _back(request, membership)


@owner_page
def change_role(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    member = access.member_of(membership.seller, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["role"])))
        return _back(request, membership)
    try:
        member = memberships.change_role(member, person(request), form.cleaned_data["role"])
        facts = {"person": member.user, "role": member.get_role_display().lower()}
        messages.success(request, _("%(person)s is now %(role)s.") % facts)
    except memberships.MembershipRefused as refused:
        messages.error(request, str(refused))
    return _back(request, membership)


@owner_page
def remove_member(request: HttpRequest, membership: Membership, pk: int) -> HttpResponse:
    member = access.member_of(membership.seller, pk)
    facts = {"person": member.user, "seller": membership.seller}
    try:
        memberships.remove_member(member, person(request), timezone.now())
        messages.success(request, _("%(person)s is no longer a member of %(seller)s.") % facts)
    except memberships.MembershipRefused as refused:
        messages.error(request, str(refused))
    return _back(request, membership) if member.user_id != request.user.pk else redirect("/")


# Joining


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited_by_link(Budget.VISITORS, is_post)
def join(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    invitation = access.invitation_by_token(token)
    if why := memberships.why_not(invitation, now):
        status = 404 if invitation is None else 410
        return render(request, "accounts/join_closed.html", {"why": why.label, "invitation": invitation}, status=status)
    assert invitation is not None
    here, known = request.user.is_authenticated, access.has_account(invitation.email)
    fresh = not here and not known
    form = JoinForm(request.POST if fresh and request.method == "POST" else None, email=invitation.email)
    refusal = ""
    if request.method == "POST" and (here or (fresh and form.is_valid())):
        try:
            if here:
                membership = memberships.accept(token, person(request), now)
            else:
                membership = memberships.join(token, form.cleaned_data["name"], form.cleaned_data["password"], now)
                login(request, membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        except memberships.MembershipRefused as refused:
            refusal = str(refused)
        else:
            request.session[access.CURRENT] = membership.seller_id
            facts = {"seller": membership.seller, "role": membership.get_role_display().lower()}
            messages.success(request, _("You now belong to %(seller)s as %(role)s.") % facts)
            return redirect(page_address(PageName.CLAIMS))
    context = {
        "invitation": invitation,
        "form": form,
        "fresh": fresh,
        "yours": here and person(request).email == invitation.email,
        "refusal": refusal,
    }
    status = 422 if refusal or form.errors else 200
    return render(request, "accounts/join.html", context, status=status)


# The seller account a person works in


@require_POST
@member_page
def switch_seller(request: HttpRequest) -> HttpResponse:
    access.switch_current(request, access.posted_membership(request).seller)
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(onward, allowed_hosts=None) and onward.startswith("/")
    return redirect(onward if safe else page_address(PageName.CLAIMS))


# Settings and help


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited(Budget.FORMS, is_post)
def settings_page(request: HttpRequest) -> HttpResponse:
    user = person(request)
    kept = {"name": user.name, "zone": user.zone, "theme": user.theme}
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=kept)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/settings.html", {"form": form}, status=422 if form.errors else 200)
    memberships.change_settings(user, **form.cleaned_data)
    messages.success(request, _("Settings saved."))
    response = redirect("settings")
    _write_theme(response, form.cleaned_data["theme"])
    return response


def _write_theme(response: HttpResponse, theme: str) -> None:
    # theme.js reads it before the first paint, so it can't be HttpOnly; it says nothing about anybody.
    if theme:
        response.set_cookie(
            "theme", theme, max_age=THEME_LASTS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax", httponly=False
        )
    else:
        response.delete_cookie("theme", samesite="Lax")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/help.html")


class PasswordReset(PasswordResetView):
    """allauth's page, which also remembers the address typed, to say it on the next page."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session["reset_email"] = form.data.get("email", "")[:254]
        response: HttpResponse = super().form_valid(form)
        return response


password_reset = PasswordReset.as_view()


def _current(request: HttpRequest) -> Membership:
    membership = access.current_membership(request)
    assert membership is not None
    return membership


def _back(request: HttpRequest, membership: Membership) -> HttpResponse:
    """To the people of the seller account that was acted on, whichever was current."""
    access.switch_current(request, membership.seller)
    return redirect("people")
