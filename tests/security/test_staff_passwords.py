"""Attacks by a superuser: nobody's password is set or seen by another, and no handler is taken over unseen."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts import memberships, tasks
from accounts.groups import OPERATOR
from accounts.models import SignInChange, User
from accounts.sign_in import changes
from accounts.sign_in.changes import SignInChangeRefusal, SignInChangeRefused
from desk.models import Record
from messaging.models import OutgoingEmail
from messaging.notifications import delivery
from tests.cast import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LINK = r"http://testserver(/accounts/password/reset/key/\S+)"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def another(world: World) -> User:
    """A second superuser, who has been one for long enough to confirm."""
    root = User.objects.create_superuser("root@desk.example", "demo", name="Rita")
    User.objects.filter(pk=root.pk).update(superuser_since=timezone.now() - timedelta(days=2))
    return root


def page_of(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/password/"


def send() -> dict[str, list[str]]:
    """What goes out now: subjects by address."""
    mail.outbox.clear()
    while delivery.deliver(timezone.now()).total:
        pass
    told: dict[str, list[str]] = {}
    for each in mail.outbox:
        told.setdefault(each.to[0], []).append(each.subject)
    return told


def links() -> list[tuple[str, str]]:
    return [(each.to[0], found) for each in mail.outbox for found in re.findall(LINK, each.body)]


@pytest.mark.parametrize("who", ["alice", "hana", "sam", "ada"])
def test_no_form_of_the_admin_sets_or_shows_a_password(world: World, who: str) -> None:
    person, root = getattr(world, who), another(world)
    kept, client = person.password, signed_in(root)
    new = {"password1": "correct horse battery", "password2": "correct horse battery", "usable_password": "true"}
    for address in (page_of(person), f"/admin/accounts/user/{person.pk}/change/"):
        page = client.get(address).content.decode()
        assert not re.search(r'name="password|pbkdf2|md5\$', page)
        client.post(address, {**new, "password": "x", "email": person.email, "is_active": "on", "act": ""})
    person.refresh_from_db()
    assert person.password == kept


def test_a_seller_gets_a_link_at_once_and_both_are_told(world: World) -> None:
    client = signed_in(world.ada)
    page = client.post(page_of(world.alice), {"act": "link"}, follow=True).content.decode()
    assert "A link to set a password is on its way to Alice Moreno." in page
    assert send() == {
        "alice@seller-a.example": ["Set your password for Example Market SAFE-T"],
        "admin@desk.example": ["Sent: a link to set a password for Alice Moreno"],
    }
    ((to, link),) = links()
    assert (to, world.alice.check_password("demo")) == ("alice@seller-a.example", True)
    form = Client()
    shown = form.get(link, follow=True)
    new = {"password1": "correct horse battery", "password2": "correct horse battery"}
    assert "The new password is set" in form.post(shown.request["PATH_INFO"], new, follow=True).content.decode()
    assert "This link was used already" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("who", ["hana", "sam"])
def test_a_handlers_link_waits_for_a_second_superuser(world: World, who: str) -> None:
    person, root = getattr(world, who), another(world)
    signed_in(world.ada).post(page_of(person), {"act": "link"})
    told = send()
    assert set(told) == {person.email, "admin@desk.example", "root@desk.example"}
    assert links() == []
    change = SignInChange.objects.get()
    for by, why in (
        (world.ada, SignInChangeRefusal.NEEDS_ANOTHER),
        (person, SignInChangeRefusal.NOT_SUPERUSER),
        (world.alice, SignInChangeRefusal.NOT_SUPERUSER),
    ):
        with pytest.raises(SignInChangeRefused) as refused:
            changes.confirm(change, by, timezone.now())
        assert refused.value.why is why
    assert changes.do_due(timezone.now() + timedelta(days=3)) == 0
    page = signed_in(root).get(page_of(person)).content.decode()
    own = signed_in(world.ada).get(page_of(person)).content.decode()
    assert ("Confirm: do it now" in page, "Confirm: do it now" in own) == (True, False)
    for _ in range(2):
        signed_in(root).post(page_of(person), {"act": "confirm", "change": str(change.pk)})
    told = send()
    assert told[person.email] == ["Set your password for Example Market SAFE-T"]
    assert set(told) == {person.email, "admin@desk.example", "root@desk.example"}
    assert [to for to, _ in links()] == [person.email]


def test_alone_a_superuser_waits_a_day_told_to_all(world: World) -> None:
    change = changes.ask_link(world.hana, world.ada, timezone.now())
    told = send()
    assert told == {
        "hana@desk.example": ["In a day: a link to set a password for Hana Sato"],
        "admin@desk.example": ["In a day: a link to set a password for Hana Sato"],
    }
    late = another(world)  # made meanwhile: too late to stand in for the day
    with pytest.raises(SignInChangeRefused) as refused:
        changes.confirm(change, late, timezone.now())
    assert refused.value.why is SignInChangeRefusal.WAITS
    assert changes.do_due(change.asked_at + timedelta(hours=24) - timedelta(microseconds=1)) == 0
    OutgoingEmail.objects.filter(state="QUEUED").update(next_attempt_at=timezone.now())
    assert (send(), links()) == ({}, [])
    assert changes.do_due(change.asked_at + timedelta(hours=24)) == 1
    assert changes.do_due(change.asked_at + timedelta(hours=24)) == 0
    told = send()
    assert told["hana@desk.example"] == ["Set your password for Example Market SAFE-T"]
    assert set(told) == {"hana@desk.example", "admin@desk.example", "root@desk.example"}


def test_the_schedule_does_what_is_due(world: World) -> None:
    change = changes.ask_link(world.hana, world.ada, timezone.now() - timedelta(hours=25))
    assert tasks.do_sign_in_changes() == 1
    change.refresh_from_db()
    assert change.done_at is not None


@pytest.mark.parametrize("by", ["ada", "root"])
def test_any_superuser_cancels_it_and_nothing_is_sent(world: World, by: str) -> None:
    root = another(world)
    changes.ask_link(world.hana, world.ada, timezone.now())
    send()
    change = SignInChange.objects.get()
    canceller = {"ada": world.ada, "root": root}[by]
    for _ in range(2):
        signed_in(canceller).post(page_of(world.hana), {"act": "cancel", "change": str(change.pk)})
    assert set(send()) == {"hana@desk.example", "admin@desk.example", "root@desk.example"}
    assert links() == []
    with pytest.raises(SignInChangeRefused) as refused:
        changes.confirm(change, root, timezone.now())
    assert refused.value.why is SignInChangeRefusal.ENDED


def test_what_nobody_confirms_ends_after_a_week(world: World) -> None:
    another(world)
    change = changes.ask_link(world.hana, world.ada, timezone.now())
    assert changes.do_due(change.asked_at + timedelta(days=7)) == 1
    change.refresh_from_db()
    assert (change.is_open, change.done_at) == (False, None)


def test_what_a_former_superuser_asked_is_not_done(world: World) -> None:
    change = changes.ask_link(world.hana, world.ada, timezone.now())
    User.objects.filter(pk=world.ada.pk).update(is_superuser=False)
    changes.do_due(change.asked_at + timedelta(days=2))
    change.refresh_from_db()
    assert (change.is_open, change.done_at) == (False, None)


def _switched_off(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def _off_the_desk(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=False)


@pytest.mark.parametrize("first", [_switched_off, _off_the_desk])
def test_a_handlers_address_waits_too_and_so_while_switched_off(world: World, first: Callable[[User], None]) -> None:
    """The way round: an address of the superuser's own, and then the reset that anybody may ask."""
    first(world.hana)
    root = another(world)
    groups = list(world.hana.groups.values_list("pk", flat=True))
    given = {"email": "hana@evil.example", "name": "Hana", "zone": "", "theme": "", "groups": groups}
    page = signed_in(world.ada).post(f"/admin/accounts/user/{world.hana.pk}/change/", given, follow=True)
    assert "It is done when another superuser confirms it." in page.content.decode()
    world.hana.refresh_from_db()
    assert (world.hana.email, world.hana.name) == ("hana@desk.example", "Hana")
    Client().post("/accounts/password/reset/", {"email": "hana@evil.example"})
    send()
    assert links() == []
    changes.confirm(SignInChange.objects.get(), root, timezone.now())
    world.hana.refresh_from_db()
    assert world.hana.email == "hana@evil.example"
    assert {"hana@desk.example", "hana@evil.example", "admin@desk.example", "root@desk.example"} == set(send())


def test_an_address_taken_meanwhile_ends_the_change(world: World) -> None:
    change = changes.ask_email(world.hana, "free@desk.example", world.ada, timezone.now())
    User.objects.create_user("free@desk.example")
    assert changes.do_due(change.asked_at + timedelta(days=1)) == 1
    change.refresh_from_db()
    assert (change.is_open, change.done_at) == (False, None)


@pytest.mark.parametrize("email", ["vera@seller-a.example", "nobody"])
def test_an_address_that_cant_be_is_said_in_the_form(world: World, email: str) -> None:
    given = {"email": email, "name": "Hana", "is_active": "on", "zone": "", "theme": ""}
    response = signed_in(world.ada).post(f"/admin/accounts/user/{world.hana.pk}/change/", given)
    assert response.status_code == 200 and response.context["adminform"].form.errors["email"]
    with pytest.raises(memberships.MembershipRefused):
        changes.ask_email(world.hana, email, world.ada, timezone.now())
    assert not SignInChange.objects.exists()


def test_superusers_are_guarded_and_nobody_asks_for_themselves(world: World) -> None:
    root = another(world)
    assert changes.ask_link(root, world.ada, timezone.now()).due_at is not None  # nobody else is left
    third = User.objects.create_superuser("third@desk.example", "demo")
    assert changes.ask_link(third, world.ada, timezone.now()).due_at is None
    with pytest.raises(SignInChangeRefused) as refused:
        changes.ask_link(world.ada, world.ada, timezone.now())
    assert refused.value.why is SignInChangeRefusal.OWN


def test_only_superusers_ask(world: World) -> None:
    olga = User.objects.create_user("olga@desk.example", is_staff=True)
    olga.groups.add(Group.objects.get(name=OPERATOR))
    for by in (world.hana, world.sam, olga):
        assert signed_in(by).post(page_of(world.alice), {"act": "link"}).status_code == 403
        with pytest.raises(SignInChangeRefused) as refused:
            changes.ask_link(world.alice, by, timezone.now())
        assert refused.value.why is SignInChangeRefusal.NOT_SUPERUSER
    assert not SignInChange.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"act": "confirm"},
        {"act": "confirm", "change": "1"},
        {"act": "x", "change": "²"},
        {"act": "cancel", "change": "9" * 30},
    ],
)
def test_a_form_that_fits_nothing_is_said(world: World, sent: dict[str, str]) -> None:
    page = signed_in(world.ada).post(page_of(world.hana), sent, follow=True).content.decode()
    assert "Nothing was changed: this page is out of date. Look at it again." in page


def test_a_change_of_another_person_is_not_confirmed_from_this_page(world: World) -> None:
    root = another(world)
    change = changes.ask_link(world.hana, world.ada, timezone.now())
    signed_in(root).post(page_of(world.sam), {"act": "confirm", "change": str(change.pk)})
    change.refresh_from_db()
    assert change.confirmed_by is None


def test_each_step_is_on_record_with_who_took_it_and_no_address(world: World) -> None:
    root = another(world)
    signed_in(world.ada).post(page_of(world.hana), {"act": "link"})
    change = SignInChange.objects.get()
    signed_in(root).post(page_of(world.hana), {"act": "confirm", "change": str(change.pk)})
    rows = list(Record.objects.filter(what="accounts_signinchange").order_by("pk"))
    assert [row.user for row in rows] == [world.ada, root, root]
    assert rows[0].detail["changed"]["user_id"] == [None, world.hana.pk]
    assert rows[1].detail["changed"]["confirmed_by_id"] == [None, root.pk]
    assert "done_at" in rows[2].detail["changed"]
    assert "@" not in "".join(str(row.detail) for row in rows)


def test_the_database_refuses_who_confirms_their_own_and_what_is_done_before_its_time(world: World) -> None:
    root, now = another(world), timezone.now()
    change = changes.ask_link(world.hana, world.ada, now)
    for wrong in (
        {"confirmed_by": world.ada, "confirmed_at": now},
        {"confirmed_by": world.hana, "confirmed_at": now},
        {"confirmed_by": root, "confirmed_at": None},
        {"done_at": now},
        {"due_at": now + timedelta(hours=24), "done_at": now},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SignInChange.objects.filter(pk=change.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["ask", "confirm", "due", "cancel and confirm"])
def test_at_once_from_many_sides_it_is_done_once(world: World, verb: str) -> None:
    now, root = timezone.now(), another(world)
    if verb == "due":
        User.objects.filter(pk=root.pk).update(is_active=False)
    change = None if verb == "ask" else changes.ask_link(world.hana, world.ada, now)
    todo: dict[str, list[Callable[[], Any]]] = {
        "ask": [lambda: changes.ask_link(world.hana, world.ada, now)] * 4,
        "confirm": [lambda: changes.confirm(change, root, now)] * 4,  # type: ignore[arg-type]
        "due": [lambda: changes.do_due(now + timedelta(days=2))] * 4,
        "cancel and confirm": [
            lambda: changes.confirm(change, root, now),  # type: ignore[arg-type]
            lambda: changes.cancel(change, world.ada, now),  # type: ignore[arg-type]
        ],
    }
    failed = together(todo[verb])
    row = SignInChange.objects.get()
    done = OutgoingEmail.objects.filter(kind="password-link").count()
    if verb == "ask":
        assert (row.is_open, done, failed) == (True, 0, [])
    elif verb == "cancel and confirm":
        assert ([type(each) for each in failed], done) == ([SignInChangeRefused], int(row.done_at is not None))
    else:
        assert (row.done_at is not None, done, failed) == (True, 1, [])


def together(verbs: list[Callable[[], Any]]) -> list[Exception]:
    """Do all of these at the same moment; return what failed."""
    start, failed = threading.Barrier(len(verbs)), []

    def run(verb: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            verb()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failed


def test_the_command_does_what_is_due(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    changes.ask_link(world.hana, world.ada, timezone.now() - timedelta(hours=25))
    for count in (1, 0):
        call_command("do_sign_in_changes")
        assert capsys.readouterr().out == f"{count} due changes of sign-ins are done or ended.\n"


# -- ways round the second pair of eyes -------------------------------------------------------------------------------


def posted(person: User, **changed: Any) -> dict[str, Any]:
    """What the admin's form of a person holds, but for what is changed; None leaves a field out."""
    given = {
        "email": person.email, "name": person.name, "zone": "", "theme": "", "is_active": "on", "is_staff": "on",
        "is_superuser": "on" if person.is_superuser else None,
        "groups": list(person.groups.values_list("pk", flat=True)),
    } | changed  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("who", ["hana", "sam"])
def test_a_handler_taken_out_of_the_group_first_is_guarded_still(world: World, who: str) -> None:
    person, _root = getattr(world, who), another(world)
    client, page = signed_in(world.ada), f"/admin/accounts/user/{person.pk}/change/"
    client.post(page, posted(person, groups=[]))
    client.post(page, posted(person, groups=[], is_staff=None, email="evil@evil.example"))
    assert not person.groups.exists()
    person.refresh_from_db()
    assert person.email == f"{who}@desk.example"
    assert SignInChange.objects.get().due_at is None


def test_a_superuser_demoted_in_the_same_form_is_guarded_still(world: World) -> None:
    root = another(world)
    page = f"/admin/accounts/user/{root.pk}/change/"
    signed_in(world.ada).post(page, posted(root, is_superuser=None, email="evil@evil.example"))
    root.refresh_from_db()
    assert (root.email, root.is_superuser) == ("root@desk.example", False)
    assert SignInChange.objects.get().due_at is not None  # nobody else is left: a day


def test_nobody_makes_a_superuser_to_confirm_with(world: World) -> None:
    another(world)
    change = changes.ask_link(world.hana, world.ada, timezone.now())
    puppet = User.objects.create_superuser("puppet@desk.example", "demo")
    with pytest.raises(SignInChangeRefused) as refused:
        changes.confirm(change, puppet, timezone.now())
    assert refused.value.why is SignInChangeRefusal.TOO_NEW
    alone = changes.ask_link(world.sam, puppet, timezone.now() - timedelta(days=3))
    assert alone.due_at is not None  # three days ago there was nobody to confirm


def test_since_when_somebody_is_a_superuser_is_kept_by_the_database(world: World) -> None:
    root = another(world)
    stale = User.objects.get(pk=root.pk)
    stale.superuser_since, stale.guarded = None, False
    stale.save()
    root.refresh_from_db()
    assert root.guarded and root.superuser_since and root.superuser_since < timezone.now() - timedelta(days=1)
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    root.refresh_from_db()
    assert (root.guarded, root.superuser_since) == (True, None)


@pytest.mark.parametrize(
    ("off", "why"),
    [("hana", SignInChangeRefusal.SWITCHED_OFF), ("ada", SignInChangeRefusal.ASKER_GONE)],
)
def test_what_cant_be_done_any_longer_is_not_confirmed(world: World, off: str, why: SignInChangeRefusal) -> None:
    root = another(world)
    change = changes.ask_link(world.hana, world.ada, timezone.now())
    User.objects.filter(pk=getattr(world, off).pk).update(is_active=False)
    with pytest.raises(SignInChangeRefused) as refused:
        changes.confirm(change, root, timezone.now())
    assert refused.value.why is why
    assert SignInChange.objects.get().is_open


class ChangesAddress(EmailBackend):
    """Sends as the tests do, and has the person's address changed before the first e-mail of a batch leaves."""

    person: User | None = None

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if ChangesAddress.person is not None:
            person, ChangesAddress.person = ChangesAddress.person, None
            memberships.change_email(person, "alice@new.example", timezone.now())
        return super().send_messages(messages)


@override_settings(EMAIL_BACKEND="tests.security.test_staff_passwords.ChangesAddress")
def test_a_link_in_a_batch_that_was_read_before_goes_to_no_former_address(world: World) -> None:
    changes.ask_link(world.vera, world.ada, timezone.now() - timedelta(minutes=1))
    changes.ask_link(world.alice, world.ada, timezone.now())
    ChangesAddress.person = User.objects.get(pk=world.alice.pk)
    send()
    assert {to for to, _link in links()} == {"vera@seller-a.example", "alice@new.example"}


def test_a_link_goes_to_nobody_who_was_shut_out_meanwhile(world: World) -> None:
    changes.ask_link(world.vera, world.ada, timezone.now())
    User.objects.filter(pk=world.vera.pk).update(is_active=False)
    send()
    assert [to for to, _link in links()] == []


def test_the_command_counts_what_is_due_and_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    changes.ask_link(world.hana, world.ada, timezone.now() - timedelta(hours=25))
    for options, said in (("--dry-run", {"dry_run": True, "changes": 1}), ("", {"dry_run": False, "changes": 1})):
        call_command("do_sign_in_changes", "--json", *options.split())
        assert json.loads(capsys.readouterr().out) == said
    assert SignInChange.objects.get().done_at
