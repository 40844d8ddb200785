"""Drafts: what a person has not sent yet, kept on the server from the first field on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from accounts.models import Membership, Role
from claims.attachments import check, store
from claims.attachments.words import FileNotAccepted, FileProblem
from claims.lifecycle import Refusal
from claims.models import Attachment, Claim, Draft, Refund
from claims.operations.moving import Refused

MAX_FILES = 10
"""Files in one message or one filing."""


def begin_filing(*, membership: Membership, refund: Refund, now: datetime) -> Draft:
    """Return the member's draft for this refund, the one there is or a new one. Raises Refused for a viewer."""
    _may_act(membership)
    draft, _ = Draft.objects.get_or_create(
        user_id=membership.user_id,
        refund=refund,
        purpose=Draft.Purpose.FILE,
        defaults={"seller_id": membership.seller_id, "created_at": now, "updated_at": now},
    )
    return draft


def begin_reply(*, membership: Membership, claim: Claim, now: datetime, uuid: UUID | None = None) -> Draft:
    """Return the member's draft for the claim's composer, there already or new. Raises Refused for a viewer.

    `uuid` is the id a new one gets, for a form that was shown before anything was kept.
    """
    _may_act(membership)
    given = {"uuid": uuid} if uuid else {}
    draft, _ = Draft.objects.get_or_create(
        user_id=membership.user_id,
        claim=claim,
        purpose=Draft.Purpose.REPLY,
        defaults={"seller_id": claim.seller_id, "created_at": now, "updated_at": now, **given},
    )
    return draft


def save(draft: Draft, *, now: datetime, text: str | None = None, **choices: Any) -> Draft:
    """Keep what was typed and chosen so far; what isn't given stays. Return the draft."""
    with transaction.atomic():
        kept = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        if text is not None:
            kept.text = text
        kept.choices = {**kept.choices, **choices}
        kept.updated_at = now
        kept.save(update_fields=["text", "choices", "updated_at"])
        return kept


def remove_file(draft: Draft, attachment_uuid: Any) -> bool:
    """Take a file out of the draft; return whether it was there. The stored bytes go with the purge of loose files."""
    return bool(Attachment.objects.filter(draft=draft, uuid=attachment_uuid).delete()[0])


def delete(draft: Draft) -> None:
    """Delete a draft with its files."""
    with transaction.atomic():
        Attachment.objects.filter(draft=draft).delete()
        Draft.objects.filter(pk=draft.pk).delete()


def _may_act(membership: Membership) -> None:
    if not membership.is_active or not Role(membership.role).may_act:
        raise Refused(Refusal.ROLE_VIEWER)


def add_files(
    draft: Draft, files: Sequence[tuple[str, File[bytes]]], *, now: datetime
) -> tuple[int, list[FileNotAccepted]]:
    """Put uploaded files, each with its evidence slot or "", into the draft; return (how many, what was refused).

    Each file stands for itself: one that is refused keeps none of the others out.
    """
    kept, refused = 0, []
    for slot, file in files:
        have = Attachment.objects.filter(draft=draft).count()
        if have >= MAX_FILES:
            refused.append(FileNotAccepted(FileProblem.TOO_MANY_FILES, number=have + 1, max=MAX_FILES))
            break
        try:
            accepted = check.examine(file)
        except FileNotAccepted as error:
            refused.append(error)
            continue
        store.keep(file, accepted, now=now, draft=draft, slot=slot, uploaded_by_id=draft.user_id)
        kept += 1
    if kept:
        Draft.objects.filter(pk=draft.pk).update(updated_at=now)
    return kept, refused
