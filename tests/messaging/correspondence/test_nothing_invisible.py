"""What an old e-mail brought along is said in the thread, to both sides, and what may be a reply holds the claim."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from claims.claim_page import desk_card, turn_card
from claims.models import Attachment, Claim
from claims.rules.lifecycle import Verb
from claims.text import formats
from claims.workflow import lapse
from messaging import redact_message
from messaging.correspondence import quarantine
from messaging.models import Message, OriginalMail
from tests.cast import World
from tests.claims.files.samples import png
from tests.html import CheckingClient
from tests.messaging.correspondence.mails import mail, mbox, written
from tests.messaging.correspondence.test_import_correspondence import run

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def world(db: None) -> World:
    return World(now=timezone.now().replace(microsecond=0))


@pytest.fixture
def claim(world: World) -> Claim:
    """Asked twenty days ago, and nothing was replied in the portal."""
    claim = world.claim(world.refund(days=-25), days=-24)
    world.ask(claim, days=-20)
    return claim


def dated(world: World, days: float) -> str:
    return world.at(days).strftime("%a, %d %b %Y %H:%M:%S +0000")


def about(claim: Claim, world: World, *, days: float = -10, fields: str = "", **given: object) -> bytes:
    given = {"subject": f"Re: SAFE-T claim {claim.claim_id}", "date": dated(world, days), **given}
    return fields.encode() + mail(**given)  # type: ignore[arg-type]


def import_it(path: Path, *mails: bytes) -> tuple[int, str, list[str]]:
    return run(written(path / "old.mbox", mbox(*mails)))


def pages(world: World, claim: Claim, client: CheckingClient) -> tuple[str, str]:
    """The claim's thread as the seller reads it, and as the desk does."""
    client.force_login(world.alice)
    seller = client.get(reverse("messaging:thread", args=[claim.claim_id])).content.decode()
    client.force_login(world.hana)
    return seller, client.get(reverse("desk:claim", args=[claim.claim_id])).content.decode()


def test_a_mail_with_a_file_alone_that_is_not_taken_is_an_entry(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    raw = about(claim, world, text="", files={"declaration.docx": (b"PK\x03\x04" + bytes(60), DOCX)})
    assert import_it(tmp_path, raw)[0] == 0
    for page in pages(world, claim, client):
        assert f"Subject: Re: SAFE-T claim {claim.claim_id}" in page
        assert "No words; declaration.docx is in the original." in page
        assert "Written by Seller A &lt;support@seller-a.example&gt;" in page


def test_a_file_that_is_not_taken_is_named_beside_words(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    files = {"a.docx": (b"PK\x03\x04" + bytes(60), DOCX), "run.exe": (b"MZ\x90\x00" + bytes(60), "application/x-msdos")}
    import_it(tmp_path, about(claim, world, files={**files, "box.png": (png(), "image/png")}))
    for page in pages(world, claim, client):
        assert "a.docx and run.exe are in the original." in page
        assert "box.png" in page
        assert "No words" not in page


def test_words_in_the_subject_alone_are_an_entry_and_can_be_redacted(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    import_it(tmp_path, about(claim, world, text="", subject=f"Seal 4711 of {claim.claim_id}"))
    assert all("Seal 4711" in page and "No words." in page for page in pages(world, claim, client))
    position = Message.objects.get(claim=claim, origin="IMPORTED").position
    redact_message.redact_message(claim.pk, position=position, by=world.sam, why="A name.", now=world.now)
    assert not any("Seal 4711" in page for page in pages(world, claim, client))


def test_who_of_the_desk_wrote_is_told_to_the_desk_alone(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    import_it(tmp_path, about(claim, world, sender="Hana H. <safe-t@desk.example>", to="support@seller-a.example"))
    seller, desk = pages(world, claim, client)
    assert "Written by Hana H. &lt;safe-t@desk.example&gt;" in desk
    assert "Hana H." not in seller


def test_an_out_of_office_is_nobodys_words_and_holds_nothing(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    notes = import_it(tmp_path, about(claim, world, fields="Auto-Submitted: auto-replied\n"))[2]
    assert notes == [f"1 claim waits for a reply and got automatic e-mails, which are none: {claim.claim_id}"]
    claim.refresh_from_db()
    assert claim.mail_reply_at is None
    seller, desk = pages(world, claim, client)
    assert "Automatic e-mail" in seller
    assert "Automatic e-mail" in desk
    assert Message.objects.get(claim=claim, origin="IMPORTED").party == "SYSTEM"
    assert lapse.sweep(world.now).lapsed == 1


def test_a_bounce_of_the_desks_question_says_so_at_the_desk(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    body = "--b\nContent-Type: text/plain\n\nMailbox full.\n--b\nContent-Type: message/delivery-status\n\nX: y\n\n"
    body += "Final-Recipient: rfc822; alice@seller-a.example\nAction: failed\n--b--\n"
    head = f"From: MAILER-DAEMON@mx.example\nTo: safe-t@desk.example\nSubject: Undelivered: {claim.claim_id}\n"
    head += f"Date: {dated(world, -19)}\nMIME-Version: 1.0\nReturn-Path: <>\n"
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
    import_it(tmp_path, (head + kind + body).encode())
    seller, desk = pages(world, claim, client)
    assert "An e-mail of the desk did not arrive: alice@seller-a.example" in desk
    assert "Delivery report" in seller
    assert Claim.objects.get(pk=claim.pk).mail_reply_at is None


def test_a_wrong_clock_holds_the_claim_and_command_page_and_lapse_say_the_same(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    received = f"Received: from a by b; {dated(world, -10)}\n"
    raw = about(claim, world, fields=received, date="Mon, 1 Jan 2018 12:04:44 +0100")
    note = f"1 claim waits for a reply, but the imported mail has one: {claim.claim_id}"
    path = written(tmp_path / "old.mbox", mbox(raw))
    assert run(path, "--dry-run")[2] == [note, "Dry run: nothing was written."]
    assert run(path)[2] == [note]
    claim.refresh_from_db()
    assert claim.mail_reply_at == world.at(-10)
    seen = turn_card.card(claim, membership=world.member(world.alice), zone="UTC", now=world.now)
    assert "may be the reply" in seen.what
    assert Verb.ACCEPT_MAIL in desk_card.desk_card(claim, user=world.hana, zone="UTC", now=world.now).verbs
    done = lapse.sweep(world.now)
    assert (done.lapsed, done.held) == (0, [claim.claim_id])
    for page in pages(world, claim, client):
        assert f"the e-mail itself says {formats.day(datetime(2018, 1, 1, tzinfo=UTC), 'UTC')}." in page


@pytest.mark.parametrize("date", ["", "Mon, 1 Jan 2018 01:04:44 +0100", "Mon, 1 Jan 2035 01:04:44 +0100"])
def test_a_moment_nobody_can_be_sure_of_holds_the_claim(world: World, claim: Claim, tmp_path: Path, date: str) -> None:
    path = written(tmp_path / "old.mbox", mbox(about(claim, world, date=date)))
    note = f"1 claim waits for a reply, but the imported mail has one: {claim.claim_id}"
    assert run(path, "--dry-run")[2][0] == note
    assert run(path)[2] == [note]
    assert lapse.sweep(world.now).held == [claim.claim_id]


def test_asking_again_ends_the_hold_for_good_whatever_is_imported_once_more(
    world: World, claim: Claim, tmp_path: Path
) -> None:
    path = written(tmp_path / "old.mbox", mbox(about(claim, world, date="")))
    run(path)
    world.ask(claim, days=0.1)  # the handler has read what was imported before
    assert run(path)[2] == []
    claim.refresh_from_db()
    assert claim.mail_reply_at is None


def test_what_was_there_before_its_question_holds_once_it_is_asked_for(world: World, tmp_path: Path) -> None:
    claim = world.claim(world.refund(days=-25), days=-24)
    path = written(tmp_path / "old.mbox", mbox(about(claim, world, days=-10)))
    assert run(path)[2] == []
    world.ask(claim, days=-12)
    note = f"1 claim waits for a reply, but the imported mail has one: {claim.claim_id}"
    assert run(path, "--dry-run")[2][0] == note
    assert run(path)[2] == [note]
    assert lapse.sweep(world.at(30)).held == [claim.claim_id]


def test_a_second_mail_in_the_text_goes_to_quarantine(world: World, claim: Claim, tmp_path: Path) -> None:
    second = f"Message-ID: <2@x>\nFrom: M <m@b.example>\nDate: {dated(world, -9)}\nSubject: s\n\nOur price is 31.20."
    code, _summary, notes = import_it(tmp_path, about(claim, world, text=f"Words.\n\n{second}"))
    assert code == 1
    assert notes[0].startswith("old.mbox, e-mail 1: Its text holds the header of a second e-mail")
    assert not Message.objects.filter(origin="IMPORTED").exists()


def test_a_mail_a_list_sent_on_in_the_desks_name_goes_to_quarantine(world: World, claim: Claim, tmp_path: Path) -> None:
    raw = about(claim, world, sender="\"'Alice' via Team\" <safe-t@desk.example>")
    assert import_it(tmp_path, raw)[0] == 1
    assert OriginalMail.objects.get().cause == "SENDER_REWRITTEN"


def test_an_answer_to_an_imported_mail_proposes_its_claim(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    answer = mail(subject="Re: your parcel", mail_id="<2@x>", date=dated(world, -9))
    answer = b"In-Reply-To: <s1@seller-a.example>\nReferences: <0@x> <s1@seller-a.example>\n" + answer
    import_it(tmp_path, about(claim, world), answer)
    waits = OriginalMail.objects.get(state="QUARANTINED")
    assert quarantine.look(waits).answers == (claim.claim_id,)
    client.force_login(world.hana)
    page = client.get(reverse("desk:mail", args=[waits.pk])).content.decode()
    assert f'value="{claim.claim_id}"' in page
    assert f"It answers an e-mail in the thread of claim: {claim.claim_id}" in page


def test_a_signature_picture_is_no_evidence_of_two_claims(world: World, claim: Claim, tmp_path: Path) -> None:
    other = world.claim(world.refund(days=-25), days=-24)
    logo = (png(width=90, height=40), "image/png")

    def with_logo(one: Claim, number: int) -> bytes:
        raw = about(
            one, world, files={"logo.png": logo}, html='<p>Please look.<img src="cid:l@x"></p>', mail_id=f"<{number}@x>"
        )
        return raw.replace(b'Content-Disposition: attachment; filename="logo.png"',
                           b'Content-Disposition: inline; filename="logo.png"\nContent-ID: <l@x>')  # fmt: skip

    before = Attachment.objects.count()
    import_it(tmp_path, with_logo(claim, 1), with_logo(other, 2))
    assert Attachment.objects.count() == before
    assert [one.notes["left_out"] for one in OriginalMail.objects.all()] == [["logo.png"]] * 2


def test_programs_are_told_of_kinds_and_of_claims_that_wait(world: World, claim: Claim, tmp_path: Path) -> None:
    path = written(tmp_path / "old.mbox", mbox(about(claim, world, fields="Precedence: bulk\n")))
    code, out, _ = run(path, "--json")
    told = json.loads(out)
    assert (code, told["automatic"], told["claims_with_automatic_mail"]) == (0, 1, [claim.claim_id])
    assert told["mails"][0]["kind"] == "LIST"


def test_a_mail_cut_off_says_so_in_the_thread(
    world: World, claim: Claim, tmp_path: Path, client: CheckingClient
) -> None:
    path = written(tmp_path / "old.mbox", mbox(about(claim, world, text="Words that go on"))[:-5])
    assert "old.mbox, e-mail 1: It is cut off: its end is missing." in run(path)[2]
    for page in pages(world, claim, client):
        assert "Its end is missing: it was cut off in the mailbox." in page


def test_a_large_mail_costs_little_memory(world: World, claim: Claim, tmp_path: Path) -> None:
    import tracemalloc

    path = written(tmp_path / "large.mbox", mbox(about(claim, world, files={
        f"{n}.bin": (bytes(range(256)) * 27_000, "application/octet-stream") for n in range(2)
    })))  # fmt: skip
    assert path.stat().st_size > 18_000_000
    tracemalloc.start()
    call_command("import_correspondence", str(path), verbosity=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000
