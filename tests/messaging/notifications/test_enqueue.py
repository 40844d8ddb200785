"""Who is owed what: members as they chose, confirmed extra addresses, ceilings, and what nobody can fold away."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accounts.models import Membership, User
from messaging.models import EmailPreference, ExtraAddress, OutgoingEmail
from messaging.notifications import enqueue
from messaging.notifications.kinds import CHOOSABLE, NAMES, STARTS_A_CLOCK, TO_STRANGERS
from tests.cast import World

AT_ONCE, DIGEST, OFF = EmailPreference.Choice.AT_ONCE, EmailPreference.Choice.DIGEST, EmailPreference.Choice.OFF


def choose(user: User, world: World, kind: str, choice: str) -> None:
    EmailPreference.objects.create(user=user, seller=world.toys, kind=kind, choice=choice)


def states(kind: str) -> dict[str, str]:
    rows = OutgoingEmail.objects.filter(kind=kind).values_list("user__email", "extra_address", "state")
    return {(email or extra).partition("@")[0]: state for email, extra, state in rows}


def copy_to(world: World, email: str = "books@accounting.example", **changes: Any) -> ExtraAddress:
    fields = {"confirmed_at": world.at(-20), "expires_at": world.at(-14), **changes}
    return ExtraAddress.objects.create(seller=world.toys, email=email, added_by=world.alice, **fields)


def test_every_kind_has_a_name_or_can_not_be_chosen() -> None:
    kinds = set(OutgoingEmail.Kind) - TO_STRANGERS
    assert (set(NAMES) | {OutgoingEmail.Kind.DIGEST}, CHOOSABLE) == (kinds, kinds)


def test_each_member_gets_a_kind_as_they_chose(world: World) -> None:
    choose(world.vera, world, "filed", OFF)
    choose(world.gus, world, "filed", DIGEST)
    world.claim()
    assert states("filed") == {"alice": "QUEUED", "gus": "DIGEST", "vera": "SUPPRESSED"}
    assert OutgoingEmail.objects.get(user=world.vera).cause == "SWITCHED_OFF"


def test_what_one_seller_account_chose_is_nothing_to_another(world: World) -> None:
    choose(world.gus, world, "filed", OFF)
    world.claim(world.refund(seller=world.lamps), by=world.mallory)
    assert states("filed") == {"mallory": "QUEUED", "gus": "QUEUED"}


@pytest.mark.parametrize("choice", [DIGEST, OFF])
def test_what_starts_a_clock_reaches_an_owner_at_once_whatever_was_chosen(world: World, choice: str) -> None:
    for user in (world.alice, world.gus, world.vera):
        choose(user, world, "information-requested", choice)
    world.ask(world.claim())
    others = "SUPPRESSED" if choice == OFF else "DIGEST"
    assert states("information-requested") == {"alice": "QUEUED", "gus": others, "vera": others}


def test_without_an_owner_what_starts_a_clock_reaches_everybody(world: World) -> None:
    claim = world.claim()
    User.objects.filter(pk=world.alice.pk).update(is_active=False)
    for user in (world.gus, world.vera):
        choose(user, world, "information-requested", OFF)
    world.ask(claim)
    assert states("information-requested") == {"gus": "QUEUED", "vera": "QUEUED"}


def test_an_owner_who_reads_at_once_lets_the_other_switch_off(world: World) -> None:
    Membership.objects.filter(user=world.gus, seller=world.toys).update(role="owner")
    choose(world.gus, world, "information-requested", OFF)
    world.ask(world.claim())
    assert states("information-requested") == {"alice": "QUEUED", "gus": "SUPPRESSED", "vera": "QUEUED"}


def test_a_confirmed_extra_address_gets_copies_and_no_other_does(world: World) -> None:
    copy_to(world)
    copy_to(world, "late@accounting.example", confirmed_at=None)
    copy_to(world, "gone@accounting.example", removed_at=world.at(-10))
    copy_to(world, "vera@seller-a.example")  # became a member since: one e-mail is enough
    world.claim()
    assert states("filed") == {"alice": "QUEUED", "gus": "QUEUED", "vera": "QUEUED", "books": "QUEUED"}
    world.claim(world.refund(seller=world.lamps), by=world.mallory)
    assert Counter(OutgoingEmail.objects.values_list("extra_address", flat=True))["books@accounting.example"] == 1


def test_above_the_ceiling_of_a_claim_and_hour_the_rest_waits_for_the_digest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enqueue, "MOST_AN_HOUR", 3)
    copy_to(world)
    claim, other = world.claim(days=-5), world.claim(days=-5)
    for minute in range(4):
        world.desk_message(claim, days=-3 + minute / 1440)
    world.desk_message(other, days=-3)
    assert Counter(OutgoingEmail.objects.filter(kind="message", claim=claim).values_list("state", flat=True)) == {
        "QUEUED": 12,  # three to each of four
        "DIGEST": 4,
    }
    assert set(OutgoingEmail.objects.filter(kind="message", claim=other).values_list("state", flat=True)) == {"QUEUED"}
    world.desk_message(claim, days=-2.9)  # over an hour later
    assert OutgoingEmail.objects.filter(kind="message", claim=claim, state="QUEUED").count() == 16


def test_above_the_ceiling_of_a_seller_and_day_only_what_starts_a_clock_goes_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enqueue, "MOST_A_DAY", 2)
    claims = [world.claim(days=-5) for _ in range(3)]
    world.ask(claims[0], days=-4.9)
    world.claim(world.refund(seller=world.lamps), by=world.mallory, days=-5)
    found = OutgoingEmail.objects.filter(user=world.alice).order_by("pk").values_list("kind", "state")
    assert list(found) == [
        ("filed", "QUEUED"),
        ("filed", "QUEUED"),
        ("filed", "DIGEST"),
        ("information-requested", "QUEUED"),
    ]
    gus = OutgoingEmail.objects.filter(user=world.gus, seller=world.lamps).values_list("state", flat=True)
    assert list(gus) == ["QUEUED"]  # another seller account, another ceiling


def test_what_is_folded_counts_for_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a flood would keep the ceiling reached long after it ended."""
    monkeypatch.setattr(enqueue, "MOST_AN_HOUR", 2)
    claim = world.claim(days=-5)
    for minute in (0, 1, 2, 3, 61):
        world.desk_message(claim, days=-4 + minute / 1440)
    found = OutgoingEmail.objects.filter(user=world.alice, kind="message").order_by("pk")
    assert list(found.values_list("state", flat=True)) == ["QUEUED", "QUEUED", "DIGEST", "DIGEST", "QUEUED"]


def test_kinds_that_start_a_clock_are_requests_and_decisions() -> None:
    assert sorted(STARTS_A_CLOCK) == [
        "appeal-confirmed",
        "appeal-lapsed",
        "appeal-raised",
        "decision-corrected",
        "denied",
        "granted",
        "information-requested",
        "lapsed",
        "partly-granted",
        "reply-by-moved",
    ]
