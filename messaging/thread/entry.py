"""What a thread is made of once it is told: entries, and a page of them, as ready values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.utils.safestring import SafeString

from claims.claim_page.appeal_form import GroundRow
from claims.claim_page.decision_cards import DecisionCard
from claims.claim_page.file_chips import FileChip
from claims.models import Claim
from claims.text import formats

Viewer = Literal["seller", "desk"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether the e-mails about an entry arrived, in words. `failed`: one of them didn't and a handler should look."""

    words: str
    icon: str = "envelope"
    failed: bool = False


Deliveries = Callable[[Claim, Sequence[int]], Mapping[int, Delivery]]
"""Gives, for positions of a claim's thread, what became of the e-mails about them. Positions without any are left out.

Whoever asks for the page says whose e-mails are meant by what it passes: a person's own, or everybody's.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a thread. `kind` says which of the other fields are filled:

    `event` a line (`words`); `post` a person's words (`author`, `side`, `body` …); `decision` a card; `note` one of the
    internal notes (`author`, `body`), for the desk only. `anchors` are the positions a link may name, `position` the
    first of them, 0 for what has none. `imported` says of an old e-mail when it is of, `mail_notes` what there is to
    say beside its words: who wrote it, what kind it is, which files are in the original alone. `mine` is whether the
    viewer's own side speaks; `seen_by` are the members who have read up to here and no further, for the desk only; so
    is `original`, the key of the e-mail it was brought from.
    """

    kind: Literal["event", "post", "decision", "note"]
    position: int
    at: datetime
    when: str
    anchors: tuple[int, ...] = ()
    icon: str = ""
    words: str = ""
    author: str = ""
    side: str = ""
    mine: bool = False
    body: SafeString = field(default_factory=SafeString)
    quoted: SafeString = field(default_factory=SafeString)
    imported: str = ""
    mail_notes: tuple[str, ...] = ()
    removed: str = ""
    files: tuple[FileChip, ...] = ()
    grounds: tuple[GroundRow, ...] = ()
    card: DecisionCard | None = None
    delivery: Delivery | None = None
    seen_by: tuple[str, ...] = ()
    original: int | None = None
    is_target: bool = False
    is_new: bool = False
    person_id: int | None = None

    @property
    def iso(self) -> str:
        return formats.iso(self.at)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of a thread, oldest entry first.

    `older` and `newer` are the positions to give as `before` and `after` for the next page that way, None at the ends.
    `target` is the position asked for, if it is on the page. `files` are the claim's newest files, newest first, and
    `more_files` whether there are others. `unsettled` is a word for which files of the claim are still being checked.
    """

    entries: tuple[Entry, ...]
    older: int | None
    newer: int | None
    target: int | None
    files: tuple[FileChip, ...]
    more_files: bool
    unsettled: str

    @property
    def last(self) -> int | None:
        """The highest position on the page, to give as `since` for what comes next; None where it has none."""
        return max((position for entry in self.entries for position in entry.anchors), default=None)
