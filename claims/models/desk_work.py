"""The desk at work on a claim: who had it, which files were opened, a decision that waits for a second handler."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Seller
from claims.models.claims import PROTECTED, Claim
from claims.models.decisions import Decision
from claims.models.files import Attachment
from claims.rules.lifecycle import Verb


class Assignment(models.Model):
    """The claim was given to a handler, or to nobody (`assignee` empty). `by` did it. Append-only."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("claim", "version", name="assignment_version_once")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class FileOpened(models.Model):
    """This member of staff had the file open, first at `at`. Append-only: what was looked at stays looked at."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("claim", "user", "attachment", name="fileopened_once")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class DecisionEvidence(models.Model):
    """A file the handler had opened when the decision was made: the evidence considered. Append-only."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("decision", "attachment", name="decisionevidence_once")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]


class ProposedDecision(models.Model):
    """A decision above the amount one handler decides alone. It becomes the decision when a second one confirms it.

    At most one a claim; proposing again replaces it. Sent back, it keeps what was proposed and why it came back, until
    the claim moves; once those words are redacted, why they were. Templates read no name that begins with an
    underscore: none leads from a claim to what waits.

    `lines` holds {"line": claim line id, "amount": minor units, "reasons": [[code, params], …]} each.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="_proposal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    verb = models.CharField(max_length=7, choices=[(v.value, v.value) for v in (Verb.GRANT, Verb.DENY, Verb.CORRECT)])
    lines = models.JSONField()
    words = models.TextField(blank=True)
    granted_minor = models.BigIntegerField()
    limit_minor = models.BigIntegerField()
    sent_back_at = models.DateTimeField(null=True)
    sent_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sent_back_why = models.TextField(blank=True)
    sent_back_redacted = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_back_at__isnull=True, sent_back_by__isnull=True)
                | Q(sent_back_at__isnull=False, sent_back_by__isnull=False) & ~Q(sent_back_why=""),
                name="proposal_sent_back_says_why",
            ),
            models.CheckConstraint(condition=Q(granted_minor__gt=models.F("limit_minor")), name="proposal_needed"),
        ]


def proposal_of(claim: Claim) -> ProposedDecision | None:
    """What was proposed for this claim, sent back or not; no query where the claim was read with `_proposal`."""
    proposal: ProposedDecision | None = getattr(claim, "_proposal", None)
    return proposal
