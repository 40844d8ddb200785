"""A list to take away: the CSV that is made of it, or the same rows as a spreadsheet, where its address asks for it."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator

import xlsxwriter
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from claims.text import csv as csv_out

AS_SPREADSHEET = "xlsx"
NUMBERS = frozenset(
    {
        "quantity", "left to claim", "refunded", "left amount", "claimed", "granted", "paid", "amount", "line",
    }
)  # fmt: skip
"""Columns whose cells are numbers; all else is text, so that no spreadsheet makes a day or a sum of an id."""
_MOST_ROWS = 1_048_575
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(request: HttpRequest, content: Iterator[str], name: str) -> HttpResponseBase:
    """Return the answer with the file. `content` is its CSV text in pieces, `name` its name that ends in .csv."""
    response: HttpResponseBase
    if request.GET.get("as") == AS_SPREADSHEET:
        name = name.removesuffix(".csv") + ".xlsx"
        response = FileResponse(spreadsheet(content), content_type=_XLSX)
    else:
        response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def as_spreadsheet(address: str) -> str:
    """Return the address of the same download as a spreadsheet."""
    return f"{address}{'&' if '?' in address else '?'}as={AS_SPREADSHEET}"


def spreadsheet(content: Iterable[str]) -> tempfile.SpooledTemporaryFile[bytes]:
    """Return the rows of CSV text as an .xlsx file, written row by row: its memory doesn't grow with the rows.

    What was guarded against being run as a formula is plain text again: here a text cell is never run.
    """
    made = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 - it lives as long as the answer
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet, as_text = book.add_worksheet(), book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        names: list[str] = []
        for number, cells in enumerate(csv.reader(_lines(content))):
            if number > _MOST_ROWS:
                break
            names = names or [cell.lstrip("\ufeff") for cell in cells]
            for at, cell in enumerate(names if number == 0 else cells):
                if number and names[at] in NUMBERS and (value := _number(cell)) is not None:
                    sheet.write_number(number, at, value)
                elif cell or names[at] not in NUMBERS:
                    sheet.write_string(number, at, csv_out.unguarded(cell), as_text)
    made.seek(0)
    return made


def _lines(content: Iterable[str]) -> Iterator[str]:
    for piece in content:
        yield from piece.splitlines(keepends=True)


def _number(cell: str) -> float | None:
    try:
        return float(csv_out.Number(cell))
    except ValueError:
        return None
