"""View as seller: who may look, that looking changes nothing, and when it ends."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Membership, User
from claims.models import Claim, Draft, ReadMark, Unseen
from desk.models import Record
from messaging.models import Message
from tests.cast import World
from tests.html import CheckingClient


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


def look(client: CheckingClient, user: User, claim: Claim, why: str = "The seller asks about the page.") -> Any:
    client.force_login(user)
    return client.post(f"/admin/desk/{claim.claim_id}/view-as/", {"why": why})


SELLERS_PAGES = ("/claims/", "/claims/{id}/", "/claims/{id}/messages/", "/refunds/", "/claims/report.csv")


class TestViewAsSeller:
    def test_staff_see_what_a_viewer_sees_under_a_banner(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        client.force_login(world_now.sam)
        assert client.get(f"/claims/{claim.claim_id}/").status_code == 404
        assert look(client, world_now.sam, claim).headers["Location"] == f"/claims/{claim.claim_id}/"
        for page in SELLERS_PAGES:
            assert client.get(page.format(id=claim.claim_id)).status_code == 200, page
        page = client.get(f"/claims/{claim.claim_id}/messages/").content.decode()
        assert "You see what Blue Door Toys sees." in page
        assert "You can read this claim but not act on it." in page
        assert "Send message" not in page

    def test_another_seller_stays_closed(self, client: CheckingClient, world_now: World) -> None:
        other = world_now.claim(world_now.refund(seller=world_now.lamps), by=world_now.mallory)
        look(client, world_now.sam, world_now.claim())
        assert client.get(f"/claims/{other.claim_id}/").status_code == 404

    def test_looking_marks_nothing_as_seen_and_keeps_no_draft(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        world_now.ask(claim)
        line = world_now.refund()
        before = [*Unseen.objects.order_by("pk").values_list()], [*ReadMark.objects.order_by("pk").values_list()]
        look(client, world_now.sam, claim)
        for page in (*SELLERS_PAGES, f"/claims/new/?order={line.order.order_id}"):
            client.get(page.format(id=claim.claim_id))
        after = [*Unseen.objects.order_by("pk").values_list()], [*ReadMark.objects.order_by("pk").values_list()]
        assert after == before
        assert Draft.objects.count() == 0

    @pytest.mark.parametrize(
        "address",
        ["/claims/{id}/messages/", "/claims/{id}/withdraw/", "/claims/seen/", "/people/invite/", "/claims/new/"],
    )
    def test_nothing_is_done(self, client: CheckingClient, world_now: World, address: str) -> None:
        claim = world_now.claim()
        look(client, world_now.sam, claim)
        typed = {"seller": "seller-a", "text": "Hello", "email": "a@b.example"}
        sent = client.post(address.format(id=claim.claim_id), typed)
        assert sent.status_code in (403, 404)
        assert (Message.objects.count(), Membership.objects.count()) == (0, 5)
        claim.refresh_from_db()
        assert claim.status == "UNDER_INVESTIGATION"

    def test_it_ends_by_button_and_by_the_clock(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        look(client, world_now.sam, claim)
        assert client.post("/admin/desk/view-as/stop/").status_code == 302
        assert client.get("/claims/").status_code == 404
        look(client, world_now.sam, claim)
        session = client.session
        session["viewing"] = {**session["viewing"], "until": timezone.now().isoformat()}
        session.save()
        assert client.get("/claims/").status_code == 404

    def test_who_may_and_that_a_reason_is_needed(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        assert look(client, world_now.hana, claim).status_code == 404
        assert look(client, world_now.alice, claim).status_code == 302
        assert client.get("/admin/").status_code == 302
        assert "Say why; the reason is recorded." in look(client, world_now.ada, claim, " ").content.decode()
        world_now.sam.groups.clear()
        look(client, world_now.ada, claim)
        world_now.ada.is_superuser = False
        world_now.ada.save()
        assert client.get("/claims/").status_code == 404

    def test_every_page_is_on_record_with_the_reason(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        look(client, world_now.sam, claim)
        client.get(f"/claims/{claim.claim_id}/")
        client.get("/claims/00000-00000-0000000/")
        client.post(f"/claims/{claim.claim_id}/messages/", {"text": "Hello"})
        rows = Record.objects.filter(action="SAW_AS").order_by("pk")
        assert list(rows.values_list("user", "seller_id", "claim_id", "what")) == [
            (world_now.sam.pk, world_now.toys.pk, claim.claim_id, "claims:details"),
            (world_now.sam.pk, world_now.toys.pk, "00000-00000-0000000", "claims:details"),
            (world_now.sam.pk, world_now.toys.pk, claim.claim_id, "messaging:thread"),
        ]
        details = list(rows.values_list("detail", flat=True))
        assert [one["status"] for one in details] == [200, 404, 403]
        assert {one["why"] for one in details} == {"The seller asks about the page."}
