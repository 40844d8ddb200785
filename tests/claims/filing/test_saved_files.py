"""Our own template, saved by spreadsheets of several locales, makes the same drafts; what could be two is refused."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tables.source import of_bytes
from claims.filing import batch_file
from claims.models import Batch, BatchRow, Draft, Order, Refund
from claims.refunds import stored_eligibility
from tests.cast import World
from tests.html import CheckingClient

CASES = Path(__file__).parent / "cases"
ITEMS = {
    row["order id"]: row for row in csv.DictReader(io.StringIO((CASES / "00-template.csv").read_text("utf-8-sig")))
}
READ = [
    "excel_de.csv", "excel_iso.csv", "excel_jp.csv", "excel_sep_line.csv", "excel_uk.csv", "excel_us.csv",
    "excel_utf16tab.txt", "template-resaved-iso.csv", "template-resaved-ja.csv", "template-resaved-uk.csv",
    "template-resaved-us.csv",
]  # fmt: skip


@pytest.fixture
def refunded(world: World) -> World:
    """The refunds that the template names, and the moment it was made."""
    world.now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    for order_id, row in ITEMS.items():
        order = Order.objects.create(seller=world.toys, order_id=order_id, marketplace="US")
        line = world.refund(order=order, sku=row["SKU"], quantity=int(row["quantity"]))
        at = datetime.fromisoformat(f"{row['refunded on']}T20:00:00+00:00")
        Refund.objects.filter(pk=line.refund_id).update(refunded_at=at)
        stored_eligibility.recompute_windows([line.pk], world.now)
    return world


def upload(client: CheckingClient, data: bytes) -> list[BatchRow]:
    body = {"seller": "seller-a", "key": str(uuid4()), "file": SimpleUploadedFile("claims.csv", data)}
    answer = client.post("/refunds/bulk/", body)
    assert answer.status_code == 302, [each["words"] for each in answer.context["problems"]]
    return list(BatchRow.objects.filter(batch=Batch.objects.latest("pk")).order_by("number"))


@pytest.mark.parametrize("name", READ)
def test_the_template_survives_a_save_in_any_locale(client: CheckingClient, refunded: World, name: str) -> None:
    client.force_login(refunded.alice)
    rows = upload(client, (CASES / name).read_bytes())
    assert {(row.result, tuple(r["code"] for r in row.remarks if r["of"] == "ROW")) for row in rows} <= {
        ("MADE", ()), ("MADE", ("COMPLETE",)),
    }  # fmt: skip
    texts = set(Draft.objects.values_list("text", flat=True))
    assert texts <= {
        "Nothing came back – see tracking", "返品されていません", "The box came back crushed and empty inside",
    }  # fmt: skip


def test_words_of_another_charset_are_read_or_the_file_is_refused(client: CheckingClient, refunded: World) -> None:
    data = (CASES / "excel_jp_words.csv").read_bytes()
    (row,) = batch_file.parse(data).rows
    assert row.cells["statement"] == "返品が届いていません。追跡番号も更新されません。"


def test_a_spreadsheet_is_read_as_what_its_cells_are(client: CheckingClient, refunded: World) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for at, name in enumerate(("order id", "refunded on", "sku", "quantity", "amount", "reason", "statement")):
            sheet.write_string(2, at + 1, name)
        sheet.write_string(3, 1, "111-4432598-6398618")
        sheet.write_datetime(3, 2, datetime(2026, 11, 8), day)
        sheet.write_string(3, 3, "TOY-042")
        sheet.write_number(3, 4, 1)
        sheet.write_number(3, 5, 10.989999999999998)
        sheet.write_string(3, 6, "Not returned")
    (found,) = batch_file.parse(out.getvalue()).rows
    cells = {name: cell for name, cell in found.cells.items() if cell}
    assert (found.line, cells["quantity"], cells["amount"], str(found.days[0])) == (4, "1", "10.99", "2026-11-08")
    client.force_login(refunded.alice)
    (row,) = upload(client, out.getvalue())
    assert (row.number, row.result) == (4, "MADE")


@pytest.mark.parametrize(
    ("value", "written"), [(1.125, "1.1250"), (1250.0, "1250"), (10.989999999999998, "10.99"), (1.23e16, "1.23E+16")]
)
def test_a_number_of_a_spreadsheet_is_never_taken_for_thousands(value: float, written: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "a")
        sheet.write_number(0, 1, value)
    assert list(of_bytes(out.getvalue(), "x").lines()) == [(1, f'"a","{written}"')]


@pytest.mark.parametrize("address", ["/refunds/bulk/template.csv", "/refunds/report.csv", "/claims/report.csv"])
def test_every_list_is_offered_as_a_spreadsheet_too(client: CheckingClient, refunded: World, address: str) -> None:
    client.force_login(refunded.alice)
    plain = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    answer: Any = client.get(address, {"as": "xlsx"})
    assert answer["Content-Disposition"].endswith('.xlsx"')
    source = of_bytes(b"".join(answer.streaming_content), "x")
    rows = list(csv.reader(line for _number, line in source.lines()))
    wanted = list(csv.reader(io.StringIO(plain)))
    assert [row[:3] for row in rows] == [row[:3] for row in wanted]


def test_the_template_as_a_spreadsheet_comes_back(client: CheckingClient, refunded: World) -> None:
    client.force_login(refunded.alice)
    answer: Any = client.get("/refunds/bulk/template.csv", {"as": "xlsx"})
    rows = upload(client, b"".join(answer.streaming_content))
    assert {row.result for row in rows} == {"MADE"}


def test_a_mangled_sku_finds_the_only_refund_and_says_so(client: CheckingClient, refunded: World) -> None:
    client.force_login(refunded.alice)
    text = "order id,sku,reason\n111-4432598-6398618,toy42,damaged\n111-4250461-3989851,TOY-999,damaged\n"
    text += "111-4424679-6293889,1E+05,damaged\n#111–4717682–3168862,,damaged\n"
    first, second, third, fourth = upload(client, text.encode())
    assert (first.result, second.result) == ("REFUSED", "REFUSED")
    assert [remark["code"] for remark in third.remarks][-1] == "SKU_TAKEN"
    assert (third.result, fourth.result) == ("MADE", "MADE")


def test_a_row_of_another_shape_is_refused_alone(client: CheckingClient, refunded: World) -> None:
    client.force_login(refunded.alice)
    text = "order id,sku\n111-4432598-6398618,TOY-042,x\n111-4250461-3989851,TOY-019\n"
    first, second = upload(client, text.encode())
    assert (first.result, [r["code"] for r in first.remarks], second.result) == ("REFUSED", ["LONGER"], "MADE")
