"""Money at the desk and for the seller: payments that wait, what is granted and not paid, and the payer's file."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.groups import OPERATOR
from accounts.models import User
from claims.models import Claim, LedgerEntry, UnmatchedPayment
from tests.cast import World
from tests.html import CheckingClient


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def olga(world_now: World) -> User:
    user = User.objects.create_user("olga@desk.example", "demo", is_staff=True, name="Olga")
    user.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    return user


def told(world: World, claim: Claim, amount: int = 3000, **other: Any) -> UnmatchedPayment:
    return UnmatchedPayment.objects.create(
        **{
            "seller": claim.seller,
            "source": "SETTLEMENT",
            "payment": f"p{next(world.numbers)}",
            "order_id": claim.order.order_id,
            "amount_minor": amount,
            "currency": claim.currency,
            "at": world.now,
            **other,
        }
    )


def granted(world: World, amount: int = 3000) -> Claim:
    claim = world.claim()
    world.decide(claim, amount)
    return claim


def test_an_operator_books_a_payment_on_the_claim_it_may_be_for(
    client: CheckingClient, world_now: World, olga: User
) -> None:
    claim = granted(world_now)
    row = told(world_now, claim)
    client.force_login(olga)
    page = " ".join(client.get("/admin/desk/payments/").content.decode().split())
    assert f"{claim.claim_id}</span> · granted 30.00 USD, paid 0.00 USD · <b>comes to exactly what is owed</b>" in page
    assert client.post(f"/admin/desk/payments/{row.pk}/", {"claim": claim.claim_id}).status_code == 302
    assert "Booked 30.00 USD on claim" in client.get("/admin/desk/payments/").content.decode()
    claim.refresh_from_db()
    assert (claim.paid_minor, LedgerEntry.objects.filter(kind="PAID").count()) == (3000, 1)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "The seller has no claim with that id."),
        ({"claim": "x\x00"}, "The seller has no claim with that id."),
        ({"other": "9" * 300}, "The seller has no claim with that id."),
        ({"aside": "1", "why": " \x00"}, "Say why; the reason is recorded."),
    ],
)
def test_what_is_not_possible_is_a_sentence(
    client: CheckingClient, world_now: World, olga: User, form: dict[str, str], said: str
) -> None:
    row = told(world_now, granted(world_now))
    client.force_login(olga)
    client.post(f"/admin/desk/payments/{row.pk}/", form)
    client.post("/admin/desk/payments/999999/", form)
    page = client.get("/admin/desk/payments/").content.decode()
    assert said in page
    row.refresh_from_db()
    assert (row.outcome, LedgerEntry.objects.filter(kind="PAID").count()) == ("", 0)


def test_a_payment_booked_from_another_source_is_said_not_to_be_booked_again(
    client: CheckingClient, world_now: World, olga: User
) -> None:
    claim = granted(world_now)
    first, again = told(world_now, claim), told(world_now, claim, source="DATE_RANGE", order_id="")
    client.force_login(olga)
    client.post(f"/admin/desk/payments/{first.pk}/", {"claim": claim.claim_id})
    client.get("/admin/desk/payments/")
    client.post(f"/admin/desk/payments/{again.pk}/", {"other": claim.claim_id})
    page = client.get("/admin/desk/payments/").content.decode()
    assert f"Another source reported it before: 30.00 USD stays booked once on claim {claim.claim_id}." in page
    assert (LedgerEntry.objects.filter(kind="PAID").count(), "Booked 30.00" in page) == (1, False)


def test_a_payment_of_another_seller_is_not_booked(client: CheckingClient, world_now: World, olga: User) -> None:
    claim = granted(world_now)
    row = told(world_now, claim, seller=world_now.lamps)
    client.force_login(olga)
    client.post(f"/admin/desk/payments/{row.pk}/", {"other": claim.claim_id})
    row.refresh_from_db()
    assert row.outcome == ""


def test_a_payment_set_aside_is_on_record(client: CheckingClient, world_now: World, olga: User) -> None:
    row = told(world_now, granted(world_now))
    client.force_login(olga)
    client.post(f"/admin/desk/payments/{row.pk}/", {"aside": "1", "why": "A goodwill payment."})
    row.refresh_from_db()
    assert (row.outcome, row.why, row.settled_by) == ("SET_ASIDE", "A goodwill payment.", olga)
    assert "No unmatched payments." in client.get("/admin/desk/payments/").content.decode()


@pytest.mark.parametrize(("name", "reads", "settles"), [("hana", 200, 403), ("ada", 200, 302), ("alice", 302, 302)])
def test_who_books_payments(client: CheckingClient, world_now: World, name: str, reads: int, settles: int) -> None:
    claim = granted(world_now)
    row = told(world_now, claim)
    client.force_login(getattr(world_now, name))
    assert client.get("/admin/desk/payments/").status_code == reads
    assert client.get("/admin/desk/unpaid/").status_code == reads
    sent = client.post(f"/admin/desk/payments/{row.pk}/", {"claim": claim.claim_id})
    row.refresh_from_db()
    assert (sent.status_code, row.outcome) == (settles, "BOOKED" if name == "ada" else "")


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("address", "queries"), [("/admin/desk/payments/", 9), ("/admin/desk/unpaid/", 7)])
def test_lists_of_the_desk_cost_the_same_at_any_length(
    client: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int, address: str, queries: int
) -> None:
    for _ in range(count):
        told(world_now, granted(world_now))
    client.force_login(world_now.hana)
    client.get(address)
    with django_assert_num_queries(queries):
        page = client.get(address).content.decode()
    assert page.count("30.00 USD") >= count


class TestUnpaid:
    def test_the_seller_sees_what_is_owed_and_nothing_of_a_rival(
        self, client: CheckingClient, world_now: World
    ) -> None:
        part, paid = granted(world_now), granted(world_now, 2000)
        world_now.pay(part, 1000)
        world_now.pay(paid)
        other = world_now.claim(world_now.refund(seller=world_now.lamps), by=world_now.mallory)
        world_now.decide(other, 500)
        client.force_login(world_now.vera)
        page = client.get("/claims/unpaid/").content.decode()
        assert part.claim_id in page
        assert "20.00 USD" in page
        assert [claim.claim_id for claim in (paid, other) if claim.claim_id in page] == []
        client.force_login(world_now.hana)
        assert client.get("/claims/unpaid/").status_code == 404

    def test_a_grant_that_is_appealed_is_owed_still(self, client: CheckingClient, world_now: World) -> None:
        claim = granted(world_now)
        world_now.appeal(claim)
        client.force_login(world_now.alice)
        assert claim.claim_id in client.get("/claims/unpaid/").content.decode()

    def test_pages_follow_each_other(
        self, client: CheckingClient, world_now: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("claims.payments.unpaid.PAGE", 2)
        claims = [granted(world_now) for _ in range(5)]
        client.force_login(world_now.alice)
        seen, address = [], "/claims/unpaid/"
        for _ in range(3):
            response = client.get(address)
            seen += [row.claim_id for row in response.context["page"].rows]
            address = "/claims/unpaid/" + response.context["older"]
        assert seen == [claim.claim_id for claim in claims]
        for cursor in ("x", "1-", "9" * 17 + "-1", "\x00"):
            assert client.get("/claims/unpaid/", {"cursor": cursor}).status_code == 200

    @pytest.mark.parametrize("count", [1, 30])
    def test_it_costs_the_same_at_any_length(
        self, client: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int
    ) -> None:
        for _ in range(count):
            granted(world_now)
        client.force_login(world_now.alice)
        client.get("/claims/unpaid/")
        with django_assert_num_queries(4):
            client.get("/claims/unpaid/")

    def test_nothing_owed_says_so(self, client: CheckingClient, world_now: World) -> None:
        client.force_login(world_now.alice)
        assert "Nothing is owed to you" in client.get("/claims/unpaid/").content.decode()


class TestExport:
    def test_the_payer_gets_what_is_owed(self, world_now: World, capsys: pytest.CaptureFixture[str]) -> None:
        claim = granted(world_now)
        world_now.pay(claim, 1000)
        call_command("export_reimbursements")
        (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
        assert row["partner_id"] == ""
        assert (row["claim_id"], row["granted"], row["paid"], row["owed"], row["currency"], row["seller"]) == (
            claim.claim_id,
            "30.00",
            "10.00",
            "20.00",
            "USD",
            "seller-a",
        )
        call_command("export_reimbursements", "--json", "--seller", "seller-a")
        assert json.loads(capsys.readouterr().out)["order_id"] == claim.order.order_id
        call_command("export_reimbursements", "--json", "--seller", "seller-b")
        assert capsys.readouterr().out == ""
        with pytest.raises(CommandError):
            call_command("export_reimbursements", "--seller", "x\0")

    def test_what_was_paid_and_taken_back_is_not_paid_again_by_a_file(
        self, client: CheckingClient, world_now: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        claim, unpaid = granted(world_now), granted(world_now)
        world_now.pay(claim, 3000)
        world_now.pay(claim, -3000)
        call_command("export_reimbursements")
        said = capsys.readouterr()
        assert [row["claim_id"] for row in csv.DictReader(io.StringIO(said.out))] == [unpaid.claim_id]
        assert "1 claim is owed. 1 more was paid and taken back and is left out" in said.err
        call_command("export_reimbursements", "--taken-back")
        rows = {row["claim_id"]: row["taken_back"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
        assert rows == {claim.claim_id: "30.00", unpaid.claim_id: "0.00"}
        client.force_login(world_now.alice)
        assert client.get("/claims/unpaid/").content.decode().count("30.00 USD was taken back") == 1
        client.force_login(world_now.hana)
        assert client.get("/admin/desk/unpaid/").content.decode().count("30.00 USD was taken back") == 1
