"""Claims and payments that files name: imported once, booked once, in whichever order they come."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership, Role, Seller, User
from accounts.tables.source import UnusableFile
from claims.models import (
    Claim,
    ClaimLine,
    LedgerEntry,
    Order,
    Return,
    StatusChange,
    UnmatchedPayment,
    Unseen,
)
from claims.rules.lifecycle import Status
from tests.claims.imports import samples
from tests.claims.imports.conftest import NOW, Importer, import_path
from tests.claims.imports.samples import charge, finances, item, payment, refund

ORDER = "203-5550001-7770001"
CLAIM = "10101-20202-3030303"
POSTED = "2026-03-18T02:00:00Z"
PAID = "2026-04-01T05:00:00Z"
NAMED = {
    "SafeT claim id": CLAIM,
    "SafeT claim state": "Approved",
    "SafeT claim creation time": "20-Mar-2026 10:11:12",
    "SafeT claim reimbursement amount": "32.00",
}
REFUND = finances([refund(ORDER, POSTED, item("KETTLE-1", charge("Principal", -64)))])


def named(**cells: str) -> str:
    return samples.returns_text({**NAMED, **cells})


@pytest.mark.parametrize(
    ("state", "status", "approved"),
    [
        ("Approved", Status.GRANTED, 3200),
        ("Denied", Status.DENIED, 0),
        ("Pending", Status.UNDER_INVESTIGATION, 0),
        ("Waiting for Seller", Status.AWAITING_SELLER, 0),
        ("Awaiting Seller Response", Status.AWAITING_SELLER, 0),
    ],
)
def test_claim_named_by_a_report_is_taken_in(bring_in: Importer, state: str, status: Status, approved: int) -> None:
    amount = "32.00" if approved else ""
    done = bring_in(named(**{"SafeT claim state": state, "SafeT claim reimbursement amount": amount}))
    assert (done.counts, dict(done.summary.imported)) == ((1, 0, 0, 0), {status: 1})
    claim = Claim.objects.get()
    assert (claim.claim_id, claim.status, claim.origin, claim.source) == (CLAIM, status, "IMPORTED", "file")
    assert (claim.claimed_minor, claim.granted_minor, claim.currency) == (6400, approved, "USD")
    assert claim.filed_at == datetime(2026, 3, 20, 17, 11, 12, tzinfo=UTC)
    assert (claim.reply_by is not None) == (status is Status.AWAITING_SELLER)
    assert claim.refund is None


def test_claim_causes_no_unread_and_one_status_change(bring_in: Importer, shop: Seller) -> None:
    Membership.objects.create(user=User.objects.create_user("a@shop.example"), seller=shop, role=Role.OWNER)
    bring_in(named())
    assert StatusChange.objects.get().verb == "IMPORT"
    assert Unseen.objects.count() == 0


@pytest.mark.parametrize("refund_first", [True, False])
def test_claim_holds_its_refund_whichever_came_first(bring_in: Importer, refund_first: bool) -> None:
    for content in (REFUND, named()) if refund_first else (named(), REFUND):
        bring_in(content)
    line = ClaimLine.objects.select_related("refund_line").get().refund_line
    assert line is not None
    assert (line.held_quantity, line.held_minor) == (1, 6400)
    assert Claim.objects.get().refund_id == line.refund_id


def test_claim_that_is_here_stays_as_it_is(bring_in: Importer) -> None:
    bring_in(named(**{"SafeT claim state": "Pending", "SafeT claim reimbursement amount": ""}))
    done = bring_in(named())
    assert (done.counts, done.summary.imported.total()) == ((0, 0, 1, 0), 0)
    assert Claim.objects.get().status == Status.UNDER_INVESTIGATION


@pytest.mark.parametrize(
    ("cells", "cause"),
    [
        ({"SafeT claim state": "Frozen"}, f'claim {CLAIM} has a state "Frozen", which isn\'t known'),
        ({"SafeT claim state": ""}, f"claim {CLAIM} has a state that is empty, which isn't known"),
        ({"SafeT claim creation time": ""}, f"claim {CLAIM} doesn't say when it was filed"),
        (
            {"SafeT claim reimbursement amount": ""},
            f"claim {CLAIM} is granted, but the granted amount is missing",
        ),
        ({"SafeT claim state": "Denied"}, f"claim {CLAIM} is denied, but has a granted amount"),
        (
            {"SafeT claim state": "Pending", "SafeT claim reimbursement amount": "", "Refunded Amount": ""},
            f"claim {CLAIM} doesn't say what was claimed",
        ),
    ],
)
def test_claim_that_says_too_little_leaves_its_row_out(bring_in: Importer, cells: dict[str, str], cause: str) -> None:
    assert bring_in(named(**cells)).rejects == [("line 2", cause)]
    assert (Claim.objects.count(), Return.objects.count(), Order.objects.count()) == (0, 0, 0)


def test_claim_known_under_another_seller_or_order_leaves_its_row_out(bring_in: Importer, rival: Seller) -> None:
    bring_in(named())
    elsewhere = named(**{"Order ID": "203-5550002-7770002"})
    assert bring_in(elsewhere, seller=rival).rejects == [("line 2", f"claim {CLAIM} is known under another seller")]
    assert bring_in(elsewhere).rejects == [("line 2", f"claim {CLAIM} is known for another order")]
    assert (Order.objects.count(), Return.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_claims_are_not_taken_in_before_there_is_a_policy(tmp_path: Path) -> None:
    shop = Seller.objects.create(slug="shop-a", name="Shop A", marketplace="US")
    with pytest.raises(UnusableFile, match=r"Run load_policy first. Nothing was imported$"):
        import_path(samples.write(tmp_path, "returns.tsv", named()), shop)
    assert Order.objects.count() == 0


def ledger() -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.order_by("at", "id").values_list("kind", "amount_minor"))


def pay(*amounts: Any, claim: str = CLAIM, posted: str = PAID, currency: str = "USD") -> dict[str, Any]:
    return finances(None, [payment(claim, posted, amount, currency) for amount in amounts])


def test_payment_is_booked_on_its_claim_once(bring_in: Importer) -> None:
    bring_in(named())
    assert bring_in(pay(32)).counts == (1, 0, 0, 0)
    assert bring_in(pay(32)).counts == (0, 0, 1, 0)
    assert ledger() == [("PAID", 3200)]
    assert Claim.objects.get().paid_minor == 3200


def test_payment_before_its_claim_waits_and_is_booked_when_it_comes(bring_in: Importer) -> None:
    done = bring_in(pay(32))
    assert (done.counts, done.summary.waiting_payments) == ((1, 0, 0, 0), 1)
    assert bring_in(pay(32)).counts == (0, 0, 1, 0)
    bring_in(named())
    assert ledger() == [("PAID", 3200)]
    assert UnmatchedPayment.objects.get().matched_at == NOW
    assert bring_in(pay(32)).counts == (0, 0, 1, 0)
    assert (ledger(), Claim.objects.get().paid_minor) == ([("PAID", 3200)], 3200)


def test_payment_that_another_run_left_waiting_is_settled_by_the_next(bring_in: Importer, shop: Seller) -> None:
    bring_in(named())
    UnmatchedPayment.objects.create(seller=shop, payment="x", claim_id=CLAIM, amount_minor=500, currency="USD", at=NOW)
    assert bring_in(pay(32)).summary.waiting_payments == 0
    assert sorted(ledger()) == [("PAID", 500), ("PAID", 3200)]


def test_payment_taken_back_is_a_reversal(bring_in: Importer) -> None:
    bring_in(named())
    bring_in(pay(32))
    bring_in(pay(-32, posted="2026-04-02T05:00:00Z"))
    assert ledger() == [("PAID", 3200), ("REVERSED", -3200)]
    assert Claim.objects.get().paid_minor == 0


def test_equal_payments_of_one_file_are_both_booked(bring_in: Importer) -> None:
    bring_in(named())
    assert bring_in(pay(16, 16)).counts == (2, 0, 0, 0)
    assert bring_in(pay(16, 16)).counts == (0, 0, 2, 0)
    assert ledger() == [("PAID", 1600), ("PAID", 1600)]


def test_pages_that_overlap_in_one_file_or_in_two_book_a_payment_once(bring_in: Importer) -> None:
    bring_in(named())
    assert bring_in([pay(16, 16), pay(16)]).counts == (2, 0, 1, 0)
    assert bring_in([pay(16), pay(16, 16), pay(16, posted="2026-04-03T05:00:00Z")]).counts == (1, 0, 3, 0)
    assert ledger() == [("PAID", 1600), ("PAID", 1600), ("PAID", 1600)]


def test_payment_in_the_file_of_its_claim_order_is_booked(bring_in: Importer) -> None:
    bring_in(named())
    both = finances(REFUND["payload"]["FinancialEvents"]["RefundEventList"], [payment(CLAIM, PAID, 32)])
    assert bring_in(both).counts == (2, 0, 0, 0)
    assert ledger() == [("PAID", 3200)]


def test_payment_that_does_not_fit_its_claim_is_left_out(bring_in: Importer, rival: Seller) -> None:
    bring_in(named())
    assert bring_in(pay(32), seller=rival).rejects == [
        ("reimbursement 1", f"claim {CLAIM} is known under another seller")
    ]
    cause = f"claim {CLAIM} is in USD, its payment in EUR"
    assert bring_in(pay(32, currency="EUR")).rejects == [("reimbursement 1", cause)]
    assert ledger() == []
