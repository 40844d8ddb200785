"""A pack is asked for, made by a worker once for each state of the claim, handed out, and removed some days later."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.files import erase, quotas, store
from claims.files.bucket import StorageAway
from claims.files.refusals import gigabytes
from claims.models import Claim, EvidencePack
from claims.text import formats
from messaging import signals
from messaging.packs import contents, zip_file

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
LEASE = timedelta(minutes=2)
"""How long a worker has for one part of a pack before another takes the pack up."""
LAST_LEASE = timedelta(minutes=12)
"""How long it has to store the whole: longer than a task may run."""
MOST_TRIES = 3
"""So many workers may die over a pack; then it is not made."""
DAY = timedelta(days=1)
HURRIED = timedelta(minutes=2)
"""A pack that was asked for so long ago and that nobody makes has lost its task."""

State, Reader = EvidencePack.State, EvidencePack.Reader


class PackRefusal(StrEnum):
    """Why no pack is made."""

    ENOUGH = "ENOUGH"
    FULL = "FULL"


class PackFailed(Exception):
    """A pack is marked as not made; the text is for operators."""


class NotMade(Exception):
    """No pack is begun now: `why`, and what the sentence is made of."""

    def __init__(self, why: PackRefusal, **params: Any) -> None:
        super().__init__(why)
        self.why = why
        self.params = params


@dataclass(frozen=True, slots=True)
class PackState:
    """The pack of a claim as it is now, ready to show; `state` is "" where none was asked for.

    `done` of `total` parts are made. `why_not` is why another one can't be begun now.
    """

    state: str = ""
    uuid: str = ""
    done: int = 0
    total: int = 1
    size: str = ""
    sha256: str = ""
    made: str = ""
    until: str = ""
    why_not: str = ""

    @property
    def is_making(self) -> bool:
        return self.state in (State.QUEUED, State.MAKING)

    @property
    def is_ready(self) -> bool:
        return self.state == State.READY

    @property
    def has_failed(self) -> bool:
        return self.state == State.FAILED


def ask(claim: Claim, *, reader: EvidencePack.Reader, user_id: int, now: datetime) -> EvidencePack:
    """Return the pack of the claim as it is now for this side, there already or to be made from now on.

    It takes the place of the reader's last one, of another state of the claim or not made; two clicks get the same.
    Raises NotMade where the reader has had as many in 24 hours as may be, or the seller has no storage left for it.
    """
    with transaction.atomic():
        Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim.pk)
        state, own = state_of(claim, reader), EvidencePack.objects.filter(claim=claim, reader=reader)
        last = own.first()
        if last and last.claim_state == state and last.state != State.FAILED:
            return last
        begun = _begun(last, now)
        if len(begun) >= settings.PACKS_A_DAY:
            raise NotMade(PackRefusal.ENOUGH, n=len(begun), again=begun[-settings.PACKS_A_DAY] + DAY)
        freed = sum(pack.size or 0 for pack in own if quotas.is_pack_counted(pack))
        if reader == Reader.SELLER and not quotas.has_room_for_pack(claim, freed=freed):
            raise NotMade(PackRefusal.FULL, seller=claim.seller.name)
        erase.drop_packs(own)
        pack = EvidencePack.objects.create(
            claim=claim,
            reader=reader,
            claim_state=state,
            seller_id=claim.seller_id,
            asked_by_id=user_id,
            asked_at=now,
            begun=[*begun, now],
        )
        signals.pack_asked.send(sender=EvidencePack, pack=pack)
        return pack


def _begun(pack: EvidencePack | None, now: datetime) -> list[datetime]:
    """Return when packs were begun for this reader in the last 24 hours, the oldest first."""
    return [at for at in pack.begun if at > now - DAY] if pack else []


def refused_words(error: NotMade, zone: str) -> str:
    """Return why no pack is made now, and what to do."""
    if error.why == PackRefusal.FULL:
        words = _("No storage is left for the pack: %(seller)s has used its %(quota)s of storage. Write to %(help)s.")
        quota = gigabytes(settings.SELLER_STORAGE_BYTES)
        return words % {"seller": error.params["seller"], "quota": quota, "help": settings.HELP_URL}
    return enough_words(error.params["n"], error.params["again"], zone)


def enough_words(n: int, again: datetime, zone: str) -> str:
    """Return that a reader had as many packs of a claim as may be, and from when there may be another one."""
    words = ngettext(
        "%(n)s pack of this claim was begun in the last 24 hours, the most there is. Make the next one from %(again)s.",
        "%(n)s packs of this claim were begun in the last 24 hours, the most there is. "
        "Make the next one from %(again)s.",
        n,
    )
    return words % {"n": n, "again": formats.moment_short(again, zone)}


def state_of(claim: Claim, reader: EvidencePack.Reader) -> str:
    """Return a word for all that a pack would hold: another one as soon as anything of it changes. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.version, c.next_position, c.statement_erased_at,
                   (SELECT jsonb_agg(jsonb_build_array(a.uuid, a.scan, a.making, a.made_key, a.name) ORDER BY a.id)
                      FROM claims_attachment a WHERE a.claim_id = c.id AND a.shown_at IS NOT NULL),
                   (SELECT max(e.id) FROM claims_ledgerentry e WHERE e.claim_id = c.id),
                   (SELECT max(m.erased_at) FROM messaging_message m WHERE m.claim_id = c.id),
                   (SELECT max(d.erased_at) FROM claims_decision d WHERE d.claim_id = c.id),
                   CASE WHEN %s THEN (SELECT jsonb_build_array(max(n.id), max(n.erased_at))
                                        FROM messaging_internalnote n WHERE n.claim_id = c.id) END
              FROM claims_claim c WHERE c.id = %s
            """,
            [reader == Reader.DESK, claim.pk],
        )
        held = cursor.fetchone()
    return sha256(json.dumps([zip_file.FORMAT, *held], default=str).encode()).hexdigest()


def of_claim(claim: Claim, uuid: UUID, *, reader: EvidencePack.Reader) -> EvidencePack | None:
    """Return the claim's pack with this id where it is this side's and ready, or None."""
    return EvidencePack.objects.filter(claim=claim, uuid=uuid, reader=reader, state=State.READY).first()


def shown(claim: Claim, *, reader: EvidencePack.Reader, zone: str, now: datetime) -> PackState:
    """Return the pack of the claim as it is now. At most two queries."""
    pack = EvidencePack.objects.filter(claim=claim, reader=reader).first()
    begun, most = _begun(pack, now), settings.PACKS_A_DAY
    why_not = enough_words(len(begun), begun[-most] + DAY, zone) if len(begun) >= most else ""
    if pack is None or pack.claim_state != state_of(claim, reader):
        return PackState(why_not=why_not)
    ready = pack.ready_at
    return PackState(
        state=pack.state,
        uuid=str(pack.uuid),
        done=pack.done,
        total=max(pack.total, 1),
        size=formats.size(pack.size) if pack.size else "",
        sha256=pack.sha256,
        made=formats.moment_short(ready, zone) if ready else "",
        until=formats.day(ready + KEPT_FOR, zone) if ready else "",
        why_not=why_not,
    )


def waiting(*, now: datetime) -> list[int]:
    """Return the packs that nobody makes though they were asked for: their task was lost, or their worker."""
    lost = Q(state=State.QUEUED, asked_at__lt=now - HURRIED) | Q(state=State.MAKING, leased_until__lt=now)
    return list(EvidencePack.objects.filter(lost).order_by("asked_at", "pk").values_list("pk", flat=True)[:20])


def make(pack_pk: int, *, now: datetime) -> bool:
    """Make the pack unless another worker makes it or has; return whether this call did. What fails is marked so.

    So is a pack that several workers died over. Raises PackFailed in both cases, for the operators' list.
    """
    free = Q(state=State.QUEUED) | Q(state=State.MAKING, leased_until__lt=now)
    mine = EvidencePack.objects.filter(pk=pack_pk).filter(free)
    if mine.filter(tries__gte=MOST_TRIES).update(state=State.FAILED, leased_until=None):
        raise PackFailed(f"pack {pack_pk} was begun {MOST_TRIES} times, and its worker died each time")
    lease = _Lease(pack_pk, now)
    if not mine.update(state=State.MAKING, leased_until=lease.until, done=0, tries=F("tries") + 1):
        return False
    held = lease.held()
    pack = held.select_related("claim__seller", "claim__order", "claim__policy_rule", "claim__refund").first()
    if pack is None:  # another state of the claim was asked for just now
        return False
    try:
        with TemporaryDirectory(prefix="safet-pack-") as folder:
            target = Path(folder) / "pack.zip"
            digest = _write(pack, target, lease, now)
            lease.last_step()
            return _hand_over(lease.held(), target, digest, now)
    except StorageAway:  # its next turn is in a minute
        lease.held().update(state=State.QUEUED, leased_until=None, tries=F("tries") - 1)
        return False
    except Exception as error:
        logger.exception("evidence pack %s could not be made", pack.uuid)
        lease.held().update(state=State.FAILED, leased_until=None)
        raise PackFailed(f"pack {pack_pk} could not be made: {error!r}") from error


class _Lease:
    """A worker's hold on a pack, renewed with each part it has made."""

    def __init__(self, pack_pk: int, now: datetime) -> None:
        self._pk, self._now, self._begun = pack_pk, now, time.monotonic()
        self.until = now + LEASE

    def held(self) -> QuerySet[EvidencePack]:
        """The row as long as it is ours: gone where another state of the claim was asked for meanwhile."""
        return EvidencePack.objects.filter(pk=self._pk, state=State.MAKING, leased_until=self.until)

    def step(self) -> None:
        """Note that one more part is made."""
        self._renew(LEASE, done=F("done") + 1)

    def last_step(self) -> None:
        """Note that all is made, and is to be stored."""
        self._renew(LAST_LEASE)

    def _renew(self, lease: timedelta, **facts: Any) -> None:
        until = self._now + timedelta(seconds=time.monotonic() - self._begun) + lease
        if self.held().update(leased_until=until, **facts):
            self.until = until


def _write(pack: EvidencePack, target: Path, lease: _Lease, now: datetime) -> str:
    pack_contents = contents.read(pack.claim, with_notes=pack.reader == Reader.DESK, now=now)
    lease.held().update(total=zip_file.steps(pack_contents))
    zip_file.write(pack_contents, target, now=now, step=lease.step)
    digest = sha256()
    with target.open("rb") as made:
        while chunk := made.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


def _hand_over(held: QuerySet[EvidencePack], target: Path, digest: str, now: datetime) -> bool:
    """Store the ZIP and say that it is ready; where another worker took over meanwhile, its own is the one."""
    with target.open("rb") as made:
        key = store.put(File(made), folder="packs")
    facts = {"storage_key": key, "size": target.stat().st_size, "sha256": digest, "ready_at": now}
    with transaction.atomic():
        mine = list(held.select_for_update(of=("self",)))
        for pack in mine:
            EvidencePack.objects.filter(pk=pack.pk).update(state=State.READY, leased_until=None, **facts)
            pack.refresh_from_db()
            if quotas.is_pack_counted(pack):
                quotas.count(pack.seller_id, pack.size or 0)
    if not mine:
        store.take_back(key)
    return bool(mine)


def past(now: datetime) -> QuerySet[EvidencePack]:
    """Return the packs whose time is over."""
    old = Q(ready_at__lt=now - KEPT_FOR) | Q(ready_at=None, asked_at__lt=now - KEPT_FOR)
    return EvidencePack.objects.filter(old, asked_at__lt=now - KEPT_FOR)


def delete_old(*, now: datetime, limit: int = 200) -> int:
    """Delete packs that were made or asked for a while ago, bytes and all; return how many."""
    old = list(past(now).order_by("asked_at", "pk").values_list("pk", flat=True)[:limit])
    return len(erase.drop_packs(EvidencePack.objects.filter(pk__in=old)))
