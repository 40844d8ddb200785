"""A file as pages show it: a chip with its name, size, thumbnail and links that go through the access check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.page_addresses import PageName, page_address
from claims.files.visibility import WithheldWhy, waits, withheld_from
from claims.models import Attachment
from claims.rules.lifecycle import Party
from claims.text import active_content, formats, slot_title, unchecked

Viewer = Literal["seller", "desk"]
Stage = Literal["", "scan", "preview"]

_ICONS = {"application/pdf": "file-earmark-pdf", "text/plain": "file-earmark-text", "message/rfc822": "envelope"}
_SIDE: dict[Viewer, Party] = {"seller": Party.SELLER, "desk": Party.DESK}


@dataclass(frozen=True, slots=True)
class FileChip:
    """A file, ready to show to one side.

    `slot` is the code of the evidence slot it fills, `slot_title` its name; both "" for a file of no slot and for one
    that was not accepted. `href` is "" where this viewer can't have the file (yet); `state` says in words why somebody
    can't: this viewer, or the other side.
    `thumb` and `preview` are addresses of pictures, "" where there are none; `previews` is how many pages have one,
    `page_hrefs` the address of each, `look` a page with all of them. `at` is the entry of the thread it came with,
    `anchor` its own id there.
    `notes` are facts worth a line: pages, also sent with another claim, not scanned, not to be scanned now, what a PDF
    of the other side would do by itself, and for the desk when a photo was taken. `taken`, `also_on` and `warning`
    are the same facts one by one.
    `stage` is what is still to be done with it, "scan" or "preview", "" once it stays as it is; `has_room` whether a
    preview is to come.
    """

    uuid: str
    href: str
    name: str
    size: str
    icon: str
    slot: str
    slot_title: str
    state: str = ""
    is_refused: bool = False
    is_picture: bool = False
    thumb: str = ""
    preview: str = ""
    look: str = ""
    previews: int = 0
    at: int | None = None
    taken: str = ""
    also_on: str = ""
    warning: str = ""
    notes: tuple[str, ...] = ()
    stage: Stage = ""
    has_room: bool = False

    @property
    def anchor(self) -> str:
        return f"f-{self.uuid}"

    @property
    def beside(self) -> str:
        """Its id in the list beside the thread."""
        return f"p-{self.uuid}"

    @property
    def page_hrefs(self) -> tuple[str, ...]:
        """The addresses of all previews, the first page first."""
        base = self.preview.rsplit("/", 2)[0]
        return tuple(f"{base}/{page}/" for page in range(1, self.previews + 1))


COLUMNS = (
    "uuid", "name", "size", "media_type", "slot", "party", "position", "scan", "making", "served_type", "previews",
    "pages", "taken_at", "active_content", "also_on", "scan_tried_at",
)  # fmt: skip
"""The columns of Attachment that a chip is made from, for queries that read no whole rows."""


def _file_address(file: Attachment, viewer: Viewer) -> str:
    if viewer == "desk":
        return page_address(PageName.DESK_FILE, file.uuid)
    return reverse("claims:attachment", args=[file.uuid])


def _preview_address(file: Attachment, page: int, viewer: Viewer) -> str:
    if viewer == "desk":
        return page_address(PageName.DESK_FILE_PREVIEW, file.uuid, page)
    return reverse("claims:preview", args=[file.uuid, page])


def chip(file: Attachment, viewer: Viewer = "seller") -> FileChip:
    """Return the file as this side sees it. Costs no query."""
    held = waits(file)
    refused = held == WithheldWhy.INFECTED
    may_have = withheld_from(file, _SIDE[viewer]) is None
    previews = file.previews if may_have else 0
    taken = _taken(file.taken_at) if viewer == "desk" else ""
    also_on = _("Also sent with claim %(claim_id)s") % {"claim_id": file.also_on} if file.also_on else ""
    is_own = file.party == _SIDE[viewer]
    warning = active_content(file.active_content) if viewer == "desk" or not is_own else ""
    return FileChip(
        uuid=str(file.uuid),
        href=_file_address(file, viewer) if may_have else "",
        name=file.name,
        size=formats.size(file.size),
        icon=_ICONS.get(file.media_type) or ("image" if file.media_type.startswith("image/") else "paperclip"),
        slot="" if refused else file.slot,
        slot_title=slot_title(file.slot) if file.slot and not refused else "",
        state=_STATES[held]() if held else "",
        is_refused=refused,
        is_picture=file.media_type.startswith("image/"),
        thumb=_preview_address(file, 0, viewer) if previews else "",
        preview=_preview_address(file, 1, viewer) if previews else "",
        look=reverse("claims:look", args=[file.uuid]) if previews and viewer == "seller" else "",
        previews=previews,
        at=file.position,
        taken=taken,
        also_on=also_on,
        warning=warning,
        notes=tuple(note for note in (_length(file), warning, also_on, taken, _remark(file, viewer, held)) if note),
        stage=_stage(file),
        has_room=file.making == Attachment.Making.PENDING and not refused,
    )


def _stage(file: Attachment) -> Stage:
    if file.scan == Attachment.Scan.PENDING:
        return "scan"
    return "preview" if file.making == Attachment.Making.PENDING and file.scan != Attachment.Scan.INFECTED else ""


_STATES: dict[WithheldWhy, Callable[[], str]] = {
    WithheldWhy.INFECTED: lambda: _("Not accepted: it failed the virus check"),
    WithheldWhy.BEING_CHECKED: lambda: _("Being checked"),
    WithheldWhy.BEING_PREPARED: lambda: _("Being prepared"),
    WithheldWhy.CANT_BE_SHOWN: lambda: _("Can't be shown"),
}


def _length(file: Attachment) -> str:
    if file.media_type.startswith("video/"):
        return _("Video, kept as it came")
    if not file.pages or file.pages == 1:
        return ""
    return _("%(n)s pages") % {"n": file.pages}


def _remark(file: Attachment, viewer: Viewer, held: WithheldWhy | None) -> str:
    """What to do about a picture that sellers can't have, and what the virus check has not seen or can't see now."""
    if held == WithheldWhy.BEING_CHECKED and file.scan_tried_at:
        return unchecked(file.name, by_seller=file.party == Party.SELLER, to_seller=viewer == "seller")
    if held == WithheldWhy.CANT_BE_SHOWN:
        if viewer == "desk":
            return _("The seller can't have this picture: no copy of it could be made. Send it as a JPEG or a PDF.")
        return _("Ask the SAFE-T team to send it in another format.")
    if file.scan != Attachment.Scan.NOT_SCANNED or file.party == _SIDE[viewer]:
        return ""
    return _("Not scanned for viruses")


def _taken(text: str) -> str:
    """Return when a photo was taken, as the camera's clock had it: nobody knows its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return _("Taken %(moment)s, by the camera's clock") % {"moment": formats.camera_moment(at)}
