"""What a run does with rows about money that nobody knows, with claims of two states, and with first scans."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Seller
from claims.models import Claim, Order, Refund, RefundLine, UnmatchedPayment
from claims.policy_loading import load
from claims.policy_loading.load import POLICIES
from claims.refunds.stored_eligibility import assess_lines
from claims.rules.eligibility import Cause, Issuer
from claims.rules.lifecycle import Reason
from tests.claims.imports import samples
from tests.claims.imports.conftest import NOW, Importer
from tests.claims.imports.outcomes import CASES

ORDER = "203-5550001-7770001"


def test_payments_in_unknown_words_are_kept_and_told(shop: Seller, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "refunds" / "settlement_shipment_ids.tsv"
    for command in ("reconcile_reimbursements", "import_refunds"):
        with pytest.raises(SystemExit) as stopped:
            call_command(command, path, "--seller", shop.slug)
        assert stopped.value.code == 1
        said = capsys.readouterr().err
        assert 'line 5: names "FBA19ZZ9HGQ8" instead of an order. Kept, for a person to look at.' in said
        assert "1 payment in words that aren't known, kept without a claim." in said
    amounts = sorted(UnmatchedPayment.objects.values_list("amount_minor", flat=True))
    assert amounts == [-7814, -7814, -7814, -1520, 2200]


def test_a_guarantee_claim_or_a_chargeback_makes_the_refund_unclaimable(shop: Seller, bring_in: Importer) -> None:
    bring_in((CASES / "refunds" / "v0_guarantee_only.json").read_bytes())
    flags = Order.objects.order_by("order_id").values_list("a_to_z", "chargeback")
    assert list(flags) == [(True, None), (None, True)]
    done = bring_in((CASES / "refunds" / "v0_guarantee_and_refund.json").read_bytes())
    assert done.rejects == []
    line = RefundLine.objects.get(order__order_id="111-0000002-0000007")
    assert assess_lines([line], None, NOW)[0].causes[0].code is Cause.A_TO_Z
    assert line.against == "A_TO_Z"


def test_a_claim_denied_and_granted_in_one_file_is_neither(tmp_path: Path, shop: Seller) -> None:
    head = "claim id,order id,filed at,state,claimed,currency,granted,decided at\n"
    row = "11122-33344-5556667,203-5550001-7770001,2026-03-02,{state},24.50,USD,{granted},2026-03-09\n"
    text = head + row.format(state="Granted", granted="20.00") + row.format(state="Denied", granted="")
    path = samples.write(tmp_path, "claims.csv", text)
    rejects = tmp_path / "rejects.csv"
    with pytest.raises(SystemExit) as stopped:
        call_command("import_claims", path, "--seller", shop.slug, "--rejects", rejects)
    assert (stopped.value.code, Claim.objects.count()) == (1, 0)
    assert rejects.read_text().splitlines()[1:] == [
        f"claims.csv,line {n},claim 11122-33344-5556667 is here as denied and as granted" for n in (2, 3)
    ]


ITEM = samples.item("KETTLE-1", samples.charge("Principal", -64))
REFUND = samples.finances([samples.refund(ORDER, "2026-03-20T10:00:00Z", ITEM)])
SCANNED = samples.returns_text({"Resolution": "RefundAtFirstScan"})


@pytest.mark.parametrize("files", [(REFUND, SCANNED), (SCANNED, REFUND)])
def test_a_refund_at_first_scan_is_the_marketplaces(
    shop: Seller, bring_in: Importer, files: tuple[object, ...]
) -> None:
    for content in files:
        bring_in(content)
    assert Refund.objects.get().at_first_scan is True
    Refund.objects.update(issuer=Issuer.AUTOMATIC)
    (answer,) = assess_lines([RefundLine.objects.select_related("order", "refund", "seller").get()], None, NOW)
    assert Cause.NO_ACTION_IN_TIME not in [cause.code for cause in answer.causes]
    bring_in(samples.returns_text({}))
    assert Refund.objects.get().at_first_scan is False


def test_what_survives_an_automatic_refund_is_policy(shop: Seller, bring_in: Importer) -> None:
    bring_in(REFUND)
    bring_in(samples.returns_text({}))
    Refund.objects.update(issuer=Issuer.AUTOMATIC)
    line = RefundLine.objects.select_related("order", "refund", "seller").get()
    assert line.return_delivered_on is not None

    def causes(reason: Reason | None) -> list[Cause]:
        return [cause.code for cause in assess_lines([line], reason, NOW)[0].causes]

    assert Cause.NO_ACTION_IN_TIME in causes(None)
    load.load(tomllib.loads((POLICIES / "us.toml").read_text()))
    assert causes(None) == causes(Reason.NOT_RETURNED) == []
    assert Cause.NO_ACTION_IN_TIME in causes(Reason.DAMAGED)


def test_what_is_quoted_from_a_file_steers_no_terminal(
    tmp_path: Path, shop: Seller, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "order id,refunded at,sku,currency,amount\n\x1b[2Jx,2026-03-01T14:05:00Z,S,USD,5\n"
    with pytest.raises(SystemExit):
        call_command("import_refunds", samples.write(tmp_path, "a.csv", text), "--seller", shop.slug)
    said = capsys.readouterr().err
    assert '"\\x1b[2Jx" isn\'t an order id' in said
    assert "\x1b" not in said
