"""Claims, their lines and their history."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

# Who moves a claim by what, from where to where; from nothing: it is filed, or comes from outside.
COLUMNS = ("verb", "party", "from_status", "from_stage", "to_status", "to_stage")
STATUS_CHANGES = [
    ("FILE", "SELLER", "", "", "UNDER_INVESTIGATION", "FIRST"),
    ("IMPORT", "OUTSIDE", "", "", "UNDER_INVESTIGATION", "FIRST"),
    ("IMPORT", "OUTSIDE", "", "", "AWAITING_SELLER", "FIRST"),
    ("IMPORT", "OUTSIDE", "", "", "GRANTED", "FIRST"),
    ("IMPORT", "OUTSIDE", "", "", "DENIED", "FIRST"),
    ("IMPORT", "OUTSIDE", "", "", "WITHDRAWN", "FIRST"),
    ("REQUEST_INFORMATION", "DESK", "UNDER_INVESTIGATION", "FIRST", "AWAITING_SELLER", "FIRST"),
    ("REQUEST_INFORMATION", "DESK", "AWAITING_SELLER", "FIRST", "AWAITING_SELLER", "FIRST"),
    ("REPLY", "SELLER", "AWAITING_SELLER", "FIRST", "UNDER_INVESTIGATION", "FIRST"),
    ("ACCEPT_MAIL", "DESK", "AWAITING_SELLER", "FIRST", "UNDER_INVESTIGATION", "FIRST"),
    ("GRANT", "DESK", "UNDER_INVESTIGATION", "FIRST", "GRANTED", "FIRST"),
    ("DENY", "DESK", "UNDER_INVESTIGATION", "FIRST", "DENIED", "FIRST"),
    ("LAPSE", "SYSTEM", "AWAITING_SELLER", "FIRST", "DENIED", "FIRST"),
    ("REQUEST_INFORMATION", "DESK", "UNDER_INVESTIGATION", "APPEAL", "AWAITING_SELLER", "APPEAL"),
    ("REQUEST_INFORMATION", "DESK", "AWAITING_SELLER", "APPEAL", "AWAITING_SELLER", "APPEAL"),
    ("REPLY", "SELLER", "AWAITING_SELLER", "APPEAL", "UNDER_INVESTIGATION", "APPEAL"),
    ("ACCEPT_MAIL", "DESK", "AWAITING_SELLER", "APPEAL", "UNDER_INVESTIGATION", "APPEAL"),
    ("GRANT", "DESK", "UNDER_INVESTIGATION", "APPEAL", "GRANTED", "APPEAL"),
    ("DENY", "DESK", "UNDER_INVESTIGATION", "APPEAL", "DENIED", "APPEAL"),
    ("LAPSE", "SYSTEM", "AWAITING_SELLER", "APPEAL", "DENIED", "APPEAL"),
    ("LAPSE", "SYSTEM", "AWAITING_SELLER", "APPEAL", "GRANTED", "APPEAL"),
    ("APPEAL", "SELLER", "GRANTED", "FIRST", "UNDER_INVESTIGATION", "APPEAL"),
    ("APPEAL", "SELLER", "DENIED", "FIRST", "UNDER_INVESTIGATION", "APPEAL"),
    ("CORRECT", "DESK", "GRANTED", "FIRST", "GRANTED", "FIRST"),
    ("CORRECT", "DESK", "DENIED", "FIRST", "GRANTED", "FIRST"),
    ("WITHDRAW", "SELLER", "UNDER_INVESTIGATION", "FIRST", "WITHDRAWN", "FIRST"),
    ("WITHDRAW", "SELLER", "AWAITING_SELLER", "FIRST", "WITHDRAWN", "FIRST"),
]

TABLES = [
    CreateModel(        name="Claim",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="claims", to="accounts.seller")),
            ("order", models.ForeignKey(on_delete=models.PROTECT, related_name="claims", to="claims.order")),
            (
                "refund",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="claims", to="claims.refund"),
            ),
            ("claim_id", models.CharField(max_length=19, unique=True, verbose_name="claim id")),
            (
                "origin",
                models.CharField(
                    choices=[("FILED", "Filed here"), ("IMPORTED", "Imported")], default="FILED", max_length=8
                ),
            ),
            ("source", models.CharField(blank=True, help_text="Where an imported claim came from", max_length=200)),
            (
                "status",
                models.CharField(
                    choices=codes("UNDER_INVESTIGATION AWAITING_SELLER GRANTED DENIED WITHDRAWN"),
                    max_length=19,
                    verbose_name="status",
                ),
            ),
            (
                "stage",
                models.CharField(choices=codes("FIRST APPEAL"), default="FIRST", max_length=6, verbose_name="stage"),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=codes(
                        "DAMAGED DIFFERENT PARTS NOT_RETURNED ABUSE NO_RETURN_ASKED REPLACED DELIVERED OUTSIDE_WINDOW SHIPPING"
                    ),
                    max_length=16,
                    verbose_name="reason",
                ),
            ),
            (
                "sub_reason",
                models.CharField(
                    blank=True,
                    choices=codes(
                        "BROKEN USED OUTER_PACKAGE DAMAGED_IN_RETURN OTHER_ITEM EMPTY_BOX NEVER_SENT LOST_IN_RETURN FREE_RENTAL FALSE_REASON"
                    ),
                    db_default="",
                    default="",
                    max_length=17,
                    verbose_name="case",
                ),
            ),
            ("statement", models.TextField(blank=True, verbose_name="what the seller wrote")),
            ("statement_erased_at", models.DateTimeField(null=True)),
            ("filed_at", models.DateTimeField(verbose_name="filed")),
            (
                "filed_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            (
                "policy_rule",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.policyrule"),
            ),
            ("policy_accepted_at", models.DateTimeField(null=True)),
            (
                "clock_rule",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.clockrule"),
            ),
            ("reply_by", models.DateTimeField(null=True, verbose_name="reply by")),
            ("appeal_by", models.DateTimeField(null=True, verbose_name="appeal by")),
            ("answer_due_at", models.DateTimeField(null=True, verbose_name="answer due")),
            (
                "mail_reply_at",
                models.DateTimeField(
                    help_text="When the seller wrote an old e-mail that may be the reply",
                    null=True,
                    verbose_name="answered by e-mail",
                ),
            ),
            ("decided_at", models.DateTimeField(null=True)),
            ("lapsed", models.BooleanField(default=False, help_text="Denied because no reply arrived")),
            ("first_status", models.CharField(blank=True, max_length=19)),
            ("first_granted_minor", models.BigIntegerField(null=True)),
            ("currency", models.CharField(max_length=3)),
            ("claimed_minor", models.BigIntegerField(verbose_name="claimed, minor units")),
            ("granted_minor", models.BigIntegerField(default=0, verbose_name="granted, minor units")),
            (
                "paid_minor",
                models.BigIntegerField(db_default=0, default=0, editable=False, verbose_name="paid, minor units"),
            ),
            (
                "assigned_to",
                models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "proposed_by",
                models.ForeignKey(
                    help_text="Whose decision waits for a second handler",
                    null=True,
                    on_delete=models.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("version", models.PositiveIntegerField(default=1)),
            ("next_position", models.PositiveIntegerField(default=1)),
            ("draft_uuid", models.UUIDField(null=True)),
            ("updated_at", models.DateTimeField(verbose_name="last update")),
            ("updated_by_party", models.CharField(choices=codes("SELLER DESK SYSTEM OUTSIDE"), max_length=7)),
            (
                "updated_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
        ],
        options={
            "verbose_name": "claim",
            "indexes": [
                models.Index(
                    "seller",
                    "status",
                    models.OrderBy(models.F("updated_at"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    name="claim_tab",
                ),
                models.Index(
                    "seller",
                    models.OrderBy(models.F("updated_at"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    name="claim_all",
                ),
                models.Index(
                    "seller", "reply_by", "id", condition=models.Q(("status", "AWAITING_SELLER")), name="claim_awaiting"
                ),
                models.Index("reply_by", "id", condition=models.Q(("status", "AWAITING_SELLER")), name="claim_awaited"),
                models.Index("appeal_by", condition=models.Q(("appeal_by__isnull", False)), name="claim_appeal_by"),
                models.Index("order", name="claim_of_order"),
                models.Index(
                    "filed_at",
                    "id",
                    condition=models.Q(("paid_minor__lt", models.F("granted_minor"))),
                    name="claim_owed",
                ),
                models.Index(
                    "seller",
                    "filed_at",
                    "id",
                    condition=models.Q(("paid_minor__lt", models.F("granted_minor"))),
                    name="claim_owed_to_seller",
                ),
                models.Index(
                    "answer_due_at",
                    "id",
                    condition=models.Q(("status__in", ["UNDER_INVESTIGATION", "AWAITING_SELLER"])),
                    name="claim_open",
                ),
                models.Index(
                    "seller",
                    "answer_due_at",
                    "id",
                    condition=models.Q(("status__in", ["UNDER_INVESTIGATION", "AWAITING_SELLER"])),
                    name="claim_open_of_seller",
                ),
                models.Index(
                    "answer_due_at",
                    "id",
                    condition=models.Q(("status", "UNDER_INVESTIGATION")),
                    name="claim_investigated",
                ),
                models.Index(
                    "answer_due_at",
                    "id",
                    condition=models.Q(("status", "UNDER_INVESTIGATION"), ("assigned_to__isnull", True)),
                    name="claim_unassigned",
                ),
                models.Index(
                    "answer_due_at",
                    "id",
                    condition=models.Q(("status", "UNDER_INVESTIGATION"), ("stage", "APPEAL")),
                    name="claim_on_appeal",
                ),
                models.Index(
                    "answer_due_at", "id", condition=models.Q(("proposed_by__isnull", False)), name="claim_proposed"
                ),
                models.Index(
                    "clock_rule",
                    "claimed_minor",
                    condition=models.Q(("status", "UNDER_INVESTIGATION")),
                    name="claim_by_value",
                ),
                models.Index(
                    "assigned_to",
                    "answer_due_at",
                    "id",
                    condition=models.Q(
                        ("assigned_to__isnull", False), ("status__in", ["UNDER_INVESTIGATION", "AWAITING_SELLER"])
                    ),
                    name="claim_mine_open",
                ),
                models.Index(
                    models.OrderBy(models.F("updated_at"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    name="claim_recent",
                ),
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="claim_in_seller"),
                models.UniqueConstraint("seller", "draft_uuid", name="claim_once_per_draft"),
                models.CheckConstraint(
                    condition=models.Q(("claim_id__regex", "^\\d{5}-\\d{5}-\\d{7}$")), name="claim_id_5_5_7"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("status__in", ["UNDER_INVESTIGATION", "AWAITING_SELLER", "GRANTED", "DENIED", "WITHDRAWN"])
                    ),
                    name="claim_status_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("stage__in", ["FIRST", "APPEAL"])), name="claim_stage_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("reply_by__isnull", False), ("status", "AWAITING_SELLER")),
                        models.Q(models.Q(("status", "AWAITING_SELLER"), _negated=True), ("reply_by__isnull", True)),
                        _connector="OR",
                    ),
                    name="claim_reply_by_while_awaiting",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "GRANTED"), _negated=True), ("granted_minor__gt", 0), _connector="OR"
                    ),
                    name="claim_granted_has_amount",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status__in", ["DENIED", "WITHDRAWN"]), _negated=True),
                        ("granted_minor", 0),
                        _connector="OR",
                    ),
                    name="claim_denied_has_no_amount",
                ),
                models.CheckConstraint(
                    condition=models.Q(("granted_minor__gte", 0), ("granted_minor__lte", models.F("claimed_minor"))),
                    name="claim_granted_within_claimed",
                ),
                models.CheckConstraint(condition=models.Q(("paid_minor__gte", 0)), name="claim_paid_not_negative"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("appeal_by__isnull", True),
                        models.Q(("stage", "FIRST"), ("status__in", ["GRANTED", "DENIED"])),
                        _connector="OR",
                    ),
                    name="claim_appeal_by_after_first_decision",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("proposed_by__isnull", True),
                        ("status", "UNDER_INVESTIGATION"),
                        models.Q(("stage", "FIRST"), ("status__in", ["GRANTED", "DENIED"])),
                        _connector="OR",
                    ),
                    name="claim_proposed_while_it_can_change",
                ),
            ],
        },
    ),
    CreateModel(        name="ClaimLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="lines", to="claims.claim")),
            (
                "refund_line",
                models.ForeignKey(
                    null=True, on_delete=models.PROTECT, related_name="claim_lines", to="claims.refundline"
                ),
            ),
            ("quantity", models.PositiveIntegerField(default=1)),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=codes(
                        "DAMAGED DIFFERENT PARTS NOT_RETURNED ABUSE NO_RETURN_ASKED REPLACED DELIVERED OUTSIDE_WINDOW SHIPPING"
                    ),
                    max_length=16,
                ),
            ),
            (
                "policy_rule",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.policyrule"),
            ),
            ("opens_at", models.DateTimeField(null=True)),
            ("closes_at", models.DateTimeField(null=True)),
            ("cap_minor", models.BigIntegerField(null=True)),
            (
                "cap_code",
                models.CharField(
                    blank=True,
                    choices=codes("REFUNDED ORDER_CAP PERCENT_CAP RETURN_SHIPPING"),
                    db_default="",
                    default="",
                    max_length=15,
                ),
            ),
            ("claimed_minor", models.BigIntegerField()),
            ("granted_minor", models.BigIntegerField(default=0)),
            ("holds", models.BooleanField(default=True)),
            ("held_quantity", models.PositiveIntegerField(null=True)),
            ("held_minor", models.BigIntegerField(null=True)),
            ("sku_given", models.BooleanField(db_default=True, default=True)),
            ("asin", models.CharField(blank=True, max_length=10, verbose_name="ASIN")),
            ("sku", models.CharField(blank=True, max_length=64, verbose_name="SKU")),
            ("title", models.CharField(blank=True, max_length=500, verbose_name="item")),
        ],
        options={
            "indexes": [
                models.Index(
                    "seller", "asin", condition=models.Q(("asin", ""), _negated=True), name="claimline_by_asin"
                )
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="claimline_in_seller"),
                models.UniqueConstraint("claim", "refund_line", name="claimline_once"),
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="claimline_quantity_positive"),
                models.CheckConstraint(condition=models.Q(("claimed_minor__gt", 0)), name="claimline_claimed_positive"),
                models.CheckConstraint(
                    condition=models.Q(("granted_minor__gte", 0), ("granted_minor__lte", models.F("claimed_minor"))),
                    name="claimline_granted_within_claimed",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("held_minor__isnull", True), ("held_quantity__isnull", True)),
                        models.Q(
                            ("held_minor__gte", 0),
                            ("held_minor__lte", models.F("claimed_minor")),
                            ("held_quantity__lte", models.F("quantity")),
                        ),
                        _connector="OR",
                    ),
                    name="claimline_holds_no_more_than_claimed",
                ),
            ],
        },
    ),
    CreateModel(        name="StatusChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="status_changes", to="claims.claim")),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
            (
                "verb",
                models.CharField(
                    choices=codes(
                        "FILE REQUEST_INFORMATION REPLY GRANT DENY LAPSE APPEAL WITHDRAW IMPORT SEND_MESSAGE ADD_NOTE TAKE RELEASE ASSIGN CONFIRM SEND_BACK CORRECT RELEASE_APPEAL REDACT EXTEND ACCEPT_MAIL"
                    ),
                    max_length=19,
                ),
            ),
            ("party", models.CharField(choices=codes("SELLER DESK SYSTEM OUTSIDE"), max_length=7)),
            (
                "actor",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("from_status", models.CharField(blank=True, max_length=19)),
            ("from_stage", models.CharField(blank=True, max_length=6)),
            ("to_status", models.CharField(max_length=19)),
            ("to_stage", models.CharField(max_length=6)),
            ("reply_by", models.DateTimeField(null=True)),
            ("appeal_by", models.DateTimeField(null=True)),
            ("created_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [models.Index("claim", "at", "position", name="statuschange_thread")],
            "constraints": [
                models.UniqueConstraint("claim", "position", name="statuschange_position_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("pk__in", []),
                        *(models.Q(**dict(zip(COLUMNS, move))) for move in STATUS_CHANGES),
                        _connector="OR",
                    ),
                    name="statuschange_in_the_table",
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="481e045ac2a57aad09514192f089c662edbcae03",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_b0363",
                        table="claims_statuschange",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
]
