"""Text as it is compared and shown: one spelling for what looks the same, and a quotation that shows what was there."""

from __future__ import annotations

import re
from unicodedata import category, normalize

MAX_TEXT = 500
"""Longest cell that is kept. The longest documented one is an item name of 500 characters."""
_DASHES = re.compile("[\u00ad\u02d7\u2010-\u2015\u2043\u207b\u208b\u2212\u2500\u2501\u30fc\ufe58\ufe63\uff0d\uff70]")
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)
_SPOILT = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E[+-][0-9]{2,3}", re.IGNORECASE)


class Unreadable(ValueError):
    """What was typed, sent or filed can't be read as what it should be.

    The message is a sentence without its full stop: what is wrong, quoted as it stood, and an example of what is right.
    """

    @property
    def cause(self) -> str:
        return str(self)


def shown(text: str, longest: int = 60) -> str:
    """Return what was read in double quotes, short, to stand in a sentence: what can't be seen is written as its code.

    So a terminal that shows the sentence obeys nothing that stood in a file.
    """
    visible = escaped(text[:longest])
    return f'"{visible}…"' if len(text) > longest else f'"{visible}"'


def escaped(text: str) -> str:
    """Return the text with each character that prints nothing, or steers a terminal, written as its code."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def unseen_removed(text: str) -> str:
    """Return the text without characters that show nothing and only steer how others are shown (bidi, joiners)."""
    if text.isascii():
        return text
    return "".join(c for c in text if category(c) != "Cf")


def compared(text: str) -> str:
    """Return the spelling in which ids, amounts and days are read.

    Full-width letters and digits are made plain and unseen characters are gone; any white space is a space, and runs of
    it one, none at the ends. "²" and "½" stay what they are: as digits they would be another number.
    """
    if not text.isascii():
        text = "".join(c if category(c) == "No" else normalize("NFKC", c) for c in normalize("NFC", text))
        text = unseen_removed(text)
    return " ".join(text.split())


def dashes_plain(text: str) -> str:
    """Return the text with "-" for every dash, minus sign and long-vowel mark that stands where a hyphen should."""
    return text if text.isascii() else _DASHES.sub("-", text)


def as_written(cell: str) -> str:
    """Return the text of a spreadsheet's cell without what was put around it to keep it text: ="…"."""
    if cell[:2] == '="' and (found := _AS_TEXT.fullmatch(cell)):
        return found[1].replace('""', '"').strip()
    return cell


def bare_cell(cell: str) -> str:
    """Return what a cell says that holds a number, a day or an id: neither ="…" around it nor an apostrophe before."""
    cell = as_written(cell)
    return cell[1:] if cell[:1] == "'" and cell[1:2] not in ("'", "") else cell


def cell_text(text: str, what: str) -> str | None:
    """Return a cell without the space around it, None when nothing is left. Raises Unreadable.

    A NUL byte or half a surrogate pair can't be kept by the database; a text longer than any documented one isn't kept.
    """
    text = text.strip()
    if text.isascii() and text.isprintable() and len(text) <= MAX_TEXT and text[:1] != "=":  # what most are
        return text or None
    if "\x00" in text:
        raise Unreadable(f"{what} has a NUL byte in it")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unreadable(f"{what} has half a character in it") from None
        text = text.strip("\u00a0\ufeff\u200b ")
    if len(text) > MAX_TEXT:
        raise Unreadable(f"{what} has {len(text):,} characters; at most {MAX_TEXT}")
    return as_written(text) or None


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet made this of a long number: 1.23457E+11 has lost its last digits for good."""
    return bool(_SPOILT.fullmatch(text))
