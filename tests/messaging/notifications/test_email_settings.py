"""E-mail settings: what a member chooses, what the last owner can't, copies, and links that work without signing in."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from messaging.models import CalendarFeed, EmailPreference, ExtraAddress, OutgoingEmail
from messaging.notifications import addresses, calendars, delivery, links, preferences
from messaging.notifications.kinds import CHOOSABLE, STARTS_A_CLOCK, Choice, Kind
from tests.cast import World
from tests.html import CheckingClient

PAGE = "/settings/email/"
Read = Callable[[User], CheckingClient]


@pytest.fixture
def as_(client: CheckingClient) -> Read:
    def sign_in(user: User) -> CheckingClient:
        client.force_login(user)
        return client

    return sign_in


def form(client: CheckingClient, **changes: str) -> dict[str, str]:
    """What the page's form would send, with these changes."""
    page = client.get(PAGE).content.decode()
    selected = re.findall(r'<select name="([\w-]+)".*?</select>', page, re.DOTALL)
    sent = {"seller": re.findall(r'name="seller" value="([\w-]+)"', page)[0]}
    for name in selected:
        options = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
        assert options is not None
        sent[name] = re.findall(r'value="(\w+)" selected', options[0])[0]
    return {**sent, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_every_kind_can_be_chosen_by_who_is_not_the_last_owner(world: World, as_: Read) -> None:
    client = as_(world.vera)
    sent = form(client)
    assert set(sent) - {"seller"} == {str(kind) for kind in CHOOSABLE}
    assert {value for name, value in sent.items() if name not in ("seller", "digest")} == {"AT_ONCE"}
    response = client.post(PAGE, {**sent, "denied": "OFF", "message": "DIGEST"}, follow=True)
    assert [str(each) for each in response.context["messages"]] == ["E-mail settings of Blue Door Toys saved."]
    chosen = preferences.choices_of(world.member(world.vera))
    assert {kind: choice for kind, choice in chosen.items() if choice != Choice.AT_ONCE} == {
        Kind.DENIED: Choice.OFF,
        Kind.MESSAGE: Choice.DIGEST,
        Kind.DIGEST: Choice.OFF,  # a viewer's default
    }
    assert EmailPreference.objects.count() == 2  # what stays at its default needs no row


def test_the_last_owner_has_no_choice_where_a_clock_starts_and_reads_why(world: World, as_: Read) -> None:
    client = as_(world.alice)
    sent = form(client)
    assert {str(kind) for kind in CHOOSABLE} - set(sent) == {str(kind) for kind in STARTS_A_CLOCK}
    page = client.get(PAGE).content.decode()
    assert "One owner of Blue Door Toys gets it at once, and that is you." in page
    client.post(PAGE, {**sent, "denied": "OFF"})
    assert preferences.choices_of(world.member(world.alice))[Kind.DENIED] == Choice.AT_ONCE


def test_a_second_owner_makes_room_and_only_one_of_two_takes_it(world: World, as_: Read) -> None:
    Membership.objects.filter(user=world.gus, seller=world.toys).update(role="owner")
    client = as_(world.alice)
    sent = form(client)
    assert "denied" in sent
    preferences.choose(world.member(world.gus), {Kind.DENIED: Choice.DIGEST})
    response = client.post(PAGE, {**sent, "denied": "OFF"})  # the page was open meanwhile
    assert response.status_code == 302
    assert preferences.choices_of(world.member(world.alice))[Kind.DENIED] == Choice.AT_ONCE
    with pytest.raises(preferences.PreferenceRefused) as refused:
        preferences.choose(world.member(world.alice), {Kind.DENIED: Choice.OFF})
    assert str(refused.value) == (
        "“Denied” starts or moves a date of yours. One owner of Blue Door Toys gets it at once, and that is you."
    )


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_switch_off_at_once_leave_one(transactional_db: None) -> None:
    world = World()
    Membership.objects.filter(user=world.gus, seller=world.toys).update(role="owner")
    results: list[str] = []

    def switch_off(user: User) -> None:
        try:
            preferences.choose(world.member(user), {Kind.DENIED: Choice.OFF})
            results.append("off")
        except preferences.PreferenceRefused:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=switch_off, args=[user]) for user in (world.alice, world.gus)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(results) == ["off", "refused"]


@pytest.mark.parametrize("value", ["", "NEVER", "at_once\x00", "AT_ONCE" * 1000])
def test_a_made_up_choice_is_said_and_changes_nothing(world: World, as_: Read, value: str) -> None:
    client = as_(world.vera)
    response = client.post(PAGE, {**form(client), "message": value, "denied": "OFF"})
    assert response.status_code == 422
    assert "1 thing to fix" in response.content.decode()
    assert not EmailPreference.objects.exists()


def test_each_seller_account_has_its_own_settings(world: World, as_: Read) -> None:
    client = as_(world.gus)
    client.post(PAGE, {**form(client), "seller": "seller-b", "filed": "OFF"})
    assert preferences.choices_of(world.member(world.gus, world.lamps))[Kind.FILED] == Choice.OFF
    assert preferences.choices_of(world.member(world.gus))[Kind.FILED] == Choice.AT_ONCE


@pytest.mark.parametrize(("who", "status"), [("mallory", 404), ("hana", 404)])
def test_nobody_chooses_in_a_seller_account_they_dont_belong_to(world: World, as_: Read, who: str, status: int) -> None:
    client = as_(getattr(world, who))
    assert client.post(PAGE, {"seller": "seller-a", "filed": "OFF"}).status_code == status
    assert not EmailPreference.objects.exists()


def test_page_costs_the_same_whatever_the_number_of_addresses(
    world: World, as_: Read, django_assert_num_queries: Any
) -> None:
    client = as_(world.alice)
    client.get(PAGE)
    with django_assert_num_queries(7):
        client.get(PAGE)
    for n in range(addresses.MOST):
        addresses.ask(world.member(world.alice), f"books{n}@example.com", timezone.now())
    with django_assert_num_queries(7):
        client.get(PAGE)


# Copies to other addresses


def confirm_link(email: str) -> str:
    return links.confirm(ExtraAddress.objects.get(email=email, removed_at=None)).removeprefix("http://testserver")


def test_an_address_gets_copies_once_it_has_confirmed(world: World, as_: Read) -> None:
    client = as_(world.alice)
    response = client.post(
        "/settings/email/addresses/", {"seller": "seller-a", "email": " Books@Example.com "}, follow=True
    )
    assert [str(each) for each in response.context["messages"]] == [
        "books@example.com was asked. Copies go there once it has confirmed."
    ]
    assert list(OutgoingEmail.objects.values_list("kind", "extra_address")) == [
        ("confirm-address", "books@example.com")
    ]
    world.claim()
    assert not OutgoingEmail.objects.filter(kind="filed", extra_address__isnull=False).exists()
    stranger = CheckingClient()
    page = stranger.get(confirm_link("books@example.com")).content.decode()
    assert "Alice Moreno wants the SAFE-T e-mail of Blue Door Toys sent to books@example.com too." in page
    assert ExtraAddress.objects.get().confirmed_at is None  # a mail program that follows links confirms nothing
    assert "books@example.com gets copies" in stranger.post(confirm_link("books@example.com")).content.decode()
    world.claim()
    assert OutgoingEmail.objects.filter(kind="filed", extra_address="books@example.com").count() == 1


def test_an_address_stops_its_copies_with_one_click(world: World, mailbox: Any) -> None:
    asked = addresses.ask(world.member(world.alice), "books@example.com", world.now)
    addresses.confirm(confirm_link("books@example.com").split("/")[-2], world.now)
    world.claim()
    link = links.stop_copies(asked).removeprefix("http://testserver")
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(link).status_code == 200
    assert ExtraAddress.objects.get().removed_at is None
    assert stranger.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ExtraAddress.objects.get().removed_at is not None
    delivery.deliver(timezone.now())
    assert "books@example.com" not in {mail.to[0] for mail in mailbox}  # not even what was owed before
    assert OutgoingEmail.objects.get(extra_address="books@example.com", kind="filed").state == "SUPPRESSED"


@pytest.fixture
def mailbox(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    from django.core import mail

    mail.outbox = []
    return mail.outbox


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the e-mail address that should get copies."),
        ("books", "“books” isn&#x27;t an e-mail address."),
        ("vera@seller-a.example", "vera@seller-a.example is a member of Blue Door Toys and already gets its e-mails."),
        ("no-reply@localhost", "no-reply@localhost is an address of the portal itself."),
        ("books@example.com\r\nBcc: evil@example.com", "isn&#x27;t an e-mail address"),
        ("a\x00b@example.com", "Null characters are not allowed."),
    ],
)
def test_an_address_that_cant_be_asked_is_said(world: World, as_: Read, typed: str, sentence: str) -> None:
    response = as_(world.alice).post("/settings/email/addresses/", {"seller": "seller-a", "email": typed})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("gus", 403), ("vera", 403), ("mallory", 404), ("hana", 404)])
def test_only_owners_send_copies_elsewhere(world: World, as_: Read, who: str, status: int) -> None:
    asked = addresses.ask(world.member(world.alice), "books@example.com", world.now)
    client = as_(getattr(world, who))
    for url in ("/settings/email/addresses/", f"/settings/email/addresses/{asked.pk}/remove/"):
        assert client.post(url, {"seller": "seller-a", "email": "mine@example.com"}).status_code == status
    assert ExtraAddress.objects.get().removed_at is None


def test_an_owner_of_another_seller_cant_remove_by_naming_their_own(world: World, as_: Read) -> None:
    asked = addresses.ask(world.member(world.alice), "books@example.com", world.now)
    url = f"/settings/email/addresses/{asked.pk}/remove/"
    assert as_(world.mallory).post(url, {"seller": "seller-b"}).status_code == 404
    assert ExtraAddress.objects.get().removed_at is None


def test_a_seller_account_has_so_many_addresses_and_asks_so_many_a_day(world: World) -> None:
    owner = world.member(world.alice)

    def why(email: str, days: float = 0) -> addresses.AddressRefusal:
        with pytest.raises(addresses.AddressRefused) as refused:
            addresses.ask(owner, email, world.at(days))
        return refused.value.why

    for n in range(addresses.MOST):
        addresses.ask(owner, f"books{n}@example.com", world.now)
    assert why("books0@example.com") == addresses.AddressRefusal.ASKED
    assert why("more@example.com") == addresses.AddressRefusal.TOO_MANY
    for n in range(addresses.MOST_A_DAY - addresses.MOST):
        addresses.remove(owner, ExtraAddress.objects.filter(removed_at=None).earliest("pk").pk, world.now)
        addresses.ask(owner, f"other{n}@example.com", world.now)
    addresses.remove(owner, ExtraAddress.objects.filter(removed_at=None).earliest("pk").pk, world.now)
    assert why("more@example.com") == addresses.AddressRefusal.TOO_OFTEN
    assert addresses.ask(owner, "more@example.com", world.at(1.01)).pk


def test_a_link_to_confirm_expires_and_is_taken_back(world: World) -> None:
    stranger = CheckingClient()
    addresses.ask(world.member(world.alice), "books@example.com", timezone.now() - addresses.LASTS)
    late = stranger.post(confirm_link("books@example.com"))
    assert (late.status_code, "This link has expired." in late.content.decode()) == (410, True)
    link = confirm_link("books@example.com")
    ExtraAddress.objects.update(removed_at=timezone.now())
    assert stranger.get(link).status_code == 410
    assert stranger.get("/email/confirm/nonsense.token/").status_code == 404


def test_a_secret_of_one_link_opens_no_other(world: World) -> None:
    asked = addresses.ask(world.member(world.alice), "books@example.com", timezone.now())
    confirm = links.confirm(asked).split("/")[-2]
    stop = links.stop_copies(asked).split("/")[-2]
    stranger = CheckingClient()
    for path in (f"/email/confirm/{stop}/", f"/email/stop-copies/{confirm}/", f"/email/stop/{confirm}/",
                 f"/people/join/{confirm}/", f"/calendar/{confirm}/safe-t.ics"):  # fmt: skip
        assert (path, stranger.post(path).status_code in (404, 405)) == (path, True)


# One click in the mail program


def stop_link(world: World, user: User, kind: str) -> str:
    email = OutgoingEmail.objects.filter(user=user, kind=kind).latest("pk")
    return links.stop(email, world.member(user)).removeprefix("http://testserver")


def test_one_click_switches_a_kind_off_for_its_reader_only(world: World) -> None:
    world.claim()
    link = stop_link(world, world.vera, "filed")
    stranger = Client(enforce_csrf_checks=True)
    assert "Stop these e-mails?" in stranger.get(link).content.decode()
    assert not EmailPreference.objects.exists()
    assert stranger.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert list(EmailPreference.objects.values_list("user", "seller", "kind", "choice")) == [
        (world.vera.pk, world.toys.pk, "filed", "OFF")
    ]
    assert stranger.post(link).status_code == 200  # a mail program may click twice


def test_one_click_doesnt_silence_what_the_last_owner_must_get(world: World) -> None:
    Membership.objects.filter(user=world.gus, seller=world.toys).update(role="owner")
    world.ask(world.claim())
    link = stop_link(world, world.alice, "information-requested")
    Membership.objects.filter(user=world.gus, seller=world.toys).update(role="member")
    refused = CheckingClient().post(link)
    assert refused.status_code == 409
    assert "starts or moves a date of yours" in refused.content.decode()
    assert not EmailPreference.objects.exists()


def test_a_link_of_who_left_or_a_changed_one_leads_nowhere(world: World) -> None:
    world.claim()
    link = stop_link(world, world.vera, "filed")
    stranger = CheckingClient()
    assert stranger.post(link.replace(".filed", ".denied")).status_code == 404
    Membership.objects.filter(user=world.vera).update(is_active=False)
    assert stranger.post(link).status_code == 404
    assert not EmailPreference.objects.exists()


def test_what_was_switched_off_after_it_was_owed_is_not_sent(world: World, mailbox: Any) -> None:
    world.claim()
    preferences.choose(world.member(world.vera), {Kind.FILED: Choice.OFF})
    delivery.deliver(timezone.now())
    assert sorted(mail.to[0] for mail in mailbox) == ["alice@seller-a.example", "gus@agency.example"]
    assert OutgoingEmail.objects.get(user=world.vera).cause == "SWITCHED_OFF"


def test_an_invitation_taken_back_before_it_was_sent_is_not_sent(world: World, mailbox: Any) -> None:
    from accounts import memberships as people

    now = timezone.now()
    kept, _ = people.invite(world.toys, world.alice, "nina@example.com", "member", now)
    gone, _ = people.invite(world.toys, world.alice, "olga@example.com", "member", now)
    people.revoke(gone, world.alice, now)
    delivery.deliver(timezone.now())
    assert [mail.to[0] for mail in mailbox] == ["nina@example.com"]
    assert kept.token in mailbox[0].body
    assert OutgoingEmail.objects.get(extra_address="olga@example.com").state == "SUPPRESSED"


# The calendar


def path_of(user: User) -> str:
    return links.calendar(CalendarFeed.objects.get(user=user, revoked_at=None)).removeprefix("http://testserver")


def test_the_calendar_has_the_deadlines_of_its_person_and_nobody_elses(world: World, as_: Read) -> None:
    world.now = timezone.now()
    claim, other = world.claim(), world.claim(world.refund(seller=world.lamps), by=world.mallory)
    world.ask(claim)
    world.ask(other)
    decided = world.claim()
    world.decide(decided, 0)
    assert as_(world.vera).post("/settings/email/calendar/", {"act": "renew"}).status_code == 302
    answer = CheckingClient().get(path_of(world.vera))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    text = answer.content.decode().replace("\r\n ", "")
    assert f"SUMMARY:Reply by: SAFE-T claim {claim.claim_id}" in text
    assert f"SUMMARY:Appeal by: SAFE-T claim {decided.claim_id}" in text
    assert other.claim_id not in text
    assert claim.reply_by is not None
    assert f"DTEND:{claim.reply_by:%Y%m%dT%H%M%S}Z" in text
    assert text.count("BEGIN:VEVENT") == 2  # a viewer files no claim, so no refund stands in it


def test_the_calendar_counts_what_can_be_claimed_by_its_last_moment(world: World) -> None:
    world.now = timezone.now()
    for days in (-10, -10, -12):
        world.refund(days=days)
    text = calendars.written(calendars.renew(world.alice, world.now), world.now).decode().replace("\r\n ", "")
    assert re.findall(r"SUMMARY:(.*)\r", text) == [
        "Last moment to claim 1 refund\\, 89.99 USD",
        "Last moment to claim 2 refunds\\, 179.98 USD",
    ]


def test_a_calendar_taken_back_or_made_anew_works_no_more(world: World, as_: Read) -> None:
    client = as_(world.alice)
    client.post("/settings/email/calendar/", {"act": "renew"})
    first = path_of(world.alice)
    client.post("/settings/email/calendar/", {"act": "renew"})
    second = path_of(world.alice)
    stranger = CheckingClient()
    assert (stranger.get(first).status_code, stranger.get(second).status_code) == (404, 200)
    client.post("/settings/email/calendar/", {"act": "revoke"})
    assert stranger.get(second).status_code == 404


def test_the_calendar_of_who_left_is_empty(world: World) -> None:
    world.now = timezone.now()
    world.ask(world.claim())
    feed = calendars.renew(world.alice, world.now)
    Membership.objects.filter(user=world.alice).update(is_active=False)
    assert b"VEVENT" not in calendars.written(feed, world.now)
    Membership.objects.filter(user=world.alice).update(is_active=True)
    User.objects.filter(pk=world.alice.pk).update(is_active=False)
    feed.user.refresh_from_db()
    assert b"VEVENT" not in calendars.written(feed, world.now)


def test_the_calendar_costs_the_same_at_one_and_at_thirty_deadlines(
    world: World, django_assert_num_queries: Any
) -> None:
    world.now = timezone.now()
    world.ask(world.claim())
    feed = calendars.renew(world.alice, world.now)
    with django_assert_num_queries(4):
        calendars.written(feed, world.now)
    for _ in range(6):
        world.ask(world.claim())
        world.refund()
    with django_assert_num_queries(4):
        calendars.written(feed, world.now + timedelta(minutes=1))
