"""Addresses of pages that lower apps link to: an app above registers its view's name, whoever is below asks by page.

So no app needs to know the names an app above gave its addresses, in code or in templates (`{% page_address %}`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django.urls import reverse


class PageName(StrEnum):
    """A page that is linked to from below, with what its address needs."""

    CLAIMS = "claims"  # nothing
    THREAD = "thread"  # the claim's public id
    PACK = "pack"  # the claim's public id
    MESSAGE_SEARCH = "message search"  # nothing
    EMAIL_SETTINGS = "email settings"  # nothing
    DESK_FILE = "desk file"  # the file's uuid
    DESK_FILE_PREVIEW = "desk file preview"  # the file's uuid, the page's number
    DESK_ORIGINAL = "desk original"  # the key of the old e-mail
    DESK_ORIGINAL_DOWNLOAD = "desk original download"  # the key of the old e-mail


_views: dict[PageName, str] = {}


def register(views: dict[PageName, str]) -> None:
    """Say which views the pages are, by name; called when an app starts."""
    _views.update(views)


def page_address(page: PageName, *args: Any) -> str:
    """The address of the page. A KeyError where no app has registered it."""
    return reverse(_views[page], args=args)


def address_of_each(view: str) -> Callable[[str], str]:
    """Return what makes the address of a view from its one argument, for the rows of a list: reversed once, not a row.

    For ids of letters, digits and dashes alone, which stand in an address as they are.
    """
    before, after = reverse(view, args=[_ANY]).split(_ANY)
    return lambda name: f"{before}{name}{after}"


def page_address_of_each(page: PageName) -> Callable[[str], str]:
    """What `address_of_each` returns, of a page."""
    return address_of_each(_views[page])


_ANY = "00000-00000-0000000"
