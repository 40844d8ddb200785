"""Many drafts at once: made from refunds that were chosen or named in a file, and submitted together.

A batch is rows that wait. Whoever works on it takes the next ones in order, each row whole or not at all, so that a
worker that is killed loses nothing and two at once do nothing twice. The same rows again find the drafts they made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, transaction

from accounts.models import Membership, Role
from claims.filing import batch_remarks, batch_rows, file_claim
from claims.filing.drafts import IDLE
from claims.filing.file_claim import NotFiled
from claims.models import Batch, BatchRow, Draft
from claims.rules.lifecycle import Refusal
from claims.signals import batch_begun, batch_finished
from claims.workflow.seller_actions import counts_from
from claims.workflow.transitions import TransitionRefused

CHUNK = 200
AT_ONCE = 100
"""Rows up to which a batch is worked on while its sender waits."""
Result = BatchRow.Result
log = structlog.get_logger(__name__)


def begin_drafts(
    *, membership: Membership, uuid: UUID, rows: Iterable[dict[str, Any]], name: str, now: datetime
) -> Batch:
    """Keep refunds to make drafts of, and return the batch; the person's same `uuid` again returns the first one.

    Each row: `number`, `order_id`, `sku`, `given` (what the file says: refunded_on, quantity, amount, reason, case,
    description), or `remarks` for one that can't be read. Raises TransitionRefused for a viewer.
    """
    return _begin(membership, uuid, Batch.Kind.DRAFTS, rows, now, name=name[:150])


def begin_submit(
    *, membership: Membership, uuid: UUID, drafts: Sequence[UUID], accepted: Sequence[int], now: datetime
) -> Batch:
    """Keep drafts to submit, and the policy rules that were ticked for them. Else as `begin_drafts`.

    Drafts that aren't the member's own are left out; raises Draft.DoesNotExist where none is left.
    """
    mine = Draft.objects.filter(
        uuid__in=list(drafts),
        user_id=membership.user_id,
        seller_id=membership.seller_id,
        purpose=Draft.Purpose.FILE,
    ).select_related("refund__order")
    rows = [
        {"number": number, "order_id": draft.refund.order.order_id if draft.refund else "", "draft_uuid": draft.uuid}
        for number, draft in enumerate(mine.order_by("pk"), 1)
    ]
    mine_before = Batch.objects.filter(uuid=uuid, user_id=membership.user_id, seller_id=membership.seller_id)
    if not rows and not mine_before.exists():
        raise Draft.DoesNotExist
    return _begin(membership, uuid, Batch.Kind.SUBMIT, rows, now, accepted=list(accepted))


def _begin(
    membership: Membership,
    uuid: UUID,
    kind: Batch.Kind,
    rows: Iterable[dict[str, Any]],
    now: datetime,
    *,
    name: str = "",
    accepted: Sequence[int] = (),
) -> Batch:
    if not membership.is_active or not Role(membership.role).may_act:
        raise TransitionRefused(Refusal.ROLE_VIEWER)
    listed = list(rows)
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                uuid=uuid,
                seller_id=membership.seller_id,
                user_id=membership.user_id,
                kind=kind,
                name=name,
                accepted=list(accepted),
                total=len(listed),
                created_at=now,
                finished_at=None if listed else now,
            )
            made = (
                BatchRow(
                    seller_id=membership.seller_id,
                    batch=batch,
                    result=Result.REFUSED if row.get("remarks") else Result.WAITING,
                    **row,
                )
                for row in listed
            )
            BatchRow.objects.bulk_create(made, batch_size=2000)
            batch_begun.send(sender=Batch, batch=batch)
            return batch
    except IntegrityError:
        again = Batch.objects.filter(user_id=membership.user_id, uuid=uuid).first()
        if again is None:
            raise
        if again.seller_id == membership.seller_id:
            return again
    # The person's own key for another seller account of theirs says nothing of this one.
    return _begin(membership, uuid4(), kind, listed, now, name=name, accepted=accepted)


def forget(now: datetime) -> int:
    """Delete the batches that were done 90 days ago, with their rows; return how many. What came of them stays."""
    old = Batch.objects.filter(finished_at__lt=now - IDLE)
    forgotten = 0
    for pk in list(old.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            BatchRow.objects.filter(batch_id=pk).delete()
            forgotten += Batch.objects.filter(pk=pk).delete()[0]
    return forgotten


def unfinished() -> list[int]:
    """Return the ids of the batches with rows that wait, the oldest first."""
    return list(Batch.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True))


def work(batch_pk: int, *, clock: Callable[[], datetime], is_time_up: Callable[[], bool] = lambda: False) -> int:
    """Work on the batch's waiting rows until none is left or time is up; return how many were done.

    `clock` gives the moment each row counts from. A batch that another worker works on is left to it.
    """
    done, at_once = 0, CHUNK
    while not is_time_up():
        try:
            number = _work_on_next(batch_pk, at_once, clock())
        except Exception:
            # One row must not hold up the others: they are tried one by one, and the one that breaks is told so.
            log.exception("batch_rows_failed", batch=batch_pk, rows=at_once)
            if at_once == 1:
                _give_up_next(batch_pk)
            at_once = 1
            continue
        if not number:
            return done
        done += number
    return done


def _work_on_next(batch_pk: int, at_once: int, now: datetime) -> int:
    """Work on the next rows in one transaction; return how many, 0 where there is nothing to do for us."""
    with transaction.atomic():
        batch = _taken(batch_pk)
        if batch is None:
            return 0
        waiting = batch.rows.filter(result=Result.WAITING).order_by("number")
        rows = list(waiting[: at_once if batch.kind == Batch.Kind.DRAFTS else 1])
        if not rows:
            batch.finished_at = now
            batch.save(update_fields=["finished_at"])
            batch_finished.send(sender=Batch, batch=batch)
            return 0
        _do(batch, rows, _membership_of(batch), now)
        return len(rows)


def _give_up_next(batch_pk: int) -> None:
    with transaction.atomic():
        batch = _taken(batch_pk)
        row = batch.rows.filter(result=Result.WAITING).order_by("number").first() if batch else None
        if row:
            row.result, row.remarks = Result.REFUSED, [batch_remarks.of_row("BROKE")]
            row.save(update_fields=["result", "remarks"])


def _taken(batch_pk: int) -> Batch | None:
    """Return the batch locked, None where it is done or another worker has it."""
    found = Batch.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return found.select_related("user").filter(pk=batch_pk, finished_at=None).first()


def _membership_of(batch: Batch) -> Membership | None:
    """Return the membership in force of who began the batch: what they may not do now is not done for them."""
    found = Membership.objects.select_related("seller", "user").filter(
        user_id=batch.user_id, seller_id=batch.seller_id, is_active=True
    )
    member = found.first()
    return member if member and Role(member.role).may_act else None


def _do(batch: Batch, rows: list[BatchRow], membership: Membership | None, now: datetime) -> None:
    if membership is None:
        for row in rows:
            row.result, row.remarks = Result.REFUSED, [batch_remarks.of_row("NO_RIGHT")]
    elif batch.kind == Batch.Kind.DRAFTS:
        batch_rows.make_drafts(rows, membership, now)
    else:
        for row in rows:
            _submit(row, batch, membership, now)
    fields = ["result", "remarks", "is_complete", "draft_uuid", "policy_rule", "claim"]
    BatchRow.objects.bulk_update(rows, fields, batch_size=500)


def _submit(row: BatchRow, batch: Batch, membership: Membership, now: datetime) -> None:
    """File one draft, as of when its submission began where that is not long ago.

    What can't be filed stays a draft and says why.
    """
    assert row.draft_uuid is not None
    now = counts_from(batch.created_at, now)
    draft = Draft.objects.filter(uuid=row.draft_uuid, user_id=batch.user_id).first()
    rule = batch_rows.rule_of(draft, now) if draft else None
    try:
        claim, new = file_claim.file_claim(
            draft_uuid=row.draft_uuid,
            membership=membership,
            now=now,
            accepted_rule=rule.pk if rule and rule.pk in batch.accepted else None,
            batch_pk=batch.pk,
        )
    except NotFiled as error:
        row.result, row.remarks = Result.LEFT, batch_remarks.of_all(error.problems, error.causes)
    except Draft.DoesNotExist:
        row.result, row.remarks = Result.REFUSED, [batch_remarks.of_row("DRAFT_GONE")]
    else:
        row.result, row.claim = Result.FILED if new else Result.FILED_BEFORE, claim
        row.remarks = []
