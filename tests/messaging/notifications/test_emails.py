"""E-mail: owed in the transaction of the change, delivered once, with a link that opens the entry."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from accounts.models import Membership
from messaging.models import OutgoingEmail
from messaging.notifications import delivery, enqueue
from tests.cast import World
from tests.html import CheckingClient
from tests.servers import MailSink

State = OutgoingEmail.State


@pytest.fixture
def smtp(mail_sink: MailSink) -> Any:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=mail_sink.port
    ):
        yield mail_sink


def owed() -> list[tuple[str, str]]:
    rows = OutgoingEmail.objects.order_by("pk").values_list("kind", "user__email")
    return [(kind, str(email).partition("@")[0]) for kind, email in rows]


def test_each_change_owes_each_member_one_email(world: World) -> None:
    claim = world.claim()
    assert sorted(owed()) == [("filed", "alice"), ("filed", "gus"), ("filed", "vera")]
    world.ask(claim)
    world.reply(claim)
    world.decide(claim, 0)
    world.appeal(claim)
    world.decide(claim, 4000, days=0)
    kinds = [kind for kind, who in owed() if who == "vera"]
    assert kinds == ["filed", "information-requested", "reply-received", "denied", "appeal-filed", "appeal-raised"]


def test_what_is_undone_owes_nothing(world: World) -> None:
    with transaction.atomic():
        world.claim()
        transaction.set_rollback(True)
    assert owed() == []


def test_an_imported_claim_owes_nothing(world: World) -> None:
    world.import_claim()
    assert owed() == []


def test_a_message_of_the_desk_owes_and_one_of_the_seller_does_not(world: World) -> None:
    claim = world.claim()
    world.desk_message(claim)
    world.message(claim)
    assert [kind for kind, who in owed() if who == "alice"] == ["filed", "message"]


@pytest.mark.parametrize("members", [0, 20])
def test_owing_costs_one_query_whatever_the_number_of_members(
    world: World, django_assert_max_num_queries: Any, members: int
) -> None:
    for number in range(members):
        user = type(world.alice).objects.create_user(f"m{number}@seller-a.example")
        Membership.objects.create(user=user, seller=world.toys, role="viewer")
    claim = world.claim()
    change = claim.status_changes.get()
    OutgoingEmail.objects.all().delete()
    with django_assert_max_num_queries(1):
        assert enqueue.owe_for_change(change, claim) == 3 + members


def test_an_email_says_what_happened_and_opens_the_entry(world: World, smtp: MailSink, client: CheckingClient) -> None:
    claim = world.claim()
    OutgoingEmail.objects.all().delete()
    sent = world.ask(claim)
    assert sent.change is not None
    assert delivery.deliver(world.now).sent == 3
    (mail,) = [mail for mail in smtp.messages if mail["To"] == "alice@seller-a.example"]
    assert mail["Subject"].startswith("Reply by ")
    assert mail["Auto-Submitted"] == "auto-generated"
    row = OutgoingEmail.objects.get(user=world.alice)
    assert mail["Message-ID"] == f"<{row.uuid}@localhost>"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "The SAFE-T team needs 1 thing from you: photo of the serial number." in text
    link = re.search(r"http\S+", text.split("Reply: ")[1])
    assert link is not None
    path = f"/claims/{claim.claim_id}/messages/?at={sent.change.position}"
    assert link[0].endswith(f"{path}#e{sent.change.position}")
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'{path}#e{sent.change.position}"' in html.replace("&amp;", "&")
    to_login = client.get(path)
    signed_in = client.post(to_login["Location"], {"login": "alice@seller-a.example", "password": "demo"})
    assert signed_in["Location"] == path
    assert f'id="e{sent.change.position}"' in client.get(path).content.decode()


def test_a_person_of_two_sellers_reads_which_one(world: World, smtp: MailSink) -> None:
    world.claim()
    delivery.deliver(world.now)
    subjects = {mail["To"]: mail["Subject"] for mail in smtp.messages}
    assert subjects["gus@agency.example"].startswith("[Blue Door Toys] Filed: SAFE-T claim ")
    assert subjects["alice@seller-a.example"].startswith("Filed: SAFE-T claim ")


def test_a_line_break_in_a_name_is_no_header(world: World, smtp: MailSink) -> None:
    world.toys.name = "Blue\r\nBcc: x@evil.example"
    world.toys.save()
    world.claim()
    delivery.deliver(world.now)
    assert [mail["Bcc"] for mail in smtp.messages] == [None, None, None]
    assert {tuple(each) for each in smtp.recipients} == {
        ("alice@seller-a.example",),
        ("gus@agency.example",),
        ("vera@seller-a.example",),
    }


def test_a_refused_recipient_bounces_and_the_rest_goes_out(world: World, smtp: MailSink) -> None:
    world.vera.email = "refuse-vera@seller-a.example"
    world.vera.save()
    world.claim()
    result = delivery.deliver(world.now)
    assert (result.sent, result.bounced) == (2, 1)
    assert OutgoingEmail.objects.get(user=world.vera).state == State.BOUNCED


def test_without_a_server_an_email_waits_longer_each_time(world: World) -> None:
    world.claim()
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    ):
        assert delivery.deliver(world.now).retried == 3
        first = OutgoingEmail.objects.get(user=world.alice)
        assert first.state == State.QUEUED
        assert timedelta(seconds=40) < first.next_attempt_at - world.now < timedelta(seconds=80)
        assert delivery.deliver(world.now).total == 0
        later = first.next_attempt_at + timedelta(minutes=1)
        assert delivery.deliver(later).retried == 3
        assert OutgoingEmail.objects.get(user=world.alice).next_attempt_at - later > timedelta(seconds=80)


def test_who_left_gets_nothing_more(world: World, smtp: MailSink) -> None:
    world.claim()
    Membership.objects.filter(user=world.vera).update(is_active=False)
    assert delivery.deliver(world.now).suppressed == 1
    assert sorted(mail["To"] for mail in smtp.messages) == ["alice@seller-a.example", "gus@agency.example"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_email_once(transactional_db: None, smtp: MailSink) -> None:
    world = World()
    with override_settings(EMAIL_PORT=1):  # nobody there: what is owed waits
        for _ in range(10):
            world.claim()
    OutgoingEmail.objects.update(next_attempt_at=world.now, scheduled_at=world.now)

    def work() -> None:
        try:
            while delivery.deliver(world.at(1), limit=4).total:
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    ids = [mail["Message-ID"] for mail in smtp.messages]
    assert (len(ids), len(set(ids))) == (30, 30)
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {"SENT"}
