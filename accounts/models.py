"""People, seller accounts and who may do what in them.

A person signs in by e-mail. A seller account is one seller on one marketplace. A membership joins the two with a
role. Nobody is deleted: people and sellers are deactivated, memberships end.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import secret_links


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Return a new, saved person. The e-mail is kept in lower case; no password means none can be used."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class Theme(models.TextChoices):
    DEVICE = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    zone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text=_("IANA name; empty: the marketplace's")
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, blank=True, default=Theme.DEVICE)
    is_staff = models.BooleanField(_("works at the desk"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_in_lower_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Seller(models.Model):
    slug = models.SlugField(_("short name"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=200)
    marketplace = models.CharField(_("marketplace"), max_length=32, help_text=_("Code, as in marketplaces.toml"))
    partner_id = models.CharField(
        _("partner id in the marketplace's files"), max_length=64, null=True, blank=True, unique=True
    )
    is_active = models.BooleanField(_("may file claims"), default=True)
    inactive_why = models.CharField(_("why it may not"), max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("seller account")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")

    @property
    def may_act(self) -> bool:
        """Whether this role may file, reply, appeal and withdraw."""
        return self is not Role.VIEWER


class Membership(models.Model):
    """One person in one seller account. A trigger refuses staff here: who decides claims may not hold any."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "seller", name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]
        indexes = [models.Index("seller", "user", condition=models.Q(is_active=True), name="membership_of_seller")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.seller}"


class Invitation(models.Model):
    """An owner's offer to one address to join; used once, until it expires or is taken back."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.CharField(_("role"), max_length=6, choices=Role.choices, default=Role.MEMBER)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_someone",
            ),
        ]
        indexes = [models.Index("seller", models.F("created_at").desc(), name="invitation_of_seller")]

    def __str__(self) -> str:
        return f"{self.email} → {self.seller}"

    @property
    def token(self) -> str:
        """The secret of its link. It is kept nowhere: it is made from the row and the portal's secret key."""
        return secret_links.token("invitation", self.uuid)


UNSENT_BYTES = 64 * 1024
"""How much is kept of one person's unsent words: a form of every box in use, in any script."""


class UnsentWords(models.Model):
    """The form a person sent last while nobody was signed in: one a person, replaced by the next, purged by schedule.

    `fields` is a JSON object, each field with the list of its values; `page` is where the form stands, `action` where
    it was posted to. See `accounts.unsent`, which alone reads and writes it.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    action = models.CharField(max_length=500)
    page = models.CharField(max_length=500)
    fields = models.TextField()
    had_files = models.BooleanField(default=False)
    kept_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, help_text=_("When the form was first opened with them"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    models.Func("fields", function="octet_length", output_field=models.IntegerField()), UNSENT_BYTES
                ),
                name="unsentwords_bounded",
            )
        ]

    def __str__(self) -> str:
        return self.page
