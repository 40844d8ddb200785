"""The turn card is one object: the list, the claim's page and its e-mails say the same of whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from claims.claim_page import desk_card, turn_card
from claims.claim_page.snapshot import load_snapshot
from claims.models import ClockRule
from messaging.compose.composer import composer
from messaging.models import OutgoingEmail
from messaging.notifications.render_email import render
from tests.cast import World
from tests.html import CheckingClient

ZONE = "America/New_York"  # alice's


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


def test_list_page_and_email_say_what_the_card_says(
    client: CheckingClient, world_now: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now: datetime = world_now.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client.force_login(world_now.alice)
    alice = world_now.member(world_now.alice)
    for position, claim in world_now.in_every_position():
        card = turn_card.card(claim, membership=alice, zone=ZONE, now=now, seller_name=claim.seller.name)
        rows = client.get("/claims/", {"tab": "all", "q": claim.claim_id}).context["page"].rows
        assert [row["due"] for row in rows] == [card.short], position
        for path in ("", "messages/"):
            assert client.get(f"/claims/{claim.claim_id}/{path}").context["card"] == card, position
        email = OutgoingEmail.objects.filter(claim=claim, user=world_now.alice).order_by("-pk").first()
        assert email is not None
        email.params = {**email.params}
        text = " ".join(render(email, alice, now).text.split())
        if card.until:
            assert card.until in text, position
        assert card.until == turn_card.card(claim, membership=None, zone=ZONE, now=now).until


def test_who_missed_reply_by_is_told_of_an_appeal_only_where_there_is_one(world_now: World) -> None:
    no_appeal, on_appeal, held, plain = (world_now.claim(days=-9) for _ in range(4))
    world_now.decide(on_appeal, 0)
    world_now.appeal(on_appeal)
    for claim in (no_appeal, on_appeal, held, plain):
        world_now.ask(claim)
    rule = ClockRule.objects.latest("version")
    rule.pk, rule.version, rule.appeals = None, rule.version + 1, 0
    rule.save(force_insert=True)
    no_appeal.clock_rule, held.mail_reply_at = rule, world_now.now
    told = "appeal once"
    for claim, promised in ((no_appeal, False), (on_appeal, False), (held, False), (plain, True)):
        assert claim.reply_by is not None
        now = claim.reply_by + timedelta(minutes=1)
        alice = world_now.member(world_now.alice)
        made = turn_card.card(claim, membership=alice, zone=ZONE, now=now)
        box = composer(claim, alice, load_snapshot(claim), zone=ZONE, now=now)
        assert (told in f"{made.what} {made.until}", told in " ".join(box.sentences)) == (promised, promised)
        assert ("is denied" in " ".join(box.sentences)) == (claim in (no_appeal, plain)), claim


def test_the_queue_calls_an_e_mail_that_holds_the_lapse_the_desks_turn(world_now: World) -> None:
    claim = world_now.claim(days=-9)
    world_now.ask(claim)
    assert claim.reply_by is not None
    now = claim.reply_by + timedelta(minutes=1)
    assert desk_card.whose_turn(claim, world_now.hana, now) == ("No one's turn", "quiet")
    claim.mail_reply_at = claim.reply_by
    assert desk_card.whose_turn(claim, world_now.hana, now) == ("An e-mail to read", "you")


def test_a_decision_that_policy_lets_nobody_appeal_says_so(world_now: World) -> None:
    rule = ClockRule.objects.latest("version")
    rule.pk, rule.version, rule.appeals = None, rule.version + 1, 0
    rule.save(force_insert=True)
    claim = world_now.claim(days=-9)
    world_now.decide(claim, 0)
    alice = world_now.member(world_now.alice)
    box = composer(claim, alice, load_snapshot(claim), zone=ZONE, now=world_now.now)
    assert box.sentences == ("The policy allows no appeal of this decision.",)


def test_a_refund_that_was_claimed_again_is_not_offered_again(world_now: World) -> None:
    refund = world_now.refund()
    claim = world_now.claim(refund)
    world_now.withdraw(claim, days=-2)
    alice, now = world_now.member(world_now.alice), world_now.now
    offered = turn_card.card(claim, membership=alice, zone=ZONE, now=now)
    assert offered.until.startswith("You can file again for this refund until ")
    assert len(offered.buttons) == 1
    world_now.claim(refund, days=-1)
    made = turn_card.card(claim, membership=alice, zone=ZONE, now=now)
    assert (made.headline, made.until, made.buttons) == ("Withdrawn", "", ())
