"""A pack is asked for, made by a worker once for each state of the claim, handed out, and removed some days later."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from claims import display
from claims.attachments import store
from claims.models import Claim, EvidencePack
from messaging import signals
from messaging.packs import contents, zipping

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
LEASE = timedelta(minutes=12)
"""How long a worker has for one pack before another takes it up; longer than a task may run."""
HURRIED = timedelta(minutes=2)
"""A pack that was asked for so long ago and that nobody makes has lost its task."""

State, Reader = EvidencePack.State, EvidencePack.Reader


@dataclass(frozen=True, slots=True)
class Shown:
    """The pack of a claim as it stands now, ready to show; `state` is "" where none was asked for.

    `done` of `total` parts are made.
    """

    state: str = ""
    uuid: str = ""
    done: int = 0
    total: int = 1
    size: str = ""
    sha256: str = ""
    made: str = ""
    until: str = ""

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
    """Return the pack of the claim as it stands now for this side, there already or to be made from now on.

    One that could not be made is tried again.
    """
    with transaction.atomic():
        pack, is_new = EvidencePack.objects.get_or_create(
            claim=claim,
            reader=reader,
            claim_state=state_of(claim, reader),
            defaults={"seller_id": claim.seller_id, "asked_by_id": user_id, "asked_at": now},
        )
        again = EvidencePack.objects.filter(pk=pk_of(pack), state=State.FAILED)
        if again.update(state=State.QUEUED, asked_at=now, leased_until=None, done=0):
            pack.refresh_from_db()
            is_new = True
        if is_new:
            signals.pack_asked.send(sender=EvidencePack, pack=pack)
        return pack


def pk_of(pack: EvidencePack) -> int:
    return int(pack.pk)


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
    return sha256(json.dumps([zipping.FORMAT, *held], default=str).encode()).hexdigest()


def of_claim(claim: Claim, uuid: UUID, *, reader: EvidencePack.Reader) -> EvidencePack | None:
    """Return the claim's pack with this id where it is this side's and ready, or None."""
    return EvidencePack.objects.filter(claim=claim, uuid=uuid, reader=reader, state=State.READY).first()


def shown(claim: Claim, *, reader: EvidencePack.Reader, zone: str) -> Shown:
    """Return the pack of the claim as it stands now. Two queries."""
    pack = EvidencePack.objects.filter(claim=claim, reader=reader, claim_state=state_of(claim, reader)).first()
    if pack is None:
        return Shown()
    ready = pack.ready_at
    return Shown(
        state=pack.state,
        uuid=str(pack.uuid),
        done=pack.done,
        total=max(pack.total, 1),
        size=display.size(pack.size) if pack.size else "",
        sha256=pack.sha256,
        made=display.moment_short(ready, zone) if ready else "",
        until=display.day(ready + KEPT_FOR, zone) if ready else "",
    )


def waiting(*, now: datetime) -> list[int]:
    """Return the packs that nobody makes though they were asked for: their task was lost, or their worker."""
    lost = Q(state=State.QUEUED, asked_at__lt=now - HURRIED) | Q(state=State.MAKING, leased_until__lt=now)
    return list(EvidencePack.objects.filter(lost).order_by("asked_at", "pk").values_list("pk", flat=True)[:20])


def make(pack_pk: int, *, now: datetime) -> bool:
    """Make the pack unless somebody makes it or has; return whether this call did. What fails is marked so."""
    free = Q(state=State.QUEUED) | Q(state=State.MAKING, leased_until__lt=now)
    mine = EvidencePack.objects.filter(pk=pack_pk).filter(free)
    until = now + LEASE
    if not mine.update(state=State.MAKING, leased_until=until, done=0):
        return False
    held = EvidencePack.objects.filter(pk=pack_pk, state=State.MAKING, leased_until=until)
    pack = held.select_related("claim__seller", "claim__order", "claim__policy_rule", "claim__refund").get()
    try:
        with TemporaryDirectory(prefix="safet-pack-") as folder:
            target = Path(folder) / "pack.zip"
            digest = _write(pack, target, now)
            return _hand_over(held, target, digest, now)
    except Exception:
        logger.exception("evidence pack %s could not be made", pack.uuid)
        held.update(state=State.FAILED, leased_until=None)
        return False


def _write(pack: EvidencePack, target: Path, now: datetime) -> str:
    told = contents.read(pack.claim, with_notes=pack.reader == Reader.DESK, now=now)
    row = EvidencePack.objects.filter(pk=pack.pk)
    row.update(total=zipping.steps(told))
    zipping.write(told, target, now=now, step=partial(row.update, done=F("done") + 1))
    digest = sha256()
    with target.open("rb") as made:
        while chunk := made.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


def _hand_over(held: object, target: Path, digest: str, now: datetime) -> bool:
    """Store the ZIP and say that it is ready; where another worker took over meanwhile, its own is the one."""
    with target.open("rb") as made:
        key = store.put(File(made), folder="packs")
    facts = {"storage_key": key, "size": target.stat().st_size, "sha256": digest, "ready_at": now}
    if held.update(state=State.READY, leased_until=None, **facts):  # type: ignore[attr-defined]
        return True
    store.take_back(key)
    return False


def past(now: datetime) -> QuerySet[EvidencePack]:
    """Return the packs whose time is over."""
    old = Q(ready_at__lt=now - KEPT_FOR) | Q(ready_at=None, asked_at__lt=now - KEPT_FOR)
    return EvidencePack.objects.filter(old, asked_at__lt=now - KEPT_FOR)


def delete_old(*, now: datetime, limit: int = 200) -> int:
    """Delete packs that were made or asked for a while ago, bytes and all; return how many."""
    count = 0
    for pack in past(now).order_by("asked_at", "pk")[:limit]:
        if pack.storage_key:
            store.take_back(pack.storage_key)
        count += bool(EvidencePack.objects.filter(pk=pack.pk).delete()[0])
    return count
