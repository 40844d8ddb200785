"""Cells into values, where only files have them: text, quantities, yes and no. Every refusal quotes the cell."""

from __future__ import annotations

import re
from functools import lru_cache

from accounts.values import count_of
from accounts.values.text import Unreadable, shown

_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"n", "no", "false", "0"})
_PLAIN = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?|[+-]?[.,][0-9]+")


def quantity(text: str | None, what: str = "quantity") -> int:
    """Return a whole number of items; absent or 0 is 1, as the marketplaces mean it."""
    if not text:
        return 1
    count = count_of(text)
    if count is None:
        number = _PLAIN.fullmatch(text.strip())
        raise Unreadable(f"{what} {shown(text)} is not a number" + (" of items" if number else ""))
    return count or 1


@lru_cache(maxsize=512)
def letters(text: str) -> str:
    """Return a code as it is compared: letters and digits in lower case (one for "SAFE-T Reimbursement" and kin)."""
    return "".join(c for c in text.casefold() if c.isalnum())


def yes_or_no(text: str | None) -> bool | None:
    """Return True, False, or None where the cell says neither."""
    word = (text or "").lower()
    return True if word in _YES else False if word in _NO else None
