"""What is done with a file after it was kept: the virus check, then the pictures that pages show."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from claims.files import erase, previews, publish, store, virus_check
from claims.files.bucket import StorageAway
from claims.files.sandbox import SandboxMissing
from claims.models import Attachment, EvidencePack

logger = logging.getLogger(__name__)

SWEEP = 200
"""How many files a sweep takes up, of those that wait for either."""


@dataclass
class ScanSweep:
    """What a sweep did: files scanned, infected ones among them, those still waiting after a try, and previews made.

    `tried` is how often it took up a file at all; `scanner_is_down` whether it left files because nobody scans.
    """

    scanned: int = 0
    infected: int = 0
    waiting: int = 0
    made: int = 0
    tried: int = 0
    scanner_is_down: bool = False

    def plus(self, other: ScanSweep) -> ScanSweep:
        return ScanSweep(
            self.scanned + other.scanned,
            self.infected + other.infected,
            other.waiting,
            self.made + other.made,
            self.tried + other.tried,
            other.scanner_is_down,
        )


def waiting(*, not_scanned: bool = False) -> dict[str, int]:
    """Return how many files wait for the scanner and for previews; `not_scanned`: those from before it counted too."""
    to_scan = Attachment.objects.filter(scan=Attachment.Scan.PENDING).count()
    if not_scanned:
        to_scan += Attachment.objects.filter(scan=Attachment.Scan.NOT_SCANNED, erased_at=None).count()
    to_make = Attachment.objects.filter(making=Attachment.Making.PENDING).exclude(scan=Attachment.Scan.INFECTED)
    return {"to_scan": to_scan, "to_make": to_make.count()}


def to_scan() -> tuple[int, datetime | None]:
    """Return how many files wait for the scanner, counted to 100,000, and since when the first does. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM claims_attachment WHERE scan = 'PENDING' LIMIT 100000) one),
                   (SELECT uploaded_at FROM claims_attachment WHERE scan = 'PENDING' ORDER BY id LIMIT 1)
            """
        )
        number, since = cursor.fetchone()
    return number, since


def scan_again() -> int:
    """Have the files scanned that came when there was no scanner; return how many. The other side waits for it too."""
    unseen = Attachment.objects.filter(scan=Attachment.Scan.NOT_SCANNED, erased_at=None)
    with transaction.atomic():
        packs = EvidencePack.objects.filter(claim__attachments__in=unseen)
        erase.forget_packs(set(packs.values_list("claim_id", flat=True)))
        return unseen.update(scan=Attachment.Scan.PENDING)


def check_file(attachment_pk: int, *, now: datetime) -> None:
    """Scan the file if that is owed, then make its previews, unless a virus was found. Safe to repeat.

    Where the scanner or the storage doesn't answer, the file goes on waiting and the next sweep tries again.
    """
    file = Attachment.objects.filter(pk=attachment_pk).first()
    if file is None:
        return
    if file.scan == Attachment.Scan.PENDING:
        try:
            if _scan(file, now):
                return
        except virus_check.NotScanned as error:
            _note(file, scan_tried_at=now)
            logger.warning("attachment %s is not scanned yet: %s", file.uuid, error)
    _make(file, now)


def sweep(
    *, now: datetime, not_since: datetime | None = None, is_time_up: Callable[[], bool] = lambda: False
) -> ScanSweep:
    """Take up files that were not scanned or have no previews yet; return what was done.

    The one tried longest ago comes first, so that files that never get a verdict hold up none that would; with
    `not_since`, those tried then or later aren't taken up. Where the scanner is down, one file tells and the others are
    left for the next sweep.
    """
    done = ScanSweep()
    pending = Attachment.Scan.PENDING
    not_scanned = _waiting("scan_tried_at", not_since, scan=pending) if virus_check.is_configured() else []
    for file in not_scanned:
        if is_time_up():
            return done
        done.tried += 1
        try:
            done.infected += _scan(file, now)
            done.scanned += 1
        except virus_check.NotScanned as error:
            done.waiting += 1
            _note(file, scan_tried_at=now)
            logger.warning("attachment %s is not scanned yet: %s", file.uuid, error)
            if isinstance(error.__cause__, StorageAway):
                return done  # nor are there bytes to make previews of
            if not virus_check.answers():
                done.scanner_is_down = True
                break
    for file in _waiting("make_tried_at", not_since, making=Attachment.Making.PENDING):
        if is_time_up():
            break
        done.tried += 1
        done.made += _make(file, now)
    return done


def _waiting(tried_at: str, not_since: datetime | None, **state: str) -> list[Attachment]:
    files = Attachment.objects.filter(**state).exclude(scan=Attachment.Scan.INFECTED)
    if not_since is not None:
        files = files.filter(Q((tried_at, None)) | Q((f"{tried_at}__lt", not_since)))
    return list(files.order_by(F(tried_at).asc(nulls_first=True), "pk")[:SWEEP])


def _note(file: Attachment, **tried_at: datetime) -> None:
    Attachment.objects.filter(pk=file.pk).update(**tried_at)


def _scan(file: Attachment, now: datetime) -> bool:
    """Scan the file, keep the verdict, and return whether a virus was found."""
    try:
        with store.read(file.storage_key) as content:
            threat = virus_check.scan(content)
    except FileNotFoundError as error:
        raise virus_check.NotScanned("its bytes are not in storage") from error
    except StorageAway as error:
        raise virus_check.NotScanned("the storage does not answer") from error
    publish.scanned(file.pk, threat=threat, now=now)
    return bool(threat)


def _make(file: Attachment, now: datetime) -> bool:
    try:
        return previews.make(file)
    except FileNotFoundError:
        logger.error("attachment %s has no bytes in storage", file.uuid)
    except (OSError, SandboxMissing) as error:
        logger.warning("attachment %s has no previews yet: %s", file.uuid, error)
    _note(file, make_tried_at=now)
    return False
