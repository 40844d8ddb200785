"""Tables of the desk's own: who has which claim open, filters, macros, the record."""

from django.conf import settings
from django.db import migrations, models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import CreateTables

TABLES = [
    CreateModel(
        name="Presence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("claim", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to="claims.claim")),
            ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("seen_at", models.DateTimeField()),
            ("is_writing", models.BooleanField(default=False)),
        ],
        options={
            "indexes": [models.Index("user", "seen_at", name="presence_of_user")],
            "constraints": [models.UniqueConstraint("claim", "user", name="presence_once")],
        },
    ),
    CreateModel(
        name="SavedFilter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("user", models.ForeignKey(on_delete=models.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("query", models.JSONField(default=dict)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={"constraints": [models.UniqueConstraint("user", "name", name="savedfilter_name_once")]},
    ),
    CreateModel(
        name="Macro",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
            ("verb", models.CharField(max_length=19, verbose_name="for")),
            (
                "team",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="+",
                    to="auth.group",
                    verbose_name="team",
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=16, verbose_name="claims about")),
            ("text", models.TextField(max_length=4000, verbose_name="text")),
            ("reasons", models.JSONField(blank=True, default=list, verbose_name="decision reasons")),
            ("slots", models.JSONField(blank=True, default=list, verbose_name="asks for")),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ("changed_at", models.DateTimeField(default=timezone.now, verbose_name="changed")),
            (
                "changed_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("verb__in", ["DENY", "GRANT", "REQUEST_INFORMATION", "SEND_MESSAGE", "ADD_NOTE"])
                    ),
                    name="macro_verb_known",
                ),
                models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="macro_says_something"),
            ]
        },
    ),
    CreateModel(
        name="Record",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(default=timezone.now, verbose_name="when")),
            (
                "action",
                models.CharField(
                    choices=[("SAW", "Saw"), ("SAW_AS", "Saw as the seller"), ("DID", "Did"), ("CHANGED", "Changed")],
                    max_length=7,
                    verbose_name="action",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    db_constraint=False,
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="who",
                ),
            ),
            ("seller_id", models.BigIntegerField(null=True)),
            ("claim_id", models.CharField(blank=True, max_length=19, verbose_name="claim")),
            ("what", models.CharField(max_length=80, verbose_name="what")),
            ("detail", models.JSONField(default=dict, verbose_name="detail")),
        ],
        options={
            "verbose_name": "record",
            "verbose_name_plural": "record",
            "indexes": [
                models.Index("user", models.OrderBy(models.F("id"), descending=True), name="record_of_user"),
                models.Index(
                    "claim_id",
                    models.OrderBy(models.F("id"), descending=True),
                    condition=models.Q(("claim_id", ""), _negated=True),
                    name="record_of_claim",
                ),
                models.Index(
                    "seller_id",
                    models.OrderBy(models.F("id"), descending=True),
                    condition=models.Q(("seller_id__isnull", False)),
                    name="record_of_seller",
                ),
                models.Index("at", "id", name="record_by_time"),
                models.Index("action", models.OrderBy(models.F("id"), descending=True), name="record_of_action"),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="9ba9739c44d685e55821cb4ecfa497fd79f047f0",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_cf465",
                        table="desk_record",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("messaging", "0002_integrity")]
    operations = [CreateTables(TABLES)]
