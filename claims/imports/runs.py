"""Runs of imports: an uploaded file is tried, then the same bytes are imported for good; commands are written down too.

A run is taken by whoever works on it for a while, and renewed as it goes on. One whose worker was killed is taken up by
another, from the start: what the first one applied is unchanged then. The bytes are put before the row that names them,
and go when they were imported, or after 30 days.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, Q, QuerySet

from accounts import marketplaces
from accounts.groups import AUDITOR, OPERATOR, SENIOR_HANDLER, groups_of
from accounts.models import Seller, User
from accounts.tables.source import Source, UnusableFile
from accounts.values.text import escaped
from claims.files import store
from claims.files.bucket import StorageAway
from claims.imports import one_file
from claims.imports.causes import RunFailure, of_reject
from claims.imports.loader import ProgressSinks
from claims.imports.one_file import FileResult, Owner
from claims.models import ImportReject, ImportRun
from claims.signals import import_begun

Kind, State = ImportRun.Kind, ImportRun.State
FILE_KEPT = timedelta(days=30)
"""How long an uploaded file waits to be imported for good."""
LEASE = timedelta(minutes=2)
"""How long a run is its worker's after it last said how far it is: far longer than one batch of rows takes."""
STEP_SECONDS = 1.0
"""How often at most it is written down how far a run is."""
HURRIED = timedelta(minutes=1)
"""An uploaded file that waits so long has lost its task."""
MOST_TRIES = 3
"""So many workers may die over a run; then it has failed."""
MOST_REJECTS = 10_000
"""Rejected rows that are kept of a run; its counts know of all."""
LONGEST_RAW = 1000
SMALL = 1024 * 1024
"""Bytes up to which a file is read while its sender waits, where there is no worker."""
FOLDER = "imports"
log = structlog.get_logger(__name__)


class ImportBroke(Exception):
    """A run failed by a fault of ours; the text is for operators."""


class NotBegun(Exception):
    """A file is not imported for good: its dry run has not ended well, or its bytes are gone. Nothing was done."""


class LeaseLost(Exception):
    """Another worker has the run; this one stops."""


def may_read(user: User) -> bool:
    """Whether this person sees the imports: operators, seniors, auditors and superusers."""
    return _is_one(user, {OPERATOR, SENIOR_HANDLER, AUDITOR})


def may_import(user: User) -> bool:
    """Whether this person imports files: operators, seniors and superusers."""
    return _is_one(user, {OPERATOR, SENIOR_HANDLER})


def _is_one(user: User, groups: set[str]) -> bool:
    return user.is_active and user.is_staff and (user.is_superuser or bool(groups_of(user) & groups))


# -- uploads


def begin(
    file: File,
    *,
    uuid: UUID,
    kind: ImportRun.Kind,
    name: str,
    seller: Seller | None,
    marketplace: str,
    by: User,
    now: datetime,
) -> ImportRun:
    """Keep an uploaded file and have it tried; return its dry run. The same `uuid` again returns the first one.

    A `uuid` that somebody else's run has is in nobody's way: the run gets one of its own. Raises StorageAway, then
    nothing was kept.
    """
    known = ImportRun.objects.filter(uuid=uuid).first()
    if known is not None and known.by_id == by.pk:
        return known
    if known is not None:
        uuid = uuid4()
    digest, size = _digest(file)
    key = store.put(file, FOLDER)
    try:
        with transaction.atomic():
            run = ImportRun.objects.create(
                uuid=uuid,
                kind=kind,
                by=by,
                seller=seller,
                marketplace=marketplace,
                name=name[:200],
                size=size,
                sha256=digest,
                storage_key=key,
                begun_at=now,
            )
            import_begun.send(sender=ImportRun, run=run)
            return run
    except BaseException as error:
        store.undo([key])
        known = ImportRun.objects.filter(uuid=uuid, by=by).first() if isinstance(error, IntegrityError) else None
        if known is None:
            raise
        return known


def for_good(dry: ImportRun, *, by: User, now: datetime) -> ImportRun:
    """Have the file of a dry run imported, and return the run that does it; the second time it is the same one.

    Raises NotBegun.
    """
    with transaction.atomic():
        dry = ImportRun.objects.select_for_update(of=("self",), no_key=True).get(pk=dry.pk)
        known = ImportRun.objects.filter(tried_in=dry).first()
        if known is not None:
            return known
        if not can_be_applied(dry):
            raise NotBegun
        run = ImportRun.objects.create(
            kind=dry.kind,
            is_dry_run=False,
            tried_in=dry,
            by=by,
            seller_id=dry.seller_id,
            marketplace=dry.marketplace,
            name=dry.name,
            size=dry.size,
            sha256=dry.sha256,
            storage_key=dry.storage_key,
            begun_at=now,
        )
        import_begun.send(sender=ImportRun, run=run)
        return run


def can_be_applied(dry: ImportRun) -> bool:
    """Whether the file of this dry run could be read and is still there."""
    return dry.is_dry_run and dry.state == State.DONE and bool(dry.storage_key)


def waiting(now: datetime) -> list[int]:
    """Return the runs of uploaded files that nobody works on, the oldest first.

    Runs of commands that were killed are ended: nobody can go on with them.
    """
    lost = Q(state=State.RUNNING, leased_until__lt=now)
    commands = ImportRun.objects.filter(lost, ended_at=None, storage_key="")
    commands.update(state=State.FAILED, failure=RunFailure.STOPPED, ended_at=now, leased_until=None)
    idle = lost | Q(state=State.QUEUED, begun_at__lt=now - HURRIED)
    if settings.CELERY_TASK_ALWAYS_EAGER:
        idle |= Q(state=State.QUEUED)
    found = ImportRun.objects.filter(idle, ended_at=None).exclude(storage_key="")
    return list(found.order_by("pk").values_list("pk", flat=True)[:20])


def work(run_pk: int, *, clock: Callable[[], datetime]) -> bool:
    """Read the file of a run, unless another worker does or has; return whether this call did.

    Raises ImportBroke where it failed by a fault of ours; where only the database was away it is taken up again.
    """
    taken = _take(run_pk, clock)
    if taken is None:
        return False
    run = taken.run
    try:
        with _bytes_of(run) as path:
            owner = Owner(run.seller, marketplaces.find(run.marketplace) if run.marketplace else None)
            source = one_file.source_of(path, owner, run.name)
            result = taken.load(source, one_file.DETECT[Kind(run.kind)], owner)
    except StorageAway:  # its next turn is soon
        taken.held().update(state=State.QUEUED, leased_until=None, tries=F("tries") - 1)
        return False
    except LeaseLost:
        return False
    except UnusableFile as unusable:
        taken.failed(RunFailure.UNUSABLE, said=escaped(str(unusable)))
        return True
    except FileNotFoundError:
        taken.failed(RunFailure.GONE)
        return True
    except _OtherBytes:
        taken.failed(RunFailure.CHANGED)
        log.error("import_bytes_differ", run=run.pk)
        return True
    except SoftTimeLimitExceeded:
        taken.failed(RunFailure.TOO_LONG)
        return True
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("import_broke", run=run.pk)
        taken.failed(RunFailure.BROKE, error=type(error).__name__)
        raise ImportBroke(f"import {run.pk} broke: {error!r}") from error
    if taken.ended(result) and not run.is_dry_run:
        _delete_bytes(run.storage_key)
    return True


def _take(run_pk: int, clock: Callable[[], datetime]) -> Taken | None:
    now = clock()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING, leased_until__lt=now)
    mine = ImportRun.objects.filter(free, pk=run_pk).exclude(storage_key="")
    values = {"tries": MOST_TRIES}
    given_up = {"state": State.FAILED, "failure": RunFailure.DIED, "failure_values": values, "ended_at": now}
    if mine.filter(tries__gte=MOST_TRIES).update(**given_up, leased_until=None):
        return None
    until = now + LEASE
    facts: dict[str, Any] = {"state": State.RUNNING, "leased_until": until, "tries": F("tries") + 1}
    if not mine.update(**facts, applying=False, done=0, total=0):
        return None
    run = ImportRun.objects.select_related("seller").get(pk=run_pk)
    return Taken(run, clock, until)


class _OtherBytes(Exception):
    """What is stored is not what was uploaded."""


@contextmanager
def _bytes_of(run: ImportRun) -> Iterator[Path]:
    """Give the stored file, once it is sure that it is the one of the run. Raises StorageAway and FileNotFoundError."""
    with tempfile.NamedTemporaryFile(prefix="safet-", suffix=".up") as copy:
        digest = sha256()
        with store.read(run.storage_key) as stored:
            while chunk := stored.read(1 << 20):
                digest.update(chunk)
                copy.write(chunk)
        copy.flush()
        if digest.hexdigest() != run.sha256:
            raise _OtherBytes
        yield Path(copy.name)


# -- a run while it goes on


@dataclass(slots=True)
class Taken:
    """A run that is ours: how far it is, what it leaves out and how it ends are written down through this."""

    run: ImportRun
    clock: Callable[[], datetime]
    until: datetime
    _said: float = 0.0
    _done: int = 0
    _total: int = 0
    _applying: bool = False
    _rejects: list[tuple[str, str]] = field(default_factory=list)

    def held(self) -> QuerySet[ImportRun]:
        """The row as long as it is ours."""
        return ImportRun.objects.filter(pk=self.run.pk, state=State.RUNNING, leased_until=self.until)

    def load(
        self,
        source: Source,
        detect: one_file.Detect,
        owner: Owner,
        *,
        reject: Callable[[str, str], object] = lambda place, cause: None,
        watch: ProgressSinks | None = None,
        read: Callable[[int], object] = lambda count: None,
    ) -> FileResult:
        """Import the file as `one_file.load` does; what is given hears of everything too. Raises LeaseLost besides."""
        also = watch or ProgressSinks()
        self._total = source.size

        def rejected(place: str, cause: str) -> None:
            if len(self._rejects) < MOST_REJECTS:
                self._rejects.append((place, cause))
            reject(place, cause)

        def was_read(count: int) -> None:
            read(count)
            self._step(count)

        def staged(rows: int) -> None:
            self._applying, self._done, self._total, self._said = True, 0, rows, 0.0
            also.staged(rows)
            self._step(0)

        def applied(rows: int) -> None:
            also.applied(rows)
            self._step(rows)

        source.progress = was_read
        result = one_file.load(
            source,
            detect=detect,
            owner=owner,
            dry_run=self.run.is_dry_run,
            now=self.clock(),
            reject=rejected,
            watch=ProgressSinks(staged, applied),
            recognised=lambda name: self.held().update(format=name),
        )
        source.progress = lambda count: None
        self._keep_rejects(source)
        return result

    def _step(self, count: int) -> None:
        """Note how far it is, and that somebody is at it. Raises LeaseLost."""
        self._done += count
        if time.monotonic() - self._said < STEP_SECONDS:
            return
        until = self.clock() + LEASE
        facts = {"done": min(self._done, self._total), "total": self._total, "applying": self._applying}
        if not self.held().update(**facts, leased_until=until):
            raise LeaseLost
        self.until, self._said = until, time.monotonic()

    def _keep_rejects(self, source: Source) -> None:
        raws = one_file.lines_at(source, [place for place, _cause in self._rejects], LONGEST_RAW)
        rows = []
        for number, (place, cause) in enumerate(self._rejects, 1):
            code, values = of_reject(cause)
            raw = raws.get(place, "")
            rows.append(ImportReject(run=self.run, number=number, place=place[:80], code=code, values=values, raw=raw))
        with transaction.atomic():
            ImportReject.objects.filter(run=self.run).delete()  # of a worker that was killed right after this
            ImportReject.objects.bulk_create(rows, batch_size=1000)

    def ended(self, result: FileResult) -> bool:
        """Write down what became of the file; return whether the run was still ours."""
        summary = result.summary
        return bool(
            self.held().update(
                state=State.DONE,
                ended_at=self.clock(),
                leased_until=None,
                read=summary.read,
                new=summary.new,
                changed=summary.changed,
                unchanged=summary.unchanged,
                left_out=summary.left_out,
                doubtful=len(result.doubts),
                waiting_payments=summary.waiting_payments,
                claims={status.value: count for status, count in sorted(summary.imported.items())},
                notes=[escaped(note) for note in result.notes],
            )
        )

    def failed(self, why: RunFailure, **values: Any) -> None:
        """Write down why nothing, or not all, was imported."""
        facts = {"state": State.FAILED, "failure": why, "failure_values": values}
        self.held().update(**facts, ended_at=self.clock(), leased_until=None)


# -- commands


@contextmanager
def of_command(
    path: Path, *, kind: ImportRun.Kind, owner: Owner, dry_run: bool, clock: Callable[[], datetime]
) -> Iterator[Taken]:
    """Write down the run of a command over a file while the block runs; the block says `ended`, else it has failed.

    Raises OSError where the file can't be read.
    """
    with path.open("rb") as file:
        digest, size = _digest(file)
    now = clock()
    run = ImportRun.objects.create(
        kind=kind,
        state=State.RUNNING,
        is_dry_run=dry_run,
        seller=owner.seller,
        marketplace=owner.marketplace.code if owner.marketplace else "",
        name=escaped(path.name)[:200],
        size=size,
        sha256=digest,
        begun_at=now,
        leased_until=now + LEASE,
        tries=1,
    )
    taken = Taken(run, clock, now + LEASE)
    try:
        yield taken
    except UnusableFile as unusable:
        taken.failed(RunFailure.UNUSABLE, said=escaped(str(unusable)))
        raise
    except KeyboardInterrupt:
        taken.failed(RunFailure.STOPPED)
        raise
    except (OperationalError, InterfaceError):  # it is ended later, by the schedule
        raise
    except Exception as error:
        taken.failed(RunFailure.BROKE, error=type(error).__name__)
        raise


def _digest(file: IO[bytes] | File) -> tuple[str, int]:
    """Return SHA-256 and size of a file, read from its start."""
    digest, size = sha256(), 0
    file.seek(0)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


# -- what isn't needed any more


def old_files(now: datetime) -> QuerySet[ImportRun]:
    """Return the dry runs whose file waited for 30 days to be imported."""
    return ImportRun.objects.filter(begun_at__lt=now - FILE_KEPT, tried_in=None).exclude(storage_key="")


def old_runs(now: datetime) -> QuerySet[ImportRun]:
    """Return the runs whose time is over; a dry run stays as long as its run for good."""
    ago = now - timedelta(days=settings.IMPORTS_KEPT_DAYS)
    young = Q(for_good__begun_at__gte=ago) | Q(for_good__ended_at=None, for_good__isnull=False)
    return ImportRun.objects.filter(begun_at__lt=ago, storage_key="").exclude(ended_at=None).exclude(young)


def forget(now: datetime) -> int:
    """Delete files that nobody imported for 30 days, and runs of long ago with what they left out; return how many."""
    gone, old = 0, list(old_runs(now).order_by("-pk").values_list("pk", flat=True))  # for good before its dry run
    for key in list(old_files(now).order_by("pk").values_list("storage_key", flat=True)):
        gone += _delete_bytes(key)
    for pk in old:
        with transaction.atomic():
            ImportReject.objects.filter(run_id=pk).delete()
            gone += ImportRun.objects.filter(pk=pk).delete()[0]
    return gone


def _delete_bytes(key: str) -> bool:
    """Delete an uploaded file that no run reads any more; return whether it was."""
    with transaction.atomic():
        named = ImportRun.objects.select_for_update(of=("self",), no_key=True).filter(storage_key=key)
        runs = list(named.order_by("pk"))
        if not runs or any(run.ended_at is None for run in runs):
            return False
        ImportRun.objects.filter(storage_key=key).update(storage_key="")
    store.undo([key])
    return True
