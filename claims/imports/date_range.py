"""SAFE-T payments in a date-range transaction CSV: lines of preamble, then the header that starts `date/time`.

Its SAFE-T rows name the order and no claim. The currency is in the preamble, or is the marketplace's. The columns are
known in the languages of which a real report was seen; `docs/importing.md` names the sources.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from accounts import marketplaces
from accounts.tables.delimited import LONGEST_PREAMBLE, DelimitedRow, Header, column, header_in, table
from accounts.tables.source import Source
from accounts.values import amounts, days, ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, shown
from claims.imports import safe_t
from claims.imports.records import PaymentRow, Records, Reject, Teller
from claims.imports.settlement_v2 import order_named

REQUIRED = ("date/time", "type", "order id", "total")
WORDS = ("type", "description")
_TRANSLATED = {
    "date/time": ("Datum/Uhrzeit", "date/heure", "fecha y hora", "fecha/hora", "日付/時間"),
    "settlement id": (
        "Abrechnungsnummer",
        "numéro de versement",
        "identificador de pago",
        "Id. de liquidación",
        "決済番号",
    ),
    "type": ("Typ", "tipo", "トランザクションの種類"),
    "order id": ("Bestellnummer", "numéro de la commande", "número de pedido", "Id. del pedido", "注文番号"),
    "description": ("Beschreibung", "descripción", "説明"),
    "marketplace": ("Amazon 出品サービス",),
    "total": ("Gesamt", "合計"),
}
_ALIASES = {column(name): column(known) for known, names in _TRANSLATED.items() for name in names}
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")


def _begins(names: list[str]) -> bool:
    return len(names) > 1 and _ALIASES.get(names[0], names[0]) == "date time"


def header_of(lines: Iterable[tuple[int, str]]) -> Header | None:
    """Return the header of such a report among the first lines, None where there is none."""
    return header_in(takewhile(lambda line: line[0] <= LONGEST_PREAMBLE, lines), _begins)


def payments(source: Source, calendar: Calendar) -> Records:
    """Yield a PaymentRow or a Reject for each SAFE-T row. `calendar` is for moments that name no zone."""
    rows = table(source, required=REQUIRED, aliases=_ALIASES, days_in=("date/time",), begins=_begins)
    preamble = [line for _n, line in takewhile(lambda line: line[0] < rows.header.line, source.lines())]
    currency = _currency_in(preamble)
    calendar = replace(calendar, evidence=rows.evidence)
    ordinals: Counter[PaymentRow] = Counter()
    for row in rows:
        try:
            if row.problem:
                raise Unreadable(row.problem)
            if not any(safe_t.speaks_of_it(row.get(name) or "") for name in WORDS):
                continue
            found = _payment(row, currency, calendar)
        except Unreadable as problem:
            yield Reject(row.place, problem.cause)
            continue
        alike = replace(found, place="")
        yield replace(found, ordinal=ordinals[alike])
        ordinals[alike] += 1


def _currency_in(preamble: list[str]) -> str | None:
    """Return the currency that the lines above the header name, None where they name none or several."""
    found: set[str] = set()
    for line in preamble:
        for code in _CODE.findall(line):
            try:
                found.add(amounts.currency(code))
            except Unreadable:
                continue
        if re.search(r"\bEuros?\b", line):
            found.add("EUR")
    return found.pop() if len(found) == 1 else None


def _payment(row: DelimitedRow, currency: str | None, calendar: Calendar) -> PaymentRow:
    row.check()
    spelling = row.get("marketplace")
    marketplace = marketplaces.find(spelling) if spelling else None
    if spelling and marketplace is None:
        raise Unreadable(f"marketplace {shown(spelling)} isn't known")
    code = amounts.currency(currency or (marketplace.currency if marketplace else None))
    cell = row.get("total")
    if cell is None:
        raise Unreadable("the total is missing")
    amount = amounts.minor_units(cell, code, "total")
    if amount == 0:
        raise Unreadable("the total is 0")
    at = days.instant(row.get("date time"), "date", calendar.at(marketplace), happened=True)
    if at is None:
        raise Unreadable("the date is missing")
    order, shipment, doubt = order_named(row.get("order id"))
    settlement = ids.code(row.get("settlement id"), "settlement id") or ""
    return PaymentRow(
        place=row.place,
        claim_id="",
        posted_at=at,
        amount=amount,
        currency=code,
        source=Teller.DATE_RANGE,
        order_id=order,
        sku=ids.code(row.get("sku"), "SKU") or "",
        reference=f"{settlement} {shipment}".strip()[:100],
        doubt=safe_t.doubt((row.get(name) or "" for name in WORDS), amount) or doubt,
    )
