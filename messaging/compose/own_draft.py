"""The rows of a claim's Communication page that belong to who reads it: their draft, and what they sent before.

The claim has passed the access check; nothing here is asked for by an id from outside alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from claims.claim_page.appeal_form import Choice
from claims.claim_page.file_chips import COLUMNS, FileChip, chip
from claims.models import Attachment, Claim, Draft
from claims.text import formats, unsendable
from messaging.compose.verbs import MESSAGE_MAX
from messaging.models import Message

_KEYS = UUID("5f0c7a52-8f6f-4d5a-9a3f-6c5d1f0f5d0e")
KEYS_KNOWN = 500
"""Of how many entries a thread may have grown while a page was open: to know its key costs the same in any thread."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A person's unsent words on a claim. `saved` is when anything was kept ("" before).

    `uuid` is the idempotency key of what it becomes; `kept_at` says for machines which words these are. `aside` are
    words that gave way to these, for one step back, `aside_saved` when they did.
    """

    uuid: UUID
    text: str = ""
    kind: str = ""
    saved: str = ""
    kept_at: str = ""
    files: tuple[FileChip, ...] = ()
    grounds: tuple[Choice, ...] = ()
    aside: str = ""
    aside_saved: str = ""


def words_at(choices: dict[str, Any], updated_at: datetime) -> str:
    """Return what names the words of a draft: when they came to be what they are. Files change nothing of it."""
    return str(choices.get("words_at") or updated_at.isoformat())


def draft_key(claim: Claim, user_id: int) -> UUID:
    """Return the id of the draft this person would begin now: the same in every tab until the thread grows."""
    return uuid5(_KEYS, f"{user_id}:{claim.pk}:{claim.next_position}")


def named_at(claim: Claim, user_id: int, uuid: UUID) -> int | None:
    """Return which position was the claim's next when a page of this person's named a draft so, up to 500 entries ago;
    None for what no such page did.
    """
    ends = range(claim.next_position, max(claim.next_position - KEYS_KNOWN, 0), -1)
    return next((at for at in ends if uuid == uuid5(_KEYS, f"{user_id}:{claim.pk}:{at}")), None)


def draft_of(claim: Claim, user_id: int, zone: str) -> DraftView:
    """Return the person's draft on this claim with its files, or an empty one that isn't kept yet. One query."""
    drafts = Draft.objects.filter(user_id=user_id, claim=claim, purpose=Draft.Purpose.REPLY)
    rows = list(
        drafts.order_by("attachments__pk").values_list(
            "uuid", "text", "choices", "updated_at", *(f"attachments__{column}" for column in COLUMNS)
        )
    )
    if not rows:
        return DraftView(draft_key(claim, user_id))
    uuid, text, choices, updated_at, *_ = rows[0]
    files = tuple(chip(Attachment(**dict(zip(COLUMNS, row[4:], strict=True)))) for row in rows if row[4])
    aside = choices.get("aside") or {}
    return DraftView(
        uuid,
        text,
        str(choices.get("kind", "")),
        formats.clock(updated_at, zone),
        words_at(choices, updated_at),
        files,
        tuple((index, code) for index, code in choices.get("grounds", ())),
        aside.get("text", ""),
        formats.clock(datetime.fromisoformat(aside["at"]), zone) if aside else "",
    )


def saved_words(draft: DraftView) -> str:
    """Return the line under the box; "" while nothing is kept. Words that are too many are kept, and it says so."""
    if not draft.saved:
        return ""
    kept = _("Draft saved %(time)s. Only you can see it.") % {"time": draft.saved}
    if (more := len(draft.text.strip()) - MESSAGE_MAX) <= 0:
        return kept
    return f"{kept} {unsendable('TOO_LONG', n=more)}"


def aside_words(draft: DraftView) -> str:
    """Return what is said of the words that gave way; "" where none did."""
    said = _("The text that was here until %(time)s is kept, too.") % {"time": draft.aside_saved}
    return said if draft.aside else ""


def sent_before(claim: Claim, user_id: int, draft_uuid: UUID | None) -> Message | None:
    """Return the message this person's draft became, if it was sent."""
    if draft_uuid is None:
        return None
    return Message.objects.filter(claim=claim, author_id=user_id, draft_uuid=draft_uuid).first()


def said_since(claim: Claim, user_id: int, draft_uuid: UUID | None, text: str) -> Message | None:
    """Return the message with these words that this person sent since a page named its draft so, under any key."""
    since = named_at(claim, user_id, draft_uuid) if draft_uuid and text else None
    if since is None:
        return None
    messages = Message.objects.filter(claim=claim, author_id=user_id, position__gte=since, text=text)
    return messages.order_by("position").first()
