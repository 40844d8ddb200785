"""How a language writes days, times of day, numbers and lists: CLDR's patterns by Babel, and ours for English.

The English of the portal is American ("Nov 25, 2026, 11:59 PM"), with an ordinary space before AM and PM, and no comma
before the last "and". Every other language gets CLDR's own order and words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language

KEPT = 4096
"""Days and times of each language that are kept as they are written: lists name the same ones again and again."""
_ENGLISH = {"yMMMd": "MMM d, y", "MMMd": "MMM d", "yMMMEd": "EEE, MMM d, y", "MMMEd": "EEE, MMM d", "time": "h:mm a"}
_LISTS_IN_ENGLISH = Locale("en", "001")
Skeleton = Literal["yMMMd", "MMMd", "yMMMEd", "MMMEd"]


class Language:
    """What writes values in one language. Made once for each; ask `current` for it."""

    def __init__(self, code: str) -> None:
        try:
            self._locale = Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            self._locale = Locale("en")
        self._ours = _ENGLISH if (self._locale.language, self._locale.territory or "US") == ("en", "US") else {}
        self._lists = _LISTS_IN_ENGLISH if self._ours else self._locale
        whole = self._locale.decimal_formats[None].pattern.partition(".")[0]
        self._whole = whole
        # Python writes numbers as English does, in a twentieth of the time.
        self._as_python = format_decimal(Decimal("-1234567.5"), f"{whole}.00", self._locale) == "-1,234,567.50"
        self._join = self._locale.datetime_formats["medium"]
        self.day = lru_cache(KEPT)(self._day)
        self.time_of_day = lru_cache(KEPT)(self._time_of_day)

    def _day(self, on: date, skeleton: Skeleton) -> str:
        """Return the day with the parts that the skeleton names, in the language's order."""
        if self._ours:
            return format_date(on, self._ours[skeleton], self._locale)
        return format_skeleton(skeleton, on, locale=self._locale)

    def _time_of_day(self, hour: int, minute: int) -> str:
        return format_time(time(hour, minute), self._ours.get("time", "short"), locale=self._locale)

    def day_and_time(self, day: str, clock: str) -> str:
        """Return both, one after the other."""
        return f"{day}, {clock}" if self._ours else self._join.format(clock, day)

    def number(self, value: float | Decimal, places: int = 0) -> str:
        """Return the number grouped, with so many decimals."""
        if self._as_python:
            return f"{value:,.{places}f}" if places else f"{value:,}"
        return format_decimal(value, f"{self._whole}.{'0' * places}" if places else self._whole, self._locale)

    def percent(self, hundredths: int) -> str:
        return f"{hundredths}%" if self._ours else format_percent(Decimal(hundredths) / 100, locale=self._locale)

    def listed(self, items: Sequence[str], style: Literal["standard", "unit"]) -> str:
        """Return the items with what stands between them: "standard" ends on an "and", "unit" doesn't in English."""
        return format_list(list(items), style, self._lists)


_of = cache(Language)


def current() -> Language:
    """Return what writes in the language that is active; English where none is."""
    return _of(get_language() or "en")
