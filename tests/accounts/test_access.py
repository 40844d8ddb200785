"""Which seller account a page speaks of, and that nobody reaches one they don't belong to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accounts import access
from accounts.models import Membership, Role, Seller, User
from tests.accounts.conftest import Cast
from tests.html import CheckingClient

SignIn = Callable[[User], CheckingClient]


def shown(client: CheckingClient) -> str:
    return str(client.get("/people/").context["membership"].seller.slug)


def test_memberships_are_by_name_and_only_those_in_force(cast: Cast) -> None:
    ended = Seller.objects.create(slug="ended", name="Ended", marketplace="US")
    Membership.objects.create(user=cast.gus, seller=ended, role=Role.OWNER, is_active=False)
    assert [each.seller.slug for each in access.memberships_of(cast.gus)] == ["blue-door", "rival"]
    assert access.memberships_of(cast.hana) == access.memberships_of(cast.nobody) == []


def test_first_by_name_is_current_until_another_is_chosen(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.gus)
    assert shown(client) == "blue-door"
    response = client.post("/switch/", {"seller": "rival", "next": "/people/"}, follow=True)
    assert [str(m) for m in response.context["messages"]] == ["You are now in Rival."]
    assert shown(client) == "rival"


def test_chosen_seller_is_forgotten_when_the_membership_ends(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.gus)
    client.post("/switch/", {"seller": "rival"})
    Membership.objects.filter(user=cast.gus, seller=cast.rival).update(is_active=False)
    assert shown(client) == "blue-door"


@pytest.mark.parametrize("seller", ["rival", "nowhere", "", "\0"])
def test_switching_to_a_seller_of_others_is_not_there(cast: Cast, signed_in: SignIn, seller: str) -> None:
    client = signed_in(cast.alice)
    assert client.post("/switch/", {"seller": seller}).status_code == 404
    assert shown(client) == "blue-door"


def test_no_page_speaks_of_a_seller_its_reader_does_not_belong_to(cast: Cast, rf: RequestFactory) -> None:
    foreign = Seller.objects.create(slug="foreign", name="Foreign", marketplace="US")
    request = rf.get("/")
    request.user, request.session = cast.gus, SessionStore()
    assert not access.switch_current(request, foreign)
    assert access.CURRENT not in request.session


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "claims/"])
def test_switching_leads_nowhere_else(cast: Cast, signed_in: SignIn, onward: str) -> None:
    response = signed_in(cast.gus).post("/switch/", {"seller": "rival", "next": onward})
    assert response.headers["Location"] == "/claims/"


def test_menu_offers_each_seller_of_the_person(cast: Cast, signed_in: SignIn) -> None:
    page = signed_in(cast.gus).get("/settings/").content.decode()
    assert [page.count(f'name="seller" value="{slug}"') for slug in ("blue-door", "rival")] == [1, 1]
    assert 'action="/switch/"' not in signed_in(cast.alice).get("/settings/").content.decode()


@pytest.mark.parametrize(
    ("who", "own", "zone"),
    [
        ("alice", "", "America/Los_Angeles"),
        ("alice", "Asia/Tokyo", "Asia/Tokyo"),
        ("mallory", "", "Europe/Berlin"),
        ("nobody", "", "UTC"),
    ],
)
def test_moments_are_in_the_readers_zone(cast: Cast, who: str, own: str, zone: str) -> None:
    user = getattr(cast, who)
    user.zone = own
    first = next(iter(access.memberships_of(user)), None)
    assert access.zone_of(user, first).key == zone
