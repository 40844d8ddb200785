"""Cells into values: ids, amounts, days, instants, yes and no. Every refusal is a sentence that quotes the cell."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

from accounts.values import has_nul
from claims.imports.records import RowProblem

ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}", re.ASCII)
CLAIM_ID = re.compile(r"\d{5}-\d{5}-\d{7}", re.ASCII)
MAX_TEXT = 500
"""Longest cell that is kept. The longest documented one is an item name of 500 characters."""
MAX_MINOR = 10**13
"""Above this an amount is a mistake of the file, not money that was refunded."""

_MONTHS = {
    m: n
    for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1)
}
_CLOCK = r"(?:[T ]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_SHAPES = tuple(
    re.compile(day + _CLOCK + _ZONE, re.ASCII | re.IGNORECASE)
    for day in (
        r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})-(?P<mon>[A-Z]{3})-(?P<y>\d{4})",
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    )
)
_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"n", "no", "false", "0"})


def shown(text: str) -> str:
    """Return what was read in double quotes, short and without control characters, to stand in a sentence."""
    visible = "".join(c if c.isprintable() else "?" for c in text[:60])
    return f'"{visible}…"' if len(text) > 60 else f'"{visible}"'


def clean(text: str, what: str) -> str | None:
    """Return the cell without the space around it, None when nothing is left.

    A NUL byte or half a surrogate pair can't be kept by the database: they refuse the row.
    """
    text = text.strip()
    if has_nul(text):
        raise RowProblem(f"{what} has a NUL byte in it")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise RowProblem(f"{what} has half a character in it") from None
        text = text.strip("\u00a0\ufeff\u200b ")
    if len(text) > MAX_TEXT:
        raise RowProblem(f"{what} has {len(text):,} characters; at most {MAX_TEXT}")
    return text or None


def order_id(text: str | None) -> str:
    """Return an order id of 3, 7 and 7 digits."""
    if not text:
        raise RowProblem("the order id is missing")
    if not ORDER_ID.fullmatch(text):
        raise RowProblem(f"{shown(text)} isn't an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667")
    return text


def claim_id(text: str | None) -> str:
    """Return a claim id of 5, 5 and 7 digits."""
    if not text:
        raise RowProblem("the claim id is missing")
    if not CLAIM_ID.fullmatch(text):
        raise RowProblem(f"{shown(text)} isn't a claim id. It has 5, 5 and 7 digits, as in 11122-33344-5556667")
    return text


def code(text: str | None, what: str, longest: int = 64) -> str | None:
    """Return a short cell (an id, a code, a word of the file) as it is; one that is too long refuses the row."""
    if text is not None and len(text) > longest:
        raise RowProblem(f"{what} {shown(text)} has {len(text)} characters; at most {longest}")
    return text


def asin(text: str | None) -> str | None:
    """Return an ASIN in capitals, None for an empty cell."""
    if not text:
        return None
    if not (len(text) == 10 and text.isascii() and text.isalnum()):
        raise RowProblem(f"{shown(text)} isn't an ASIN. It has 10 letters and digits")
    return text.upper()


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@lru_cache(maxsize=512)
def currency(text: str | None) -> str:
    """Return an ISO 4217 code in capitals."""
    if not text:
        raise RowProblem("the currency is missing")
    code = text.strip().upper()
    if code not in _currencies():
        raise RowProblem(f"currency {shown(text)} is not a currency")
    return code


@lru_cache(maxsize=512)
def _places(code: str) -> int:
    return get_currency_precision(code)


def minor_units(value: Decimal | int | str, code: str, what: str) -> int:
    """Return an amount in minor units of the currency `code`; more decimals than it has refuse the row."""
    if isinstance(value, str):
        return _minor_of_text(value, code, what)
    if not isinstance(value, Decimal):
        value = Decimal(value)
    if not value.is_finite():
        raise RowProblem(f"{what} {shown(str(value))} is not an amount")
    if value.adjusted() > 13:
        raise RowProblem(f"{what} {shown(str(value))} is too large")
    places = _places(code)
    scaled = value.scaleb(places)
    whole = int(scaled)
    if whole != scaled:
        raise RowProblem(f"{what} {shown(str(value))} has more decimals than {code} has ({places})")
    if abs(whole) > MAX_MINOR:
        raise RowProblem(f"{what} {shown(str(value))} is too large")
    return whole


@lru_cache(maxsize=4096)
def _minor_of_text(text: str, code: str, what: str) -> int:
    return minor_units(decimal(text, what), code, what)


_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?|[+-]?[.,]\d+", re.ASCII)


def decimal(text: str, what: str) -> Decimal:
    """Return the number of a cell with point or comma decimals, with or without groups of three.

    The last mark is the decimal one where both stand (1.234,56 and 1,234.56). A single mark is always the decimal
    one: "1,234" is one and a bit, which most currencies then refuse, instead of being guessed.
    """
    cell = text.strip().replace("\u2212", "-")
    if cell.endswith("-") and not cell.startswith("-"):
        cell = "-" + cell[:-1]
    if not _PLAIN.fullmatch(cell):
        match = _GROUPED.fullmatch(cell)
        if not match:
            raise RowProblem(f"{what} {shown(text)} is not an amount")
        cell = cell.replace(match[1], "")
    try:
        return Decimal(cell.replace(",", "."))
    except InvalidOperation:
        raise RowProblem(f"{what} {shown(text)} is not an amount") from None


def quantity(text: str | None, what: str = "quantity") -> int:
    """Return a whole number of items; absent or 0 is 1, as the marketplaces mean it."""
    if not text:
        return 1
    if not _PLAIN.fullmatch(text.strip()):
        raise RowProblem(f"{what} {shown(text)} is not a number")
    number = Decimal(text.strip().replace(",", "."))
    if number.adjusted() > 6 or number != int(number) or number < 0:
        raise RowProblem(f"{what} {shown(text)} is not a number of items")
    return int(number) or 1


@lru_cache(maxsize=512)
def letters(text: str) -> str:
    """Return a code as it is compared: letters and digits in lower case (one for "SAFE-T Reimbursement" and kin)."""
    return "".join(c for c in text.casefold() if c.isalnum())


def yes_or_no(text: str | None) -> bool | None:
    """Return True, False, or None where the cell says neither."""
    word = (text or "").lower()
    return True if word in _YES else False if word in _NO else None


_ISO = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@lru_cache(maxsize=4096)
def moment(text: str, what: str) -> tuple[datetime, bool]:
    """Return the moment of a cell and whether it had a time of day; aware where the cell names an offset."""
    if _ISO.fullmatch(text):  # what most instants look like, read ten times as fast
        try:
            return datetime.fromisoformat(text), True
        except ValueError:
            raise RowProblem(f"{what} {shown(text)} is not a date") from None
    match = next((m for shape in _SHAPES if (m := shape.fullmatch(text.strip()))), None)
    if match is None:
        raise RowProblem(f"{what} {shown(text)} is not a date")
    part = match.groupdict()
    month = part.get("m") or _MONTHS.get((part.get("mon") or "").lower())
    try:
        parsed = datetime(
            int(part["y"]),
            int(month or 0),
            int(part["d"]),
            int(part["H"] or 0),
            int(part["M"] or 0),
            int(part["S"] or 0),
            int((part["f"] or "0").ljust(6, "0")[:6]),
            tzinfo=_offset(part["zone"]),
        )
    except ValueError:
        raise RowProblem(f"{what} {shown(text)} is not a date") from None
    if not 1995 <= parsed.year <= 2150:
        raise RowProblem(f"{what} {shown(text)} is not a date of our time")
    return parsed, part["H"] is not None


def _offset(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if zone[0] == "-" else shift)


def day(text: str | None, what: str, zone: tzinfo | None) -> date | None:
    """Return a day of the marketplace's calendar, None for an empty cell; an offset in the cell is honoured."""
    if not text:
        return None
    found, _ = moment(text, what)
    return (found if found.tzinfo is None or zone is None else found.astimezone(zone)).date()


def instant(text: str | None, what: str, zone: tzinfo | None) -> datetime | None:
    """Return an instant in UTC, None for an empty cell. Without an offset it is the marketplace's local time."""
    if not text:
        return None
    at, _ = moment(text, what)
    if at.tzinfo is None:
        if zone is None:
            raise RowProblem(f"{what} {shown(text)} has no offset from UTC. Write one, or add --marketplace")
        at = at.replace(tzinfo=zone)
    return at.astimezone(UTC)


def instant_with_time(text: str | None, what: str, zone: tzinfo | None) -> datetime:
    """Return an instant in UTC from a cell that has to name a time of day too."""
    if not text:
        raise RowProblem(f"{what} is missing")
    if not moment(text, what)[1]:
        raise RowProblem(f"{what} {shown(text)} has no time of day. Write it like 2026-03-01 14:05:00")
    found = instant(text, what, zone)
    assert found is not None
    return found
