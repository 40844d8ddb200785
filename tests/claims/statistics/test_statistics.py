"""Insight: what was decided is counted by day, once however often, and told alike to sellers and the desk's seniors."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from claims.models import DayStatistics
from claims.rules.lifecycle import Reason
from claims.statistics import count
from claims.statistics import page as statistics_page
from claims.statistics.count import HOURS
from claims.tasks import refresh_figures
from tests.cast import World
from tests.html import CheckingClient

pytestmark = pytest.mark.django_db


def rows(**wanted: Any) -> list[tuple[Any, ...]]:
    found = DayStatistics.objects.filter(**wanted).exclude(reason="").order_by("day", "reason", "currency")
    names = ("day", "reason", "currency", "decided", "granted", "lapsed", "appeals", "overturned", "granted_minor")
    return list(found.values_list(*names))


def test_a_day_is_counted_by_seller_and_in_all_once_however_often(world: World) -> None:
    for amount in (8999, 3000, 0):
        world.decide(world.claim(), amount)
    world.decide(world.claim(world.refund(seller=world.lamps), by=world.mallory, reason=Reason.NOT_RETURNED), 500)
    appealed = world.claim()
    world.decide(appealed, 3000)
    world.appeal(appealed)
    world.decide(appealed, 4000, days=-0.5)
    lapsed = world.claim(world.refund(days=-35), days=-30)
    world.ask(lapsed, days=-29)
    world.lapse(lapsed)
    day, late = world.at(-2).date(), lapsed.updated_at.date()
    for _ in range(2):
        for each in (day, late, world.at(-0.5).date()):
            count.count_day(each)
    assert rows(seller=world.toys) == [
        (late, "DIFFERENT", "USD", 1, 0, 1, 0, 0, 0),
        (day, "DIFFERENT", "USD", 4, 3, 0, 0, 0, 14999),
        (world.at(-0.5).date(), "DIFFERENT", "USD", 0, 0, 0, 1, 1, 0),
    ]
    assert rows(seller=world.lamps) == [(day, "NOT_RETURNED", "EUR", 1, 1, 0, 0, 0, 500)]
    assert rows(seller=None) == sorted(rows(seller=world.toys) + rows(seller=world.lamps))
    one = DayStatistics.objects.get(seller=world.toys, day=day)
    assert (sum(one.answer_hours), one.decision_hours[HOURS.index(96)]) == (4, 4)


def test_the_task_counts_what_is_new_and_may_run_twice(world: World) -> None:
    world.now = timezone.now()
    assert refresh_figures() == 2
    world.decide(world.claim(), 3000, days=-0.001)
    assert refresh_figures() == 2
    before = rows()
    assert refresh_figures() == 2
    assert rows() == before != []


def test_a_long_pause_is_caught_up_in_steps(world: World) -> None:
    DayStatistics.objects.create(day=world.at(-100).date())
    assert count.count_new(world.now) == count.MOST_DAYS
    assert count.count_new(world.now) == 100 - count.MOST_DAYS + 4
    assert DayStatistics.objects.filter(day=world.now.date()).exists()


@pytest.mark.parametrize(
    ("counts", "median", "p90"),
    [
        ([0] * 19, None, None),
        ([10] + [0] * 18, 0.5, 0.9),
        ([0] * 6 + [4] + [0] * 12, 21.0, 23.4),
        ([5, 5] + [0] * 17, 1.0, 1.8),
        ([0] * 18 + [3], 720.0, 720.0),
    ],
)
def test_percentiles_are_read_within_their_class(counts: list[int], median: float | None, p90: float | None) -> None:
    found = statistics_page.percentile(counts, 50), statistics_page.percentile(counts, 90)
    assert found == (pytest.approx(median) if median else None, pytest.approx(p90) if p90 else None)


class TestWarning:
    TODAY = date(2026, 11, 23)

    def count(self, days_ago: int, decided: int, granted: int, lapsed: int = 0) -> None:
        day = self.TODAY - timedelta(days=days_ago)
        DayStatistics.objects.create(
            day=day, reason="DAMAGED", currency="USD", decided=decided, granted=granted, lapsed=lapsed
        )

    @pytest.mark.parametrize(
        ("now", "before", "warned"),
        [
            ((25, 2), (100, 60), True),
            ((19, 0), (100, 60), False),  # too few to tell
            ((25, 6), (100, 60), False),  # not that many
            ((25, 2), (100, 20), False),  # as ever
            ((25, 2), (0, 0), True),
        ],
    )
    def test_it_is_given_where_one_reason_is_denied_en_masse(
        self, now: tuple[int, int], before: tuple[int, int], warned: bool
    ) -> None:
        self.count(2, *now)
        self.count(20, *before)
        said = statistics_page.read(None, 30, self.TODAY).warnings
        assert [one.partition(" is being denied")[0] for one in said] == (
            ['"Came back damaged, used or unsellable"'] if warned else []
        )

    def test_claims_that_lapsed_are_no_denials(self) -> None:
        self.count(2, 25, 0, lapsed=24)
        assert statistics_page.read(None, 30, self.TODAY).warnings == ()


def decided(world: World) -> None:
    world.now = timezone.now()
    world.decide(world.claim(), 3000, days=-1)
    other = world.claim(world.refund(seller=world.lamps), by=world.mallory, reason=Reason.NOT_RETURNED)
    world.decide(other, 0, days=-1)
    count.count_day(world.at(-1).astimezone(UTC).date())


def test_a_seller_reads_their_own_figures_only(client: CheckingClient, world: World) -> None:
    decided(world)
    client.force_login(world.vera)
    page = client.get("/claims/insight/").content.decode()
    assert "100% (1 / 1)" in page
    assert "30.00 USD" in page
    assert "Not returned" not in page
    assert 'aria-current="page">30 days' in page
    for days in ("90", "365", "x", "\x00", "9" * 40):
        assert client.get("/claims/insight/", {"days": days}).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_the_pages_cost_the_same_for_any_number_of_claims(
    client: CheckingClient, world: World, django_assert_num_queries: Any, count: int
) -> None:
    today = timezone.now().date()
    for n in range(count):
        DayStatistics.objects.create(day=today - timedelta(days=n), seller=world.toys, reason="DAMAGED", decided=n + 1)
        DayStatistics.objects.create(day=today - timedelta(days=n), reason="DAMAGED", decided=n + 1)
    client.force_login(world.alice)
    client.get("/claims/insight/")
    with django_assert_num_queries(4):
        client.get("/claims/insight/")
    client.force_login(world.sam)
    client.get("/admin/desk/insight/")
    with django_assert_num_queries(7):
        client.get("/admin/desk/insight/")


def test_nothing_decided_says_so(client: CheckingClient, world: World) -> None:
    client.force_login(world.alice)
    assert "Nothing was decided in the last 30 days." in client.get("/claims/insight/").content.decode()


def test_days_are_counted_again_by_hand(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.decide(world.claim(), 3000)
    call_command("refresh_figures", "--from", str(world.at(-3).date()), "--to", str(world.at(-1).date()), "--json")
    assert capsys.readouterr().out.strip() == '{"days": 3, "dry_run": false}'
    assert len(rows(seller=world.toys)) == 1
    call_command("refresh_figures", "--dry-run")
    with pytest.raises(CommandError):
        call_command("refresh_figures", "--from", "soon")


def test_appeals_alone_are_something_that_was_decided(client: CheckingClient, world: World) -> None:
    DayStatistics.objects.create(
        day=timezone.now().date(), seller=world.toys, reason="DAMAGED", currency="USD", appeals=2, overturned=1
    )
    client.force_login(world.alice)
    page = client.get("/claims/insight/").content.decode()
    assert "50% (1 / 2)" in page
    assert "Nothing was decided" not in page
    assert "median" not in page


def test_one_hour_is_one(world: World) -> None:
    today = timezone.now().date()
    times = {"answer_hours": [5, 5] + [0] * (len(HOURS) - 1), "decision_hours": [0] * (len(HOURS) + 1)}
    DayStatistics.objects.create(day=today, seller=world.toys, reason="DAMAGED", currency="USD", decided=10, **times)
    told = statistics_page.read(world.toys.pk, span=30, today=today)
    assert (told.answer_median, told.answer_p90) == ("1 hour", "2 hours")
