"""What each person has not seen yet. The unseen is kept, not the seen."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from pgtrigger.compiler import Trigger, UpsertTriggerSql

TABLES = [
    CreateModel(        name="Unseen",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("status", models.CharField(max_length=19)),
            ("since", models.DateTimeField()),
        ],
        options={
            "indexes": [models.Index("user", "seller", "status", name="unseen_of_tab")],
            "constraints": [models.UniqueConstraint("user", "claim", name="unseen_once")],
        },
    ),
    CreateModel(        name="ReadMark",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("position", models.PositiveIntegerField(default=0)),
        ],
        options={"constraints": [models.UniqueConstraint("user", "claim", name="readmark_once")]},
    ),
    CreateModel(        name="Visit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "seller",
                models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="accounts.seller"),
            ),
            ("claim", models.ForeignKey(db_index=False, on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("day", models.DateField()),
            ("what", models.CharField(choices=[("claim", "Claim"), ("file", "File"), ("pack", "Pack")], max_length=5)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("user", "claim", "day", "what", name="visit_once_a_day"),
                models.CheckConstraint(
                    condition=models.Q(("what__in", ["claim", "file", "pack"])), name="visit_what_known"
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="cff780b0d6f0ecdf9869c58c35069df7c87a5ac6",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_047f3",
                        table="claims_visit",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
]
