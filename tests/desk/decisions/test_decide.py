"""Decisions at the desk: what contradicts itself, what was looked at, four eyes above an amount, and appeals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from claims.decisions.confirm import confirm
from claims.models import Claim, ClockRule, Decision, DecisionEvidence, FileOpened, LedgerEntry, ProposedDecision
from claims.rules.lifecycle import DecisionReason, Refusal, Slot, Stage, Status, Verb
from claims.workflow.transitions import TransitionRefused, desk_actor
from desk import forms
from messaging import redact_message
from messaging.models import InternalNote, OutgoingEmail
from messaging.thread.notes import note_words
from tests.cast import World
from tests.desk.pages import QUEUE, address, decision, made_from
from tests.html import CheckingClient, content_of

Client = CheckingClient
LESS = ((DecisionReason.LESS_RESALE, {"detail": "half"}),)


@pytest.fixture
def world(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def desk(world: World) -> Callable[[str], Client]:
    """A client of each member of the desk."""
    clients: dict[str, Client] = {}

    def of(name: str) -> Client:
        if name not in clients:
            clients[name] = Client()
            clients[name].force_login(getattr(world, name))
        return clients[name]

    return of


def two_pairs_of_eyes(above: int = 5000, currency: str = "USD") -> None:
    """From now on claims are filed under clocks by which a second handler confirms above the amount."""
    newest = ClockRule.objects.latest("version")
    newest.pk, newest.version = None, newest.version + 1
    newest.four_eyes_above_minor, newest.four_eyes_currency = above, currency
    newest.save(force_insert=True)


def wrong(client: Client, claim: Claim, sent: dict[str, str]) -> list[str]:
    found: list[str] = client.post(address(claim, "decide"), sent).context["wrong"]
    return found


def test_evidence_is_not_missing_while_all_of_it_is_here(world: World, desk: Callable[[str], Client]) -> None:
    claim, client = world.claim(), desk("hana")
    sent = decision(client, claim, Verb.DENY, "", "EVIDENCE_MISSING")
    here = '"Evidence missing" doesn\'t fit: every required file is here.'
    assert wrong(client, claim, sent) == [here]
    del sent["send"]
    assert wrong(client, claim, {**sent, "preview": "1"}) == [here]
    world.ask(claim, slots=(Slot.WEIGHT,))
    world.reply(claim)  # with another file than the one asked for
    client.post(address(claim, "decide"), decision(client, claim, Verb.DENY, "", "EVIDENCE_MISSING"))
    claim.refresh_from_db()
    assert claim.status == Status.DENIED
    (reason,) = claim.decisions.get().lines.get().reasons.all()
    assert reason.params["slots"] == [Slot.WEIGHT]


@pytest.mark.parametrize(
    ("currency", "typed", "said"),
    [("JPY", "24.50", "Write the amount like 2,450. Kettle"), ("KWD", "1.2345", "Write the amount like 2.450. Kettle")],
)
def test_an_amount_is_asked_for_as_its_currency_has_it(currency: str, typed: str, said: str) -> None:
    line = {"pk": 1, "item": "Kettle", "plain": "", "floor_minor": 0}
    assert forms.read_decision({"amount-1": typed}, [line], currency).wrong == [said]


def test_amounts_keep_between_nothing_and_the_most(world: World, desk: Callable[[str], Client]) -> None:
    claim, client = world.claim(), desk("hana")
    for amount, sentence in (
        ("90", "Enter an amount from 0 to 89.99 USD."),
        ("-1", "Enter an amount from 0 to 89.99 USD."),
        ("abc", "Write the amount like 24.50. Wooden train set 1"),
        ("1e400", "Write the amount like 24.50. Wooden train set 1"),
        ("1e999999", "Write the amount like 24.50. Wooden train set 1"),
        ("2e1", "Write the amount like 24.50. Wooden train set 1"),
        ("1_0", "Write the amount like 24.50. Wooden train set 1"),
        ("24.505", "Enter an amount from 0 to 89.99 USD."),  # three digits after a mark are thousands
        ("24.5055", "Write the amount like 24.50. Wooden train set 1"),
        ("\x00", "Write the amount like 24.50. Wooden train set 1"),
    ):
        sent = decision(client, claim, Verb.GRANT, amount, "LESS_RESALE:half")
        assert (amount, wrong(client, claim, sent)) == (amount, [sentence])
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION


def test_a_file_nobody_was_given_was_not_looked_at(world: World, desk: Callable[[str], Client]) -> None:
    file = world.claim().attachments.order_by("pk")[0]
    file.scan = "PENDING"
    file.save()
    assert desk("hana").get(f"/admin/desk/files/{file.uuid}/").status_code == 404
    assert not FileOpened.objects.exists()


def test_what_was_opened_is_what_was_looked_at(world: World, desk: Callable[[str], Client]) -> None:
    claim, client = world.claim(), desk("hana")
    seen, unseen = claim.attachments.order_by("pk")
    client.get(address(claim))
    content_of(client.get(f"/admin/desk/files/{seen.uuid}/preview/0/"))  # thumbnails are not looking
    assert not FileOpened.objects.exists()
    for reader, file in ((client, seen), (client, seen), (desk("sam"), unseen)):
        answer = reader.get(f"/admin/desk/files/{file.uuid}/")
        assert answer.status_code == 200
        content_of(answer)
    assert [row.user for row in FileOpened.objects.filter(attachment=seen)] == [world.hana]
    page = client.get(address(claim))
    assert [words for slot in page.context["evidence"] for _file, words in slot.files] == [
        "opened by you",
        "opened by Sam Whitfield, not by you",
    ]
    client.post(address(claim, "decide"), decision(client, claim, Verb.GRANT))
    decided_on = DecisionEvidence.objects.filter(decision__claim=claim)
    assert [row.attachment for row in decided_on] == [seen]
    alice = Client()
    alice.force_login(world.alice)
    (card,) = [e.card for e in alice.get(f"/claims/{claim.claim_id}/messages/").context["page"].entries if e.card]
    assert card.looked_at == seen.name


def test_above_the_amount_a_second_handler_confirms(world: World, desk: Callable[[str], Client]) -> None:
    two_pairs_of_eyes()
    claim, hana, sam = world.claim(), desk("hana"), desk("sam")
    sent = decision(hana, claim, Verb.GRANT, "60", "LESS_RESALE:a third", words="A second can be sold.")
    done = hana.post(address(claim, "decide"), sent, follow=True)
    assert [str(message) for message in done.context["messages"]] == ["Proposed. A second handler confirms it."]
    claim.refresh_from_db()
    assert (claim.status, claim.granted_minor, claim.proposed_by, claim.assigned_to) == (
        Status.UNDER_INVESTIGATION,
        0,
        world.hana,
        world.hana,
    )
    before = OutgoingEmail.objects.filter(claim=claim).count()
    assert not Decision.objects.exists() and not LedgerEntry.objects.filter(kind="GRANTED").exists()
    assert (done.context["card"].headline, Verb.CONFIRM in done.context["card"].verbs) == (
        "Waiting for a second handler",
        False,
    )
    mine = hana.get(address(claim, "confirm"))
    second = "Above 50.00 USD two people decide. This decision was yours, so another handler confirms it."
    assert mine.context["wrong"] == [second]
    assert hana.post(address(claim, "confirm"), {**made_from(mine), "confirm": "1"}).context["wrong"] == [second]
    assert [row.claim_id for row in sam.get(QUEUE + "?queue=confirm").context["rows"]] == [claim.claim_id]
    assert [row.claim_id for row in sam.get(QUEUE + "?queue=high").context["rows"]] == [claim.claim_id]
    page = sam.get(address(claim, "confirm"))
    assert [row.granted for row in page.context["preview"].rows] == ["60.00 USD"]
    sam.post(address(claim, "confirm"), {**made_from(page), "confirm": "1"})
    claim.refresh_from_db()
    made = Decision.objects.get(claim=claim)
    assert (claim.status, claim.granted_minor, claim.proposed_by) == (Status.GRANTED, 6000, None)
    assert (made.by, made.confirmed_by, made.words) == (world.hana, world.sam, "A second can be sold.")
    assert not ProposedDecision.objects.exists()
    assert OutgoingEmail.objects.filter(claim=claim).count() > before


def test_what_is_at_or_below_the_amount_is_decided_at_once(world: World, desk: Callable[[str], Client]) -> None:
    two_pairs_of_eyes()
    at, other_money, denied = world.claim(), world.claim(world.refund(seller=world.lamps), by=world.gus), world.claim()
    client = desk("hana")
    client.post(address(at, "decide"), decision(client, at, Verb.GRANT, "50", "LESS_RESALE:half"))
    client.post(address(other_money, "decide"), decision(client, other_money, Verb.GRANT))
    client.post(address(denied, "decide"), decision(client, denied, Verb.DENY, "", "RETURN_IN_ORDER"))
    assert list(Claim.objects.order_by("pk").values_list("status", flat=True)) == ["GRANTED", "GRANTED", "DENIED"]


def test_a_proposal_is_sent_back_with_a_reason_and_taken_up_again(world: World, desk: Callable[[str], Client]) -> None:
    two_pairs_of_eyes()
    claim, hana, sam = world.claim(), desk("hana"), desk("sam")
    hana.post(address(claim, "decide"), decision(hana, claim, Verb.GRANT, words="All of it."))
    page = sam.get(address(claim, "confirm"))
    nothing = sam.post(address(claim, "confirm"), {**made_from(page), "back": "1", "why": "  "})
    assert nothing.context["wrong"] == ["Say why you send it back."]
    lengthy = sam.post(address(claim, "confirm"), {**made_from(page), "back": "1", "why": "x" * 10_001})
    assert lengthy.context["wrong"] == ["The message is 1 character too long; at most 10,000."]
    sam.post(address(claim, "confirm"), {**made_from(page), "back": "1", "why": "The label is of another order."})
    claim.refresh_from_db()
    assert (claim.proposed_by, claim.status) == (None, Status.UNDER_INVESTIGATION)
    notes = [note_words(note, claim.currency) for note in InternalNote.objects.filter(claim=claim).order_by("pk")]
    assert notes == [
        "Proposed: 89.99 USD. A second handler confirms.",
        "Sent back to Hana Sato: The label is of another order.",
    ]
    form = hana.get(address(claim, "decide"))
    assert (form.context["words"], form.context["outcome"]) == ("All of it.", "GRANT")
    assert form.context["proposal"].why == "The label is of another order."
    note = InternalNote.objects.filter(claim=claim).latest("pk")
    redact_message.redact_note(claim.pk, note_pk=note.pk, by=world.sam, why="A name.", now=timezone.now())
    form = hana.get(address(claim, "decide"))
    assert form.context["proposal"].why == "Removed: A name."
    hana.post(address(claim, "decide"), decision(hana, claim, Verb.DENY, "", "EVIDENCE_OTHER_ORDER:label_photo.png"))
    claim.refresh_from_db()
    assert claim.status == Status.DENIED and not ProposedDecision.objects.exists()


def test_a_proposal_ends_when_the_claim_moves_and_is_stale_when_the_seller_wrote(
    world: World, desk: Callable[[str], Client]
) -> None:
    two_pairs_of_eyes()
    claim, hana, sam = world.claim(), desk("hana"), desk("sam")
    hana.post(address(claim, "decide"), decision(hana, claim, Verb.GRANT))
    page = sam.get(address(claim, "confirm"))
    world.message(claim, text="I found the seal.")
    stale = sam.post(address(claim, "confirm"), {**made_from(page), "confirm": "1"})
    assert [str(change.said) for change in stale.context["changes"]] == ["I found the seal."]
    world.withdraw(claim)
    claim.refresh_from_db()
    assert (claim.proposed_by, ProposedDecision.objects.count()) == (None, 0)


def test_what_was_proposed_is_kept_for_the_form_while_the_seller_is_asked(
    world: World, desk: Callable[[str], Client]
) -> None:
    two_pairs_of_eyes()
    claim, hana = world.claim(), desk("hana")
    hana.post(address(claim, "decide"), decision(hana, claim, Verb.GRANT, "60", "LESS_RESALE:a third", words="Good."))
    world.ask(claim, by=world.hana, days=0)
    assert claim.proposed_by is None
    assert hana.get(QUEUE + "?queue=confirm").context["rows"] == []
    world.reply(claim, days=0)
    form = hana.get(address(claim, "decide"))
    (row,) = form.context["rows"]
    assert (form.context["words"], form.context["outcome"], row["typed"]) == ("Good.", "GRANT", "60.00")
    assert "Hana Sato proposed what the form is filled with" in form.content.decode()
    sent = hana.post(address(claim, "decide"), decision(hana, claim, Verb.DENY, "", "RETURN_IN_ORDER"))
    claim.refresh_from_db()
    assert (sent.status_code, claim.status, ProposedDecision.objects.count()) == (302, Status.DENIED, 0)


def test_four_eyes_on_an_appeal_that_adds_money_only_and_never_the_first_decider(world: World) -> None:
    two_pairs_of_eyes()
    claim = world.claim()
    world.decide(claim, 4000, reasons=LESS)
    world.appeal(claim)
    world.decide(claim, 8999, by=world.sam)
    assert (claim.stage, claim.status, claim.proposed_by) == (Stage.APPEAL, Status.UNDER_INVESTIGATION, world.sam)
    with pytest.raises(TransitionRefused) as refused:
        confirm(claim.pk, by=desk_actor(world.hana), now=world.now)
    assert refused.value.codes == (Refusal.OWN_DECISION,)
    world.decide(claim, 4000, by=world.sam, reasons=LESS)
    assert (claim.status, claim.granted_minor) == (Status.GRANTED, 4000)


def test_an_appeal_shows_the_first_decision_beside_what_is_new_and_is_never_lowered(
    world: World, desk: Callable[[str], Client]
) -> None:
    claim, sam = world.claim(), desk("sam")
    world.decide(claim, 4000, reasons=LESS, words="It can be sold as a second.")
    world.appeal(claim, text="The new photo shows the crack.")
    page = sam.get(address(claim, "decide"))
    first = page.context["first"]
    assert (first.card.rows[0].granted, str(first.card.words)) == ("40.00 USD", "It can be sold as a second.")
    assert [(str(entry.body), len(entry.files)) for entry in first.since] == [("The new photo shows the crack.", 1)]
    (row,) = page.context["rows"]
    assert [(each["code"], each["detail"]) for each in row["reasons"] if each["chosen"]] == [("LESS_RESALE", "half")]
    lower = decision(sam, claim, Verb.GRANT, "39.99", "LESS_RESALE:half")
    assert wrong(sam, claim, lower) == ["An appeal never lowers what was granted: enter at least 40.00 USD."]
    confirmed = decision(sam, claim, Verb.DENY, "12345", "LESS_RESALE:half")
    sam.post(address(claim, "decide"), confirmed)
    claim.refresh_from_db()
    assert (claim.status, claim.stage, claim.granted_minor, claim.appeal_by) == ("GRANTED", "APPEAL", 4000, None)
    assert desk("hana").get(address(claim)).context["card"].headline == "Final"
