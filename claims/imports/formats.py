"""Which format a file has, by its content. The name and its ending say nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from claims.imports import finances_v0, plain_csv, returns_report
from claims.imports.delimited import delimiter_of, header_of
from claims.imports.records import Records, UnusableFile
from claims.imports.source import Source

KNOWN = "returns report (tab-separated), Finances v0 JSON, our own CSV (--template prints one)"
"""The formats that are read, as sentences name them."""


class Reader(Protocol):
    def __call__(self, source: Source, zone: tzinfo | None) -> Records: ...


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    read: Reader


def _read_finances(source: Source, zone: tzinfo | None) -> Records:
    return finances_v0.read(source)


RETURNS_REPORT = Format("returns report", returns_report.read)
FINANCES_V0 = Format("Finances v0 JSON", _read_finances)
PLAIN_CSV = Format("our own CSV", plain_csv.read)

_SIGNATURES: dict[bytes, str] = {
    b"%PDF": "%PDF",
    b"PK\x03\x04": "PK (a ZIP archive or a spreadsheet)",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"\x1f\x8b": "gzip",
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
        if "return_details" in text:
            raise _not_read("a returns report as XML")
        raise unknown(text, KNOWN)
    return _table(text)


def refuse_other(source: Source, names: str) -> str:
    """Return the beginning of a file as text; raise UnusableFile for one that is empty or no text at all."""
    if source.size == 0:
        raise UnusableFile("is empty (0 bytes). Nothing was imported")
    for signature, words in _SIGNATURES.items():
        if source.head.startswith(signature):
            raise _starts_with(words, names)
    if source.encoding == "utf-8" and b"\0" in source.head[:64]:
        raise unknown(source.head_text(), names)
    text = source.head_text().lstrip()
    if not text:
        raise UnusableFile("holds nothing but empty lines. Nothing was imported")
    return text


def _json(source: Source, text: str) -> Format:
    if finances_v0.looks_like(text):
        return FINANCES_V0
    finances_v0.refuse_unfinished(source)
    if '"transactions"' in text:
        raise _not_read("Finances 2024-06-19 JSON")
    raise unknown(text, KNOWN)


def _table(text: str) -> Format:
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    header = header_of(lines[0], delimiter_of(lines[0]))
    if header[:1] == ["settlement id"]:
        raise _not_read("a settlement report V2")
    if plain_csv.looks_like(header):
        return PLAIN_CSV
    if returns_report.looks_like(header):
        return RETURNS_REPORT
    if any(line.lstrip('"').casefold().startswith("date/time") for line in lines):
        raise _not_read("a date-range CSV")
    raise unknown(text, KNOWN)


def _printable(text: str) -> str:
    first = text.splitlines()[0] if text.splitlines() else ""
    return "".join(c if c.isprintable() else "?" for c in first.strip()[:40]) or "?"


def unknown(text: str, names: str) -> UnusableFile:
    """Return what to raise for a file of no known format."""
    return _starts_with(_printable(text), names)


def _starts_with(start: str, names: str) -> UnusableFile:
    return UnusableFile(f"not a refund file. Known: {names}. It starts with: {start}")


def _not_read(what: str) -> UnusableFile:
    return UnusableFile(f"is {what}, which isn't read yet. Known: {KNOWN}. Nothing was imported")
