"""Entries of a thread that were redacted while a page with them was open, as they are now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Claim, Redaction
from messaging.thread.entries import entries
from messaging.thread.entry import Deliveries, Entry

MOST = 5
"""After how many at once the rest waits until the page is loaded again."""


@dataclass(frozen=True, slots=True)
class RedactedEntries:
    """`left` are the entries to put in the place of those there, `gone` the places of those that say nothing more.
    `is_any`: something was redacted, be it of an entry that the page doesn't show.
    """

    is_any: bool
    left: tuple[Entry, ...]
    gone: tuple[int, ...]


def removed(
    claim: Claim, *, since: int, first: int, zone: str, now: datetime, snapshot: ClaimSnapshot, deliveries: Deliveries
) -> RedactedEntries:
    """Return what became of the entries that lost a text or a file after the position `since`, from `first` on.

    One query, and those of a page for each such entry.
    """
    rows = Redaction.objects.filter(claim=claim, position__gt=since).order_by("-position")
    # What was written when the claim was filed is in its first entry.
    places = [place or 1 for place in rows.values_list("of_position", flat=True)[:MOST]]
    left, gone = [], []
    for place in sorted({place for place in places if first <= place <= since}):
        page = entries(claim, viewer="seller", zone=zone, now=now, at=place, snapshot=snapshot, deliveries=deliveries)
        found = next((entry for entry in page.entries if place in entry.anchors), None)
        if found is None:
            gone.append(place)
        else:
            left.append(replace(found, is_target=False))
    return RedactedEntries(bool(places), tuple(left), tuple(gone))
