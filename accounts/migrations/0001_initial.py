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
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [CreateTables(TABLES)]
