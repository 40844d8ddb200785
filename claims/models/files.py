"""Drafts and the files of drafts and claims."""

from __future__ import annotations

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.models.claims import Claim, ClaimLine, codes
from claims.models.refunds import Refund
from claims.rules.lifecycle import Party, Slot


class Draft(models.Model):
    """Unsent text, choices and files of one person: for filing on a refund, or for a reply on a claim.

    `choices` holds what was chosen so far, as the forms name it. The uuid is the idempotency key of what it becomes.
    """

    class Purpose(models.TextChoices):
        FILE = "FILE", _("File a claim")
        REPLY = "REPLY", _("Reply")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=5, choices=Purpose.choices)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    choices = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="draft_in_seller"),
            models.UniqueConstraint("user", "refund", condition=Q(purpose="FILE"), name="draft_one_to_file"),
            models.UniqueConstraint("user", "claim", condition=Q(purpose="REPLY"), name="draft_one_to_reply"),
            models.CheckConstraint(
                condition=Q(purpose="FILE", refund__isnull=False, claim__isnull=True)
                | Q(purpose="REPLY", refund__isnull=True, claim__isnull=False),
                name="draft_about_one_thing",
            ),
        ]
        indexes = [models.Index("user", "seller", models.F("updated_at").desc(), name="draft_of_user")]


# The one that was tried longest ago has its turn.
_SCAN_TURN = F("scan_tried_at").asc(nulls_first=True)
_MAKE_TURN = F("make_tried_at").asc(nulls_first=True)


class Attachment(models.Model):
    """A file of a draft or of a claim. `position` is the entry of the thread it was published with.

    `size` is in bytes, `sha256` of the bytes as they came, which stay under `storage_key`. What we made of them (a
    thumbnail, previews of pages, of a picture also the copy without metadata) is under `made_key`. Sellers see
    shown files of their claims and files of their own drafts; handlers see files of claims and none of drafts. Each
    side sees what came from the other once the virus check has passed. An erased one keeps its row, without name and
    slot, and is shown to nobody.
    """

    class Scan(models.TextChoices):
        PENDING = "PENDING", _("Being checked")
        CLEAN = "CLEAN", _("No virus found")
        NOT_SCANNED = "NOT_SCANNED", _("Not scanned for viruses")
        INFECTED = "INFECTED", _("Not accepted")

    class Making(models.TextChoices):
        PENDING = "PENDING", _("Preview to be made")
        MADE = "MADE", _("Preview made")
        FAILED = "FAILED", _("No preview could be made")
        NOTHING = "NOTHING", _("No preview for this type")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, related_name="attachments")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="attachments")
    claim_line = models.ForeignKey(ClaimLine, models.PROTECT, null=True, related_name="+")
    position = models.PositiveIntegerField(null=True)
    slot = models.CharField(_("evidence slot"), max_length=18, choices=codes(Slot), blank=True)
    party = models.CharField(max_length=7, choices=codes(Party), default=Party.SELLER)
    name = models.CharField(_("name"), max_length=150)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=200, unique=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    shown_at = models.DateTimeField(null=True)
    scan = models.CharField(max_length=11, choices=Scan.choices, default=Scan.NOT_SCANNED)
    scanned_at = models.DateTimeField(null=True)
    scan_tried_at = models.DateTimeField(null=True, help_text=_("When the virus check last gave no verdict"))
    threat = models.CharField(max_length=200, blank=True, help_text=_("What the virus check found"))
    making = models.CharField(max_length=7, choices=Making.choices, default=Making.NOTHING)
    make_tried_at = models.DateTimeField(null=True, help_text=_("When the previews last could not be made yet"))
    made_key = models.CharField(max_length=200, blank=True)
    previews = models.PositiveSmallIntegerField(default=0, help_text=_("Pages that have a preview"))
    pages = models.PositiveIntegerField(null=True, help_text=_("Pages of a PDF"))
    served_type = models.CharField(max_length=100, blank=True, help_text=_("Of the copy without metadata, if any"))
    served_size = models.BigIntegerField(null=True)
    served_sha256 = models.CharField(max_length=64, blank=True)
    taken_at = models.CharField(max_length=19, blank=True, help_text=_("By the camera's clock, without a zone"))
    active_content = models.CharField(max_length=200, blank=True, help_text=_("What a PDF would do by itself"))
    also_on = models.CharField(max_length=19, blank=True, help_text=_("An earlier claim that has the same file"))
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seller", "id", name="attachment_in_seller"),
            models.CheckConstraint(condition=Q(scan="INFECTED") | Q(threat=""), name="attachment_threat_is_infected"),
            models.CheckConstraint(
                condition=Q(making="MADE") & ~Q(made_key="") | ~Q(making="MADE") & Q(made_key="", previews=0),
                name="attachment_made_has_key",
            ),
            models.CheckConstraint(
                condition=Q(draft__isnull=False, claim__isnull=True) | Q(draft__isnull=True, claim__isnull=False),
                name="attachment_of_draft_or_claim",
            ),
            models.CheckConstraint(
                condition=Q(draft__isnull=True) | Q(shown_at__isnull=True), name="attachment_of_draft_not_shown"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(shown_at__isnull=True, claim__isnull=False),
                name="attachment_erased_not_shown",
            ),
        ]
        indexes = [
            models.Index("claim", "position", "id", name="attachment_of_claim"),
            models.Index("draft", "id", condition=Q(draft__isnull=False), name="attachment_of_draft"),
            models.Index("seller", "sha256", name="attachment_by_hash"),
            models.Index("id", condition=Q(scan="PENDING"), name="attachment_to_scan"),
            models.Index(
                "claim",
                condition=Q(Q(scan="PENDING") | Q(making="PENDING"), shown_at__isnull=False),
                name="attachment_unsettled",
            ),
            models.Index(_SCAN_TURN, "id", condition=Q(scan="PENDING"), name="attachment_scan_next"),
            models.Index(_MAKE_TURN, "id", condition=Q(making="PENDING"), name="attachment_make_next"),
            models.Index("scanned_at", "id", condition=Q(scan="INFECTED"), name="attachment_infected"),
        ]

    def __str__(self) -> str:
        return self.name


class FileRefusal(models.Model):
    """The line of a claim's thread that says a file was not accepted: it failed the virus check. Append-only."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("claim", "position", name="filerefusal_position_once")]
        indexes = [models.Index("claim", "at", "position", name="filerefusal_thread")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class SellerStorage(models.Model):
    """How many bytes a seller has uploaded and not taken back: what the quota is measured by."""

    seller = models.OneToOneField(Seller, models.PROTECT, primary_key=True, related_name="+")
    used_bytes = models.BigIntegerField(default=0)


class EvidencePack(models.Model):
    """A claim with its thread, decisions and files as one ZIP; each reader of a claim has one, the last.

    `claim_state` says what the claim held when it was asked for; `done` of `total` steps are made. `begun` are the
    moments of the last 24 hours at which one was begun for this reader, `tries` how often a worker began to make this
    one. One of another state takes the place of the row and of its bytes; else both are removed some days later.
    """

    class Reader(models.TextChoices):
        SELLER = "SELLER", _("Seller")
        DESK = "DESK", _("SAFE-T team")

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Queued")
        MAKING = "MAKING", _("Being made")
        READY = "READY", _("Ready")
        FAILED = "FAILED", _("Not made")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    reader = models.CharField(max_length=6, choices=Reader.choices)
    claim_state = models.CharField(max_length=64)
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    storage_key = models.CharField(max_length=200, blank=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0, db_default=0)
    ready_at = models.DateTimeField(null=True)
    begun = ArrayField(models.DateTimeField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "reader", name="pack_one_a_reader"),
            models.CheckConstraint(
                condition=Q(state="READY") & ~Q(storage_key="") | ~Q(state="READY") & Q(storage_key=""),
                name="pack_ready_has_bytes",
            ),
        ]
        indexes = [models.Index("asked_at", "id", name="pack_by_age")]
