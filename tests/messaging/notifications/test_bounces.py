"""Mail that comes back after it was accepted: read, told by a provider, shown, and not sent to again."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import returned_mail
from accounts.models import ReturnedAddress, User
from accounts.sign_in.adapter import AccountAdapter
from messaging import tasks
from messaging.models import ExtraAddress, OutgoingEmail
from messaging.notifications import addresses, bounces, delivery, enqueue, links
from messaging.notifications.unsent_causes import UnsentCause
from tests.cast import World
from tests.servers import Mailbox

State = OutgoingEmail.State
AUTH = "allauth.account.auth_backends.AuthenticationBackend"
REPORT = """\
From: MAILER-DAEMON@mx.example
To: bounces@portal.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: {kind}

Message-ID: {message_id}
Subject: News of a claim

--b--
"""


def send() -> None:
    while delivery.deliver(timezone.now()).total:
        pass


def sent_to(user: User) -> OutgoingEmail:
    send()
    return OutgoingEmail.objects.filter(user=user, state=State.SENT).order_by("-pk")[0]


def report(email: OutgoingEmail, **instead: str) -> bytes:
    told = {
        "recipient": email.address,
        "action": "failed",
        "status": "5.1.1",
        "said": "550 5.1.1 No such user",
        "kind": "text/rfc822-headers",
        "message_id": delivery.message_id(email),
        **instead,
    }
    return REPORT.format(**told).replace("\n", "\r\n").encode()


@pytest.fixture
def email(world: World) -> OutgoingEmail:
    """An e-mail to Alice that a mail server took."""
    world.desk_message(world.claim())
    return sent_to(world.alice)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_mail_that_came_back_marks_the_address_and_stops_sending(
    world: World, email: OutgoingEmail, settings: Any, kind: str
) -> None:
    with Mailbox() as box:
        settings.BOUNCE_MAILBOX = box.url
        box.mails = {3: report(email, kind=kind), 4: b"Subject: Out of office\r\n\r\nI am away.\r\n"}
        assert tasks.read_bounces() == 1
        assert box.mails == {}
    email.refresh_from_db()
    assert (email.state, email.cause) == (State.SENT, "550 5.1.1 No such user")
    assert email.returned_at is not None
    assert ReturnedAddress.objects.get().email == world.alice.email

    mail.outbox.clear()
    world.desk_message(world.claim())
    send()
    assert world.alice.email not in [each.to[0] for each in mail.outbox]
    assert world.gus.email in [each.to[0] for each in mail.outbox]
    stopped = OutgoingEmail.objects.filter(user=world.alice, state=State.SUPPRESSED)
    assert {one.cause for one in stopped} == {UnsentCause.CAME_BACK}


@pytest.mark.parametrize(
    "instead",
    [{"action": "delayed"}, {"status": "5.2.2"}, {"status": "4.4.7"}, {"status": "5.7.1"}],
)
def test_what_says_nothing_against_the_address_stops_nothing(
    email: OutgoingEmail, instead: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "one.eml").write_bytes(report(email, **instead))
    call_command("read_bounces", str(tmp_path / "one.eml"), stdout=(out := StringIO()))
    assert out.getvalue() == f"1 read, {int('action' not in instead)} of ours came back.\n"
    assert not ReturnedAddress.objects.exists()


@pytest.mark.parametrize(
    "instead",
    [
        {"message_id": "<0b9e1a1c-1111-4222-8333-444455556666@localhost>"},
        {"message_id": "<someone@elsewhere.example>"},
    ],
)
def test_bounce_that_somebody_made_up_changes_nothing(email: OutgoingEmail, instead: dict[str, str]) -> None:
    for one in bounces.of_message(report(email, **instead)):
        assert not bounces.take(one, timezone.now())
    assert not ReturnedAddress.objects.exists()


def test_recipient_of_a_report_is_no_ones_but_ours(world: World, email: OutgoingEmail) -> None:
    """Who has an e-mail of ours can have only their own address stopped."""
    (one,) = bounces.of_message(report(email, recipient=world.gus.email))
    assert bounces.take(one, timezone.now())
    assert list(ReturnedAddress.objects.values_list("email", flat=True)) == [world.alice.email]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\0", b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n"])
def test_rubbish_in_the_mailbox_is_read_and_done_with(db: None, settings: Any, raw: bytes) -> None:
    with Mailbox() as box:
        settings.BOUNCE_MAILBOX, box.mails = box.url, {1: raw}
        call_command("read_bounces", "--json", stdout=(out := StringIO()))
        assert (json.loads(out.getvalue()), box.mails) == ({"read": 1, "returned": 0}, {})


def test_mailbox_that_cant_be_read_is_said(db: None, settings: Any) -> None:
    with Mailbox() as box:
        settings.BOUNCE_MAILBOX = box.url.replace(Mailbox.PASSWORD, "wrong")
        with pytest.raises(CommandError, match="The bounce mailbox can't be read") as refused:
            call_command("read_bounces")
    assert refused.value.returncode == 2
    settings.BOUNCE_MAILBOX = ""
    with pytest.raises(CommandError, match="set BOUNCE_MAILBOX"):
        call_command("read_bounces")


# -- a provider -------------------------------------------------------------------------------------------------------


def events(message_id: str) -> dict[str, Any]:
    """What each provider tells of Alice's address."""
    who = "alice@seller-a.example"
    ses = {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": who, "status": "5.1.1"}]},
        "mail": {"headers": [{"name": "Message-ID", "value": message_id}]},
    }
    return {
        "ses": {"Type": "Notification", "Message": json.dumps(ses)},
        "mailgun": {"event-data": {
            "event": "failed", "severity": "permanent", "recipient": who,
            "delivery-status": {"message": "No such user"},
            "message": {"headers": {"message-id": message_id.strip("<>")}},
        }},
        "postmark": {"RecordType": "Bounce", "Type": "HardBounce", "Email": who, "Details": "No such user"},
        "sendgrid": [{"event": "bounce", "email": who, "smtp-id": message_id, "reason": "No such user"}],
        "plain": {"message_id": message_id, "recipient": who, "reason": "No such user"},
        "plain, address alone": {"recipient": "Alice@Seller-A.example"},
    }  # fmt: skip


def tell(body: Any, **headers: str) -> Any:
    return Client().post("/email/returned/", json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize("provider", sorted(events("")))
def test_provider_tells_of_a_bounce(world: World, email: OutgoingEmail, settings: Any, provider: str) -> None:
    settings.BOUNCE_TOKEN = "t0ken"
    answer = tell(events(delivery.message_id(email))[provider], Authorization="Bearer t0ken")
    assert (answer.status_code, answer.json()) == (200, {"told": 1, "noted": 1})
    assert returned_mail.is_returned(world.alice.email)


def test_strangers_tell_of_nothing(world: World, settings: Any) -> None:
    body = events("")["postmark"]
    assert tell(body).status_code == 404
    settings.BOUNCE_TOKEN = "t0ken"
    basic = {"Authorization": "Basic cHJvdmlkZXI6dDBrZW4="}
    assert [tell(body).status_code, tell(body, Authorization="Bearer wrong").status_code] == [404, 404]
    assert not ReturnedAddress.objects.exists()
    assert tell({**body, "Email": "stranger@example.com"}, **basic).json() == {"told": 1, "noted": 0}
    assert tell(body, **basic).json() == {"told": 1, "noted": 1}


@pytest.mark.parametrize("body", ["x", [1], {"a": 1}, {"Type": "Notification", "Message": "{"}, {"event-data": {}}, []])
def test_what_no_provider_says_is_answered_with_a_sentence(db: None, settings: Any, body: Any) -> None:
    settings.BOUNCE_TOKEN = "t0ken"
    answer = tell(body, Authorization="Bearer t0ken")
    assert answer.status_code in (200, 400)
    assert (answer.status_code == 400) == answer.content.startswith(b"This is no ")


# -- what people see and do -------------------------------------------------------------------------------------------


@pytest.fixture
def returned(world: World, email: OutgoingEmail) -> OutgoingEmail:
    (one,) = bounces.of_message(report(email))
    assert bounces.take(one, timezone.now())
    email.refresh_from_db()
    return email


def page(user: User, path: str) -> str:
    client = Client()
    client.force_login(user, AUTH)
    return client.get(path).content.decode()


def test_members_and_desk_see_that_it_came_back(world: World, returned: OutgoingEmail) -> None:
    assert "E-mail to this address came back" in page(world.gus, "/people/")
    assert "E-mail to you came back" in page(world.alice, "/settings/email/")
    assert "No such user" in page(world.alice, "/settings/email/")
    assert "E-mail to you came back" not in page(world.vera, "/settings/email/")
    assert returned.claim is not None
    assert "The e-mail to you came back" in page(world.alice, f"/claims/{returned.claim.claim_id}/messages/")
    assert "1 came back later" in page(world.hana, reverse("desk:claim", args=[returned.claim.claim_id]))
    assert "550 5.1.1 No such user" in page(world.ada, "/admin/accounts/returnedaddress/")


def test_reader_has_it_sent_again(world: World, returned: OutgoingEmail) -> None:
    client = Client()
    client.force_login(world.alice, AUTH)
    assert client.post("/settings/email/again/", {"seller": world.toys.slug}).status_code == 302
    assert not returned_mail.is_returned(world.alice.email)
    row = ReturnedAddress.objects.get()
    assert (row.lifted_by, row.times) == (world.alice, 1)
    returned_mail.note(world.alice.email, "again", timezone.now())
    assert ReturnedAddress.objects.get().times == 2


def test_operator_has_it_sent_again(world: World, returned: OutgoingEmail, client: Client) -> None:
    client.force_login(world.ada, AUTH)
    chosen = {"action": "send_again", "_selected_action": [ReturnedAddress.objects.get().pk]}
    assert client.post("/admin/accounts/returnedaddress/", chosen).status_code == 302
    assert not returned_mail.is_returned(world.alice.email)


def test_link_somebody_asks_for_now_is_sent_all_the_same(world: World, returned: OutgoingEmail) -> None:
    """Setting a password by it shows that the address works."""
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": world.alice.email})
    send()
    assert [each.to for each in mail.outbox] == [[world.alice.email]]


def test_copies_to_an_address_that_came_back_end_until_it_confirms_again(world: World, email: OutgoingEmail) -> None:
    owner, now = world.member(world.alice), timezone.now()
    asked = addresses.ask(owner, "books@accounting.example", now)
    addresses.confirm(links.confirm(asked).rstrip("/").rpartition("/")[2], now)
    returned_mail.note(asked.email, "No such user", now)
    assert "E-mail came back" in page(world.alice, "/settings/email/")
    addresses.remove(owner, asked.pk, now)
    again = addresses.ask(owner, asked.email, now)
    mail.outbox.clear()
    send()
    assert asked.email in [each.to[0] for each in mail.outbox]  # the question goes out
    addresses.confirm(links.confirm(again).rstrip("/").rpartition("/")[2], now)
    assert ExtraAddress.objects.get(pk=again.pk).confirmed_at
    assert not returned_mail.is_returned(asked.email)


# -- every e-mail by the outbox, every one hurried --------------------------------------------------------------------


def test_email_of_the_sign_in_library_is_owed_and_goes_out_like_any_other(world: World, rf: Any) -> None:
    context = {"user": world.alice, "code": "ABC-123", "request": rf.get("/")}
    AccountAdapter(rf.get("/")).send_mail("account/email/login_code", world.alice.email, context)
    assert mail.outbox == []
    row = OutgoingEmail.objects.get(kind="sign-in-library")
    assert (row.extra_address, row.state) == (world.alice.email, State.QUEUED)
    send()
    (one,) = [each for each in mail.outbox if "ABC-123" in each.body]
    assert (one.to, one.extra_headers["Auto-Submitted"]) == ([world.alice.email], "auto-generated")


def test_every_kind_of_email_is_hurried(world: World, django_capture_on_commit_callbacks: Any) -> None:
    """Whoever owes one, whatever it is."""
    now = timezone.now()
    ways = [
        lambda: addresses.ask(world.member(world.alice), "books@accounting.example", now),
        lambda: enqueue.owe_for_changed_email(world.alice, "old@example.com", now),
        lambda: enqueue.owe_factor_changed(world.alice, "ON", now),
    ]
    for way in ways:
        with django_capture_on_commit_callbacks() as callbacks:
            way()
        assert tasks.hurry in callbacks


def test_bounces_go_to_an_address_of_their_own(world: World, settings: Any) -> None:
    settings.BOUNCE_ADDRESS = "bounces@portal.example"
    world.claim()
    send()
    one = mail.outbox[0]
    assert (one.from_email, one.message()["From"]) == ("bounces@portal.example", settings.DEFAULT_FROM_EMAIL)
