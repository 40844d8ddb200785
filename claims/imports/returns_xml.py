"""The returns report by return date as XML, streamed: a `return_details` a request, with one or several items.

It has what the tab-separated one has, but for what that says of SAFE-T claims; tags are read by their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from accounts.tables.delimited import column
from accounts.tables.source import Source, UnusableFile
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, cell_text
from claims.imports import returns_report
from claims.imports.records import Records, Reject

_RENAMED = {
    "return reason code": "return reason",
    "refund amount": "refunded amount",
    "return tracking id": "tracking id",
    "return carrier name": "return carrier",
}


def looks_like(head: str) -> bool:
    """Whether the beginning of an XML document is one of a returns report."""
    return "<return_details" in head


@dataclass(slots=True)
class XmlRow:
    """One item of one request: cells by compared column name, as the readers of tables have them."""

    place: str
    cells: dict[str, str]

    def get(self, name: str) -> str | None:
        cell = self.cells.get(name)
        return cell_text(cell, f'"{name}"') if cell else None

    def check(self) -> None:
        """A text of XML has no NUL, and its shape is its tags."""


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a ReturnRow or a Reject for each item of each request. `calendar` is the marketplace's."""
    for row in _rows(source):
        try:
            yield returns_report.return_row(row, calendar)
        except Unreadable as problem:
            yield Reject(row.place, problem.cause)


def _rows(source: Source) -> Iterator[XmlRow]:
    number = 0
    try:
        with source.open() as file:
            for _event, element in iterparse(file, events=("end",), forbid_dtd=True):
                if _name(element) != "return details":
                    continue
                number += 1
                shared: dict[str, str] = {}
                items: list[dict[str, str]] = []
                for child in element:
                    if _name(child) == "item details":
                        items.append(_leaves(child))
                    else:
                        shared |= _leaves(child)
                for nth, item in enumerate(items or [{}], start=1):
                    place = f"return {number}" if len(items) < 2 else f"return {number}, item {nth}"
                    yield XmlRow(place, shared | item)
                element.clear()
    except (ParseError, DefusedXmlException, UnicodeDecodeError) as error:
        raise UnusableFile(f"is not XML that can be read: {error}. Nothing was imported") from None


def _leaves(element: Element[Any]) -> dict[str, str]:
    found = {}
    for one in element.iter():
        if len(one) == 0 and one.text and one.text.strip():
            name = _name(one)
            found[_RENAMED.get(name, name)] = one.text
    return found


def _name(element: Element[Any]) -> str:
    return column(str(element.tag).rpartition("}")[2])
