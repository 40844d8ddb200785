"""Claims filed by a batch are one e-mail to each of its recipients, owed from the first claim on, sent at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.filing import batches
from claims.models import Batch, Claim, Draft, PolicyRule
from messaging.models import OutgoingEmail
from messaging.notifications import enqueue
from messaging.notifications.render_email import render
from tests.cast import World


@pytest.fixture
def world(db: None) -> World:
    return World(now=datetime.now(UTC))


def begun(world: World, drafts: list[Draft]) -> Batch:
    return batches.begin_submit(
        membership=world.member(world.alice),
        uuid=uuid4(),
        drafts=[draft.uuid for draft in drafts],
        accepted=list(PolicyRule.objects.values_list("pk", flat=True)),
        now=world.now,
    )


def filed() -> list[OutgoingEmail]:
    rows = OutgoingEmail.objects.filter(kind="filed").select_related("claim__order", "claim__seller", "seller", "user")
    return list(rows.order_by("pk"))


def after(count: int) -> Callable[[], bool]:
    """Says that time is up once so many claims are filed: a worker that ends in the middle."""
    return lambda: Claim.objects.count() >= count


def test_a_batch_is_one_email_to_each_that_names_all_its_claims(world: World) -> None:
    batch = begun(world, [world.draft() for _ in range(3)])
    batches.work(batch.pk, clock=lambda: world.now, is_time_up=after(2))
    waiting = filed()
    people = [email.user for email in waiting]
    assert len(people) == len(set(people)) > 1
    assert {email.next_attempt_at for email in waiting} == {world.now + enqueue.BATCH_WAITS}
    batches.work(batch.pk, clock=lambda: world.now)
    owed = filed()
    assert [email.pk for email in owed] == [email.pk for email in waiting]
    assert {email.next_attempt_at for email in owed} == {world.now}
    one = next(email for email in owed if email.user == world.alice)
    said = render(one, world.member(world.alice), world.now)
    assert said.subject == "Filed: 3 SAFE-T claims"
    assert "Alice Moreno filed 3 claims for 269.97 USD. They are with the SAFE-T team." in said.text
    for claim in Claim.objects.select_related("order"):
        assert f"Claim {claim.claim_id}, order {claim.order.order_id}: 89.99 USD" in said.text
    assert "/claims/?tab=under-investigation" in said.text
    batches.work(batch.pk, clock=lambda: world.now)
    assert len(filed()) == len(owed)


def test_a_batch_of_one_claim_says_what_filing_one_says(world: World) -> None:
    batch = begun(world, [world.draft(), world.draft(evidence=False)])
    batches.work(batch.pk, clock=lambda: world.now)
    claim = Claim.objects.get()
    one = next(email for email in filed() if email.user == world.alice)
    said = render(one, world.member(world.alice), world.now)
    assert said.subject == f"Filed: SAFE-T claim {claim.claim_id}, order {claim.order.order_id}"
    assert (one.claim_id, one.position) == (claim.pk, 1)


def test_a_batch_that_files_nothing_owes_nothing(world: World) -> None:
    batches.work(begun(world, [world.draft(evidence=False)]).pk, clock=lambda: world.now)
    assert filed() == []


def test_what_was_filed_after_the_email_went_out_is_told_too(world: World) -> None:
    batch = begun(world, [world.draft(), world.draft()])
    batches.work(batch.pk, clock=lambda: world.now, is_time_up=after(1))
    people = {email.user for email in filed()}
    OutgoingEmail.objects.filter(kind="filed").update(state="SENT", sent_at=world.now)
    later = world.now + timedelta(hours=2)
    batches.work(batch.pk, clock=lambda: later)
    again = [email for email in filed() if email.state == "QUEUED"]
    assert {email.user for email in again} == people
    assert render(again[0], world.member(world.alice), later).subject.endswith("Filed: 2 SAFE-T claims")


def test_many_claims_cost_the_email_no_query_more(world: World) -> None:
    counts = []
    for many in (2, 5):
        batch = begun(world, [world.draft() for _ in range(many)])
        batches.work(batch.pk, clock=lambda: world.now)
        one = next(email for email in reversed(filed()) if email.user == world.alice)
        with CaptureQueriesContext(connection) as queries:
            render(one, world.member(world.alice), world.now)
        counts.append(len(queries))
    assert counts[0] == counts[1]
