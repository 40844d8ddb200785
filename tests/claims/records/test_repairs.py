"""What went wrong is put right: asked again, corrected, released, redacted; each recorded, nothing lowered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from claims import integrity
from claims.files import store
from claims.models import AppealRelease, Attachment, Claim, Decision, InformationRequest, Redaction
from claims.records import redact
from claims.records.redact import NotRedacted, RedactionProblem
from claims.rules.lifecycle import DecisionReason, Refusal, Slot, Status
from claims.workflow import desk_actions
from claims.workflow.transitions import TransitionRefused
from messaging import redact_message, tasks
from messaging.models import InternalNote, Message, OutgoingEmail
from messaging.thread import entries
from messaging.thread.notes import note_words
from tests.cast import World

pytestmark = pytest.mark.django_db
SOLD = ((DecisionReason.LESS_RESALE, {"detail": "10.00 USD"}),)


def whole() -> None:
    assert {name: found for name, found in integrity.broken().items() if found} == {}


class TestAskingAgain:
    def test_the_new_list_takes_the_place_of_the_old_one_and_reply_by_never_gets_earlier(self, world: World) -> None:
        claim = world.claim()
        world.ask(claim, days=-4)
        before = claim.reply_by
        world.ask(claim, days=-3, slots=(Slot.LABEL_PHOTO,))
        assert before is not None
        assert claim.status == Status.AWAITING_SELLER
        assert claim.reply_by is not None
        assert claim.reply_by - before == timedelta(days=1)
        (still,) = InformationRequest.objects.filter(claim=claim, closed_at=None)
        assert [item.slot for item in still.items.all()] == [Slot.LABEL_PHOTO]
        assert OutgoingEmail.objects.filter(kind="information-requested", user=world.alice).count() == 2
        whole()

    def test_a_date_given_by_hand_stays_when_it_is_later(self, world: World) -> None:
        claim = world.claim()
        world.ask(claim, days=-4)
        Claim.objects.filter(pk=claim.pk).update(reply_by=world.at(30))
        world.ask(claim, days=-3)
        assert claim.reply_by == world.at(30)


class TestReleasing:
    @pytest.fixture
    def appealed(self, world: World) -> Claim:
        """Sam, the only senior handler, made the first decision; now it is appealed."""
        claim = world.claim()
        world.decide(claim, 3000, by=world.sam)
        world.appeal(claim)
        return claim

    def decide(self, world: World, claim: Claim) -> None:
        world.decide(claim, 4000, by=world.sam, days=-0.5, reasons=SOLD)

    def test_nobody_else_is_left_until_it_is_released(self, world: World, appealed: Claim) -> None:
        with pytest.raises(TransitionRefused) as refused:
            self.decide(world, appealed)
        assert refused.value.codes == (Refusal.NO_SECOND_HANDLER,)
        redact_message.release_appeal(appealed.pk, by=world.ada, to=world.sam, why="Only senior.", now=world.now)
        again = redact_message.release_appeal(appealed.pk, by=world.ada, to=world.sam, why="Again.", now=world.at(1))
        assert (again.why, AppealRelease.objects.count(), InternalNote.objects.count()) == ("Only senior.", 1, 1)
        assert note_words(InternalNote.objects.get(), "USD") == "Appeal released to Sam Whitfield: Only senior."
        self.decide(world, appealed)
        assert appealed.granted_minor == 4000

    def test_take_next_gives_it_to_whom_it_was_released(self, world: World, appealed: Claim) -> None:
        assert desk_actions.take_next(user=world.sam, now=world.now) is None
        redact_message.release_appeal(appealed.pk, by=world.ada, to=world.sam, why="Only senior.", now=world.now)
        assert desk_actions.take_next(user=world.hana, now=world.now) is None
        assert desk_actions.take_next(user=world.sam, now=world.now) == appealed

    def test_it_is_a_superusers_act_and_only_where_nobody_else_can(self, world: World, appealed: Claim) -> None:
        for by, code in ((world.sam, Refusal.SUPERUSER_RELEASES), (world.hana, Refusal.SUPERUSER_RELEASES)):
            with pytest.raises(TransitionRefused) as refused:
                redact.release_appeal(appealed.pk, by=by, to=world.sam, why="Me.", now=world.now)
            assert refused.value.codes == (code,)
        with pytest.raises(TransitionRefused) as refused:
            redact.release_appeal(appealed.pk, by=world.ada, to=world.ada, why="Me.", now=world.now)
        assert refused.value.codes == (Refusal.CANT_BE_RELEASED_TO,)
        with pytest.raises(NotRedacted) as unsaid:
            redact.release_appeal(appealed.pk, by=world.ada, to=world.sam, why=" ", now=world.now)
        assert unsaid.value.code is RedactionProblem.WHY_MISSING
        other = world.claim()
        world.decide(other, 3000, by=world.hana)
        world.appeal(other)
        with pytest.raises(TransitionRefused) as refused:
            redact.release_appeal(other.pk, by=world.ada, to=world.hana, why="Sam can.", now=world.now)
        assert refused.value.codes == (Refusal.OTHERS_CAN_DECIDE,)
        assert AppealRelease.objects.count() == 0


class TestRedacting:
    def test_a_message_goes_and_the_thread_says_why(self, world: World) -> None:
        claim = world.claim()
        sent = world.message(claim, text="The buyer lives in 12 Elm Street.")
        assert sent.message is not None
        redact_message.redact_message(
            claim.pk, position=sent.message.position, by=world.sam, why="A buyer's  address.", now=world.now
        )
        message = Message.objects.get(pk=sent.message.pk)
        assert (message.text, message.erased_at) == ("", world.now)
        told = entries(claim, viewer="seller", zone="UTC", now=world.now).entries
        assert [one.removed for one in told if one.kind == "post"][-1] == "Removed on Nov 23, 2026."
        assert told[-1].words == "The SAFE-T team removed a message: A buyer's address."
        with pytest.raises(NotRedacted) as gone:
            redact_message.redact_message(
                claim.pk, position=message.position, by=world.sam, why="Again.", now=world.now
            )
        assert gone.value.code is RedactionProblem.GONE
        assert Redaction.objects.count() == 1

    def test_an_email_that_would_quote_it_is_not_sent(self, world: World) -> None:
        claim = world.claim()
        sent = world.desk_message(claim, text="Call me on 555-0100.")
        assert sent.message is not None
        redact_message.redact_message(
            claim.pk, position=sent.message.position, by=world.ada, why="A number.", now=world.now
        )
        states = OutgoingEmail.objects.filter(kind="message").values_list("state", flat=True)
        assert set(states) == {"SUPPRESSED"}

    def test_a_file_goes_with_its_bytes_and_is_missed_as_evidence(
        self, world: World, django_capture_on_commit_callbacks: Any
    ) -> None:
        claim = world.claim()
        file = Attachment.objects.filter(claim=claim, slot=Slot.ITEM_PHOTO).get()
        key = file.storage_key
        with django_capture_on_commit_callbacks(execute=True):
            redact.redact_file(claim.pk, attachment_pk=file.pk, by=world.sam, why="A face in it.", now=world.now)
        file.refresh_from_db()
        assert (file.shown_at, file.name, file.slot, file.erased_at) == (None, "", "", world.now)
        with pytest.raises(FileNotFoundError):
            store.read(key)
        assert tasks.delete_erased() == 0
        page = entries(claim, viewer="seller", zone="UTC", now=world.now)
        assert all(chip.uuid != str(file.uuid) for chip in page.files)

    def test_words_of_a_decision_and_the_statement_go_and_amounts_stay(self, world: World) -> None:
        claim = world.claim()
        world.decide(claim, 3000, words="Ask Ms Miller in Elm Street.")
        redact.redact_decision(claim.pk, number=1, by=world.sam, why="A name.", now=world.now)
        redact.redact_statement(claim.pk, by=world.sam, why="A name.", now=world.now)
        claim.refresh_from_db()
        decision = Decision.objects.get(claim=claim)
        assert (decision.words, decision.granted_minor, claim.statement) == ("", 3000, "")
        assert claim.statement_erased_at == world.now

    def test_only_a_senior_or_a_superuser_with_a_reason(self, world: World) -> None:
        claim = world.claim()
        with pytest.raises(TransitionRefused) as refused:
            redact.redact_statement(claim.pk, by=world.hana, why="A name.", now=world.now)
        assert refused.value.codes == (Refusal.SENIOR_REDACTS,)
        for why, code in ((" ", RedactionProblem.WHY_MISSING), ("x" * 501, RedactionProblem.WHY_TOO_LONG)):
            with pytest.raises(NotRedacted) as wrong:
                redact.redact_statement(claim.pk, by=world.ada, why=why, now=world.now)
            assert wrong.value.code is code
        claim.refresh_from_db()
        assert claim.statement
