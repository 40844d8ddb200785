"""What is in an evidence pack, read once and put into plain words. The same for both sides but for internal notes.

Moments are in UTC and nobody of the desk is named, whoever reads it: two packs of one state say the same.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.claim_page.details import Details, details
from claims.claim_page.snapshot import ClaimSnapshot, Decided, load_snapshot
from claims.files import store
from claims.files.check import KINDS
from claims.files.names import clean_name, with_extension
from claims.files.visibility import WithheldWhy, withheld_from_packs
from claims.models import Attachment, Claim
from claims.rules.lifecycle import Party
from claims.text import badge as status_badge
from claims.text import formats, reason_label, slot_title
from messaging.models import InternalNote, Message
from messaging.thread import Entry, entries
from messaging.thread.notes import note_words, removed_note

ZONE = "UTC"
_WHY_NOT = {
    WithheldWhy.INFECTED: gettext_lazy("It failed the virus check."),
    WithheldWhy.BEING_CHECKED: gettext_lazy("It was still being checked for viruses."),
    WithheldWhy.BEING_PREPARED: gettext_lazy("Its copy without metadata was still being made."),
    WithheldWhy.CANT_BE_SHOWN: gettext_lazy("No copy of it without metadata could be made."),
}
_PAGE = 200


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of the claim. `path` is its place in the pack, `key` that in storage; `why_not` is why it isn't there."""

    path: str
    name: str
    key: str
    media_type: str
    position: int
    at: datetime
    by: str
    slot: str
    sha256_as_sent: str
    also_on: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One entry of the thread, or an internal note: who, when, and what in lines of plain text."""

    at: datetime
    who: str
    lines: tuple[str, ...]
    files: tuple[str, ...] = ()
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class PackContents:
    claim: Claim
    status: str
    reason: str
    details: Details
    facts: tuple[tuple[str, str], ...]
    thread: tuple[PackEntry, ...]
    notes: tuple[PackEntry, ...]
    files: tuple[PackFile, ...]


def read(claim: Claim, *, with_notes: bool, now: datetime) -> PackContents:
    """Return all that a pack of this claim holds, but for the bytes of the files. Needs `claim.seller` and `order`."""
    snapshot = load_snapshot(claim)
    shown = details(claim, snapshot, zone=ZONE, now=now)
    badge = status_badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed)
    facts = [
        (_("Claim"), claim.claim_id),
        (_("Order"), claim.order.order_id),
        (_("Seller"), claim.seller.name),
        (_("Status"), badge.words),
        (_("Reason"), reason_label(claim.reason) if claim.reason else ""),
        *((fact.label, fact.value) for fact in (*shown.money, *shown.dates)),
        (_("Policy"), shown.rule),
    ]
    return PackContents(
        claim=claim,
        status=badge.words,
        reason=reason_label(claim.reason) if claim.reason else "",
        details=shown,
        facts=tuple((label, value) for label, value in facts if value),
        thread=tuple(_said(entry) for entry in _thread(claim, snapshot, now)),
        notes=tuple(_notes(claim)) if with_notes else (),
        files=tuple(_files(claim)),
    )


def _thread(claim: Claim, snapshot: ClaimSnapshot, now: datetime) -> list[Entry]:
    """Return the whole thread, oldest entry first, page by page."""
    thread: list[Entry] = []
    before: int | None = None
    while True:
        page = entries(claim, viewer="seller", zone=ZONE, now=now, snapshot=snapshot, before=before, limit=_PAGE)
        thread = [*page.entries, *thread]
        if page.older is None:
            return thread
        before = page.older


def _said(entry: Entry) -> PackEntry:
    files = tuple(file.name for file in entry.files)
    if entry.card is not None:
        card = entry.card
        lines = [card.title]
        for row in card.rows:
            amounts = {"item": row.item, "granted": row.granted, "claimed": row.claimed}
            lines.append(_("%(item)s: %(granted)s of %(claimed)s") % amounts)
            lines += [f"  {why}" for why in row.why]
        lines += [text for text in (card.policy, _plain(card.words), card.removed, *card.would_change) if text]
        return PackEntry(entry.at, _("Decision"), (*lines, card.decided_by))
    if entry.kind == "event":
        return PackEntry(entry.at, "", (entry.words,))
    who = ", ".join(part for part in (entry.author, entry.side) if part)
    if entry.imported:
        who = _("%(who)s (from e-mail, %(when)s)") % {"who": who, "when": entry.imported}
    texts = [*entry.mail_notes, _plain(entry.body), entry.removed]
    if entry.quoted:
        texts.append("\n".join(f"> {line}" for line in _plain(entry.quoted).split("\n")))
    return PackEntry(entry.at, who, tuple(text for text in texts if text), files)


def _plain(text: str) -> str:
    """Return the words of a text that was made ready for a page."""
    return html.unescape(strip_tags(text))


def _notes(claim: Claim) -> Iterator[PackEntry]:
    notes = InternalNote.objects.filter(claim=claim).select_related("author", "about", "erased_by").order_by("at", "pk")
    for note in notes.iterator():
        yield PackEntry(
            note.at, str(note.author), (note_words(note, claim.currency) or removed_note(note),), is_note=True
        )


def _files(claim: Claim) -> Iterator[PackFile]:
    """Give the claim's files in the order of the thread, those that may not leave with the reason why."""
    shown = Attachment.objects.filter(claim=claim, shown_at__isnull=False).order_by("position", "pk")
    # What an old e-mail brought along was sent with it, not on the day it was imported.
    mails = Message.objects.filter(claim=claim, origin=Message.Origin.IMPORTED)
    sent_at = dict(mails.values_list("position", "at"))
    taken: set[str] = set()
    for file in shown.iterator():
        copied = bool(file.served_type)
        media_type = file.served_type or file.media_type
        kinds = KINDS[media_type].extensions if media_type in KINDS else ("bin",)
        name = with_extension(clean_name(file.name), kinds, frozenset(KINDS[file.media_type].extensions))
        path = f"files/{file.position or 0:04d} {name}"
        number = 1
        while path.lower() in taken:
            number += 1
            path = f"files/{file.position or 0:04d} ({number}) {name}"
        taken.add(path.lower())
        yield PackFile(
            path=path,
            name=file.name,
            key=store.made(file.made_key, "copy") if copied else file.storage_key,
            media_type=media_type,
            position=file.position or 0,
            at=sent_at.get(file.position or 0, file.uploaded_at),
            by=_("SAFE-T team") if file.party == Party.DESK else claim.seller.name,
            slot=slot_title(file.slot) if file.slot else "",
            sha256_as_sent=file.sha256,
            also_on=file.also_on,
            why_not=_why_not(file),
        )


def _why_not(file: Attachment) -> str:
    held = withheld_from_packs(file)
    return str(_WHY_NOT[held]) if held else ""


def as_json(contents: PackContents) -> dict[str, Any]:
    """Return the claim for programs: amounts in minor units, moments in UTC."""
    claim = contents.claim
    snapshot = load_snapshot(claim)
    return {
        "claim_id": claim.claim_id,
        "order_id": claim.order.order_id,
        "seller": claim.seller.name,
        "status": claim.status,
        "stage": claim.stage,
        "reason": claim.reason,
        "currency": claim.currency,
        "claimed_minor": claim.claimed_minor,
        "granted_minor": claim.granted_minor,
        "filed_at": formats.iso(claim.filed_at),
        "statement": claim.statement,
        "lines": [
            {
                "title": line.title, "sku": line.sku, "asin": line.asin, "quantity": line.quantity,
                "claimed_minor": line.claimed_minor, "granted_minor": line.granted_minor,
            }
            for line in snapshot.lines
        ],
        "decisions": [_decision_as_json(decision) for decision in snapshot.decisions],
        "payments": [
            {
                "at": formats.iso(payment.at), "amount_minor": payment.amount_minor, "currency": payment.currency,
                "reference": payment.reference,
            }
            for payment in snapshot.payments
        ],
    }  # fmt: skip


def _decision_as_json(decision: Decided) -> dict[str, Any]:
    return {
        "number": decision.number,
        "at": formats.iso(decision.at),
        "stage": decision.stage,
        "status": decision.status,
        "granted_minor": decision.granted_minor,
        "words": decision.words,
        "policy": {"rule": decision.rule_key, "version": decision.rule_version},
        "lines": [
            {
                "title": line.title,
                "sku": line.sku,
                "claimed_minor": line.claimed_minor,
                "granted_minor": line.granted_minor,
                "reasons": [code for code, _params in line.reasons],
            }
            for line in decision.lines
        ],
    }


def as_text(entries: tuple[PackEntry, ...]) -> str:
    """Return entries as plain text, for people and for search."""
    blocks = []
    for entry in entries:
        head = " · ".join(part for part in (formats.iso(entry.at), entry.who) if part)
        blocks.append("\n".join([head, *entry.lines, *(f"[{name}]" for name in entry.files)]))
    return "\n\n".join(blocks) + "\n"
