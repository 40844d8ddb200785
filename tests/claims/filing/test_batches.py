"""Many claims at once: refunds ticked or listed in a file become drafts, complete drafts are submitted together."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role
from claims import tasks
from claims.filing import batch_file, batch_remarks, batches
from claims.filing.batch_file import UnusableFile
from claims.filing.batch_rows import ctx_of
from claims.filing.draft_check import MissingField, Problem
from claims.models import Batch, BatchRow, Claim, Draft, Order, RefundLine
from claims.refunds import keys as refund_keys
from claims.refunds.stored_eligibility import assess_lines
from claims.rules.lifecycle import Reason
from claims.rules.policy import Cap, MostClaimable
from claims.text import cause as cause_words
from claims.text import filing_problem
from tests.cast import STATEMENT, World
from tests.html import CheckingClient

NEVER = "The refund was made three weeks ago and nothing has come back to us."
HEAD = "order id,sku,quantity,amount,reason,statement"


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def alice(client: CheckingClient, world_now: World) -> CheckingClient:
    client.force_login(world_now.alice)
    return client


def text_of(response: Any) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", response.content.decode())).split())


def upload(client: CheckingClient, text: str | bytes, *, key: str = "", name: str = "claims.csv") -> Any:
    data = text.encode() if isinstance(text, str) else text
    body = {"seller": "seller-a", "key": key or str(uuid4()), "file": SimpleUploadedFile(name, data, "text/csv")}
    return client.post("/refunds/bulk/", body)


def told(client: CheckingClient, response: Any) -> list[tuple[int, str, str]]:
    """(line, result, first sentence) of each row of the batch that the answer leads to."""
    assert response.status_code == 302, [each["words"] for each in response.context["problems"]]
    page = client.get(response["Location"])
    return [(row.number, row.result, row.words[0] if row.words else "") for row in page.context["rows"]]


def row(line: RefundLine, reason: str = "not_returned", words: str = NEVER, **cells: str) -> str:
    out = io.StringIO()
    sku, quantity, amount = cells.get("sku", ""), cells.get("quantity", ""), cells.get("amount", "")
    csv.writer(out).writerow([line.order.order_id, sku, quantity, amount, reason, words])
    return out.getvalue().strip()


def said(row: BatchRow, world: World) -> list[str]:
    """What the row says to Alice."""
    return batch_remarks.sentences(row, ctx_of(world.member(world.alice), world.now))


# Reading the file


@pytest.mark.parametrize("encode", [
    lambda text: text.encode(), lambda text: b"\xef\xbb\xbf" + text.encode(), lambda text: text.encode("utf-16"),
    lambda text: text.replace("\n", "\r\n").encode(), lambda text: text.replace(",", ";").encode(),
    lambda text: text.replace(",", "\t").encode(), lambda text: text.encode("cp1252"),
])  # fmt: skip
def test_a_file_is_read_however_it_was_saved(encode: Any) -> None:
    text = 'Order_ID,Description,ITEM\n111-2223334-5556667,"Café; the box\nwas empty",a train\n\n'.replace("; ", " ")
    (found,) = batch_file.parse(encode(text)).rows
    cells = {**found.cells, "statement": " ".join(found.cells["statement"].split())}
    assert (found.line, cells) == (
        2, {"order id": "111-2223334-5556667", "statement": "Café the box was empty"},
    )  # fmt: skip


@pytest.mark.parametrize("names", ["case,description", "sub-reason,statement", "Sub_Reason,STATEMENT"])
def test_columns_are_read_by_their_names_of_today_and_before(names: str) -> None:
    found = batch_file.parse(f"order id,{names}\n1,switched,Broken\n".encode())
    assert (found.rows[0].cells, found.not_read) == (
        {"order id": "1", "sub-reason": "switched", "statement": "Broken"}, []
    )  # fmt: skip


def test_formulas_stay_the_text_they_are() -> None:
    text = 'order id,sku,statement\n"=""111-2223334-5556667""","\'=1+1","=HYPERLINK(""http://x"",""y"")"\n'
    (found,) = batch_file.parse(text.encode()).rows
    assert found.cells == {
        "order id": "111-2223334-5556667",
        "sku": "=1+1",
        "statement": '=HYPERLINK("http://x","y")',
    }


@pytest.mark.parametrize(("data", "code"), [
    (b"", "EMPTY"), (b"\xef\xbb\xbf \n", "EMPTY"), (b"PK\x03\x04" + b"x" * 50, "UNREADABLE"), (b"%PDF-1.7", "NOT_CSV"),
    (b"\x00" * 200, "NOT_CSV"), (b"sku,amount\nA,1\n", "NO_ORDER_ID"), (b"order id,sku\n", "NO_ROWS"),
    (b"order id,sku,SKU\n1,2,3\n", "TWICE"), (b"order id,case,sub-reason\n1,2,3\n", "TWICE"),
    (b'order id,sku\n1,"' + b"x" * 200_000, "UNREADABLE"),
])  # fmt: skip
def test_a_file_that_cant_be_used_makes_nothing_and_says_why(
    alice: CheckingClient, world_now: World, data: bytes, code: str
) -> None:
    with pytest.raises(UnusableFile) as error:
        batch_file.parse(data)
    assert error.value.code == code
    page = upload(alice, data)
    assert [each["field"] for each in page.context["problems"]] == ["file"]
    assert "claims.csv" in page.context["problems"][0]["words"]
    assert not Batch.objects.exists()


def test_more_rows_than_fifty_thousand_make_nothing(alice: CheckingClient, world_now: World) -> None:
    page = upload(alice, "order id\n" + "111-2223334-5556667\n" * 50_001)
    assert page.context["problems"][0]["words"] == (
        "claims.csv has more than 50,000 rows. Nothing was made. Split it into several files."
    )
    assert not Batch.objects.exists()


def test_no_file_is_said(alice: CheckingClient, world_now: World) -> None:
    page = alice.post("/refunds/bulk/", {"seller": "seller-a"})
    assert page.context["problems"][0]["words"] == "Choose a CSV file or a spreadsheet."


# What rows become


def test_rows_become_drafts_and_each_is_told_what_is_missing(alice: CheckingClient, world_now: World) -> None:
    ready, bare, damaged = world_now.refund(), world_now.refund(quantity=3, amount_minor=9000), world_now.refund()
    text = "\n".join([
        HEAD, row(ready), row(bare, "", "", quantity="2", amount="24.50"),
        row(damaged, "Came back damaged, used or unsellable", STATEMENT),
    ])  # fmt: skip
    assert told(alice, upload(alice, text)) == [
        (2, "Draft made", "Complete."),
        (3, "Draft made", "Choose a reason."),
        (4, "Draft made", "Add photo of the item you received."),
    ]
    first, second, third = Draft.objects.order_by("pk")
    assert (first.choices, first.text) == (
        {"quantities": {ready.sku: 1}, "reason": "NOT_RETURNED", "sub_reason": ""}, NEVER,
    )  # fmt: skip
    assert second.choices == {"quantities": {bare.sku: 2}, "amounts": {bare.sku: 2450}}
    assert third.choices["reason"] == Reason.DAMAGED


def test_each_row_that_cant_be_used_says_its_line_and_cause_and_the_rest_is_made(
    alice: CheckingClient, world_now: World
) -> None:
    good, twice = world_now.refund(), world_now.refund(quantity=2)
    world_now.refund(order=twice.order, days=-5)
    barred, late, rival = world_now.refund(), world_now.refund(days=-300), world_now.refund(seller=world_now.lamps)
    Order.objects.filter(pk=barred.order_id).update(chargeback=True)
    claim = world_now.claim()
    held = RefundLine.objects.select_related("order").get(claim_lines__claim=claim)
    text = "\n".join([
        HEAD, row(good), "12,,,,,", ",SKU-1,,,,", row(rival), "999-9999999-9999999,,,,,", row(barred), row(late),
        row(held), row(twice), row(good, sku="NOT-THERE"), row(good, quantity="7"), row(good, amount="12,3x"),
        row(good, "bored"), f"{good.order.order_id},A\x00B,,,,",
    ])  # fmt: skip
    found = told(alice, upload(alice, text))
    assert [(line, result) for line, result, _why in found] == [
        (2, "Draft made"), *((line, "Left out") for line in range(3, 16)),
    ]  # fmt: skip
    whys = {line: why for line, _result, why in found}
    assert whys[3] == '"12" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667.'
    assert whys[4] == "The order id is missing."
    assert whys[5].replace(rival.order.order_id, "999-9999999-9999999") == whys[6]  # a rival's order isn't there
    assert whys[7].startswith("The buyer's bank reversed the payment")
    assert "window" in whys[8]
    assert whys[9] == f"Claim {claim.claim_id} covers this item."
    assert whys[10].startswith(f"Order {twice.order.order_id} has 2 refunds that this could mean.")
    assert whys[11] == f'Order {good.order.order_id} has no refund for SKU "NOT-THERE".'
    assert whys[12] == '"7": choose a quantity from 1 to 1.'
    assert whys[13] == '"12,3x": write the amount like 24.50.'
    assert whys[14].startswith('"bored" isn\'t a reason. Known: damaged, different')
    assert whys[15] == "This row holds characters that aren't text. Write it again."
    assert Draft.objects.count() == 1


def test_the_same_file_twice_makes_nothing_twice(alice: CheckingClient, world_now: World) -> None:
    lines = [world_now.refund() for _ in range(3)]
    text = "\n".join([HEAD, *(row(line) for line in lines)])
    upload(alice, text)
    before = list(Draft.objects.order_by("pk").values())
    assert [result for _line, result, _why in told(alice, upload(alice, text))] == ["Draft was there already"] * 3
    assert list(Draft.objects.order_by("pk").values()) == before


def test_the_same_form_twice_begins_one_batch(alice: CheckingClient, world_now: World) -> None:
    text, key = f"{HEAD}\n{row(world_now.refund())}", str(uuid4())
    first, again = upload(alice, text, key=key), upload(alice, text, key=key)
    assert first["Location"] == again["Location"]
    assert (Batch.objects.count(), BatchRow.objects.count()) == (1, 1)


def test_a_changed_row_changes_its_draft_and_an_empty_cell_changes_nothing(
    alice: CheckingClient, world_now: World
) -> None:
    line = world_now.refund()
    draft = world_now.draft(line)
    assert told(alice, upload(alice, f"{HEAD}\n{row(line, '', '')}"))[0][1] == "Draft was there already"
    assert told(alice, upload(alice, f"{HEAD}\n{row(line, '', NEVER)}"))[0][1] == "Draft changed"
    draft.refresh_from_db()
    assert (draft.text, draft.choices["reason"]) == (NEVER, Reason.DIFFERENT)


def test_two_rows_of_one_refund_are_one_draft(alice: CheckingClient, world_now: World) -> None:
    one = world_now.refund()
    RefundLine.objects.create(
        seller=one.seller, refund=one.refund, order=one.order, sku="SECOND", quantity=2, currency="USD",
        gross_minor=2000, amount_minor=2000, opens_at=one.opens_at, closes_at=one.closes_at,
        first_closes_at=one.first_closes_at,
    )  # fmt: skip
    text = "\n".join([HEAD, row(one, sku=one.sku), row(one, sku="SECOND", quantity="1")])
    assert [result for _line, result, _why in told(alice, upload(alice, text))] == ["Draft made", "Draft changed"]
    assert Draft.objects.get().choices["quantities"] == {one.sku: 1, "SECOND": 1}


def test_columns_that_nothing_is_read_from_are_named(alice: CheckingClient, world_now: World) -> None:
    response = upload(alice, f"order id,descripton,item\n{world_now.refund().order.order_id},Sand,Train")
    assert "These columns were ignored: descripton." in text_of(alice.get(response["Location"]))


def test_ticked_refunds_become_drafts(alice: CheckingClient, world_now: World) -> None:
    lines = [world_now.refund(quantity=2) for _ in range(3)]
    rival = world_now.refund(seller=world_now.lamps)
    chosen = [refund_keys.key_of(line) for line in (*lines[:2], rival)]
    response = alice.post("/refunds/selected/", {"seller": "seller-a", "key": str(uuid4()), "chosen": chosen})
    assert [result for _n, result, _why in told(alice, response)] == ["Draft made"] * 2
    assert [draft.choices["quantities"] for draft in Draft.objects.order_by("pk")] == [
        {line.sku: 2} for line in lines[:2]
    ]
    assert alice.post("/refunds/selected/", {"seller": "seller-a", "chosen": ["x", "\x00"]})["Location"] == "/refunds/"


def test_a_viewer_makes_and_submits_nothing(client: CheckingClient, world_now: World) -> None:
    line, draft = world_now.refund(), world_now.draft()
    client.force_login(world_now.vera)
    assert upload(client, f"{HEAD}\n{row(line)}")["Location"] == "/refunds/"
    world_now.alice.memberships.update(role=Role.VIEWER)
    client.force_login(world_now.alice)
    body = {"seller": "seller-a", "draft": [str(draft.uuid)], "accepted": "yes", "rule": "base/1"}
    assert client.post("/drafts/submit/", body)["Location"] == "/drafts/"
    assert "Make drafts" not in text_of(client.get("/refunds/bulk/"))
    assert (Batch.objects.count(), Claim.objects.count(), Draft.objects.count()) == (0, 0, 1)


# Submitting


def rules_of(page: Any) -> list[str]:
    return re.findall(r'name="rule" value="([^"]+)"', page.content.decode())


def test_the_complete_ones_are_submitted_together_and_the_rest_says_why(
    alice: CheckingClient, world_now: World
) -> None:
    ready, other, bare = world_now.refund(), world_now.refund(), world_now.refund()
    text = "\n".join([HEAD, row(ready), row(other), row(bare, "", "")])
    page = alice.get(upload(alice, text)["Location"])
    assert "2 drafts are complete" in text_of(page)
    world_now.claim(other, by=world_now.gus)  # a colleague was faster
    address = page.request["PATH_INFO"] + "submit/"
    body = {"seller": "seller-a", "key": str(uuid4()), "rule": rules_of(page)}
    assert alice.post(address, body)["Location"] == page.request["PATH_INFO"]  # the policy is not ticked
    assert Claim.objects.count() == 1
    response = alice.post(address, {**body, "accepted": "yes"})
    claim = Claim.objects.get(filed_by=world_now.alice)
    assert told(alice, response) == [
        (1, "Filed", ""),
        (2, "Not filed, draft kept", f"Claim {Claim.objects.get(filed_by=world_now.gus).claim_id} covers this item."),
    ]
    assert claim.policy_accepted_at is not None
    assert (claim.order_id, claim.claimed_minor, claim.statement) == (ready.order_id, 8999, NEVER)
    assert Draft.objects.filter(user=world_now.alice).count() == 2
    again = alice.post(address, {**body, "accepted": "yes"})
    assert again["Location"] == response["Location"]
    assert Claim.objects.count() == 2


def test_ticked_drafts_are_submitted(alice: CheckingClient, world_now: World) -> None:
    first, second, missing = world_now.draft(), world_now.draft(), world_now.draft(evidence=False)
    rival = world_now.draft(by=world_now.gus)
    page = alice.get("/drafts/")
    assert "2 drafts here are complete" in text_of(page)
    body = {
        "seller": "seller-a", "key": str(uuid4()), "accepted": "yes", "rule": rules_of(page),
        "draft": [str(each.uuid) for each in (first, second, missing, rival)] + ["x"],
    }  # fmt: skip
    found = told(alice, alice.post("/drafts/submit/", body))
    assert [(result, why) for _n, result, why in found] == [
        ("Filed", ""), ("Filed", ""), ("Not filed, draft kept", "Add photo of the item you received."),
    ]  # fmt: skip
    assert Claim.objects.filter(filed_by=world_now.alice).count() == 2
    assert Draft.objects.count() == 2


def test_a_policy_that_was_not_listed_is_not_accepted(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    body = {"seller": "seller-a", "accepted": "yes", "rule": ["another/1", "base/x", "\x00/1"], "draft": [draft.uuid]}
    found = told(alice, alice.post("/drafts/submit/", body))
    assert found == [(1, "Not filed, draft kept", "Tick the box when you have read the policy.")]


# Long files


def test_a_long_file_is_left_to_a_worker_and_told_how_far_it_is(alice: CheckingClient, world_now: World) -> None:
    lines = [world_now.refund() for _ in range(4)]
    text = "\n".join([HEAD, *(row(lines[n % 4]) for n in range(120))])
    response = upload(alice, text)
    batch = Batch.objects.get()
    assert "0 of 120 rows done." in text_of(alice.get(response["Location"]))
    assert not Draft.objects.exists()
    assert batches.unfinished() == [batch.pk]
    assert batches.work(batch.pk, clock=timezone.now) == 120
    page = alice.get(response["Location"])
    assert "120 of 120 rows done." in text_of(page)
    assert [(each.label, each.n) for each in page.context["standing"].counts] == [
        ("Draft made", 4), ("Draft was there already", 116),
    ]  # fmt: skip
    assert batches.work(batch.pk, clock=timezone.now) == 0
    part = alice.get(response["Location"], headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith("<section")


@pytest.mark.parametrize("count", [20, 90])
def test_rows_cost_the_same_statements_whatever_their_number(
    world_now: World, django_assert_max_num_queries: Any, count: int
) -> None:
    rows = [
        {"number": n, "order_id": world_now.refund().order.order_id, "given": {"description": NEVER}}
        for n in range(count)
    ]
    batch = batches.begin_drafts(
        membership=world_now.member(world_now.alice), uuid=uuid4(), rows=rows, name="", now=world_now.now
    )
    with django_assert_max_num_queries(28):
        assert batches.work(batch.pk, clock=timezone.now) == count
    assert Draft.objects.count() == count


def test_who_left_the_seller_meanwhile_makes_nothing(world_now: World) -> None:
    rows = [{"number": 1, "order_id": world_now.refund().order.order_id}]
    batch = batches.begin_drafts(
        membership=world_now.member(world_now.alice), uuid=uuid4(), rows=rows, name="", now=world_now.now
    )
    world_now.alice.memberships.update(is_active=False)
    batches.work(batch.pk, clock=timezone.now)
    row = BatchRow.objects.get()
    assert (row.words, row.remarks) == ([], [{"of": "ROW", "code": "NO_RIGHT", "values": {}}])
    assert said(row, world_now) == ["You can no longer file for this seller. Nothing was done."]
    assert not Draft.objects.exists()


def test_somebody_elses_batch_is_not_there(client: CheckingClient, world_now: World) -> None:
    rows = [{"number": 1, "order_id": world_now.refund().order.order_id}]
    batch = batches.begin_drafts(
        membership=world_now.member(world_now.alice), uuid=uuid4(), rows=rows, name="", now=world_now.now
    )
    for user in (world_now.gus, world_now.mallory):
        client.force_login(user)
        for path in ("", "results.csv"):
            assert client.get(f"/refunds/batches/{batch.uuid}/{path}").status_code == 404
        assert client.post(f"/refunds/batches/{batch.uuid}/submit/").status_code == 404


# Files to take away


def rows_of(response: Any) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))))


def test_the_template_filled_in_is_a_file_that_can_be_uploaded(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=2, sku="=1+1")
    world_now.refund(days=-400)
    (given,) = rows_of(alice.get("/refunds/bulk/template.csv"))
    assert (given["order id"], given["SKU"], given["quantity"]) == (line.order.order_id, "'=1+1", "2")
    out = io.StringIO()
    writer = csv.DictWriter(out, list(given))
    writer.writeheader()
    writer.writerow({**given, "reason": "Not returned", "statement": NEVER})
    assert told(alice, upload(alice, out.getvalue())) == [(2, "Draft made", "Complete.")]
    assert rows_of(alice.get("/refunds/bulk/template.csv", {"blank": "1"})) == []


def test_results_can_be_taken_away_and_run_nothing(alice: CheckingClient, world_now: World) -> None:
    response = upload(alice, f"order id,sku\n{world_now.refund().order.order_id},=1+1\n=cmd,x")
    found = rows_of(alice.get(response["Location"] + "results.csv"))
    assert [(each["line"], each["order id"], each["SKU"], each["result"]) for each in found] == [
        ("2", Order.objects.get().order_id, "'=1+1", "Left out"), ("3", "'=cmd", "x", "Left out"),
    ]  # fmt: skip


# What is idle


def test_drafts_and_batches_nobody_touched_for_90_days_are_forgotten(world_now: World) -> None:
    old, young = world_now.draft(days=-91, evidence=False), world_now.draft(days=-89, evidence=False)
    Draft.objects.filter(pk=old.pk).update(updated_at=world_now.at(-91))
    member = world_now.member(world_now.alice)
    for days in (-91, -89):
        batches.begin_drafts(membership=member, uuid=uuid4(), rows=[], name="", now=world_now.at(days))
    assert tasks.forget_what_is_idle() == 2
    assert list(Draft.objects.all()) == [young]
    assert Batch.objects.count() == 1
    assert tasks.forget_what_is_idle() == 0


# What a row keeps


def test_a_row_of_an_earlier_version_says_the_sentences_it_holds(alice: CheckingClient, world_now: World) -> None:
    rows = [{"number": 2, "order_id": "1", "words": ["The order id is missing."]}]
    batch = batches.begin_drafts(
        membership=world_now.member(world_now.alice), uuid=uuid4(), rows=rows, name="", now=world_now.now
    )
    (row,) = batch.rows.all()
    assert said(row, world_now) == ["The order id is missing."]


def test_a_refusal_is_kept_as_plain_values_and_said_in_the_readers_zone(world_now: World) -> None:
    late = world_now.refund(days=-400)
    rows = [{"number": 1, "order_id": late.order.order_id}]
    batch = batches.begin_drafts(
        membership=world_now.member(world_now.alice), uuid=uuid4(), rows=rows, name="", now=world_now.now
    )
    batches.work(batch.pk, clock=lambda: world_now.now)
    (row,) = batch.rows.all()
    assert (row.result, [each["code"] for each in row.remarks]) == ("REFUSED", ["TOO_LATE"])
    (cause,) = assess_lines([RefundLine.objects.get(pk=late.pk)], None, world_now.now)[0].causes
    for zone in ("America/New_York", "Europe/Berlin"):
        ctx = replace(ctx_of(world_now.member(world_now.alice), world_now.now), zone=zone)
        assert batch_remarks.sentences(row, ctx) == [cause_words(cause, ctx).sentence]


@pytest.mark.parametrize("most", [
    MostClaimable(1250, Cap.REFUNDED), MostClaimable(900, Cap.RETURN_SHIPPING),
    MostClaimable(500, Cap.PERCENT_CAP, {"percent": 50, "value": (1000, "USD"), "reason": Reason.DAMAGED}),
    MostClaimable(700, Cap.ORDER_CAP, {"amount": (50000, "USD")}),
])  # fmt: skip
def test_a_problem_kept_as_json_says_the_same_when_it_is_read(world_now: World, most: MostClaimable) -> None:
    problem = Problem(MissingField.AMOUNT, "amount-A", {"max": (most.minor, "USD"), "most": most})
    kept = json.loads(json.dumps(batch_remarks.of_problem(problem)))
    assert said(BatchRow(remarks=[kept]), world_now) == [filing_problem(problem)]
