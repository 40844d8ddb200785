"""Spreadsheets (.xlsx, .xlsb, .xls, .ods) as the CSV they would be saved as, had numbers and days been left alone.

A number of a spreadsheet is a number: it is written so that no reader takes its decimals for a group of thousands. What
has lost digits for good stays as it is shown (1.23E+16), and is refused where an id is read.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine as calamine

MOST_BYTES = 64 * 1024 * 1024
"""Bytes a spreadsheet may come to when it is unpacked, which is done in memory."""
_OLD = b"\xd0\xcf\x11\xe0"
_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


class NotReadable(Exception):
    """The spreadsheet can't be read. The message is a sentence without the file's name and its full stop."""


def is_one(path: Path) -> bool:
    """Whether the file is a spreadsheet, by its content."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLD:
        return True
    if head != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name in _PARTS for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def as_csv(path: Path) -> Iterator[bytes]:
    """Yield the one sheet with rows as CSV in UTF-8, a line a row, empty rows too. Raises NotReadable."""
    try:
        book = calamine.CalamineWorkbook.from_filelike(_unpacked(path))
        sheets = [
            book.get_sheet_by_name(sheet.name)
            for sheet in book.sheets_metadata
            if sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
    except (calamine.CalamineError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise NotReadable("is a spreadsheet that can't be read. Save it again, or as CSV UTF-8") from None
    filled = [sheet for sheet in sheets if sheet.height]
    if len(filled) > 1:
        raise NotReadable(f"is a spreadsheet with {len(filled)} sheets that have rows. Keep one of them")
    for sheet in filled:
        for row in sheet.iter_rows():
            cells = [text_of(cell) for cell in row]
            line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) if any(cells) else ""
            yield f"{line}\n".encode()


def _unpacked(path: Path) -> io.BytesIO:
    """Return the spreadsheet with nothing packed in it: its reader unpacks without a bound of its own."""
    data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    if data is None:
        raise _too_large()
    if data.startswith(_OLD):
        return io.BytesIO(data)
    plain, left = io.BytesIO(), MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(plain, "w") as made:
        for one in archive.infolist():
            if one.flag_bits & 1:
                raise NotReadable("is a spreadsheet with a password. Save it without one")
            if one.is_dir() or "media/" in one.filename:
                continue
            with archive.open(one) as file:
                content = file.read(left + 1)
            left -= len(content)
            if left < 0:
                raise _too_large()
            made.writestr(one.filename, content)
    plain.seek(0)
    return plain


def _too_large() -> NotReadable:
    return NotReadable(
        f"is a spreadsheet of more than {MOST_BYTES // 1024**2} MB when it is unpacked. Save it as CSV UTF-8"
    )


def text_of(cell: Any) -> str:
    """Return what a cell says as the readers of values take it."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case int():
            return str(cell)
        case float():
            return _number(cell)
        case datetime():
            return cell.isoformat(" ", timespec="seconds") if cell.time() != time() else cell.date().isoformat()
        case date():
            return cell.isoformat()
        case time() | timedelta():
            return str(cell)
    return str(cell)


def _number(value: float) -> str:
    """Return a number with the 15 digits a spreadsheet keeps, and never with exactly three decimals."""
    written = f"{value:.15g}"
    if "e" in written:
        return f"{value:.15f}".rstrip("0") if abs(value) < 1 else written.upper()
    decimals = written.partition(".")[2]
    return f"{written}0" if len(decimals) == 3 else written
