"""Attacks on the password reset: it tells nobody who has an account, by its answer, its time or its failure."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from messaging import tasks
from messaging.models import OutgoingEmail
from messaging.notifications import delivery, outbox
from tests.cast import World


class Counting(MD5PasswordHasher):
    """Counts how often a password is hashed: what a sign-in takes its time with."""

    count = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.count += 1
        return str(super().encode(password, salt))


KNOWN, UNKNOWN = "alice@seller-a.example", "stranger@example.com"
RESET = "/accounts/password/reset/"
State = OutgoingEmail.State


def ask(email: str, **headers: str) -> Any:
    return Client(raise_request_exception=True).post(RESET, {"email": email}, headers=headers)


def statements(email: str) -> list[str]:
    """What is asked of the database for this address, without the values."""
    with CaptureQueriesContext(connection) as queries:
        response = ask(email)
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/password/reset/done/")
    # Savepoints stand for the transactions there are outside a test; their names differ.
    return [re.sub(r'"s\d+_x\d+"|\'(?:[^\']|\'\')*\'|\b\d+\b', "?", query["sql"]) for query in queries.captured_queries]


def send() -> None:
    while delivery.deliver(timezone.now()).total:
        pass


def links() -> list[str]:
    return [re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", each.body)[0] for each in mail.outbox]


def set_password(link: str, password: str) -> str:
    client = Client()
    form = client.get(link, follow=True)
    if "password1" not in form.content.decode():
        return form.content.decode()
    new = {"password1": password, "password2": password}
    return client.post(form.request["PATH_INFO"], new, follow=True).content.decode()


@pytest.mark.parametrize("eager", [True, False])
def test_the_same_is_asked_of_the_database_whoever_has_the_address(
    world: World, settings: Any, eager: bool, django_capture_on_commit_callbacks: Any
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = eager
    off = User.objects.create_user("off@seller-a.example", is_active=False)
    with django_capture_on_commit_callbacks() as callbacks:
        statements("first@example.com")  # what a process reads once is read now
        found = {
            email: statements(email)
            for email in (KNOWN, UNKNOWN, off.email, world.hana.email, "ALICE@seller-a.example")
        }
    assert len(found[KNOWN]) > 1 and any("messaging_outgoingemail" in sql for sql in found[KNOWN])
    assert set(map(tuple, found.values())) == {tuple(found[KNOWN])}
    assert not any("accounts_user" in sql or "account_emailaddress" in sql for sql in found[KNOWN])
    assert len(callbacks) == (0 if eager else 6)  # who delivers is asked alike, and never in the request itself


@pytest.fixture
def mail_server_away(settings: Any) -> Iterator[None]:
    """A port at which nobody answers."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = taken.getsockname()[1]
        yield


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_away_fails_nobodys_request(world: World, mail_server_away: None) -> None:
    for email in (KNOWN, UNKNOWN):
        assert ask(email).status_code == 302
    send()
    stood = dict(OutgoingEmail.objects.values_list("extra_address", "state"))
    assert stood == {KNOWN: State.QUEUED, UNKNOWN: State.SUPPRESSED}


def test_the_link_is_made_when_it_is_sent_on_our_own_address_and_works_once(world: World) -> None:
    ask(KNOWN, host="localhost")
    (owed,) = OutgoingEmail.objects.all()
    assert (owed.extra_address, owed.params, owed.user, owed.seller) == (KNOWN, {}, None, None)
    send()
    (message,) = mail.outbox
    assert (message.to, links()[0].startswith(RESET)) == ([KNOWN], True)
    owed.refresh_from_db()
    row = " ".join(str(value) for value in OutgoingEmail.objects.values().get(pk=owed.pk).values())
    assert links()[0].split("-", 1)[1].strip("/") not in row
    assert "The new password is set" in set_password(links()[0], "correct horse battery")
    assert "This link was used already, or has expired." in set_password(links()[0], "another horse battery")
    world.alice.refresh_from_db()
    assert world.alice.check_password("correct horse battery")


@pytest.mark.parametrize("email", [UNKNOWN, "off@seller-a.example", "old@seller-a.example"])
def test_nothing_is_sent_to_who_has_no_account_that_signs_in(world: World, email: str) -> None:
    User.objects.create_user("off@seller-a.example", is_active=False)
    ask(email)
    send()
    (row,) = OutgoingEmail.objects.all()
    assert (mail.outbox, row.state) == ([], State.SUPPRESSED)


def test_a_wish_of_yesterday_gets_no_link_any_more(world: World) -> None:
    ask(KNOWN)
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    send()
    assert (mail.outbox, OutgoingEmail.objects.get().state) == ([], State.SUPPRESSED)


def test_what_came_of_it_is_purged_after_a_day_and_what_waits_is_not(world: World) -> None:
    for email in (KNOWN, UNKNOWN):
        ask(email)
    send()
    ask("waits@example.com")
    assert tasks.purge_password_resets() == 0
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    world.claim()  # e-mails of another kind stay
    others = OutgoingEmail.objects.exclude(kind="password-reset").count()
    OutgoingEmail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert outbox.purge_password_resets(timezone.now()) == 2
    assert list(OutgoingEmail.objects.filter(kind="password-reset").values_list("extra_address", flat=True)) == [
        "waits@example.com"
    ]
    assert OutgoingEmail.objects.count() == others + 1


@pytest.mark.parametrize(("who", "sees"), [("hana", False), ("sam", False), ("ada", True)])
def test_only_who_looks_after_the_emails_sees_who_asked(world: World, who: str, sees: bool) -> None:
    ask(KNOWN)
    ask(UNKNOWN)
    send()
    client = Client()
    client.force_login(getattr(world, who), backend="allauth.account.auth_backends.AuthenticationBackend")
    for query in ("show=all", f"q={KNOWN}", f"q={UNKNOWN}&show=all"):
        page = client.get(f"/admin/messaging/outgoingemail/?{query}").content.decode()
        assert (">Password Reset<" in page) is sees
    row = OutgoingEmail.objects.order_by("pk")[0]
    assert (client.get(f"/admin/messaging/outgoingemail/{row.pk}/change/").status_code == 200) is sees


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter your e-mail address."),
        ("nobody", "Enter a valid email address."),
        (
            "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".example",
            "The address is longer than an e-mail address can be.",
        ),
        ("a\x00b@example.com", "Null characters are not allowed."),
    ],
)
def test_what_is_no_address_is_said_and_kept(world: World, typed: str, sentence: str) -> None:
    page = ask(typed).content.decode()
    assert sentence in page
    assert not OutgoingEmail.objects.exists()


def test_an_address_is_asked_for_five_times_a_minute_at_most(world: World) -> None:
    for email in (KNOWN, UNKNOWN):
        assert [ask(email).status_code for _ in range(6)] == [302] * 5 + [429]
    assert OutgoingEmail.objects.count() == 10


def test_the_sign_in_says_and_hashes_the_same_for_known_and_unknown(world: World, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.security.test_password_reset.Counting"]
    world.alice.set_password("demo")
    world.alice.save()
    unusable = User.objects.create_user("linked@seller-a.example")
    hashed = {}
    for email in (KNOWN, UNKNOWN, unusable.email):
        Counting.count = 0
        page = Client().post("/accounts/login/", {"login": email, "password": "wrong"}).content.decode()
        assert "That e-mail and password don&#x27;t go together." in page
        hashed[email] = Counting.count
    assert hashed == {KNOWN: 1, UNKNOWN: 1, unusable.email: 1}
