"""Signing in and out, setting a new password: what is said, and what is given away."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from messaging.notifications import delivery
from tests.accounts.conftest import Cast
from tests.html import CheckingClient

SignIn = Callable[[User], CheckingClient]


def sign_in(client: CheckingClient, email: str, password: str) -> object:
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_right_password_in_any_case_of_the_address(cast: Cast, client: CheckingClient) -> None:
    response = sign_in(client, "Alice@Seller-A.example", "demo")
    assert (response.status_code, response.headers["Location"]) == (302, "/")  # type: ignore[attr-defined]


@pytest.mark.parametrize("email", ["alice@seller-a.example", "stranger@example.com"])
def test_wrong_password_says_the_same_for_known_and_unknown(cast: Cast, client: CheckingClient, email: str) -> None:
    page = sign_in(client, email, "wrong").content.decode()  # type: ignore[attr-defined]
    assert page.count("That e-mail and password don&#x27;t go together.") == 1
    assert f'value="{email}"' in page


def test_empty_form_says_what_to_enter(cast: Cast, client: CheckingClient) -> None:
    response = client.post("/accounts/login/", {})
    assert response.context["form"].errors == {
        "login": ["Enter your e-mail address."],
        "password": ["Enter your password."],
    }


def test_nobody_signs_up_alone(client: CheckingClient, db: None) -> None:
    data = {"email": "eve@example.com", "password1": "correct horse battery", "password2": "correct horse battery"}
    for response in (client.get("/accounts/signup/"), client.post("/accounts/signup/", data)):
        assert "Accounts are made by invitation" in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(("email", "sent"), [("alice@seller-a.example", 1), ("stranger@example.com", 0)])
def test_reset_says_the_same_for_known_and_unknown(cast: Cast, client: CheckingClient, email: str, sent: int) -> None:
    page = client.post("/accounts/password/reset/", {"email": email}, follow=True).content.decode()
    assert mail.outbox == []
    delivery.deliver(timezone.now())
    assert f"If {email} has an account, a link to set a new password is on its way." in page
    assert len(mail.outbox) == sent


def test_reset_link_sets_a_new_password_once(cast: Cast, client: CheckingClient) -> None:
    client.post("/accounts/password/reset/", {"email": "alice@seller-a.example"}, headers={"host": "testserver"})
    delivery.deliver(timezone.now())
    (url,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    form = client.get(url, follow=True)
    new = {"password1": "correct horse battery", "password2": "correct horse battery"}
    done = client.post(form.request["PATH_INFO"], new, follow=True)
    assert (done.status_code, "The new password is set" in done.content.decode()) == (200, True)
    cast.alice.refresh_from_db()
    assert cast.alice.check_password("correct horse battery")
    again = client.get(url, follow=True).content.decode()
    assert "This link was used already, or has expired." in again


def test_signing_out_is_a_form(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.alice)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/settings/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/settings/").headers["Location"] == "/accounts/login/?next=/settings/"


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/reauthenticate/",
        "/accounts/logout/",
    ],
)
def test_account_pages_are_drawn(cast: Cast, client: CheckingClient, url: str) -> None:
    sign_in(client, "alice@seller-a.example", "demo")
    client.post("/accounts/reauthenticate/", {"password": "demo"})
    response = client.get(url)
    assert response.status_code == 200
    assert 'class="topbar"' in response.content.decode()


def test_email_page_of_allauth_is_not_offered(cast: Cast, signed_in: SignIn) -> None:
    assert signed_in(cast.alice).get("/accounts/email/").headers["Location"] == "/settings/"


def test_code_of_the_app_is_asked_for_and_a_wrong_one_named(cast: Cast, client: CheckingClient) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(cast.alice, generate_totp_secret())
    assert sign_in(client, "alice@seller-a.example", "demo").headers["Location"] == "/accounts/2fa/authenticate/"  # type: ignore[attr-defined]
    page = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert page.count("The code is wrong or has expired.") == 2
