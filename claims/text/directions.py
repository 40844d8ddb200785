"""Ids, amounts, days and addresses inside text that runs from right to left.

After Arabic letters a reader's program takes digits for Arabic ones and shows `111-4210866-3466206` with its parts in
the other order. What is marked here stands as it was written, on a page, in an e-mail and on paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import bidirectional

from django.utils.safestring import SafeString, mark_safe

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ASCII = r"[A-Za-z0-9]"
# What has digits and a sign between, digits before letters, or a sign of a currency: no blanks but those of an amount.
_RUN = re.compile(
    rf"(?<!{_ASCII})(?:[-+]?[$€£¥₹]?)(?=[A-Za-z]{{0,20}}[-_./:]?[A-Za-z]{{0,20}}[0-9]){_ASCII}+(?:[-_./:,]{_ASCII}+)*"
    r"(?:[ \u00a0\u202f]?(?:[$€£¥₹%]|[A-Z]{3}(?![A-Za-z0-9])))?"
)
_TAG = re.compile(r"(<[^<>]*>)")
_LRI, _FSI, _PDI = ISOLATES = "\u2066", "\u2068", "\u2069"


def runs_from_right(text: str) -> bool:
    """Whether any of the text is read from right to left."""
    return not text.isascii() and bool(_FROM_RIGHT.search(text))


def begins_from_right(text: str) -> bool:
    """Whether the first letter of the text is read from right to left, as pages decide by `dir="auto"`."""
    if text.isascii():
        return False
    first = next((way for way in map(bidirectional, text) if way in ("L", "R", "AL")), "L")
    return first != "L"


def isolated(text: str) -> str:
    """Return a text to stand in a sentence or a line of ours: where it runs from right to left, in isolates of Unicode.

    The text has them around it and around each id, amount and day in it. Any other text is returned as it is.
    """
    if not runs_from_right(text):
        return text
    return f"{_FSI}{ids_isolated(text)}{_PDI}"


def ids_isolated(text: str) -> str:
    """Return a text that stands by itself, ids, amounts and days in isolates where it runs from right to left."""
    return _around(text, lambda found: f"{_LRI}{found[0]}{_PDI}") if runs_from_right(text) else text


def marked_up(html: SafeString) -> SafeString:
    """Return escaped text with links in it; from right to left, ids, amounts, days and links are in `<bdi>`."""
    if not runs_from_right(html):
        return html
    parts, in_link = _TAG.split(html), False
    for n, part in enumerate(parts):
        if n % 2:
            in_link = part.startswith("<a ")
        elif in_link:
            parts[n] = f'<bdi dir="ltr">{part}</bdi>'
        else:
            parts[n] = _around(part, lambda found: f'<bdi dir="ltr">{found[0]}</bdi>')
    return mark_safe("".join(parts))  # noqa: S308 - it was safe, and tags of ours came to it


def _around(text: str, put: Callable[[re.Match[str]], str]) -> str:
    return _RUN.sub(lambda found: put(found) if len(found[0]) > 1 else found[0], text)
