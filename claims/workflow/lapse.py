"""The sweep over claims whose reply-by has passed: each lapses by itself, and one that fails keeps no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.db.models import Q, QuerySet

from claims.models import Claim
from claims.rules.lifecycle import Status
from claims.workflow.seller_actions import LAPSE_GRACE, lapse
from claims.workflow.transitions import TransitionRefused

log = structlog.get_logger(__name__)
BATCH = 500
RAN_AT = "claims-lapse-ran-at"
"""Under which the cache has when a sweep last came to its end."""


@dataclass(slots=True)
class LapseSweep:
    """What a sweep did: `lapsed` claims, `skipped` where a reply arrived first, and the claim ids that failed.

    `held` are the claims that wait for a handler's word on an e-mail of the seller.
    """

    lapsed: int = 0
    skipped: int = 0
    held: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def _passed(now: datetime) -> QuerySet[Claim]:
    return Claim.objects.filter(status=Status.AWAITING_SELLER, reply_by__lt=now - LAPSE_GRACE)


def overdue(now: datetime) -> QuerySet[Claim]:
    """Return the claims whose reply-by passed long enough ago to lapse."""
    return _passed(now).filter(mail_reply_at__isnull=True)


def held(now: datetime) -> QuerySet[Claim]:
    """Return the claims that would lapse but for an old e-mail of the seller that is later than the request."""
    return _passed(now).filter(mail_reply_at__isnull=False)


def sweep(now: datetime, batch: int = BATCH) -> LapseSweep:
    """Lapse every claim that is due, those that wait longest first; return what became of them. Safe to repeat.

    A claim that fails is logged and named, and the sweep goes on; only a lost database ends it.
    """
    done = LapseSweep(held=list(held(now).order_by("reply_by", "id").values_list("claim_id", flat=True)))
    for pk, claim_id in _each(now, batch):
        try:
            lapse(pk, now=now)
            done.lapsed += 1
        except TransitionRefused:
            done.skipped += 1
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("claim_not_lapsed", claim_id=claim_id)
            done.failed.append(claim_id)
    try:
        cache.set(RAN_AT, now, timeout=None)
    except Exception:  # nothing hangs on it but a sentence
        log.warning("lapse_run_not_noted")
    return done


def last_ran() -> datetime | None:
    """Return when a sweep last came to its end; None where that isn't known."""
    try:
        ran_at = cache.get(RAN_AT)
    except Exception:
        return None
    return ran_at if isinstance(ran_at, datetime) else None


def _each(now: datetime, batch: int) -> Iterator[tuple[int, str]]:
    after = Q()
    while True:
        rows = list(
            overdue(now).filter(after).order_by("reply_by", "id").values_list("pk", "claim_id", "reply_by")[:batch]
        )
        if not rows:
            return
        for pk, claim_id, _reply_by in rows:
            yield pk, claim_id
        pk, _claim_id, reply_by = rows[-1]
        after = Q(reply_by__gt=reply_by) | Q(reply_by=reply_by, pk__gt=pk)
