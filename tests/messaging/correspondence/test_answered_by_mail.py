"""An old e-mail of the seller that may be the reply: the claim is held until a handler has said what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from claims.claim_page import desk_card, turn_card
from claims.models import Claim, StatusChange
from claims.rules.lifecycle import Refusal, Status, Verb
from claims.workflow import lapse, reply_by_email
from claims.workflow.transitions import TransitionRefused, check, desk_actor, seller_actor
from messaging.models import OutgoingEmail
from tests.cast import World
from tests.html import CheckingClient
from tests.messaging.correspondence.mails import mail, mbox, written


@pytest.fixture
def world(db: None) -> World:
    return World(now=timezone.now().replace(microsecond=0))


@pytest.fixture
def claim(world: World) -> Claim:
    """Asked twenty days ago, and nothing was replied in the portal."""
    claim = world.claim(world.refund(days=-25), days=-24)
    world.ask(claim, days=-20)
    return claim


def import_an_email(world: World, claim: Claim, path: Path, *, days: float, from_desk: bool = False) -> None:
    """An e-mail about the claim, written then, imported now."""
    people = ("SAFE-T <safe-t@desk.example>", "Seller <support@seller-a.example>")
    sender, to = people if from_desk else reversed(people)
    written_at = world.at(days).strftime("%a, %d %b %Y %H:%M:%S +0000")
    raw = mail(
        subject=f"Re: SAFE-T claim {claim.claim_id}", sender=sender, to=to, date=written_at,
        mail_id=f"<{days}-{from_desk}@seller-a.example>",
    )  # fmt: skip
    call_command("import_correspondence", str(written(path / f"{days}.mbox", mbox(raw))), seller="seller-a")
    claim.refresh_from_db()


@pytest.mark.parametrize(("days", "is_held"), [(-19, True), (-21, False)])
def test_a_claim_is_held_by_an_e_mail_later_than_the_request(
    world: World, claim: Claim, tmp_path: Path, days: int, is_held: bool
) -> None:
    import_an_email(world, claim, tmp_path, days=days)
    assert claim.mail_reply_at == (world.at(days) if is_held else None)
    done = lapse.sweep(world.now)
    claim.refresh_from_db()
    assert (done.lapsed, done.held, claim.status) == (
        (0, [claim.claim_id], Status.AWAITING_SELLER) if is_held else (1, [], Status.DENIED)
    )


def test_an_e_mail_of_the_desk_holds_nothing(world: World, claim: Claim, tmp_path: Path) -> None:
    import_an_email(world, claim, tmp_path, days=-19, from_desk=True)
    assert (claim.mail_reply_at, lapse.sweep(world.now).lapsed) == (None, 1)


def test_an_imported_claim_is_held_by_what_came_after_the_desk_wrote(world: World, tmp_path: Path) -> None:
    imported = world.import_claim(Status.AWAITING_SELLER)
    Claim.objects.filter(pk=imported.pk).update(reply_by=world.at(-1))
    import_an_email(world, imported, tmp_path, days=-6)
    import_an_email(world, imported, tmp_path, days=-5, from_desk=True)
    assert imported.mail_reply_at == world.at(-6)  # a word of the desk ends no hold: only a handler does
    other = world.import_claim(Status.AWAITING_SELLER)
    import_an_email(world, other, tmp_path, days=-5.5, from_desk=True)
    import_an_email(world, other, tmp_path, days=-6.5)
    assert other.mail_reply_at is None
    import_an_email(world, other, tmp_path, days=-4)
    assert other.mail_reply_at == world.at(-4)


def test_both_sides_read_that_the_e_mail_is_looked_at(world: World, claim: Claim, tmp_path: Path) -> None:
    import_an_email(world, claim, tmp_path, days=-19)
    seen = turn_card.card(claim, membership=world.member(world.alice), zone="UTC", now=world.now)
    assert "may be the reply" in seen.what
    desk = desk_card.desk_card(claim, user=world.hana, zone="UTC", now=world.now)
    assert Verb.ACCEPT_MAIL in desk.verbs
    assert "Until then the claim doesn't lapse." in desk.what


def test_a_handler_takes_the_e_mail_as_the_reply(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    import_an_email(world, claim, tmp_path, days=-19)
    client.force_login(world.hana)
    page = client.get(reverse("desk:claim", args=[claim.claim_id])).content.decode()
    assert "Accept the e-mail as the reply" in page
    client.post(reverse("desk:accept_mail", args=[claim.claim_id]), {"version": claim.version})
    claim.refresh_from_db()
    assert (claim.status, claim.mail_reply_at, claim.reply_by) == (Status.UNDER_INVESTIGATION, None, None)
    assert claim.information_requests.filter(closed_at__isnull=True).count() == 0
    change = StatusChange.objects.filter(claim=claim).latest("position")
    assert (change.verb, change.actor) == (Verb.ACCEPT_MAIL, world.hana)
    assert OutgoingEmail.objects.filter(occasion=f"change:{change.pk}").count() == 3
    client.force_login(world.alice)
    thread = client.get(reverse("messaging:thread", args=[claim.claim_id])).content.decode()
    assert "accepted an e-mail of the seller as the reply" in thread
    assert "Hana" not in thread


def test_asking_again_ends_the_hold_and_starts_the_clock_anew(world: World, claim: Claim, tmp_path: Path) -> None:
    import_an_email(world, claim, tmp_path, days=-19)
    world.ask(claim, days=0)
    assert claim.mail_reply_at is None
    assert claim.reply_by is not None
    assert claim.reply_by > world.now


def test_without_such_an_e_mail_and_for_others_there_is_nothing_to_take(world: World, claim: Claim) -> None:
    assert check(Verb.ACCEPT_MAIL, claim, desk_actor(world.hana), world.now) == (Refusal.NOT_ALLOWED_NOW,)
    Claim.objects.filter(pk=claim.pk).update(mail_reply_at=world.at(-19))
    for actor in (seller_actor(world.member(world.alice)), desk_actor(world.ada)):
        with pytest.raises(TransitionRefused):
            reply_by_email.accept_mail(claim.pk, by=actor, now=world.now)
