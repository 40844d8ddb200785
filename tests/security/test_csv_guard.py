"""No cell of any CSV of the portal is a formula to whoever opens it, and numbers of ours stay numbers."""

from __future__ import annotations

import ast
import csv
import io
import re
from pathlib import Path
from typing import Any
from unicodedata import category, normalize

import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from claims.filing import batch_file
from claims.filing.batches import begin_drafts
from claims.text import csv as csv_out
from claims.text.csv import Number, plain
from tests.cast import World
from tests.messaging.pages import client_of

CLASSES = {
    "equals": "=1+1",
    "plus": "+1",
    "minus": "-1+1",
    "at": "@SUM(1)",
    "tab": "\t=1",
    "carriage return": "\r=1",
    "line feed": "\n=1",
    "line feed alone": "\nhello",
    "leading blank": " =1+1",
    "blanks and tabs": " \t \t=1+1",
    "no-break space": "\u00a0=1+1",
    "ideographic space": "\u3000=1+1",
    "zero-width space": "\u200b=1+1",
    "zero-width joiner": "\u200d=1+1",
    "byte order mark": "\ufeff=1+1",
    "soft hyphen": "\u00ad=1+1",
    "direction mark": "\u202e=1+1",
    "filler of Hangul": "\u3164=1+1",
    "empty Braille": "\u2800=1+1",
    "variation selector": "\ufe0f=1+1",
    "control character": "\x01=1+1",
    "vertical tab": "\x0b=1+1",
    "next line": "\x85=1+1",
    "full-width equals": "＝1+1",
    "full-width plus": "＋1",
    "full-width minus": "－1+1",
    "full-width at": "＠SUM(1)",
    "small equals": "﹦1+1",
    "superscript plus": "⁺1",
    "subscript equals": "₌1",
    "minus sign": "\u22121+1",
    "blank and full-width": " \u200b＝cmd|' /C calc'!A0",
    "with a stroke through it": "=\u0338 1",
}
HARMLESS = ("", "A train set", "1-2", "a=b", "'=1", "5 @ 3", "ﬁne", "→", "0", "Größe +5", "(=1)", "\U0001f682 -1")


def seen_first(text: str) -> str:
    """What a person sees first of a text, said anew here: neither blank nor control nor mark nor filler."""
    for char in normalize("NFKC", text):
        if category(char)[0] in "LNPS" and char not in "\u115f\u1160\u2800\u3164\uffa0":
            return char
    return ""


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_gets_an_apostrophe_and_stays_as_it_was(name: str) -> None:
    cell = CLASSES[name]
    told = csv_out.guarded(cell)
    assert told[0] == "'" and told.replace("'", "") == cell.replace("'", "")
    assert csv_out.unguarded(told) == cell
    assert told == f"'{cell}" or any(mark in cell for mark in "\t\r\n")


@pytest.mark.parametrize("cell", [f"A kite{mark}{cell}" for mark in ";\t\r\n" for cell in CLASSES.values()])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_no_cell_is_a_formula_where_lines_are_divided_otherwise(cell: str, delimiter: str) -> None:
    """A spreadsheet where the comma is the decimal mark divides at semicolons, whatever the file has."""
    text = csv_out.line(["2026", cell, "USD"])
    cells = [found.strip('"') for row in re.split(r"[\r\n]+", text) for found in row.split(delimiter)]
    assert [found for found in cells if seen_first(found) and seen_first(found) in "=+-@\u2212"] == []
    assert csv_out.unguarded(csv_out.guarded(cell)) == cell


@pytest.mark.parametrize("cell", HARMLESS)
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert csv_out.guarded(cell) == cell
    assert csv_out.unguarded(cell) == (cell[1:] if cell == "'=1" else cell)


UNSEEN = st.text("\t\r\n \u00a0\u200b\u200e\u3164\ufeff\u00ad\x00\x0b\ufe0f", max_size=4)
FORMULAS = st.sampled_from("=+-@＝＋－＠﹦﹢﹣﹫⁺₌−\t\r\n")


@given(st.one_of(st.text(), st.tuples(UNSEEN, FORMULAS, st.text()).map("".join)))
def test_no_cell_begins_with_a_formula(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_out.line([cell, 1, None]), newline=""))
    written = row[0]
    assert seen_first(written) not in set("=+-@\u2212")
    assert not written.startswith(("\t", "\r", "\n"))
    assert written.replace("'", "") == cell.replace("'", "")
    assert row[1:] == ["1", ""]


@given(st.integers(min_value=-(10**13), max_value=10**13), st.sampled_from(["USD", "JPY", "KWD"]))
def test_amounts_of_ours_stay_numbers(minor: int, currency: str) -> None:
    written = csv_out.line([plain(minor, currency)]).rstrip("\r\n")
    assert float(written) == pytest.approx(minor / 10 ** {"USD": 2, "JPY": 0, "KWD": 3}[currency])


@pytest.mark.parametrize("text", ["=1", "-", "1,000.00", "٣", "1e5", "-1+1", " 1", "1\n", "+1", ""])
def test_only_a_number_is_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        Number(text)


def test_numbers_and_text_in_one_row() -> None:
    assert csv_out.line([Number("-5.00"), "-5.00", -5, True, None, "a"]) == "-5.00,'-5.00,-5,True,,a\r\n"


def test_nobody_else_writes_csv() -> None:
    """No other module makes a writer of the library's, under whatever name, nor joins cells with commas for a file."""
    writers = set()
    for app in ("accounts", "claims", "messaging", "desk", "safet_portal"):
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                named = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
                of_csv = isinstance(node, ast.ImportFrom) and node.module == "csv"
                attribute = node.attr if isinstance(node, ast.Attribute) else ""
                if attribute in ("writer", "DictWriter") or (of_csv and named & {"writer", "DictWriter"}):
                    writers.add(str(path.relative_to(settings.BASE_DIR)))
    assert writers == {"claims/text/csv.py"}


def cells_of(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]


def fetched(user: User, address: str) -> list[str]:
    answer = client_of(user).get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return cells_of(b"".join(answer.streaming_content).decode())  # type: ignore[arg-type]


def harmful(cells: list[str]) -> list[str]:
    return [cell for cell in cells if seen_first(cell) in set("=+-@\u2212") or cell.startswith(("\t", "\r", "\n"))]


@pytest.mark.parametrize("name", ["leading blank", "line feed", "full-width equals", "zero-width space"])
def test_every_file_of_the_portal_is_written_under_the_guard(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """What strangers write in titles, SKUs, sellers' and files' names, and causes that quote a cell."""
    bad = CLASSES[name]
    line, other = world.refund(), world.refund()
    for each in (line, other):
        each.title, each.sku = bad, bad[:60]
        each.save(update_fields=["title", "sku"])
    claim = world.claim(line)
    world.decide(claim)
    world.toys.partner_id = bad
    world.toys.save(update_fields=["partner_id"])
    batch = begin_drafts(
        membership=world.member(world.alice), uuid=line.refund.order.claims.get().draft_uuid, name="x", now=world.now,
        rows=[{"number": 2, "order_id": bad, "sku": bad[:60], "words": [bad]}],
    )  # fmt: skip
    for address in (
        "/claims/report.csv?tab=all", "/refunds/report.csv?tab=open", "/refunds/report.csv?tab=claimed",
        "/refunds/bulk/template.csv", f"/refunds/batches/{batch.uuid}/results.csv",
    ):  # fmt: skip
        cells = fetched(world.alice, address)
        assert (address, harmful(cells)) == (address, [])
        assert csv_out.guarded(bad) in cells or "report.csv" in address or "template" in address
    call_command("export_reimbursements")
    owed = cells_of(capsys.readouterr().out)
    assert (harmful(owed), csv_out.guarded(bad) in owed) == ([], True)
    call_command("export_record")
    assert harmful(cells_of(capsys.readouterr().out)) == []


def test_rejects_file_is_written_under_the_guard(world: World, tmp_path: Path) -> None:
    """The name of a file is a stranger's, too."""
    source = tmp_path / " =cmd.csv"
    source.write_text("order id,refunded at,sku,quantity,amount,currency\n＝1+1,x,y,z,w,v\n")
    rejects = tmp_path / "rejects.csv"
    with pytest.raises(SystemExit):
        call_command("import_refunds", str(source), "--seller", "seller-a", "--rejects", str(rejects))
    cells = cells_of(rejects.read_text())
    assert (harmful(cells), "' =cmd.csv" in cells) == ([], True)


@pytest.mark.parametrize("name", ["equals", "full-width equals", "plus", "at"])
def test_what_the_guard_wrote_is_read_back(name: str) -> None:
    """The template of many claims goes out with SKUs of strangers and comes back filled in."""
    sku = CLASSES[name]
    text = csv_out.line(["order id", "sku"]) + csv_out.line(["111-2223334-5556667", sku])
    (row,) = batch_file.parse(text.encode()).rows
    assert row.cells["sku"] == sku


def test_the_record_writes_what_strangers_typed_under_the_guard(world: World, capsys: Any) -> None:
    client_of(world.hana).get("/admin/claims/claim/", {"q": CLASSES["blank and full-width"]})
    call_command("export_record")
    assert harmful(cells_of(capsys.readouterr().out)) == []
