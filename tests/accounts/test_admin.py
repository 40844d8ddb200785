"""People and sellers in the admin: by e-mail, never deleted, staff and members kept apart with a sentence."""

from __future__ import annotations

import pytest

from accounts.models import Membership, Seller, User
from messaging.models import OutgoingEmail
from tests.accounts.conftest import Cast
from tests.html import CheckingClient


@pytest.fixture
def desk(cast: Cast, client: CheckingClient) -> CheckingClient:
    admin = User.objects.create_superuser("admin@desk.example", "demo")
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("model", ["user", "seller", "membership"])
def test_list_and_form_open_and_nothing_can_be_deleted(cast: Cast, desk: CheckingClient, model: str) -> None:
    row = {"user": cast.alice, "seller": cast.blue, "membership": cast.membership(cast.alice, cast.blue)}[model]
    assert desk.get(f"/admin/accounts/{model}/?q=a").status_code == 200
    assert desk.get(f"/admin/accounts/{model}/{row.pk}/change/").status_code == 200
    assert desk.get(f"/admin/accounts/{model}/{row.pk}/delete/").status_code == 403


def test_new_person_is_made_by_email_in_lower_case_and_gets_a_link(desk: CheckingClient) -> None:
    given = {"email": "New.Handler@Desk.example", "name": "Nora", "is_staff": "on", "password1": "x", "password": "x"}
    assert desk.post("/admin/accounts/user/add/", given).status_code == 302
    person = User.objects.get(email="new.handler@desk.example")
    assert (person.name, person.is_staff, person.has_usable_password()) == ("Nora", True, False)
    assert OutgoingEmail.objects.get(user=person).kind == "password-link"


def test_member_does_not_become_staff(cast: Cast, desk: CheckingClient) -> None:
    given = {"email": cast.vera.email, "name": "Vera", "is_active": "on", "is_staff": "on", "zone": "", "theme": ""}
    response = desk.post(f"/admin/accounts/user/{cast.vera.pk}/change/", given)
    assert response.context["adminform"].form.errors == {
        "is_staff": ["This person is a member of a seller account. Staff of the desk can't be."]
    }


def test_staff_do_not_become_members(cast: Cast, desk: CheckingClient) -> None:
    given = {"user": cast.hana.pk, "seller": cast.blue.pk, "role": "viewer", "is_active": "on"}
    response = desk.post("/admin/accounts/membership/add/", given)
    assert response.context["adminform"].form.non_field_errors() == [
        "Staff of the SAFE-T desk can't be members of a seller account."
    ]
    assert not Membership.objects.filter(user=cast.hana).exists()


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_active": ""}, {"seller": "rival"}])
def test_the_last_owner_stays_one(cast: Cast, desk: CheckingClient, change: dict[str, str]) -> None:
    row = cast.membership(cast.alice, cast.blue)
    given = {"user": cast.alice.pk, "seller": cast.blue.pk, "role": "owner", "is_active": "on", **change}
    if "seller" in change:
        given["seller"] = cast.rival.pk
    address = f"/admin/accounts/membership/{row.pk}/change/"
    refused = desk.post(address, given)
    assert refused.context["adminform"].form.non_field_errors() == [
        "Blue Door Toys needs an owner. Make another member an owner first."
    ]
    Membership.objects.filter(user=cast.gus, seller=cast.blue).update(role="owner")
    assert desk.post(address, given).status_code == 302


def test_two_sellers_without_a_partner_id_are_kept(desk: CheckingClient) -> None:
    for slug in ("one", "two"):
        given = {
            "slug": slug,
            "name": slug,
            "marketplace": "US",
            "partner_id": "",
            "is_active": "on",
            "inactive_why": "",
        }
        assert desk.post("/admin/accounts/seller/add/", given).status_code == 302
    made = Seller.objects.filter(slug__in=["one", "two"])
    assert set(made.values_list("marketplace", "partner_id")) == {("US", None)}


def test_unknown_marketplace_is_named(desk: CheckingClient) -> None:
    given = {"slug": "one", "name": "One", "marketplace": "Narnia", "is_active": "on"}
    response = desk.post("/admin/accounts/seller/add/", given)
    assert response.context["adminform"].form.errors == {"marketplace": ["“Narnia” isn't a marketplace we know."]}
