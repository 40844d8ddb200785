"""The ledger: what was claimed, approved, paid and taken back. Append-only, signed minor units."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

TABLES = [
    CreateModel(        name="LedgerEntry",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="ledger", to="claims.claim")),
            (
                "claim_line",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.claimline"),
            ),
            (
                "decision",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.decision"),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("CLAIMED", "Claimed"),
                        ("GRANTED", "Granted"),
                        ("APPEAL_DELTA", "Appeal Delta"),
                        ("CORRECTION", "Correction"),
                        ("PAID", "Paid"),
                        ("REVERSED", "Reversed"),
                    ],
                    max_length=12,
                ),
            ),
            ("amount_minor", models.BigIntegerField()),
            ("currency", models.CharField(max_length=3)),
            ("at", models.DateTimeField()),
            ("payment", models.CharField(max_length=200, null=True, unique=True)),
            ("reference", models.CharField(blank=True, max_length=100)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [models.Index("claim", "at", "id", name="ledger_of_claim")],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="ledger_in_seller"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("amount_minor__lt", 0), ("kind", "REVERSED")),
                        models.Q(models.Q(("kind", "REVERSED"), _negated=True), ("amount_minor__gt", 0)),
                        _connector="OR",
                    ),
                    name="ledger_sign_is_its_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind__in", ["PAID", "REVERSED"]), ("payment__isnull", False)),
                        models.Q(
                            models.Q(("kind__in", ["PAID", "REVERSED"]), _negated=True), ("payment__isnull", True)
                        ),
                        _connector="OR",
                    ),
                    name="ledger_payment_named",
                ),
                models.UniqueConstraint(
                    "claim_line", condition=models.Q(("kind", "CLAIMED")), name="ledger_claimed_once"
                ),
                models.UniqueConstraint(
                    "claim_line", condition=models.Q(("kind", "GRANTED")), name="ledger_granted_once"
                ),
                models.UniqueConstraint(
                    "claim_line", condition=models.Q(("kind", "APPEAL_DELTA")), name="ledger_appeal_once"
                ),
                models.UniqueConstraint(
                    "claim_line", "decision", condition=models.Q(("kind", "CORRECTION")), name="ledger_correction_once"
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="10a723be652584ce14c61d57bd2a7906089df079",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_af80a",
                        table="claims_ledgerentry",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="UnmatchedPayment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "seller",
                models.ForeignKey(
                    on_delete=models.PROTECT, related_name="+", to="accounts.seller", verbose_name="seller"
                ),
            ),
            (
                "source",
                models.CharField(
                    choices=[
                        ("FINANCES_V0", "Finances v0"),
                        ("FINANCES_2024", "Finances 2024-06-19"),
                        ("SETTLEMENT", "Settlement report V2"),
                        ("DATE_RANGE", "Date-range report"),
                    ],
                    default="FINANCES_V0",
                    max_length=13,
                    verbose_name="source",
                ),
            ),
            ("payment", models.CharField(max_length=200, unique=True)),
            ("claim_id", models.CharField(blank=True, max_length=19, verbose_name="claim id")),
            ("order_id", models.CharField(blank=True, max_length=19, verbose_name="order id")),
            ("sku", models.CharField(blank=True, max_length=64, verbose_name="SKU")),
            ("amount_minor", models.BigIntegerField(verbose_name="amount, minor units")),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("at", models.DateTimeField(verbose_name="posted")),
            ("reference", models.CharField(blank=True, max_length=100, verbose_name="reference")),
            ("matched_at", models.DateTimeField(null=True, verbose_name="settled")),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[
                        ("", "Waiting"),
                        ("BOOKED", "Booked"),
                        ("SAME", "Booked from another source"),
                        ("SET_ASIDE", "Set aside"),
                        ("NO_CLAIM", "For a refund without a claim"),
                    ],
                    max_length=9,
                    verbose_name="outcome",
                ),
            ),
            (
                "entry",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", related_query_name="told_by", to="claims.ledgerentry"),
            ),
            (
                "refund_line",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.refundline"),
            ),
            (
                "same_as",
                models.ForeignKey(
                    null=True, on_delete=models.PROTECT, related_name="told_again", to="claims.unmatchedpayment"
                ),
            ),
            (
                "settled_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("why", models.CharField(blank=True, max_length=500, verbose_name="why")),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "verbose_name": "payment",
            "indexes": [
                models.Index(
                    "seller", "claim_id", condition=models.Q(("matched_at__isnull", True)), name="payment_unmatched"
                ),
                models.Index("order_id", condition=models.Q(("matched_at__isnull", True)), name="payment_of_order"),
                models.Index("at", "id", condition=models.Q(("matched_at__isnull", True)), name="payment_waiting"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("entry__isnull", True),
                            ("matched_at__isnull", True),
                            ("outcome", ""),
                            ("refund_line__isnull", True),
                            ("same_as__isnull", True),
                        ),
                        models.Q(
                            ("entry__isnull", False),
                            ("matched_at__isnull", False),
                            ("outcome__in", ["BOOKED", "SAME"]),
                            ("refund_line__isnull", True),
                            ("same_as__isnull", True),
                        ),
                        models.Q(
                            ("entry__isnull", True),
                            ("matched_at__isnull", False),
                            ("outcome", "SAME"),
                            ("refund_line__isnull", True),
                            ("same_as__isnull", False),
                        ),
                        models.Q(
                            ("entry__isnull", True),
                            ("matched_at__isnull", False),
                            ("outcome", "SET_ASIDE"),
                            ("refund_line__isnull", True),
                            ("same_as__isnull", True),
                            models.Q(("why", ""), _negated=True),
                        ),
                        models.Q(
                            ("entry__isnull", True),
                            ("matched_at__isnull", False),
                            ("outcome", "NO_CLAIM"),
                            ("refund_line__isnull", False),
                            ("same_as__isnull", True),
                            ("settled_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="payment_settled_or_waiting",
                ),
                models.CheckConstraint(condition=models.Q(("amount_minor", 0), _negated=True), name="payment_not_zero"),
                models.UniqueConstraint("entry", "source", name="payment_told_once_a_source"),
                models.UniqueConstraint("same_as", "source", name="payment_told_again_once_a_source"),
            ],
        },
    ),
]
