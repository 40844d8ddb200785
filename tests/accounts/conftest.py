"""Alice owns Seller A, Vera looks at it, Mallory owns its rival, Gus belongs to both, Hana works at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from accounts.models import Membership, Role, Seller, User
from tests.html import CheckingClient

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    alice: User
    vera: User
    mallory: User
    gus: User
    hana: User
    nobody: User
    blue: Seller
    rival: Seller

    def membership(self, user: User, seller: Seller) -> Membership:
        return Membership.objects.get(user=user, seller=seller)


def make_cast() -> Cast:
    person = User.objects.create_user
    cast = Cast(
        alice=person("alice@seller-a.example", "demo", name="Alice"),
        vera=person("vera@seller-a.example", "demo", name="Vera"),
        mallory=person("mallory@seller-b.example", "demo", name="Mallory"),
        gus=person("gus@agency.example", "demo", name="Gus"),
        hana=person("hana@desk.example", "demo", name="Hana", is_staff=True),
        nobody=person("nobody@elsewhere.example", "demo"),
        blue=Seller.objects.create(slug="blue-door", name="Blue Door Toys", marketplace="US"),
        rival=Seller.objects.create(slug="rival", name="Rival", marketplace="DE"),
    )
    for user, seller, role in [
        (cast.alice, cast.blue, Role.OWNER),
        (cast.vera, cast.blue, Role.VIEWER),
        (cast.gus, cast.blue, Role.MEMBER),
        (cast.mallory, cast.rival, Role.OWNER),
        (cast.gus, cast.rival, Role.OWNER),
    ]:
        Membership.objects.create(user=user, seller=seller, role=role)
    return cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def signed_in(client: CheckingClient, cast: Cast) -> object:
    """A function: signed_in(cast.alice) gives a client in which Alice is signed in."""

    def sign_in(user: User) -> CheckingClient:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
