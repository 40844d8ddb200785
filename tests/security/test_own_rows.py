"""What one member began is nobody else's in the same seller account: drafts, what was filed from them, batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from accounts import access, memberships
from accounts.models import Invitation, Membership, Role, User
from claims.filing.batches import begin_drafts
from tests.cast import World
from tests.messaging.pages import client_of

OTHERS = ("gus", "vera", "mallory", "hana")


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def answers(world: World, who: str, address: str) -> int:
    return client_of(getattr(world, who)).get(address).status_code


def leave(user: User) -> None:
    Membership.objects.filter(user=user).update(is_active=False)


def test_a_draft_is_there_for_who_wrote_it_alone(world: World) -> None:
    draft = world.draft()
    address = f"/claims/new/{draft.uuid}/what/"
    assert answers(world, "alice", address) == 200
    assert [answers(world, who, address) for who in OTHERS] == [404] * 4
    for who in OTHERS:
        assert client_of(getattr(world, who)).post(f"/claims/new/{draft.uuid}/delete/").status_code == 404
    draft.refresh_from_db()
    leave(world.alice)
    assert answers(world, "alice", address) == 403


def test_the_address_of_a_draft_leads_to_its_claim_for_who_filed_it_alone(world: World) -> None:
    draft = world.draft()
    address = f"/claims/new/{draft.uuid}/what/"
    claim, _is_new = world.file(draft)
    assert client_of(world.alice).get(address)["Location"] == f"/claims/{claim.claim_id}/"
    assert [answers(world, who, address) for who in OTHERS] == [404] * 4


def test_who_left_the_seller_is_led_to_no_claim_they_filed_there_and_to_no_draft(world: World) -> None:
    """Gus still belongs to another one, so that the page as such is his to ask for."""
    filed, kept = world.draft(by=world.gus), world.draft(by=world.gus)
    pages = [f"/claims/new/{draft.uuid}/what/" for draft in (filed, kept)]
    world.file(filed)
    assert [answers(world, "gus", page) for page in pages] == [302, 200]
    Membership.objects.filter(user=world.gus, seller=world.toys).update(is_active=False)
    assert [answers(world, "gus", page) for page in pages] == [404, 404]


def test_a_batch_is_there_for_who_began_it_alone(world: World) -> None:
    line = world.refund()
    batch = begin_drafts(
        membership=world.member(world.alice), uuid=uuid4(), name="a.csv", now=world.now,
        rows=[{"number": 2, "order_id": line.order.order_id, "sku": line.sku}],
    )  # fmt: skip
    address = f"/refunds/batches/{batch.uuid}/"
    for page in (address, f"{address}results.csv"):
        assert answers(world, "alice", page) == 200
        assert [answers(world, who, page) for who in OTHERS] == [404] * 4


def test_a_claim_of_a_seller_somebody_left_is_not_there(world: World) -> None:
    """Gus still belongs to another one, so that the page as such is his to ask for."""
    claim = world.claim()
    pages = [f"/claims/{claim.claim_id}/", f"/claims/{claim.claim_id}/messages/", f"/claims/{claim.claim_id}/pack/"]
    assert [answers(world, "gus", page) for page in pages] == [200] * 3
    Membership.objects.filter(user=world.gus, seller=world.toys).update(is_active=False)
    assert [answers(world, "gus", page) for page in pages] == [404] * 3
    member = Membership.objects.get(user=world.gus, seller=world.toys)
    with pytest.raises(access.Http404):
        access.member_of(world.toys, member.pk)
    with pytest.raises(access.Http404):
        access.member_of(world.lamps, world.member(world.alice).pk)
    assert world.gus not in [each.user for each in access.members_of(world.toys)]


def test_invitations_are_listed_to_the_microsecond_and_to_their_own_seller(world: World) -> None:
    made, _secret = memberships.invite(world.toys, world.alice, "new@seller-a.example", Role.MEMBER, world.now)
    tick = timedelta(microseconds=1)
    assert made.expires_at is not None
    at_the_end = [access.open_invitations(world.toys, made.expires_at + late) for late in (timedelta(), tick)]
    assert at_the_end == [[made], []]
    assert access.open_invitations(world.lamps, world.now) == []
    assert access.invitation_of(world.toys, made.pk) == made
    with pytest.raises(access.Http404):
        access.invitation_of(world.lamps, made.pk)
    rows = Invitation.objects.filter(pk=made.pk)
    for over in ({"accepted_at": world.now, "accepted_by": world.vera}, {"revoked_at": world.now}):
        rows.update(**{"accepted_at": None, "accepted_by": None, "revoked_at": None, **over})
        assert access.open_invitations(world.toys, world.now) == []


@pytest.mark.parametrize("change", [{"is_staff": True}, {"is_active": False}])
def test_staff_and_who_was_shut_out_belong_to_no_seller_whatever_rows_there_are(
    world: World, change: dict[str, bool]
) -> None:
    assert access.memberships_of(world.alice) == [world.member(world.alice)]
    for name, value in change.items():
        setattr(world.alice, name, value)
    assert access.memberships_of(world.alice) == []
