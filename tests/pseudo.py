"""A made-up language in which every translated text stands in brackets, and what of a page stands outside of them.

`speak` has the portal answer in it; what a page shows outside the brackets and isn't data was never given to gettext.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from html.parser import HTMLParser

from babel import Locale
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real

from accounts import marketplaces
from accounts.zones import zone_choices
from claims.rules.lifecycle import Reason

LANGUAGE = "en-xa"
"""The code that is set aside for such a language; days and numbers are written as in English."""
OPEN, CLOSE = "⟦", "⟧"
SHOWN_ATTRIBUTES = ("title", "alt", "placeholder", "aria-label", "aria-description", "label")
SILENT = {"script", "style", "svg", "template", "code"}
"""Nothing in them is said to anybody; what stands in `code` is to be typed as it is."""
VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr", "col", "area", "base", "embed", "track"}
# What a page writes by itself: numbers with units and codes of currencies, days, times, zones, ids.
_ENGLISH = Locale("en")
_NAMES = {
    name for width in ("abbreviated", "wide") for names in (_ENGLISH.days, _ENGLISH.months)
    for name in names["format"][width].values()
}  # fmt: skip
_WRITTEN = re.compile(
    rf"\b(?:{'|'.join(sorted(_NAMES, key=len, reverse=True))})\b|\b[AP]M\b|\bE[SD]T\b|\bUTC\b|\bGMT\S*|\bCES?T\b"
    r"|\b[A-Z]{3}(?:_[A-Z]+)*\b|\b[A-Z]+(?:_[A-Z]+)+\b|\b[0-9a-f]{8,}\b|\b\w*\d\w*\b"
)
_ADDRESS = re.compile(r"https?://\S+|\b[\w.+-]+@[\w.-]+\b")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


class Bracketing(NullTranslations):
    """Gives every message back in brackets."""

    def to_language(self) -> str:
        return LANGUAGE

    def language(self) -> str:
        return LANGUAGE

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}{CLOSE}" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@contextmanager
def speak() -> Iterator[None]:
    """Have requests answered, and texts made, in the made-up language."""
    known = trans_real._translations  # type: ignore[attr-defined]
    known[LANGUAGE] = Bracketing()
    try:
        with override_settings(LANGUAGE_CODE=LANGUAGE), translation.override(LANGUAGE):
            yield
    finally:
        del known[LANGUAGE]


def data() -> re.Pattern[str]:
    """Return what finds data in a text: all that is kept in the database, and names of zones and marketplaces."""
    places = marketplaces.by_code().values()
    texts = {settings.MARKETPLACE_NAME, "SAFE-T", *(reason.lower() for reason in Reason)}
    texts |= {name for place in places for name in (place.code, place.name, place.region)}
    texts |= {each for region, named in zone_choices() for pair in named for each in (region, *pair)}
    for model in apps.get_models():
        names = [
            field.name for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.GenericIPAddressField)
        ]  # fmt: skip
        for row in model._default_manager.values_list(*names) if names else ():
            texts |= {" ".join(line.split()) for text in row if isinstance(text, str) for line in text.split("\n")}
    longest_first = sorted(filter(_LETTERS.search, texts), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


class _Reader(HTMLParser):
    """Collects what is shown outside of the brackets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.depth, self.silent = 0, 0
        self.outside: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT or (self.silent > 0 and tag not in VOID)
        given = dict(attrs)
        names = [*SHOWN_ATTRIBUTES, *(["value"] if given.get("type") in ("submit", "button", "reset") else [])]
        self.attributes += [given[name] or "" for name in names if given.get(name)]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID or not self.silent:
            self.silent, kept = 0, self.silent
            self.handle_starttag(tag, attrs)
            self.silent = kept

    def handle_endtag(self, tag: str) -> None:
        self.silent -= self.silent > 0 and tag not in VOID

    def handle_data(self, data: str) -> None:
        if not self.silent:
            outside, self.depth = _outside(data, self.depth)
            self.outside.append(outside)


def _outside(text: str, depth: int = 0) -> tuple[str, int]:
    """Return what of the text stands outside of brackets, and how many are open at its end."""
    kept = []
    for each in text:
        depth += each == OPEN
        if not depth:
            kept.append(each)
        if each == CLOSE:
            depth = max(depth - 1, 0)
            kept.append(" ")
    return "".join(kept), depth


def unmarked(html: str, known: re.Pattern[str]) -> list[str]:
    """Return the texts of a page that were not given to gettext and are none of the `known` data."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    texts = [*reader.outside, *(_outside(value)[0] for value in reader.attributes)]
    return [text for text in (_without(" ".join(text.split()), known) for text in texts) if _LETTERS.search(text)]


def unmarked_text(text: str, known: re.Pattern[str]) -> list[str]:
    """Return the same of plain text, line by line."""
    lines = (_without(" ".join(line.split()), known) for line in _outside(text)[0].split("\n"))
    return [line for line in lines if _LETTERS.search(line)]


def _without(text: str, known: re.Pattern[str]) -> str:
    if not _LETTERS.search(text):
        return ""
    return " ".join(_WRITTEN.sub(" ", known.sub(" ", _ADDRESS.sub(" ", text))).split())
