"""The desk at work on a claim: who had it, which files were opened, a decision that waits for a second handler."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="Assignment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            (
                "assignee",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("version", models.PositiveIntegerField()),
        ],
        options={
            "constraints": [models.UniqueConstraint("claim", "version", name="assignment_version_once")],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="c48e054ac217f7251c05067b096b0dfb554406fa",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_fb43f",
                        table="claims_assignment",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="FileOpened",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("attachment", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.attachment")),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
        ],
        options={
            "constraints": [models.UniqueConstraint("claim", "user", "attachment", name="fileopened_once")],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="b1b72f19577f3c1e79d9948938335cfd28ce8478",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_4332c",
                        table="claims_fileopened",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="DecisionEvidence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("decision", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.decision")),
            ("attachment", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.attachment")),
        ],
        options={
            "constraints": [models.UniqueConstraint("decision", "attachment", name="decisionevidence_once")],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="bf33df124f5e408ee2bde70e3139e58a58c81909",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_08b58",
                        table="claims_decisionevidence",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="ProposedDecision",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.OneToOneField(on_delete=models.PROTECT, related_name="_proposal", to="claims.claim")),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField()),
            ("verb", models.CharField(choices=codes("GRANT DENY CORRECT"), max_length=7)),
            ("lines", models.JSONField()),
            ("words", models.TextField(blank=True)),
            ("granted_minor", models.BigIntegerField()),
            ("limit_minor", models.BigIntegerField()),
            ("sent_back_at", models.DateTimeField(null=True)),
            (
                "sent_back_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("sent_back_why", models.TextField(blank=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("sent_back_at__isnull", True), ("sent_back_by__isnull", True)),
                        models.Q(
                            ("sent_back_at__isnull", False),
                            ("sent_back_by__isnull", False),
                            models.Q(("sent_back_why", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="proposal_sent_back_says_why",
                ),
                models.CheckConstraint(
                    condition=models.Q(("granted_minor__gt", models.F("limit_minor"))), name="proposal_needed"
                ),
            ]
        },
    ),
]
