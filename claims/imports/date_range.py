"""SAFE-T payments in a date-range transaction CSV: lines of preamble, then the header that starts `date/time`.

Its SAFE-T rows name the order and no claim. The currency is in the preamble, or is the marketplace's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from accounts import marketplaces
from claims.imports import values
from claims.imports.delimited import DelimitedRow, rows
from claims.imports.records import PaymentRow, Records, Reject, RowProblem, Teller
from claims.imports.source import Source

REQUIRED = ("date/time", "type", "order id", "total")
SAFE_T = "safetreimbursement"
LONGEST_PREAMBLE = 40
_CURRENCY = re.compile(r"\bin ([A-Z]{3})\b")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MOMENT = re.compile(
    r"(?:(?P<mon>[a-z]{3})[a-z]*\.? (?P<day>\d{1,2}),|(?P<day2>\d{1,2}) (?P<mon2>[a-z]{3})[a-z]*\.?) (?P<year>\d{4}),? "
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})(?: (?P<half>[ap])\.?m\.?)? ?(?P<zone>[a-z]{2,5})?",
    re.IGNORECASE | re.ASCII,
)
_OFFSETS = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4, "BRT": -3, "IST": 5.5,
    "JST": 9, "AEST": 10, "AEDT": 11, "GST": 4, "SGT": 8,
}  # fmt: skip
"""Hours from UTC of the zones that such reports name."""


def looks_like(lines: list[str]) -> bool:
    """Whether one of the first lines is the header of such a report."""
    return any(line.lstrip('"').casefold().startswith("date/time") for line in lines[:LONGEST_PREAMBLE])


class _AfterPreamble:
    """The file from its header on, as the reader of tables wants it; `preamble` are the lines above it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.preamble: list[str] = []

    def lines(self) -> Iterator[tuple[int, str]]:
        begun = False
        for number, line in self._source.lines():
            begun = begun or looks_like([line])
            if begun:
                yield number, line
            else:
                self.preamble.append(line[:500])


def payments(source: Source, zone: tzinfo | None) -> Records:
    """Yield a PaymentRow or a Reject for each SAFE-T row. `zone` is for moments that name none."""
    table = _AfterPreamble(source)
    ordinals: Counter[PaymentRow] = Counter()
    for row in rows(table, required=REQUIRED):  # type: ignore[arg-type]
        try:
            if not any(values.letters(row.get(name) or "") == SAFE_T for name in ("type", "description")):
                continue
            payment = _payment(row, table.preamble, zone)
        except RowProblem as problem:
            yield Reject(row.place, problem.cause)
            continue
        alike = replace(payment, place="")
        yield replace(payment, ordinal=ordinals[alike])
        ordinals[alike] += 1


def _payment(row: DelimitedRow, preamble: list[str], zone: tzinfo | None) -> PaymentRow:
    row.refuse_nul()
    spelling = row.get("marketplace")
    marketplace = marketplaces.find(spelling) if spelling else None
    if spelling and marketplace is None:
        raise RowProblem(f"marketplace {values.shown(spelling)} isn't known")
    named = next((found[1] for line in preamble if (found := _CURRENCY.search(line))), None)
    code = values.currency(named or (marketplace.currency if marketplace else None))
    cell = row.get("total")
    if cell is None:
        raise RowProblem("the total is missing")
    amount = values.minor_units(cell, code, "total")
    if amount == 0:
        raise RowProblem("the total is 0")
    order = row.get("order id")
    return PaymentRow(
        place=row.place,
        claim_id="",
        posted_at=moment(row.get("date time"), marketplace.tz if marketplace else zone or UTC),
        amount=amount,
        currency=code,
        source=Teller.DATE_RANGE,
        order_id=values.order_id(order) if order else "",
        sku=values.code(row.get("sku"), "SKU") or "",
        reference=values.code(row.get("settlement id"), "settlement id") or "",
    )


def moment(text: str | None, zone: tzinfo) -> datetime:
    """Return the instant of a cell like "Aug 28, 2025 10:00:00 PM PDT", in UTC. Raises RowProblem."""
    if not text:
        raise RowProblem("the date is missing")
    match = _MOMENT.fullmatch(" ".join(text.replace("\u202f", " ").split()))
    if match is None:
        found = values.instant(text, "date", zone)
        assert found is not None
        return found
    part = match.groupdict()
    month = (part["mon"] or part["mon2"]).lower()
    hour = int(part["hour"])
    if part["half"]:
        hour = hour % 12 + (12 if part["half"].lower() == "p" else 0)
    if part["zone"]:
        hours = _OFFSETS.get(part["zone"].upper())
        if hours is None:
            raise RowProblem(f"date {values.shown(text)} names a zone that isn't known")
        zone = timezone(timedelta(hours=hours))
    try:
        return datetime(
            int(part["year"]),
            _MONTHS.index(month) + 1,
            int(part["day"] or part["day2"]),
            hour,
            int(part["minute"]),
            int(part["second"]),
            tzinfo=zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowProblem(f"date {values.shown(text)} is not a date") from None
