"""Attacks on answers: no page tells a seller whether an address signs in here, or belongs to the SAFE-T team."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Invitation
from messaging.models import ExtraAddress, OutgoingEmail
from messaging.notifications import addresses, delivery
from messaging.notifications.unsent_causes import UnsentCause
from tests.cast import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ADDRESSES = {
    "stranger": "books@example.com",
    "staff": "hana@desk.example",
    "superuser": "admin@desk.example",
    "the desk's mailbox": "safe-t@desk.example",
    "a rival": "mallory@seller-b.example",
}


@pytest.fixture
def owner(world: World, settings: Any) -> Client:
    settings.DESK_ADDRESSES = ["safe-t@desk.example"]
    client = Client()
    client.force_login(world.alice, backend=BACKEND)
    return client


VALUES = re.compile(r'"s\d+_x\d+"|\'(?:[^\']|\'\')*\'|\b\d+\b')
"""What differs between two runs of the same statement."""


def answer(owner: Client, where: str, email: str, **more: str) -> tuple[int, str, list[str]]:
    """The answer and the page after it without the address, and what the database was asked."""
    with CaptureQueriesContext(connection) as queries:
        response = owner.post(where, {"seller": "seller-a", "email": email, **more})
    asked = [VALUES.sub("?", query["sql"]) for query in queries.captured_queries]
    page = owner.get(response.headers["Location"]).content.decode() if response.status_code == 302 else ""
    page = re.sub(r'csrfmiddlewaretoken" value="\w+|/\d+/|\d+(?::\d+)+', "", page.replace(email, "…"))
    return response.status_code, page, asked


def test_copies_are_asked_for_alike_whoever_has_the_address(world: World, owner: Client) -> None:
    found = {}
    for who, email in ADDRESSES.items():
        found[who] = answer(owner, "/settings/email/addresses/", email)
        ExtraAddress.objects.all().delete()
    for who in ADDRESSES:
        assert (who, found[who]) == (who, found["stranger"])
    assert found["stranger"][0] == 302 and "… was asked." in found["stranger"][1]


def test_the_safe_t_team_is_not_written_to_and_never_confirmed(world: World, owner: Client) -> None:
    for email in ADDRESSES.values():
        answer(owner, "/settings/email/addresses/", email)
    while delivery.deliver(timezone.now()).total:
        pass
    assert sorted(each.to[0] for each in mail.outbox) == ["books@example.com", "mallory@seller-b.example"]
    causes = set(OutgoingEmail.objects.filter(state="SUPPRESSED").values_list("cause", flat=True))
    assert causes == {UnsentCause.DESKS_OWN}
    standing = addresses.standing_of(world.toys, timezone.now())
    assert {address.email for address in standing} == set(ADDRESSES.values())
    again = answer(owner, "/settings/email/addresses/", "hana@desk.example")
    assert again[0] == answer(owner, "/settings/email/addresses/", "books@example.com")[0] == 422


def test_people_are_invited_alike_whoever_has_the_address(world: World, owner: Client) -> None:
    found = {}
    for who, email in ADDRESSES.items():
        found[who] = answer(owner, "/people/invite/", email, role="viewer")
        OutgoingEmail.objects.all().delete()
        Invitation.objects.all().delete()
    for who in ADDRESSES:
        assert (who, found[who]) == (who, found["stranger"])
    assert found["stranger"][0] == 302


@pytest.mark.parametrize("email", ADDRESSES.values())
def test_the_reset_and_the_sign_in_answer_alike(world: World, email: str) -> None:
    client = Client()
    reset = client.post("/accounts/password/reset/", {"email": email}, follow=True).content.decode()
    assert f"If {email} has an account, a link to set a new password is on its way." in reset
    page = Client().post("/accounts/login/", {"login": email, "password": "wrong"}).content.decode()
    assert "That e-mail and password don&#x27;t go together." in page
