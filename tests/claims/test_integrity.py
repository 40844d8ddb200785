"""check_integrity: quiet where all holds, and each invariant is named when it is broken."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection

from claims.integrity import INVARIANTS, broken
from tests.cast import World

BREAKS = {
    "claimed is the sum of the lines": "UPDATE claims_claim SET claimed_minor = claimed_minor + 1",
    "granted is the sum of the lines": "UPDATE claims_claim SET granted_minor = granted_minor - 1"
    " WHERE status = 'GRANTED'",
    "held is what claim lines hold": "UPDATE claims_refundline SET held_quantity = 0 WHERE held_quantity > 0",
    "the ledger adds up to what was granted": "UPDATE claims_claim SET granted_minor = granted_minor - 1"
    " WHERE status = 'GRANTED'",
    "no refund line has more granted than was refunded": "UPDATE claims_refundline"
    " SET held_minor = 0, gross_minor = 1, amount_minor = 1 WHERE held_quantity > 0",
    "a payment that was booked has its entry": "INSERT INTO claims_unmatchedpayment (seller_id, source, payment,"
    " claim_id, order_id, sku, amount_minor, currency, at, reference, matched_at, outcome, entry_id, why, created_at)"
    " SELECT seller_id, 'SETTLEMENT', 'x', '', '', '', 5, 'USD', now(), '', now(), 'SAME', id, '', now()"
    " FROM claims_ledgerentry LIMIT 1",
    "the ledger adds up to what was paid": "UPDATE claims_claim SET paid_minor = 1",
    "what was paid without a claim adds up": "UPDATE claims_refundline SET reimbursed_minor = 1",
    "nothing is paid beyond what was granted": "UPDATE claims_claim SET paid_minor = claimed_minor + 1",
    "the status is where the last change led": "UPDATE claims_claim SET status = 'DENIED', granted_minor = 0"
    " WHERE status = 'GRANTED'",
    "every position is below the next one": "UPDATE claims_claim SET next_position = 1",
    "who waits for the seller has asked": "UPDATE claims_informationrequest SET closed_at = now()",
    "every seller with claims has a member": "UPDATE accounts_membership SET is_active = false",
    "every file of a claim stands in its thread": "UPDATE claims_attachment SET position = NULL",
}  # fmt: skip


def test_every_invariant_holds_wherever_claims_stand(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for _position, _claim in world.in_every_position():
        pass
    lapsed = world.claim()
    world.ask(lapsed)
    world.lapse(lapsed)
    world.import_claim()
    call_command("check_integrity", "--json")
    assert json.loads(capsys.readouterr().out) == {name: [] for name in INVARIANTS}


@pytest.mark.parametrize("name", INVARIANTS)
def test_what_is_broken_is_named(world: World, name: str) -> None:
    granted = world.claim()
    world.decide(granted, 4000)
    world.ask(world.claim())
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[name])
    assert broken()[name] != []
    with pytest.raises(SystemExit):
        call_command("check_integrity", "--json")
