"""What an appeal says is wrong with the decision, item by item."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models

from accounts.models import Seller
from claims.models.claims import PROTECTED, ClaimLine, codes
from claims.models.decisions import Appeal
from claims.rules.lifecycle import Ground


class AppealGround(models.Model):
    """One thing an appeal says is wrong with what the decision gave a claim line. Append-only."""

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="grounds")
    claim_line = models.ForeignKey(ClaimLine, models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, choices=codes(Ground))

    class Meta:
        constraints = [
            models.UniqueConstraint("appeal", "claim_line", "code", name="appealground_once"),
            models.CheckConstraint(condition=models.Q(code__in=list(Ground)), name="appealground_known"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [PROTECTED]
