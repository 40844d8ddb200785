"""A claim's thread as ready strings: posts, lines for what happened, decision cards, and for the desk its notes.

The seller's page and the desk's read the same entries; `viewer` says whose eyes they are for. Sellers read "SAFE-T
team", never a handler's name, and no internal note is even asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from claims import display, dossier, wording
from claims.lifecycle import Verb
from claims.models import Attachment, Claim
from claims.sheet import DecisionCard, FileChip, chip, decision_cards, linked
from messaging.models import InternalNote, Message
from messaging.thread import rows
from messaging.thread.rows import Key, Row

Viewer = Literal["seller", "desk"]
PAGE = 50
AFTER_TARGET = 10
"""How many later entries follow the one a deep link names, when it isn't on the newest page."""
NOTES_LISTED = 200
"""At most so many internal notes are told on one page."""
FILES_LISTED = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a thread. `kind` says which of the other fields are filled:

    `event` a line (`words`); `post` somebody's words (`author`, `side`, `body` …); `decision` a card; `note` one of the
    internal notes (`author`, `body`), for the desk only. `anchors` are the positions a link may name, `position` the
    first of them, 0 for what has none. `mine` is whether the viewer's own side speaks.
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
    migrated: str = ""
    removed: str = ""
    files: tuple[FileChip, ...] = ()
    card: DecisionCard | None = None
    is_target: bool = False
    is_new: bool = False
    person_id: int | None = None

    @property
    def iso(self) -> str:
        return display.iso(self.at)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a thread, oldest entry first.

    `older` and `newer` are the positions to give as `before` and `after` for the next page that way, None at the ends.
    `target` is the position asked for, if it is on the page. `files` are the claim's newest files, newest first, and
    `more_files` whether there are others.
    """

    entries: tuple[Entry, ...]
    older: int | None
    newer: int | None
    target: int | None
    files: tuple[FileChip, ...]
    more_files: bool


@dataclass(frozen=True, slots=True)
class _Window:
    rows: list[Row]
    has_older: bool
    next_newer: Key | None
    more_newer: bool


def entries(
    claim: Claim,
    *,
    viewer: Viewer,
    zone: str,
    now: datetime,
    at: int | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
    known: dossier.Dossier | None = None,
) -> Page:
    """Return a page of the claim's thread: the newest, the one with the entry `at`, or the one `before` or `after` one.

    Positions the claim doesn't have give the newest page. Needs `claim.seller`. Two queries, one more
    without the dossier, one more for the desk, up to three more for an entry that is not on the newest page.
    """
    known = known or dossier.load(claim)
    window = _window(claim.pk, at, before, after, limit)
    files = _files(claim, [row.position for row in window.rows])
    cards = decision_cards(claim, known, zone=zone, now=now, names=viewer == "desk")
    silent = frozenset(row.position for row in window.rows if _says_nothing(row, files))
    teller = _Teller(claim, viewer, zone, files, cards, silent)
    told = [entry for row in window.rows for entry in teller.tell(row)]
    told += _beside(claim, viewer, zone, window, known)
    told.sort(key=lambda entry: entry.at)  # stable: entries of one moment keep their order
    target = next((entry.position for entry in told if at is not None and at in entry.anchors), None)
    listed = sorted(files, key=lambda file: file.pk, reverse=True)
    return Page(
        entries=tuple(replace(e, is_target=True) if at is not None and at in e.anchors else e for e in told),
        older=window.rows[0].position if window.has_older else None,
        newer=window.rows[-1].position if window.more_newer else None,
        target=target,
        files=tuple(chip(file) for file in listed[:FILES_LISTED]),
        more_files=len(listed) > FILES_LISTED,
    )


def with_unread(page: Page, *, seen: int, user_id: int) -> Page:
    """Return the page with the entries marked that this person has not read; `seen` is up to which position they had.

    What they wrote themselves and migrated mail is never new, and nothing is where nothing came before: who opens a
    claim for the first time has no place they stopped at.
    """
    if seen <= 0 and not any(entry.person_id == user_id for entry in page.entries):
        return page
    marked = [
        replace(entry, is_new=True)
        if entry.anchors and max(entry.anchors) > seen and entry.person_id != user_id and not entry.migrated
        else entry
        for entry in page.entries
    ]
    return replace(page, entries=tuple(marked))


def _window(claim_pk: int, at: int | None, before: int | None, after: int | None, limit: int) -> _Window:
    mark = before or after
    if mark and (key := rows.key_of(claim_pk, mark)):
        if before:
            found = rows.before(claim_pk, key, limit + 1)
            return _Window(found[-limit:], len(found) > limit, key, bool(found))
        found = rows.after(claim_pk, key, limit + 1)
        beyond = found[limit].key if len(found) > limit else None
        return _Window(found[:limit], True, beyond, beyond is not None)
    found = rows.newest(claim_pk, limit + 1)
    window = _Window(found[-limit:], len(found) > limit, None, False)
    if at is None or not window.has_older or any(at in _anchors(row) for row in window.rows):
        return window
    key = rows.key_of(claim_pk, at)
    if key is None:
        return window
    up = rows.before(claim_pk, key, limit - AFTER_TARGET + 1, inclusive=True)
    down = rows.after(claim_pk, key, AFTER_TARGET + 1)
    beyond = down[AFTER_TARGET].key if len(down) > AFTER_TARGET else None
    kept = up[-(limit - AFTER_TARGET) :] + down[:AFTER_TARGET]
    return _Window(kept, len(up) > limit - AFTER_TARGET, beyond, beyond is not None)


def _says_nothing(row: Row, files: Sequence[Attachment]) -> bool:
    empty = row.source == "message" and not (row.text or row.quoted or row.erased_at)
    return empty and all(file.position != row.position for file in files)


def _anchors(row: Row) -> tuple[int, ...]:
    return (row.position, row.position + 1) if row.source == "decision" else (row.position,)


def _files(claim: Claim, positions: Sequence[int]) -> list[Attachment]:
    """Return the files of these entries and the newest of the claim. One query."""
    shown = Attachment.objects.filter(claim=claim, shown_at__isnull=False)
    newest = shown.order_by("-pk").values("pk")[: FILES_LISTED + 1]
    return list(shown.filter(Q(position__in=positions) | Q(pk__in=newest)).order_by("pk"))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Puts rows into words for one viewer."""

    claim: Claim
    viewer: Viewer
    zone: str
    files: list[Attachment]
    cards: dict[int, DecisionCard]
    silent: frozenset[int]

    def tell(self, row: Row) -> list[Entry]:
        if row.source == "decision":
            card = self.cards[row.position]
            return [Entry("decision", row.position, row.at, card.when, card.anchors, icon=card.icon, card=card)]
        if row.source == "message":
            return self._message(row)
        # A request without words of its own is told by its line alone, which answers to both places.
        first = row.position - 1 if row.position - 1 in self.silent else row.position
        event = Entry(
            "event",
            first,
            row.at,
            self._when(row.at),
            tuple(range(first, row.position + 1)),
            icon=_ICONS.get(row.act, "info-circle"),
            words=self._line(row),
            person_id=row.person_id,
        )
        return [event, *self._statement(row)] if row.act in (Verb.FILE, Verb.ADOPT) else [event]

    def _when(self, at: datetime) -> str:
        return display.moment_short(at, self.zone)

    def _person(self, row: Row) -> str:
        return row.person or self.claim.seller.name

    def _line(self, row: Row) -> str:
        values = {"member": self._person(row), "moment": "", "asked": "", "source": self.claim.source or _("elsewhere")}
        match row.act:
            case Verb.FILE:
                return _("Claim filed by %(member)s") % values
            case Verb.REQUEST_INFORMATION:
                values["asked"] = display.and_list(wording.asked_things(row.asked)) or _("a reply")
                values["moment"] = display.moment_full(row.reply_by, self.zone) if row.reply_by else ""
                return _("The SAFE-T team asked for %(asked)s. Reply by %(moment)s.") % values
            case Verb.REPLY:
                return _("%(member)s replied") % values
            case Verb.APPEAL:
                return _("%(member)s appealed") % values
            case Verb.WITHDRAW:
                return _("%(member)s withdrew the claim") % values
            case Verb.ADOPT:
                return _("Brought over from %(source)s") % values
        return wording.verb_label(Verb(row.act))

    def _statement(self, row: Row) -> list[Entry]:
        """Return what the seller wrote when filing, with the evidence, as a post of its own under the line."""
        files = self._files_at(row.position)
        claim = self.claim
        if not claim.statement and not claim.statement_erased_at and not files:
            return []
        return [
            Entry(
                "post",
                0,
                row.at,
                self._when(row.at),
                author=self._person(row),
                side=claim.seller.name if row.person else "",
                mine=self.viewer == "seller",
                body=linked(claim.statement),
                removed=self._removed(claim.statement_erased_at),
                files=files,
                person_id=row.person_id,
            )
        ]

    def _message(self, row: Row) -> list[Entry]:
        files = self._files_at(row.position)
        place = Entry("post", row.position, row.at, self._when(row.at), (row.position,), person_id=row.person_id)
        if row.position in self.silent:
            return []
        author, side = self._author(row)
        migrated = ""
        if row.migrated:
            day = display.day(row.at, self.zone) if row.date_known else _("date unknown")
            migrated = _("%(day)s, imported %(imported)s") % {
                "day": day,
                "imported": display.day(row.created_at, self.zone),
            }
        return [
            replace(
                place,
                author=author,
                side=side,
                mine=row.party == (Message.Party.SELLER if self.viewer == "seller" else Message.Party.DESK),
                body=linked(row.text),
                quoted=linked(row.quoted),
                migrated=migrated,
                removed=self._removed(row.erased_at),
                files=files,
            )
        ]

    def _author(self, row: Row) -> tuple[str, str]:
        """Return who speaks and for whom. To sellers the other side is the team and nobody in it."""
        team = _("SAFE-T team")
        match row.party:
            case Message.Party.SELLER:
                return (row.person, self.claim.seller.name) if row.person else (self.claim.seller.name, "")
            case Message.Party.DESK:
                return (row.person, team) if self.viewer == "desk" and row.person else (team, "")
        return _("SAFE-T portal"), ""

    def _removed(self, at: datetime | None) -> str:
        return _("Removed on %(day)s.") % {"day": display.day(at, self.zone)} if at else ""

    def _files_at(self, position: int) -> tuple[FileChip, ...]:
        return tuple(chip(file) for file in self.files if file.position == position)


_ICONS: dict[str, str] = {
    Verb.FILE: "flag",
    Verb.REQUEST_INFORMATION: "reply-fill",
    Verb.REPLY: "search",
    Verb.APPEAL: "arrow-counterclockwise",
    Verb.WITHDRAW: "slash-circle",
    Verb.ADOPT: "download",
}


def _beside(claim: Claim, viewer: Viewer, zone: str, window: _Window, known: dossier.Dossier) -> list[Entry]:
    """Return what has no place in the claim's order but a moment within the page: payments, and the desk's notes."""
    since = window.rows[0].at if window.has_older and window.rows else None
    until = window.next_newer[0] if window.next_newer else None
    made = [
        _payment(payment, zone)
        for payment in known.payments
        if (since is None or payment.at >= since) and (until is None or payment.at < until)
    ]
    if viewer == "desk":
        span = Q(claim=claim)
        if since:
            span &= Q(at__gte=since)
        if until:
            span &= Q(at__lt=until)
        notes = InternalNote.objects.filter(span).select_related("author").order_by("-at", "-pk")
        made += [_note(note, zone) for note in notes[:NOTES_LISTED]]
    return sorted(made, key=lambda entry: entry.at)


def _payment(payment: dossier.Payment, zone: str) -> Entry:
    values = {"amount": display.money(abs(payment.amount_minor), payment.currency), "reference": payment.reference}
    if payment.amount_minor < 0:
        words = _("%(amount)s taken back") % values
    elif payment.reference:
        words = _("Paid %(amount)s, reference %(reference)s") % values
    else:
        words = _("Paid %(amount)s") % values
    return Entry("event", 0, payment.at, display.moment_short(payment.at, zone), icon="cash-coin", words=words)


def _note(note: InternalNote, zone: str) -> Entry:
    return Entry(
        "note",
        0,
        note.at,
        display.moment_short(note.at, zone),
        icon="lock-fill",
        author=str(note.author),
        body=linked(note.text),
        person_id=note.author_id,
    )
