"""What the demo loads: every state of a claim, claims and e-mails from before the portal, and nothing that is wrong."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.utils import timezone

from claims import integrity
from claims.models import Claim
from claims.rules.lifecycle import Stage, Status
from messaging.models import Message, OriginalMail, OutgoingEmail
from safet_portal.demo.load import load


@pytest.fixture
def demo(db: None, settings: LazySettings) -> None:
    settings.DESK_ADDRESSES = ["safe-t@desk.example"]
    load(timezone.now())


def test_the_demo_has_a_claim_in_every_position_and_breaks_no_invariant(demo: None) -> None:
    assert {name: ids for name, ids in integrity.broken().items() if ids} == {}
    told = set(Claim.objects.filter(origin="FILED").values_list("status", "stage"))
    assert told == {(status, Stage.FIRST) for status in Status} | {
        (status, Stage.APPEAL) for status in Status if status is not Status.WITHDRAWN
    }


def test_the_demo_brings_claims_and_e_mails_from_before_the_portal(demo: None) -> None:
    imported = dict(Claim.objects.filter(origin="IMPORTED").values_list("claim_id", "status"))
    assert imported == {
        "60412-55071-2250031": Status.GRANTED,
        "60418-20977-2250044": Status.DENIED,
        "60423-81106-2250057": Status.AWAITING_SELLER,
        "60399-10428-2250018": Status.DENIED,
    }
    emails = Message.objects.filter(origin=Message.Origin.IMPORTED).order_by("at")
    assert list(emails.values_list("claim__claim_id", "party")) == [
        ("60418-20977-2250044", "DESK"),
        ("60418-20977-2250044", "SELLER"),
        ("60423-81106-2250057", "DESK"),
        ("60418-20977-2250044", "DESK"),
    ]
    assert list(OriginalMail.objects.filter(state="QUARANTINED").values_list("subject", flat=True)) == ["The kite"]
    assert not OutgoingEmail.objects.filter(claim__origin="IMPORTED").exists()
