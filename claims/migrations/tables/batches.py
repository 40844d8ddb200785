"""Many drafts at once: what a person chose or uploaded together, one row each, with what came of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone

TABLES = [
    CreateModel(        name="Batch",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("uuid", models.UUIDField(default=uuid.uuid4, editable=False)),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("user", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("kind", models.CharField(choices=[("DRAFTS", "Make drafts"), ("SUBMIT", "Submit drafts")], max_length=6)),
            ("name", models.CharField(blank=True, max_length=150, verbose_name="file")),
            ("accepted", models.JSONField(default=list)),
            ("total", models.PositiveIntegerField()),
            ("created_at", models.DateTimeField(default=timezone.now)),
            ("finished_at", models.DateTimeField(null=True)),
        ],
        options={
            "indexes": [
                models.Index(
                    "user", "seller", models.OrderBy(models.F("created_at"), descending=True), name="batch_of_user"
                ),
                models.Index("id", condition=models.Q(("finished_at", None)), name="batch_unfinished"),
            ],
            "constraints": [
                models.UniqueConstraint("seller", "id", name="batch_in_seller"),
                models.UniqueConstraint("user", "uuid", name="batch_key_once_a_person"),
            ],
        },
    ),
    CreateModel(        name="BatchRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("seller", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("batch", models.ForeignKey(on_delete=models.PROTECT, related_name="rows", to="claims.batch")),
            ("number", models.PositiveIntegerField()),
            ("order_id", models.CharField(blank=True, max_length=64)),
            ("sku", models.CharField(blank=True, max_length=64, verbose_name="SKU")),
            ("given", models.JSONField(default=dict)),
            (
                "result",
                models.CharField(
                    blank=True,
                    choices=[
                        ("", "Waiting"),
                        ("MADE", "Draft made"),
                        ("CHANGED", "Draft changed"),
                        ("SAME", "Draft was there already"),
                        ("REFUSED", "Left out"),
                        ("FILED", "Filed"),
                        ("FILED_BEFORE", "Was filed before"),
                        ("LEFT", "Not filed, draft kept"),
                    ],
                    default="",
                    max_length=12,
                ),
            ),
            ("words", models.JSONField(default=list)),
            ("is_complete", models.BooleanField(default=False)),
            ("draft_uuid", models.UUIDField(null=True)),
            (
                "policy_rule",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.policyrule"),
            ),
            ("claim", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="claims.claim")),
        ],
        options={
            "indexes": [
                models.Index("batch", "number", condition=models.Q(("result", "")), name="batchrow_waiting"),
                models.Index("batch", "result", "number", name="batchrow_by_result"),
            ],
            "constraints": [models.UniqueConstraint("batch", "number", name="batchrow_once")],
        },
    ),
]
