"""What an appeal says is wrong with the decision, item by item."""

from django.db import models
from django.db.migrations import CreateModel
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="AppealGround",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("appeal", models.ForeignKey(on_delete=models.PROTECT, related_name="grounds", to="claims.appeal")),
            ("claim_line", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claimline")),
            ("code", models.CharField(choices=codes("FACTS FILES NEW_EVIDENCE POLICY AMOUNT"), max_length=12)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("appeal", "claim_line", "code", name="appealground_once"),
                models.CheckConstraint(
                    condition=models.Q(("code__in", ["FACTS", "FILES", "NEW_EVIDENCE", "POLICY", "AMOUNT"])),
                    name="appealground_known",
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="09985b327f9c6ef7669ea6ec0cea19450dd2d5e2",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_e529b",
                        table="claims_appealground",
                        when="BEFORE",
                    ),
                )
            ],
        },
    )
]
