"""Policy as rows: windows and clocks, one row a version. A changed rule is a new version; claims keep theirs."""

from django.conf import settings
from django.db import models
from django.db.migrations import CreateModel
from django.utils import timezone
from pgtrigger.compiler import Trigger, UpsertTriggerSql

from accounts.migration_operations import codes

TABLES = [
    CreateModel(        name="PolicyRule",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.SlugField(max_length=64)),
            ("version", models.PositiveIntegerField()),
            ("name", models.CharField(max_length=100)),
            ("marketplace", models.CharField(blank=True, max_length=32)),
            ("region", models.CharField(blank=True, max_length=32)),
            ("program", models.CharField(blank=True, max_length=32)),
            ("reason", models.CharField(blank=True, max_length=32)),
            ("sub_reason", models.CharField(blank=True, max_length=32)),
            ("effective_from", models.DateField(null=True)),
            ("effective_to", models.DateField(null=True)),
            (
                "trigger",
                models.CharField(
                    choices=codes("REFUND RETURN_DELIVERY LATER_OF_BOTH LAST_SCAN RETURN_REQUEST"), max_length=16
                ),
            ),
            ("opens_after", models.PositiveSmallIntegerField(default=0, verbose_name="opens after days")),
            ("closes_after", models.PositiveSmallIntegerField(verbose_name="closes after days")),
            (
                "unit",
                models.CharField(
                    choices=codes("CALENDAR BUSINESS"), default="CALENDAR", max_length=8, verbose_name="days are"
                ),
            ),
            ("covered", models.BooleanField(default=True, verbose_name="can be claimed")),
            (
                "order_cap_minor",
                models.BigIntegerField(blank=True, null=True, verbose_name="most for one order, minor units"),
            ),
            ("order_cap_currency", models.CharField(blank=True, max_length=3)),
            (
                "percent_cap",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="most in percent of the order's value"
                ),
            ),
            (
                "component",
                models.CharField(
                    blank=True, choices=codes("RETURN_SHIPPING"), max_length=15, verbose_name="claims are against"
                ),
            ),
            ("required", models.JSONField(blank=True, null=True, verbose_name="required evidence")),
            ("recommended", models.JSONField(blank=True, null=True, verbose_name="helpful evidence")),
            ("clause", models.TextField(verbose_name="what the seller accepts")),
            ("source", models.CharField(max_length=500)),
            ("note", models.TextField(blank=True)),
            ("loaded_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "verbose_name": "policy rule",
            "constraints": [
                models.UniqueConstraint("key", "version", name="policyrule_version_once"),
                models.CheckConstraint(
                    condition=models.Q(("closes_after__gte", models.F("opens_after"))),
                    name="policyrule_window_not_empty",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("effective_from", None),
                        ("effective_to", None),
                        ("effective_to__gte", models.F("effective_from")),
                        _connector="OR",
                    ),
                    name="policyrule_dates_in_order",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("percent_cap", None),
                        models.Q(("percent_cap__gte", 1), ("percent_cap__lte", 100)),
                        _connector="OR",
                    ),
                    name="policyrule_percent_in_range",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("order_cap_currency", ""), ("order_cap_minor", None)),
                        models.Q(("order_cap_minor__gt", 0), models.Q(("order_cap_currency", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="policyrule_order_cap_has_currency",
                ),
                models.CheckConstraint(
                    condition=models.Q(("marketplace", ""), ("region", ""), _connector="OR"),
                    name="policyrule_one_place",
                ),
                models.CheckConstraint(
                    condition=models.Q(("sub_reason", ""), models.Q(("reason", ""), _negated=True), _connector="OR"),
                    name="policyrule_case_of_a_reason",
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="18343217e11d36f03f0d4422b2cbae2e8fcda5b5",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_edc2b",
                        table="claims_policyrule",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="ClockRule",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.SlugField(max_length=64)),
            ("version", models.PositiveIntegerField()),
            ("name", models.CharField(max_length=100)),
            ("marketplace", models.CharField(blank=True, max_length=32)),
            ("program", models.CharField(blank=True, max_length=32)),
            ("reply_days", models.PositiveSmallIntegerField(verbose_name="days to reply")),
            ("reply_unit", models.CharField(choices=codes("CALENDAR BUSINESS"), default="CALENDAR", max_length=8)),
            ("appeal_days", models.PositiveSmallIntegerField(verbose_name="days to appeal")),
            ("appeal_unit", models.CharField(choices=codes("CALENDAR BUSINESS"), default="CALENDAR", max_length=8)),
            ("answer_days", models.PositiveSmallIntegerField(verbose_name="days for the desk to answer")),
            ("answer_unit", models.CharField(choices=codes("CALENDAR BUSINESS"), default="CALENDAR", max_length=8)),
            ("appeals", models.PositiveSmallIntegerField(default=1, verbose_name="appeals")),
            ("appeal_needs_senior", models.BooleanField(default=True, verbose_name="a senior handler decides appeals")),
            (
                "four_eyes_above_minor",
                models.BigIntegerField(blank=True, null=True, verbose_name="second handler above, minor units"),
            ),
            ("four_eyes_currency", models.CharField(blank=True, max_length=3)),
            (
                "four_eyes_by_currency",
                models.JSONField(
                    blank=True,
                    db_default=models.Value({}, models.JSONField()),
                    default=dict,
                    help_text='As in {"USD": 50000, "EUR": 50000}.',
                    verbose_name="second handler above, minor units by currency",
                ),
            ),
            ("source", models.CharField(max_length=500)),
            ("note", models.TextField(blank=True)),
            ("loaded_at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "verbose_name": "clock rule",
            "constraints": [
                models.UniqueConstraint("key", "version", name="clockrule_version_once"),
                models.CheckConstraint(
                    condition=models.Q(("reply_days__gte", 1), ("appeal_days__gte", 1), ("answer_days__gte", 1)),
                    name="clockrule_days_positive",
                ),
                models.CheckConstraint(condition=models.Q(("appeals__lte", 1)), name="clockrule_at_most_one_appeal"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("four_eyes_above_minor", None), ("four_eyes_above_minor__gte", 0), _connector="OR"
                    ),
                    name="clockrule_four_eyes_not_negative",
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="93a993023d72bf52f1814df8a7b57d2add6624db",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_e2f14",
                        table="claims_clockrule",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
    CreateModel(        name="Outage",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("starts_at", models.DateTimeField()),
            ("ends_at", models.DateTimeField()),
            ("reason", models.CharField(help_text="Sellers read it", max_length=500)),
            (
                "by",
                models.ForeignKey(null=True, on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("at", models.DateTimeField(default=timezone.now)),
        ],
        options={
            "verbose_name": "outage",
            "constraints": [
                models.UniqueConstraint("starts_at", "ends_at", name="outage_once"),
                models.CheckConstraint(
                    condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="outage_has_a_length"
                ),
            ],
            "triggers": [
                Trigger(
                    name="append_only",
                    sql=UpsertTriggerSql(
                        func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                        hash="39d3e09a99731d64744c5752ff00a0147d73ab56",
                        operation="UPDATE OR DELETE",
                        pgid="pgtrigger_append_only_9abe9",
                        table="claims_outage",
                        when="BEFORE",
                    ),
                )
            ],
        },
    ),
]
