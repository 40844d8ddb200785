"""How what was typed, sent or filed is read: in one way, wherever it comes from.

Amounts, days, ids, e-mail addresses and text have a module each; here are numbers, keys and lines.

Python takes the digits of every script for numbers and calls "²" a digit that it then can't read. Here a number is
the digits 0 to 9, no more than its place can hold, and anything else is no number.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.values.text import compared, dashes_plain

KEY_DIGITS = 18
"""Most digits of a number of ours (a 64-bit key) that can be asked for."""
LONGEST_REASON = 500
"""Most characters of a reason that somebody gives for what they do."""
_WHOLE = re.compile(r"[0-9]+")
_COUNT = re.compile(r"\+?([0-9]{1,6})(?:[.,]0{1,4})?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", re.IGNORECASE | re.ASCII)


def has_nul(text: str) -> bool:
    """Whether a text has a NUL in it. PostgreSQL keeps none in text or JSON, so such a key is no key of ours."""
    return "\x00" in text


def plain_text(text: str) -> str:
    """Return what was typed or sent as it can be kept: without NUL, all else as it came."""
    return text.replace("\x00", "")


def single_line(text: str) -> str:
    """Return what was typed or sent as one line: each run of white space or NUL is one space, none at the ends."""
    return " ".join(text.replace("\x00", " ").split())


def whole(text: object, *, digits: int = 9) -> int | None:
    """Return the whole number, 0 or more, written with at most so many of the digits 0 to 9; None for anything else."""
    if not isinstance(text, str) or len(text) > digits or not _WHOLE.fullmatch(text):
        return None
    return int(text)


def count_of(text: object) -> int | None:
    """Return a number of items, written as people and spreadsheets do ("2", "2.0", "2,00"); None for anything else."""
    if not isinstance(text, str):
        return None
    found = _COUNT.fullmatch(dashes_plain(compared(text)))
    return int(found[1]) if found else None


def key(text: object) -> int | None:
    """Return the number of a row of ours that an address or a form names; None for what can be none."""
    return whole(text, digits=KEY_DIGITS)


def uuid_of(text: object) -> UUID | None:
    """Return the UUID written as 32 hexadecimal digits, with its hyphens or without; None for anything else."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else None


class WholeField(forms.IntegerField):
    """A whole number typed in a form, in the digits 0 to 9, with a sign or without."""

    plain = RegexValidator(r"\A\s*[+-]?[0-9]{1,18}\s*\Z", _("Write the number with the digits 0 to 9, like 45."))

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and value.strip():
            self.plain(value)
        return super().to_python(value)
