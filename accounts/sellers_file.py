"""The file of sellers that an operator imports: CSV with a header, one line a seller and one of its owners.

Columns, by name, in any order and case: seller (short name), name, marketplace, owner (e-mail), and, where there is
one, partner id. Commas, semicolons or tabs in any charset that is sure, or a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from accounts import marketplaces
from accounts.tables.delimited import header_in
from accounts.tables.source import Source, UnusableFile
from accounts.values import emails, has_nul
from accounts.values.text import Unreadable

NEEDED = ("seller", "name", "marketplace", "owner")
COLUMNS = {
    "seller": ("seller", "sellerslug", "slug", "shortname"),
    "name": ("name", "sellername"),
    "marketplace": ("marketplace",),
    "owner": ("owner", "owneremail", "ownersemail", "email"),
    "partner_id": ("partnerid", "partner", "merchantid"),
}
TEMPLATE = "seller,name,marketplace,owner,partner id\n"
LARGEST = 16 * 1024 * 1024


class UnusableSellersFile(Exception):
    """Nothing of the file can be imported; str() is the sentence, without the file's name."""


@dataclass(frozen=True, slots=True)
class SellerRow:
    line: int
    seller: str
    name: str
    marketplace: str
    owner: str
    partner_id: str | None


@dataclass(frozen=True, slots=True)
class RejectedSellerRow:
    line: int
    why: str


def read(path: Path) -> tuple[list[SellerRow], list[RejectedSellerRow]]:
    """Return the rows that can be imported and those that can't, each with its line.

    Raises UnusableSellersFile where nothing of the file can be.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UnusableSellersFile(f"larger than {LARGEST // 1024**2} MB.")
        source = Source(path)
        text = "\n".join(line for _number, line in source.lines())
    except FileNotFoundError:
        raise UnusableSellersFile("there is no such file.") from None
    except OSError as error:
        raise UnusableSellersFile(f"can't be read: {error.strerror}.") from None
    except UnusableFile as problem:
        raise UnusableSellersFile(f"it {problem}.") from None
    return parse(text)


def parse(text: str) -> tuple[list[SellerRow], list[RejectedSellerRow]]:
    """What `read` returns, of the text of a file."""
    lines = _lines(text)
    number, header = next(lines, (1, []))
    places = _places(header)
    rows: list[SellerRow] = []
    rejected: list[RejectedSellerRow] = []
    for number, cells in lines:
        found = _row(number, cells, places, len(header))
        (rows if isinstance(found, SellerRow) else rejected).append(found)  # type: ignore[arg-type]
    return _consistent(rows, rejected)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    header = header_in(enumerate(text.split("\n"), start=1))
    delimiter, skipped = (header.delimiter, header.line - 1) if header else (",", 0)
    text = "\n" * skipped + "\n".join(text.split("\n")[skipped:])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnusableSellersFile(f"line {start}: {error}.") from None


def _places(header: list[str]) -> dict[str, int]:
    if not header:
        raise UnusableSellersFile("the file is empty.")
    named = [re.sub(r"[^a-z]", "", name.lower()) for name in header]
    places = {column: named.index(name) for column, names in COLUMNS.items() for name in names if name in named}
    for column in NEEDED:
        if column not in places:
            raise UnusableSellersFile(
                f'column "{column}" is missing. Found: {", ".join(filter(None, map(str.strip, header)))}.'
            )
    return places


def _row(line: int, cells: list[str], places: dict[str, int], width: int) -> SellerRow | RejectedSellerRow:
    if any(has_nul(cell) for cell in cells):
        return RejectedSellerRow(line, "a cell holds a NUL byte")
    if len(cells) > width:
        return RejectedSellerRow(line, f"{len(cells)} cells, and the header has {width}")
    cell = {column: cells[place].strip() if place < len(cells) else "" for column, place in places.items()}
    for column in NEEDED:
        if not cell[column]:
            return RejectedSellerRow(line, f"{column} is empty")
    slug, owner = cell["seller"].lower(), emails.normal(cell["owner"])
    market = marketplaces.find(cell["marketplace"])
    if (why := _why_slug(slug)) or (why := _why_owner(owner)):
        return RejectedSellerRow(line, why)
    if market is None:
        return RejectedSellerRow(line, f'marketplace "{cell["marketplace"]}" isn\'t known')
    if len(cell["name"]) > 200:
        return RejectedSellerRow(line, "the name is longer than 200 characters")
    partner = cell.get("partner_id") or None
    if partner and len(partner) > 64:
        return RejectedSellerRow(line, "the partner id is longer than 64 characters")
    return SellerRow(line, slug, cell["name"], market.code, owner, partner)


def _why_slug(slug: str) -> str:
    try:
        validate_slug(slug)
    except ValidationError:
        return f'seller "{slug}" isn\'t a short name: letters, digits and hyphens, such as blue-door-toys'
    return "the short name is longer than 63 characters" if len(slug) > 63 else ""


def _why_owner(owner: str) -> str:
    try:
        emails.address(owner)
    except Unreadable as problem:
        return f"owner {problem.cause}"
    return ""


def _consistent(
    rows: list[SellerRow], rejected: list[RejectedSellerRow]
) -> tuple[list[SellerRow], list[RejectedSellerRow]]:
    """Leave out rows that say of a seller, or of a partner id, what an earlier row said differently."""
    kept: list[SellerRow] = []
    sellers: dict[str, SellerRow] = {}
    partners: dict[str, SellerRow] = {}
    for row in rows:
        first = sellers.setdefault(row.seller, row)
        if (first.name, first.marketplace, first.partner_id) != (row.name, row.marketplace, row.partner_id):
            rejected.append(
                RejectedSellerRow(row.line, f'seller "{row.seller}" is described differently on line {first.line}')
            )
            continue
        if row.partner_id and (other := partners.setdefault(row.partner_id, row)).seller != row.seller:
            rejected.append(
                RejectedSellerRow(row.line, f'partner id "{row.partner_id}" is on line {other.line} for {other.seller}')
            )
            continue
        kept.append(row)
    return kept, sorted(rejected, key=lambda each: each.line)
