"""Refunds and returns on real PostgreSQL: what is written, what is left out and why."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts import marketplaces
from accounts.models import Seller
from accounts.tables.source import UnusableFile
from claims.models import ClaimLine, Order, Refund, RefundComponent, RefundLine, RefundReversal, Return
from tests.claims.imports import samples
from tests.claims.imports.conftest import Importer
from tests.claims.imports.samples import charge, finances, item, refund
from tests.claims.imports.stored_rows import places_on_disk, snapshot

ORDER = "203-5550001-7770001"
POSTED = "2026-03-18T02:00:00Z"
AT = datetime(2026, 3, 18, 2, tzinfo=UTC)
LATER = "2026-03-25T02:00:00Z"
KETTLE = item("KETTLE-1", charge("Principal", -64.0), charge("Tax", -5.12))


def only_line() -> RefundLine:
    return RefundLine.objects.select_related("refund", "order").get()


def kettle(*items: dict[str, Any], posted: str = POSTED, order: str = ORDER, **more: Any) -> dict[str, Any]:
    return refund(order, posted, *(items or (KETTLE,)), **more)


def test_refund_of_finance_data(bring_in: Importer) -> None:
    assert bring_in(finances([kettle()])).counts == (1, 0, 0, 0)
    line = only_line()
    assert (line.order.order_id, line.order.marketplace, line.refund.refunded_at) == (ORDER, "US", AT)
    assert (line.sku, line.quantity, line.currency, line.gross_minor, line.amount_minor) == (
        "KETTLE-1",
        1,
        "USD",
        6400,
        6400,
    )
    assert dict(RefundComponent.objects.values_list("kind", "amount_minor")) == {"PRINCIPAL": 6400, "TAX": 512}
    # The base rule: 18 March 02:00 UTC is the 17th there, and the last day is the 30th day after it.
    assert line.opens_at == AT
    assert line.closes_at == line.first_closes_at == datetime(2026, 4, 17, 6, 59, 59, 999999, tzinfo=UTC)


def test_return_and_refund_find_each_other_in_either_order(bring_in: Importer) -> None:
    bring_in(samples.returns_text({}))
    assert Return.objects.get().refund_line is None
    assert bring_in(finances([kettle()])).counts == (1, 0, 0, 0)
    line = only_line()
    assert Return.objects.get().refund_line == line
    assert (line.asin, line.title) == ("B0FFEE0001", "Enamel kettle")
    assert (line.return_requested_on, line.return_delivered_on) == (date(2026, 3, 9), date(2026, 3, 16))
    order = Order.objects.get()
    assert (order.ordered_on, order.amount_minor, order.a_to_z, order.program) == (
        date(2026, 3, 2),
        6400,
        False,
        "STANDARD",
    )


def test_same_files_again_write_nothing(bring_in: Importer) -> None:
    contents = [
        finances([kettle(), kettle(item("KETTLE-1", charge("Principal", 10)), posted=LATER)]),
        samples.returns_text({}, {"Merchant SKU": "CUP-1", "Amazon RMA ID": ""}),
        samples.plain_text(
            {
                "order id": ORDER,
                "refunded at": LATER,
                "sku": "POT",
                "currency": "USD",
                "amount": "5",
                "asin": "B0FFEE0009",
            }
        ),
    ]
    for content in contents:
        bring_in(content)
    before, where = snapshot(), places_on_disk()
    assert [bring_in(content).counts for content in contents] == [(0, 0, 2, 0), (0, 0, 2, 0), (0, 0, 1, 0)]
    assert snapshot() == before
    assert places_on_disk() == where


def test_changed_rows_are_counted_as_changed(bring_in: Importer) -> None:
    bring_in(finances([kettle()]))
    bring_in(samples.returns_text({"Return delivery date": ""}))
    assert bring_in(finances([kettle(item("KETTLE-1", charge("Principal", -60)))])).counts == (0, 1, 0, 0)
    assert bring_in(samples.returns_text({})).counts == (0, 1, 0, 0)
    line = only_line()
    assert (line.amount_minor, line.return_delivered_on) == (6000, date(2026, 3, 16))
    assert dict(line.components.values_list("kind", "amount_minor")) == {"PRINCIPAL": 6000}


def test_empty_cell_never_overwrites(bring_in: Importer) -> None:
    bring_in(samples.returns_text({}))
    before = snapshot()
    bare = dict.fromkeys(samples.A_RETURN, "") | {
        name: samples.A_RETURN[name] for name in ("Order ID", "Return request date", "Amazon RMA ID", "Merchant SKU")
    }
    assert bring_in(samples.returns_text({}, base=bare)).counts == (0, 0, 1, 0)
    assert snapshot() == before


def test_same_sku_of_one_posting_is_summed(bring_in: Importer) -> None:
    one, two = (
        item("KETTLE-1", charge("Principal", -64), item_id="1"),
        item("KETTLE-1", charge("Principal", -10), quantity=2, item_id="2"),
    )
    assert bring_in(finances([kettle(one, two), kettle(item("KETTLE-1", charge("Goodwill", -1)))])).counts == (
        3,
        0,
        0,
        0,
    )
    line = only_line()
    assert (line.quantity, line.gross_minor) == (4, 7500)


def test_item_repeated_by_overlapping_pages_counts_once(bring_in: Importer) -> None:
    twice = item("KETTLE-1", charge("Principal", -10), item_id="1")
    page = finances([kettle(twice, twice)])
    assert bring_in([page, page]).counts == (4, 0, 0, 0)
    assert only_line().gross_minor == 2000


def test_two_postings_of_one_order_are_two_refunds_with_two_windows(bring_in: Importer) -> None:
    bring_in(finances([kettle(), kettle(posted=LATER)]))
    assert Refund.objects.count() == 2
    assert len(set(RefundLine.objects.values_list("closes_at", flat=True))) == 2


@pytest.mark.parametrize("reversal_first", [False, True])
def test_reversal_takes_the_refund_back(bring_in: Importer, reversal_first: bool) -> None:
    pages = [
        finances([kettle()]),
        finances([kettle(item("KETTLE-1", charge("Principal", 64), charge("Tax", 5.12)), posted=LATER)]),
    ]
    for page in reversed(pages) if reversal_first else pages:
        assert bring_in(page).counts == (1, 0, 0, 0)
    line = only_line()
    assert (line.gross_minor, line.reversed_minor, line.amount_minor) == (6400, 6400, 0)
    assert RefundReversal.objects.get().amount_minor == 6400


def test_reversal_of_a_part_reduces_the_line(bring_in: Importer) -> None:
    bring_in(finances([kettle()]))
    bring_in(finances([kettle(item("KETTLE-1", charge("Principal", 14)), posted=LATER)]))
    assert only_line().amount_minor == 5000
    # And the refund posted anew, with another amount, keeps what was taken back.
    bring_in(finances([kettle(item("KETTLE-1", charge("Principal", -60)))]))
    assert (only_line().reversed_minor, only_line().amount_minor) == (1400, 4600)


def test_return_gets_its_rma_id_later(bring_in: Importer) -> None:
    asked, named = samples.returns_text({"Amazon RMA ID": ""}), samples.returns_text({})
    bring_in(asked)
    assert Return.objects.get().identity == "2026-03-09"
    assert bring_in(named).counts == (0, 1, 0, 0)
    assert Return.objects.get().identity == "DkT4wPq7RRMA"
    assert bring_in(asked).counts == (0, 0, 1, 0)
    assert Return.objects.get().identity == "DkT4wPq7RRMA"


def test_a_to_z_claim_stays_once_seen(bring_in: Importer) -> None:
    bring_in(samples.returns_text({"A-to-Z Claim": "Y"}))
    assert bring_in(samples.returns_text({"A-to-Z Claim": "N"})).counts == (0, 0, 1, 0)
    assert Order.objects.get().a_to_z is True


def test_marketplace_of_the_posting_wins_over_the_one_assumed(bring_in: Importer) -> None:
    bring_in(samples.returns_text({}), marketplace=marketplaces.by_code()["CA"])
    assert Order.objects.get().marketplace == "CA"
    bring_in(finances([kettle(marketplace="A1PA6795UKMFR9")]))
    assert Order.objects.get().marketplace == "DE"
    assert only_line().closes_at == datetime(2026, 4, 17, 21, 59, 59, 999999, tzinfo=UTC)
    assert bring_in(samples.returns_text({}), marketplace=marketplaces.by_code()["CA"]).counts == (0, 0, 1, 0)
    assert Order.objects.get().marketplace == "DE"


def test_plain_csv_brings_refund_return_and_order_in_one_row(bring_in: Importer) -> None:
    row = {
        "order id": ORDER, "refunded at": POSTED, "sku": "KETTLE-1", "currency": "USD", "amount": "64.00",
        "tax": "5.12", "issuer": "marketplace", "fulfilment": "seller", "chargeback": "no", "a-to-z claim": "no",
        "program": "sfp", "order date": "2026-03-02", "asin": "b0ffee0001", "item": "Enamel kettle",
        "return requested": "2026-03-09", "return delivered": "2026-03-16", "return refused": "no",
        "rma id": "DkT4wPq7RRMA",
    }  # fmt: skip
    assert bring_in(samples.plain_text(row)).counts == (1, 0, 0, 0)
    line = only_line()
    assert (line.refund.issuer, line.order.fulfilment, line.order.program) == ("MARKETPLACE", "SELLER", "SFP")
    assert (line.order.chargeback, line.order.a_to_z, line.return_refused) == (False, False, False)
    assert (line.asin, line.title, line.return_delivered_on) == ("B0FFEE0001", "Enamel kettle", date(2026, 3, 16))
    assert Return.objects.get().refund_line == line


def test_order_known_under_another_seller_is_left_out(bring_in: Importer, rival: Seller) -> None:
    bring_in(finances([kettle()]))
    before = snapshot()
    cause = f"order {ORDER} is known under another seller"
    assert bring_in(finances([kettle()]), seller=rival).rejects == [("refund 1", cause)]
    assert bring_in(samples.returns_text({}), seller=rival).rejects == [("line 2", cause)]
    assert snapshot() == before


def test_partner_id_in_the_file_decides_the_seller(bring_in: Importer, rival: Seller) -> None:
    assert bring_in(finances([kettle(SellerId="A2RIVAL")]), seller=None).counts == (1, 0, 0, 0)
    assert Order.objects.get().seller == rival


def test_partner_id_of_another_seller_than_given_is_left_out(bring_in: Importer, rival: Seller) -> None:
    done = bring_in(finances([kettle(SellerId="A2RIVAL")]))
    assert done.rejects == [("refund 1", 'partner id "A2RIVAL" belongs to another seller than --seller')]


def test_unknown_partner_id_without_seller_is_left_out(bring_in: Importer) -> None:
    done = bring_in(finances([kettle(SellerId="A9NOBODY")]), seller=None)
    assert done.rejects == [("refund 1", 'partner id "A9NOBODY" isn\'t known')]


def test_file_that_does_not_say_whose_it_is_is_unusable(bring_in: Importer) -> None:
    with pytest.raises(UnusableFile, match=r"^the file doesn't say whose it is. Add --seller$"):
        bring_in(finances([kettle()]), seller=None)


def test_unknown_marketplace_is_left_out(bring_in: Importer) -> None:
    done = bring_in(finances([kettle(marketplace="Amazon.example")]))
    assert done.rejects == [("refund 1", 'marketplace "Amazon.example" isn\'t known')]
    assert Order.objects.count() == 0


def test_one_refund_in_two_currencies_is_left_out(bring_in: Importer) -> None:
    euros = kettle(item("CUP-1", charge("Principal", -1, "EUR")))
    done = bring_in(finances([kettle(), euros, kettle(posted=LATER)]))
    cause = "one refund has two currencies: EUR and USD"
    assert done.rejects == [("refund 1", cause), ("refund 2", cause)]
    assert bring_in(finances([kettle(item("CUP-1", charge("Principal", -1, "EUR")), posted=LATER)])).rejects == [
        ("refund 1", cause)
    ]
    assert Refund.objects.count() == 1


def test_order_that_only_a_rejected_row_names_is_not_kept(bring_in: Importer) -> None:
    bring_in(finances([kettle(), kettle(item("CUP-1", charge("Principal", -1, "EUR")))]))
    assert Order.objects.count() == 0


def test_document_cut_in_half_applies_nothing(bring_in: Importer, tmp_path: Any) -> None:
    text = samples.write(
        tmp_path, "whole", finances([kettle(posted=f"2026-03-18T02:00:{n:02}Z") for n in range(60)])
    ).read_bytes()
    with pytest.raises(UnusableFile):
        bring_in(text[: len(text) // 2])
    assert Order.objects.count() == 0


def test_bad_rows_are_told_in_the_order_of_the_file(bring_in: Importer, rival: Seller) -> None:
    bring_in(finances([kettle(order="203-5550009-7770009")]), seller=rival)
    rows = [{"Order ID": "x"}, {}, {"Order ID": "203-5550009-7770009"}, {"Refunded Amount": "12,3x"}]
    done = bring_in(samples.returns_text(*rows))
    assert done.counts == (1, 0, 0, 3)
    assert done.rejects == [
        ("line 2", '"x" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667'),
        ("line 4", "order 203-5550009-7770009 is known under another seller"),
        ("line 5", 'refunded amount "12,3x" is not an amount in USD. Write it like 1284.50'),
    ]


def test_dry_run_counts_and_writes_nothing(bring_in: Importer) -> None:
    bring_in(finances([kettle()]))
    before = snapshot()
    claim = {
        "SafeT claim id": "10101-20202-3030303",
        "SafeT claim state": "Pending",
        "SafeT claim creation time": "20-Mar-2026",
    }
    page = finances([kettle(), kettle(posted=LATER)], [samples.payment("10101-20202-3030303", LATER, 5)])
    assert bring_in(page, dry_run=True).counts == (2, 0, 1, 0)
    done = bring_in(samples.returns_text({}, {"Order ID": "203-5550002-7770002", **claim}), dry_run=True)
    assert done.counts == (2, 0, 0, 0)
    assert done.summary.imported.total() == 1
    assert snapshot() == before


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_size_of_batches_changes_nothing(bring_in: Importer, batch: int) -> None:
    events = [kettle(order=f"203-5550001-777{n // 2:04}", posted=f"2026-03-18T02:00:{n:02}Z") for n in range(9)]
    done = bring_in(
        finances(events, [samples.payment("10101-20202-3030303", POSTED, n + 1) for n in range(5)]), batch=batch
    )
    assert done.counts == (14, 0, 0, 0)
    assert (Order.objects.count(), Refund.objects.count()) == (5, 9)


def test_many_rows_left_out_are_all_told(bring_in: Importer) -> None:
    done = bring_in(samples.returns_text(*({"Order ID": str(n)} for n in range(2500))))
    assert done.counts == (0, 0, 0, 2500)
    assert [place for place, _ in done.rejects] == [f"line {n + 2}" for n in range(2500)]


class TestWhatClaimsHold:
    @pytest.fixture
    def claimed(self, bring_in: Importer) -> RefundLine:
        """A refund of two kettles, both of them claimed."""
        bring_in(finances([kettle(item("KETTLE-1", charge("Principal", -64), quantity=2))]))
        named = {
            "SafeT claim id": "10101-20202-3030303",
            "SafeT claim state": "Pending",
            "SafeT claim creation time": "20-Mar-2026 10:11:12",
            "Return quantity": "2",
        }
        bring_in(samples.returns_text(named))
        line = only_line()
        assert (line.held_quantity, line.held_minor) == (2, 6400)
        return line

    @pytest.mark.parametrize(
        ("items", "posted", "cause"),
        [
            (
                item("KETTLE-1", charge("Principal", -60), quantity=2),
                POSTED,
                'claim 10101-20202-3030303 holds 64.00 USD of SKU "KETTLE-1"; this would leave 60.00 USD',
            ),
            (
                item("KETTLE-1", charge("Principal", -64), quantity=1),
                POSTED,
                'claim 10101-20202-3030303 holds 2 of SKU "KETTLE-1"; this would leave 1',
            ),
            (
                item("KETTLE-1", charge("Principal", 64)),
                LATER,
                'claim 10101-20202-3030303 holds 64.00 USD of SKU "KETTLE-1"; this would leave 0.00 USD',
            ),
        ],
    )
    def test_reduction_below_it_is_left_out_and_names_the_claim(
        self, bring_in: Importer, claimed: RefundLine, items: dict[str, Any], posted: str, cause: str
    ) -> None:
        before = snapshot()
        other = kettle(order="203-5550002-7770002")
        done = bring_in(finances([kettle(items, posted=posted), other]))
        assert done.rejects == [("refund 1", cause)]
        assert done.counts == (1, 0, 0, 1)
        Return.objects.filter(order__order_id="203-5550002-7770002").delete()
        after = snapshot()
        assert {
            name: [row for row in rows if "203-5550002-7770002" not in row] for name, rows in after.items()
        } == before

    def test_increase_is_taken(self, bring_in: Importer, claimed: RefundLine) -> None:
        assert bring_in(finances([kettle(item("KETTLE-1", charge("Principal", -70), quantity=3))])).counts == (
            0,
            1,
            0,
            0,
        )
        line = only_line()
        assert (line.amount_minor, line.quantity, line.held_minor) == (7000, 3, 6400)
        assert ClaimLine.objects.get().claimed_minor == 6400
