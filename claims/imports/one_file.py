"""One file in, whoever brings it: what the commands and the worker share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from accounts import marketplaces
from accounts.marketplaces import Marketplace
from accounts.models import Seller
from accounts.tables.source import Source
from accounts.values import days
from accounts.values.text import escaped
from claims.imports import claims_csv, formats, loader, reimbursements
from claims.imports.formats import Format
from claims.imports.outcome import ImportSummary
from claims.imports.records import PaymentRow, Records
from claims.models import ImportRun

Detect = Callable[[Source], Format]
DETECT: dict[ImportRun.Kind, Detect] = {
    ImportRun.Kind.REFUNDS: formats.detect,
    ImportRun.Kind.CLAIMS: claims_csv.detect,
    ImportRun.Kind.PAYMENTS: reimbursements.detect,
}
"""How each kind of import finds out how to read a file. Each raises UnusableFile."""
_LINE = "line "


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose rows are that don't say it, and where they were sold."""

    seller: Seller | None
    marketplace: Marketplace | None

    @property
    def place(self) -> Marketplace | None:
        """The marketplace of rows that name none, None where nobody knows."""
        return self.marketplace or (marketplaces.find(self.seller.marketplace) if self.seller else None)


@dataclass(slots=True)
class FileResult:
    """What became of a file: the sums, its format, and what whoever imports it should know.

    `doubts` are payments that a person has to look at, as (place, why).
    """

    summary: ImportSummary
    format: str
    notes: list[str]
    doubts: list[tuple[str, str]] = field(default_factory=list)


def load(
    source: Source,
    *,
    detect: Detect,
    owner: Owner,
    dry_run: bool,
    now: datetime,
    reject: loader.RejectSink,
    watch: loader.ProgressSinks,
    recognised: Callable[[str], object] = lambda name: None,
) -> FileResult:
    """Import one file and return what became of it. Raises UnusableFile, then nothing was applied.

    `recognised` is called with the name of the format before a row is read.
    """
    file_format = detect(source)
    recognised(file_format.name)
    doubts: list[tuple[str, str]] = []
    calendar = replace(days.ANYWHERE, now=now).at(owner.place)
    summary = loader.load(
        _doubts_noted(file_format.read(source, calendar), doubts),
        source=source.name,
        seller=owner.seller,
        marketplace=owner.marketplace,
        now=now,
        reject=reject,
        dry_run=dry_run,
        watch=watch,
    )
    return FileResult(summary, file_format.name, source.notes, doubts)


def source_of(path: Path, owner: Owner, name: str = "") -> Source:
    """Return the file to read, by the charsets of its owner's marketplace. Raises UnusableFile."""
    place = owner.place
    return Source(path, likely=(place.charset,) if place else (), name=name)


def lines_at(source: Source, places: list[str], longest: int) -> dict[str, str]:
    """Return the text of the lines that places name ("line 812"), escaped and cut; other places have none."""
    wanted = {place for place in places if place.startswith(_LINE)}
    found: dict[str, str] = {}
    if not wanted:
        return found
    for number, line in source.lines():
        if (place := f"{_LINE}{number}") in wanted:
            found[place] = escaped(line[:longest])[:longest]
            if len(found) == len(wanted):
                break
    return found


def _doubts_noted(records: Records, doubts: list[tuple[str, str]]) -> Records:
    """Pass the records on, and note the payments that a person has to look at."""
    for record in records:
        if isinstance(record, PaymentRow) and record.doubt:
            doubts.append((record.place, record.doubt))
        yield record
