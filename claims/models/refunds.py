"""What was refunded: orders, refunds with their lines, and the returns that belong to them.

Amounts are positive minor units of the row's currency. Finance data owns what was refunded, the returns report what
came back; linking the two is recomputed from an order's rows, so that the order of imports does not matter.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.rules.eligibility import Fulfilment, Issuer

HAS_LEFT = Q(held_quantity__lt=F("quantity"), held_minor__lt=F("amount_minor"))
"""Something of the refund line is not claimed yet."""
FREE = HAS_LEFT & Q(against="")
"""Nothing but time is against a claim for what is left."""
CLAIMED = ~HAS_LEFT & Q(amount_minor__gt=0)
BARRED = ~Q(against="") & (HAS_LEFT | Q(amount_minor__lte=0))
ADDED_UP = ("currency", "amount_minor", "held_minor")


class Order(models.Model):
    """An order of a seller's buyer. An order id belongs to one seller for good."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    order_id = models.CharField(_("order id"), max_length=19, unique=True)
    marketplace = models.CharField(_("marketplace"), max_length=32)
    ordered_on = models.DateField(_("ordered on"), null=True)
    amount_minor = models.BigIntegerField(_("order amount, minor units"), null=True)
    currency = models.CharField(max_length=3, null=True)
    program = models.CharField(_("program"), max_length=32, null=True)
    fulfilment = models.CharField(_("fulfilled by"), max_length=11, null=True, choices=[(f, f) for f in Fulfilment])
    a_to_z = models.BooleanField(_("A-to-z claim"), null=True)
    chargeback = models.BooleanField(_("chargeback"), null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="order_in_seller"),
            models.CheckConstraint(condition=Q(order_id__regex=r"^\d{3}-\d{7}-\d{7}$"), name="order_id_3_7_7"),
        ]

    def __str__(self) -> str:
        return self.order_id


class Refund(models.Model):
    """One posting: the marketplace gave the buyer money back at the seller's cost."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    refunded_at = models.DateTimeField(_("refunded at"))
    currency = models.CharField(max_length=3)
    issuer = models.CharField(_("issued by"), max_length=11, null=True, choices=[(i, i) for i in Issuer])
    at_first_scan = models.BooleanField(
        _("refunded at the first scan"),
        db_default=False,
        help_text=_("A return of it says so: the marketplace issued it"),
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="refund_in_seller"),
            models.UniqueConstraint("order", "refunded_at", name="refund_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.refunded_at:%Y-%m-%d}"


class RefundLine(models.Model):
    """What one refund gave back for one SKU, without tax, and when it can be claimed.

    `gross_minor` is as posted, `reversed_minor` what was taken back since, `amount_minor` the rest. `held_quantity`
    and `held_minor` are kept by a trigger on claim lines, `reimbursed_minor` and `reimbursed_at` (what was paid for it
    without a claim, and when last) by one on payments; nothing else writes them. `asin`, `title` and the return's
    dates come from the linked return. `opens_at`, `first_closes_at` and `closes_at` span the reasons still possible
    when they were computed, under the policy of `windows_version`, and `against` is the first cause
    against a claim at any time ("" for none); they serve lists, the guard asks the rules.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    order = models.ForeignKey(Order, models.PROTECT, related_name="refund_lines")
    sku = models.CharField("SKU", max_length=64)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    reversed_minor = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(_("refunded, minor units"))
    held_quantity = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    held_minor = models.BigIntegerField(default=0, db_default=0, editable=False)
    reimbursed_minor = models.BigIntegerField(default=0, db_default=0, editable=False)
    reimbursed_at = models.DateTimeField(null=True, editable=False)
    asin = models.CharField("ASIN", max_length=10, blank=True)
    title = models.CharField(_("item"), max_length=500, blank=True)
    return_requested_on = models.DateField(null=True)
    return_delivered_on = models.DateField(null=True)
    last_scan_on = models.DateField(null=True)
    return_refused = models.BooleanField(null=True)
    opens_at = models.DateTimeField(null=True)
    first_closes_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    windows_version = models.PositiveIntegerField(default=0)
    against = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="refundline_in_seller"),
            models.UniqueConstraint("refund", "sku", name="refundline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="refundline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(gross_minor__gte=0) & Q(reversed_minor__gte=0) & Q(amount_minor__gte=0),
                name="refundline_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=F("gross_minor") - F("reversed_minor")), name="refundline_amount_adds_up"
            ),
            models.CheckConstraint(condition=Q(reimbursed_minor__gte=0), name="refundline_reimbursed_not_negative"),
            models.CheckConstraint(
                condition=Q(held_quantity__lte=F("quantity")), name="refundline_held_quantity_within_refund"
            ),
            models.CheckConstraint(
                condition=Q(held_minor__gte=0) & Q(held_minor__lte=F("amount_minor")),
                name="refundline_held_minor_within_refund",
            ),
        ]
        indexes = [
            models.Index("order", "sku", name="refundline_of_order"),
            models.Index(
                "first_closes_at", "id", condition=Q(held_quantity__lt=F("quantity")), name="refundline_closing"
            ),
            models.Index("windows_version", "id", name="refundline_by_windows"),
            models.Index(
                "first_closes_at", condition=Q(first_closes_at__lt=F("closes_at")), name="refundline_closing_in_steps"
            ),
            models.Index("seller", "asin", condition=~Q(asin=""), name="refundline_by_asin"),
            models.Index("seller", "sku", name="refundline_by_sku"),
            # One for each tab of Claimable refunds, in the order of its list; what the tabs add up stands beside it.
            models.Index(
                "seller",
                "first_closes_at",
                "id",
                condition=FREE,
                include=(*ADDED_UP, "opens_at", "closes_at"),
                name="refundline_free_by_closing",
            ),
            models.Index(
                "seller", "opens_at", "id", condition=FREE, include=ADDED_UP, name="refundline_free_by_opening"
            ),
            models.Index("seller", "id", condition=BARRED, include=ADDED_UP, name="refundline_barred"),
            models.Index("seller", "against", "id", condition=BARRED, include=ADDED_UP, name="refundline_barred_by"),
            models.Index("seller", "id", condition=CLAIMED, include=ADDED_UP, name="refundline_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class RefundComponent(models.Model):
    """A part of a refund line by kind of charge. Tax is kept for the record and never part of the line's amount."""

    class Kind(models.TextChoices):
        PRINCIPAL = "PRINCIPAL", _("Item")
        SHIPPING = "SHIPPING", _("Shipping")
        RETURN_SHIPPING = "RETURN_SHIPPING", _("Return shipping")
        GIFT_WRAP = "GIFT_WRAP", _("Gift wrap")
        RESTOCKING = "RESTOCKING", _("Restocking")
        GOODWILL = "GOODWILL", _("Goodwill")
        TAX = "TAX", _("Tax")

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    line = models.ForeignKey(RefundLine, models.PROTECT, related_name="components")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("line", "kind", name="component_once")]


class RefundReversal(models.Model):
    """Money of a refund that the marketplace took back from the buyer. Reduces lines when the order is relinked."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="reversals")
    posted_at = models.DateTimeField()
    sku = models.CharField("SKU", max_length=64)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("order", "posted_at", "sku", name="reversal_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="reversal_positive"),
        ]


class Return(models.Model):
    """One row of a returns report. `identity` is its RMA id, or else its request date in ISO form."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    identity = models.CharField(max_length=64)
    sku = models.CharField("SKU", max_length=64)
    refund_line = models.ForeignKey(RefundLine, models.PROTECT, null=True, related_name="returns")
    rma_id = models.CharField(_("RMA id"), max_length=64, blank=True)
    merchant_rma_id = models.CharField(_("seller's RMA id"), max_length=64, blank=True)
    asin = models.CharField("ASIN", max_length=10, blank=True)
    title = models.CharField(_("item"), max_length=500, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    reason_code = models.CharField(_("buyer's reason"), max_length=64, blank=True)
    status = models.CharField(max_length=64, blank=True)
    resolution = models.CharField(max_length=64, blank=True)
    return_type = models.CharField(max_length=64, blank=True)
    in_policy = models.BooleanField(null=True)
    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_id = models.CharField(_("tracking id"), max_length=64, blank=True)
    label_type = models.CharField(max_length=64, blank=True)
    label_payer = models.CharField(max_length=64, blank=True)
    label_cost_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    refunded_minor = models.BigIntegerField(_("refunded as reported, minor units"), null=True)
    requested_on = models.DateField(null=True)
    delivered_on = models.DateField(null=True)
    last_scan_on = models.DateField(null=True)
    is_refused = models.BooleanField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("order", "identity", "sku", name="return_once")]
        indexes: ClassVar[list[models.Index]] = [
            models.Index("seller", "tracking_id", condition=~Q(tracking_id=""), name="return_by_tracking"),
            models.Index("seller", "rma_id", condition=~Q(rma_id=""), name="return_by_rma"),
        ]

    def __str__(self) -> str:
        return f"{self.identity} {self.sku}"
