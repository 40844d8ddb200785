"""Ids as people paste them and files write them: orders (3-7-7 digits), claims (5-5-7), returns, parcels, items.

One reader, for search boxes, forms, uploads, imports and the mail matcher alike: full-width letters, dashes of every
kind, unseen characters and words such as "Order id:" before an id don't matter; two ids where one is asked for do.
"""

from __future__ import annotations

import re
from enum import StrEnum
from unicodedata import category

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.values.text import (
    Unreadable,
    as_written,
    bare_cell,
    compared,
    dashes_plain,
    is_rounded,
    shown,
    unseen_removed,
)

ORDER_ID = r"[0-9]{3}-[0-9]{7}-[0-9]{7}"
CLAIM_ID = r"[0-9]{5}-[0-9]{5}-[0-9]{7}"
"""The two shapes as regular expressions, for addresses and keys of our own making."""
ANY_ID = rf"\b(?:{CLAIM_ID}|{ORDER_ID})\b"

# Between its parts an id may have blanks, and a line may end there, in quoted text too.
_DASH = r"[ \t]{0,3}-[ \t]{0,3}(?:\r?\n[> \t]{0,9})?"
_ALONE = r"(?<![0-9])(?<![0-9]-){}(?![0-9])(?!-[0-9])"
_ORDER, _CLAIM = re.compile(ORDER_ID), re.compile(CLAIM_ID)
_ORDERS = re.compile(_ALONE.format(ORDER_ID.replace("-[", _DASH + "[")))
_CLAIMS = re.compile(_ALONE.format(CLAIM_ID.replace("-[", _DASH + "[")))
_BETWEEN = re.compile(r"[^0-9-]+")
_RUN = re.compile(r"(?<![0-9A-Z-])[0-9]{17}(?![0-9A-Z-])", re.IGNORECASE)
_BESIDE = frozenset("#:.,;()[]/'\"_")
"""What may stand beside an id, with words and blanks."""
_ASIN = re.compile(r"[A-Z0-9]{10}")
_TEN = re.compile(r"[0-9]{10}")
_RMA = re.compile(r"[A-Z0-9]{4,60}RRMA")
_TRACKING = re.compile(r"[A-Z0-9]{8,40}")


class Shape(StrEnum):
    ORDER = "order id"
    CLAIM = "claim id"
    ASIN = "ASIN"
    RMA = "RMA id"
    TRACKING = "tracking id"


def spelled(text: str) -> str:
    """Return a text in the spelling in which ids are looked for: plain letters, every dash "-", nothing unseen."""
    return text if text.isascii() else dashes_plain(compared(text))


def _all(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """The ids of a text in its spelling, each once, in their order."""
    return tuple(dict.fromkeys(_BETWEEN.sub("", each) for each in pattern.findall(text)))


def orders_in(text: str) -> tuple[str, ...]:
    """Return the order ids a text names, each once, in their order."""
    return _all(_ORDERS, spelled(text))


def claims_in(text: str) -> tuple[str, ...]:
    """Return the claim ids a text names, each once, in their order."""
    return _all(_CLAIMS, spelled(text))


def order_id(text: str | None) -> str:
    """Return the one order id that a cell or a field means. Raises Unreadable."""
    if text and _ORDER.fullmatch(text):
        return text
    return _one(text, _ORDERS, (3, 10), _NOT_AN_ORDER)


def claim_id(text: str | None) -> str:
    """Return the one claim id that a cell or a field means. Raises Unreadable."""
    if text and _CLAIM.fullmatch(text):
        return text
    return _one(text, _CLAIMS, (5, 10), _NOT_A_CLAIM)


def as_order_id(text: str) -> str | None:
    """Return the one order id that a text means, None where it means none or several."""
    try:
        return order_id(text)
    except Unreadable:
        return None


def as_claim_id(text: str) -> str | None:
    """Return the one claim id that a text means, None where it means none or several."""
    try:
        return claim_id(text)
    except Unreadable:
        return None


def meant(text: str) -> tuple[tuple[Shape, str], ...]:
    """Return what a search can mean: each id in it with its shape, in its own spelling; none for what is no id.

    Seventeen digits without dashes may be an order or a claim; ten are an old ASIN or a tracking id. Ids of returns and
    parcels are given as typed and in capitals: files write them in either.
    """
    found: list[tuple[Shape, str]] = []
    line = spelled(text)
    found += [(Shape.ORDER, each) for each in orders_in(line)]
    found += [(Shape.CLAIM, each) for each in claims_in(line)]
    if not found:
        typed = code_of(line)
        bare = typed.upper()
        for run in dict.fromkeys([*_RUN.findall(line), *_RUN.findall(bare)]):
            found += [(Shape.ORDER, _cut(run, (3, 10))), (Shape.CLAIM, _cut(run, (5, 10)))]
        if _ASIN.fullmatch(bare):
            found.append((Shape.ASIN, bare))
        if _RMA.fullmatch(bare):
            found += [(Shape.RMA, each) for each in dict.fromkeys((bare, typed))]
        elif _TRACKING.fullmatch(bare) and (not found or (_TEN.fullmatch(bare))):
            found += [(Shape.TRACKING, each) for each in dict.fromkeys((bare, typed))]
    return tuple(found)


def code_of(text: str) -> str:
    """Return the id of a return or a parcel as it is compared: plain letters, no white space, no "#" before it."""
    return "".join(dashes_plain(compared(bare_cell(text.strip()))).split()).lstrip("#")


def code(text: str | None, what: str, longest: int = 64) -> str | None:
    """Return a short cell (a SKU, an id, a word of the file) as it stands, None for an empty one. Raises Unreadable.

    A number that a spreadsheet has rounded is refused: the digits it lost are nowhere.
    """
    if text is None:
        return None
    if text.isascii() and text.isalnum() and len(text) <= longest:  # what most are
        return text
    text = unseen_removed(as_written(text)).strip()
    if "\n" in text or "\r" in text:
        raise Unreadable(_("%(what)s %(shown)s has a line end in it") % {"what": what, "shown": shown(text)})
    if is_rounded(text):
        raise Unreadable(
            _("%(what)s %(shown)s was rounded by a spreadsheet. Format the column as text and enter it again")
            % {"what": what, "shown": shown(text)}
        )
    if len(text) > longest:
        raise Unreadable(
            _("%(what)s %(shown)s has %(count)s characters; at most %(most)s")
            % {"what": what, "shown": shown(text), "count": len(text), "most": longest}
        )
    return text or None


def parcel(text: str | None, what: str) -> str | None:
    """Return the id of a return or a parcel, its letters in the case they came in. Raises Unreadable."""
    if not text or (text.isascii() and text.isalnum()):
        return code(text, what) if text else None
    return code(code_of(text), what)


def asin(text: str | None) -> str | None:
    """Return an ASIN in capitals, None for an empty cell. Raises Unreadable."""
    if not text:
        return None
    bare = (text if text.isascii() and text.isalnum() else code_of(text)).upper()
    if not _ASIN.fullmatch(bare):
        raise Unreadable(_("%(shown)s isn't an ASIN. It has 10 letters and digits") % {"shown": shown(text)})
    return bare


def _one(text: str | None, pattern: re.Pattern[str], cuts: tuple[int, int], wrong: _Wrong) -> str:
    if not text or not text.strip():
        raise Unreadable(_(wrong.missing))
    if pattern.fullmatch(text):
        return _BETWEEN.sub("", text)
    line = spelled(bare_cell(text.strip()))
    found = _all(pattern, line)
    if len(found) == 1 and not _unlabelled(pattern.sub("", line)):
        return found[0]
    if len(found) > 1:
        raise Unreadable(wrong.several(text))
    if is_rounded(code_of(line)):
        raise Unreadable(
            _("%(shown)s was rounded by a spreadsheet. Format the column as text and enter it again")
            % {"shown": shown(text)}
        )
    bare = _unlabelled(line).replace("-", "") if not found else ""
    runs = _RUN.findall(bare) if not re.search(r"[0-9]-[0-9]", line) else []
    if len(runs) == 1 and runs[0] == bare:
        return _cut(bare, cuts)
    raise Unreadable(wrong.sentence(text))


def _unlabelled(text: str) -> str:
    """Return what is left of a text without words, blanks and marks that say nothing; a dash is one where it ends."""
    left = "".join(c for c in text if not (c.isalpha() or c.isspace() or c in _BESIDE or category(c) == "Mn"))
    return left.strip("-")


def _cut(digits: str, at: tuple[int, int]) -> str:
    return f"{digits[: at[0]]}-{digits[at[0] : at[1]]}-{digits[at[1] :]}"


class _Wrong:
    """What is said of a text that isn't an id of one shape."""

    def __init__(self, missing: str, sentence: str, several: str) -> None:
        self.missing, self._sentence, self._several = missing, sentence, several

    def sentence(self, text: str) -> str:
        return _(self._sentence) % {"shown": shown(text)}

    def several(self, text: str) -> str:
        return _(self._several) % {"shown": shown(text)}


_NOT_AN_ORDER = _Wrong(
    gettext_noop("the order id is missing"),
    gettext_noop("%(shown)s isn't an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667"),
    gettext_noop("%(shown)s names several order ids. Name one"),
)
_NOT_A_CLAIM = _Wrong(
    gettext_noop("the claim id is missing"),
    gettext_noop("%(shown)s isn't a claim id. It has 5, 5 and 7 digits, as in 11122-33344-5556667"),
    gettext_noop("%(shown)s names several claim ids. Name one"),
)
