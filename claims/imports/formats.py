"""Which format a file has, by its content. The name and its ending say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from accounts.tables.delimited import LONGEST_PREAMBLE, header_in
from accounts.tables.source import Source, UnusableFile
from accounts.values.days import Calendar
from accounts.values.text import escaped
from claims.imports import (
    date_range,
    external_fulfillment,
    finances_2024,
    finances_v0,
    plain_csv,
    returns_report,
    returns_xml,
    settlement_v2,
    wrong_files,
)
from claims.imports.records import Records

KNOWN = (
    "returns report (tab-separated or XML), Finances v0 and 2024-06-19 JSON, settlement V2, date-range CSV, External "
    "Fulfillment returns JSON, our own CSV (--template prints one)"
)
"""The formats that are read, as sentences name them."""


class Reader(Protocol):
    def __call__(self, source: Source, calendar: Calendar) -> Records: ...


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    read: Reader


RETURNS_REPORT = Format("returns report", returns_report.read)
RETURNS_XML = Format("returns report as XML", returns_xml.read)
FINANCES_V0 = Format("Finances v0 JSON", finances_v0.read)
FINANCES_2024 = Format("Finances 2024-06-19 JSON", finances_2024.read)
SETTLEMENT_V2 = Format("settlement V2", settlement_v2.payments)
DATE_RANGE = Format("date-range CSV", date_range.payments)
FULFILLMENT = Format("External Fulfillment returns JSON", external_fulfillment.read)
PLAIN_CSV = Format("our own CSV", plain_csv.read)

_SIGNATURES: dict[bytes, str] = {
    b"%PDF": "%PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"MZ": "MZ (a program)",
    b"\x7fELF": "ELF (a program)",
    b"GIF8": "GIF8",
    b"From ": "From (a mailbox)",
    b"<!DO": "<!DO",
    b"<htm": "<htm",
}


def detect(source: Source) -> Format:
    """Return the format of the file, or raise UnusableFile with a sentence that says how it starts."""
    text = refuse_other(source, KNOWN)
    if text[0] in "{[":
        return _json(source, text)
    if text.startswith("<"):
        if returns_xml.looks_like(text):
            return RETURNS_XML
        raise unknown(text, KNOWN)
    return table_format(source, KNOWN)


def table_format(source: Source, known: str) -> Format:
    """Return the format of a table by its header. Raises UnusableFile for one that isn't a file of this kind."""
    lines = list(islice(source.lines(), LONGEST_PREAMBLE))
    header = header_in(lines)
    names = header.names if header else []
    wrong_files.by_columns(names)
    if settlement_v2.looks_like(names):
        return SETTLEMENT_V2
    if date_range.header_of(lines):
        return DATE_RANGE
    if plain_csv.looks_like(names):
        return PLAIN_CSV
    if returns_report.looks_like(names):
        return RETURNS_REPORT
    for line in lines:
        if header := header_in([line]):
            wrong_files.by_language(header.names)
    raise unknown(source.head_text().lstrip(), known)


def refuse_other(source: Source, known: str) -> str:
    """Return the beginning of a file as text; raise UnusableFile for one that is empty or no text at all."""
    if source.size == 0:
        raise UnusableFile("is empty (0 bytes). Nothing was imported")
    for signature, words in _SIGNATURES.items():
        if source.head.startswith(signature):
            raise _starts_with(words, known)
    if b"\0" in source.head[:64]:
        raise unknown(source.head_text(), known)
    text = source.head_text().lstrip()
    if not text:
        raise UnusableFile("holds nothing but empty lines. Nothing was imported")
    wrong_files.by_beginning(text)
    return text


def _json(source: Source, text: str) -> Format:
    if finances_v0.looks_like(text):
        return FINANCES_V0
    finances_v0.refuse_unfinished(source)
    if finances_2024.looks_like(text):
        return FINANCES_2024
    if external_fulfillment.looks_like(text):
        return FULFILLMENT
    raise unknown(text, KNOWN)


def _printable(text: str) -> str:
    first = text.splitlines()[0] if text.splitlines() else ""
    return escaped(first.strip()[:40]) or "?"


def unknown(text: str, known: str) -> UnusableFile:
    """Return what to raise for a file of no known format."""
    return _starts_with(_printable(text), known)


def _starts_with(start: str, known: str) -> UnusableFile:
    return UnusableFile(f"not a refund file. Known: {known}. It starts with: {start}")
