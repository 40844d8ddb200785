"""What was refunded: orders, refunds with their lines, and the returns that belong to them."""

from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="Order",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("order_id", models.CharField(max_length=19, unique=True, verbose_name="order id")),
            ("marketplace", models.CharField(max_length=32, verbose_name="marketplace")),
            ("ordered_on", models.DateField(null=True, verbose_name="ordered on")),
            ("amount_minor", models.BigIntegerField(null=True, verbose_name="order amount, minor units")),
            ("currency", models.CharField(max_length=3, null=True)),
            ("program", models.CharField(max_length=32, null=True, verbose_name="program")),
            (
                "fulfilment",
                models.CharField(
                    choices=codes("SELLER MARKETPLACE"), max_length=11, null=True, verbose_name="fulfilled by"
                ),
            ),
            ("a_to_z", models.BooleanField(null=True, verbose_name="A-to-z claim")),
            ("chargeback", models.BooleanField(null=True, verbose_name="chargeback")),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("seller", "id", name="order_in_seller"),
                models.CheckConstraint(
                    condition=models.Q(("order_id__regex", "^\\d{3}-\\d{7}-\\d{7}$")), name="order_id_3_7_7"
                ),
            ]
        },
    ),
    CreateModel(        name="Refund",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="refunds", to="claims.order")),
            ("refunded_at", models.DateTimeField(verbose_name="refunded at")),
            ("currency", models.CharField(max_length=3)),
            (
                "issuer",
                models.CharField(
                    choices=codes("MARKETPLACE SELLER AUTOMATIC"), max_length=11, null=True, verbose_name="issued by"
                ),
            ),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("seller", "id", name="refund_in_seller"),
                models.UniqueConstraint("order", "refunded_at", name="refund_once"),
            ]
        },
    ),
    CreateModel(        name="RefundLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("refund", models.ForeignKey(on_delete=models.PROTECT, related_name="lines", to="claims.refund")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="refund_lines", to="claims.order")),
            ("sku", models.CharField(max_length=64, verbose_name="SKU")),
            ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
            ("currency", models.CharField(max_length=3)),
            ("gross_minor", models.BigIntegerField()),
            ("reversed_minor", models.BigIntegerField(default=0)),
            ("amount_minor", models.BigIntegerField(verbose_name="refunded, minor units")),
            ("held_quantity", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
            ("held_minor", models.BigIntegerField(db_default=0, default=0, editable=False)),
            ("reimbursed_minor", models.BigIntegerField(db_default=0, default=0, editable=False)),
            ("reimbursed_at", models.DateTimeField(editable=False, null=True)),
            ("asin", models.CharField(blank=True, max_length=10, verbose_name="ASIN")),
            ("title", models.CharField(blank=True, max_length=500, verbose_name="item")),
            ("return_requested_on", models.DateField(null=True)),
            ("return_delivered_on", models.DateField(null=True)),
            ("last_scan_on", models.DateField(null=True)),
            ("return_refused", models.BooleanField(null=True)),
            ("opens_at", models.DateTimeField(null=True)),
            ("first_closes_at", models.DateTimeField(null=True)),
            ("closes_at", models.DateTimeField(null=True)),
            ("windows_version", models.PositiveIntegerField(default=0)),
            ("against", models.CharField(blank=True, db_default="", default="", max_length=32)),
        ],
        options={
            "indexes": [
                models.Index("order", "sku", name="refundline_of_order"),
                models.Index(
                    "first_closes_at",
                    "id",
                    condition=models.Q(("held_quantity__lt", models.F("quantity"))),
                    name="refundline_closing",
                ),
                models.Index("windows_version", "id", name="refundline_by_windows"),
                models.Index(
                    "first_closes_at",
                    condition=models.Q(("first_closes_at__lt", models.F("closes_at"))),
                    name="refundline_closing_in_steps",
                ),
                models.Index(
                    "seller", "asin", condition=models.Q(("asin", ""), _negated=True), name="refundline_by_asin"
                ),
                models.Index("seller", "sku", name="refundline_by_sku"),
                models.Index(
                    "seller",
                    "first_closes_at",
                    "id",
                    condition=models.Q(
                        ("held_minor__lt", models.F("amount_minor")),
                        ("held_quantity__lt", models.F("quantity")),
                        ("against", ""),
                    ),
                    include=("currency", "amount_minor", "held_minor", "opens_at", "closes_at"),
                    name="refundline_free_by_closing",
                ),
                models.Index(
                    "seller",
                    "opens_at",
                    "id",
                    condition=models.Q(
                        ("held_minor__lt", models.F("amount_minor")),
                        ("held_quantity__lt", models.F("quantity")),
                        ("against", ""),
                    ),
                    include=("currency", "amount_minor", "held_minor"),
                    name="refundline_free_by_opening",
                ),
                models.Index(
                    "seller",
                    "id",
                    condition=models.Q(
                        models.Q(("against", ""), _negated=True),
                        models.Q(
                            models.Q(
                                ("held_minor__lt", models.F("amount_minor")),
                                ("held_quantity__lt", models.F("quantity")),
                            ),
                            ("amount_minor__lte", 0),
                            _connector="OR",
                        ),
                    ),
                    include=("currency", "amount_minor", "held_minor"),
                    name="refundline_barred",
                ),
                models.Index(
                    "seller",
                    "against",
                    "id",
                    condition=models.Q(
                        models.Q(("against", ""), _negated=True),
                        models.Q(
                            models.Q(
                                ("held_minor__lt", models.F("amount_minor")),
                                ("held_quantity__lt", models.F("quantity")),
                            ),
                            ("amount_minor__lte", 0),
                            _connector="OR",
                        ),
                    ),
                    include=("currency", "amount_minor", "held_minor"),
                    name="refundline_barred_by",
                ),
                models.Index(
                    "seller",
                    "id",
                    condition=models.Q(
                        models.Q(
                            ("held_minor__lt", models.F("amount_minor")),
                            ("held_quantity__lt", models.F("quantity")),
                            _negated=True,
                        ),
                        ("amount_minor__gt", 0),
                    ),
                    include=("currency", "amount_minor", "held_minor"),
                    name="refundline_claimed",
                ),
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="refundline_in_seller"),
                models.UniqueConstraint("refund", "sku", name="refundline_once"),
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="refundline_quantity_positive"),
                models.CheckConstraint(
                    condition=models.Q(("gross_minor__gte", 0), ("reversed_minor__gte", 0), ("amount_minor__gte", 0)),
                    name="refundline_amounts_not_negative",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "amount_minor",
                            models.expressions.CombinedExpression(
                                models.F("gross_minor"), "-", models.F("reversed_minor")
                            ),
                        )
                    ),
                    name="refundline_amount_adds_up",
                ),
                models.CheckConstraint(
                    condition=models.Q(("reimbursed_minor__gte", 0)), name="refundline_reimbursed_not_negative"
                ),
                models.CheckConstraint(
                    condition=models.Q(("held_quantity__lte", models.F("quantity"))),
                    name="refundline_held_quantity_within_refund",
                ),
                models.CheckConstraint(
                    condition=models.Q(("held_minor__gte", 0), ("held_minor__lte", models.F("amount_minor"))),
                    name="refundline_held_minor_within_refund",
                ),
            ],
        },
    ),
    CreateModel(        name="RefundComponent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("line", models.ForeignKey(on_delete=models.PROTECT, related_name="components", to="claims.refundline")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("PRINCIPAL", "Item"),
                        ("SHIPPING", "Shipping"),
                        ("RETURN_SHIPPING", "Return shipping"),
                        ("GIFT_WRAP", "Gift wrap"),
                        ("RESTOCKING", "Restocking"),
                        ("GOODWILL", "Goodwill"),
                        ("TAX", "Tax"),
                    ],
                    max_length=15,
                ),
            ),
            ("amount_minor", models.BigIntegerField()),
        ],
        options={"constraints": [models.UniqueConstraint("line", "kind", name="component_once")]},
    ),
    CreateModel(        name="RefundReversal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="reversals", to="claims.order")),
            ("posted_at", models.DateTimeField()),
            ("sku", models.CharField(max_length=64, verbose_name="SKU")),
            ("currency", models.CharField(max_length=3)),
            ("amount_minor", models.BigIntegerField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint("order", "posted_at", "sku", name="reversal_once"),
                models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="reversal_positive"),
            ]
        },
    ),
    CreateModel(        name="Return",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="returns", to="claims.order")),
            ("identity", models.CharField(max_length=64)),
            ("sku", models.CharField(max_length=64, verbose_name="SKU")),
            (
                "refund_line",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="returns", to="claims.refundline"),
            ),
            ("rma_id", models.CharField(blank=True, max_length=64, verbose_name="RMA id")),
            ("merchant_rma_id", models.CharField(blank=True, max_length=64, verbose_name="seller's RMA id")),
            ("asin", models.CharField(blank=True, max_length=10, verbose_name="ASIN")),
            ("title", models.CharField(blank=True, max_length=500, verbose_name="item")),
            ("quantity", models.PositiveIntegerField(default=1)),
            ("reason_code", models.CharField(blank=True, max_length=64, verbose_name="buyer's reason")),
            ("status", models.CharField(blank=True, max_length=64)),
            ("resolution", models.CharField(blank=True, max_length=64)),
            ("return_type", models.CharField(blank=True, max_length=64)),
            ("in_policy", models.BooleanField(null=True)),
            ("carrier", models.CharField(blank=True, max_length=64, verbose_name="carrier")),
            ("tracking_id", models.CharField(blank=True, max_length=64, verbose_name="tracking id")),
            ("label_type", models.CharField(blank=True, max_length=64)),
            ("label_payer", models.CharField(blank=True, max_length=64)),
            ("label_cost_minor", models.BigIntegerField(null=True)),
            ("currency", models.CharField(blank=True, max_length=3)),
            ("refunded_minor", models.BigIntegerField(null=True, verbose_name="refunded as reported, minor units")),
            ("requested_on", models.DateField(null=True)),
            ("delivered_on", models.DateField(null=True)),
            ("last_scan_on", models.DateField(null=True)),
            ("is_refused", models.BooleanField(null=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [
                models.Index(
                    "seller",
                    "tracking_id",
                    condition=models.Q(("tracking_id", ""), _negated=True),
                    name="return_by_tracking",
                ),
                models.Index(
                    "seller", "rma_id", condition=models.Q(("rma_id", ""), _negated=True), name="return_by_rma"
                ),
            ],
            "constraints": [models.UniqueConstraint("order", "identity", "sku", name="return_once")],
        },
    ),
]
