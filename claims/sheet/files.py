"""A file as pages show it: a chip with its name, size and a link through the door."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from claims import display, wording
from claims.models import Attachment

_ICONS = {"image/png": "image", "image/jpeg": "image", "application/pdf": "file-earmark-pdf"}


@dataclass(frozen=True, slots=True)
class FileChip:
    """`slot` is the code of the evidence slot it fills, `slot_title` its name; both "" for a file of no slot."""

    uuid: str
    href: str
    name: str
    size: str
    icon: str
    slot: str
    slot_title: str


def chip(file: Attachment) -> FileChip:
    return FileChip(
        uuid=str(file.uuid),
        href=reverse("claims:attachment", args=[file.uuid]),
        name=file.name,
        size=display.size(file.size),
        icon=_ICONS.get(file.media_type, "file-earmark-text"),
        slot=file.slot,
        slot_title=wording.slot_title(file.slot) if file.slot else "",
    )
