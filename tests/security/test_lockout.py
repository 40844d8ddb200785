"""Guessing at passwords and codes ends soon, and keeps nobody out but who guesses."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import RequestFactory

from accounts import client as clients
from accounts.sign_in import limits
from accounts.sign_in.limits import GuessedSecret
from tests.cast import World
from tests.html import CheckingClient
from tests.security.test_second_factor_secrets import code_of

THROTTLED = "Too many attempts. Wait a few minutes."
WRONG = "That e-mail and password don&#x27;t go together."
ATTACKER, OWNER = "203.0.113.7", "198.51.100.20"
ALICE = "alice@seller-a.example"


def try_password(address: str, password: str, email: str = ALICE, client: CheckingClient | None = None) -> Any:
    form = {"login": email, "password": password}
    return (client or CheckingClient()).post("/accounts/login/", form, REMOTE_ADDR=address)


def guess(times: int, address: str = ATTACKER, email: str = ALICE) -> list[bool]:
    """Try as many wrong passwords; return which of them were refused unseen."""
    return [THROTTLED in try_password(address, f"wrong {n}", email).content.decode() for n in range(times)]


def device_of(email: str = ALICE, password: str = "demo") -> CheckingClient:
    """A browser in which this person signed in once, and out again."""
    client = CheckingClient()
    assert try_password(OWNER, password, email, client).status_code == 302
    client.post("/accounts/logout/", REMOTE_ADDR=OWNER)
    return client


def exhaust_account(step: GuessedSecret = GuessedSecret.PASSWORD, account: str = ALICE) -> None:
    """Fail from address after address until the account has had enough of all of them."""
    request = RequestFactory().post("/")
    for n in range(1, 255):
        request.META["REMOTE_ADDR"] = f"192.0.2.{n}"
        for _ in range(4):
            if limits.begin(request, step, account, None) is None:
                return
    raise AssertionError("there is no end to it")


class TestPassword:
    def test_sixth_guess_from_one_address_is_not_looked_at_right_or_wrong(self, world: World) -> None:
        assert guess(6) == [False] * 5 + [True]
        assert THROTTLED in try_password(ATTACKER, "demo").content.decode()

    def test_owner_signs_in_from_elsewhere_all_the_same(self, world: World) -> None:
        guess(20)
        assert try_password(OWNER, "demo").status_code == 302

    def test_one_address_never_fills_the_count_of_the_account(self) -> None:
        """From the numbers themselves: by the hour, one address has a tenth of what the account has."""
        rates = {name: limits.RATES[GuessedSecret.PASSWORD + name] for name in (limits.AT_ACCOUNT, limits.ON_ACCOUNT)}
        assert rates == {limits.AT_ACCOUNT: "5/5m/key,10/h/key", limits.ON_ACCOUNT: "100/h/key"}

    def test_guessing_from_many_addresses_ends_and_known_devices_pass(self, world: World) -> None:
        mine = device_of()
        exhaust_account()
        assert THROTTLED in try_password("198.51.100.99", "demo").content.decode()
        assert try_password("198.51.100.99", "demo", client=mine).status_code == 302

    def test_known_device_passes_at_the_address_that_guessed(self, world: World) -> None:
        mine = device_of()
        guess(6, OWNER)
        assert THROTTLED in try_password(OWNER, "demo").content.decode()
        assert try_password(OWNER, "demo", client=mine).status_code == 302

    def test_a_known_device_that_guesses_is_stopped_too(self, world: World) -> None:
        mine = device_of()
        answers = [try_password(OWNER, "wrong", client=mine).content.decode() for _ in range(6)]
        assert [THROTTLED in answer for answer in answers] == [False] * 5 + [True]

    def test_device_of_somebody_else_passes_nothing(self, world: World) -> None:
        mallorys = device_of("mallory@seller-b.example")
        exhaust_account()
        assert THROTTLED in try_password(ATTACKER, "demo", client=mallorys).content.decode()

    def test_device_is_forgotten_with_the_password_it_knew(self, world: World) -> None:
        lost = device_of()
        world.alice.set_password("correct horse battery")
        world.alice.save()
        exhaust_account()
        assert THROTTLED in try_password(ATTACKER, "correct horse battery", client=lost).content.decode()

    def test_device_on_which_the_password_was_changed_stays_known(self, world: World) -> None:
        client = CheckingClient()
        try_password(OWNER, "demo", client=client)
        new = {"oldpassword": "demo", "password1": "correct horse battery", "password2": "correct horse battery"}
        client.post("/accounts/password/change/", new)
        client.post("/accounts/logout/")
        exhaust_account()
        assert try_password(OWNER, "correct horse battery", client=client).status_code == 302

    @pytest.mark.parametrize("forged", ["", "x", "W10:1:1", "é", "W1sxLDIsM11d:1abcde:0000"])
    def test_forged_device_is_none(self, world: World, settings: Any, forged: str) -> None:
        client = CheckingClient()
        client.cookies[settings.DEVICE_COOKIE_NAME] = forged
        exhaust_account()
        assert THROTTLED in try_password(ATTACKER, "demo", client=client).content.decode()

    def test_device_cookie_is_for_this_portal_alone(self, world: World, settings: Any) -> None:
        cookie = device_of().cookies[settings.DEVICE_COOKIE_NAME]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
        assert ALICE not in cookie.value

    @pytest.mark.parametrize("email", ["Alice@Seller-A.example", " ALICE@SELLER-A.EXAMPLE", "alice@ſeller-a.example"])
    def test_another_spelling_is_the_same_account(self, world: World, email: str) -> None:
        guess(5)
        assert guess(1, email=email) == [True]

    def test_another_host_name_is_the_same_account(self, world: World) -> None:
        guess(5)
        form = {"login": ALICE, "password": "demo"}
        answer = CheckingClient().post("/accounts/login/", form, REMOTE_ADDR=ATTACKER, headers={"host": "localhost"})
        assert THROTTLED in answer.content.decode()

    def test_unknown_address_is_told_the_same(self, world: World) -> None:
        assert guess(6, email="stranger@example.com") == guess(6, OWNER)

    def test_many_accounts_from_one_address_end_too(self, world: World) -> None:
        tried = [guess(1, email=f"person-{n}@example.com") for n in range(11)]
        assert tried == [[False]] * 10 + [[True]]

    def test_signing_in_now_and_then_buys_no_guesses(self, world: World) -> None:
        for _ in range(2):
            guess(2)
            assert try_password(ATTACKER, "demo").status_code == 302
        assert guess(2) == [False, True]

    def test_new_password_by_e_mail_starts_anew(self, world: World, mailoutbox: list[Any]) -> None:
        exhaust_account()
        limits.forget(RequestFactory().post("/", REMOTE_ADDR=OWNER), ALICE)
        assert try_password(OWNER, "demo").status_code == 302

    def test_addresses_of_one_customers_ipv6_network_are_one(self, world: World) -> None:
        tried = [guess(1, f"2001:db8:1:2::{n:x}") for n in range(1, 7)]
        assert tried == [[False]] * 5 + [[True]]
        assert guess(1, "2001:db8:1:3::1") == [False]

    @pytest.mark.parametrize(
        ("peer", "forwarded", "proxies", "counted"),
        [
            ("203.0.113.7", "198.51.100.1", 0, "203.0.113.7"),
            ("10.0.0.1", "1.1.1.1, 203.0.113.7", 1, "203.0.113.7"),
            ("10.0.0.1", "203.0.113.7", 2, "10.0.0.1"),
            ("::ffff:203.0.113.7", "", 0, "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
            ("10.0.0.1", "<script>", 1, "10.0.0.1"),
            ("<script>", "", 0, ""),
            ("", "", 0, ""),
        ],
    )
    def test_one_reader_of_the_clients_address(
        self, settings: Any, peer: str, forwarded: str, proxies: int, counted: str
    ) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        assert clients.network_of(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)) == counted


class TestCode:
    """Who guesses at codes knows the password already."""

    @pytest.fixture
    def secret(self, world: World) -> str:
        secret = generate_totp_secret()
        TOTP.activate(world.alice, secret)
        return secret

    def begun(self, address: str, client: CheckingClient | None = None) -> CheckingClient:
        client = client or CheckingClient()
        assert try_password(address, "demo", client=client).headers["Location"] == "/accounts/2fa/authenticate/"
        return client

    def try_code(self, client: CheckingClient, address: str, code: str) -> Any:
        return client.post("/accounts/2fa/authenticate/", {"code": code}, REMOTE_ADDR=address)

    def test_sixth_code_from_one_address_is_not_looked_at(self, world: World, secret: str) -> None:
        client = self.begun(ATTACKER)
        answers = [self.try_code(client, ATTACKER, "000000").content.decode() for _ in range(6)]
        assert [THROTTLED in answer for answer in answers] == [False] * 5 + [True]
        again = self.begun(ATTACKER)  # a new session has no new tries
        assert THROTTLED in self.try_code(again, ATTACKER, code_of(secret)).content.decode()

    def test_owner_passes_from_elsewhere(self, world: World, secret: str) -> None:
        client = self.begun(ATTACKER)
        for _ in range(6):
            self.try_code(client, ATTACKER, "000000")
        assert self.try_code(self.begun(OWNER), OWNER, code_of(secret)).status_code == 302

    def test_guessing_from_many_addresses_ends_and_known_devices_pass(self, world: World) -> None:
        mine = device_of()
        secret = generate_totp_secret()
        TOTP.activate(world.alice, secret)
        exhaust_account(GuessedSecret.CODE)
        assert THROTTLED in self.try_code(self.begun(ATTACKER), ATTACKER, code_of(secret)).content.decode()
        assert self.try_code(self.begun(OWNER, mine), OWNER, code_of(secret)).status_code == 302

    def test_password_alone_makes_no_device_known(self, world: World, secret: str, settings: Any) -> None:
        assert settings.DEVICE_COOKIE_NAME not in self.begun(ATTACKER).cookies

    def test_confirming_again_is_counted_too(self, world: World, secret: str) -> None:
        client = CheckingClient()
        client.force_login(world.alice)
        answers = [client.post("/accounts/2fa/reauthenticate/", {"code": "000000"}).content.decode() for _ in range(6)]
        assert [THROTTLED in answer for answer in answers] == [False] * 5 + [True]
