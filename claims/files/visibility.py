"""Whether a side may have a file, and if not, why: the rule of access check, chip, download and evidence pack.

A side has what it sent itself. What the other side sent it has once the virus check has passed and, of a picture, once
its copy without metadata is made: what came with a photo (where it was taken, by whose camera) crosses to no seller.
The desk may have a picture as it came.
"""

from __future__ import annotations

from enum import StrEnum

from claims.models import Attachment
from claims.rules.lifecycle import Party

_CHECKED = (Attachment.Scan.CLEAN, Attachment.Scan.NOT_SCANNED)
"""What the virus check must have said before the other side gets a file. Nothing else may be added to it lightly."""


class WithheldWhy(StrEnum):
    """Why a file is kept from a person: for good, or until something is done with it."""

    INFECTED = "INFECTED"
    BEING_CHECKED = "BEING_CHECKED"
    BEING_PREPARED = "BEING_PREPARED"
    CANT_BE_SHOWN = "CANT_BE_SHOWN"


def withheld_from(file: Attachment, reader: Party) -> WithheldWhy | None:
    """Return why this side (seller or desk) can't have the file, None where it can."""
    if file.scan == Attachment.Scan.INFECTED:
        return WithheldWhy.INFECTED
    if file.party == reader:
        return None
    if file.scan not in _CHECKED:
        return WithheldWhy.BEING_CHECKED
    return None if reader == Party.DESK else _without_copy(file)


def withheld_from_packs(file: Attachment) -> WithheldWhy | None:
    """Return why the file is in no evidence pack, None where it is. A pack is the same for both sides."""
    if file.scan == Attachment.Scan.INFECTED:
        return WithheldWhy.INFECTED
    return _without_copy(file) if file.scan in _CHECKED else WithheldWhy.BEING_CHECKED


def waits(file: Attachment) -> WithheldWhy | None:
    """Return why the side that didn't send the file can't have it, whoever asks."""
    return withheld_from(file, Party.SELLER if file.party == Party.DESK else Party.DESK)


def _without_copy(file: Attachment) -> WithheldWhy | None:
    if not file.media_type.startswith("image/") or file.served_type:
        return None
    return WithheldWhy.BEING_PREPARED if file.making == Attachment.Making.PENDING else WithheldWhy.CANT_BE_SHOWN
