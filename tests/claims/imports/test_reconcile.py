"""Payments told by four kinds of files: booked once, whichever files tell of them, or kept for a person to confirm."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Seller, User
from accounts.tables.source import Source
from accounts.values import days
from accounts.values.text import Unreadable
from claims.imports import reimbursements
from claims.imports.records import PaymentRow, Reject
from claims.models import Claim, LedgerEntry, UnmatchedPayment
from claims.payments import match_payments
from tests.claims.imports import samples
from tests.claims.imports.conftest import NOW, Importer

ORDER = "203-5550001-7770001"
CLAIM = "10101-20202-3030303"
POSTED = "2026-04-01T05:00:00Z"
AT = datetime(2026, 4, 1, 5, tzinfo=UTC)
NAMED = {
    "SafeT claim id": CLAIM,
    "SafeT claim state": "Approved",
    "SafeT claim creation time": "20-Mar-2026 10:11:12",
    "SafeT claim reimbursement amount": "32.00",
}
SETTLEMENT = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\t"
    "order-id\tadjustment-id\tmarketplace-name\tamount-type\tamount-description\tamount\tposted-date\tposted-date-time\tsku"
)


def settlement(*amounts: str, order: str = ORDER, currency: str = "USD", at: str = "2026-04-01 05:00:00 UTC") -> str:
    lines = [SETTLEMENT, f"900\t\t\t\t15.00\t{currency}"]
    lines.append(f"900\t\t\t\t\t\tRefund\t{order}\tA-1\tAmazon.com\tItemPrice\tPrincipal\t-64.00\t\t{at}\tKETTLE-1")
    for amount in amounts:
        lines.append(
            f"900\t\t\t\t\t\tSAFE-T Reimbursement\t{order}\tA-1S\tAmazon.com\tOther transactions\t"
            f"SAFE-T reimbursement\t{amount}\t{at[:10]}\t{at}\tKETTLE-1"
        )
    return "\r\n".join(lines) + "\r\n"


def ranged(*amounts: str, order: str = ORDER, when: str = "Mar 31, 2026 10:00:00 PM PDT") -> str:
    lines = ['"Includes all transactions"', '"All amounts in USD, unless specified"']
    lines.append('"date/time","settlement id","type","order id","sku","marketplace","other","total"')
    lines.append(f'"{when}","900","Order","{order}","KETTLE-1","amazon.com","0","64.00"')
    lines += [f'"{when}","900","SAFE-T reimbursement","{order}","KETTLE-1","amazon.com","{a}","{a}"' for a in amounts]
    return "\n".join(lines)


def transaction(
    key: str, amount: Any, *, status: str = "RELEASED", order: str = ORDER, posted: str = POSTED, **related: str
) -> dict[str, Any]:
    money = {"currencyAmount": amount, "currencyCode": "USD"}
    names = {"ORDER_ID": order, **related}
    return {
        "relatedIdentifiers": [{"relatedIdentifierName": n, "relatedIdentifierValue": v} for n, v in names.items()],
        "transactionType": "Adjustment",
        "transactionId": key,
        "transactionStatus": status,
        "postedDate": posted,
        "totalAmount": money,
        "breakdowns": [
            {
                "breakdownType": "Sales",
                "breakdowns": [{"breakdownType": "SAFETReimbursement", "breakdownAmount": money}],
            }
        ],
    }


def modern(*transactions: dict[str, Any]) -> dict[str, Any]:
    refund = {"transactionType": "Refund", "transactionId": "r", "transactionStatus": "RELEASED"}
    return {"payload": {"transactions": [refund, *transactions]}}


def v0(*amounts: Any, posted: str = POSTED) -> dict[str, Any]:
    return samples.finances([], [samples.payment(CLAIM, posted, amount) for amount in amounts])


Reconcile = Callable[..., dict[str, Any]]


@pytest.fixture
def reconcile(shop: Seller, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reconcile:
    """Run the command on one file; return what it says as JSON, with its exit code."""

    def run(content: Any, *arguments: str) -> dict[str, Any]:
        path = samples.write(tmp_path, "money", content)
        code = 0
        try:
            call_command("reconcile_reimbursements", path, "--seller", shop.slug, "--json", *arguments)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return {**(json.loads(said.out) if said.out else {}), "exit": code, "err": said.err}

    return run


@pytest.fixture
def named(bring_in: Importer) -> Claim:
    bring_in(samples.returns_text(NAMED))
    return Claim.objects.get()


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_superuser("olga@desk.example", "demo", is_staff=True)


def ledger() -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.order_by("at", "id").values_list("kind", "amount_minor"))


def outcomes() -> list[tuple[str, str]]:
    return sorted(UnmatchedPayment.objects.values_list("source", "outcome"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (settlement("32.00"), "settlement V2"),
        (settlement("32,00", at="01.04.2026 05:00:00 UTC"), "settlement V2"),
        (ranged("32.00"), "date-range CSV"),
        (modern(transaction("t-1", 32)), "Finances 2024-06-19 JSON"),
    ],
)
def test_a_file_that_names_the_order_waits_for_a_person(
    named: Claim, reconcile: Reconcile, content: Any, name: str
) -> None:
    said = reconcile(content)
    assert (said["new"], said["left_out"], said["exit"], said["files"][0]["format"]) == (1, 0, 0, name)
    row = UnmatchedPayment.objects.get()
    assert (row.order_id, row.amount_minor, row.currency, row.at, row.outcome) == (ORDER, 3200, "USD", AT, "")
    assert match_payments.suggestions([row]) == {row.pk: [match_payments.Suggestion(CLAIM, 3200, 0, True)]}
    again = reconcile(content)
    assert (again["new"], again["unchanged"], UnmatchedPayment.objects.count(), ledger()) == (0, 1, 1, [])


def test_a_dry_run_keeps_nothing(named: Claim, reconcile: Reconcile) -> None:
    for content in (v0(32), settlement("32.00")):
        assert reconcile(content, "--dry-run")["new"] == 1
    assert (UnmatchedPayment.objects.count(), ledger()) == (0, [])


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_one_payment_told_by_four_files_is_booked_once_in_any_order(
    named: Claim, reconcile: Reconcile, order: tuple[int, ...]
) -> None:
    contents = [v0(32), settlement("32.00"), ranged("32.00"), modern(transaction("t-1", 32))]
    for at in order:
        reconcile(contents[at])
    assert ledger() == [("PAID", 3200)]
    assert outcomes() == [
        ("DATE_RANGE", "SAME"),
        ("FINANCES_2024", "SAME"),
        ("FINANCES_V0", "BOOKED"),
        ("SETTLEMENT", "SAME"),
    ]
    named.refresh_from_db()
    assert named.paid_minor == 3200


def test_what_a_person_confirmed_is_not_booked_again_by_the_source_that_names_the_claim(
    named: Claim, reconcile: Reconcile, olga: User
) -> None:
    reconcile(settlement("32.00"))
    row = UnmatchedPayment.objects.get()
    entry = match_payments.confirm(row.pk, claim_id=CLAIM, by=olga, now=NOW)
    row.refresh_from_db()
    assert (row.outcome, row.entry, row.settled_by) == ("BOOKED", entry, olga)
    reconcile(v0(32))
    reconcile(modern(transaction("t-1", 32)))
    assert ledger() == [("PAID", 3200)]
    with pytest.raises(match_payments.NotSettled, match="SETTLED_BEFORE"):
        match_payments.confirm(row.pk, claim_id=CLAIM, by=olga, now=NOW)


@pytest.mark.parametrize(("at", "outcome"), [("2026-04-04 05:00:00 UTC", "SAME"), ("2026-04-04 05:00:01 UTC", "")])
def test_two_sources_date_one_payment_at_most_three_days_apart(
    named: Claim, reconcile: Reconcile, at: str, outcome: str
) -> None:
    reconcile(v0(32))
    reconcile(settlement("32.00", at=at))
    assert outcomes() == [("FINANCES_V0", "BOOKED"), ("SETTLEMENT", outcome)]


def test_two_equal_payments_are_two_where_one_source_tells_of_two(named: Claim, reconcile: Reconcile) -> None:
    reconcile(v0(16))
    reconcile(settlement("16.00", "16.00"))
    assert ledger() == [("PAID", 1600)]
    assert outcomes() == [("FINANCES_V0", "BOOKED"), ("SETTLEMENT", ""), ("SETTLEMENT", "SAME")]


@pytest.mark.parametrize(
    "told",
    [
        [transaction("d", 32, status="DEFERRED"), transaction("r", 32)],
        [transaction("d", 32, status="DEFERRED_RELEASED", RELEASE_TRANSACTION_ID="r"), transaction("r", 32)],
        [transaction("d", 32, status="DEFERRED_RELEASED"), transaction("r", 32, DEFERRED_TRANSACTION_ID="d")],
        [
            transaction("d", 32, status="DEFERRED_RELEASED", RELEASE_TRANSACTION_ID="r"),
            transaction("r", 32, DEFERRED_TRANSACTION_ID="d"),
        ],
    ],
)
def test_deferred_and_released_are_one_movement(named: Claim, reconcile: Reconcile, told: list[Any]) -> None:
    for content in (*told, *reversed(told)):
        reconcile(modern(content))
    reconcile(modern(*told, *told))
    assert UnmatchedPayment.objects.count() == 1


@pytest.mark.parametrize("posted", ["2026-04-03T05:00:00Z", "2026-03-30T05:00:00Z"])
def test_what_was_taken_back_before_it_was_paid_waits_for_the_payment(
    named: Claim, reconcile: Reconcile, posted: str
) -> None:
    reconcile(v0(-32, posted=posted))
    assert (ledger(), UnmatchedPayment.objects.get().outcome) == ([], "")
    reconcile(v0(32))
    assert sorted(ledger()) == [("PAID", 3200), ("REVERSED", -3200)]
    named.refresh_from_db()
    assert named.paid_minor == 0


@pytest.mark.parametrize(
    ("content", "place", "cause"),
    [
        (settlement("x"), "line 4", 'amount "x" is not an amount. Write it like 1284.50'),
        (settlement("1032.001"), "line 4", 'amount "1032.001" has more decimals than USD has (2)'),
        (settlement("0"), "line 4", "the amount is 0"),
        (
            settlement("32.00", order="203-1"),
            "line 4",
            '"203-1" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
        ),
        (
            settlement("32.00", at="32.04.2026"),
            "line 4",
            'posted date "32.04.2026" is not a date. Write it like 2026-03-01',
        ),
        (
            settlement("32.00", currency="XXQ"),
            "line 4",
            'currency "XXQ" is not a currency. Write its code, like USD',
        ),
        (
            ranged("32.00", when="Mar 31, 2026 10:00:00 PM XYZ"),
            "line 5",
            'date "Mar 31, 2026 10:00:00 PM XYZ" names a zone that isn\'t known. Write it like 2026-03-01 14:05:00 UTC',
        ),
        (ranged(""), "line 5", "the total is missing"),
        (
            modern(transaction("t", "x")),
            "transaction 2",
            'reimbursed amount "x" is not an amount. Write it like 1284.50',
        ),
        (modern(transaction("t", 32, status="LOST")), "transaction 2", 'transaction status "LOST" isn\'t known'),
        (modern(transaction("t", 32, posted="")), "transaction 2", "posted date is missing"),
    ],
)  # fmt: skip
def test_a_bad_row_is_left_out_with_its_cause(
    named: Claim, reconcile: Reconcile, tmp_path: Path, content: Any, place: str, cause: str
) -> None:
    rejects = tmp_path / "rejects.csv"
    said = reconcile(content, "--rejects", str(rejects))
    assert (said["new"], said["left_out"], said["exit"]) == (0, 1, 1)
    assert f"{place}: {cause}. Row left out." in said["err"]
    assert place in rejects.read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty (0 bytes)"),
        ("%PDF-1.7", "It starts with: %PDF"),
        ("order id,amount\n1,2\n", "not a refund file. Known: Finances v0 JSON, Finances 2024-06-19 JSON, "),
        ('{"transactions": [', "ends in the middle of line 1"),
        ('{"payload": 1}', "not a refund file"),
        (settlement("32.00").replace("order-id", "order"), 'column "order-id" is missing'),
        ("preamble\ndate/time,type\nx,y\n", 'column "order id" is missing'),
    ],
)
def test_an_unusable_file_says_so(reconcile: Reconcile, content: str, said: str) -> None:
    done = reconcile(content)
    assert done["exit"] == 2
    assert said in done["err"]


def test_an_order_of_another_seller_is_left_out(named: Claim, rival: Seller, tmp_path: Path) -> None:
    path = samples.write(tmp_path, "money", settlement("32.00"))
    with pytest.raises(SystemExit) as stopped:
        call_command("reconcile_reimbursements", path, "--seller", rival.slug)
    assert (stopped.value.code, UnmatchedPayment.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Aug 28, 2025 10:00:00 PM PDT", datetime(2025, 8, 29, 5, tzinfo=UTC)),
        ("Aug 28, 2025 12:00:00 AM PST", datetime(2025, 8, 28, 8, tzinfo=UTC)),
        ("28 Aug 2025 22:00:00 UTC", datetime(2025, 8, 28, 22, tzinfo=UTC)),
        ("28.08.2025 22:00:00 UTC", datetime(2025, 8, 28, 22, tzinfo=UTC)),
        ("28 Sept. 2025 22:00:00", datetime(2025, 9, 28, 20, tzinfo=UTC)),
        ("2025-08-28T22:00:00+05:30", datetime(2025, 8, 28, 16, 30, tzinfo=UTC)),
    ],
)
def test_moments_of_a_date_range_report(text: str, at: datetime) -> None:
    assert days.instant(text, "date", days.Calendar(timezone(timedelta(hours=2)))) == at


@pytest.mark.parametrize("text", ["", None, "Foo 28, 2025 10:00:00 PM PDT", "Feb 30, 2025 10:00:00 PM PDT", "soon"])
def test_what_is_no_moment(text: str | None) -> None:
    with pytest.raises(Unreadable):
        days.instant_with_time(text, "date", days.Calendar(UTC))


def test_readers_tell_of_payments_only(tmp_path: Path) -> None:
    event = samples.refund(ORDER, POSTED, samples.item("KETTLE-1", samples.charge("Principal", -64)))
    both = samples.finances([event, {"AmazonOrderId": "x"}], [samples.payment(CLAIM, POSTED, 5), {"SAFETClaimId": "x"}])
    source = Source(samples.write(tmp_path, "both.json", both))
    found = list(reimbursements.detect(source).read(source, days.ANYWHERE))
    assert [type(one) for one in found] == [PaymentRow, Reject]


class TestSettlingByHand:
    @pytest.fixture
    def row(self, named: Claim, reconcile: Reconcile) -> UnmatchedPayment:
        reconcile(settlement("40.00"))
        return UnmatchedPayment.objects.get()

    def test_it_takes_an_operator_or_a_superuser(self, row: UnmatchedPayment) -> None:
        stranger = User.objects.create_user("h@desk.example", "demo", is_staff=True)
        former = User.objects.create_superuser("f@desk.example", "demo", is_staff=True, is_active=False)
        for user in (stranger, former):
            with pytest.raises(match_payments.NotSettled, match="NOT_ALLOWED"):
                match_payments.confirm(row.pk, claim_id=CLAIM, by=user, now=NOW)
            with pytest.raises(match_payments.NotSettled, match="NOT_ALLOWED"):
                match_payments.set_aside(row.pk, why="Not ours.", by=user, now=NOW)

    def test_money_of_another_currency_is_not_booked(self, named: Claim, reconcile: Reconcile, olga: User) -> None:
        reconcile(settlement("32.00", currency="EUR"))
        row = UnmatchedPayment.objects.get()
        with pytest.raises(match_payments.NotSettled, match="OTHER_CURRENCY"):
            match_payments.confirm(row.pk, claim_id=CLAIM, by=olga, now=NOW)
        assert ledger() == []

    def test_no_more_is_taken_back_than_was_paid(self, named: Claim, reconcile: Reconcile, olga: User) -> None:
        reconcile(settlement("-32.00"))
        row = UnmatchedPayment.objects.get()
        with pytest.raises(match_payments.NotSettled, match="MORE_THAN_PAID"):
            match_payments.confirm(row.pk, claim_id=CLAIM, by=olga, now=NOW)
        reconcile(v0(32))
        named.refresh_from_db()
        assert named.paid_minor == 3200
        match_payments.confirm(row.pk, claim_id=CLAIM, by=olga, now=NOW)
        assert ledger() == [("PAID", 3200), ("REVERSED", -3200)]

    def test_an_overpayment_is_booked_and_flagged_by_what_is_left(self, row: UnmatchedPayment, olga: User) -> None:
        assert match_payments.suggestions([row])[row.pk][0].exact is False
        match_payments.confirm(row.pk, claim_id=CLAIM, by=olga, now=NOW)
        assert Claim.objects.get().paid_minor == 4000

    @pytest.mark.parametrize("claim_id", ["", "10101-20202-9999999", "x\u0000"])
    def test_a_claim_that_is_not_the_sellers_is_refused(self, row: UnmatchedPayment, olga: User, claim_id: str) -> None:
        with pytest.raises(match_payments.NotSettled, match="NO_SUCH_CLAIM"):
            match_payments.confirm(row.pk, claim_id=claim_id, by=olga, now=NOW)

    def test_set_aside_needs_a_reason_and_stays_on_record(self, row: UnmatchedPayment, olga: User) -> None:
        with pytest.raises(match_payments.NotSettled, match="WHY_MISSING"):
            match_payments.set_aside(row.pk, why=" ", by=olga, now=NOW)
        match_payments.set_aside(row.pk, why="A goodwill payment.", by=olga, now=NOW)
        row.refresh_from_db()
        assert (row.outcome, row.why, row.settled_by, ledger()) == ("SET_ASIDE", "A goodwill payment.", olga, [])
