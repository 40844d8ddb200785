"""Drafts and the files of drafts and claims."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="Draft",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("purpose", models.CharField(choices=[("FILE", "File a claim"), ("REPLY", "Reply")], max_length=5)),
            ("refund", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.refund")),
            ("claim", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("text", models.TextField(blank=True)),
            ("choices", models.JSONField(default=dict)),
            ("created_at", models.DateTimeField(default=timezone.now)),
            ("updated_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "indexes": [
                models.Index(
                    "user", "seller", models.OrderBy(models.F("updated_at"), descending=True), name="draft_of_user"
                )
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="draft_in_seller"),
                models.UniqueConstraint(
                    "user", "refund", condition=models.Q(("purpose", "FILE")), name="draft_one_to_file"
                ),
                models.UniqueConstraint(
                    "user", "claim", condition=models.Q(("purpose", "REPLY")), name="draft_one_to_reply"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("claim__isnull", True), ("purpose", "FILE"), ("refund__isnull", False)),
                        models.Q(("claim__isnull", False), ("purpose", "REPLY"), ("refund__isnull", True)),
                        _connector="OR",
                    ),
                    name="draft_about_one_thing",
                ),
            ],
        },
    ),
    CreateModel(        name="Attachment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            (
                "draft",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="attachments", to="claims.draft"),
            ),
            (
                "claim",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="attachments", to="claims.claim"),
            ),
            (
                "claim_line",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.claimline"),
            ),
            ("position", models.PositiveIntegerField(null=True)),
            (
                "slot",
                models.CharField(
                    blank=True,
                    choices=codes(
                        "ITEM_PHOTO LABEL_PHOTO SERIAL_PHOTO SHIPPED WEIGHT ALL_PARTS_PHOTO MISSING_LIST ABUSE_PROOF BUYER_MESSAGES BUYER_AGREEMENT DELIVERY_TRACKING LABEL_INVOICE OTHER"
                    ),
                    max_length=18,
                    verbose_name="evidence slot",
                ),
            ),
            ("party", models.CharField(choices=codes("SELLER DESK SYSTEM OUTSIDE"), default="SELLER", max_length=7)),
            ("name", models.CharField(max_length=150, verbose_name="name")),
            ("media_type", models.CharField(max_length=100)),
            ("size", models.BigIntegerField()),
            ("sha256", models.CharField(max_length=64)),
            ("storage_key", models.CharField(max_length=200, unique=True)),
            (
                "uploaded_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("uploaded_at", models.DateTimeField(default=timezone.now)),
            ("shown_at", models.DateTimeField(null=True)),
            (
                "scan",
                models.CharField(
                    choices=[
                        ("PENDING", "Being checked"),
                        ("CLEAN", "No virus found"),
                        ("NOT_SCANNED", "Not scanned for viruses"),
                        ("INFECTED", "Not accepted"),
                    ],
                    default="NOT_SCANNED",
                    max_length=11,
                ),
            ),
            ("scanned_at", models.DateTimeField(null=True)),
            ("scan_tried_at", models.DateTimeField(help_text="When the virus check last gave no verdict", null=True)),
            ("threat", models.CharField(blank=True, help_text="What the virus check found", max_length=200)),
            (
                "making",
                models.CharField(
                    choices=[
                        ("PENDING", "Preview to be made"),
                        ("MADE", "Preview made"),
                        ("FAILED", "No preview could be made"),
                        ("NOTHING", "No preview for this type"),
                    ],
                    default="NOTHING",
                    max_length=7,
                ),
            ),
            (
                "make_tried_at",
                models.DateTimeField(help_text="When the previews last could not be made yet", null=True),
            ),
            ("made_key", models.CharField(blank=True, max_length=200)),
            ("previews", models.PositiveSmallIntegerField(default=0, help_text="Pages that have a preview")),
            ("pages", models.PositiveIntegerField(help_text="Pages of a PDF", null=True)),
            (
                "served_type",
                models.CharField(blank=True, help_text="Of the copy without metadata, if any", max_length=100),
            ),
            ("served_size", models.BigIntegerField(null=True)),
            ("served_sha256", models.CharField(blank=True, max_length=64)),
            (
                "taken_at",
                models.CharField(blank=True, help_text="By the camera's clock, without a zone", max_length=19),
            ),
            ("active_content", models.CharField(blank=True, help_text="What a PDF would do by itself", max_length=200)),
            (
                "also_on",
                models.CharField(blank=True, help_text="An earlier claim that has the same file", max_length=19),
            ),
            ("erased_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [
                models.Index("claim", "position", "id", name="attachment_of_claim"),
                models.Index("draft", "id", condition=models.Q(("draft__isnull", False)), name="attachment_of_draft"),
                models.Index("seller", "sha256", name="attachment_by_hash"),
                models.Index("id", condition=models.Q(("scan", "PENDING")), name="attachment_to_scan"),
                models.Index(
                    "claim",
                    condition=models.Q(
                        models.Q(("scan", "PENDING"), ("making", "PENDING"), _connector="OR"),
                        ("shown_at__isnull", False),
                    ),
                    name="attachment_unsettled",
                ),
                models.Index(
                    models.OrderBy(models.F("scan_tried_at"), nulls_first=True),
                    models.F("id"),
                    condition=models.Q(("scan", "PENDING")),
                    name="attachment_scan_next",
                ),
                models.Index(
                    models.OrderBy(models.F("make_tried_at"), nulls_first=True),
                    models.F("id"),
                    condition=models.Q(("making", "PENDING")),
                    name="attachment_make_next",
                ),
                models.Index("scanned_at", "id", condition=models.Q(("scan", "INFECTED")), name="attachment_infected"),
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="attachment_in_seller"),
                models.CheckConstraint(
                    condition=models.Q(("scan", "INFECTED"), ("threat", ""), _connector="OR"),
                    name="attachment_threat_is_infected",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("making", "MADE"), models.Q(("made_key", ""), _negated=True)),
                        models.Q(models.Q(("making", "MADE"), _negated=True), ("made_key", ""), ("previews", 0)),
                        _connector="OR",
                    ),
                    name="attachment_made_has_key",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("claim__isnull", True), ("draft__isnull", False)),
                        models.Q(("claim__isnull", False), ("draft__isnull", True)),
                        _connector="OR",
                    ),
                    name="attachment_of_draft_or_claim",
                ),
                models.CheckConstraint(
                    condition=models.Q(("draft__isnull", True), ("shown_at__isnull", True), _connector="OR"),
                    name="attachment_of_draft_not_shown",
                ),
                models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="attachment_not_empty"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("erased_at__isnull", True),
                        models.Q(("claim__isnull", False), ("shown_at__isnull", True)),
                        _connector="OR",
                    ),
                    name="attachment_erased_not_shown",
                ),
            ],
        },
    ),
    CreateModel(        name="FileRefusal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            (
                "attachment",
                models.OneToOneField(on_delete=models.PROTECT, related_name="+", to="claims.attachment"),
            ),
            ("position", models.PositiveIntegerField()),
            ("at", models.DateTimeField()),
        ],
        options={
            "indexes": [models.Index("claim", "at", "position", name="filerefusal_thread")],
            "constraints": [models.UniqueConstraint("claim", "position", name="filerefusal_position_once")],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="e266aa3328d6f412aef8181aaaed27d66154abcb",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_28872",
                        table="claims_filerefusal",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="SellerStorage",
        fields=[
            (
                "seller",
                models.OneToOneField(
                    on_delete=models.PROTECT, primary_key=True, related_name="+", serialize=False, to="accounts.seller"
                ),
            ),
            ("used_bytes", models.BigIntegerField(default=0)),
        ],
    ),
    CreateModel(        name="EvidencePack",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("claim", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="claims.claim")),
            ("reader", models.CharField(choices=[("SELLER", "Seller"), ("DESK", "SAFE-T team")], max_length=6)),
            ("claim_state", models.CharField(max_length=64)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("QUEUED", "Queued"),
                        ("MAKING", "Being made"),
                        ("READY", "Ready"),
                        ("FAILED", "Not made"),
                    ],
                    default="QUEUED",
                    max_length=6,
                ),
            ),
            ("done", models.PositiveIntegerField(default=0)),
            ("total", models.PositiveIntegerField(default=0)),
            ("storage_key", models.CharField(blank=True, max_length=200)),
            ("size", models.BigIntegerField(null=True)),
            ("sha256", models.CharField(blank=True, max_length=64)),
            (
                "asked_by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("asked_at", models.DateTimeField(default=timezone.now)),
            ("leased_until", models.DateTimeField(null=True)),
            ("ready_at", models.DateTimeField(null=True)),
            ("begun", ArrayField(base_field=models.DateTimeField(), default=list, size=None)),
        ],
        options={
            "indexes": [models.Index("asked_at", "id", name="pack_by_age")],
            "constraints": [
                models.UniqueConstraint("claim", "reader", name="pack_one_a_reader"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "READY"), models.Q(("storage_key", ""), _negated=True)),
                        models.Q(models.Q(("state", "READY"), _negated=True), ("storage_key", "")),
                        _connector="OR",
                    ),
                    name="pack_ready_has_bytes",
                ),
            ],
        },
    ),
]
