"""What put something right: a text or file that was taken out, an appeal given to somebody who could not decide it."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="Redaction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("what", models.CharField(choices=codes("MESSAGE DECISION STATEMENT FILE"), max_length=9)),
            ("of_position", models.PositiveIntegerField(null=True)),
            (
                "attachment",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.attachment"),
            ),
            (
                "slot",
                models.CharField(
                    blank=True,
                    choices=codes(
                        "ITEM_PHOTO LABEL_PHOTO SERIAL_PHOTO SHIPPED WEIGHT ALL_PARTS_PHOTO MISSING_LIST ABUSE_PROOF BUYER_MESSAGES BUYER_AGREEMENT DELIVERY_TRACKING LABEL_INVOICE OTHER"
                    ),
                    db_default="",
                    default="",
                    max_length=18,
                ),
            ),
            ("why", models.CharField(max_length=500)),
        ],
        options={
            "indexes": [models.Index("claim", "at", "position", name="redaction_thread")],
            "constraints": [
                models.UniqueConstraint("claim", "position", name="redaction_position_once"),
                models.UniqueConstraint("attachment", name="redaction_file_once"),
                models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="redaction_says_why"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("attachment__isnull", False), ("what", "FILE")),
                        models.Q(models.Q(("what", "FILE"), _negated=True), ("attachment__isnull", True)),
                        _connector="OR",
                    ),
                    name="redaction_of_one_thing",
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="28012bd3df0c467927ac6f20eb208332f749f134",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_8c69b",
                        table="claims_redaction",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="AppealRelease",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("to", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("why", models.CharField(max_length=500)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("claim", "to", name="appealrelease_once"),
                models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="appealrelease_says_why"),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="0ab2b9b032c10021c76f80e5105a3916910695af",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_a10ef",
                        table="claims_appealrelease",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
]
