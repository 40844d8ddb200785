"""The desk's pages for what is put right: who has them, what is typed stays, and bad input is a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from claims.models import AppealRelease, Attachment, Claim, EvidencePack, Redaction
from claims.rules.lifecycle import Status
from messaging import packs
from messaging.compose.verbs import add_note
from messaging.models import InternalNote, OutgoingEmail
from tests.cast import World
from tests.html import CheckingClient


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


def address(claim: Claim, verb: str) -> str:
    return f"/admin/desk/{claim.claim_id}/{verb}/"


def test_a_decision_is_corrected_on_its_page(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.decide(claim, 3000)
    (line,) = claim.lines.all()
    client.force_login(world_now.sam)
    page = client.get(address(claim, "correct"))
    assert "claimed 89.99 USD, granted 30.00 USD" in " ".join(page.content.decode().split())
    form = {"version": claim.version, f"amount-{line.pk}": "50", f"reason-{line.pk}-LESS_RESALE": "1"}
    form[f"detail-{line.pk}-LESS_RESALE"] = "It can be sold."
    wrong = client.post(address(claim, "correct"), form).content.decode()
    assert "Say in your own words what was wrong; the seller reads it." in wrong
    assert 'value="50"' in wrong
    stale = client.post(address(claim, "correct"), {**form, "version": "0", "words": "We overlooked it."})
    assert "Your input is kept; check it and send again." in stale.content.decode()
    assert client.post(address(claim, "correct"), {**form, "words": "We overlooked it."}).status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.granted_minor) == (Status.GRANTED, 5000)


def test_a_correction_that_is_not_possible_says_so_before_anybody_types(
    client: CheckingClient, world_now: World
) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    assert (
        "isn&#x27;t possible while a claim is Under Investigation"
        in client.get(address(claim, "correct")).content.decode()
    )


def test_texts_and_files_are_redacted_on_one_page(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.message(claim, text="The buyer lives in 12 Elm Street.")
    file = Attachment.objects.filter(claim=claim).first()
    assert file is not None
    client.force_login(world_now.sam)
    url = address(claim, "redact")
    page = client.get(url).content.decode()
    assert "Message of Alice Moreno: The buyer lives in 12 Elm Street." in page
    claim.refresh_from_db()
    sent = {"version": claim.version, "seen": claim.next_position, "why": "A name."}
    for what in ("", "message:x", "message:99999", "file:99999999999999999999", "file:9", "cat:1", "\x00"):
        assert client.post(url, {**sent, "what": what}).status_code == 200
    nothing = client.post(url, {**sent, "what": f"file:{file.pk}", "why": ""})
    assert "Say why; the reason is recorded." in nothing.content.decode()
    world_now.message(claim, text="One more thing.")
    stale = client.post(url, {**sent, "what": "statement:"})
    assert [str(change.said) for change in stale.context["changes"]] == ["One more thing."]
    assert (stale.context["chosen"], stale.context["why"]) == ("statement:", "A name.")
    for what in (f"file:{file.pk}", "statement:"):
        claim.refresh_from_db()
        assert client.post(url, {**sent, "version": claim.version, "what": what}).status_code == 302
    assert Redaction.objects.count() == 2
    shown = client.get(f"/admin/desk/{claim.claim_id}/").content.decode()
    assert "The SAFE-T team removed a file: A name." in shown
    assert client.get(f"/admin/desk/files/{file.uuid}/").status_code == 404


def test_an_internal_note_is_redacted_and_the_seller_learns_nothing(client: CheckingClient, world_now: World) -> None:
    claim, other = world_now.claim(), world_now.claim()
    kept = add_note(claim_pk=other.pk, user=world_now.hana, text="Another claim.", now=world_now.now)
    note = add_note(claim_pk=claim.pk, user=world_now.hana, text="Her card is 4111 1111.", now=world_now.now)
    for reader, user in ((EvidencePack.Reader.DESK, world_now.sam), (EvidencePack.Reader.SELLER, world_now.alice)):
        pack = packs.ask(claim, reader=reader, user_id=user.pk, now=world_now.now)
        assert packs.make(pack.pk, now=world_now.now)
    before = OutgoingEmail.objects.count(), Claim.objects.values().get(pk=claim.pk)
    client.force_login(world_now.sam)
    url = address(claim, "redact")
    assert "Internal note of Hana Sato: Her card is 4111 1111." in client.get(url).content.decode()
    sent = {"version": claim.version, "seen": claim.next_position, "what": f"note:{note.pk}"}
    assert "Say why; the reason is recorded." in client.post(url, sent).content.decode()
    elsewhere = client.post(url, {**sent, "what": f"note:{kept.pk}", "why": "A card number."})
    assert "That is no longer there." in elsewhere.content.decode()
    done = client.post(url, {**sent, "why": "A card number."}, follow=True).content.decode()
    assert "Redacted. The desk sees that it was, and why." in done
    assert "Sam Whitfield redacted this note: A card number." in done
    assert "4111" not in done
    again = client.post(url, {**sent, "why": "A card number."}).content.decode()
    assert "That is no longer there." in again
    assert (OutgoingEmail.objects.count(), Claim.objects.values().get(pk=claim.pk)) == before
    assert list(EvidencePack.objects.values_list("reader", flat=True)) == ["SELLER"]
    client.force_login(world_now.alice)
    assert "removed" not in client.get(f"/claims/{claim.claim_id}/messages/").content.decode()


@pytest.mark.parametrize(
    "change",
    ["text = 'Other words'", "author_id = author_id + 1", "erased_at = now(), text = ''", "erased_why = 'No.'"],
)
def test_a_note_is_never_changed_otherwise(world: World, change: str) -> None:
    add_note(claim_pk=world.claim().pk, user=world.hana, text="The weight is odd.", now=world.now)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE messaging_internalnote SET {change}")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_internalnote")


def test_a_second_click_adds_no_second_note(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    for text in ("The weight is odd.", "The weight is odd.", "It is too light."):
        assert client.post(address(claim, "note"), {"note": text}).status_code == 302
    assert list(InternalNote.objects.order_by("pk").values_list("text", flat=True)) == [
        "The weight is odd.",
        "It is too light.",
    ]


def test_a_file_of_another_claim_is_not_redacted(client: CheckingClient, world_now: World) -> None:
    claim, other = world_now.claim(), world_now.claim()
    file = Attachment.objects.filter(claim=other).first()
    assert file is not None
    client.force_login(world_now.sam)
    said = client.post(
        address(claim, "redact"), {"version": claim.version, "what": f"file:{file.pk}", "why": "A name."}
    )
    assert "That is no longer there." in said.content.decode()
    file.refresh_from_db()
    assert file.erased_at is None


def test_an_appeal_is_released_by_the_superuser(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.decide(claim, 0, by=world_now.sam)
    world_now.appeal(claim)
    client.force_login(world_now.sam)
    assert client.get(address(claim, "release-appeal")).status_code == 404
    assert "A superuser can release it to you" in client.get(f"/admin/desk/{claim.claim_id}/").content.decode()
    client.force_login(world_now.ada)
    assert "Release the appeal" in client.get(f"/admin/desk/{claim.claim_id}/").content.decode()
    url = address(claim, "release-appeal")
    sent = {"version": claim.version, "why": "Only senior."}
    assert "Choose a case handler" in client.post(url, {**sent, "to": "x"}).content.decode()
    stale = client.post(url, {**sent, "version": "0", "to": world_now.sam.pk})
    assert "Your input is kept; check it and send again." in stale.content.decode()
    assert client.post(url, {**sent, "to": world_now.sam.pk}).status_code == 302
    assert AppealRelease.objects.get().to == world_now.sam


@pytest.mark.parametrize(("name", "status"), [("hana", 404), ("sam", 200), ("ada", 200), ("alice", 302)])
def test_who_takes_things_out(client: CheckingClient, world_now: World, name: str, status: int) -> None:
    claim = world_now.claim()
    user: User = getattr(world_now, name)
    client.force_login(user)
    assert client.get(address(claim, "redact")).status_code == status


def test_the_seller_is_asked_again_with_the_list_filled_in(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.ask(claim)
    client.force_login(world_now.hana)
    page = client.get(address(claim, "request")).content.decode()
    assert "This list takes the place of the one the seller has now." in page
    assert 'name="slot-SERIAL_PHOTO" value="1" checked' in page
    done = client.post(address(claim, "request"), {"version": claim.version, "slot-LABEL_PHOTO": "1", "text": ""})
    assert done.status_code == 302
    claim.refresh_from_db()
    assert claim.status == Status.AWAITING_SELLER


def test_the_seller_gets_more_time_with_a_reason(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.ask(claim)
    before = claim.reply_by
    assert before is not None
    client.force_login(world_now.hana)
    url = address(claim, "extend")
    assert "Extend reply-by" in client.get(f"/admin/desk/{claim.claim_id}/").content.decode()
    day = (before + timedelta(days=3)).date().isoformat()
    for typed, said in (
        ({"day": "soon", "why": "A strike."}, "Choose a day, as in 2026-12-24."),
        ({"day": "9999-12-31", "why": "A strike."}, "Choose a day, as in 2026-12-24."),
        ({"day": "2020-01-01", "why": "A strike."}, "can only be moved later"),
        ({"day": day, "why": " \x00"}, "Extending needs a reason; the seller reads it."),
    ):
        page = client.post(url, {**typed, "version": claim.version}).content.decode()
        assert said in page
    assert client.post(url, {"day": day, "why": "A strike.", "version": claim.version}).status_code == 302
    claim.refresh_from_db()
    assert claim.reply_by is not None
    assert claim.reply_by > before
