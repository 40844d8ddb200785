"""Delivery row by row: leases, verdicts, retries, what an operator does, and what it all costs."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from messaging.models import DeliveryTally, OutgoingEmail
from messaging.notifications import delivery, outbox, smtp_results
from messaging.notifications.smtp_results import AfterFailure
from tests.cast import World
from tests.servers import MailSink

State = OutgoingEmail.State
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def smtp(mail_sink: MailSink) -> Iterator[MailSink]:
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=mail_sink.port):
        yield mail_sink


@pytest.fixture
def nobody() -> Iterator[None]:
    """Nobody listens where the mail server should be."""
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        yield


def ids(smtp: MailSink) -> list[str]:
    return sorted(mail["Message-ID"] for mail in smtp.messages)


# -- leases


def test_a_batch_goes_out_over_one_connection(world: World, smtp: MailSink) -> None:
    for _ in range(3):
        world.claim()
    assert delivery.deliver(world.now).sent == 9
    assert smtp.connections == 1


def test_a_lease_that_ran_out_is_sent_again_under_the_same_id(world: World, smtp: MailSink) -> None:
    world.claim()
    _, leased = outbox.lease(world.now, 10)  # a worker took them and died
    assert delivery.deliver(world.now).total == 0
    later = world.now + outbox.LEASE
    assert [delivery.deliver(later).sent for _ in range(4)] == [1, 1, 1, 0]  # each by itself
    assert ids(smtp) == sorted(delivery.message_id(one) for one in leased)
    assert set(OutgoingEmail.objects.values_list("attempts", flat=True)) == {2}


def test_an_email_that_ends_its_worker_each_time_is_given_up_alone(world: World, smtp: MailSink) -> None:
    world.claim()
    poison = OutgoingEmail.objects.order_by("created_at", "pk")[0]
    now = world.now
    for _ in range(delivery.MOST_ATTEMPTS):  # each run is killed by it
        _, leased = outbox.lease(now, 1)
        assert leased == [poison]
        now += outbox.LEASE
    result = delivery.deliver(now)
    assert (result.failed, result.total) == (1, 1)
    assert delivery.deliver(now).sent == 2
    poison.refresh_from_db()
    assert (poison.state, poison.cause) == (State.FAILED, "CUT_SHORT")


def test_what_another_run_has_by_now_is_left_alone(world: World, smtp: MailSink) -> None:
    world.claim()
    number, _ = outbox.lease(world.now, 10)
    later = world.now + outbox.LEASE
    other, (taken,) = outbox.lease(later, 10)
    assert outbox.renew(number, later) == set(OutgoingEmail.objects.exclude(pk=taken.pk).values_list("pk", flat=True))
    outbox.put_off(OutgoingEmail(pk=taken.pk, lease=number), "late", "", later, later)
    taken.refresh_from_db()
    assert (taken.state, taken.lease, taken.cause) == (State.SENDING, other, "")


def test_that_an_email_was_sent_is_written_whoever_has_it_by_now(world: World) -> None:
    world.claim()
    _, (slow, *_) = outbox.lease(world.now, 10)
    other, _ = outbox.lease(world.now + outbox.LEASE, 10)
    outbox.mark_sent(slow, "alice@seller-a.example", world.now)
    slow.refresh_from_db()
    assert (slow.state, slow.lease) == (State.SENT, None)
    assert slow.pk not in outbox.renew(other, world.now)


def test_sent_stays_sent(world: World, smtp: MailSink) -> None:
    world.claim()
    delivery.deliver(world.now)
    sent = OutgoingEmail.objects.all()
    assert outbox.send_again([one.pk for one in sent], world.now) == 0
    with pytest.raises(ProgrammingError), transaction.atomic():
        sent.update(state=State.QUEUED)


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING])
def test_a_clock_set_back_strands_nothing(world: World, smtp: MailSink, state: State) -> None:
    """Three hours ahead, then right again: what is queued is due at once, what is leased after one lease more."""
    world.claim()
    ahead = world.now + timedelta(hours=3)
    OutgoingEmail.objects.update(next_attempt_at=ahead, scheduled_at=ahead)
    if state is State.SENDING:
        outbox.lease(ahead, 10)
    assert delivery.deliver(world.now).sent == (3 if state is State.QUEUED else 0)
    later = world.now + outbox.LEASE
    assert sum(delivery.deliver(later).sent for _ in range(3)) == (0 if state is State.QUEUED else 3)


# -- what an attempt comes to


@pytest.mark.parametrize(
    ("error", "then", "gone"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such mailbox")}), AfterFailure.BOUNCED, False),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), AfterFailure.RETRY, False),
        (smtplib.SMTPRecipientsRefused({"a": (421, b"closing")}), AfterFailure.RETRY, True),
        (smtplib.SMTPSenderRefused(550, b"not you", "s"), AfterFailure.RETRY, False),
        (smtplib.SMTPSenderRefused(421, b"closing", "s"), AfterFailure.RETRY, True),
        (smtplib.SMTPDataError(554, b"spam"), AfterFailure.FAILED, False),
        (smtplib.SMTPDataError(451, b"later"), AfterFailure.RETRY, False),
        (smtplib.SMTPDataError(421, b"closing"), AfterFailure.RETRY, True),
        (smtplib.SMTPServerDisconnected("gone"), AfterFailure.RETRY, True),
        (smtplib.SMTPAuthenticationError(535, b"who"), AfterFailure.RETRY, True),
        (ConnectionRefusedError("nobody"), AfterFailure.RETRY, True),
        (TimeoutError("timed out"), AfterFailure.RETRY, True),
        (ValueError("no words"), AfterFailure.RETRY, False),
    ],
    ids=repr,
)
def test_what_an_error_means(error: Exception, then: AfterFailure, gone: bool) -> None:
    verdict = smtp_results.of(error)
    assert (verdict.then, verdict.gone) == (then, gone)
    assert verdict.cause


def test_two_days_of_attempts_then_an_operator_has_it(world: World, nobody: None) -> None:
    world.claim()
    first, now = world.now, world.now
    for attempt in range(1, delivery.MOST_ATTEMPTS + 1):
        assert delivery.deliver(now).total == 3, attempt
        waits = OutgoingEmail.objects.filter(state=State.QUEUED).order_by("-next_attempt_at").first()
        now = waits.next_attempt_at if waits else now
    assert set(OutgoingEmail.objects.values_list("state", "attempts")) == {(State.FAILED, delivery.MOST_ATTEMPTS)}
    assert timedelta(hours=40) < now - first < timedelta(hours=58)
    assert outbox.stuck().count() == 3
    assert "refused" in OutgoingEmail.objects.all()[0].cause


def test_an_email_that_cannot_be_written_holds_nobody_up_and_is_seen(world: World, smtp: MailSink) -> None:
    world.claim()
    broken = OutgoingEmail.objects.get(user=world.alice)
    OutgoingEmail.objects.filter(pk=broken.pk).update(position=99)  # about an entry that isn't there
    result = delivery.deliver(world.now)
    assert (result.sent, result.retried) == (2, 1)
    broken.refresh_from_db()
    assert broken.state == State.QUEUED
    assert broken.cause.startswith("NOT_WRITTEN: DoesNotExist: ")
    OutgoingEmail.objects.filter(pk=broken.pk).update(position=1)  # mended, it goes out by itself
    assert delivery.deliver(world.at(1)).sent == 1


def test_a_server_that_is_down_ends_the_run(world: World, nobody: None) -> None:
    for _ in range(3):
        world.claim()
    result = delivery.deliver(world.now, limit=5)
    assert (result.retried, result.unreachable) == (5, True)


def test_outcomes_are_tallied(world: World, smtp: MailSink) -> None:
    world.vera.email = "refuse-vera@seller-a.example"
    world.vera.save()
    for days in (1, 2):
        world.claim()
        delivery.deliver(world.at(days))
    assert dict(DeliveryTally.objects.values_list("outcome", "count")) == {"sent": 4, "bounced": 2}


# -- what an operator does


def stuck_ones(world: World) -> list[int]:
    world.claim()
    OutgoingEmail.objects.update(state=State.BOUNCED, cause="550 no such mailbox", attempts=1)
    return list(outbox.stuck().values_list("pk", flat=True))


def test_send_again_begins_anew(world: World, smtp: MailSink) -> None:
    assert outbox.send_again(stuck_ones(world), world.now) == 3
    assert delivery.deliver(world.now).sent == 3
    assert set(OutgoingEmail.objects.values_list("state", "cause", "attempts")) == {(State.SENT, "", 1)}


def test_what_is_set_aside_leaves_the_list_and_can_still_be_sent(world: World, smtp: MailSink) -> None:
    stuck = stuck_ones(world)
    assert outbox.set_aside(stuck, world.now) == 3
    assert outbox.stuck().count() == 0
    assert outbox.send_again(stuck, world.now) == 3
    assert delivery.deliver(world.now).sent == 3


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    code = 0
    try:
        call_command("send_pending_emails", "--json", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, json.loads(out.getvalue())


NONE = {"sent": 0, "retried": 0, "bounced": 0, "failed": 0, "suppressed": 0, "unreachable": False}


def test_the_command_drains_and_says_what_became_of_it(world: World, smtp: MailSink) -> None:
    for _ in range(20):  # more than a batch
        world.claim()
    assert run("--dry-run") == (0, {"due": 60, "waiting": 0})
    assert smtp.messages == []
    assert run() == (0, NONE | {"sent": 60})
    assert run() == (0, NONE)


def test_the_command_says_when_one_bounced(world: World, smtp: MailSink) -> None:
    world.vera.email = "refuse-vera@seller-a.example"
    world.vera.save()
    world.claim()
    assert run() == (1, NONE | {"sent": 2, "bounced": 1})


def test_after_an_outage_the_command_tries_at_once(world: World, mail_sink: MailSink) -> None:
    world.claim()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        assert run() == (2, NONE | {"retried": 3, "unreachable": True})
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=mail_sink.port):
        assert run() == (0, NONE)
        assert run("--retry-now") == (0, NONE | {"sent": 3})


# -- what it costs


def test_a_change_pays_one_query_for_all_its_emails(world: World) -> None:
    """A request for information with two members and with thirty: the same statements, one of them the outbox's."""
    counts = []
    world.ask(world.claim())  # from here on it is known which groups the handler is in
    for members in (1, 30):
        while Membership.objects.filter(seller=world.toys).count() < members:
            number = Membership.objects.count()
            user = User.objects.create_user(f"m{number}@seller-a.example")
            Membership.objects.create(user=user, seller=world.toys, role="viewer")
        if members == 1:
            Membership.objects.filter(seller=world.toys).exclude(user=world.alice).update(is_active=False)
        else:
            Membership.objects.filter(seller=world.toys).update(is_active=True)
        claim = world.claim()
        before = OutgoingEmail.objects.count()
        with CaptureQueriesContext(connection) as queries:
            world.ask(claim)
        outbox_queries = [one["sql"] for one in queries if "messaging_outgoingemail" in one["sql"]]
        active = Membership.objects.filter(seller=world.toys, is_active=True).count()
        counts.append((OutgoingEmail.objects.count() - before == active, len(outbox_queries), len(queries)))
    assert counts == [(True, 1, counts[0][2]), (True, 1, counts[0][2])]


def plan_of(cursor: Any, sql: str) -> str:
    cursor.execute(f"EXPLAIN (COSTS OFF) {sql}")
    return "\n".join(line for (line,) in cursor.fetchall())


def test_a_batch_is_found_by_index_whatever_waits(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_outgoingemail (uuid, kind, occasion, seller_id, user_id, params, state, cause,"
            " address, attempts, next_attempt_at, created_at)"
            " SELECT gen_random_uuid(), 'message', 'many:' || n, %s, %s, '{}',"
            " CASE WHEN n %% 10 = 0 THEN 'SENT' ELSE 'QUEUED' END, '', '', 0, now() - n * interval '1 s', now()"
            " FROM generate_series(1, 20000) n",
            [world.toys.pk, world.alice.pk],
        )
        cursor.execute("ANALYZE messaging_outgoingemail")
        with CaptureQueriesContext(connection) as queries:
            outbox.requeue_when_clock_went_back(world.at(10))
            outbox.lease(world.at(10), 50)
            outbox.release(outbox.lease(world.at(10), 50)[0], world.now)
        plans = [plan_of(cursor, one["sql"]) for one in queries if "UPDATE" in one["sql"]]
    assert len(plans) == 7
    assert [plan for plan in plans if "Seq Scan on messaging_outgoingemail" in plan] == []
    assert [plan for plan in plans if "Sort Key: messaging_outgoingemail" in plan] == []
