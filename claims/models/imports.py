"""Files that came in: each run over one, by a person or a command, and the rows it left out."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller


class ImportRun(models.Model):
    """One run over one file: tried (a dry run) or for good.

    `by` is who uploaded it; nobody: a command. `uuid` is the idempotency key of the form that sent it. A run for good
    of an uploaded file is `tried_in` its dry run, one each, and applies the bytes that one read: `sha256` is compared.
    `storage_key` names the uploaded bytes until they are applied or purged. `done` of `total` are bytes while the file
    is read (`applying` unset), then rows. Whoever works on it holds it until `leased_until`; `tries` is how often it
    was begun. `failure` is a code of `claims.imports.causes`, `failure_values` what its sentence names.
    """

    class Kind(models.TextChoices):
        REFUNDS = "REFUNDS", _("Refunds and returns")
        CLAIMS = "CLAIMS", _("Existing claims")
        PAYMENTS = "PAYMENTS", _("Payments")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Not imported")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    is_dry_run = models.BooleanField(default=True)
    tried_in = models.OneToOneField("self", models.CASCADE, null=True, related_name="for_good")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    seller = models.ForeignKey(Seller, models.PROTECT, null=True, related_name="+")
    marketplace = models.CharField(max_length=10, blank=True)
    name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=200, blank=True)
    format = models.CharField(max_length=60, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    applying = models.BooleanField(default=False)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    doubtful = models.PositiveIntegerField(default=0)
    waiting_payments = models.PositiveIntegerField(default=0)
    claims = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    failure = models.CharField(max_length=20, blank=True)
    failure_values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="FAILED") & ~Q(failure="") | ~Q(state="FAILED") & Q(failure=""),
                name="importrun_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DONE", "FAILED"], ended_at__isnull=False)
                | Q(state__in=["QUEUED", "RUNNING"], ended_at=None),
                name="importrun_ended_at_its_end",
            ),
            models.CheckConstraint(
                condition=Q(tried_in=None) | Q(is_dry_run=False), name="importrun_tried_then_for_good"
            ),
        ]
        indexes = [
            models.Index(models.F("begun_at").desc(), models.F("id").desc(), name="importrun_newest"),
            models.Index("id", condition=Q(ended_at=None), name="importrun_unfinished"),
            models.Index("storage_key", condition=~Q(storage_key=""), name="importrun_with_bytes"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportReject(models.Model):
    """A row that a run left out: its place in the file, why, and its text as it stood, control characters escaped.

    `code` and `values` are read by `claims.imports.causes`. `raw` is empty where the file isn't made of lines.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rejects")
    number = models.PositiveIntegerField()
    place = models.CharField(max_length=80)
    code = models.CharField(max_length=20)
    values = models.JSONField(default=dict)
    raw = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("run", "number", name="importreject_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.place}"
