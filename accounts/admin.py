"""People, seller accounts and memberships in the admin. Nobody is deleted here: people and sellers are switched off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import marketplaces, operations, reading, signals
from accounts.access import memberships_of
from accounts.models import Membership, Role, Seller, User

# What the groups of the desk may do is in the code, by name: people are put into one; none is made, renamed or deleted.
admin.site.unregister(Group)


class NewUserForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "is_staff")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class ChangedUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_is_staff(self) -> bool:
        staff = bool(self.cleaned_data["is_staff"])
        if staff and memberships_of(User.objects.get(pk=self.instance.pk)):
            raise ValidationError(_("This person belongs to a seller account. Who works at the desk can't."))
        return staff


class SellerForm(forms.ModelForm):
    class Meta:
        model = Seller
        fields = ("slug", "name", "marketplace", "partner_id", "is_active", "inactive_why")

    def clean_marketplace(self) -> str:
        typed = self.cleaned_data["marketplace"]
        found = marketplaces.find(typed)
        if found is None:
            raise ValidationError(_("“%(typed)s” isn't a marketplace we know."), params={"typed": typed})
        return found.code


class MembershipForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ("user", "seller", "role", "is_active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        user = cleaned.get("user")
        if user and user.is_staff and cleaned.get("is_active"):
            raise ValidationError(_("Who works at the SAFE-T desk can't belong to a seller account."))
        was = Membership.objects.filter(pk=self.instance.pk, role=Role.OWNER, is_active=True).first()
        stays = (cleaned.get("user"), cleaned.get("seller")) == (was.user, was.seller) if was else True
        if was and not (stays and cleaned.get("role") == Role.OWNER and cleaned.get("is_active")):
            try:
                operations.owner_remains(was)
            except operations.Refused as error:
                raise ValidationError(str(error)) from error
        return cleaned


class NeverDeleted:
    """A row that others point at for good."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(NeverDeleted, UserAdmin):
    """People. Who may no longer act at the desk keeps no claim there."""

    form = ChangedUserForm
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Seeing the portal"), {"fields": ("zone", "theme")}),
        (_("What they may do"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "name", "is_staff", "usable_password", "password1", "password2"),
            },
        ),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change:
            user = User.objects.get(pk=form.instance.pk)
            signals.staff_changed.send(sender=User, user=user, by=request.user)


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
        return super().optgroups(name, [each for each in value if reading.key(str(each)) is not None], attr)


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
