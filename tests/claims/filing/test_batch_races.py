"""Workers on one batch at once, and a batch against what its owner does meanwhile, with threads on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.utils import timezone

from claims.filing import batches, draft_check, drafts
from claims.models import Batch, BatchRow, Claim, Draft
from tests.cast import World
from tests.claims.workflow.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(now=datetime.now(UTC))


def test_workers_at_once_make_each_draft_once(world: World) -> None:
    lines = [world.refund() for _ in range(12)]
    rows = [{"number": n, "order_id": line.order.order_id} for n, line in enumerate(lines)]
    member = world.member(world.alice)
    key = uuid4()

    def begin() -> Batch:
        return batches.begin_drafts(membership=member, uuid=key, rows=rows, name="", now=world.now)

    begun = at_once(begin, begin, begin)
    assert len({batch.pk for batch in begun}) == 1
    batch = begun[0]
    done = at_once(*[lambda: batches.work(batch.pk, clock=timezone.now)] * 4)
    done.append(batches.work(batch.pk, clock=timezone.now))
    assert sum(done) == 12
    assert Draft.objects.count() == 12
    assert set(BatchRow.objects.values_list("result", flat=True)) == {"MADE"}


def test_drafts_submitted_twice_at_once_are_filed_once(world: World) -> None:
    made = [world.draft() for _ in range(3)]
    member = world.member(world.alice)
    rule = draft_check.review(made[0], world.now).rule
    assert rule is not None

    def submit() -> int:
        batch = batches.begin_submit(
            membership=member, uuid=uuid4(), drafts=[draft.uuid for draft in made], accepted=[rule.pk], now=world.now
        )
        return batches.work(batch.pk, clock=timezone.now)

    at_once(submit, submit)
    assert Claim.objects.count() == 3
    assert not Draft.objects.exists()
    assert BatchRow.objects.filter(result="FILED").count() == 3


def test_a_draft_begun_meanwhile_is_the_one_the_row_finds(world: World) -> None:
    line = world.refund()
    member = world.member(world.alice)
    rows = [{"number": 1, "order_id": line.order.order_id}]
    batch = batches.begin_drafts(membership=member, uuid=uuid4(), rows=rows, name="", now=world.now)
    at_once(
        lambda: batches.work(batch.pk, clock=timezone.now),
        lambda: drafts.begin_filing(membership=member, refund=line.refund, now=world.now, line=line),
    )
    assert Draft.objects.count() == 1
    assert BatchRow.objects.get().draft_uuid == Draft.objects.get().uuid
