"""Drafts and the files of drafts and claims."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Seller
from claims.lifecycle import Party, Slot
from claims.models.claims import Claim, ClaimLine, codes
from claims.models.orders import Refund


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


class Attachment(models.Model):
    """A file of a draft or of a claim. `position` is the entry of the thread it was published with.

    `size` is in bytes, `sha256` of the stored bytes. Sellers see shown files of their claims and files of their own
    drafts; handlers see files of claims and none of drafts.
    """

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

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(draft__isnull=False, claim__isnull=True) | Q(draft__isnull=True, claim__isnull=False),
                name="attachment_of_draft_or_claim",
            ),
            models.CheckConstraint(
                condition=Q(draft__isnull=True) | Q(shown_at__isnull=True), name="attachment_of_draft_not_shown"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]
        indexes = [
            models.Index("claim", "position", "id", name="attachment_of_claim"),
            models.Index("draft", "id", condition=Q(draft__isnull=False), name="attachment_of_draft"),
            models.Index("seller", "sha256", name="attachment_by_hash"),
        ]

    def __str__(self) -> str:
        return self.name
