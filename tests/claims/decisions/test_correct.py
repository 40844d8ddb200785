"""A granted amount is raised after the decision: once for each try, told to each member, nothing lowered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from claims.decisions.checks import Contradiction, LineDecision, NotDecided
from claims.models import Claim, Decision, LedgerEntry
from claims.rules.lifecycle import DecisionReason, Position, Refusal, Stage, Status
from claims.workflow.transitions import TransitionRefused
from messaging.compose import verbs
from messaging.models import OutgoingEmail
from messaging.thread import entries
from tests.cast import World
from tests.claims.records.test_repairs import SOLD, whole

pytestmark = pytest.mark.django_db


def correct(world: World, claim: Claim, amount: int, *, by: User | None = None, words: str = "A file counts.") -> Any:
    lines = {line.pk: LineDecision(amount, SOLD if amount < line.claimed_minor else ()) for line in claim.lines.all()}
    sent = verbs.correct(claim_pk=claim.pk, user=by or world.sam, lines=lines, words=words, now=world.at(-1))
    claim.refresh_from_db()
    return sent


def ledger(claim: Claim) -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.filter(claim=claim).order_by("pk").values_list("kind", "amount_minor"))


class TestCorrecting:
    def test_a_further_decision_raises_and_the_appeal_stays(self, world: World) -> None:
        claim = world.claim()
        world.decide(claim, 3000)
        appeal_by = claim.appeal_by
        correct(world, claim, 5000)
        assert (claim.status, claim.granted_minor, claim.appeal_by) == (Status.GRANTED, 5000, appeal_by)
        decisions = Decision.objects.filter(claim=claim).order_by("number").values_list("number", "granted_minor")
        assert list(decisions) == [
            (1, 3000),
            (2, 5000),
        ]
        assert ledger(claim) == [("CLAIMED", 8999), ("GRANTED", 3000), ("CORRECTION", 2000)]
        world.appeal(claim, days=-0.5)
        whole()

    def test_a_denial_is_corrected_to_a_grant_twice(self, world: World) -> None:
        claim = world.claim()
        world.decide(claim, 0)
        correct(world, claim, 1000)
        correct(world, claim, 8999)
        assert (claim.status, claim.appeal_by, claim.granted_in_full) == (Status.GRANTED, None, True)
        assert ledger(claim)[1:] == [("CORRECTION", 1000), ("CORRECTION", 7999)]
        with pytest.raises(TransitionRefused) as refused:
            correct(world, claim, 8999)
        assert refused.value.codes == (Refusal.NOTHING_TO_RAISE,)
        whole()

    def test_a_lapse_is_corrected_and_no_longer_reads_as_one(self, world: World) -> None:
        claim = world.claim()
        world.ask(claim)
        world.lapse(claim)
        world.now = claim.updated_at + timedelta(days=2)
        correct(world, claim, 500)
        assert (claim.lapsed, claim.granted_minor) == (False, 500)

    @pytest.mark.parametrize(
        ("amount", "words", "code"),
        [
            (2999, "Lower.", Contradiction.BELOW_DECISION),
            (3000, "The same.", Contradiction.NOTHING_RAISED),
            (9000, "Too much.", Contradiction.AMOUNT_OUT_OF_RANGE),
            (4000, "  ", Contradiction.CORRECTION_UNEXPLAINED),
        ],
    )
    def test_what_does_not_raise_or_says_nothing_is_refused(
        self, world: World, amount: int, words: str, code: Contradiction
    ) -> None:
        claim = world.claim()
        world.decide(claim, 3000)
        with pytest.raises(NotDecided) as wrong:
            correct(world, claim, amount, words=words)
        assert [problem.code for problem in wrong.value.problems] == [code]
        claim.refresh_from_db()
        assert (claim.granted_minor, claim.decisions.count()) == (3000, 1)

    def test_what_is_here_is_not_given_as_missing(self, world: World) -> None:
        claim = world.claim()
        world.decide(claim, 3000)
        lines = {line.pk: LineDecision(4000, ((DecisionReason.EVIDENCE_MISSING, {}),)) for line in claim.lines.all()}
        with pytest.raises(NotDecided) as wrong:
            verbs.correct(claim_pk=claim.pk, user=world.sam, lines=lines, words="A file counts.", now=world.at(-1))
        assert [problem.code for problem in wrong.value.problems] == [Contradiction.EVIDENCE_NOT_MISSING]

    def test_only_a_senior_and_only_before_the_appeal(self, world: World) -> None:
        claim = world.claim()
        world.decide(claim, 3000)
        for by, code in ((world.hana, Refusal.SENIOR_CORRECTS), (world.ada, Refusal.NOT_A_HANDLER)):
            with pytest.raises(TransitionRefused) as refused:
                correct(world, claim, 4000, by=by)
            assert refused.value.codes == (code,)
        world.appeal(claim)
        for position in (Position(Status.UNDER_INVESTIGATION, Stage.APPEAL), Position(Status.GRANTED, Stage.APPEAL)):
            with pytest.raises(TransitionRefused):
                correct(world, world.claim_at(position), 8000)

    def test_each_member_is_told(self, world: World) -> None:
        claim = world.claim()
        world.decide(claim, 3000)
        before = OutgoingEmail.objects.filter(claim=claim, user=world.alice).count()
        correct(world, claim, 5000)
        assert OutgoingEmail.objects.filter(claim=claim, user=world.alice).count() == before + 1
        titles = [e.card.title for e in entries(claim, viewer="seller", zone="UTC", now=world.now).entries if e.card]
        assert titles == ["Granted in part", "Decision corrected: Granted in part"]
