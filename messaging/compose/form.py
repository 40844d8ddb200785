"""What the composer's form carries, read as it is: nothing in it is trusted, and nothing of it is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from accounts import values
from claims.claim_page.appeal_form import Choice
from claims.filing.drafts import PageSequence
from claims.rules.lifecycle import Ground, Slot

# What no browser shows and the database or HTML does not take: controls but tab and line ends, and non-characters.
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_GROUND = re.compile(r"ground-[0-9]{1,3}")
KINDS = ("appeal", "message")
ACTS = ("send", "save", "auto", "keep", "use", "back", "upload")


@dataclass(frozen=True, slots=True)
class Upload:
    """A chosen file and the evidence slot it was chosen for, "" for none."""

    slot: str
    file: UploadedFile


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted. `act` is one of ACTS or remove.

    Save keeps what was written; auto is the same by a script. Where another tab kept other words, keep puts these in
    their place and use takes those; back brings the words that gave way again. Upload carries files and no words.

    `written` names the page it was typed on and counts what that page sent, `kept_at` the words that it showed.
    `text` is None where the form carried none, `chosen` whether it asked what the words are: what was not asked is
    never changed. `had_unreadable`: characters were removed from the text.
    """

    act: str
    draft_uuid: UUID | None
    kept_at: str
    written: PageSequence
    stands: str
    text: str | None
    had_unreadable: bool
    chosen: bool
    kind: str
    confirmed: bool
    grounds: tuple[Choice, ...]
    remove: UUID | None
    uploads: tuple[Upload, ...]


def read(request: HttpRequest) -> Posted:
    """Return what the composer's form sent. Unknown choices and ids count as none."""
    return read_fields(request.POST, _uploads(request))


def read_fields(data: QueryDict, uploads: tuple[Upload, ...] = ()) -> Posted:
    """Return the same of fields alone."""
    raw = data.get("text")
    text = None if raw is None else _UNREADABLE.sub("", raw)
    kind = data.get("kind", "")
    remove = _uuid(data.get("remove", ""))
    act = data.get("act", "send")
    return Posted(
        act="remove" if remove else act if act in ACTS else "send",
        draft_uuid=_uuid(data.get("draft", "")),
        kept_at=data.get("kept_at", "")[:40],
        written=PageSequence(_UNREADABLE.sub("", data.get("tab", ""))[:40], _number(data.get("n", ""))),
        stands=data.get("stands", "")[:40],
        text=None if text is None else text.replace("\r\n", "\n").replace("\r", "\n"),
        had_unreadable=text != raw,
        chosen="choice" in data,
        kind=kind if kind in KINDS else "",
        confirmed=data.get("confirm") == "yes",
        grounds=_grounds(data),
        remove=remove,
        uploads=uploads,
    )


def _grounds(data: QueryDict) -> tuple[Choice, ...]:
    """Return what was chosen against each item, in the order of the claim's items."""
    chosen = {
        (int(name[7:]), Ground(code))
        for name in data
        if _GROUND.fullmatch(name)
        for code in data.getlist(name)
        if code in list(Ground)
    }
    return tuple(sorted(chosen))


def _uploads(request: HttpRequest) -> tuple[Upload, ...]:
    uploads = [Upload("", file) for file in request.FILES.getlist("files")]
    for slot in Slot:
        uploads += [Upload(slot, file) for file in request.FILES.getlist(f"slot-{slot}")]
    return tuple(uploads)


def _number(text: str) -> int:
    return values.whole(text) or 0


def _uuid(text: str) -> UUID | None:
    return values.uuid_of(text)
