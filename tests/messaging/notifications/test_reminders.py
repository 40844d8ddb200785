"""Reminders: each once per deadline, none too soon, none after the act, found anew when the deadline moves."""

from __future__ import annotations

import io
import json
import re
import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from claims.filing import drafts
from claims.models import Claim, InformationRequest, RefundLine
from claims.rules.lifecycle import Reason, Slot
from claims.workflow import move_deadline
from claims.workflow.transitions import desk_actor
from messaging.models import ExtraAddress, OutgoingEmail, RemindedUntil
from messaging.notifications import delivery, preferences, reminders
from messaging.notifications.kinds import Choice, Kind
from tests.cast import World

HOUR = timedelta(hours=1)


def run(at: datetime) -> int:
    return sum(owed.emails for owed in reminders.owe_due(at))


def walk(start: datetime, end: datetime, every: timedelta = 3 * HOUR) -> None:
    """Run the reminders as the schedule would."""
    while start <= end:
        run(start)
        start += every


def steps(user: Any = None, **where: Any) -> list[str]:
    """The steps of the reminders owed so far, in their order."""
    rows = OutgoingEmail.objects.filter(kind__startswith="reminder", **where)
    rows = rows.filter(user=user) if user else rows
    return [
        occasion.rsplit(":", 1)[1] for occasion in rows.order_by("created_at", "pk").values_list("occasion", flat=True)
    ]


def asked(world: World, days: float = -4) -> Claim:
    claim = world.claim()
    world.ask(claim, days=days)
    return claim


def test_reply_by_is_reminded_of_at_three_days_one_day_and_three_hours(world: World) -> None:
    claim = asked(world)
    assert claim.reply_by is not None
    walk(world.at(-4), claim.reply_by + 2 * HOUR)
    assert steps(world.alice) == ["3d", "1d", "3h"]  # at seven days it had just been asked for
    rows = OutgoingEmail.objects.filter(user=world.alice, kind="reminder-reply").order_by("pk")
    before = [claim.reply_by - row.created_at for row in rows]
    assert [
        timedelta(0) <= step - gap < 3 * HOUR
        for step, gap in zip((72 * HOUR, 24 * HOUR, 3 * HOUR), before, strict=True)
    ] == [True] * 3
    assert rows[0].occasion == f"reply-by:{claim.pk}:{claim.reply_by:%Y%m%dT%H%M%SZ}:3d"


def test_who_may_only_read_is_not_reminded_and_an_extra_address_is(world: World) -> None:
    ExtraAddress.objects.create(
        seller=world.toys, email="books@example.com", added_by=world.alice, expires_at=world.now, confirmed_at=world.now
    )
    claim = asked(world)
    assert claim.reply_by is not None
    run(claim.reply_by - 23 * HOUR)
    rows = OutgoingEmail.objects.filter(kind="reminder-reply").values_list("user__email", "extra_address")
    assert sorted(str(user or extra).partition("@")[0] for user, extra in rows) == ["alice", "books", "gus"]


def test_a_longer_clock_is_reminded_of_at_seven_days_too(world: World) -> None:
    claim = asked(world)
    later = world.at(6)
    Claim.objects.filter(pk=claim.pk).update(reply_by=later)
    InformationRequest.objects.filter(claim=claim).update(reply_by=later)
    walk(world.at(-4), later)
    assert steps(world.alice) == ["7d", "3d", "1d", "3h"]


def test_a_deadline_that_moves_is_reminded_of_anew_and_not_as_it_was(world: World, mailbox: Any) -> None:
    claim = asked(world)
    first = claim.reply_by
    assert first is not None
    run(first - 20 * HOUR)  # owed, and not sent yet
    moved_at = first - 19 * HOUR
    move_deadline.move_deadline(
        claim.pk, to=world.at(9), why="The mail was slow.", by=desk_actor(world.hana), now=moved_at
    )
    while delivery.deliver(moved_at + timedelta(minutes=1)).total:
        pass
    assert not [mail for mail in mailbox if "left to reply" in mail.subject]
    walk(moved_at, world.at(9))
    assert steps(world.alice) == ["1d", "3d", "1d", "3h"]
    deadlines = OutgoingEmail.objects.filter(user=world.alice, kind="reminder-reply").order_by("pk")
    assert [occasion.split(":")[2] for occasion in deadlines.values_list("occasion", flat=True)] == [
        f"{at:%Y%m%dT%H%M%SZ}" for at in (first, world.at(9), world.at(9), world.at(9))
    ]


def test_no_reminder_within_a_day_of_the_act_that_started_the_clock(world: World) -> None:
    claim = asked(world)
    soon = world.at(-4) + timedelta(days=3, hours=23)  # three days before it is within a day of the asking
    Claim.objects.filter(pk=claim.pk).update(reply_by=soon)
    walk(world.at(-4), soon)
    assert steps(world.alice) == ["1d", "3h"]


def test_after_an_outage_the_nearest_step_alone_is_sent(world: World) -> None:
    claim = asked(world)
    assert claim.reply_by is not None
    run(world.at(-4))
    run(claim.reply_by - 2 * HOUR)  # nothing ran for days
    assert steps(world.alice) == ["3h"]
    run(claim.reply_by + HOUR)
    assert steps(world.alice) == ["3h"]


def test_running_twice_or_with_the_clock_set_back_owes_nothing_twice(world: World) -> None:
    claim = asked(world)
    assert claim.reply_by is not None
    at = claim.reply_by - 20 * HOUR
    assert (run(at), run(at), run(at - 5 * HOUR), run(at + HOUR)) == (2, 0, 0, 0)
    RemindedUntil.objects.all().delete()  # even a run that knows of no other finds the occasion taken
    assert run(at) == 0


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_owe_each_reminder_once(transactional_db: None) -> None:
    world = World()
    claims = [asked(world) for _ in range(5)]
    at = max(claim.reply_by for claim in claims if claim.reply_by) - 20 * HOUR
    done: list[int] = []

    def work() -> None:
        try:
            done.append(run(at))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sum(done) == OutgoingEmail.objects.filter(kind="reminder-reply").count() == 10
    assert len(done) == 4


def test_a_reply_ends_the_reminders_also_one_that_is_owed_already(world: World, mailbox: Any) -> None:
    world.now = timezone.now()
    claim = asked(world, days=0)
    assert claim.reply_by is not None
    at = claim.reply_by - timedelta(hours=12)
    run(at)
    assert steps(world.alice) == ["1d"]
    world.reply(claim, days=(at - world.now) / timedelta(days=1) - 0.1)
    delivery.deliver(at)
    assert OutgoingEmail.objects.get(user=world.alice, kind="reminder-reply").cause == "NOT_DUE"
    assert not [mail for mail in mailbox if "left to reply" in mail.subject]
    walk(timezone.now(), claim_end(world))
    assert steps(world.alice) == ["1d"]


def claim_end(world: World) -> datetime:
    return world.at(9)


@pytest.fixture
def mailbox(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    from django.core import mail

    mail.outbox = []
    return mail.outbox


def test_appeal_by_is_reminded_of_where_there_is_something_to_appeal(world: World) -> None:
    denied, part, full = world.claim(), world.claim(), world.claim()
    world.decide(denied, 0)
    world.decide(part, 3000)
    world.decide(full)
    appealed = world.claim()
    world.decide(appealed, 0, days=-3)
    world.appeal(appealed)
    assert denied.appeal_by is not None
    walk(world.at(-2), denied.appeal_by)
    found = Counter(
        OutgoingEmail.objects.filter(kind="reminder-appeal", user=world.alice).values_list("claim_id", flat=True)
    )
    assert found == {denied.pk: 3, part.pk: 3}


def test_refunds_that_close_together_are_one_reminder_a_seller(world: World) -> None:
    for _ in range(3):
        world.refund(days=-10)
    world.refund(days=-10, seller=world.lamps)
    closes = RefundLine.objects.filter(seller=world.toys).values_list("first_closes_at", flat=True).distinct().get()
    assert closes is not None
    walk(closes - timedelta(days=8), closes, 3 * HOUR)
    assert steps(world.alice) == ["7d", "3d", "1d", "3h"]
    assert steps(world.mallory) == ["7d", "3d", "1d", "3h"]
    assert steps(world.vera) == []


def test_what_cant_be_claimed_any_more_is_no_reminder(world: World) -> None:
    claimed = world.refund()
    world.claim(claimed)
    chargeback = world.refund(chargeback=True)
    assert chargeback.first_closes_at is not None
    walk(chargeback.first_closes_at - timedelta(days=8), chargeback.first_closes_at, 6 * HOUR)
    assert steps(kind="reminder-refund") == []


def test_a_draft_is_reminded_of_to_who_wrote_it_and_its_refund_is_not_told_twice(world: World, mailbox: Any) -> None:
    line = world.refund(days=-28)
    assert line.first_closes_at is not None
    world.draft(line, by=world.gus, days=-10, evidence=False)
    at = line.first_closes_at - 20 * HOUR
    run(at)
    rows = OutgoingEmail.objects.filter(kind__startswith="reminder").order_by("kind", "user__email")
    assert list(rows.values_list("kind", "user__email")) == [
        ("reminder-draft", "gus@agency.example"),
        ("reminder-refund", "alice@seller-a.example"),
        ("reminder-refund", "gus@agency.example"),
    ]
    while delivery.deliver(at + timedelta(minutes=1)).total:
        pass
    gus = {mail.subject for mail in mailbox if mail.to == ["gus@agency.example"]}
    order = line.order.order_id
    assert gus == {f"[Blue Door Toys] 19 hours left to submit your draft: order {order}"}
    (mail,) = [mail for mail in mailbox if mail.to == ["gus@agency.example"]]
    assert (
        "Missing: photo of the item you received and photo of the package with the return label visible." in mail.body
    )
    (alice,) = [mail for mail in mailbox if mail.to == ["alice@seller-a.example"]]
    assert alice.subject == f"19 hours left to claim 89.99 USD: order {order}"
    assert f"File a claim: http://testserver/claims/new/?order={order}" in alice.body


def test_several_refunds_are_listed_in_their_reminder(world: World, mailbox: Any) -> None:
    lines = [world.refund(days=-28, amount_minor=1000 * n) for n in range(1, 13)]
    closes = lines[0].first_closes_at
    assert closes is not None
    run(closes - 20 * HOUR)
    while delivery.deliver(closes - 19 * HOUR).total:
        pass
    (mail,) = [mail for mail in mailbox if mail.to == ["alice@seller-a.example"]]
    assert mail.subject == "18 hours left to claim 780.00 USD: 12 refunds"
    assert mail.body.count("\n- 111-") == 10
    assert "- and 2 more" in mail.body
    assert "See claimable refunds: http://testserver/refunds/" in mail.body


def test_a_filed_draft_is_not_reminded_of(world: World) -> None:
    line = world.refund(days=-28)
    draft = world.draft(line, days=-10)
    world.file(draft, days=-1)
    assert line.first_closes_at is not None
    walk(line.first_closes_at - timedelta(days=4), line.first_closes_at, 6 * HOUR)
    assert steps() == []


def test_what_a_member_switched_off_is_not_owed_as_a_reminder(world: World) -> None:
    preferences.choose(world.member(world.gus), {Kind.REMINDER_REPLY: Choice.OFF})
    claim = asked(world)
    assert claim.reply_by is not None
    run(claim.reply_by - 20 * HOUR)
    states = OutgoingEmail.objects.filter(kind="reminder-reply").values_list("user__email", "state")
    assert dict(states) == {"alice@seller-a.example": "QUEUED", "gus@agency.example": "SUPPRESSED"}


def test_on_appeal_the_reminder_says_what_stands(world: World, mailbox: Any) -> None:
    claim = world.claim()
    world.decide(claim, 3000, days=-4)
    world.appeal(claim, days=-3.5)
    world.ask(claim, days=-3, slots=(Slot.WEIGHT,))
    assert claim.reply_by is not None
    run(claim.reply_by - 20 * HOUR)
    while delivery.deliver(claim.reply_by - 19 * HOUR).total:
        pass
    (mail,) = [each for each in mailbox if "left to reply" in each.subject and each.to == ["alice@seller-a.example"]]
    assert mail.subject.startswith("18 hours left to reply: SAFE-T claim ")
    assert "Still missing: package weight." in mail.body
    assert "the appeal ends and the first decision stands: granted, 30.00 USD." in mail.body


def test_command_counts_dry_and_owes_once(world: World) -> None:
    world.now = timezone.now() - timedelta(days=6.2)
    asked(world, days=0)
    drafts.begin_filing(membership=world.member(world.gus), refund=world.refund().refund, now=world.now)

    def said(*options: str) -> dict[str, Any]:
        out = io.StringIO()
        call_command("send_reminders", *options, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue())

    dry = said("--dry-run", "--json")
    assert (dry["dry_run"], dry["reminder-reply"]) == (True, 2)
    assert not OutgoingEmail.objects.filter(kind__startswith="reminder").exists()
    assert not RemindedUntil.objects.exists()
    assert said("--json") == {**dry, "dry_run": False}
    assert said("--json")["new"] == 0
    out = io.StringIO()
    call_command("send_reminders", "--dry-run", stdout=out, stderr=io.StringIO())
    assert out.getvalue() == "0 reminders and digests are due. Dry run: nothing was written.\n"


def test_deadlines_are_found_by_their_index(world: World) -> None:
    """What a run costs must not grow with the number of claims and refunds there are."""
    asked(world)
    draft = world.draft(reason=Reason.DIFFERENT)
    assert draft.refund is not None
    many_refund_lines(draft.refund.lines.get(), world)
    values = {
        "name": "3d",
        "step": timedelta(days=3),
        "quiet": reminders.QUIET,
        "after": world.now,
        "until": world.at(3),
        "now": world.now,
    }
    expected = {
        Kind.REMINDER_REPLY: "claim_awaited",
        Kind.REMINDER_APPEAL: "claim_appeal_by",
        Kind.REMINDER_REFUND: "refundline_closing",
        Kind.REMINDER_DRAFT: "refundline_closing",
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # for the claims, of which there is one
        for kind, index in expected.items():
            cursor.execute("EXPLAIN (FORMAT TEXT) " + reminders._SOURCES[kind], values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert re.search(rf"{index}\b[^>]*?Index Cond: \(\(", plan), plan


def many_refund_lines(line: RefundLine, world: World) -> None:
    """Make 3,000 more of it that close a day apart, and let the planner know: on a single row any index will do."""
    same = {
        name: getattr(line, name)
        for name in ("seller", "refund", "order", "quantity", "currency", "gross_minor", "amount_minor", "opens_at")
    }
    RefundLine.objects.bulk_create(
        RefundLine(**same, sku=f"MANY-{n}", first_closes_at=world.at(n - 1500), closes_at=world.at(n - 1500))
        for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE claims_refundline")
