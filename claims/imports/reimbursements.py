"""Which of the files that tell of SAFE-T payments this is, and how its payments are read; nothing else of it is."""

from __future__ import annotations

from claims.imports import date_range, finances_2024, finances_v0, settlement_v2
from claims.imports.delimited import delimiter_of, header_of
from claims.imports.formats import Format, refuse_other, unknown
from claims.imports.source import Source

KNOWN = "Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV"


def detect(source: Source) -> Format:
    """Return the format of the file, or raise UnusableFile with a sentence that says how it starts."""
    text = refuse_other(source, KNOWN)
    if text[0] in "{[":
        if finances_v0.looks_like(text):
            return Format("Finances v0 JSON", finances_v0.payments)
        finances_v0.refuse_unfinished(source)
        if finances_2024.looks_like(text):
            return Format("Finances 2024-06-19 JSON", finances_2024.payments)
        raise unknown(text, KNOWN)
    lines = [line for line in text.splitlines() if line.strip()]
    if settlement_v2.looks_like(header_of(lines[0], delimiter_of(lines[0]))):
        return Format("settlement V2", settlement_v2.payments)
    if date_range.looks_like(lines):
        return Format("date-range CSV", date_range.payments)
    raise unknown(text, KNOWN)
