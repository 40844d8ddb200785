"""Where files are kept: in private storage, under keys we choose, never under a name a stranger gave."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import IO

from django.core.files.base import File
from django.core.files.storage import Storage, storages

from claims.attachments.check import Accepted
from claims.lifecycle import Party
from claims.models import Attachment, Claim, ClaimLine, Draft
from claims.signals import attachment_stored


def storage() -> Storage:
    """Return the private storage: a folder no URL leads to, or a bucket."""
    return storages["attachments"]


def put(file: File, folder: str = "files") -> str:
    """Write the file from its start under a new key and return the key. The bytes are whole when this returns."""
    key = uuid.uuid4().hex
    file.seek(0)
    return storage().save(f"{folder}/{key[:2]}/{key}", file)


def take_back(key: str) -> None:
    """Delete what was put under a key, for one that no row came to name."""
    storage().delete(key)


def read(key: str) -> IO[bytes]:
    """Return the stored file, open for reading. Raises FileNotFoundError."""
    return storage().open(key)


def keep(
    file: File,
    accepted: Accepted,
    *,
    now: datetime,
    draft: Draft | None = None,
    claim: Claim | None = None,
    claim_line: ClaimLine | None = None,
    position: int | None = None,
    slot: str = "",
    party: Party = Party.SELLER,
    uploaded_by_id: int | None = None,
) -> Attachment:
    """Store a file that passed the check, for a draft or for an entry of a claim, and return its row.

    A file of a claim is shown at once; that of a draft when the draft is sent. Where the row can't be written the
    bytes are taken back; where the caller's transaction fails later they stay, unnamed, for the purge of loose files.
    """
    key = put(file)
    try:
        return record(
            key,
            accepted,
            now=now,
            draft=draft,
            claim=claim,
            claim_line=claim_line,
            position=position,
            slot=slot,
            party=party,
            uploaded_by_id=uploaded_by_id,
        )
    except BaseException:
        take_back(key)
        raise


def record(
    key: str,
    accepted: Accepted,
    *,
    now: datetime,
    draft: Draft | None = None,
    claim: Claim | None = None,
    claim_line: ClaimLine | None = None,
    position: int | None = None,
    slot: str = "",
    party: Party = Party.SELLER,
    uploaded_by_id: int | None = None,
) -> Attachment:
    """Write the row of a file that was put already, for callers who store before they lock. Else as `keep`."""
    owner = draft or claim
    if owner is None:
        raise ValueError("A file belongs to a draft or to a claim.")
    attachment = Attachment.objects.create(
        seller_id=owner.seller_id,
        draft=draft,
        claim=claim,
        claim_line=claim_line,
        position=position,
        slot=slot,
        party=party,
        name=accepted.name,
        media_type=accepted.media_type,
        size=accepted.size,
        sha256=accepted.sha256,
        storage_key=key,
        uploaded_by_id=uploaded_by_id,
        uploaded_at=now,
        shown_at=now if claim else None,
    )
    if claim:
        attachment_stored.send(sender=Attachment, attachment=attachment)
    return attachment
