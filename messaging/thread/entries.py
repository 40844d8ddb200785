"""A page of a claim's thread as ready entries, read alike by the seller's page and the desk's.

`viewer` says whose eyes they are for. No internal note is even asked for unless they are the desk's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from claims.access.claim_etag import NONE_UNSETTLED, UNSETTLED
from claims.claim_page.decision_cards import decision_cards
from claims.claim_page.file_chips import chip
from claims.claim_page.links import linked
from claims.claim_page.snapshot import ClaimSnapshot, Payment, load_snapshot
from claims.models import Attachment, Claim, ReadMark
from claims.text import formats
from messaging.models import InternalNote
from messaging.thread import rows
from messaging.thread.entry import Deliveries, Entry, ThreadPage, Viewer
from messaging.thread.entry_words import EntryContext, says_nothing
from messaging.thread.kinds import KINDS, READINGS, anchors
from messaging.thread.notes import note_words, removed_note
from messaging.thread.rows import Key, ThreadRow

PAGE = 50
AFTER_TARGET = 10
"""How many later entries follow the one a deep link names, when it isn't on the newest page."""
NOTES_LISTED = 200
"""At most so many internal notes are told on one page."""
FILES_LISTED = 50


@dataclass(frozen=True, slots=True)
class _Window:
    rows: list[ThreadRow]
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
    since: int | None = None,
    limit: int = PAGE,
    snapshot: ClaimSnapshot | None = None,
    deliveries: Deliveries | None = None,
) -> ThreadPage:
    """Return a page of the claim's thread: the newest, the one with the entry `at`, or the one `before` or `after` one.

    `since` asks for what an open page that has everything up to this position has not: nothing of old correspondence,
    however late it came in. Other positions the claim doesn't have give the newest page. Needs `claim.seller`. Two
    queries, one more without the snapshot, two more for the desk, up to three more for an entry that is not on the
    newest page, and those of `deliveries`, which is asked once for the page.
    """
    snapshot = snapshot or load_snapshot(claim)
    window = _window(claim.pk, at, before, after, limit) if since is None else _since(claim.pk, since, limit)
    files = _files(claim, [row.position for row in window.rows])
    cards = decision_cards(claim, snapshot, zone=zone, now=now, names=viewer == "desk")
    silent = frozenset(row.position for row in window.rows if says_nothing(row, files))
    telling = EntryContext(claim, viewer, zone, snapshot, files, cards, silent)
    shown = [entry for row in window.rows for entry in KINDS[row.kind].tell(telling, row)]
    shown += _beside(claim, viewer, zone, window, snapshot)
    shown.sort(key=lambda entry: entry.at)  # stable: entries of one moment keep their order
    if deliveries:
        shown = _with_deliveries(claim, shown, deliveries)
    if viewer == "desk" and not window.more_newer:
        shown = _with_readers(claim, shown)
    target = next((entry.position for entry in shown if at is not None and at in entry.anchors), None)
    listed = sorted(files, key=lambda file: file.pk, reverse=True)
    return ThreadPage(
        entries=tuple(replace(e, is_target=True) if at is not None and at in e.anchors else e for e in shown),
        older=window.rows[0].position if window.has_older and window.rows else None,
        newer=window.rows[-1].position if window.more_newer and window.rows else None,
        target=target,
        files=tuple(chip(file, viewer) for file in listed[:FILES_LISTED]),
        more_files=len(listed) > FILES_LISTED,
        unsettled=files[0].unsettled if files else NONE_UNSETTLED,  # type: ignore[attr-defined]
    )


def with_unread(page: ThreadPage, *, seen: int, user_id: int) -> ThreadPage:
    """Return the page with the entries marked that this person has not read; `seen` is up to which position they had.

    What they wrote themselves and imported mail is never new, and nothing is where nothing came before: who opens a
    claim for the first time has no place they stopped at.
    """
    if seen <= 0 and not any(entry.person_id == user_id for entry in page.entries):
        return page
    marked = [
        replace(entry, is_new=True)
        if entry.anchors and max(entry.anchors) > seen and entry.person_id != user_id and not entry.imported
        else entry
        for entry in page.entries
    ]
    return replace(page, entries=tuple(marked))


def _window(claim_pk: int, at: int | None, before: int | None, after: int | None, limit: int) -> _Window:
    mark = before or after
    if mark and (key := rows.key_of(READINGS, claim_pk, mark)):
        if before:
            read_rows = rows.before(READINGS, claim_pk, key, limit + 1)
            return _Window(read_rows[-limit:], len(read_rows) > limit, key, bool(read_rows))
        read_rows = rows.after(READINGS, claim_pk, key, limit + 1)
        beyond = read_rows[limit].key if len(read_rows) > limit else None
        return _Window(read_rows[:limit], True, beyond, beyond is not None)
    read_rows = rows.newest(READINGS, claim_pk, limit + 1)
    window = _Window(read_rows[-limit:], len(read_rows) > limit, None, False)
    if at is None or not window.has_older or any(at in anchors(row) for row in window.rows):
        return window
    key = rows.key_of(READINGS, claim_pk, at)
    if key is None:
        return window
    up = rows.before(READINGS, claim_pk, key, limit - AFTER_TARGET + 1, inclusive=True)
    down = rows.after(READINGS, claim_pk, key, AFTER_TARGET + 1)
    beyond = down[AFTER_TARGET].key if len(down) > AFTER_TARGET else None
    kept = up[-(limit - AFTER_TARGET) :] + down[:AFTER_TARGET]
    return _Window(kept, len(up) > limit - AFTER_TARGET, beyond, beyond is not None)


def _since(claim_pk: int, position: int, limit: int) -> _Window:
    found = rows.since(READINGS, claim_pk, position, limit + 1)
    new = [row for row in found[:limit] if not row.facts.get("imported")]
    return _Window(sorted(new, key=lambda row: row.key), False, None, len(found) > limit)


def _files(claim: Claim, positions: Sequence[int]) -> list[Attachment]:
    """Return the files of these entries and the newest of the claim, each with `unsettled`. One query."""
    shown = Attachment.objects.filter(claim=claim, shown_at__isnull=False)
    newest = shown.order_by("-pk").values("pk")[: FILES_LISTED + 1]
    asked = shown.filter(Q(position__in=positions) | Q(pk__in=newest))
    # In this statement, so that it is no newer than what is shown.
    unsettled = RawSQL(UNSETTLED.format(claim="%s"), [claim.pk])  # noqa: S611 - our own words
    return list(asked.annotate(unsettled=unsettled).order_by("pk"))


def _with_deliveries(claim: Claim, shown: list[Entry], deliveries: Deliveries) -> list[Entry]:
    of = deliveries(claim, [position for entry in shown for position in entry.anchors])
    return [replace(entry, delivery=next((of[p] for p in entry.anchors if p in of), None)) for entry in shown]


def _with_readers(claim: Claim, shown: list[Entry]) -> list[Entry]:
    """Mark how far each member has read, on the newest page. One query."""
    members = {"user__memberships__seller_id": claim.seller_id, "user__memberships__is_active": True}
    read = ReadMark.objects.filter(claim=claim, **members)
    at: dict[int, list[str]] = {}
    for name, email, position in read.order_by("user__name", "pk").values_list("user__name", "user__email", "position"):
        reached = [entry.anchors[0] for entry in shown if entry.anchors and entry.anchors[0] <= position]
        if reached:
            at.setdefault(max(reached), []).append(name or email)
    return [replace(e, seen_by=tuple(at.get(e.anchors[0], ()))) if e.anchors else e for e in shown]


def _beside(claim: Claim, viewer: Viewer, zone: str, window: _Window, snapshot: ClaimSnapshot) -> list[Entry]:
    """Return what has no place in the claim's order but a moment within the page: payments, and the desk's notes."""
    if not window.rows:
        return []
    since = window.rows[0].at if window.has_older else None
    until = window.next_newer[0] if window.next_newer else None
    made = [
        _payment(payment, zone)
        for payment in snapshot.payments
        if (since is None or payment.at >= since) and (until is None or payment.at < until)
    ]
    if viewer == "desk":
        span = Q(claim=claim)
        if since:
            span &= Q(at__gte=since)
        if until:
            span &= Q(at__lt=until)
        notes = InternalNote.objects.filter(span).select_related("author", "about", "erased_by").order_by("-at", "-pk")
        made += [_note(note, claim.currency, zone) for note in notes[:NOTES_LISTED]]
    return sorted(made, key=lambda entry: entry.at)


def _payment(payment: Payment, zone: str) -> Entry:
    values = {"amount": formats.money(abs(payment.amount_minor), payment.currency), "reference": payment.reference}
    if payment.amount_minor < 0:
        words = _("%(amount)s taken back") % values
    elif payment.reference:
        words = _("Paid %(amount)s, reference %(reference)s") % values
    else:
        words = _("Paid %(amount)s") % values
    return Entry("event", 0, payment.at, formats.moment_short(payment.at, zone), icon="cash-coin", words=words)


def _note(note: InternalNote, currency: str, zone: str) -> Entry:
    return Entry(
        "note",
        0,
        note.at,
        formats.moment_short(note.at, zone),
        icon="lock-fill",
        author=str(note.author),
        body=linked(note_words(note, currency)),
        removed=removed_note(note),
        person_id=note.author_id,
    )
