"""The turn card is one object: the list, the claim's page and its e-mails say the same of whose turn it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from claims import turn
from messaging.models import OutgoingEmail
from messaging.notifications.rendering import render
from tests.cast import World
from tests.html import CheckingClient

ZONE = "America/New_York"  # alice's


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


def test_list_page_and_email_say_what_the_card_says(
    client: CheckingClient, world_now: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now: datetime = world_now.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client.force_login(world_now.alice)
    alice = world_now.member(world_now.alice)
    for position, claim in world_now.in_every_position():
        card = turn.card(claim, membership=alice, zone=ZONE, now=now, seller_name=claim.seller.name)
        rows = client.get("/claims/", {"tab": "all", "q": claim.claim_id}).context["page"].rows
        assert [row.due for row in rows] == [card.short], position
        for path in ("", "messages/"):
            assert client.get(f"/claims/{claim.claim_id}/{path}").context["card"] == card, position
        email = OutgoingEmail.objects.filter(claim=claim, user=world_now.alice).order_by("-pk").first()
        assert email is not None
        email.params = {**email.params}
        text = " ".join(render(email, alice, now).text.split())
        if card.until:
            assert card.until in text, position
        assert card.until == turn.card(claim, membership=None, zone=ZONE, now=now).until
