"""What people wrote, made safe to show."""

from __future__ import annotations

from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe

from claims.text import directions


def linked(text: str) -> SafeString:
    """Return what a person wrote as HTML: all of it escaped, addresses turned into links that vouch for nothing.

    Line breaks stay as they are; the page shows them by `white-space`. Ids and links in a text from right to left stand
    in their own direction.
    """
    made = urlize(text, nofollow=True, autoescape=True)
    # Only our own markup has plain quotation marks: those of the text are escaped by now.
    vouched = made.replace(' rel="nofollow"', ' rel="nofollow noopener"')
    return directions.marked_up(mark_safe(vouched))  # noqa: S308 - escaped by urlize
