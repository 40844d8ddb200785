"""The parts every e-mail has, ready to be written into a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Words(NamedTuple):
    """What a kind of e-mail says, with places for values: its subject, its first line, its button."""

    subject: str
    first: str
    button: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the digest: a title, its lines as (words, what they are about, link), and where more of them are."""

    title: str
    lines: tuple[tuple[str, str, str], ...]
    more: str = ""
    more_link: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """`first` says what happened; `headline` and `until` are the turn card's; `items` what is listed below `first`.

    `tone` is one of the page's: you, them, granted, denied, quiet. `stranger` and `account` choose the foot: for
    who is nobody here yet, and for e-mails about the reader's own sign-in; neither: for a member, or for a copy.
    """

    subject: str
    first: str
    button: str
    link: str
    headline: str = ""
    until: str = ""
    tone: str = "them"
    items: tuple[str, ...] = ()
    about: str = ""
    sections: tuple[Section, ...] = ()
    stranger: bool = False
    account: bool = False
