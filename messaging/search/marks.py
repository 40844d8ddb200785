"""What of a text is shown for a search, and which of it is marked.

The database decides what is found (`messaging_cut` in the migrations); here the same spelling shows where. A text is
compared sign by sign, so that a mark stands around what was written and not around how it is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

BEFORE, AFTER = 80, 200
"""Characters shown before and after the first word that was found."""
_DENSE = "ก-ໞက-႟ក-៿々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"[0-9]+|[{_DENSE}]+|[^\W_0-9{_DENSE}]+")
_ENDS = {"digits": r"[0-9]", "letters": rf"[^\W_0-9{_DENSE}]"}
_BETWEEN = r"[\W_]{0,20}"
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_SIGN = re.compile(
    "(?s:.)[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u3099\u309a\uff9e\uff9f]*"
)
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PLAIN = str.maketrans("ς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "σ01234567890123456789")


@lru_cache(4096)
def folded(text: str) -> str:
    """Return a sign, or a word, in the spelling in which words are compared."""
    return normalize("NFKC", _DROPPED.sub("", normalize("NFKD", text))).lower().translate(_PLAIN)


class Marks:
    """Finds in a text the words that are searched for: each (it, whether it is a phrase)."""

    def __init__(self, terms: Iterable[tuple[str, bool]]) -> None:
        self.pattern = re.compile("|".join(filter(None, (_pattern_of(*term) for term in terms))) or "(?!)")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand in a text, from where to where, in their order."""
        if text.isascii():
            return [found.span() for found in self.pattern.finditer(text.lower())]
        spelled: list[str] = []
        places: list[int] = []
        for sign in _SIGN.finditer(text):
            plain = folded(sign[0])
            spelled.append(plain)
            places += [sign.start()] * len(plain)
        found = self.pattern.finditer("".join(spelled))
        return [(places[each.start()], _after(text, places[each.end() - 1])) for each in found]

    def marked(self, text: str) -> SafeString:
        """Return a text ready to show, the words marked."""
        text = _UNSHOWN.sub(" ", text)
        return _shown(text, self.spans(text), 0, len(text))

    def excerpt(self, text: str) -> SafeString:
        """Return what is around the first of the words, ready to show; signs say where more was said."""
        text = _UNSHOWN.sub(" ", text).strip()
        spans = self.spans(text)
        begins, ends = spans[0] if spans else (0, 0)
        start = 0 if begins <= BEFORE else text.find(" ", begins - BEFORE, begins) + 1 or begins
        stop = len(text)
        if ends + AFTER < stop:
            blank = text.rfind(" ", ends, ends + AFTER)
            stop = blank if blank > ends else ends + AFTER
        shown = _shown(text, spans, start, stop)
        return SafeString(f"{'… ' if start else ''}{shown}{' …' if stop < len(text) else ''}")


def _pattern_of(term: str, is_phrase: bool) -> str:
    """Return the pattern of a term: its pieces one after the other, the last a beginning from three letters on."""
    spelled = folded(term)
    pieces = _PIECE.findall(spelled)
    if not pieces:
        return ""
    before, after = _kind(pieces[0][0]), _kind(pieces[-1][-1])
    pattern = _BETWEEN.join(re.escape(piece) for piece in pieces)
    if before:
        pattern = rf"(?<!{_ENDS[before]}){pattern}"
    return pattern + (rf"(?!{_ENDS[after]})" if after and (is_phrase or len(spelled) <= 2) else "")


def _kind(sign: str) -> str:
    if sign in "0123456789":
        return "digits"
    return "" if re.match(f"[{_DENSE}]", sign) else "letters"


def _after(text: str, place: int) -> int:
    """The place after a sign and the accents that are signs of their own behind it."""
    sign = _SIGN.match(text, place)
    assert sign is not None
    return sign.end()


def _shown(text: str, spans: list[tuple[int, int]], start: int, stop: int) -> SafeString:
    shown, at = [], start
    for begins, ends in spans:
        if begins >= start and ends <= stop:
            shown += [escape(text[at:begins]), mark_safe("<mark>"), escape(text[begins:ends]), mark_safe("</mark>")]
            at = ends
    shown.append(escape(text[at:stop]))
    return mark_safe("".join(shown))  # noqa: S308 - all of it is escaped but our own marks
