"""What is said about a kept file: what a PDF would do by itself, and why a file was not accepted."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from claims.text import formats

_ACTIVE = {
    "javascript": gettext_noop("runs JavaScript"),
    "launch": gettext_noop("starts programs"),
    "embedded": gettext_noop("carries other files"),
    "send": gettext_noop("sends forms"),
    "media": gettext_noop("plays media"),
    "unknown": gettext_noop("could not be looked through"),
}


def active_content(codes: str) -> str:
    """Return the warning for what a PDF would do by itself, given the codes found, "" for none."""
    words = [_(_ACTIVE[code]) for code in codes.split(",") if code in _ACTIVE]
    if not words:
        return ""
    return _("This PDF is active: it %(what)s. Look at the preview rather than the file.") % {
        "what": formats.comma_list(words)
    }


def unchecked(name: str, *, by_seller: bool, to_seller: bool) -> str:
    """Return what is said of a file that the virus check gave no verdict on yet, to either side of either's file."""
    if to_seller and by_seller:
        sentence = _("%(name)s can't be checked right now. It is kept and shown to the SAFE-T team as soon as it is.")
    elif by_seller or to_seller:
        sentence = _("%(name)s can't be checked right now. It is kept and shown to you as soon as it is.")
    else:
        sentence = _("%(name)s can't be checked right now. It is kept and shown to the seller as soon as it is.")
    return sentence % {"name": name}


def not_accepted_why() -> str:
    """Return why a file that a virus was found in is not accepted, to follow its name."""
    return _("it failed the virus check")


def files_settled(checked: int, refused: int) -> list[str]:
    """Return what is said once files that were being checked passed, or did not: none to two sentences."""
    sentences = []
    if checked:
        sentences.append(ngettext("%(n)s file was checked.", "%(n)s files were checked.", checked) % {"n": checked})
    if refused:
        words = ngettext("%(n)s file was not accepted.", "%(n)s files were not accepted.", refused)
        sentences.append(words % {"n": refused})
    return sentences


def not_accepted_line(name: str) -> str:
    """Return the line in the thread for a file that a virus was found in."""
    return _("A file was not accepted: %(name)s, %(why)s.") % {"name": name, "why": not_accepted_why()}
