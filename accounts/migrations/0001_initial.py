"""Tables of people, seller accounts, memberships and invitations."""

import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.migration_operations import CreateTables

TABLES = [
    CreateModel(
        name="User",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            (
                "is_superuser",
                models.BooleanField(
                    default=False,
                    help_text="Designates that this user has all permissions without explicitly assigning them.",
                    verbose_name="superuser status",
                ),
            ),
            ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
            ("name", models.CharField(blank=True, max_length=150, verbose_name="name")),
            (
                "zone",
                models.CharField(
                    blank=True, help_text="IANA name; empty: the marketplace's", max_length=64, verbose_name="time zone"
                ),
            ),
            (
                "theme",
                models.CharField(
                    blank=True,
                    choices=[("", "As the device"), ("light", "Light"), ("dark", "Dark")],
                    default="",
                    max_length=5,
                    verbose_name="theme",
                ),
            ),
            ("is_staff", models.BooleanField(default=False, verbose_name="works at the desk")),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ("date_joined", models.DateTimeField(default=timezone.now)),
            (
                "guarded",
                models.BooleanField(
                    default=False,
                    editable=False,
                    help_text="Decides claims or is a superuser, or ever was: kept by trigger",
                ),
            ),
            ("superuser_since", models.DateTimeField(editable=False, help_text="Kept by trigger", null=True)),
            (
                "session_generation",
                models.PositiveIntegerField(
                    default=0, editable=False, help_text="Raised to end every session of this person"
                ),
            ),
            (
                "groups",
                models.ManyToManyField(
                    blank=True,
                    help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                    related_name="user_set",
                    related_query_name="user",
                    to="auth.group",
                    verbose_name="groups",
                ),
            ),
            (
                "user_permissions",
                models.ManyToManyField(
                    blank=True,
                    help_text="Specific permissions for this user.",
                    related_name="user_set",
                    related_query_name="user",
                    to="auth.permission",
                    verbose_name="user permissions",
                ),
            ),
        ],
        options={
            "verbose_name": "person",
            "verbose_name_plural": "people",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("email", Lower("email"))), name="user_email_in_lower_case")
            ],
        },
    ),
    CreateModel(
        name="Seller",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("slug", models.SlugField(max_length=63, unique=True, verbose_name="short name")),
            ("name", models.CharField(max_length=200, verbose_name="name")),
            (
                "marketplace",
                models.CharField(help_text="Code, as in marketplaces.toml", max_length=32, verbose_name="marketplace"),
            ),
            (
                "partner_id",
                models.CharField(
                    blank=True,
                    max_length=64,
                    null=True,
                    unique=True,
                    verbose_name="partner id in the marketplace's files",
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="may file claims")),
            ("inactive_why", models.CharField(blank=True, max_length=200, verbose_name="why it may not")),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={"verbose_name": "seller account"},
    ),
    CreateModel(
        name="Membership",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(on_delete=models.PROTECT, related_name="memberships", to=settings.AUTH_USER_MODEL),
            ),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="memberships", to="accounts.seller")),
            (
                "role",
                models.CharField(
                    choices=[("owner", "Owner"), ("member", "Member"), ("viewer", "Viewer")],
                    max_length=6,
                    verbose_name="role",
                ),
            ),
            ("is_active", models.BooleanField(default=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [
                models.Index("seller", "user", condition=models.Q(("is_active", True)), name="membership_of_seller")
            ],
            "constraints": [
                models.UniqueConstraint("user", "seller", name="membership_once"),
                models.CheckConstraint(
                    condition=models.Q(("role__in", ["owner", "member", "viewer"])), name="membership_role_known"
                ),
            ],
        },
    ),
    CreateModel(
        name="Invitation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="invitations", to="accounts.seller")),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
            (
                "role",
                models.CharField(
                    choices=[("owner", "Owner"), ("member", "Member"), ("viewer", "Viewer")],
                    default="member",
                    max_length=6,
                    verbose_name="role",
                ),
            ),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "invited_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("created_at", models.DateTimeField(default=timezone.now)),
            ("expires_at", models.DateTimeField()),
            ("accepted_at", models.DateTimeField(null=True)),
            (
                "accepted_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("revoked_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(
                    "seller", models.OrderBy(models.F("created_at"), descending=True), name="invitation_of_seller"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("role__in", ["owner", "member", "viewer"])), name="invitation_role_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                        models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="invitation_accepted_by_someone",
                ),
            ],
        },
    ),
    CreateModel(
        name="SignInChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="for"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[("LINK", "Link to set a password"), ("EMAIL", "Another e-mail address")],
                    max_length=5,
                    verbose_name="what",
                ),
            ),
            ("email", models.EmailField(blank=True, default="", max_length=254, verbose_name="new e-mail")),
            (
                "asked_by",
                models.ForeignKey(
                    on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="asked by"
                ),
            ),
            ("asked_at", models.DateTimeField(verbose_name="asked")),
            (
                "due_at",
                models.DateTimeField(
                    help_text="Empty: when another superuser confirms it", null=True, verbose_name="due"
                ),
            ),
            (
                "confirmed_by",
                models.ForeignKey(
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="confirmed by",
                ),
            ),
            ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
            ("done_at", models.DateTimeField(null=True, verbose_name="done")),
            (
                "cancelled_by",
                models.ForeignKey(
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="cancelled by",
                ),
            ),
            ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled")),
        ],
        options={
            "verbose_name": "change of a sign-in",
            "verbose_name_plural": "changes of sign-ins",
            "indexes": [
                models.Index(
                    "due_at",
                    condition=models.Q(("cancelled_at__isnull", True), ("done_at__isnull", True)),
                    name="signinchange_open",
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    "user",
                    "kind",
                    condition=models.Q(("cancelled_at__isnull", True), ("done_at__isnull", True)),
                    name="signinchange_one_open",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("email", ""), ("kind", "LINK")),
                        models.Q(("kind", "EMAIL"), models.Q(("email", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="signinchange_names_its_address",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                        models.Q(
                            ("confirmed_at__isnull", False),
                            ("confirmed_by__isnull", False),
                            models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            models.Q(("confirmed_by", models.F("user")), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="signinchange_confirmed_by_another",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("done_at__isnull", True),
                        models.Q(
                            ("cancelled_at__isnull", True),
                            ("due_at__isnull", False),
                            ("due_at__lte", models.F("done_at")),
                        ),
                        _connector="OR",
                    ),
                    name="signinchange_done_when_due",
                ),
            ],
        },
    ),
    CreateModel(
        name="SecurityEvent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("SIGN_IN_FAILED", "Sign-in failed"),
                        ("SIGN_IN_SWITCHED_OFF", "Sign-in to an account that is switched off"),
                        ("CODE_FAILED", "Second factor failed"),
                        ("REAUTHENTICATION_FAILED", "Confirming who it is failed"),
                        ("THROTTLED", "Too many tries"),
                        ("CSRF_FAILED", "Form of another site or session"),
                        ("BODY_TOO_LARGE", "Request too large"),
                        ("FILE_REFUSED", "File not accepted"),
                        ("FILE_INFECTED", "File failed the virus check"),
                    ],
                    max_length=24,
                    verbose_name="what",
                ),
            ),
            ("since", models.DateTimeField(verbose_name="in the hour from")),
            ("address", models.CharField(blank=True, max_length=43, verbose_name="client address")),
            ("account", models.CharField(blank=True, max_length=32, verbose_name="account")),
            ("count", models.PositiveBigIntegerField(default=1, verbose_name="times")),
            ("last_at", models.DateTimeField(verbose_name="last")),
        ],
        options={
            "verbose_name": "security event",
            "indexes": [
                models.Index(fields=["-since", "-id"], name="securityevent_newest"),
                models.Index(
                    "account", models.OrderBy(models.F("since"), descending=True), name="securityevent_of_account"
                ),
                models.Index(
                    "address", models.OrderBy(models.F("since"), descending=True), name="securityevent_of_address"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("kind", "since", "address", "account"), name="securityevent_once_an_hour"
                )
            ],
        },
    ),
    CreateModel(
        name="SecurityTally",
        fields=[
            ("kind", models.CharField(max_length=24, primary_key=True, serialize=False)),
            ("total", models.PositiveBigIntegerField(default=0)),
        ],
    ),
    CreateModel(
        name="UnsentWords",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=models.CASCADE,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("action", models.CharField(max_length=500)),
            ("page", models.CharField(max_length=500)),
            ("fields", models.TextField()),
            ("had_files", models.BooleanField(default=False)),
            ("kept_at", models.DateTimeField()),
            ("shown_at", models.DateTimeField(help_text="When the form was first opened with them", null=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.lookups.LessThanOrEqual(
                        models.Func("fields", function="octet_length", output_field=models.IntegerField()), 65536
                    ),
                    name="unsentwords_bounded",
                )
            ]
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [CreateTables(TABLES)]
