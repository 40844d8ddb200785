"""Deadlines of a claim that were moved later, each with its why."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

TABLES = [
    CreateModel(        name="DeadlineMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="deadline_moves", to="claims.claim")),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            (
                "deadline",
                models.CharField(choices=[("REPLY_BY", "Reply-by"), ("APPEAL_BY", "Appeal-by")], max_length=9),
            ),
            ("was", models.DateTimeField()),
            ("now_is", models.DateTimeField()),
            ("why", models.CharField(max_length=500)),
            (
                "by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "outage",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="moves", to="claims.outage"),
            ),
            ("erased_at", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [models.Index("claim", "at", "position", name="deadlinemove_thread")],
            "constraints": [
                models.UniqueConstraint("claim", "position", name="deadlinemove_position_once"),
                models.UniqueConstraint("outage", "claim", "deadline", name="deadlinemove_once_per_outage"),
                models.CheckConstraint(condition=models.Q(("now_is__gt", models.F("was"))), name="deadlinemove_later"),
            ],
            "triggers": [
                Trigger(
                    name="never_deleted",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="f6ca40b666a1e94bb0275662a4a272fd275cdaf9",
                        operation="DELETE",
                        pgid="pgtrigger_never_deleted_9f40a",
                        table="claims_deadlinemove",
                        when="BEFORE",
                    ),
                ),
                Trigger(
                    name="only_erased",
                    sql=UpsertTriggerSql(
                        condition="WHEN (NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.why = '' AND to_jsonb(OLD) - 'why' - 'erased_at' = to_jsonb(NEW) - 'why' - 'erased_at'))",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                        hash="6909f1ce9b4cb410b33e78c97b5db90ec95d824d",
                        operation="UPDATE",
                        pgid="pgtrigger_only_erased_ddc19",
                        table="claims_deadlinemove",
                        when="BEFORE",
                    ),
                ),
            ],
        },
    )
]
