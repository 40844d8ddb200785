"""The main job, end to end: files in, a claim filed, asked, replied, denied, appealed, granted, told of, paid."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from claims.models import Claim, LedgerEntry
from messaging.notifications import delivery
from tests.cast import World, picture
from tests.html import CheckingClient
from tests.servers import MailSink

ORDER = "111-7654321-1234567"


@pytest.fixture
def smtp(mail_sink: MailSink) -> Any:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=mail_sink.port
    ):
        yield mail_sink


def finances(path: Path, at: datetime, **lists: Any) -> str:
    path.write_text(json.dumps({"payload": {"FinancialEvents": lists}}))
    return str(path)


def usd(amount: float) -> dict[str, Any]:
    return {"CurrencyCode": "USD", "CurrencyAmount": amount}


def posting(at: datetime) -> list[dict[str, Any]]:
    charges = [
        {"ChargeType": "Principal", "ChargeAmount": usd(-89.99)},
        {"ChargeType": "Tax", "ChargeAmount": usd(-7.2)},
    ]
    item = {"SellerSKU": "KITE-1", "OrderAdjustmentItemId": "5001", "QuantityShipped": 1}
    return [
        {
            "AmazonOrderId": ORDER,
            "MarketplaceName": "Amazon.com",
            "PostedDate": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ShipmentItemAdjustmentList": [{**item, "ItemChargeAdjustmentList": charges}],
        }
    ]


def returns(path: Path, now: datetime) -> str:
    def day(days: int) -> str:
        return (now + timedelta(days=days)).strftime("%d-%b-%Y")

    row = {
        "Order ID": ORDER,
        "Order date": day(-20),
        "Return request date": day(-9),
        "Amazon RMA ID": "D12345678RRMA",
        "Currency code": "USD",
        "Tracking ID": "1Z0000000000004711",
        "A-to-Z Claim": "N",
        "Is prime": "N",
        "ASIN": "B0KITE0001",
        "Merchant SKU": "KITE-1",
        "Item Name": "Kite, 1.8 m",
        "Return quantity": "1",
        "Return delivery date": day(-4),
        "Order Amount": "89,99",
        "Refunded Amount": "89,99",
    }
    heads = list(row)
    path.write_text("\t".join(heads) + "\r\n" + "\t".join(row[head] for head in heads) + "\r\n", encoding="utf-8-sig")
    return str(path)


def test_a_seller_wins_the_money_back(world: World, client: CheckingClient, smtp: MailSink, tmp_path: Path) -> None:
    now = world.now = timezone.now()
    refunds = finances(tmp_path / "finances.json", now, RefundEventList=posting(now - timedelta(days=5)))
    call_command("import_refunds", refunds, returns(tmp_path / "returns.tsv", now), seller="seller-a")

    # Alice finds the refund by its tracking id and files, one step at a time.
    client.force_login(world.alice)
    found = client.get("/claims/new/", {"kind": "tracking", "order": "1Z0000000000004711"}).context["found"]
    (option,) = found.options
    assert (found.order_id, option.can_file, option.lines[0].item) == (ORDER, True, "Kite, 1.8 m")
    begun = client.post("/claims/new/", {"seller": "seller-a", "order": ORDER, "refund": option.key})
    base = begun["Location"].removesuffix("what/")
    assert client.post(base + "what/", {"quantity-KITE-1": "1"})["Location"] == base + "why/"
    assert client.post(base + "why/", {"reason": "DIFFERENT"})["Location"] == base + "proof/"
    refused = client.post(base + "proof/", {"statement": "Sand."})
    assert [problem["words"] for problem in refused.context["problems"]] == [
        "Add photo of the item you received.",
        "Add photo of the package with the return label visible.",
        "Describe what happened, in at least 20 characters.",
    ]
    proof = {
        "statement": "The box came back with a bag of sand in it.",
        "file-ITEM_PHOTO": SimpleUploadedFile("item.png", picture("#111111")),
        "file-LABEL_PHOTO": SimpleUploadedFile("label.png", picture("#222222")),
    }
    assert client.post(base + "proof/", proof)["Location"] == base + "review/"
    receipt = client.post(base + "review/", {"accepted": "base/1"})
    claim = Claim.objects.get()
    assert receipt["Location"] == f"/claims/{claim.claim_id}/receipt/"
    again = client.post(base + "review/", {"accepted": "base/1"})
    assert again["Location"] == f"/claims/{claim.claim_id}/"  # the second submit finds the first claim
    assert Claim.objects.count() == 1

    # Hana asks, Alice replies with a file, Hana denies.
    desk = f"/admin/desk/{claim.claim_id}/"
    hana, sam = CheckingClient(), CheckingClient()
    hana.force_login(world.hana)
    sam.force_login(world.sam)
    hana.post(desk + "request/", {"version": claim.version, "slot-SERIAL_PHOTO": "1", "text": "Show the number."})
    thread = f"/claims/{claim.claim_id}/messages/"
    _send(client, thread, text="Here it is.", files={"SERIAL_PHOTO": picture("#333333")})
    claim.refresh_from_db()
    assert claim.status == "UNDER_INVESTIGATION"
    (line,) = claim.lines.all()
    deny = {
        "version": claim.version,
        "outcome": "DENY",
        f"amount-{line.pk}": "0",
        f"reason-{line.pk}-RETURN_IN_ORDER": "1",
    }
    hana.post(desk + "decide/", deny)
    claim.refresh_from_db()
    assert claim.status == "DENIED"

    # Alice appeals; Sam, who did not decide first, grants.
    grounds = {"ground-0": ["FACTS", "NEW_EVIDENCE"]}
    _send(client, thread, text="The number is another one.", kind="appeal", confirm="yes", **grounds)
    claim.refresh_from_db()
    assert (claim.status, claim.stage) == ("UNDER_INVESTIGATION", "APPEAL")
    sam.post(desk + "decide/", {"version": claim.version, "outcome": "GRANT", f"amount-{line.pk}": "89.99"})
    claim.refresh_from_db()
    assert (claim.status, claim.granted_minor) == ("GRANTED", 8999)

    # Every change reached Alice, and each link opens its entry.
    while delivery.deliver(timezone.now() + timedelta(seconds=1)).total:
        pass
    mine = [mail for mail in smtp.messages if mail["To"] == "alice@seller-a.example"]
    heads = [str(mail["Subject"]).split(":")[0] for mail in mine]
    assert [re.sub(r"Reply by .*", "Reply by", head) for head in heads] == [
        "Filed",
        "Reply by",
        "Reply sent",
        "Denied",
        "Appeal filed",
        "Appeal granted, 89.99 USD of 89.99 USD",
    ]
    for mail in mine:
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        path, position = re.findall(r"(/claims/\S+/messages/\?at=\d+)#e(\d+)", text)[0]
        assert f'id="e{position}"' in client.get(path).content.decode()

    # The payment comes in the finance data and is booked once.
    event = {
        "PostedDate": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "SAFETClaimId": claim.claim_id,
        "ReimbursedAmount": usd(89.99),
    }
    paid = finances(tmp_path / "paid.json", now, SAFETReimbursementEventList=[event])
    for _ in range(2):
        call_command("import_refunds", paid, seller="seller-a")
    claim.refresh_from_db()
    assert claim.paid_minor == 8999
    assert [entry.amount_minor for entry in LedgerEntry.objects.filter(kind="PAID")] == [8999]


def _send(
    client: CheckingClient, thread: str, *, text: str, files: dict[str, bytes] | None = None, **more: str
) -> None:
    """Fill in the composer as its form stands and send it."""
    page = client.get(thread).content.decode()
    form = page[page.index('id="composer"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    names = re.findall(r'<input[^>]*type="file"[^>]*name="([^"]+)"', form)
    data: dict[str, Any] = {**hidden, "act": "send", "text": text, **more}
    for slot, content in (files or {}).items():
        field = next(name for name in names if slot in name)
        data[field] = SimpleUploadedFile("proof.png", content)
    response = client.post(thread, data)
    assert response.status_code == 302, response.content.decode()[:2000]
