"""Lines of the CSV files people download: no cell a spreadsheet would run; amounts and moments to compute with."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from claims import display

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """Return text for a cell: what a spreadsheet would run as a formula starts with an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def iso(at: datetime | None, zone: ZoneInfo) -> str:
    """Return the moment with its offset, to the second; "" for none."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def plain(minor: int, currency: str) -> str:
    """Return the amount with a point and no separators."""
    return display.amount(minor, currency).replace(",", "")


def csv_line(cells: tuple[Any, ...]) -> str:
    """Return one line of CSV, its end included."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
