"""What was decided on a day, in figures: small rows that pages sum up, kept by a task."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations import CreateModel

TABLES = [
    CreateModel(        name="DayStatistics",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("seller", models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to="accounts.seller")),
            ("reason", models.CharField(blank=True, max_length=16)),
            ("currency", models.CharField(blank=True, max_length=3)),
            ("decided", models.PositiveIntegerField(default=0)),
            ("granted", models.PositiveIntegerField(default=0)),
            ("lapsed", models.PositiveIntegerField(default=0)),
            ("appeals", models.PositiveIntegerField(default=0)),
            ("overturned", models.PositiveIntegerField(default=0)),
            ("claimed_minor", models.BigIntegerField(default=0)),
            ("granted_minor", models.BigIntegerField(default=0)),
            ("answer_hours", ArrayField(base_field=models.PositiveIntegerField(), default=list, size=None)),
            ("decision_hours", ArrayField(base_field=models.PositiveIntegerField(), default=list, size=None)),
        ],
        options={
            "indexes": [models.Index("day", name="figures_by_day")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("seller", "day", "reason", "currency"), name="figures_once", nulls_distinct=False
                )
            ],
        },
    )
]
