"""What the SAFE-T team removes is told to the seller where it was theirs or they could see it, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from claims.models import Attachment, Claim, Redaction
from claims.records import files_opened, redact
from claims.rules.lifecycle import Party, Slot
from desk.repairs import redactable
from messaging import redact_message
from messaging.compose import verbs
from messaging.models import OutgoingEmail
from messaging.notifications.render_email import Rendered, render
from tests.cast import World
from tests.html import CheckingClient as Client

WHY = "It named the buyer's street."


def told(world: World, claim: Claim) -> list[str]:
    rows = OutgoingEmail.objects.filter(claim=claim, kind="redacted").order_by("user__email")
    return list(rows.values_list("user__email", flat=True))


def read(world: World, claim: Claim) -> Rendered:
    email = OutgoingEmail.objects.filter(claim=claim, kind="redacted", user=world.alice).latest("pk")
    return render(email, world.member(world.alice), world.now)


def said(world: World, claim: Claim) -> tuple[str, str]:
    """The subject without its ids, and the first line."""
    mail = read(world, claim)
    subject, _, _ids = mail.subject.partition(":")
    return subject, mail.text.partition("\n")[0]


def file_of(claim: Claim, slot: Slot = Slot.ITEM_PHOTO) -> Attachment:
    return Attachment.objects.get(claim=claim, slot=slot)


def remove_file(world: World, file: Attachment) -> Redaction:
    assert file.claim_id is not None
    return redact.redact_file(file.claim_id, attachment_pk=file.pk, by=world.sam, why=WHY, now=world.now)


def test_each_member_is_told_what_went_and_why_with_a_link_to_the_line(world: World) -> None:
    claim = world.claim()
    sent = world.message(claim, text="The buyer lives in 12 Elm Street.")
    assert sent.message is not None
    position = sent.message.position
    row = redact_message.redact_message(claim.pk, position=position, by=world.sam, why=WHY, now=world.now)
    assert told(world, claim) == ["alice@seller-a.example", "gus@agency.example", "vera@seller-a.example"]
    mail = read(world, claim)
    assert said(world, claim) == (
        "A message was removed",
        f"The SAFE-T team removed a message you sent on Nov 22, 2026. Why: {WHY}",
    )
    assert f"/claims/{claim.claim_id}/messages/?at={row.position}#e{row.position}" in mail.text
    assert "Elm Street" not in mail.text + mail.html and "Sam" not in mail.text + mail.html


def test_what_it_is_called_follows_what_it_was(world: World) -> None:
    claim = world.claim()
    sent = world.desk_message(claim, text="Call me on 555-0100.")
    assert sent.message is not None
    redact_message.redact_message(claim.pk, position=sent.message.position, by=world.ada, why=WHY, now=world.now)
    assert said(world, claim) == (
        "A message was removed", f"The SAFE-T team removed its own message of Nov 22, 2026. Why: {WHY}",
    )  # fmt: skip
    redact.redact_statement(claim.pk, by=world.sam, why=WHY, now=world.now)
    assert said(world, claim) == (
        "Words were removed",
        f"The SAFE-T team removed what you wrote when the claim was filed. Why: {WHY}",
    )
    remove_file(world, file_of(claim))
    assert said(world, claim) == (
        "A file was removed",
        "The SAFE-T team removed a file you sent on Nov 18, 2026 as photo of the item you received. "
        f"You can send another one while the claim is open. Why: {WHY}",
    )
    world.decide(claim, 3000, words="Ask Ms Miller.")
    redact.redact_decision(claim.pk, number=1, by=world.sam, why=WHY, now=world.now)
    subject, first = said(world, claim)
    assert (subject, first) == (
        "Words were removed",
        "The SAFE-T team removed its own words from the decision of Nov 21, 2026. "
        f"Amounts and reasons stay as they are. Why: {WHY}",
    )
    remove_file(world, file_of(claim, Slot.LABEL_PHOTO))
    assert said(world, claim)[1] == f"The SAFE-T team removed a file you sent on Nov 18, 2026. Why: {WHY}"


def test_it_is_owed_with_the_change_or_not_at_all(world: World) -> None:
    claim = world.claim()
    with transaction.atomic():
        redact.redact_statement(claim.pk, by=world.sam, why=WHY, now=world.now)
        assert len(told(world, claim)) == 3
        transaction.set_rollback(True)
    assert (told(world, claim), Redaction.objects.count()) == ([], 0)


@pytest.mark.parametrize(("shown", "owed"), [(True, 3), (False, 0)])
def test_a_file_of_the_team_that_nobody_saw_is_news_to_nobody(world: World, shown: bool, owed: int) -> None:
    claim = world.claim()
    file = file_of(claim)
    Attachment.objects.filter(pk=file.pk).update(party=Party.DESK, shown_at=world.now if shown else None)
    remove_file(world, file)
    assert len(told(world, claim)) == owed
    if shown:
        assert said(world, claim)[1] == f"The SAFE-T team removed a file it had sent on Nov 18, 2026. Why: {WHY}"


def test_a_file_of_the_seller_that_was_still_being_checked_is_told(world: World) -> None:
    claim = world.claim()
    file = file_of(claim)
    Attachment.objects.filter(pk=file.pk).update(shown_at=None, scan=Attachment.Scan.PENDING)
    remove_file(world, file)
    assert len(told(world, claim)) == 3


def test_an_internal_note_that_is_redacted_owes_nothing(world: World) -> None:
    claim = world.claim()
    before = OutgoingEmail.objects.count()
    note = verbs.add_note(claim_pk=claim.pk, user=world.sam, text="Elm Street again.", now=world.now)
    assert (f"note:{note.pk}", True) in [(each, "Elm" in words) for each, words in redactable.choices(claim, "UTC")]
    redactable.redact_chosen(claim, f"note:{note.pk}", by=world.sam, why=WHY, now=world.now)
    assert not any("Elm Street" in words for _value, words in redactable.choices(claim, "UTC"))
    with pytest.raises(redact.NotRedacted):
        redactable.redact_chosen(claim, f"note:{note.pk}", by=world.sam, why=WHY, now=world.now)
    assert OutgoingEmail.objects.count() == before


def test_the_details_say_which_evidence_is_gone(world: World, client: Client) -> None:
    claim = world.claim()
    item, label = file_of(claim), file_of(claim, Slot.LABEL_PHOTO)
    files_opened.opened(item, world.hana, world.now)
    world.message(claim)
    unslotted = Attachment.objects.filter(claim=claim).exclude(pk__in=[item.pk, label.pk]).last()
    world.decide(claim, 3000)
    client.force_login(world.alice)
    gone = f"The SAFE-T team removed a file here on Nov 23, 2026: {WHY}"
    remove_file(world, item)
    if unslotted:
        remove_file(world, unslotted)
    page: Any = client.get(f"/claims/{claim.claim_id}/")
    slots = {slot.title: (slot.state, slot.missing, slot.removed) for slot in page.context["details"].evidence}
    assert slots["Photo of the item you received"] == ("Missing", True, (gone,))
    assert slots["Photo of the package with the return label visible"][2] == ()
    assert page.context["details"].removed == ((gone,) if unslotted else ())
    assert page.context["details"].decisions[0].looked_at == "a file that was removed since"
    assert page.content.decode().count("removed a file here on Nov 23, 2026") == 1 + bool(unslotted)
