"""Which of the files that tell of SAFE-T payments this is, and how its payments are read; nothing else of it is."""

from __future__ import annotations

from accounts.tables.source import Source
from claims.imports import finances_2024, finances_v0, formats
from claims.imports.formats import DATE_RANGE, SETTLEMENT_V2, Format, refuse_other, table_format, unknown

KNOWN = "Finances v0 JSON, Finances 2024-06-19 JSON, settlement V2, date-range CSV"


def detect(source: Source) -> Format:
    """Return the format of the file, or raise UnusableFile with a sentence that says how it starts."""
    text = refuse_other(source, KNOWN)
    if text[0] in "{[":
        if finances_v0.looks_like(text):
            return Format(formats.FINANCES_V0.name, finances_v0.payments)
        finances_v0.refuse_unfinished(source)
        if finances_2024.looks_like(text):
            return Format(formats.FINANCES_2024.name, finances_2024.payments)
        raise unknown(text, KNOWN)
    if not text.startswith("<"):
        found = table_format(source, KNOWN)
        if found in (SETTLEMENT_V2, DATE_RANGE):
            return found
    raise unknown(text, KNOWN)
