"""Attacks through e-mail: what anybody typed begins no header, reaches no stranger, and is no code in the HTML."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts import memberships as people
from claims.models import ClaimLine
from messaging.models import OutgoingEmail
from messaging.notifications import addresses, delivery
from messaging.notifications.words import WORDS, one_line, say
from tests.cast import World

INJECTED = "Blue Door\r\nBcc: evil@evil.example\r\nX-Evil: 1\n\nbody\x00\x85\u2028\u2029\u202e"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def outbox(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def send() -> None:
    while delivery.deliver(timezone.now()).total:
        pass


def headers(outbox: Any) -> list[str]:
    """The header lines of every e-mail as they go over the wire, unfolded, without those that differ each time."""
    lines = []
    for each in outbox:
        head = each.message().as_bytes(linesep="\r\n").split(b"\r\n\r\n")[0].decode()
        lines += [line.partition(":")[0] for line in head.replace("\r\n ", " ").split("\r\n")]
    return lines


KNOWN = {
    "Content-Type",
    "MIME-Version",
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Content-Transfer-Encoding",
}


@pytest.mark.parametrize("where", ["seller", "actor", "item", "message", "everything"])
def test_a_line_break_in_what_is_typed_begins_no_header(world: World, outbox: Any, where: str) -> None:
    if where in ("seller", "everything"):
        type(world.toys).objects.filter(pk=world.toys.pk).update(name=INJECTED.replace("\x00", ""))
    if where in ("actor", "everything"):
        type(world.alice).objects.filter(pk=world.alice.pk).update(name=INJECTED.replace("\x00", ""))
    claim = world.claim()
    if where in ("item", "everything"):
        ClaimLine.objects.filter(claim=claim).update(title=INJECTED.replace("\x00", ""))
    world.desk_message(claim, text=INJECTED.replace("\x00", "") if where in ("message", "everything") else "Thanks.")
    people.invite(world.toys, world.alice, "nina@example.com", "member", timezone.now())
    addresses.ask(world.member(world.alice), "books@example.com", timezone.now())
    send()
    assert len(outbox) == 8
    assert set(headers(outbox)) <= KNOWN
    assert {address for each in outbox for address in each.recipients()} == {
        "alice@seller-a.example",
        "gus@agency.example",
        "vera@seller-a.example",
        "nina@example.com",
        "books@example.com",
    }
    assert all(each.bcc == each.cc == [] for each in outbox)


def test_every_subject_is_one_line_whatever_stands_in_it() -> None:
    names = "actor claimed granted asked things reply_by appeal_by why first_result closes excerpt old new day paid"
    names += " reference name missing left amount order_id claim_id refunds inviter seller marketplace expires role"
    names += " short_day moment slot at count sum"
    values = dict.fromkeys(names.split(), INJECTED)
    for row in WORDS:
        said = say(row, values)
        for part in said:
            assert part == one_line(part)
            assert part.splitlines() == [part]
            assert part.isprintable()


def test_what_is_typed_is_no_code_in_the_html(world: World, outbox: Any) -> None:
    type(world.toys).objects.filter(pk=world.toys.pk).update(name=SCRIPT)
    type(world.alice).objects.filter(pk=world.alice.pk).update(name=SCRIPT)
    claim = world.claim()
    ClaimLine.objects.filter(claim=claim).update(title=SCRIPT)
    world.desk_message(claim, text=SCRIPT)
    people.invite(world.toys, world.alice, "nina@example.com", "member", timezone.now())
    send()
    assert outbox
    for each in outbox:
        (html,) = [content for content, kind in each.alternatives if kind == "text/html"]
        assert "<script" not in html
        assert "<img" not in html


def test_a_link_in_a_name_is_none_in_an_email_to_a_stranger(world: World, outbox: Any) -> None:
    """Else an invitation is a way to send anybody anything under the marketplace's name."""
    type(world.alice).objects.filter(pk=world.alice.pk).update(name="Prize! Open https://evil.example/x now " * 3)
    people.invite(world.toys, world.alice, "nina@example.com", "member", timezone.now())
    send()
    (email,) = outbox
    assert "evil.example" not in email.subject + email.body + email.alternatives[0][0]
    assert len(email.subject) < 150


def test_an_address_of_the_desk_or_a_stranger_gets_no_copies_by_being_written_in_the_database(
    world: World, outbox: Any
) -> None:
    """A row for an address that never confirmed is not sent, whoever wrote it."""
    OutgoingEmail.objects.create(
        kind="message", occasion="forged", seller=world.toys, claim=world.claim(), extra_address="evil@evil.example"
    )
    send()
    assert "evil@evil.example" not in {each.to[0] for each in outbox}
    assert OutgoingEmail.objects.get(occasion="forged").cause == "NO_COPIES"
