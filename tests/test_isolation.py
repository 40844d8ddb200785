"""Nothing of one seller reaches another: every route × person × method, found in the resolver, not listed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts import operations as people
from accounts.models import Role
from claims.models import Attachment, Claim, Draft, Order
from messaging.models import Message
from tests.cast import World
from tests.html import CheckingClient

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
SECRET = "Zanzibar lantern"


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every route as (its pattern, the names of its parameters)."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        elif isinstance(each, URLPattern):
            yield route, tuple(re.findall(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>", route))  # type: ignore[misc]


@pytest.fixture
def world(world: World, client: CheckingClient) -> World:
    world.now = timezone.now()
    line = world.refund()
    line.title = SECRET
    line.save()
    claim = world.claim(line, text=f"{SECRET} came back as a bag of sand.")
    world.ask(claim)
    world.add_file(world.reply_draft(claim), name="zanzibar.png")
    world.draft(text=f"{SECRET}, unfinished.")
    client.raise_request_exception = True
    return world


def values(world: World) -> dict[str, list[str]]:
    """What can stand for each parameter of a route: ids of Blue Door Toys. An unknown name fails the walk."""
    claim = Claim.objects.get(lines__title=SECRET)
    _invitation, token = people.invite(
        seller=world.toys, by=world.alice, email="new@seller-a.example", role=Role.MEMBER, now=world.now
    )
    return {
        "claim_id": [claim.claim_id],
        "uuid": [str(u) for u in [*Attachment.objects.values_list("uuid", flat=True),
                                  *Draft.objects.values_list("uuid", flat=True)]],
        "pk": ["1", str(world.member(world.vera).pk)],
        "token": [token],
        "step": ["what", "why", "proof", "review"],
        "rule": ["base"],
        "version": ["1"],
    }  # fmt: skip


def addresses(world: World) -> list[str]:
    known = values(world)
    made = []
    for route, found in routes():
        if route.startswith(("admin/", "accounts/", "^")) and not route.startswith("admin/desk/"):
            continue  # their own tests: the admin's tables, and sign-in, which hold nothing of a seller's
        names = [a or b for a, b in found]
        assert set(names) <= set(known), f"{route}: say what {set(names) - set(known)} stands for"
        options = [""]
        for name in names:
            options = [f"{one}|{value}" for one in options for value in known[name]]
        for option in options:
            address = route
            for value in option.split("|")[1:]:
                address = re.sub(r"<[^>]+>", value, address, count=1)
            made.append("/" + address.replace("\\", "").replace("$", ""))
    order = Order.objects.get(refund_lines__title=SECRET).order_id
    return [
        *made,
        f"/claims/?tab=all&q={order}",
        f"/claims/new/?order={order}",
        f"/claims/report.csv?tab=all&q={order}",
    ]


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    for close in response._resource_closers:  # response.close() would also end the test's connection
        close()
    return str(content.decode("utf-8", "replace"))


def state() -> tuple[Any, ...]:
    return (
        list(Claim.objects.order_by("pk").values_list("pk", "version", "status")),
        Message.objects.count(),
        list(Draft.objects.order_by("pk").values_list("pk", "text", "updated_at")),
        Attachment.objects.count(),
    )


def test_a_rival_gets_nothing_and_changes_nothing(client: CheckingClient, world: World) -> None:
    markers = (SECRET, "zanzibar", Order.objects.get(refund_lines__title=SECRET).order_id)
    walked, before = addresses(world), state()
    for address in walked:
        echoed = address.split("q=")[-1].split("order=")[-1]
        for method in METHODS:
            client.force_login(world.mallory)
            data = {"seller": "seller-a", "text": "x", "message": "x"} if method == "post" else {}
            response = getattr(client, method)(address, data)
            assert response.status_code < 500 or address == "/readyz", (method, address)
            text = body(response)
            found = [marker for marker in markers if marker in text and marker != echoed]
            assert (method, address, found) == (method, address, [])
    assert state() == before


def test_the_owner_does_see_what_could_leak(client: CheckingClient, world: World) -> None:
    client.force_login(world.alice)
    seen = [address for address in addresses(world) if SECRET in body(client.get(address))]
    claim = Claim.objects.get(lines__title=SECRET).claim_id
    assert {f"/claims/{claim}/", f"/claims/{claim}/messages/", "/claims/", "/refunds/"} <= set(seen)


@pytest.mark.parametrize("name", ["hana", "ada"])
def test_staff_get_404_on_sellers_pages(client: CheckingClient, world: World, name: str) -> None:
    client.force_login(getattr(world, name))
    claim = Claim.objects.get(lines__title=SECRET).claim_id
    draft = Draft.objects.get(purpose=Draft.Purpose.FILE).uuid
    for address in ("/claims/", "/refunds/", "/drafts/", "/people/", "/claims/report.csv", "/claims/new/",
                    f"/claims/{claim}/", f"/claims/{claim}/messages/", f"/claims/new/{draft}/what/"):  # fmt: skip
        assert (address, client.get(address).status_code) == (address, 404)


def test_a_stranger_is_led_to_the_sign_in(client: CheckingClient, world: World) -> None:
    claim = Claim.objects.get(lines__title=SECRET).claim_id
    address = f"/claims/{claim}/messages/?at=3"
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next=/claims/{claim}/messages/%3Fat%3D3"
    for each in addresses(world):
        assert SECRET not in body(client.get(each))


def test_not_yours_and_not_there_are_the_same_answer(client: CheckingClient, world: World) -> None:
    claim = Claim.objects.get(lines__title=SECRET).claim_id
    client.force_login(world.mallory)
    for shape in ("/claims/{}/", "/claims/{}/messages/"):
        theirs, nobodys = client.get(shape.format(claim)), client.get(shape.format("00000-00000-0000000"))
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
        assert token.sub("", body(theirs)) == token.sub("", body(nobodys))


def test_a_viewer_reads_and_changes_nothing(client: CheckingClient, world: World) -> None:
    before = state()
    client.force_login(world.vera)
    for address in addresses(world):
        response = client.post(address, {"seller": "seller-a", "text": "x", "message": "x", "act": "send"})
        assert response.status_code < 500 or address == "/readyz", address
        body(response)
    assert state()[:2] == before[:2]
