"""The page behind the link of an invitation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import memberships
from accounts.models import Membership, User
from tests.accounts.conftest import Cast
from tests.html import CheckingClient

SignIn = Callable[[User], CheckingClient]


def link(cast: Cast, email: str, days_ago: int = 0) -> str:
    _, token = memberships.invite(cast.blue, cast.alice, email, "member", timezone.now() - timedelta(days=days_ago))
    return f"/people/join/{token}/"


def test_new_person_sets_a_password_and_is_in(cast: Cast, client: CheckingClient) -> None:
    url = link(cast, "nina@example.com")
    response = client.post(url, {"name": "Nina", "password": "correct horse battery"})
    assert (response.status_code, response.headers["Location"]) == (302, "/claims/")
    page = client.get("/people/")
    assert [str(m) for m in page.context["messages"]] == ["You now belong to Blue Door Toys as member."]
    assert page.wsgi_request.user.email == "nina@example.com"


@pytest.mark.parametrize(
    ("name", "password", "sentence"),
    [
        ("", "correct horse battery", "Enter your name."),
        ("Nina", "", "Choose a password."),
        ("Nina", "short", "This password is too short. It must contain at least 10 characters."),
        ("Nina", "password123", "This password is too common."),
        ("N" * 151, "correct horse battery", "The name is 151 characters long; at most 150."),
    ],
)
def test_what_is_wrong_is_said_and_the_name_kept(
    cast: Cast, client: CheckingClient, name: str, password: str, sentence: str
) -> None:
    response = client.post(link(cast, "nina@example.com"), {"name": name, "password": password})
    assert response.status_code == 422
    assert sum(sentence in str(error) for errors in response.context["form"].errors.values() for error in errors) == 1
    assert f'value="{name}"' in response.content.decode() or not name
    assert not User.objects.filter(email="nina@example.com").exists()


def test_person_with_an_account_signs_in_first(cast: Cast, client: CheckingClient) -> None:
    url = link(cast, "nobody@elsewhere.example")
    assert f'href="/accounts/login/?next={url}"' in client.get(url).content.decode()
    assert client.post(url, {"name": "X", "password": "correct horse battery"}).status_code == 200
    assert not Membership.objects.filter(user=cast.nobody).exists()


def test_invited_person_who_is_signed_in_joins_with_one_click(cast: Cast, signed_in: SignIn) -> None:
    url = link(cast, "nobody@elsewhere.example")
    client = signed_in(cast.nobody)
    assert client.get(url).status_code == 200
    assert client.post(url).headers["Location"] == "/claims/"
    assert cast.membership(cast.nobody, cast.blue).role == "member"


def test_another_person_is_told_whose_it_is(cast: Cast, signed_in: SignIn) -> None:
    url = link(cast, "nina@example.com")
    client = signed_in(cast.mallory)
    page = client.get(url).content.decode()
    assert "This invitation is for nina@example.com. You are signed in as mallory@seller-b.example." in page
    assert client.post(url).status_code == 422
    assert not Membership.objects.filter(user=cast.mallory, seller=cast.blue).exists()


def test_staff_are_told_why_they_cannot(cast: Cast, signed_in: SignIn) -> None:
    response = signed_in(cast.hana).post(link(cast, "hana@desk.example"))
    assert response.status_code == 422
    assert response.context["refusal"] == "Staff of the SAFE-T desk can't be members of a seller account."


@pytest.mark.parametrize(
    ("state", "status", "sentence"),
    [
        ("unknown", 404, "This link doesn't lead to an invitation. Part of it may be missing: copy all of it."),
        ("used", 410, "This invitation was used already. A link works once."),
        ("revoked", 410, "This invitation was taken back. Ask the person who sent it for a new one."),
        ("expired", 410, "This invitation has expired. Ask the person who sent it for a new one."),
    ],
)
def test_dead_link_says_why(cast: Cast, client: CheckingClient, state: str, status: int, sentence: str) -> None:
    now = timezone.now()
    made = now - timedelta(days=8 if state == "expired" else 0)
    invitation, token = memberships.invite(cast.blue, cast.alice, "nina@example.com", "member", made)
    if state == "used":
        memberships.join(token, "Nina", "correct horse battery", now)
    if state == "revoked":
        memberships.revoke(invitation, cast.alice, now)
    response = client.get("/people/join/guess/" if state == "unknown" else f"/people/join/{token}/")
    assert (response.status_code, str(response.context["why"])) == (status, sentence)
