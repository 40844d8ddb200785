"""People, seller accounts and who may do what in them.

A person signs in by e-mail. A seller account is one seller on one marketplace. A membership joins the two with a
role. Nobody is deleted: people and sellers are deactivated, memberships end.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import secret_links
from accounts.values import emails


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Return a new, saved person. The e-mail is kept in lower case; no password means none can be used."""
        user = self.model(email=emails.normal(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__in=emails.spellings(username or ""))


class Theme(models.TextChoices):
    DEVICE = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `email` is the one address they sign in with.

    The sign-in library's own table of addresses agrees with it, by trigger, whoever changes either; and a changed
    address ends every session, because sessions are bound to it as they are to the password.
    """

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    zone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text=_("IANA name; empty: the marketplace's")
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, blank=True, default=Theme.DEVICE)
    is_staff = models.BooleanField(_("works at the desk"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("date joined"), default=timezone.now)
    guarded = models.BooleanField(
        default=False, editable=False, help_text=_("Decides claims or is a superuser, or ever was: kept by trigger")
    )
    superuser_since = models.DateTimeField(null=True, editable=False, help_text=_("Kept by trigger"))
    session_generation = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Raised to end every session of this person")
    )

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

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to stay this person's: another after a new password, address or factor."""
        return self._proof_of_session(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same as former secret keys made it."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._proof_of_session(secret)

    def _proof_of_session(self, secret: str) -> str:
        value = f"{self.password}|{self.email}|{self.session_generation}"
        return salted_hmac("session of a person", value, secret, algorithm="sha256").hexdigest()


class Seller(models.Model):
    slug = models.SlugField(_("short name"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=200)
    marketplace = models.CharField(_("marketplace"), max_length=32, help_text=_("Code, as in marketplaces.toml"))
    partner_id = models.CharField(
        _("partner id in the marketplace's files"), max_length=64, null=True, blank=True, unique=True
    )
    is_active = models.BooleanField(_("may file claims"), default=True)
    inactive_why = models.CharField(_("why it may not"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

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

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("user"))
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="memberships", verbose_name=_("seller"))
    role = models.CharField(_("role"), max_length=6, choices=Role.choices)
    is_active = models.BooleanField(_("is active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint("user", "seller", name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]
        indexes = [models.Index("seller", "user", condition=models.Q(is_active=True), name="membership_of_seller")]

    def __str__(self) -> str:
        values = {"user": self.user, "role": self.get_role_display(), "seller": self.seller}
        return gettext("%(user)s, %(role)s of %(seller)s") % values


class Invitation(models.Model):
    """An owner's offer to one address to join; used once, until it expires or is taken back."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="invitations", verbose_name=_("seller"))
    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.CharField(_("role"), max_length=6, choices=Role.choices, default=Role.MEMBER)
    uuid = models.UUIDField(_("uuid"), unique=True, default=uuid.uuid4, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("invited by"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
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


class SignInChange(models.Model):
    """What a superuser asked for another person's sign-in: a link to set a password, or another address.

    Done at once for most people. For who decides claims, and for superusers, it waits: for another superuser, or, where
    there is none, until `due_at`. Ends as done or as cancelled, and is kept.
    """

    class Kind(models.TextChoices):
        LINK = "LINK", _("Link to set a password")
        EMAIL = "EMAIL", _("Another e-mail address")

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("for"))
    kind = models.CharField(_("what"), max_length=5, choices=Kind.choices)
    email = models.EmailField(_("new e-mail"), max_length=254, blank=True, default="")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"), null=True, help_text=_("Empty: when another superuser confirms it"))
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("cancelled by"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)

    class Meta:
        verbose_name = _("change of a sign-in")
        verbose_name_plural = _("changes of sign-ins")
        constraints = [
            models.UniqueConstraint(
                "user",
                "kind",
                condition=models.Q(done_at__isnull=True, cancelled_at__isnull=True),
                name="signinchange_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="LINK", email="") | models.Q(kind="EMAIL") & ~models.Q(email=""),
                name="signinchange_names_its_address",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                & ~models.Q(confirmed_by=models.F("asked_by"))
                & ~models.Q(confirmed_by=models.F("user")),
                name="signinchange_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True)
                | models.Q(cancelled_at__isnull=True, due_at__isnull=False, due_at__lte=models.F("done_at")),
                name="signinchange_done_when_due",
            ),
        ]
        indexes = [
            models.Index(
                "due_at",
                condition=models.Q(done_at__isnull=True, cancelled_at__isnull=True),
                name="signinchange_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.user}"

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.cancelled_at is None

    @property
    def is_at_once(self) -> bool:
        """Whether it had nobody to wait for."""
        return self.due_at == self.asked_at


class SecurityEvent(models.Model):
    """How often one kind of event came from one address about one account within the hour that began at `since`.

    `account` is a keyed hash, `address` IPv4 or the /64 of IPv6; "" where there was none, or where too many came
    to tell them apart. Counted up in place and purged by rule: see `accounts.sign_in.security_events`.
    """

    class Kind(models.TextChoices):
        SIGN_IN_FAILED = "SIGN_IN_FAILED", _("Sign-in failed")
        SIGN_IN_SWITCHED_OFF = "SIGN_IN_SWITCHED_OFF", _("Sign-in to an account that is switched off")
        CODE_FAILED = "CODE_FAILED", _("Second factor failed")
        REAUTHENTICATION_FAILED = "REAUTHENTICATION_FAILED", _("Confirming who it is failed")
        THROTTLED = "THROTTLED", _("Too many tries")
        CSRF_FAILED = "CSRF_FAILED", _("Form of another site or session")
        BODY_TOO_LARGE = "BODY_TOO_LARGE", _("Request too large")
        FILE_REFUSED = "FILE_REFUSED", _("File not accepted")
        FILE_INFECTED = "FILE_INFECTED", _("File failed the virus check")

    kind = models.CharField(_("what"), max_length=24, choices=Kind.choices)
    since = models.DateTimeField(_("in the hour from"))
    address = models.CharField(_("client address"), max_length=43, blank=True)
    account = models.CharField(_("account"), max_length=32, blank=True)
    count = models.PositiveBigIntegerField(_("times"), default=1)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("security event")
        constraints = [
            models.UniqueConstraint(fields=["kind", "since", "address", "account"], name="securityevent_once_an_hour")
        ]
        indexes = [
            models.Index(fields=["-since", "-id"], name="securityevent_newest"),
            models.Index("account", models.F("since").desc(), name="securityevent_of_account"),
            models.Index("address", models.F("since").desc(), name="securityevent_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.since:%Y-%m-%d %H}:00"


class SecurityTally(models.Model):
    """How many security events of this kind there were, ever: what metrics count by, without counting rows."""

    kind = models.CharField(max_length=24, primary_key=True)
    total = models.PositiveBigIntegerField(default=0)


UNSENT_BYTES = 64 * 1024
"""How much is kept of one person's unsent words: a form of every box in use, in any script."""


class UnsentWords(models.Model):
    """The form a person sent last while nobody was signed in: one a person, replaced by the next, purged by schedule.

    `fields` is a JSON object, each field with the list of its values; `page` is where the form is, `action` where
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


class ReturnedAddress(models.Model):
    """An address whose mail came back after a mail server had taken it. Nothing is sent there until `lifted_at`.

    One row an address, in lower case: what came back last, and how often it did.
    """

    email = models.EmailField(_("address"), max_length=254, unique=True)
    returned_at = models.DateTimeField(_("came back"))
    times = models.PositiveIntegerField(_("times"), default=1)
    cause = models.CharField(_("cause"), max_length=300)
    lifted_at = models.DateTimeField(_("sent to again since"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("sent to again by")
    )

    class Meta:
        verbose_name = _("address whose mail came back")
        verbose_name_plural = _("addresses whose mail came back")
        indexes = [models.Index(fields=["-returned_at", "-id"], name="returnedaddress_newest")]

    def __str__(self) -> str:
        return self.email
