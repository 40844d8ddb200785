"""People, seller accounts and memberships in the admin. Nobody is deleted here: people and sellers are switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa import admin as allauth_mfa  # registers a page that shows secrets: it has to come first to go
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import marketplaces, memberships, signals, values
from accounts.access import memberships_of, person
from accounts.models import Membership, Role, Seller, SignInChange, User
from accounts.sign_in import changes, factors
from accounts.values import emails

# What the groups of the desk may do is in the code, by name: people are put into one; none is made, renamed or deleted.
admin.site.unregister(Group)
admin.site.unregister(Authenticator)

__all__ = ["allauth_mfa"]


class NewUserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("email", "name", "is_staff")

    def clean_email(self) -> str:
        return emails.normal(str(self.cleaned_data["email"]))


class ChangedUserForm(forms.ModelForm):
    """Nobody sets the password of another person, and nobody can see it."""

    class Meta:
        model = User
        fields = (
            "email", "name", "zone", "theme", "is_active", "is_staff", "is_superuser", "groups", "user_permissions",
            "last_login", "date_joined",
        )  # fmt: skip

    def clean_email(self) -> str:
        return emails.normal(str(self.cleaned_data["email"]))

    def clean_is_staff(self) -> bool:
        staff = bool(self.cleaned_data["is_staff"])
        if staff and memberships_of(User.objects.get(pk=self.instance.pk)):
            raise ValidationError(_("This person is a member of a seller account. Staff of the desk can't be."))
        return staff


class SellerForm(forms.ModelForm):
    class Meta:
        model = Seller
        fields = ("slug", "name", "marketplace", "partner_id", "is_active", "inactive_why")

    def clean_marketplace(self) -> str:
        typed = self.cleaned_data["marketplace"]
        marketplace = marketplaces.find(typed)
        if marketplace is None:
            raise ValidationError(_("“%(typed)s” isn't a marketplace we know."), params={"typed": typed})
        return marketplace.code


class MembershipForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ("user", "seller", "role", "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        user = cleaned.get("user")
        if user and user.is_staff and cleaned.get("is_active"):
            raise ValidationError(_("Staff of the SAFE-T desk can't be members of a seller account."))
        was = Membership.objects.filter(pk=self.instance.pk, role=Role.OWNER, is_active=True).first()
        stays = (cleaned.get("user"), cleaned.get("seller")) == (was.user, was.seller) if was else True
        if was and not (stays and cleaned.get("role") == Role.OWNER and cleaned.get("is_active")):
            try:
                memberships.owner_remains(was)
            except memberships.MembershipRefused as error:
                raise ValidationError(str(error)) from error
        return cleaned


class NeverDeleted:
    """A row that others point at for good."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(NeverDeleted, UserAdmin):
    """People. Who may no longer act at the desk keeps no claim there.

    Nobody's password is set or seen here: a link to set one goes to the person. A changed address, and a link, wait for
    another superuser where the person decides claims or is a superuser (see `accounts.sign_in.changes`).
    """

    form = ChangedUserForm
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined", "sign_in")
    add_form_template = None
    fieldsets = (
        (None, {"fields": ("email", "name", "sign_in")}),
        (_("Seeing the portal"), {"fields": ("zone", "theme")}),
        (_("What they may do"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": ("email", "name", "is_staff"),
                "description": _("A link to set a password is sent to the address."),
            },
        ),
    )

    @admin.display(description=_("Password"))
    def sign_in(self, user: User) -> SafeString:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Send a link to set a password"))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            self._do(request, lambda: changes.ask_link(obj, person(request), timezone.now()))
            return
        wanted, kept = obj.email, str(form.initial["email"])
        obj.email = kept
        own = {field.name for field in User._meta.concrete_fields} - {"email"}
        # What the form didn't change may have been changed meanwhile: it isn't written back.
        if changed := own & set(form.changed_data):
            obj.save(update_fields=sorted(changed))
        if wanted != kept:
            self._do(request, lambda: changes.ask_email(obj, wanted, person(request), timezone.now()))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """The page of what is asked for a person's sign-in: a link is asked for, and changes confirmed or cancelled.

        It takes the place of Django's page on which one superuser sets another person's password.
        """
        user = self.get_object(request, unquote(id))
        if not (self.has_change_permission(request, user) and person(request).is_superuser):
            raise PermissionDenied
        if user is None:
            raise Http404
        if request.method == "POST":
            self._act(request, user)
            return redirect("admin:auth_user_password_change", user.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("How %(person)s signs in") % {"person": user},
            "opts": self.opts,
            "original": user,
            "guarded": changes.is_guarded(user),
            "open": changes.open_of(user),
            "own": user.pk == request.user.pk,
        }
        return render(request, "admin/accounts/user/sign_in.html", context)

    def _act(self, request: HttpRequest, user: User) -> None:
        act, by, now = request.POST.get("act", ""), person(request), timezone.now()
        if act == "link":
            self._do(request, lambda: changes.ask_link(user, by, now))
            return
        verb = {"confirm": changes.confirm, "cancel": changes.cancel}.get(act)
        number = values.key(request.POST.get("change"))
        change = SignInChange.objects.filter(user=user, pk=number).first() if number is not None else None
        if verb is None or change is None:
            messages.error(request, gettext("Nothing was changed: this page is out of date. Look at it again."))
            return
        self._do(request, lambda: verb(change, by, now))

    def _do(self, request: HttpRequest, verb: Callable[[], SignInChange]) -> None:
        """Do it, write it into the admin's history of the person, and say what became of it."""
        try:
            change = verb()
        except (changes.SignInChangeRefused, memberships.MembershipRefused) as refused:
            messages.error(request, str(refused))
            return
        said = _what_became_of(change)
        self.log_change(request, change.user, said)
        messages.success(request, said)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            user = User.objects.get(pk=form.instance.pk)
            signals.staff_changed.send(sender=User, user=user, by=request.user)


def _what_became_of(change: SignInChange) -> str:
    facts = {"person": change.user, "email": change.email or change.user.email}
    is_link = change.kind == SignInChange.Kind.LINK
    if change.done_at and is_link:
        return gettext("A link to set a password is on its way to %(person)s.") % facts
    if change.done_at:
        return gettext("%(person)s signs in with %(email)s now. Both addresses are notified.") % facts
    if change.cancelled_at:
        return gettext("Cancelled. All superusers and %(person)s are notified.") % facts
    if change.due_at is None:
        return gettext("It is done when another superuser confirms it. They and %(person)s are notified.") % facts
    return gettext("No other superuser can confirm it, so it is done in 24 hours. %(person)s is notified.") % facts


@admin.register(Seller)
class SellerAdmin(NeverDeleted, admin.ModelAdmin):
    form = SellerForm
    list_display = ("name", "slug", "marketplace", "is_active")
    list_filter = ("is_active", "marketplace")
    search_fields = ("name", "slug", "partner_id")
    readonly_fields = ("created_at",)
    show_full_result_count = False


class NumbersOnly(AutocompleteSelect):
    """Django's widget fails on a choice that isn't a number, from a form or an address: such a one is shown as none."""

    def optgroups(self, name: Any, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if values.key(str(each)) is not None], attr)


@admin.register(Membership)
class MembershipAdmin(NeverDeleted, admin.ModelAdmin):
    form = MembershipForm
    list_display = ("user", "seller", "role", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("user", "seller")
    search_fields = ("user__email", "user__name", "seller__name", "seller__slug")
    autocomplete_fields = ("user", "seller")
    readonly_fields = ("created_at",)
    show_full_result_count = False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", NumbersOnly(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Authenticator)
class FactorAdmin(NeverDeleted, admin.ModelAdmin):
    """Second factors: whose, of which kind, since when. Never what is secret in them; a lost one is removed."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")
    actions = ("remove_factor",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Superusers alone: who can remove a person's factor is one password away from being them."""
        return isinstance(request.user, User) and request.user.is_superuser

    @admin.action(description=_("Remove this two-step verification (the person is notified)"), permissions=["remove"])
    def remove_factor(self, request: HttpRequest, chosen: QuerySet[Authenticator]) -> None:
        """Remove what was chosen: on record, and told to each person."""
        assert isinstance(request.user, User)
        for factor in chosen.select_related("user"):
            try:
                factors.remove(factor, request.user, timezone.now())
            except factors.NotRemoved as refused:
                self.message_user(request, str(refused), messages.ERROR)
                continue
            done = _("Two-step verification of %(person)s is removed, and they are notified.") % {"person": factor.user}
            self.message_user(request, done, messages.SUCCESS)
