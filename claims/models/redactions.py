"""What put something right: a text or file that was redacted, an appeal given to a handler who could not decide it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Seller
from claims.models.claims import PROTECTED, Claim, codes
from claims.models.files import Attachment
from claims.rules.lifecycle import Slot


class Redaction(models.Model):
    """A text or a file of the claim was redacted, for the reason the seller reads. Append-only.

    `of_position` is the entry it stood in, empty for the statement; `attachment` the file, for a file, and `slot` the
    evidence slot that it filled. It has a place in the thread.
    """

    class What(models.TextChoices):
        MESSAGE = "MESSAGE"
        DECISION = "DECISION"
        STATEMENT = "STATEMENT"
        FILE = "FILE"

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    what = models.CharField(max_length=9, choices=codes(What))
    of_position = models.PositiveIntegerField(null=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    slot = models.CharField(max_length=18, choices=codes(Slot), blank=True, default="", db_default="")
    why = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "position", name="redaction_position_once"),
            models.UniqueConstraint("attachment", name="redaction_file_once"),
            models.CheckConstraint(condition=~Q(why=""), name="redaction_says_why"),
            models.CheckConstraint(
                condition=Q(what="FILE", attachment__isnull=False) | ~Q(what="FILE") & Q(attachment__isnull=True),
                name="redaction_of_one_thing",
            ),
        ]
        indexes = [models.Index("claim", "at", "position", name="redaction_thread")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class AppealRelease(models.Model):
    """A superuser let `to` decide this appeal, which nobody else was left to decide. Append-only."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint("claim", "to", name="appealrelease_once"),
            models.CheckConstraint(condition=~Q(why=""), name="appealrelease_says_why"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]
