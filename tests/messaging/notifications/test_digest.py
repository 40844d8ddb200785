"""The daily digest: at eight in the reader's zone, once a day, only when there is something, with what was folded."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership
from messaging.models import EmailPreference, ExtraAddress, OutgoingEmail
from messaging.notifications import delivery, digest, enqueue, preferences
from messaging.notifications.kinds import Choice, Kind
from tests.cast import World

MORNING = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)  # 8:05 in New York, 13:05 in London, 14:05 in Berlin


@pytest.fixture
def mailbox(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    from django.core import mail

    mail.outbox = []
    return mail.outbox


def send(at: datetime) -> None:
    while delivery.deliver(at).total:
        pass


def owed() -> dict[str, str]:
    rows = OutgoingEmail.objects.filter(kind="digest").values_list("user__email", "extra_address", "occasion")
    return {str(user or extra).partition("@")[0]: occasion.rsplit(":")[-1] for user, extra, occasion in rows}


def busy(world: World) -> None:
    """One claim to answer, one to appeal, two refunds that close soon, one that doesn't."""
    world.ask(world.claim())
    world.decide(world.claim(), 0)
    world.refund(days=-27)
    world.refund(days=-27, amount_minor=1001)
    world.refund(days=-5)


def test_it_says_what_waits_and_what_closes(world: World, mailbox: Any) -> None:
    busy(world)
    send(world.at(0))
    mailbox.clear()
    digest.owe_due(MORNING)
    send(MORNING)
    (mail,) = [mail for mail in mailbox if mail.to == ["alice@seller-a.example"]]
    assert mail.subject == "SAFE-T today: 1 to answer, 100.00 USD closing soon"
    lines = mail.body.splitlines()
    assert lines[0] == (
        "1 claim waits for your reply, the first by Fri, Nov 27, 2026, 2:59 AM EST. "
        "2 refunds worth 100.00 USD close within 7 days."
    )
    assert [line for line in lines if line in ("To answer", "To appeal", "To claim", "What happened")] == [
        "To answer",
        "To appeal",
        "To claim",
    ]
    assert "Open the list: http://testserver/claims/?tab=awaiting-seller-response" in mail.body
    assert mail.extra_headers["List-Unsubscribe"].startswith("<http://testserver/email/stop/")
    assert "E-mail settings: http://testserver/settings/email/" in mail.body


def test_each_reader_gets_it_at_eight_in_their_own_zone(world: World) -> None:
    busy(world)
    world.ask(world.claim(world.refund(seller=world.lamps), by=world.mallory))
    digest.owe_due(datetime(2026, 11, 24, 0, 0, tzinfo=UTC))  # the first run looks a day back
    OutgoingEmail.objects.filter(kind="digest").delete()
    seen = []
    for hour in (6, 7, 8, 9, 12, 13, 14, 20):
        before = set(owed())
        digest.owe_due(datetime(2026, 11, 24, hour, 5, tzinfo=UTC))
        seen.append((hour, sorted(set(owed()) - before)))
    assert [each for each in seen if each[1]] == [(7, ["mallory"]), (8, ["gus"]), (13, ["alice"])]
    assert set(owed().values()) == {"2026-11-24"}


def test_nothing_to_tell_is_not_told(world: World) -> None:
    world.claim()
    assert digest.owe_due(MORNING) == 0


def test_what_was_done_before_the_sending_leaves_nothing_to_send(world: World, mailbox: Any) -> None:
    claim = world.claim()
    world.ask(claim)
    send(world.at(0))
    mailbox.clear()
    digest.owe_due(MORNING)
    world.reply(claim)
    send(MORNING)
    assert [mail.subject for mail in mailbox if "today" in mail.subject] == []
    assert set(OutgoingEmail.objects.filter(kind="digest").values_list("cause", flat=True)) == {"NO_NEWS"}


def test_twice_a_day_or_four_at_once_is_once(world: World) -> None:
    busy(world)
    first = digest.owe_due(MORNING)
    assert first == len(owed()) == 2
    assert digest.owe_due(MORNING) == 0
    assert digest.owe_due(MORNING + timedelta(hours=3)) == 0
    assert digest.owe_due(MORNING + timedelta(days=1)) == 2


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_owe_one_digest_a_person(transactional_db: None) -> None:
    world = World()
    busy(world)
    done: list[int] = []

    def work() -> None:
        try:
            done.append(digest.owe_due(MORNING))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(done) == [0, 0, 0, 2]


def test_what_was_folded_is_in_it_whatever_else_is_off(world: World, mailbox: Any) -> None:
    for kind in ("filed", "message"):
        EmailPreference.objects.create(user=world.vera, seller=world.toys, kind=kind, choice=Choice.DIGEST)
    claim = world.claim()
    world.desk_message(claim)
    digest.owe_due(MORNING)
    assert owed() == {"vera": "2026-11-24"}  # a viewer, for whom the digest is off
    folded = OutgoingEmail.objects.filter(user=world.vera, state="DIGEST")
    assert {row.digest.kind for row in folded if row.digest} == {"digest"}
    send(MORNING)
    (mail,) = [mail for mail in mailbox if "today" in mail.subject]
    assert mail.subject == "SAFE-T today: 2 things happened"
    assert f"- A message of the SAFE-T team\n  Claim {claim.claim_id} · Nov 22, 2026, 7:00 AM EST\n" in mail.body
    assert f"/claims/{claim.claim_id}/messages/?at=" in mail.body
    digest.owe_due(MORNING + timedelta(days=1))
    assert OutgoingEmail.objects.filter(kind="digest").count() == 1  # told once


def test_what_overflowed_to_an_extra_address_is_in_one_of_its_own(
    world: World, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ExtraAddress.objects.create(
        seller=world.toys, email="books@example.com", added_by=world.alice, expires_at=world.now, confirmed_at=world.now
    )
    monkeypatch.setattr(enqueue, "MOST_AN_HOUR", 1)
    claim = world.claim()
    world.desk_message(claim, days=-4)
    world.desk_message(claim, days=-3.99)
    digest.owe_due(MORNING + timedelta(hours=12))
    assert owed()["books"] == "2026-11-24"
    send(MORNING + timedelta(hours=12))
    (mail,) = [mail for mail in mailbox if "today" in mail.subject and mail.to == ["books@example.com"]]
    assert mail.subject == "SAFE-T today: 1 thing happened"
    assert "Stop these copies: http://testserver/email/stop-copies/" in mail.body


def test_a_person_of_two_seller_accounts_gets_one_with_both_named(world: World, mailbox: Any) -> None:
    world.ask(world.claim())
    world.ask(world.claim(world.refund(seller=world.lamps), by=world.mallory))
    digest.owe_due(MORNING)
    send(MORNING)
    (mail,) = [mail for mail in mailbox if "today" in mail.subject and mail.to == ["gus@agency.example"]]
    assert mail.subject == "SAFE-T today: 2 to answer"
    assert "\nBlue Door Toys: To answer\n" in mail.body
    assert "\nLichtkontor: To answer\n" in mail.body


def test_a_rival_and_who_left_read_nothing_of_it(world: World, mailbox: Any) -> None:
    busy(world)
    EmailPreference.objects.create(user=world.gus, seller=world.toys, kind="filed", choice=Choice.DIGEST)
    claim = world.claim()
    digest.owe_due(MORNING)
    Membership.objects.filter(user=world.gus, seller=world.toys).update(is_active=False)
    send(MORNING)
    digests = {mail.to[0]: mail.body for mail in mailbox if "today" in mail.subject}
    assert set(digests) == {"alice@seller-a.example", "gus@agency.example"}
    assert claim.claim_id not in digests["gus@agency.example"]
    assert "Blue Door Toys" not in digests["gus@agency.example"]


def test_who_switched_it_off_gets_none(world: World) -> None:
    busy(world)
    preferences.choose(world.member(world.alice), {Kind.DIGEST: Choice.OFF})
    digest.owe_due(MORNING)
    assert set(owed()) == {"gus"}


def test_it_costs_the_same_at_one_and_at_thirty_rows(world: World, django_assert_max_num_queries: Any) -> None:
    from messaging.notifications.render_email import render

    busy(world)
    digest.owe_due(MORNING)
    email = OutgoingEmail.objects.select_related("user", "seller").get(kind="digest", user=world.alice)
    with django_assert_max_num_queries(12):
        render(email, world.member(world.alice), MORNING)
    for _ in range(10):
        world.ask(world.claim())
        world.refund(days=-27)
        world.decide(world.claim(), 0)
    with django_assert_max_num_queries(15):  # three more: how many there are beyond those listed
        said = render(email, world.member(world.alice), MORNING)
    assert said.text.count("See 1 more") == 2
    assert said.text.count("See 2 more") == 1
