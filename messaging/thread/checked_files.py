"""Files of a thread that were still being checked when an open page showed them, as they are now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from claims.claim_page.file_chips import FileChip, chip
from claims.models import Attachment, Claim

MOST = 40
"""How many waiting files one question may name."""
_SHOWN = re.compile(r"([fp])-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(scan|preview)")


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """What became of the files an open page shows as waiting, where something did.

    `in_thread` are the chips to put in the place of those there; `beside` is whether any is among those beside it;
    `checked` and `refused` are how many of them passed the virus check since, and how many did not.
    """

    in_thread: tuple[FileChip, ...] = ()
    beside: bool = False
    checked: int = 0
    refused: int = 0


def settled(claim: Claim, shown: str) -> CheckedFiles:
    """Return the files of the claim that are no longer what the page shows: "f-<uuid>.scan p-<uuid>.preview" …

    What isn't of this claim is left out. One query, none where nothing is named.
    """
    asked = {(place, uuid): stage for place, uuid, stage in _SHOWN.findall(shown)[:MOST]}
    if not asked:
        return CheckedFiles()
    files = Attachment.objects.filter(
        claim=claim, shown_at__isnull=False, uuid__in={UUID(uuid) for _place, uuid in asked}
    )
    chips = [chip(file) for file in files.order_by("pk")]
    moved = {
        (place, file) for file in chips for place in "fp" if asked.get((place, file.uuid), file.stage) != file.stage
    }
    scanned = {file for place, file in moved if asked[place, file.uuid] == "scan"}
    return CheckedFiles(
        tuple(file for file in chips if ("f", file) in moved),
        any(place == "p" for place, _one in moved),
        sum(not file.is_refused for file in scanned),
        sum(file.is_refused for file in scanned),
    )
