"""How each kind of row is put into words, for the one who reads: a function a kind, from a row to its entries.

Sellers read "SAFE-T team", never a handler's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from claims.claim_page.appeal_form import ground_rows
from claims.claim_page.decision_cards import DecisionCard
from claims.claim_page.file_chips import FileChip, chip
from claims.claim_page.links import linked
from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Attachment, Claim, Redaction
from claims.rules.lifecycle import Verb
from claims.text import asked_things, formats, not_accepted_line, verb_label
from messaging.models import Message
from messaging.thread import mail_notes
from messaging.thread.entry import Entry, Viewer
from messaging.thread.rows import ThreadRow


@dataclass(frozen=True, slots=True)
class EntryContext:
    """What a row is told with: whose eyes it is for, and what was read for the whole page.

    `cards` are decision cards by position, `silent` the positions of messages that say nothing of their own.
    """

    claim: Claim
    viewer: Viewer
    zone: str
    snapshot: ClaimSnapshot
    files: Sequence[Attachment]
    cards: Mapping[int, DecisionCard]
    silent: frozenset[int] = frozenset()

    def when(self, at: datetime) -> str:
        return formats.moment_short(at, self.zone)

    def person(self, row: ThreadRow) -> str:
        """Return the name of a member of the seller, or the seller's where no person is known."""
        return row.person or self.claim.seller.name

    def files_at(self, position: int) -> tuple[FileChip, ...]:
        return tuple(chip(file, self.viewer) for file in self.files if file.position == position)

    def line(self, row: ThreadRow, icon: str, words: str) -> Entry:
        """Return a row as a line of the thread, which is what most kinds are."""
        return Entry(
            "event",
            row.position,
            row.at,
            self.when(row.at),
            (row.position,),
            icon=icon,
            words=words,
            person_id=row.person_id,
        )

    def removed(self, at: datetime | None) -> str:
        return _("Removed on %(day)s.") % {"day": formats.day(at, self.zone)} if at else ""


# -- decisions --------------------------------------------------------------------------------------------------------


def decision(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    card = telling.cards.get(row.position)
    if card is None:  # decided after the cards were read: the next look has it
        return []
    return [Entry("decision", row.position, row.at, card.when, card.anchors, icon=card.icon, card=card)]


# -- status changes ---------------------------------------------------------------------------------------------------

_ICONS: dict[str, str] = {
    Verb.FILE: "flag",
    Verb.REQUEST_INFORMATION: "reply-fill",
    Verb.REPLY: "search",
    Verb.ACCEPT_MAIL: "search",
    Verb.APPEAL: "arrow-counterclockwise",
    Verb.WITHDRAW: "slash-circle",
    Verb.IMPORT: "download",
}


def change(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    line = telling.line(row, _ICONS.get(row.act, "info-circle"), _change_words(telling, row))
    if row.position - 1 in telling.silent:
        # A request without words of its own is told by its line alone, which answers to both places.
        line = replace(line, position=row.position - 1, anchors=(row.position - 1, row.position))
    return [line, *_statement(telling, row)] if row.act in (Verb.FILE, Verb.IMPORT) else [line]


def _change_words(telling: EntryContext, row: ThreadRow) -> str:
    values = {"member": telling.person(row), "source": telling.claim.source or _("elsewhere")}
    match row.act:
        case Verb.FILE:
            return _("Claim filed by %(member)s") % values
        case Verb.REQUEST_INFORMATION:
            things = [(slot, words) for slot, words in row.facts.get("asked") or ()]
            reply_by = row.moment("reply_by")
            values["asked"] = formats.and_list(asked_things(things)) or _("a reply")
            values["moment"] = formats.moment_full(reply_by, telling.zone) if reply_by else ""
            return _("The SAFE-T team asked for %(asked)s. Reply by %(moment)s.") % values
        case Verb.REPLY:
            return _("%(member)s replied") % values
        case Verb.ACCEPT_MAIL:
            return _("The SAFE-T team accepted an e-mail of the seller as the reply")
        case Verb.APPEAL:
            return _("%(member)s appealed") % values
        case Verb.WITHDRAW:
            return _("%(member)s withdrew the claim") % values
        case Verb.IMPORT:
            return _("Imported from %(source)s") % values
    return verb_label(Verb(row.act))


def _statement(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    """Return what the seller wrote when filing, with the evidence, as a post of its own under the line."""
    files = telling.files_at(row.position)
    claim = telling.claim
    if not claim.statement and not claim.statement_erased_at and not files:
        return []
    return [
        Entry(
            "post",
            0,
            row.at,
            telling.when(row.at),
            author=telling.person(row),
            side=claim.seller.name if row.person else "",
            mine=telling.viewer == "seller",
            body=linked(claim.statement),
            removed=telling.removed(claim.statement_erased_at),
            files=files,
            person_id=row.person_id,
        )
    ]


# -- redactions -------------------------------------------------------------------------------------------------------


def redaction(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    values = {"why": row.text}
    match row.act:
        case Redaction.What.FILE:
            words = _("The SAFE-T team removed a file: %(why)s") % values
        case Redaction.What.STATEMENT:
            words = _("The SAFE-T team removed what was written when the claim was filed: %(why)s") % values
        case Redaction.What.DECISION:
            words = _("The SAFE-T team removed its own words from a decision: %(why)s") % values
        case _:
            words = _("The SAFE-T team removed a message: %(why)s") % values
    return [telling.line(row, "slash-circle", words)]


# -- messages ---------------------------------------------------------------------------------------------------------


def message(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    if row.position in telling.silent:
        return []
    author, side = _author(telling, row)
    return [
        Entry(
            "post",
            row.position,
            row.at,
            telling.when(row.at),
            (row.position,),
            author=author,
            side=side,
            mine=row.party == (Message.Party.SELLER if telling.viewer == "seller" else Message.Party.DESK),
            body=linked(row.text),
            quoted=linked(row.quoted),
            imported=_imported(telling, row) if row.facts["imported"] else "",
            mail_notes=mail_notes.told(row, viewer=telling.viewer, zone=telling.zone),
            removed=telling.removed(row.erased_at),
            files=telling.files_at(row.position),
            grounds=ground_rows(telling.snapshot, row.at) if row.act == Message.Purpose.APPEAL else (),
            person_id=row.person_id,
        )
    ]


def says_nothing(row: ThreadRow, files: Sequence[Attachment]) -> bool:
    """Whether a message has neither words nor files: the request it came with says it all."""
    empty = row.kind == "message" and not (row.text or row.quoted or row.erased_at or row.facts["imported"])
    return empty and all(file.position != row.position for file in files)


def _imported(telling: EntryContext, row: ThreadRow) -> str:
    day = formats.day(row.at, telling.zone) if row.facts["date_known"] else _("date unknown")
    return _("%(day)s, imported %(imported)s") % {"day": day, "imported": formats.day(row.created_at, telling.zone)}


def _author(telling: EntryContext, row: ThreadRow) -> tuple[str, str]:
    """Return who speaks and for whom. To sellers the other side is the team and nobody in it."""
    team = _("SAFE-T team")
    match row.party:
        case Message.Party.SELLER:
            return (row.person, telling.claim.seller.name) if row.person else (telling.claim.seller.name, "")
        case Message.Party.DESK:
            return (row.person, team) if telling.viewer == "desk" and row.person else (team, "")
    if row.facts["imported"]:
        return mail_notes.kind_words(row), ""
    return _("SAFE-T portal"), ""


# -- files --------------------------------------------------------------------------------------------------------


def refused_file(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    return [telling.line(row, "exclamation-triangle-fill", not_accepted_line(row.text))]


def deadline_moved(telling: EntryContext, row: ThreadRow) -> list[Entry]:
    was, now_is = row.moment("was"), row.moment("now_is")
    assert was and now_is, "constraints of the table"
    values = {
        "old": formats.moment_short(was, telling.zone),
        "new": formats.moment_full(now_is, telling.zone),
        "why": row.text or telling.removed(row.erased_at),
    }
    if row.act == "REPLY_BY":
        return [telling.line(row, "clock", _("Reply-by moved from %(old)s to %(new)s: %(why)s") % values)]
    return [telling.line(row, "clock", _("Appeal-by moved from %(old)s to %(new)s: %(why)s") % values)]
