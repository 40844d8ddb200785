"""E-mail addresses: the one spelling in which they are kept, compared and counted."""

from __future__ import annotations

import re
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.values.text import Unreadable, compared, shown

LONGEST = 254
# What the older rules for international domains make another domain of. Their xn-- spelling is accepted.
_TWO_DOMAINS = re.compile("[\u00df\u03c2\u200c\u200d]")


def normal(text: str) -> str:
    """Return the address in its one spelling, however it was typed; what is no address is only made lower case.

    Upper case first: letters as “ſ” and “ı” are other letters in lower case and the same ones in upper case. A domain
    in letters of any script is written as the mail servers know it (xn--…).
    """
    address = compared(text).strip("<>").strip()
    if address[:7].casefold() == "mailto:":
        address = address[7:]
    name, at, domain = address.rpartition("@")
    if at and not domain.isascii() and not _TWO_DOMAINS.search(text.rpartition("@")[2]):
        with suppress(UnicodeError):
            domain = domain.replace("。", ".").lower().encode("idna").decode("ascii")
    return f"{name}{at}{domain}".upper().lower()


def spellings(text: str) -> set[str]:
    """Return what an address may be kept as: its one spelling, and the one it had before that was the only one."""
    return {normal(text), text.strip().lower()}


def address(text: str) -> str:
    """Return the address in its one spelling. Raises Unreadable for what is none, or too long to be one."""
    found = normal(text)
    try:
        if _TWO_DOMAINS.search(text.rpartition("@")[2]):
            raise ValidationError("")
        validate_email(found)
    except ValidationError:
        said = _("%(shown)s isn't an e-mail address. One looks like name@example.com") % {"shown": shown(text.strip())}
        raise Unreadable(said) from None
    if len(found) > LONGEST:
        raise Unreadable(_("The address is longer than an e-mail address can be"))
    return found
