"""What somebody saw while signed in: no cache stores it, and sign-out clears the browser."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.cast import PASSWORD, World
from tests.html import CheckingClient
from tests.test_isolation import TwoSellers, addresses, two_sellers  # noqa: F401 (a fixture)


def client_of(user: User) -> CheckingClient:
    client = CheckingClient(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", ["alice", "vera", "hana", "ada"])
def test_no_answer_to_somebody_signed_in_is_stored(two_sellers: TwoSellers, name: str) -> None:  # noqa: F811
    client = client_of(getattr(two_sellers.world, name))
    stored, asked = [], 0
    for _route, address in addresses(two_sellers.ours.ids):
        for method in ("get", "head"):
            response = getattr(client, method)(address)
            for close in response._resource_closers:  # response.close() would also end the test's connection
                close()
            asked += 1
            if "no-store" not in response.get("Cache-Control", ""):
                stored.append((method, address, response.status_code, response.get("Cache-Control")))
    assert stored == []
    assert asked > 200


@pytest.mark.parametrize("address", ["/claims/", "/nowhere/", "/help/", "/claims/11111-22222-3333333/", "/settings/"])
def test_refusals_and_what_is_not_there_are_not_stored_either(world: World, address: str) -> None:
    assert "no-store" in client_of(world.alice).get(address)["Cache-Control"]
    assert "no-store" in client_of(world.mallory).post(address)["Cache-Control"]


def test_answer_to_the_sign_in_itself_is_not_stored(world: World, client: CheckingClient) -> None:
    response = client.post("/accounts/login/", {"login": world.alice.email, "password": PASSWORD})
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]


def test_stranger_without_a_session_may_keep_public_pages(world: World, client: CheckingClient) -> None:
    assert "Cache-Control" not in client.get("/help/")


@pytest.mark.parametrize(("name", "address"), [("alice", "/accounts/logout/"), ("hana", "/admin/logout/")])
def test_sign_out_clears_the_browser(world: World, name: str, address: str) -> None:
    client = client_of(getattr(world, name))
    assert "Clear-Site-Data" not in client.get("/settings/")
    response = client.post(address)
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert "no-store" in response["Cache-Control"]
    assert client.cookies["sessionid"].value == ""
