"""Evidence a reason needs, where a policy rule names other slots than the reason's own: every reader asks the rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from claims.decisions import checks
from claims.filing import draft_check
from claims.filing.draft_check import MissingField
from claims.models import Claim, Draft, PolicyRule
from claims.policy_loading import load
from claims.rules.lifecycle import EVIDENCE, DecisionReason, Reason, Slot
from messaging.notifications import delivery, reminders
from tests.cast import World
from tests.claims.filing.test_step_pages import text_of
from tests.desk.pages import address
from tests.html import CheckingClient

REASON = Reason.DAMAGED
NEEDED, HELPFUL = Slot.WEIGHT, Slot.BUYER_MESSAGES
NEEDED_NAME, HELPFUL_NAME = "package weight", "buyer messages"
BUILT_IN_NAMES = ("photo of the item you received", "photo of the package with the return label visible")


@pytest.fixture
def here(world: World) -> World:
    world.now = timezone.now()
    row = {
        "key": "us-damaged", "name": "Damaged in the US", "version": 1, "marketplace": "US", "reason": REASON.value,
        "trigger": "REFUND", "closes_after": 30, "clause": "Weigh it.", "source": "a test",
        "required": [NEEDED.value], "recommended": [HELPFUL.value],
    }  # fmt: skip
    load.load({"rule": [row]})
    assert not {NEEDED, HELPFUL} & {*EVIDENCE[REASON].required}
    return world


@pytest.fixture
def draft(here: World) -> Draft:
    """A draft that has what the reason's own table asks for, and not what the rule does."""
    return here.draft(reason=REASON)


@pytest.fixture
def claim(here: World, draft: Draft) -> Claim:
    here.add_file(draft, NEEDED, name="weight.png")
    return here.file(draft)[0]


@pytest.fixture
def alice(client: CheckingClient, here: World) -> CheckingClient:
    client.force_login(here.alice)
    return client


@pytest.fixture
def mailbox(settings: Any) -> list[EmailMessage]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def hana(client: CheckingClient, here: World) -> CheckingClient:
    client.force_login(here.hana)
    return client


def test_the_reasons_of_filing_name_what_the_rule_asks_for(alice: CheckingClient, draft: Draft) -> None:
    reasons = {one["code"]: one for one in alice.get(f"/claims/new/{draft.uuid}/why/").context["reasons"]}
    assert (reasons[REASON]["needs"], reasons[REASON]["helps"]) == (NEEDED_NAME, HELPFUL_NAME)


def test_the_step_of_proof_has_the_slots_of_the_rule(alice: CheckingClient, draft: Draft) -> None:
    slots = alice.get(f"/claims/new/{draft.uuid}/proof/").context["slots"]
    assert [(slot["code"], slot["required"]) for slot in slots] == [
        (NEEDED.value, True), (HELPFUL.value, False), ("OTHER", False),
    ]  # fmt: skip


def test_the_last_step_names_what_the_rule_still_needs(alice: CheckingClient, draft: Draft) -> None:
    still = alice.get(f"/claims/new/{draft.uuid}/review/").context["still"]
    assert [one["field"] for one in still if one["step"] == "proof"] == [f"slot-{NEEDED}"]


def test_the_draft_check_misses_what_the_rule_asks_for(here: World, draft: Draft) -> None:
    review = draft_check.review(draft, here.now)
    assert (review.evidence.required, review.evidence.recommended) == ((NEEDED,), (HELPFUL,))
    assert review.missing_slots == [NEEDED]
    assert [problem.code for problem in review.problems] == [MissingField.SLOT]
    here.add_file(draft, NEEDED)
    assert draft_check.review(draft, here.now).missing_slots == []


def test_the_list_of_drafts_says_what_the_rule_still_needs(alice: CheckingClient, draft: Draft) -> None:
    page = alice.get("/drafts/")
    (row,) = page.context["page"].rows
    assert not row.is_complete
    assert NEEDED_NAME in text_of(page)
    assert not any(name in text_of(page) for name in BUILT_IN_NAMES)


def test_the_reminder_of_a_draft_asks_for_what_the_rule_asks_for(here: World, mailbox: list[EmailMessage]) -> None:
    line = here.refund(days=-28)
    here.draft(line, reason=REASON, days=-20)
    assert line.first_closes_at is not None
    at = line.first_closes_at - timedelta(hours=20)
    for _part in reminders.owe_due(at):
        pass
    while delivery.deliver(at + timedelta(minutes=1)).total:
        pass
    (sent,) = [sent for sent in mailbox if sent.to == [here.alice.email]]
    assert f"Missing: {NEEDED_NAME}." in sent.body
    assert not any(name in sent.body for name in BUILT_IN_NAMES)


def test_the_details_of_a_claim_have_the_slots_of_its_rule(alice: CheckingClient, claim: Claim) -> None:
    evidence = alice.get(f"/claims/{claim.claim_id}/").context["details"].evidence
    assert [(slot.need, slot.missing) for slot in evidence[:2]] == [("Required", False), ("Helpful", False)]
    assert [file.name for file in evidence[0].files] == ["weight.png"]
    assert {slot.need for slot in evidence[2:]} == {""}  # files of the reason's own slots stay, nobody needs them


def test_the_desk_sees_the_slots_of_the_claims_rule(hana: CheckingClient, claim: Claim) -> None:
    evidence = hana.get(address(claim)).context["evidence"]
    assert [proof.need for proof in evidence] == ["Required", "Helpful", "", ""]
    assert [chip.name for chip, _opened in evidence[0].files] == ["weight.png"]


def test_the_desk_offers_to_ask_for_the_slots_of_the_rule_first(hana: CheckingClient, claim: Claim) -> None:
    slots = hana.get(address(claim, "request")).context["slots"]
    assert [slot["code"] for slot in slots[:2]] == [NEEDED.value, HELPFUL.value]


def test_a_decision_cannot_say_missing_of_what_the_rule_does_not_need(here: World, claim: Claim) -> None:
    (line,) = claim.lines.all()
    assert checks.missing_of(claim, [line]) == {line.pk: []}
    with pytest.raises(checks.NotDecided) as refused:
        here.decide(claim, 0, days=0, reasons=((DecisionReason.EVIDENCE_MISSING, {}),))
    assert checks.Contradiction.EVIDENCE_NOT_MISSING in {problem.code for problem in refused.value.problems}


def test_a_version_of_the_rule_that_comes_later_leaves_a_claim_its_own(
    alice: CheckingClient, here: World, claim: Claim
) -> None:
    rule = PolicyRule.objects.get(key="us-damaged")
    PolicyRule.objects.create(
        key=rule.key, version=2, name=rule.name, marketplace="US", reason=REASON, trigger=rule.trigger,
        closes_after=30, clause="Weigh nothing.", source="a test", required=[], recommended=[],
    )  # fmt: skip
    evidence = alice.get(f"/claims/{claim.claim_id}/").context["details"].evidence
    assert [slot.need for slot in evidence[:2]] == ["Required", "Helpful"]
