"""Every reader of "can be claimed" gives the same lines, over a table of everything that decides it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from icalendar import Calendar

from accounts.models import Seller
from claims.models import RefundLine
from claims.refunds import claimable
from claims.refunds import csv as refunds_csv
from claims.refunds import list as refunds_list
from claims.refunds.list import RefundTab
from messaging.models import CalendarFeed, OutgoingEmail
from messaging.notifications import calendars, digest, reminders
from messaging.notifications.kinds import Kind
from tests.cast import World

TICK = timedelta(microseconds=1)
HELD = ((0, 0), (1, 1000), (1, 3000), (3, 1000), (3, 3000))
"""Quantity and amount of 3 and 3000 that are claimed already."""
AGAINST = ("", "A_TO_Z")
OPENS = (timedelta(days=-30), timedelta(0), TICK, None)
CLOSES = (-TICK, timedelta(0), timedelta(days=2), timedelta(days=7), timedelta(days=7, seconds=5000), None)


def table(world: World, seller: Seller) -> None:
    """Give the seller a line for every row of the table; those that close in two days each at an instant of its own."""
    first = world.refund(seller=seller)
    rows = []
    for number, ((quantity, minor), against, opens, closes) in enumerate(product(HELD, AGAINST, OPENS, CLOSES)):
        at = None if closes is None else world.now + closes
        if at and closes == timedelta(days=2):
            at += timedelta(seconds=number)
        rows.append(
            RefundLine(
                seller=seller, refund=first.refund, order=first.order, sku=f"ROW-{number}", quantity=3, currency="USD",
                gross_minor=3000, amount_minor=3000, held_quantity=quantity, held_minor=minor, against=against,
                opens_at=None if opens is None else world.now + opens, first_closes_at=at, closes_at=at,
                windows_version=first.windows_version,
            )
        )  # fmt: skip
    RefundLine.objects.bulk_create(rows)
    RefundLine.objects.filter(pk=first.pk).update(held_quantity=1, held_minor=first.amount_minor)


def expected(seller: Seller, now: datetime) -> set[str]:
    """The same said in plain Python."""
    return {
        line.sku
        for line in RefundLine.objects.filter(seller=seller)
        if seller.is_active
        and line.held_quantity < line.quantity
        and line.held_minor < line.amount_minor
        and not line.against
        and line.opens_at is not None
        and line.first_closes_at is not None
        and line.opens_at <= now <= line.first_closes_at
    }


@pytest.fixture(params=[True, False], ids=["who files", "who files no more"])
def seller(request: pytest.FixtureRequest, world: World) -> Seller:
    world.toys.is_active = request.param
    world.toys.inactive_why = "" if request.param else "It is closed."
    world.toys.save()
    for each in (world.toys, world.lamps):
        table(world, each)
    return world.toys


def text_of_the_query(world: World) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.sku FROM claims_refundline l JOIN accounts_seller s ON s.id = l.seller_id "
            "WHERE s.slug = 'seller-a' AND " + claimable.SQL,
            {"now": world.now},
        )
        return {sku for (sku,) in cursor}


def template_of(world: World) -> set[str]:
    rows = "".join(refunds_csv.template(world.member(world.alice), ZoneInfo("UTC"), world.now, filled=True))
    return {row["SKU"] for row in csv.DictReader(rows.lstrip("\ufeff").splitlines())}


@pytest.mark.parametrize(
    "reader",
    [lambda world: set(claimable.lines_of(world.toys.pk, world.now).values_list("sku", flat=True)), text_of_the_query,
     template_of],
    ids=["rows", "text", "file to fill in"],
)  # fmt: skip
def test_rows_text_and_file_are_the_lines_of_the_rule(
    world: World, seller: Seller, reader: Callable[[World], set[str]]
) -> None:
    wanted = expected(seller, world.now)
    assert len(wanted) == (16 if seller.is_active else 0)
    assert reader(world) == wanted


def test_the_count_and_the_two_open_tabs_are_the_lines_of_the_rule(world: World, seller: Seller) -> None:
    wanted = expected(seller, world.now)
    assert refunds_list.claimable_count(world.member(world.alice), world.now) == len(wanted)
    tabs = refunds_list.of_tab(RefundTab.CLOSING_SOON, world.now) | refunds_list.of_tab(RefundTab.OPEN, world.now)
    found = set(RefundLine.objects.filter(tabs, seller=seller).values_list("sku", flat=True))
    assert found == wanted or not seller.is_active  # a line keeps its tab; whether it can be claimed is on the row


def test_the_calendar_has_the_last_moments_of_the_lines_of_the_rule(world: World, seller: Seller) -> None:
    made = Calendar.from_ical(calendars.written(CalendarFeed(user=world.alice), world.now))
    ends = {str(event["uid"]).split("-")[3] for event in made.walk("VEVENT") if str(event["uid"]).startswith("refunds")}
    lines = RefundLine.objects.filter(seller=seller, sku__in=expected(seller, world.now))
    assert ends == {f"{at:%Y%m%dT%H%M%SZ}" for at in lines.values_list("first_closes_at", flat=True) if at}


def test_the_digest_counts_the_lines_of_the_rule_that_close_within_its_days(world: World, seller: Seller) -> None:
    email = OutgoingEmail(kind=Kind.DIGEST, user=world.alice, params={})
    email.save()
    lines = RefundLine.objects.filter(seller=seller, sku__in=expected(seller, world.now))
    soon = lines.filter(first_closes_at__lte=world.now + digest.SOON).count()
    member = world.member(world.alice)
    assert digest.has_news(email, [member], world.now) is bool(soon)
    first = digest.notice(email, member, "UTC", world.now).first
    assert first.startswith(f"{soon} refunds worth ") if soon else first == ""


def test_reminders_are_owed_of_the_lines_of_the_rule(world: World, seller: Seller) -> None:
    for _part in reminders.owe_due(world.now):
        pass
    owed = OutgoingEmail.objects.filter(kind=Kind.REMINDER_REFUND, user=world.alice, occasion__endswith=":3d")
    lines = RefundLine.objects.filter(seller=seller, sku__in=expected(seller, world.now))
    due = lines.filter(first_closes_at__gt=world.at(1), first_closes_at__lte=world.at(3), opens_at__lt=world.at(-7))
    assert {datetime.fromisoformat(email.params["deadline"]) for email in owed} == set(
        due.values_list("first_closes_at", flat=True)
    )
    assert owed.count() == (2 if seller.is_active else 0)
