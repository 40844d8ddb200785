"""The page of people: who sees it, who acts on it, and that no form reaches another seller account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import memberships
from accounts.models import Invitation, Membership, Role, User
from tests.accounts.conftest import Cast
from tests.html import CheckingClient

SignIn = Callable[[User], CheckingClient]


def texts(response: object) -> list[str]:
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", 200), ("gus", 200), ("vera", 200), ("mallory", 200), ("nobody", 403), ("hana", 404)],
)
def test_people_page_for_each_role(cast: Cast, signed_in: SignIn, who: str, status: int) -> None:
    assert signed_in(getattr(cast, who)).get("/people/").status_code == status


def test_people_page_asks_strangers_to_sign_in(client: CheckingClient, db: None) -> None:
    assert client.get("/people/").headers["Location"] == "/accounts/login/?next=/people/"


def test_people_page_shows_own_people_only(cast: Cast, signed_in: SignIn) -> None:
    page = signed_in(cast.mallory).get("/people/").content.decode()
    assert [name in page for name in ("Mallory", "Gus", "Alice", "Vera", "Blue Door Toys")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_readers_are_told_who_can_change_people(cast: Cast, signed_in: SignIn) -> None:
    page = signed_in(cast.vera).get("/people/").content.decode()
    assert "You are here as Viewer. Alice can invite and remove people." in page
    assert 'action="/people/invite/"' not in page


def acts(cast: Cast) -> list[tuple[str, dict[str, str]]]:
    """Every act on the people of Blue Door Toys, as its form sends it."""
    invitation, _ = memberships.invite(cast.blue, cast.alice, "open@example.com", "member", timezone.now())
    vera = cast.membership(cast.vera, cast.blue).pk
    return [
        ("/people/invite/", {"email": "nina@example.com", "role": "member"}),
        (f"/people/invitations/{invitation.pk}/revoke/", {}),
        (f"/people/{vera}/role/", {"role": "owner"}),
        (f"/people/{vera}/remove/", {}),
    ]


@pytest.mark.parametrize(
    ("who", "seller", "status"),
    [
        ("alice", "blue-door", 302),
        ("gus", "blue-door", 403),
        ("vera", "blue-door", 403),
        ("mallory", "blue-door", 404),
        ("mallory", "", 404),
        ("nobody", "blue-door", 403),
        ("hana", "blue-door", 404),
        ("alice", "no-such-seller", 404),
        ("alice", "rival", 404),
    ],
)
def test_acts_on_people_for_each_role(cast: Cast, signed_in: SignIn, who: str, seller: str, status: int) -> None:
    client = signed_in(getattr(cast, who))
    found = [client.post(url, {**data, "seller": seller}).status_code for url, data in acts(cast)]
    assert found == [status] * 4


def test_owner_of_another_seller_cannot_act_by_naming_their_own(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.mallory)
    (_, *on_rows) = acts(cast)
    assert [client.post(url, {**data, "seller": "rival"}).status_code for url, data in on_rows] == [404, 404, 404]
    assert cast.membership(cast.vera, cast.blue).role == Role.VIEWER


@pytest.mark.parametrize("url", ["/people/invite/", "/people/1/role/", "/people/1/remove/", "/switch/"])
def test_acts_are_not_got(cast: Cast, signed_in: SignIn, url: str) -> None:
    assert signed_in(cast.alice).get(url).status_code == 405


def test_link_of_an_invitation_goes_to_the_address_and_nowhere_else(cast: Cast, signed_in: SignIn) -> None:
    """Else who invites could join as somebody whose address is not theirs."""
    client = signed_in(cast.alice)
    data = {"seller": "blue-door", "email": "nina@example.com", "role": "member"}
    page = client.post("/people/invite/", data, follow=True).content.decode()
    assert "nina@example.com is invited: an e-mail with the link is on its way." in page
    assert "/people/join/" not in page


def test_a_seller_account_can_ask_so_many_people_a_day(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.alice)
    for n in range(memberships.MOST_INVITED_A_DAY):
        memberships.invite(cast.blue, cast.alice, f"nina{n}@example.com", "member", timezone.now())
    data = {"seller": "blue-door", "email": "one-more@example.com", "role": "member"}
    response = client.post("/people/invite/", data)
    assert response.status_code == 422
    assert "50 people were invited within a day. Try again tomorrow." in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the e-mail address to invite."),
        ("nina", "“nina” isn&#x27;t an e-mail address. One looks like name@example.com."),
        ("vera@seller-a.example", "vera@seller-a.example is already a member of Blue Door Toys."),
        ("a\0b@example.com", "Null characters are not allowed."),
    ],
)
def test_bad_address_is_named_and_kept(cast: Cast, signed_in: SignIn, typed: str, sentence: str) -> None:
    client = signed_in(cast.alice)
    response = client.post("/people/invite/", {"seller": "blue-door", "email": typed, "role": "member"})
    page = response.content.decode()
    assert (response.status_code, page.count(sentence), page.count("1 thing to fix")) == (422, 2, 1)
    assert Invitation.objects.count() == 0


def test_unknown_role_is_refused_with_a_sentence(cast: Cast, signed_in: SignIn) -> None:
    vera = cast.membership(cast.vera, cast.blue)
    data = {"seller": "blue-door", "role": "emperor"}
    response = signed_in(cast.alice).post(f"/people/{vera.pk}/role/", data, follow=True)
    assert texts(response) == ["Choose owner, member or viewer."]


def test_last_owner_is_told_why_they_stay(cast: Cast, signed_in: SignIn) -> None:
    own = cast.membership(cast.alice, cast.blue)
    response = signed_in(cast.alice).post(
        f"/people/{own.pk}/role/", {"seller": "blue-door", "role": "viewer"}, follow=True
    )
    assert texts(response) == ["Blue Door Toys needs an owner. Make another member an owner first."]


def test_removed_member_sees_nothing_any_more(cast: Cast, signed_in: SignIn) -> None:
    vera = cast.membership(cast.vera, cast.blue)
    signed_in(cast.alice).post(f"/people/{vera.pk}/remove/", {"seller": "blue-door"})
    assert signed_in(cast.vera).get("/people/").status_code == 403


def test_people_page_asks_the_same_for_one_and_for_thirty(
    cast: Cast, signed_in: SignIn, django_assert_num_queries: Callable[[int], object]
) -> None:
    client = signed_in(cast.mallory)
    client.get("/people/")
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        client.get("/people/")
    for n in range(30):
        user = User.objects.create_user(f"person-{n}@seller-b.example")
        Membership.objects.create(user=user, seller=cast.rival, role=Role.MEMBER)
        memberships.invite(cast.rival, cast.mallory, f"new-{n}@seller-b.example", "member", timezone.now())
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        client.get("/people/")


def test_expired_invitation_is_not_listed(cast: Cast, signed_in: SignIn) -> None:
    memberships.invite(cast.blue, cast.alice, "late@example.com", "member", timezone.now() - timedelta(days=8))
    assert "late@example.com" not in signed_in(cast.alice).get("/people/").content.decode()
