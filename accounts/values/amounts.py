"""Amounts of money as people and files write them: the one reader, for pages, uploads, commands and imports alike.

An amount is minor units of a currency. A text may have marks between thousands, a currency beside the number, a sign on
either side; the rules for its marks are in `_number`. A number of a JSON file is a number and is taken as it is.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache, lru_cache
from unicodedata import category

from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies
from django.utils.translation import gettext as _

from accounts.values.text import Unreadable, bare_cell, compared, dashes_plain, shown

MAX_MINOR = 10**13
"""Above this an amount is a mistake of the file, not money that was refunded."""
_NOISE = 9
"""From so many decimals on, an amount that is a hair beside a whole minor unit is one that a computer added up."""

_LONGEST = 64

_LETTERS = r"[^\W0-9_]"
_SYMBOL = rf"(?:{_LETTERS}|[$€£¥₹₺₩₽₫฿₴₪])+\.?"
_SHAPE = re.compile(
    rf"(?P<s1>[-+])? ?(?P<before>{_SYMBOL})? ?(?P<s2>[-+])? ?"
    rf"(?P<core>[0-9.,](?:[0-9.,' ]*[0-9.,])?) ?(?P<after>{_SYMBOL})? ?(?P<s3>[-+])?"
)
_LOCALES = (
    "en", "en_AU", "en_CA", "en_GB", "en_IN", "en_SG", "en_ZA", "de", "fr", "fr_CA", "es", "es_MX", "it", "nl", "sv",
    "pl", "pt", "tr", "ja", "zh",
)  # fmt: skip
_MORE_SYMBOLS = {"JPY": {"円"}, "CNY": {"元", "rmb"}, "INR": {"rs"}, "TRY": {"tl"}, "USD": {"us$"}}


@cache
def decimals(currency: str) -> int:
    """How many decimals the currency is written with: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217)."""
    return get_currency_precision(currency)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@lru_cache(maxsize=512)
def currency(text: str | None) -> str:
    """Return an ISO 4217 code in capitals. Raises Unreadable."""
    if not text:
        raise Unreadable(_("the currency is missing"))
    code = compared(text).upper()
    if code not in _currencies():
        raise Unreadable(_("currency %(shown)s is not a currency. Write its code, like USD") % {"shown": shown(text)})
    return code


def minor_units(value: Decimal | int | str, code: str, what: str = "") -> int:
    """Return an amount in minor units of the currency `code`, below zero where it says so. Nothing is rounded.

    A text is read as people write amounts, anything else as the number it is. Raises Unreadable; `what` is what the
    sentence calls the amount.
    """
    if isinstance(value, str):
        return _minor_of_text(value, code, what)
    return _scaled(Decimal(value), code, str(value), what)


def typed(text: str, code: str, *, signed: bool = False) -> int | None:
    """Return the minor units of an amount that somebody typed; None for what is no amount, or could be two.

    So is what is below zero, unless it may be `signed`.
    """
    try:
        minor = minor_units(text, code)
    except Unreadable:
        return None
    return minor if signed or minor >= 0 else None


def example(code: str) -> str:
    """Return how an amount of the currency is written so that everybody reads the same: 1284.50, or 1285 for JPY."""
    return {0: "1285", 3: "1284.500"}.get(decimals(code), "1284.50")


def _scaled(value: Decimal, code: str, written: str, what: str) -> int:
    if not value.is_finite():
        raise _refused(_("is not an amount"), written, code, what)
    if value.adjusted() > 13:
        raise _refused(_("is too large"), written, "", what)
    places = decimals(code)
    scaled = value.scaleb(places)
    whole = int(scaled)
    if whole != scaled:
        more = _("has more decimals than %(currency)s has (%(places)s)") % {"currency": code, "places": places}
        raise _refused(more, written, "", what)
    if abs(whole) > MAX_MINOR:
        raise _refused(_("is too large"), written, "", what)
    return whole


@lru_cache(maxsize=8192)
def _minor_of_text(text: str, code: str, what: str) -> int:
    cell = bare_cell(compared(text)).strip()
    in_brackets = cell[:1] == "(" and cell[-1:] == ")"
    cell = dashes_plain(cell[1:-1] if in_brackets else cell).replace("’", "'")
    match = _SHAPE.fullmatch(cell) if len(cell) <= _LONGEST else None
    if match is None or any(category(c) == "No" for c in text):
        raise _refused(_("is not an amount"), text, code, what)
    signs = [sign for sign in match.group("s1", "s2", "s3") if sign]
    if len(signs) + in_brackets > 1:
        raise _refused(_("is not an amount"), text, code, what)
    for symbol in match.group("before", "after"):
        if symbol and symbol.rstrip(".").casefold() not in _symbols(code):
            said = _("is not an amount in %(currency)s") % {"currency": code}
            raise _refused(said, text, code, what)
    try:
        number = _number(match["core"], decimals(code))
    except Unreadable as why:
        raise _refused(str(why), text, code, what) from None
    return _scaled(-number if in_brackets or signs == ["-"] else number, code, text, what)


def _number(core: str, places: int) -> Decimal:
    """Return the number that digits with marks between them say, in a currency with so many decimals.

    - Two kinds of marks: the last is the decimal one and stands once; the other divides thousands.
    - One mark that stands several times, or a space or an apostrophe, divides thousands (or lakhs: 12,34,567).
    - One mark before exactly three digits: thousands where the currency has fewer decimals (a leading 0 is no group:
      refused); where it has three, a point is the decimal mark and a comma could be either: refused.
    - Any other single point or comma is the decimal mark; before four zeros and more it is neither.
    """
    marks = "".join(c for c in core if c not in "0123456789")
    kinds = set(marks)
    if not kinds:
        return Decimal(core)
    last = marks[-1]
    if len(kinds) == 2 and last in ".," and marks.count(last) == 1:
        head, _mark, tail = core.rpartition(last)
        group = next(kind for kind in kinds if kind != last)
        if tail and _is_grouped(head, group):
            return _with_decimals(head.replace(group, ""), tail, places)
    elif len(kinds) == 1 and (len(marks) > 1 or last in " '"):
        if _is_grouped(core, last):
            return Decimal(core.replace(last, ""))
    elif len(kinds) == 1:
        head, _mark, tail = core.partition(last)
        if not tail:
            raise Unreadable(_("is not an amount"))
        if len(tail) == 3 and 1 <= len(head) <= 3:
            if places < 3 and head[0] != "0":
                return Decimal(head + tail)
            if places < 3 and (head + tail).strip("0"):
                raise Unreadable(_("has three decimals, or a group of thousands that begins with 0"))
            if places == 3 and last == "," and head[0] != "0":
                raise Unreadable(_("can be read in two ways"))
        if 3 < len(tail) < _NOISE and (last == "," or places == 0):
            raise Unreadable(_("is not an amount"))
        return _with_decimals(head or "0", tail, places)
    raise Unreadable(_("is not an amount"))


def _with_decimals(head: str, tail: str, places: int) -> Decimal:
    number = Decimal(f"{head}.{tail}")
    if len(tail) >= _NOISE and number.adjusted() < 14:
        near = round(number, places)
        if abs(near - number) < Decimal("1e-7"):
            return near
    return number


def _is_grouped(text: str, mark: str) -> bool:
    first, *rest = text.split(mark)
    if not rest or not 1 <= len(first) <= 3 or first[0] == "0" or len(rest[-1]) != 3:
        return False
    if all(len(part) == 3 for part in rest):
        return True
    return mark == "," and len(first) <= 2 and all(len(part) == 2 for part in rest[:-1])


@cache
def _symbols(code: str) -> frozenset[str]:
    """Return what is written beside amounts of a currency, in lower case."""
    found = {code, *(compared(get_currency_symbol(code, locale)) for locale in _LOCALES)}
    return frozenset(one.rstrip(".").casefold() for one in found) | _MORE_SYMBOLS.get(code, set())


def _refused(why: str, written: str, code: str, what: str) -> Unreadable:
    said = f"{what or _('amount')} {shown(written)} {why}"
    return Unreadable(f"{said}. " + _("Write it like %(example)s") % {"example": example(code)} if code else said)
