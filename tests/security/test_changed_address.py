"""Attacks through a changed address: the old one opens nothing any more, and nobody changes one unseen."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import memberships
from accounts.models import User
from messaging.models import OutgoingEmail
from messaging.notifications import delivery
from tests.cast import PASSWORD, World

OLD, NEW = "alice@seller-a.example", "alice@moved.example"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signs_in(email: str) -> bool:
    response = Client().post("/accounts/login/", {"login": email, "password": PASSWORD})
    return response.status_code == 302


def is_signed_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def send() -> list[Any]:
    mail.outbox.clear()
    while delivery.deliver(timezone.now()).total:
        pass
    return list(mail.outbox)


def known_to_the_library(user: User, email: str) -> None:
    """The row the sign-in library keeps of an address: those it made before are there still."""
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def by_operation(world: World) -> None:
    memberships.change_email(world.alice, NEW.upper(), timezone.now())


def by_admin(world: World) -> None:
    client = Client()
    client.force_login(world.ada, backend=BACKEND)
    given = {"email": NEW, "name": "Alice", "is_active": "on", "zone": "", "theme": ""}
    assert client.post(f"/admin/accounts/user/{world.alice.pk}/change/", given).status_code == 302


def by_shell(world: World) -> None:
    world.alice.email = NEW
    world.alice.save()


def by_sql(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = %s WHERE id = %s", [NEW, world.alice.pk])


def by_the_librarys_table(world: World) -> None:
    EmailAddress.objects.filter(user=world.alice, primary=True).update(email=NEW)


WAYS = [by_operation, by_admin, by_shell, by_sql, by_the_librarys_table]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_whoever_changes_it_the_old_address_opens_nothing_any_more(world: World, way: Any, known: bool) -> None:
    if known or way is by_the_librarys_table:
        known_to_the_library(world.alice, OLD)
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(world.alice, backend=BACKEND)
    Client().post("/accounts/password/reset/", {"email": OLD})
    (before,) = send()
    way(world)
    world.alice.refresh_from_db()
    assert world.alice.email == NEW
    assert (signs_in(OLD), signs_in(NEW)) == (False, True)
    assert (is_signed_in(here), is_signed_in(there)) == (False, False)
    link = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", before.body)[0]
    assert "This link was used already, or has expired." in Client().get(link, follow=True).content.decode()
    send()
    for email in (OLD, NEW):
        Client().post("/accounts/password/reset/", {"email": email})
    assert [each.to for each in send()] == [[NEW]]
    addresses = list(EmailAddress.objects.filter(user=world.alice).values_list("email", "verified", "primary"))
    assert addresses == [(NEW, True, True)]


@pytest.mark.parametrize("way", [by_operation, by_admin])
def test_both_addresses_are_told_and_neither_of_the_other(world: World, way: Any) -> None:
    way(world)
    told = {each.to[0]: each.body for each in send() if "SAFE-T with this address" in each.subject or OLD in each.to}
    assert set(told) == {OLD, NEW}
    assert f"{OLD} was replaced on " in told[OLD] and NEW not in told[OLD]
    assert f"you sign in with {NEW}." in told[NEW] and OLD not in told[NEW]


@pytest.mark.django_db(transaction=True)
def test_an_address_beside_the_one_is_refused_at_the_commit(world: World) -> None:
    for verified in (True, False):
        with pytest.raises(IntegrityError, match="a person signs in with one address"):
            EmailAddress.objects.create(user=world.alice, email="second@evil.example", verified=verified)
    assert not signs_in("second@evil.example")
    assert not EmailAddress.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_librarys_address_of_somebody_else_is_refused_at_the_commit(world: World) -> None:
    known_to_the_library(world.alice, OLD)
    with pytest.raises(IntegrityError):
        EmailAddress.objects.filter(user=world.alice).update(email=world.vera.email)
    world.alice.refresh_from_db()
    assert (world.alice.email, EmailAddress.objects.get(user=world.alice).email) == (OLD, OLD)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("vera@seller-a.example", memberships.MembershipRefusal.TAKEN),
        ("VERA@Seller-A.example ", memberships.MembershipRefusal.TAKEN),
        ("nobody", memberships.MembershipRefusal.NO_ADDRESS),
        ("", memberships.MembershipRefusal.NO_ADDRESS),
        ("a\r\nBcc: x@evil.example", memberships.MembershipRefusal.NO_ADDRESS),
        (f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example", memberships.MembershipRefusal.NO_ADDRESS),
    ],
)
def test_an_address_that_cant_be_is_refused_with_a_sentence(
    world: World, typed: str, why: memberships.MembershipRefusal
) -> None:
    with pytest.raises(memberships.MembershipRefused) as refused:
        memberships.change_email(world.alice, typed, timezone.now())
    assert refused.value.why is why
    assert not OutgoingEmail.objects.exists()


def test_the_same_address_changes_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.alice, backend=BACKEND)
    memberships.change_email(world.alice, OLD.upper(), timezone.now())
    assert is_signed_in(client) and not OutgoingEmail.objects.exists()


def test_the_librarys_own_page_of_addresses_is_gone(world: World) -> None:
    client = Client()
    client.force_login(world.ada, backend=BACKEND)
    assert client.get("/admin/account/emailaddress/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_people_are_never_given_the_same_address_at_once(world: World) -> None:
    start, ended = threading.Barrier(2), []

    def change(user: User) -> None:
        try:
            start.wait(10)
            memberships.change_email(user, NEW, timezone.now())
            ended.append("changed")
        except (memberships.MembershipRefused, DatabaseError) as error:
            ended.append(getattr(getattr(error, "why", None), "value", repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(user,)) for user in (world.alice, world.vera)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ended) == ["TAKEN", "changed"]
    assert User.objects.filter(email=NEW).count() == 1
    assert OutgoingEmail.objects.filter(kind="address-changed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_form_that_was_open_meanwhile_does_not_write_the_old_address_back(world: World) -> None:
    """What the admin's form did not change is not written by it: neither an address nor a password."""
    stale = User.objects.get(pk=world.alice.pk)
    with transaction.atomic():
        memberships.change_email(world.alice, NEW, timezone.now())
    client = Client()
    client.force_login(world.ada, backend=BACKEND)
    given = {"email": NEW, "name": "Alice M.", "is_active": "on", "zone": "", "theme": ""}
    client.post(f"/admin/accounts/user/{stale.pk}/change/", given)
    world.alice.refresh_from_db()
    assert (world.alice.email, world.alice.name, world.alice.password) == (NEW, "Alice M.", stale.password)
