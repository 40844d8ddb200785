"""What was decided, asked and appealed on a claim. Amounts are minor units of the claim's currency."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="Decision",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="decisions", to="claims.claim")),
            ("number", models.PositiveSmallIntegerField()),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            ("stage", models.CharField(choices=codes("FIRST APPEAL"), max_length=6)),
            (
                "status",
                models.CharField(
                    choices=codes("UNDER_INVESTIGATION AWAITING_SELLER GRANTED DENIED WITHDRAWN"), max_length=19
                ),
            ),
            (
                "by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "confirmed_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "policy_rule",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.policyrule"),
            ),
            ("granted_minor", models.BigIntegerField()),
            ("words", models.TextField(blank=True)),
            ("erased_at", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [
                models.Index("claim", "at", "position", name="decision_thread"),
                models.Index("at", name="decision_by_time"),
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="decision_in_seller"),
                models.UniqueConstraint("claim", "number", name="decision_number_once"),
                models.UniqueConstraint("claim", "position", name="decision_position_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("granted_minor__gt", 0), ("status", "GRANTED")),
                        models.Q(("granted_minor", 0), ("status", "DENIED")),
                        _connector="OR",
                    ),
                    name="decision_status_is_its_amount",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("confirmed_by__isnull", True),
                        models.Q(("confirmed_by", models.F("by")), _negated=True),
                        _connector="OR",
                    ),
                    name="decision_confirmed_by_another",
                ),
            ],
            "triggers": [
                Trigger(
                    name="never_deleted",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                        hash="c114b3d17befb31fcd4571e46a521bd5d9168c46",
                        operation="DELETE",
                        pgid="pgtrigger_never_deleted_f1d17",
                        table="claims_decision",
                        when="BEFORE",
                    ),
                ),
                Trigger(
                    name="only_erased",
                    sql=UpsertTriggerSql(
                        condition="WHEN (NOT (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.words = '' AND to_jsonb(OLD) - 'words' - 'erased_at' = to_jsonb(NEW) - 'words' - 'erased_at'))",
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                        hash="33a3458bc1878f0073b3b35ea0bca2d70868ab16",
                        operation="UPDATE",
                        pgid="pgtrigger_only_erased_6ae4c",
                        table="claims_decision",
                        when="BEFORE",
                    ),
                ),
            ],
        },
    ),
    CreateModel(        name="DecisionLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("decision", models.ForeignKey(on_delete=models.PROTECT, related_name="lines", to="claims.decision")),
            ("claim_line", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claimline")),
            ("amount_minor", models.BigIntegerField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("seller", "id", name="decisionline_in_seller"),
                models.UniqueConstraint("decision", "claim_line", name="decisionline_once"),
                models.CheckConstraint(condition=models.Q(("amount_minor__gte", 0)), name="decisionline_not_negative"),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="bee91dea05fca9f8afced68866c21c04df83478c",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_cdb5f",
                        table="claims_decisionline",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="DecisionLineReason",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("line", models.ForeignKey(on_delete=models.PROTECT, related_name="reasons", to="claims.decisionline")),
            (
                "code",
                models.CharField(
                    choices=codes(
                        "EVIDENCE_MISSING EVIDENCE_UNREADABLE EVIDENCE_OTHER_ORDER EVIDENCE_REUSED EVIDENCE_TOO_OLD RETURN_IN_ORDER SELLER_FAULT RETURN_DELIVERED NOT_DELIVERED NO_AGREEMENT REFUND_WAS_DUE NOT_COVERED ALREADY_REIMBURSED DUPLICATE NO_RESPONSE LESS_ORDER_CAP LESS_PERCENT_CAP LESS_RESALE LESS_FEE_KEPT LESS_SHIPPING"
                    ),
                    max_length=20,
                ),
            ),
            ("params", models.JSONField(default=dict)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("line", "code", name="decisionreason_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "code__in",
                            [
                                "EVIDENCE_MISSING",
                                "EVIDENCE_UNREADABLE",
                                "EVIDENCE_OTHER_ORDER",
                                "EVIDENCE_REUSED",
                                "EVIDENCE_TOO_OLD",
                                "RETURN_IN_ORDER",
                                "SELLER_FAULT",
                                "RETURN_DELIVERED",
                                "NOT_DELIVERED",
                                "NO_AGREEMENT",
                                "REFUND_WAS_DUE",
                                "NOT_COVERED",
                                "ALREADY_REIMBURSED",
                                "DUPLICATE",
                                "NO_RESPONSE",
                                "LESS_ORDER_CAP",
                                "LESS_PERCENT_CAP",
                                "LESS_RESALE",
                                "LESS_FEE_KEPT",
                                "LESS_SHIPPING",
                            ],
                        )
                    ),
                    name="decisionreason_known",
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="c79ca5e4c1e731ee56632442087d3b358f3d0217",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_6ead0",
                        table="claims_decisionlinereason",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="Appeal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="appeals", to="claims.claim")),
            ("number", models.PositiveSmallIntegerField()),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            (
                "decision",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.decision"),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("seller", "id", name="appeal_in_seller"),
                models.UniqueConstraint("claim", "number", name="appeal_number_once"),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="b111ff00f5773bcbafa28966c9eedf94dadf6038",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_4662c",
                        table="claims_appeal",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="InformationRequest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            (
                "claim",
                models.ForeignKey(on_delete=models.PROTECT, related_name="information_requests", to="claims.claim"),
            ),
            ("at", models.DateTimeField()),
            ("by", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("stage", models.CharField(choices=codes("FIRST APPEAL"), max_length=6)),
            ("reply_by", models.DateTimeField()),
            ("closed_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [models.Index("claim", "at", name="request_of_claim")],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="request_in_seller"),
                models.UniqueConstraint(
                    "claim", condition=models.Q(("closed_at__isnull", True)), name="request_one_open"
                ),
            ],
        },
    ),
    CreateModel(        name="InformationItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            (
                "request",
                models.ForeignKey(on_delete=models.PROTECT, related_name="items", to="claims.informationrequest"),
            ),
            (
                "slot",
                models.CharField(
                    blank=True,
                    choices=codes(
                        "ITEM_PHOTO LABEL_PHOTO SERIAL_PHOTO SHIPPED WEIGHT ALL_PARTS_PHOTO MISSING_LIST ABUSE_PROOF BUYER_MESSAGES BUYER_AGREEMENT DELIVERY_TRACKING LABEL_INVOICE OTHER"
                    ),
                    max_length=18,
                ),
            ),
            ("words", models.CharField(blank=True, max_length=500)),
            ("answered_at", models.DateTimeField(null=True)),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("slot", ""), ("words", ""), _negated=True), name="requestitem_says_something"
                )
            ]
        },
    ),
]
